"""``omerogen impact --set NAME=VALUE``: the lines that would change, and why; nothing is written."""

from __future__ import annotations

import json

import pytest

import omerogen as package
from support.files import SITE


def impact(omerogen, *arguments) -> dict:
    """The result as JSON."""
    result = omerogen("impact", *arguments, "--format", "json")
    assert result.status == 0, result.err
    return json.loads(result.out)


def test_each_line_has_its_number_texts_and_properties(omerogen):
    """A line that changes, one that comes, one that goes."""
    changes = impact(omerogen, "--set", "omero.web.prefix=/x")["artifacts"]
    assert set(changes) == {"nginx/omero.conf", "django/omeroweb_settings.py", "gunicorn/gunicorn.conf.py"}
    assert changes["nginx/omero.conf"][0] == {
        "line": 4,
        "before": "upstream omeroweb {",
        "after": "upstream omeroweb_x {",
        "properties": ["omero.web.prefix"],
        "line_before": 4,
    }
    django = changes["django/omeroweb_settings.py"]
    assert next(change["after"] for change in django if change["before"] is None) == (
        "FORCE_SCRIPT_NAME = '/x'  # omero.web.prefix"
    )
    assert all(change["properties"] == ["omero.web.prefix"] for lines in changes.values() for change in lines)
    gone = impact(omerogen, "--set", "omero.web.static_url=https://cdn.example.org/")["artifacts"]
    texts = [change["before"] for change in gone["nginx/omero.conf"]]
    assert texts[1:] == [
        "    location /static/ {",
        "        alias /opt/omero/web/OMERO.web/var/static/;",
        "        sendfile on;",
        "    }",
        "",
    ]


def test_each_line_names_the_properties_that_change_it(omerogen):
    """Of several, those that it depends on."""
    several = ("--set", "omero.web.application_server.port=4999", "--set", "omero.db.host=h")
    changes = impact(omerogen, *several)["artifacts"]
    found = {
        path: {name for change in lines for name in change["properties"]} for path, lines in changes.items()
    }
    assert found["nginx/omero.conf"] == {"omero.web.application_server.port"}
    assert found["jdbc/url.txt"] == {"omero.db.host"}
    assert "manifest.json" not in found


def test_the_site_itself_is_what_it_is_compared_with(omerogen):
    """Nothing changes where a property has the text already; a layer below shows again."""
    assert impact(omerogen, "-c", SITE, "--set", "omero.web.prefix=/omero")["artifacts"] == {}
    result = omerogen("impact", "-c", SITE, "--set", "omero.web.prefix=/omero")
    assert result.out == "no line would change\n"


def test_a_file_that_comes_or_goes_is_named(omerogen):
    """With its size; JSON has its lines."""
    set_it = ("--set", "omero.web.application_server=wsgi")
    result = omerogen("impact", *set_it)
    assert "nginx/omero.conf: gone (" in result.out
    assert "no nginx configuration is generated" in result.err
    found = impact(omerogen, *set_it)
    assert "nginx/omero.conf" in found["disappearing"]
    assert found["artifacts"]["nginx/omero.conf"][0]["after"] is None


def test_secrets_are_hidden(omerogen):
    """Before and after."""
    for form in ("text", "json"):
        set_it = ("--set", "omero.db.pass=canary-new", "--format", form)
        result = omerogen("impact", "-c", SITE, *set_it)
        assert "canary" not in result.out + result.err
        assert "s3cr" not in result.out
        assert "jdbc/connection.properties" in result.out
        assert "omero.db.pass" in result.out


def test_nothing_is_written(omerogen, tmp_path, monkeypatch):
    """Not even the output folder."""
    monkeypatch.chdir(tmp_path)
    assert omerogen("impact", "--set", "omero.db.host=h").status == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status", "problem"),
    [
        ([], 2, "--set: is missing (give what would change: --set NAME=VALUE)"),
        (["--set", "omero.db.port=x"], 2, "--set: omero.db.port 'x' is not a whole number"),
        (["--set", "omero.db.prot=1"], 0, "did you mean 'omero.db.port'?"),
    ],
)
def test_what_is_wrong_is_reported(arguments, status, problem, omerogen):
    """As where it is built: an error ends it, a warning does not."""
    result = omerogen("impact", *arguments)
    assert result.status == status
    assert bool(result.out) == (status == 0)
    assert problem in result.err


def test_options_count(omerogen):
    """Those of build."""
    found = impact(omerogen, "--set", "omero.web.prefix=/x", "--layout", "location")
    assert found["artifacts"]["nginx/omero.conf"][0]["before"].startswith("location @maintenance")


def test_it_is_there_in_python():
    """With the objects that the command prints."""
    result = package.impact(package.load(SITE), {"omero.web.prefix": "/x"})
    assert result.artifacts["nginx/omero.conf"][0].properties == ("omero.web.prefix",)


def test_a_change_may_repair_the_site(omerogen, tmp_path):
    """What is wrong with the site as it is is reported; files that cannot be compared are new ones."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("omero.db.port: abc\n")
    result = omerogen("impact", "-c", bad, "--set", "omero.db.port=5433")
    assert result.status == 0
    assert "the site as it is: " in result.err
    assert "jdbc/url.txt: new (1 lines)" in result.out
    result = omerogen("impact", "--redirect-root", "--set", "omero.web.prefix=/x")
    assert result.status == 0
    assert "nginx/omero.conf: new (" in result.out


def test_numbers_are_those_of_each_side(omerogen):
    """Of a line that goes before the change, of one that comes after it."""
    nodes = "master:Storm,Blitz-0,Blitz-7 worker1:Indexer-0,PixelData-0"
    lines = impact(omerogen, "--set", f"omero.server.nodedescriptors={nodes}")["artifacts"]
    changes = lines["icegrid/application.xml"]
    before = [line["line_before"] for line in changes if line["before"] is not None]
    after = [line["line"] for line in changes if line["after"] is not None]
    assert before == sorted(before)
    assert after == sorted(after)


def test_changes_in_python_are_as_overrides():
    """Other values than texts become JSON; what cannot be a name is refused."""
    assert package.impact(package.load(), {"omero.db.port": 5433}).artifacts["jdbc/url.txt"]
    with pytest.raises(package.OmerogenError):
        package.impact(package.load(), {"bad name": "x", "omero.db.host": None})
