"""``omerogen report``: what is on the page, and what the command says; browsers are in tests/browser."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import omerogen as package
from omerogen.reporting import highlight
from support.files import SITE


class Page(HTMLParser):
    """The tags and the visible text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def report(omerogen, tmp_path, monkeypatch):
    """Run ``omerogen report`` in a folder; the page."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Page:
        result = omerogen("report", *arguments)
        assert result.status == 0, result.err
        return Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return run


def test_it_has_properties_files_findings_heaps_and_sources(report):
    """Of the site, with the fix of each finding."""
    page = report("-c", SITE)
    for text in (
        "omero.web.prefix",
        "fail_timeout=0",
        "nginx/omero.conf",
        "router-without-certificate",
        "omero certificates",
        "blitz",
        "(profile default)",
        "omero.ldap.base",  # which nobody has set
    ):
        assert text in page.text
    assert any(tag == "svg" for tag, _ in page.tags)


def test_nothing_is_loaded_from_elsewhere(report):
    """No address but fragments of the page itself; the policy allows nothing else."""
    page = report("-c", SITE)
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "data"):
            address = attributes.get(name)
            assert not address or address.startswith("#"), (tag, address)
    policy = [a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in str(policy)


def test_it_is_the_same_every_time_and_not_large(report, tmp_path):
    """At most 1 MB for a site like that of the examples."""
    report("-c", SITE)
    first = (tmp_path / "report.html").read_bytes()
    report("-c", SITE)
    assert (tmp_path / "report.html").read_bytes() == first
    assert len(first) < 1_000_000


def test_an_artifact_that_cannot_be_made_is_missing_alone(report):
    """The page says why; one that does not apply too."""
    set_it = ("--set", "omero.db.port=x", "--set", "omero.web.application_server=development")
    page = report(*set_it)
    assert "is not a whole number" in page.text
    assert "no nginx configuration is generated" in page.text
    assert "django/omeroweb_settings.py" in page.text


def test_secrets_are_hidden(report):
    """In values, layers, lines and findings."""
    page = report("-c", SITE, "--set", "omero.db.pass=canary", "--set", "omero.x=a${omero.db.pass}b")
    assert "canary" not in str((page.text, page.tags))
    assert "s3cr" not in page.text


def test_without_pygments_there_are_no_colours_and_a_message(omerogen, tmp_path, monkeypatch):
    """Which names the extra."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(highlight, "is_installed", lambda: False)
    result = omerogen("report")
    assert "pip install 'omerogen[report]'" in result.err
    assert "fail_timeout" in (tmp_path / "report.html").read_text()


def test_standard_output_and_python_have_the_same_page(omerogen, report, tmp_path):
    """``-o -`` prints it."""
    report("-c", SITE)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert omerogen("report", "-c", SITE, "-o", "-").out == html
    assert package.report(package.load(SITE)).html == html


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("site.config.xml", "--output site.config.xml: is not the name of a page "),
        ("missing/report.html/x.html", ""),
    ],
)
def test_another_file_is_not_overwritten_by_mistake(name, problem, omerogen, tmp_path, monkeypatch):
    """A page is named as one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "missing").write_text("a file")
    result = omerogen("report", "-o", name)
    assert result.status == 2
    assert problem in result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["missing"]
