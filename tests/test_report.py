"""``omerogen report``: the page of a site, whatever is wrong with the site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

import omerogen as package
from omerogen.model import Line, Span
from omerogen.reporting import highlight
from support.files import EXAMPLES, SITE
from support.hostile import ACCEPTED, REFUSED

#: What loads something, and what is followed by hand.
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "ping"}


class Reader(HTMLParser):
    """The elements of a page with an id: their texts; all tags, and attributes with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data

    @property
    def ids(self) -> list[str]:
        """All ids."""
        return [value for name, value in self.attributes if name == "id"]


@pytest.fixture(scope="module")
def page() -> str:
    """The page of the site that the README shows."""
    return package.report(package.load(SITE)).html


def test_the_command_writes_one_file(omerogen, tmp_path):
    """And prints its path; standard output stays free."""
    path = tmp_path / "site.html"
    result = omerogen("report", "-c", SITE, "-o", path)
    assert (result.status, result.out) == (0, "")
    assert result.err.splitlines()[-1] == str(path)
    assert [one.name for one in tmp_path.iterdir()] == ["site.html"]
    assert path.stat().st_mode & 0o777 == 0o644
    again = omerogen("report", "-c", SITE, "-o", "-")
    assert again.out == path.read_text(encoding="utf-8")
    assert str(path) not in again.err


def test_it_has_properties_files_findings_heaps_and_sources(page):
    """Of the site, with the fix of each finding."""
    text = Reader(page).text
    for expected in (
        "omero.web.prefix",
        "fail_timeout=0",
        "router-without-certificate",
        "omero certificates",
        "blitz",
        "(profile default)",
        "omero.ldap.base",  # which nobody has set
    ):
        assert expected in text
    assert "<svg" in page


def test_secrets_are_hidden():
    """In values, sources, lines and findings."""
    secrets = {"omero.db.pass": "canary", "omero.x": "a${omero.db.pass}b"}
    page = package.report(package.load(SITE, overrides=secrets)).html
    assert "canary" not in page
    assert "s3cr" not in page


def test_the_usual_name_is_report_html(omerogen, tmp_path, monkeypatch):
    """In the current folder."""
    monkeypatch.chdir(tmp_path)
    assert omerogen("report").status == 0
    assert (tmp_path / "report.html").exists()


@pytest.mark.parametrize("name", ["nginx.conf", "report", ""])
def test_a_name_of_something_else_is_refused(name, omerogen, tmp_path, monkeypatch):
    """A configuration is not overwritten; all other problems are reported too."""
    monkeypatch.chdir(tmp_path)
    result = omerogen("report", "-o", name, "--set", "omero.db.port=abc")
    assert result.status == 2
    assert f"--output {name}".rstrip() + ": is not the name of a page (name it *.html or *.htm)" in result.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_if_a_source_cannot_be_read(omerogen, tmp_path):
    """Nor for an invalid option; the page of before stays."""
    path = tmp_path / "report.html"
    path.write_text("before")
    for arguments in (("-c", tmp_path / "none.json"), ("--tls", "nginx"), ("--http", "x")):
        result = omerogen("report", "-o", path, *arguments)
        assert result.status == 2
        assert "Traceback" not in result.err
        assert path.read_text() == "before"


def test_a_place_that_cannot_be_written_is_an_error(omerogen, tmp_path):
    """In the format of all others."""
    (tmp_path / "file").touch()
    result = omerogen("report", "-o", tmp_path / "file/report.html")
    assert result.status == 2
    assert re.search(r"report\.html: .*\(.*\)", result.err)


def test_the_page_needs_nothing_else(page):
    """No address but its own ids, no handler, no style of an element; at most 1 MB."""
    read = Reader(page)
    assert not LOADING & {name for name, _ in read.attributes}
    assert "link" not in read.tags
    links = [value for name, value in read.attributes if name == "href"]
    assert links
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(read.ids)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "style"]
    assert not re.search(r"https?://|url\((?!#)|@import", page.partition("</script>")[0])
    assert len(page.encode()) < 1_000_000


def test_ids_are_there_once_and_lead_somewhere(page):
    """Also those of the attributes that the script reads."""
    read = Reader(page)
    assert len(set(read.ids)) == len(read.ids)
    for name, prefix in (("data-p", "p"), ("data-i", "i"), ("data-t", "t"), ("data-c", "t"), ("data-n", "n")):
        numbers = {number for key, value in read.attributes if key == name for number in value.split()}
        assert {f"{prefix}{number}" for number in numbers} <= set(read.ids), name
    labels = [value for key, value in read.attributes if key in ("aria-labelledby", "aria-controls")]
    assert {one for value in labels for one in value.split()} <= set(read.ids)


def test_every_line_of_a_build_is_on_the_page(page, omerogen, tmp_path):
    """As it is written, with secrets hidden."""
    assert omerogen("build", "-c", SITE, "-o", tmp_path / "out").status == 0
    text = Reader(page).text
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.name != "manifest.json":
            assert str(path.relative_to(tmp_path / "out")) in text
            if path.stat().st_mode & 0o077:
                lines = path.read_text(encoding="utf-8").splitlines()
                assert [line for line in lines if f"{line}\n" not in text] == []


def test_the_same_site_has_the_same_page():
    """Byte by byte, whatever the order of sets is."""
    code = (
        "import omerogen, sys; settings = omerogen.load(sys.argv[1]);"
        " sys.stdout.buffer.write(omerogen.report(settings).html.encode())"
    )
    pages = {
        subprocess.run(
            [sys.executable, "-c", code, SITE],
            check=True,
            capture_output=True,
            timeout=60,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pages) == 1


@pytest.mark.parametrize("properties", [ACCEPTED, REFUSED], ids=["accepted", "refused"])
def test_hostile_values_are_no_markup(properties, page):
    """The page has no element, no attribute and no address that others do not have."""
    result = package.report(package.load(overrides=properties))
    usual, read = Reader(page), Reader(result.html)
    assert set(read.tags) <= set(usual.tags)
    assert {name for name, _ in read.attributes} <= {name for name, _ in usual.attributes}
    assert read.tags.count("script") == read.tags.count("style") == 1
    for name in properties:
        if highlight.visible(properties[name]) not in read.text:
            assert "********" in read.text  # a secret


def test_values_that_are_refused_stop_only_what_reads_them(omerogen, tmp_path):
    """The page has the finding, the other artifacts, and why one is missing."""
    path = tmp_path / "report.html"
    result = omerogen("report", "-o", path, "--set", "omero.db.port=abc")
    assert result.status == 0
    assert "jdbc: cannot be made: the page has the reason" in result.err
    assert "report: 1 error among the findings" in result.err
    text = Reader(path.read_text(encoding="utf-8")).text
    assert "omero.db.port 'abc' is not a whole number" in text
    assert "This artifact cannot be made:" in text
    assert "nginx/omero.conf" in text
    assert "jdbc/url.txt" not in text


def test_an_artifact_that_does_not_apply_is_named(omerogen, tmp_path):
    """With its reason, on the page and in a message."""
    path = tmp_path / "report.html"
    result = omerogen("report", "-o", path, "--set", "omero.web.application_server=development")
    assert "no nginx configuration is generated" in result.err
    text = Reader(path.read_text(encoding="utf-8")).text
    assert "Does not apply to this site: --set: omero.web.application_server is development" in text


def test_heaps_that_cannot_be_computed_say_why():
    """In place of the drawing."""
    result = package.report(package.load(overrides={"omero.jvmcfg.percent.blitz": "x"}))
    assert "Not computed: --set: omero.jvmcfg.percent.blitz" in Reader(result.html).text
    assert "<svg" not in result.html
    assert [*result.missing] == ["jvm", "icegrid"]


@pytest.mark.parametrize("memory", ["1", "300", "1000", "64000", "9000000"])
def test_heaps_are_drawn_for_every_memory(memory):
    """Inside of the picture, with the memory that counts, whether they fit or not."""
    result = package.report(package.load(overrides={"omero.jvmcfg.system_memory": memory}))
    svg = result.html[result.html.index("<svg") : result.html.index("</svg>")]
    width = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    places = [int(x) for x in re.findall(r' x[12]?="(\d+)"', svg)]
    assert places
    assert max(places) < width
    assert f"memory {memory} MB" in svg
    assert re.search(r"MB are (left|missing)", svg)


def test_sources_are_in_their_order(tmp_path):
    """Also one of which no value counts; with the number of properties of each."""
    low, middle, high = (tmp_path / f"{name}.properties" for name in ("z", "m", "a"))
    low.write_text("omero.db.host=a\n")
    middle.write_text("omero.db.host=b\nomero.db.name=b\n")
    high.write_text("omero.db.host=c\nomero.db.name=c\n")
    settings = package.load(
        low, middle, high, environ={"CONFIG_omero_db_user": "u"}, overrides={"omero.db.port": "1"}
    )
    section = package.report(settings).html.partition('id="sources"')[2].partition("</table>")[0]
    rows = re.findall(r"<code>(.*?)</code></th><td.*?>(\d+)</td><td.*?>(\d+)<", section)
    expected = [
        (low, "1", "0"),
        (middle, "2", "0"),
        (high, "2", "2"),
        ("environment", "1", "1"),
        ("--set", "1", "1"),
    ]
    assert rows[0][0] == "default"
    assert rows[1:] == [(str(name), sets, wins) for name, sets, wins in expected]


def test_the_title_is_the_site(omerogen, tmp_path, monkeypatch):
    """The site file, or the sources; of many, the highest."""
    paths = [tmp_path / f"{name}.properties" for name in "abcd"]
    for path in paths:
        path.write_text(f"omero.plugin.{path.stem}=x\n")
    names = f"{paths[3]}, {paths[2]}, {paths[1]} and 1 more"
    assert f"<title>{names} - omerogen report" in package.report(package.load(*paths)).html
    assert "<title>defaults - omerogen report" in package.report(package.load()).html
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omerogen.toml").write_text("[sites.a]\n[sites.b]\n")
    assert "<title>b - omerogen report" in omerogen("report", "-o", "-", "--site", "omerogen.toml:b").out


def test_a_property_that_is_taken_back_has_its_default(tmp_path):
    """And is shown with the sources that touched it."""
    path = tmp_path / "a.omero"
    path.write_text("config set omero.db.host a\nconfig set omero.db.host\n")
    text = Reader(package.report(package.load(path)).html).text
    assert "taken back" in text
    assert re.search(r"default: localhost\s+in effect", text)


def test_findings_of_a_site_file_may_be_waived(omerogen, tmp_path, monkeypatch):
    """They are shown with the reason, and not counted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omerogen.toml").write_text(
        '[properties]\n"omero.db.usr" = "x"\n[waive]\nnear-miss = "a property of <ours>"\n'
    )
    assert omerogen("report").status == 0
    text = Reader((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert "Waived: a property of <ours>" in text
    assert re.search(r"1\s+waived", text)


def test_with_strict_warnings_are_errors(omerogen, tmp_path):
    """On the page, which is written all the same."""
    path = tmp_path / "report.html"
    severities = []
    for strict in ((), ("--strict",)):
        result = omerogen("report", "-o", path, "--set", "omero.db.usr=x", *strict)
        assert result.status == 0
        page = path.read_text(encoding="utf-8")
        severities.append(re.findall(r'id="n\d+" class="finding (\w+)"', page))
    assert "warning" in severities[0]
    assert severities[1] == [one.replace("warning", "error") for one in severities[0]]


def test_options_are_on_the_page_with_their_origin(omerogen, tmp_path, monkeypatch):
    """Of the command line and of the site file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omerogen.toml").write_text('servername = ["o.example.org"]\n')
    assert omerogen("report", "--http", "8081").status == 0
    text = Reader((tmp_path / "report.html").read_text(encoding="utf-8")).text
    assert re.search(r"--servername\s*o\.example\.org\s*omerogen\.toml:1", text)
    assert re.search(r"--http\s*8081\s*--http", text)


def test_without_pygments_there_are_no_colours(omerogen, tmp_path, monkeypatch):
    """And a message names the extra."""
    path = tmp_path / "report.html"
    with monkeypatch.context() as without:
        for name in [name for name in sys.modules if name.partition(".")[0] == "pygments"]:
            without.delitem(sys.modules, name)
        without.setitem(sys.modules, "pygments", None)
        result = omerogen("report", "-c", SITE, "-o", path)
    assert result.status == 0
    assert "pip install 'omerogen[report]'" in result.err
    plain = path.read_text(encoding="utf-8")
    assert '<i class="k">' not in plain
    assert Reader(plain).text.count("fail_timeout") >= 1


def _line(text: str) -> Line:
    half = len(text) // 2
    return Line(text, (Span(0, half, "a", 1), Span(half, len(text), "a", 1, "nginx.x")) if half else ())


@pytest.mark.parametrize("suffix", [".conf", ".xml", ".py", ".service", ".properties", ".args", ".txt"])
def test_colours_change_no_text(suffix):
    """Parts and tokens together are the line, for every text that is odd in some language."""
    texts = [*ACCEPTED.values(), "", "'''", '"a', "b'''c", "<!--", "\t x  ", "]]>"]
    lines = [_line(text) for text in texts if text == "" or len(text) > 1]
    for line, parts in zip(lines, highlight.parts(f"x{suffix}", lines, coloured=True), strict=True):
        assert "".join(token.text for part in parts for token in part.tokens) == highlight.visible(line.text)
        assert [part.span for part in parts] == list(line.spans)


def test_characters_that_cannot_be_seen_are_escaped():
    """So that a line cannot look like another one; line feeds and tabs are left to the page."""
    assert highlight.visible("a\u202eb\x1b\u200bc\n\td\xe9") == "a\\u202eb\\x1b\\u200bc\n\td\xe9"


def test_the_function_gives_what_the_command_writes(omerogen, tmp_path):
    """With what is on the page as members."""
    result = package.report(package.load(EXAMPLES / "site.config.xml"), servername="o.example.org")
    path = tmp_path / "report.html"
    command = ("report", "-c", EXAMPLES / "site.config.xml", "--servername", "o.example.org", "-o", path)
    assert omerogen(*command).status == 0
    assert result.html == path.read_text(encoding="utf-8")
    assert "nginx/omero.conf" in result.files
    assert result.check.findings
    assert (result.missing, result.left_out) == ({}, {})
    with pytest.raises(package.UsageError):
        package.report(package.load(), colour="x")
