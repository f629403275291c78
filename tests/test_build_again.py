"""A build that would change nothing renders nothing, and says what it said before."""

from __future__ import annotations

import shutil

import pytest

from omerogen.artifacts import rendering


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with a site, and caches of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    (tmp_path / "pass").write_text("first")
    (tmp_path / "site.properties").write_text(
        f"omero.web.prefix=/omero\nomero.db.pass=file:{tmp_path}/pass\nomero.jvmcfg.system_memory=1000\n"
    )
    return tmp_path


@pytest.fixture
def build(omerogen, site, monkeypatch):
    """Build the site into ``out``; ``made`` are the artifacts that were made for it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(site / "caches"))
    every = rendering.files

    def files(name, *arguments, **options):
        build.made.append(name)
        return every(name, *arguments, **options)

    monkeypatch.setattr(rendering, "files", files)

    def build(*arguments):
        build.made = []
        return omerogen("build", "-c", "site.properties", *arguments)

    return build


def test_the_second_time_nothing_is_made(build):
    """Warnings are said again; --check has nothing to find."""
    first = build()
    again = build()
    assert not build.made
    assert again.err.splitlines()[-1] == "out: up to date"
    assert [line for line in first.err.splitlines() if "warning" in line] == again.err.splitlines()[:-1]
    assert build("--check").status == 0
    known = build("--format", "json")
    made = build("--format", "json", "--force")  # is another build
    assert known.out == made.out
    assert build.made


def edit(path, text="# by hand\n"):
    with path.open("a") as file:
        file.write(text)


CHANGES = {
    "a property": lambda site: edit(site / "site.properties", "omero.web.prefix=/images\n"),
    "a secret in a file": lambda site: (site / "pass").write_text("second"),
    "a file by hand": lambda site: edit(site / "out/nginx/omero.conf"),
    "a file that is gone": lambda site: (site / "out/jvm/flags.txt").unlink(),
    "a private file that is open": lambda site: (site / "out/jdbc/connection.properties").chmod(0o644),
    "the folder that is gone": lambda site: shutil.rmtree(site / "out"),
    "an option": lambda site: (site / "omerogen.toml").write_text('upstream = "127.0.0.1:4999"\n'),
    "the records": lambda site: [path.write_text("[]") for path in (site / "caches/omerogen").iterdir()],
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_is_built(what, build, site):
    """And the result is that of a build into a new folder."""
    build()
    CHANGES[what](site)
    assert build().status == 0
    assert build.made
    build("-o", "new")
    files = sorted(path for path in (site / "new").rglob("*") if path.is_file())
    for path in files:
        assert (site / "out" / path.relative_to(site / "new")).read_bytes() == path.read_bytes()
    assert (site / "out/jdbc/connection.properties").stat().st_mode & 0o077 == 0


def test_a_hook_that_failed_runs_again(build, site):
    """Though nothing has changed since."""
    build()
    edit(site / "site.properties", "omero.web.prefix=/images\n")
    assert build("--reload", "false").status == 1
    assert build("--reload", f"touch {site}/ran").status == 0
    assert (site / "ran").exists()


def test_a_waiver_counts(build, site):
    """It decides what is said."""
    assert "the heaps take" in build().err
    (site / "omerogen.toml").write_text('[waive]\nmemory-over-committed = "a test"\n')
    assert "the heaps take" not in build().err
