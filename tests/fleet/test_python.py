"""``build_sites`` in Python: what the command takes, as Python has it."""

from __future__ import annotations

import pytest

import omerogen

SITES = "sites/*.properties"


def built(*arguments, **options):
    """The results, which have to be without problems, by name."""
    results = {one.name: one for one in omerogen.build_sites(*arguments, only="jdbc", **options)}
    assert not [one.problems for one in results.values() if one.problems]
    return results


@pytest.fixture
def here(institute, monkeypatch):
    """The folder of the sites is the current one."""
    monkeypatch.chdir(institute)
    return institute


def test_sources_before_those_of_each_site(here):
    """As ``-c`` beside ``--sites``; one that is missing is a problem of each site."""
    (here / "common.omero").write_text("config set omero.db.name common\n")
    built(SITES, "out", config="common.omero")
    assert "/common?" in (here / "out/a/jdbc/url.txt").read_text()
    assert all(one.problems for one in omerogen.build_sites(SITES, "out", config="none.omero"))


def test_paths_are_paths(here):
    """Of sources and of the folder."""
    assert [*built(here / "sites/a.properties", here / "out", jobs=1)] == ["a"]
    assert (here / "out/a/jdbc/url.txt").exists()


def test_commands_are_those_of_a_site_file(here):
    """Also as a mapping; a key that is no artifact is not run as a command."""
    built(SITES, "out", reload={"jdbc": "touch jdbc", "any": "touch any", "nginx": "touch nginx"})
    assert {path.name for path in here.iterdir() if path.name in ("jdbc", "any", "nginx")} == {"jdbc", "any"}
    for build in (
        lambda: built(SITES, "other", reload={"touch run": "x"}),
        lambda: omerogen.build(omerogen.load(), "other", reload={"touch run": "x"}),
    ):
        with pytest.raises(omerogen.UsageError, match="unknown artifact"):
            build()
    assert not (here / "run").exists()


def test_one_site_of_a_file(here):
    """By its name, which may have a colon; a name that there is not is refused."""
    tables = "".join(
        f'[sites."{name}"]\nconfig = ["sites/a.properties"]\noutput = "{name}"\n' for name in ("a:b", "c")
    )
    (here / "omerogen.toml").write_text(tables)
    assert [*built(site="omerogen.toml:a:b")] == ["a:b"]
    assert [*built(site="omerogen.toml")] == ["a:b", "c"]
    with pytest.raises(omerogen.SourceError, match=r"omerogen.toml: has no site 'd' \(it has: a:b, c\)"):
        built(site="omerogen.toml:d")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"jobs": 0}, "--jobs: '0'"), ({"output": "x"}, "output: unknown option"), ({"colour": 1}, "colour")],
)
@pytest.mark.usefixtures("here")
def test_options_that_are_none(options, message):
    """The folder is an argument."""
    with pytest.raises(omerogen.UsageError, match=message):
        built(SITES, "out", **options)


def test_a_site_that_fails_keeps_its_warnings(here):
    """Who puts the error right would see them at the next run alone."""
    (here / "sites/b.properties").write_text("omero.db.port=x\nomero.db.prot=1\n")
    results = {one.name: one for one in omerogen.build_sites(SITES, "out", only="jdbc")}
    assert "did you mean 'omero.db.port'" in str(results["b"].warnings[0])
    assert results["b"].as_dict()["warnings"] == [str(results["b"].warnings[0])]
