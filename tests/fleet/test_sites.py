"""Which sites a run builds, what it says of each, and what one that fails leaves of the others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from omerogen import build_sites
from support.fleets import files, write_source


def sites(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_source_is_a_site_in_a_folder_of_its_name(build, institute, omerogen):
    """With the files that the source alone would give."""
    result = build("-o", "all")
    assert result.status == 0, result.err
    assert sites(institute / "all") == ["a", "b", "c"]
    assert "a: 16 files written to all/a" in result.err
    assert result.err.endswith("3 sites: 3 built\n")
    omerogen("build", "-c", "sites/b.properties", "-o", "alone")
    assert files(institute / "all/b") == files(institute / "alone")


@pytest.mark.parametrize(
    ("source", "pattern", "name"),
    [
        ("x/one.yaml", "x/*.yaml", "one"),
        ("x/one/config.xml.yaml", "x/*/config.xml.yaml", "one"),
        ("x/p/q/site.yaml", "x/**/site.yaml", "p-q"),
        ("x/one.conf", "yaml:x/*.conf", "one"),
        ("x/host.example.org", "yaml:x/*", "host.example.org"),
        ("x/a[1].yaml", "x/a[1].yaml", "a[1]"),
        ("x/one.yaml", "x/one.yaml", "one"),
    ],
)
def test_a_wildcard_names_the_sites(build, institute, source, pattern, name):
    """The file without its suffix, or the folder that has the wildcard."""
    (institute / source).parent.mkdir(parents=True)
    (institute / source).write_text("omero.db.host: db\n")
    result = build("--only", "jdbc", sites=pattern)
    assert result.status == 0, result.err
    assert sites(institute / "out") == [name]


def test_a_folder_of_commands_is_a_site(build, institute):
    """As OMERO's images load it."""
    (institute / "x/one").mkdir(parents=True)
    (institute / "x/one/01.omero").write_text("config set omero.db.host db1\n")
    assert build("--only", "jdbc", sites="x/*").status == 0
    assert "db1" in (institute / "out/one/jdbc/url.txt").read_text()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("sites/*.xml", "--sites sites/*.xml: matches nothing"),
        ("*/a.*", "are both named 'sites-a'"),
        ("odd/*", "has a name with a control character"),
    ],
)
def test_sites_that_are_not_clear_are_refused(build, institute, pattern, message):
    """Before anything is written."""
    (institute / "sites/a.yaml").write_text("omero.db.host: db\n")
    (institute / "odd").mkdir()
    (institute / "odd/x\ny.yaml").write_text("omero.db.host: db\n")
    result = build(sites=pattern)
    assert result.status == 2
    assert message in result.err
    assert not (institute / "out").exists()


def test_sources_for_all_come_before_those_of_each(build, institute):
    """And ``--set`` after them."""
    (institute / "common.yaml").write_text("omero.db.host: common\nomero.db.name: common\n")
    with write_source(institute, "a").open("a") as file:
        file.write("omero.db.name=own\n")
    assert build("-c", "common.yaml", "--set", "omero.db.port=6543", "--only", "jdbc").status == 0
    assert "//common:6543/own?" in (institute / "out/a/jdbc/url.txt").read_text()
    assert "//common:6543/common?" in (institute / "out/b/jdbc/url.txt").read_text()


def test_the_members_of_a_source_may_be_named(build, institute):
    """As Ansible's variables are: ``--key`` after ``--sites`` is for each of them."""
    (institute / "hosts").mkdir()
    (institute / "hosts/h.yml").write_text("omero_server_config_set:\n  omero.db.host: db9\n")
    result = build("--key", "omero_server_config_set", "--only", "jdbc", sites="hosts/*.yml")
    assert result.status == 0, result.err
    assert "db9" in (institute / "out/h/jdbc/url.txt").read_text()


def test_a_site_that_is_refused_stays_as_it_is_and_the_others_are_built(build, institute):
    """Its problems are said with its name, and the exit status is 1."""
    assert build().status == 0
    before = files(institute / "out/b")
    write_source(institute, "b", port="many")
    write_source(institute, "c", port=4090)
    result = build()
    assert result.status == 1
    assert (
        "b: sites/b.properties:1: omero.web.application_server.port 'many' is not a whole number"
        in result.err
    )
    assert "b: not built\n" in result.err
    assert "c: changed django/omeroweb_settings.py, gunicorn/gunicorn.conf.py" in result.err
    assert result.err.endswith("3 sites: 1 up to date, 1 failed, 1 built\n")
    assert files(institute / "out/b") == before
    assert "4090" in (institute / "out/c/nginx/omero.conf").read_text()


def test_looking_first_writes_nothing(build, institute):
    """``--check`` says which files of which sites differ, ``--diff`` how."""
    assert build().status == 0
    before = files(institute / "out")
    write_source(institute, "b", port=4099)
    checked = build("--check")
    assert checked.status == 1
    assert (
        "out/b/nginx/omero.conf: differs (properties changed: omero.web.application_server.port)"
        in checked.err
    )
    assert "a: up to date" in checked.err
    assert checked.err.endswith("3 sites: 2 up to date, 1 different\n")
    shown = build("--diff")
    assert shown.status == 0
    assert "--- a/b/nginx/omero.conf\n+++ b/b/nginx/omero.conf\n" in shown.out
    assert "+    server 127.0.0.1:4099 fail_timeout=0;" in shown.out
    document = json.loads(build("--diff", "--format", "json").out)
    assert "4099" in document["sites"]["b"]["differences"]["nginx/omero.conf"]
    assert files(institute / "out") == before


def test_other_programs_read_the_results_of_all_sites(build, institute):
    """As the JSON of a build, with the errors of those that failed; in the order of the sites."""
    write_source(institute, "b", port="many")
    result = build("--format", "json", "--jobs", "2")
    assert result.status == 1
    found = json.loads(result.out)["sites"]
    assert list(found) == ["a", "b", "c"]
    assert found["a"]["folder"] == "out/a"
    assert "nginx/omero.conf" in found["a"]["changed"]
    assert found["a"]["errors"] == []
    assert found["b"]["errors"] == [
        "sites/b.properties:1: omero.web.application_server.port 'many' is not a whole number"
        " (give a whole number from 1 to 65535)"
    ]
    assert found["b"]["changed"] == []
    again = json.loads(build("--format", "json").out)["sites"]["a"]
    assert again["changed"] == []
    assert "nginx/omero.conf" in again["unchanged"]


def test_a_warning_is_an_error_for_the_strict(build, institute):
    """For the site that has it, and no other."""
    with write_source(institute, "b").open("a") as file:
        file.write("omero.db.prot=1\n")
    assert "b: warning: sites/b.properties:4: no property 'omero.db.prot'" in build().err
    result = build("--strict")
    assert result.status == 1
    assert "b: sites/b.properties:4: no property 'omero.db.prot'" in result.err
    assert result.err.endswith("3 sites: 2 up to date, 1 failed\n") or "2 built" in result.err


def test_a_site_file_of_several_sites_is_built_whole(build, institute):
    """Each with its options, in the folder of its name or in its own."""
    (institute / "omerogen.toml").write_text(
        'tls = "proxy"\n'
        '[sites.x]\nconfig = ["sites/a.properties"]\nservername = ["x.example.org"]\n'
        '[sites.y]\nconfig = ["sites/b.properties"]\nservername = ["y.example.org"]\noutput = "elsewhere"\n'
    )
    result = build(sites=None)
    assert result.status == 0, result.err
    assert "x.example.org" in (institute / "out/x/nginx/omero.conf").read_text()
    assert "y.example.org" in (institute / "elsewhere/nginx/omero.conf").read_text()
    assert build("-o", "all", sites=None).status == 0
    assert sites(institute / "all") == ["x", "y"]
    assert build("--site", "omerogen.toml:x", "-o", "one", sites=None).status == 0
    assert "nginx" in sites(institute / "one")


def test_two_sites_in_one_folder_are_refused(build, institute):
    """One would remove the files of the other."""
    both = 'config = ["sites/a.properties"]\noutput = "same"\n'
    (institute / "omerogen.toml").write_text(f"[sites.x]\n{both}[sites.y]\n{both}")
    result = build(sites=None)
    assert result.status == 2
    assert "omerogen.toml:6: x and y have the same output, same" in result.err


def test_a_name_that_leads_out_of_the_folder_is_refused(build, institute):
    """It is the name of a folder."""
    (institute / "omerogen.toml").write_text('[sites."../x"]\nconfig = ["sites/a.properties"]\n')
    result = build(sites=None)
    assert result.status == 2
    assert "cannot be the name of a folder" in result.err


def test_one_site_takes_no_jobs(build):
    """An option without effect is refused."""
    result = build("--jobs", "2", "-c", "sites/a.properties", sites=None)
    assert result.status == 2
    assert result.err == "--jobs: has no effect on one site (leave it out)\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--jobs", "0"), "--jobs: '0' is out of range"),
        (("--set", "omero.db.port"), "--set: omero.db.port has no value"),
        (("-c", "yaml:-"), "standard input: cannot be a source of several sites"),
        (("--tls", "maybe"), "--tls: 'maybe'"),
    ],
)
def test_wrong_arguments_are_refused_once_and_not_for_each_site(build, institute, arguments, message):
    """Nothing is built."""
    result = build(*arguments)
    assert result.status == 2
    assert result.err.count(message) == 1
    assert not (institute / "out").exists()


def test_artifacts_may_be_divided_by_commas(build, institute):
    """As for one site; a wrong name is one error, of the command line."""
    assert build("--only", "nginx,jdbc").status == 0
    assert {path.name for path in (institute / "out/a").iterdir()} == {"nginx", "jdbc", "manifest.json"}
    wrong = build("--only", "nginx,foo")
    assert (wrong.status, len(wrong.problems)) == (2, 1)


def test_a_folder_is_named_as_it_is_called(build, institute):
    """Not by the way to it: nothing is written outside of the output folder."""
    (institute / "sites/own").mkdir()
    (institute / "sites/own/site.omero").write_text("config set omero.db.host db\n")
    for path in ("sites/own", "sites/own/", "sites/own/.", "sites/../sites/own/../own"):
        assert build("-o", "made", sites=path).status == 0
        assert {path.name for path in (institute / "made").iterdir()} == {"own"}
        shutil.rmtree(institute / "made")


def test_outputs_that_are_one_folder_are_refused(build, institute):
    """Also by way of a link."""
    (institute / "one").mkdir()
    (institute / "link").symlink_to("one")
    (institute / "omerogen.toml").write_text(
        '[sites.a]\noutput = "one"\nconfig = ["sites/a.properties"]\n'
        '[sites.b]\noutput = "link"\nconfig = ["sites/b.properties"]\n'
    )
    result = build(sites=None)
    assert result.status == 2
    assert "a and b have the same output" in result.err


def test_what_is_left_out_is_said_to_other_programs_too(build, institute):
    """A source that sets nothing, and a value for which there is no application."""
    (institute / "sites/b.properties").write_text("# nothing yet\n")
    (institute / "sites/c.properties").write_text(
        "omero.db.name=a\\tb\\t\nomero.jvmcfg.system_memory=16000\n"
    )
    result = build("--format", "json")
    assert result.status == 0
    assert "b: sites/b.properties: sets no property\n" in result.err
    found = json.loads(result.out)["sites"]
    assert "omero.db.name has " in found["c"]["warnings"][0]
    assert "icegrid/application.xml" not in found["c"]["changed"]
    again = build_sites("sites/c.properties", "out")
    assert "omero.db.name has " in str(next(again).warnings[0])


def test_a_pattern_of_folders_alone(build, institute):
    """It ends in a slash."""
    for name in ("x", "y"):
        (institute / "servers" / name).mkdir(parents=True)
        (institute / f"servers/{name}/a.omero").write_text("config set omero.web.prefix /x\n")
    (institute / "servers/note.txt").write_text("x")
    assert build(sites="servers/*/").status == 0
    assert {path.name for path in (institute / "out").iterdir()} == {"x", "y"}


def test_outputs_of_patterns_that_are_one_folder_are_refused(build, institute):
    """As when an institute was renamed, and its old folder became a link."""
    assert build().status == 0
    shutil.rmtree(institute / "out/b")
    (institute / "out/b").symlink_to("a")
    result = build()
    assert result.status == 2
    assert "--output: a and b have the same output, out/b (give each its own)" in result.err
    assert build(sites="sites/[bc].properties").status == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="takes its capabilities from root")
def test_a_folder_that_may_not_be_read_is_named(institute):
    """What is in it cannot be known."""
    for name in "ab":
        (institute / name).mkdir()
        (institute / f"{name}/site.omero").write_text("config set omero.db.host db\n")
    (institute / "b").chmod(0)
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", sys.executable, "-m", "omerogen", "build"]
    done = subprocess.run(
        [*command, "--sites", "[ab]/site.omero"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert "warning: --sites b: cannot be read, and is left out" in done.stderr
    strict = subprocess.run([*command, "--strict", "--sites", "[ab]/site.omero"], check=False, timeout=60)
    assert strict.returncode == 2
    code = "import omerogen; print([one.name for one in omerogen.build_sites('[ab]/site.omero'{})])"
    for more, status, said in [
        ("", 0, "UserWarning: --sites b: cannot be read, and is left out"),
        (", strict=True", 1, "SettingsError: --sites b: cannot be read, and is left out"),
    ]:
        python = [*command[:3], sys.executable, "-c", code.format(more)]
        done = subprocess.run(python, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, said in done.stderr) == (status, True)


def test_a_site_has_its_own_commands(build, institute):
    """In place of the file's for the same artifact; an empty one takes that back."""
    (institute / "omerogen.toml").write_text(
        '[reload]\nnginx = "touch usual-$PPID"\njvm = "touch jvm"\n'
        '[sites.a]\nconfig = ["sites/a.properties"]\nreload = {nginx = "touch own"}\n'
        '[sites.b]\nconfig = ["sites/b.properties"]\nreload = {nginx = "", jvm = ""}\n'
    )
    assert build(sites=None).status == 0
    assert {path.name for path in institute.iterdir()} & {"own", "jvm"} == {"own", "jvm"}
    assert not list(institute.glob("usual*"))


@pytest.mark.parametrize(
    ("flags", "status"), [(("--diff",), 0), (("--check",), 1), (("--check", "--diff"), 1)]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_difference_is_a_failure_with_check_alone(form, flags, status, build):
    """As for one site, in both forms."""
    build()
    assert build("--set", "omero.web.prefix=/p", "--format", form, *flags).status == status


def test_what_sites_share_need_not_fit_all_of_them(omerogen, institute):
    """An option without effect is wrong where a site has it itself; a waiver without a finding is, too."""
    (institute / "omerogen.toml").write_text(
        'hsts = "60"\nconfig = ["sites/a.properties"]\n[waive]\nnear-miss = "a plugin"\n'
        '[sites.a]\n[sites.b]\nhsts = "60"\n[sites.c]\nhsts = "off"\n'
        '[sites.b.waive]\nweak-tls = "old clients"\n'
    )
    results = {name: omerogen("nginx", "--site", f"omerogen.toml:{name}") for name in "abc"}
    assert {name: result.status for name, result in results.items()} == {"a": 0, "b": 2, "c": 0}
    assert "hsts: has no effect without TLS" in results["b"].err
    stale = omerogen("check", "--site", "omerogen.toml:b", "--fail-on", "error").out
    assert "waiver of near-miss" not in stale


def test_a_command_that_is_due_is_said(build):
    """Also by a run that writes nothing."""
    failed = ("--reload", "false", "-c", "sites/a.properties")
    assert build(*failed, sites=None).status == 1
    checked = build("--check", "-c", "sites/a.properties", sites=None)
    assert checked.status == 0
    assert "have failed, or did not run (the next build with --reload runs them)" in checked.err
    as_json = build("--check", "--format", "json", "-c", "sites/a.properties", sites=None)
    assert "nginx/omero.conf" in json.loads(as_json.out)["pending"]
    assert build("--reload", "true", "-c", "sites/a.properties", sites=None).status == 0
    assert "have failed" not in build("--check", "-c", "sites/a.properties", sites=None).err


def test_what_is_wrong_in_a_table_stops_its_site_alone(build, institute):
    """The others are built; what is wrong outside of all tables stops the run."""
    table = 'config = ["sites/a.properties"]\n'
    text = f'[sites.a]\n{table}[sites.b]\n{table}http = 99999\n[sites.b.waive]\nnosuch = "x"\n'
    (institute / "omerogen.toml").write_text(text)
    result = build(sites=None)
    assert result.status == 1
    assert result.err.count("omerogen.toml:5: http: 99999 is out of range") == 1
    assert result.err.count("nosuch") <= 1
    assert sites(institute / "out") == ["a"]
    (institute / "omerogen.toml").write_text(f"htp = 1\n{text}")
    stopped = build(sites=None)
    assert (stopped.status, len(stopped.problems)) == (2, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sites.a]\n[sites.a]\n", "omerogen.toml:2: has the table [sites.a] twice"),
        ("[sites.a.example.org]\nhttp = 1\n", 'goes in quotes: [sites."a.example.org"]'),
    ],
)
def test_slips_in_the_names_of_tables(text, message, build, institute):
    """What was meant is said."""
    (institute / "omerogen.toml").write_text(text)
    assert message in build(sites=None).err


def test_sources_of_the_command_line_do_not_replace_those_of_each_site(build, institute):
    """All sites would become one; sites that have no sources of their own share them."""
    (institute / "one.omero").write_text("config set omero.db.host one\n")
    own = '[sites.a]\nconfig = ["sites/a.properties"]\n[sites.b]\n'
    (institute / "omerogen.toml").write_text(own)
    refused = build("-c", "one.omero", sites=None)
    assert refused.status == 2
    assert "--config: omerogen.toml has sites with sources of their own" in refused.err
    (institute / "omerogen.toml").write_text('[sites.a.properties]\n"omero.db.name" = "x"\n[sites.b]\n')
    assert build("-c", "one.omero", "--only", "jdbc", sites=None).status == 0
    assert "//one:" in (institute / "out/a/jdbc/url.txt").read_text()
