"""``omerogen explain FILE:LINE``: where a line of a file came from, also when the file was edited since."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import omerogen as package
from support.files import SITE
from support.installation import SHIPPED


@pytest.fixture
def built(omerogen, tmp_path, monkeypatch):
    """A folder with a build of the site in ``out``, in which the commands are run."""
    monkeypatch.chdir(tmp_path)
    options = ("--tls", "nginx", "--certificate", "/c.pem", "--certificate-key", "/k.pem")
    assert omerogen("build", "-c", SITE, *options).status == 0
    return tmp_path


def explained(omerogen, *arguments) -> dict:
    """The explanation as JSON."""
    result = omerogen("explain", "-c", SITE, *arguments, "--format", "json")
    assert result.status == 0, result.err
    return json.loads(result.out)


def number_of(path: Path, text: str) -> int:
    """The number of the first line that has this text in it."""
    return next(at for at, line in enumerate(path.read_text().split("\n"), 1) if text in line)


def test_a_line_of_a_build_is_explained_with_the_options_of_the_build(omerogen, built):
    """The template and its line, conditions, properties with values and origins, options, facts."""
    at = number_of(built / "out/nginx/omero.conf", "server 127.0.0.1:4080")
    found = explained(omerogen, f"out/nginx/omero.conf:{at}")
    assert found["file"] == "out/nginx/omero.conf"
    assert (found["line"], found["artifact"], found["ours"]) == (at, "nginx", True)
    assert found["text"] == "    server 127.0.0.1:4080 fail_timeout=0;"
    assert found["template"]["file"] == "nginx/servers.conf.j2"
    assert found["template"]["text"] == "server {{ nginx.application }} fail_timeout=0;"
    assert found["properties"] == [
        {"name": "omero.web.application_server.host", "value": "127.0.0.1", "origin": "default"},
        {"name": "omero.web.application_server.port", "value": "4080", "origin": "default"},
    ]
    assert found["values"] == [{"field": "nginx.application", "text": "127.0.0.1:4080"}]
    assert {"name": "--upstream", "value": None, "origin": "default"} in found["options"]
    listening = explained(
        omerogen, f"out/nginx/omero.conf:{number_of(built / 'out/nginx/omero.conf', '443')}"
    )
    given = {option["name"]: (option["value"], option["origin"]) for option in listening["options"]}
    assert given["--tls"] == ("nginx", f"{built}/out/manifest.json")


def test_a_heap_names_percent_bounds_and_the_memory_that_was_detected(omerogen, tmp_path, monkeypatch):
    """The fact has its value and its source."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "root/proc/meminfo").write_text("MemTotal: 15625000 kB\n")
    assert omerogen("build", "--only", "jvm", "--host-root", tmp_path / "root").status == 0
    result = omerogen("explain", "out/jvm/blitz.args:1", "--format", "json")
    found = json.loads(result.out)
    assert found["text"] == "-Xmx2400m"
    assert found["host"] == [{"name": "memory", "value": "16000 MB", "origin": "RAM"}]
    names = [fact["name"].removeprefix("omero.jvmcfg.") for fact in found["properties"]]
    assert {"percent.blitz", "percent", "max_system_memory", "min_system_memory", "strategy"} <= {*names}


@pytest.mark.parametrize("name", ["nginx:5", "nginx/omero.conf:5"])
def test_an_artifact_or_the_path_of_a_build_names_a_file_too(name, omerogen, tmp_path, monkeypatch):
    """With the options of the site file, whose lines are their origins."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omerogen.toml").write_text('upstream = "web:4080"\n')
    found = json.loads(omerogen("explain", name, "--format", "json").out)
    assert found["text"] == "    server web:4080 fail_timeout=0;"
    assert {"name": "--upstream", "value": "web:4080", "origin": "omerogen.toml:1"} in found["options"]
    assert {"name": "--layout", "value": "server", "origin": "default"} in found["options"]


@pytest.mark.usefixtures("built")
def test_several_lines_are_explained(omerogen):
    """A range of a file, beside a property."""
    result = omerogen("explain", "-c", SITE, "out/nginx/omero.conf:4-6", "omero.db.host")
    heads = [line for line in result.out.splitlines() if line[:1] not in ("", " ")]
    assert heads == [
        *(f"out/nginx/omero.conf:{at}" for at in (4, 5, 6)),
        "omero.db.host = db.example.org",
    ]


def test_edited_lines_are_not_ours(omerogen, built):
    """They are named; the others are explained with the numbers that they have now."""
    file = built / "out/nginx/omero.conf"
    at = number_of(file, "server 127.0.0.1:4080")
    lines = file.read_text().split("\n")
    file.write_text("\n".join([lines[0], "# mine", "# mine too", *lines[1:-6], "tampered;", *lines[-5:]]))
    moved = explained(omerogen, f"out/nginx/omero.conf:{at + 2}")
    assert moved["text"] == "    server 127.0.0.1:4080 fail_timeout=0;"
    assert moved["ours"]
    assert moved["other_lines"] == [[2, 3], [len(lines) - 3, len(lines) - 3]]
    assert moved["remark"] == f"edited since the build: lines 2-3, {len(lines) - 3}"
    mine = explained(omerogen, "out/nginx/omero.conf:3")
    assert (mine["text"], mine["ours"]) == ("# mine too", False)
    assert (mine["template"], mine["properties"]) == (None, [])
    assert "omerogen would not write this line now" in omerogen("explain", "out/nginx/omero.conf:3").out


def test_a_file_of_other_properties_is_not_called_edited(omerogen, built):
    """Its lines are compared with those of a build now."""
    at = number_of(built / "out/nginx/omero.conf", "upstream omeroweb")
    found = explained(omerogen, f"out/nginx/omero.conf:{at}", "--set", "omero.web.prefix=/other")
    assert not found["ours"]
    assert found["remark"].startswith("properties, options or the machine have changed since the build")
    assert found["now"]["text"] == "upstream omeroweb_other {"
    assert [fact["name"] for fact in found["now"]["properties"]] == ["omero.web.prefix"]
    result = omerogen("explain", "-c", SITE, f"out/nginx/omero.conf:{at}", "--set", "omero.web.prefix=/other")
    assert "  now          upstream omeroweb_other {" in result.out
    assert "add -c" in omerogen("explain", f"out/nginx/omero.conf:{at}").out


def test_secrets_are_hidden(omerogen, built):
    """In the line, in the values and properties; and in a line that somebody put into a private file."""
    file = built / "out/jdbc/connection.properties"
    at = number_of(file, "password=")
    result = omerogen("explain", "-c", SITE, f"out/jdbc/connection.properties:{at}")
    assert "password=********" in result.out
    assert "omero.db.pass = ********" in result.out
    assert "s3cr" not in result.out
    file.write_text(file.read_text() + "token=canary\n")
    result = omerogen("explain", "-c", SITE, f"out/jdbc/connection.properties:{at + 1}")
    assert "canary" not in result.out
    assert "********" in result.out


def test_a_line_break_in_a_line_is_only_a_line_feed(omerogen, tmp_path, monkeypatch):
    """Other separators of Unicode are characters of a value."""
    monkeypatch.chdir(tmp_path)
    set_it = ("--set", "omero.x=a\u2028b\x85c")
    assert omerogen("build", "--only", "icegrid", *set_it).status == 0
    text = (tmp_path / "out/icegrid/application.xml").read_text()
    last = text.count("\n")
    found = json.loads(omerogen("explain", *set_it, f"icegrid:{last}", "--format", "json").out)
    assert found["text"] == "</icegrid>"


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("out/nginx/omero.conf:0", "out/nginx/omero.conf: has no line 0 (it has "),
        ("out/nginx/omero.conf:4000", "out/nginx/omero.conf: has no line 4000 (it has "),
        ("out/nginx/omero.conf:9-4", "out/nginx/omero.conf: 9-4 ends before it begins (write 4-9)"),
        ("out/nginx/omero.conf", "out/nginx/omero.conf: names no line (write FILE:LINE or FILE:FIRST-LAST)"),
        ("out/nginx/omero.conf:5-", "out/nginx/omero.conf: names no line "),
        ("./out/nginx/omero.conf:5,7", "./out/nginx/omero.conf: names no line "),
        ("nginx", "nginx: names no line "),
        ("nginx:1-2,5", "nginx: names no line "),
        (f"{SITE}:900", f"{SITE}:900: sets no property "),
        ("out/manifest.txt:2", "out/manifest.txt: is not a file that omerogen wrote "),
        ("nginx.conf:2", "nginx.conf: is not a file that omerogen wrote "),
        ("other/site.yaml:2", "other/site.yaml: is not a file that omerogen wrote "),
        ("omero.db.hosst:2", "omero.db.hosst: unknown property "),
        ("omero.db.host:2", "omero.db.host: is followed by other text "),
        ("my.own.file:2", "my.own.file: is not a file that omerogen wrote "),
        ("out/manifest.json:3", "out/manifest.json: is not a file that omerogen wrote "),
        ("omero.conf:12", "omero.conf: is not a file that omerogen wrote "),
        ("jvm/no.args:1", "jvm/no.args: is not a file that omerogen wrote "),
    ],
)
@pytest.mark.usefixtures("built")
def test_a_line_that_there_is_not_is_reported(place, problem, omerogen):
    """With what there is."""
    result = omerogen("explain", "-c", SITE, place)
    assert (result.status, result.out) == (2, "")
    assert result.problems[0].startswith(problem), result.problems


def test_a_line_of_a_source_is_explained_by_what_it_sets(omerogen, tmp_path, monkeypatch):
    """All properties of these lines, also where another source wins."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.properties").write_text("omero.db.host=h\n# no\nomero.db.name=n\nomero.db.user=u\n")
    set_it = ("-c", "a.properties", "--set", "omero.db.name=other")
    result = omerogen("explain", *set_it, "a.properties:2-3")
    assert result.out.splitlines()[0] == "omero.db.name = other"
    assert "omero.db.user" not in result.out
    assert omerogen("explain", *set_it, "a.properties:2").status == 2


@pytest.mark.usefixtures("built")
def test_a_file_that_cannot_be_made_any_more_is_shown_with_the_reason(omerogen):
    """As with other properties than it was made of; what is to be printed is refused."""
    wrong = ("--set", "omero.web.static_url=x")
    found = explained(omerogen, "out/nginx/omero.conf:5", *wrong)
    assert (found["ours"], found["text"]) == (False, "    server 127.0.0.1:4080 fail_timeout=0;")
    assert "would not be written now: --set: omero.web.static_url" in found["remark"]
    assert omerogen("explain", "-c", SITE, "nginx:5", *wrong).status == 2


@pytest.mark.parametrize(
    ("arguments", "later"),
    [
        (["--redirect-root", "--set", "omero.web.prefix=/x"], []),
        (["--websockets", "--set", "omero.client.icetransports=wss"], []),
        ([], ["--set", "omero.web.application_server=development"]),
    ],
)
def test_options_that_do_not_fit_any_more_are_no_obstacle(arguments, later, omerogen, tmp_path, monkeypatch):
    """The properties may be those of another time, or of no source at all."""
    monkeypatch.chdir(tmp_path)
    assert omerogen("build", *arguments).status == 0
    found = json.loads(omerogen("explain", "out/nginx/omero.conf:1", *later, "--format", "json").out)
    assert not found["ours"]
    assert found["remark"].startswith("would not be written now: ")


def test_a_file_that_no_manifest_knows_is_explained_by_its_path(omerogen, built):
    """Where the manifest is gone or cannot be read; and one that is not there as it would be written."""
    (built / "out/manifest.json").write_text("{")
    (built / "out/jvm/indexer.args").unlink()
    found = explained(omerogen, "out/nginx/omero.conf:1")
    assert found["artifact"] == "nginx"
    assert found["remark"].startswith("not listed in a readable manifest.json")
    gone = explained(omerogen, "out/jvm/indexer.args:1")
    assert gone["text"].startswith("-Xmx")
    assert gone["remark"].startswith("the file does not exist")


def test_a_link_is_followed(omerogen, built):
    """As nginx names it in its messages."""
    (built / "conf.d").mkdir()
    (built / "conf.d/omero.conf").symlink_to("../out/nginx/omero.conf")
    assert explained(omerogen, "conf.d/omero.conf:5")["artifact"] == "nginx"


def test_lines_that_were_removed_are_counted(omerogen, built):
    """They are in no line of the file."""
    file = built / "out/nginx/omero.conf"
    file.write_text(file.read_text().replace("        sendfile on;\n", ""))
    remark = explained(omerogen, "out/nginx/omero.conf:1")["remark"]
    assert remark == "edited since the build: 1 line is missing"


def test_old_secrets_are_hidden(omerogen, tmp_path, monkeypatch):
    """A file may hold secrets that no source has any more, as where -c was forgotten."""
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "a.yaml"
    source.write_text('omero.db.pass: canary1\nomero.jvmcfg.append: "-Dx=${omero.db.pass}"\n')
    assert omerogen("build", "-c", source).status == 0
    (tmp_path / "out/nginx/omero.conf").chmod(0o600)
    with (tmp_path / "out/nginx/omero.conf").open("a") as file:
        file.write("# canary2\n")
    lines = (tmp_path / "out/nginx/omero.conf").read_text().count("\n")
    for place in ("out/jvm/blitz.args:2", "out/jvm/flags.txt:1", f"out/nginx/omero.conf:{lines}"):
        for form in ("text", "json"):
            result = omerogen("explain", place, "--format", form)
            assert result.status == 0
            assert "canary" not in result.out
    assert "canary1" in omerogen("explain", "-c", source, "out/jvm/blitz.args:2", "--show-secrets").out


def test_only_the_secret_in_a_line_is_hidden(omerogen):
    """The words beside it stay."""
    set_it = (
        "--set",
        "omero.db.pass=canary",
        "--set",
        "omero.jvmcfg.append=-Da=1 -Db=${omero.db.pass} -Dc=2",
    )
    found = json.loads(omerogen("explain", "jvm:1", *set_it, "--format", "json").out)
    assert found["text"].split()[1:] == ["-Da=1", "'-Db=********'", "-Dc=2"]
    text = json.loads(omerogen("explain", "django:1-80", "--format", "json").out)
    assert not [line["text"] for line in text if "********" in line["text"]]


def test_an_empty_value_is_named_too(omerogen):
    """The line would be another one with any other value."""
    found = json.loads(omerogen("explain", "icegrid:16", "--set", "omero.x=", "--format", "json").out)
    assert 'value=""' in found["text"]
    assert {"field": "icegrid.profile", "text": ""} in found["values"]


def test_other_line_ends_are_no_edits(omerogen, built):
    """Only that is said of the file."""
    file = built / "out/nginx/omero.conf"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    found = explained(omerogen, "out/nginx/omero.conf:1")
    assert found["ours"]
    assert found["remark"] == "edited since the build: line ends"


@pytest.mark.usefixtures("built")
def test_all_that_is_wrong_is_reported_at_once(omerogen):
    """Of all arguments."""
    result = omerogen("explain", "-c", SITE, "nofile:3", "out/nginx/omero.conf:4000", "omero.zzz", "jvm")
    assert [line.partition(":")[0] for line in result.problems] == [
        "nofile",
        "out/nginx/omero.conf",
        "omero.zzz",
        "jvm",
    ]


def test_a_source_is_known_by_any_path(omerogen, tmp_path, monkeypatch):
    """Relative or not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.properties").write_text("omero.web.prefix=/x\n")
    for path in ("w.properties", "./w.properties", tmp_path / "w.properties"):
        assert omerogen("explain", f"{path}:1", "-c", "w.properties").out.startswith("omero.web.prefix = /x")


def test_a_relative_machine_is_the_same_from_anywhere(omerogen, tmp_path, monkeypatch):
    """The folder is recorded as it was meant."""
    (tmp_path / "sub/hr/proc").mkdir(parents=True)
    (tmp_path / "sub/hr/proc/meminfo").write_text("MemTotal: 16000000 kB\n")
    monkeypatch.chdir(tmp_path / "sub")
    assert omerogen("build", "-o", "h", "--host-root", "hr").status == 0
    monkeypatch.chdir(tmp_path)
    assert json.loads(omerogen("explain", "sub/h/jvm/blitz.args:1", "--format", "json").out)["ours"]


def test_names_of_files_are_no_commands_to_the_terminal(omerogen):
    """Neither on standard output nor on standard error."""
    result = omerogen("explain", "ev\x1b[31mil/nginx/omero.conf:5", "e\x1bvil:1")
    assert "\x1b" not in result.out + result.err


def test_a_line_of_a_filled_in_template_is_explained(omerogen, tmp_path, monkeypatch):
    """With the template of the installed OMERO, its line, and the placeholder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "etc").mkdir()
    assert omerogen("rewrite", "--templates", SHIPPED, "-o", "etc").status == 0
    at = number_of(tmp_path / "etc/grid/templates.xml", "-Xmx")
    words = ("--templates", SHIPPED, f"etc/grid/templates.xml:{at}", "--format", "json")
    found = json.loads(omerogen("explain", *words).out)
    assert found["template"]["file"] == f"{SHIPPED}/grid/templates.xml"
    assert "MEMORY:blitz" in found["template"]["text"]
    assert [value["field"] for value in found["values"]] == ["MEMORY:blitz"]
    assert "omero.jvmcfg.percent.blitz" in {fact["name"] for fact in found["properties"]}


def test_a_manifest_of_others_is_no_obstacle(omerogen, built):
    """Options that this version does not have are left out; a damaged one counts as none."""
    manifest = built / "out/manifest.json"
    known = json.loads(manifest.read_text())
    known["files"]["nginx/omero.conf"]["options"]["nonsense"] = "1"
    manifest.write_text(json.dumps(known))
    assert explained(omerogen, "out/nginx/omero.conf:1")["artifact"] == "nginx"
    known["files"]["nginx/omero.conf"]["options"] = "x"
    manifest.write_text(json.dumps(known))
    assert omerogen("explain", "-c", SITE, "out/nginx/omero.conf:1").status == 0


def test_a_property_names_the_lines_that_it_reaches(omerogen):
    """In every file of a build, as text and as JSON."""
    found = json.loads(omerogen("explain", "omero.web.prefix", "-c", SITE, "--format", "json").out)
    files = {line["file"] for line in found["lines"]}
    assert files == {"nginx/omero.conf", "django/omeroweb_settings.py", "gunicorn/gunicorn.conf.py"}
    text = omerogen("explain", "omero.web.prefix", "-c", SITE).out
    assert "  lines        nginx/omero.conf: 4, 13, " in text
    assert json.loads(omerogen("explain", "omero.ldap.base", "--format", "json").out)["lines"] == []


def test_an_artifact_without_a_file_is_named_with_the_reason(omerogen):
    """A property that it reads would reach lines that are not listed."""
    for set_it, reason in (
        ("omero.web.application_server=wsgi", "no nginx configuration is generated"),
        ("omero.web.static_url=x", "omero.web.static_url"),
    ):
        command = ("explain", "omero.web.prefix", "--set", set_it)
        found = json.loads(omerogen(*command, "--format", "json").out)
        assert next(iter(found["missing"])) == "nginx"
        assert reason in found["missing"]["nginx"][0]
        assert "nginx/omero.conf" not in {line["file"] for line in found["lines"]}
        text = omerogen(*command).out
        assert " nginx: no file (" in text
        assert reason in text
    assert json.loads(omerogen("explain", "omero.web.prefix", "--format", "json").out)["missing"] == {}


@pytest.mark.usefixtures("built")
def test_templates_without_a_line_are_refused(omerogen, tmp_path):
    """They would have no effect."""
    result = omerogen("explain", "omero.db.host", "--templates", tmp_path)
    assert (result.status, result.out) == (2, "")
    assert result.problems == ["--templates: has no effect without a line of a file (name one, as FILE:LINE)"]


@pytest.mark.usefixtures("built")
def test_lines_are_explained_in_python():
    """The same objects as the command has."""
    settings = package.load(SITE)
    (line,) = package.explain_lines(settings, "nginx:5")
    assert line.template.file == "nginx/servers.conf.j2"
    with pytest.raises(package.UsageError):
        package.explain_lines(settings, "omero.db.host")
