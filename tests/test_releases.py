"""A site that names its release: ``release`` and ``web_release`` in the site file, or on the command line."""

from __future__ import annotations

import json

import pytest

import omerogen as package
from omerogen.catalog import history
from support.files import SITE

PICKLE = "django.contrib.sessions.serializers.PickleSerializer"
SERIALIZER = "omero.web.session_serializer"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Write the site file of the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(*lines: str):
        (tmp_path / "omerogen.toml").write_text("".join(f"{line}\n" for line in lines))
        return tmp_path

    return write


def findings(omerogen, *arguments: str) -> dict[str, list[str]]:
    """The messages of the findings by their rules."""
    found: dict[str, list[str]] = {}
    for one in json.loads(omerogen("check", *arguments, "--format", "json").out)["findings"]:
        found.setdefault(one["id"], []).append(one["message"])
    return found


def test_a_default_is_that_of_the_release(site, omerogen):
    """With an origin that says so, in the artifacts too; the newest one's says nothing."""
    site('release = "5.6.3"', 'web_release = "5.29.3"')
    known = json.loads(omerogen("explain", SERIALIZER, "--format", "json").out)
    assert known["value"] == known["default"] == PICKLE
    assert known["origin"] == "default of OMERO.web 5.29.3"
    assert known["layers"] == [{"origin": "default of OMERO.web 5.29.3", "text": PICKLE}]
    assert f"SESSION_SERIALIZER = '{PICKLE}'" in omerogen("django").out
    assert json.loads(omerogen("explain", "omero.db.host", "--format", "json").out)["origin"] == "default"
    site('web_release = "5.30.0"')
    assert json.loads(omerogen("explain", SERIALIZER, "--format", "json").out)["origin"] == "default"


def test_what_is_set_wins(site, omerogen):
    """The default of the release is the lowest layer."""
    site('web_release = "5.29.3"')
    known = json.loads(omerogen("explain", SERIALIZER, "--set", f"{SERIALIZER}=x.Y", "--format", "json").out)
    assert [layer["origin"] for layer in known["layers"]] == ["default of OMERO.web 5.29.3", "--set"]
    assert known["value"] == "x.Y"


def test_flags_win_over_the_site_file_and_each_site_has_its_own(site, omerogen):
    """As with every option."""
    site('web-release = "5.29.3"', "[sites.new]", 'web_release = "5.33.2"', "[sites.old]")
    for where, expected in (("new", "JSONSerializer"), ("old", "PickleSerializer")):
        value = json.loads(
            omerogen("explain", SERIALIZER, "--site", f"omerogen.toml:{where}", "--format", "json").out
        )
        assert value["value"].endswith(expected)
    flag = ("--site", "omerogen.toml:new", "--web-release", "5.29.0", "--format", "json")
    assert json.loads(omerogen("explain", SERIALIZER, *flag).out)["value"] == PICKLE


def test_an_unknown_release_is_an_error_with_the_nearest(site, omerogen):
    """At its line; twice is one too many."""
    site('release = "5.6.11"', 'web_release = "5.34"', 'web-release = "5.33.2"')
    result = omerogen("jvm")
    assert result.status == 2
    assert result.err.splitlines() == [
        "omerogen.toml:1: release: '5.6.11' is not a known release of OMERO.server (the nearest is 5.6.10)",
        "omerogen.toml:2: web_release: is web-release again (remove one of them)",
        "omerogen.toml:2: web_release: '5.34' is not a known release of OMERO.web (the nearest is 5.33.2)",
    ]


@pytest.mark.parametrize(
    ("options", "line", "message"),
    [
        (("--web-release", "5.9.0"), "omero.web.favicon_url=a.ico", "was added in OMERO.web 5.11.0: 5.9.0"),
        (
            ("--web-release", "5.26.0"),
            "omero.web.webgateway_cache=x",
            "was removed in OMERO.web 5.26.0: 5.26.0",
        ),
        (("--release", "5.5.0"), "omero.search.maxclause=1", "was removed in OMERO.server 5.5.0: 5.5.0"),
        (("--release", "5.6.2"), "omero.db.properties=a=b", "was added in OMERO.server 5.6.3: 5.6.2"),
        (("--release", "5.4.10"), "omero.glacier2.IceSSL.CAs=a", "was added in OMERO.server 5.5.0: 5.4.10"),
        (("--web-release", "5.25.0"), "omero.web.webgateway_cache=x", ""),
        (("--release", "5.4.10"), "omero.search.maxclause=1", ""),
        # The documentation of the server lists both later than they were there.
        (("--release", "5.4.10"), "omero.ports.ws=4065", ""),
        (("--release", "5.6.3"), "omero.web.favicon_url=a.ico", ""),
        ((), "omero.web.favicon_url=a.ico", ""),
    ],
)
def test_a_property_that_the_release_does_not_have(options, line, message, omerogen):
    """It is ignored there."""
    found = findings(omerogen, *options, "--set", line).get("not-in-this-release", [])
    assert len(found) == bool(message)
    assert all(message in one for one in found)


def test_rules_see_the_defaults_and_the_django_of_the_release(omerogen):
    """A default is no mistake of the site, and repeating it is worth a note."""
    assert "pool-smaller-than-threads" not in findings(omerogen, "--release", "5.6.10")
    threads = "omero.threads.background_threads=10"
    assert "equal-to-default" in findings(omerogen, "--release", "5.6.10", "--set", threads)
    assert "equal-to-default" not in findings(omerogen, "--set", threads)
    pickle = ("--set", f"{SERIALIZER}={PICKLE}")
    assert "pickle-with-django-5" in findings(omerogen, "--web-release", "5.33.2", *pickle)
    assert "pickle-with-django-5" not in findings(omerogen, "--web-release", "5.29.3", *pickle)
    assert "untested-django" in findings(omerogen, "--web-release", "5.13.0")
    assert "untested-django" not in findings(omerogen, "--web-release", "5.23.0")


def test_another_release_is_installed(tmp_path, omerogen, site):
    """The finding is at the line that names the release."""
    omerodir = tmp_path / "OMERO.server-5.6.10-ice36"
    omerodir.mkdir()
    site('release = "5.6.3"')
    [message] = findings(omerogen, "--omerodir", omerodir)["other-release-installed"]
    assert message == "names OMERO.server 5.6.3, and 5.6.10 is installed"
    site('release = "5.6.10"')
    assert "other-release-installed" not in findings(omerogen, "--omerodir", omerodir)


def test_lists_are_appended_to_the_default_of_the_release(tmp_path, omerogen):
    """As ``omero config append`` of that release does it."""
    source = tmp_path / "links.omero"
    source.write_text("""config append omero.web.ui.top_links '["a", "b"]'\n""")
    for release, scheme in (("5.4.7", "http"), ("5.6.10", "https")):
        known = omerogen("explain", "omero.web.ui.top_links", "-c", source, "--release", release).out
        assert f'"{scheme}://help.openmicroscopy.org/"' in known.splitlines()[0]
        assert '["a", "b"]]' in known.splitlines()[0]


def test_paths_below_the_omero_directory_move_with_it(omerogen):
    """Also those that an earlier release had elsewhere."""
    text = omerogen("nginx", "--release", "5.5.1", "--omerodir", "/o").out
    assert "alias /o/lib/python/omeroweb/static/;" in text
    assert "alias /o/var/static/;" in omerogen("nginx", "--release", "5.6.0", "--omerodir", "/o").out


def test_a_build_knows_that_the_release_changed(tmp_path, omerogen):
    """It names the option."""
    build = ("build", "-c", SITE, "-o", tmp_path, "--only", "django")
    assert omerogen(*build, "--web-release", "5.29.3").status == 0
    result = omerogen(*build, "--web-release", "5.33.2", "--check")
    assert "options changed: --web-release" in result.out + result.err


def names(omerogen, *arguments: str) -> dict[str, dict]:
    """The listed properties by their names."""
    return {
        row["name"]: row for row in json.loads(omerogen("properties", *arguments, "--format", "json").out)
    }


def test_properties_of_a_release(omerogen):
    """Those that it has, with its defaults; what is gone from all is listed only here, and by --all."""
    old, new = names(omerogen, "--release", "5.4.10"), names(omerogen, "--release", "5.6.10")
    assert old["omero.search.maxclause"]["default"] == "4096"
    assert old["omero.search.maxclause"]["removed"] == "5.5.0"
    assert "omero.search.maxclause" not in new.keys() | names(omerogen).keys()
    assert "omero.search.maxclause" in names(omerogen, "--all")
    assert "omero.db.url" not in old
    assert new["omero.db.url"]["since"] == "5.6.3"
    assert new["omero.db.url"]["since_in"] == "OMERO.server 5.6.3"
    assert new["omero.db.host"]["since"] is None
    assert names(omerogen, "--web-release", "5.29.3")[SERIALIZER]["default"] == PICKLE
    assert names(omerogen, "--web-release", "5.26.0").keys() < names(omerogen).keys()


def test_a_property_that_is_asked_for_and_not_there(omerogen):
    """It is said why."""
    result = omerogen("properties", "omero.web.favicon_url", "--web-release", "5.9.0")
    assert result.status == 0
    assert result.err == "omero.web.favicon_url: is not in this release: added in OMERO.web 5.11.0\n"


def test_explain_says_since_when_and_until_when(omerogen):
    """In text and JSON."""
    assert "  since        OMERO.web 5.11.0\n" in omerogen("explain", "omero.web.favicon_url").out
    known = json.loads(omerogen("explain", "omero.jvmcfg.perm_gen", "--format", "json").out)
    assert (known["since"], known["removed"]) == (None, "5.20.0")


def test_a_release_in_python():
    """As an argument, which the site file has too."""
    settings = package.load(release="5.6.3", web_release="5.29.3")
    assert settings[SERIALIZER] == PICKLE
    assert settings.releases == history.Releases("5.6.3", "5.29.3")
    with pytest.raises(package.UsageError):
        package.load(release="5.6.11")
