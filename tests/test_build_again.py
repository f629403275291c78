"""A build that would change nothing renders nothing, and says what it said before."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def site(own_folder):
    """A folder with a site."""
    (own_folder / "pass").write_text("first")
    (own_folder / "site.properties").write_text(
        f"omero.web.prefix=/omero\nomero.db.pass=file:{own_folder}/pass\nomero.jvmcfg.system_memory=1000\n"
    )
    return own_folder


@pytest.fixture
def build(omerogen, site, made):  # noqa: ARG001 - it is in the current folder
    """Build the site into ``out``; ``made`` are the artifacts that were made for it."""

    def build(*arguments):
        made.clear()
        return omerogen("build", "-c", "site.properties", *arguments)

    return build


def test_the_second_time_nothing_is_made(build, made):
    """Warnings are said again; --check has nothing to find."""
    first = build()
    again = build()
    assert not made
    assert again.err.splitlines()[-1] == "out: up to date"
    assert [line for line in first.err.splitlines() if "warning" in line] == again.err.splitlines()[:-1]
    assert build("--check").status == 0
    known = build("--format", "json")
    made = build("--format", "json", "--force")  # is another build
    assert known.out == made.out
    assert made


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
def test_whatever_changes_is_built(what, build, site, made):
    """And the result is that of a build into a new folder."""
    build()
    CHANGES[what](site)
    assert build().status == 0
    assert made
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


def test_a_working_folder_that_is_gone(tmp_path):
    """A folder below it cannot be made; that is said as for any other."""
    (tmp_path / "gone").mkdir()
    command = f"cd {tmp_path}/gone && rmdir ../gone && {sys.executable} -m omerogen build -o out --only jdbc"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "internal error" not in done.stderr
    assert "out: cannot be " in done.stderr
