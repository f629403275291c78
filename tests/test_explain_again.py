"""Explaining a property again is quick, and says what explaining it for the first time would say."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NAME = "omero.web.prefix"


@pytest.fixture
def site(own_folder):
    """A folder with a site."""
    (own_folder / "site.properties").write_text(f"{NAME}=/omero\nomero.db.host=db\n")
    return own_folder


@pytest.fixture
def explain(omerogen, site, made):  # noqa: ARG001 - it is in the current folder
    """Explain properties of the site; ``made`` are the artifacts that were made for it."""

    def explain(*arguments):
        made.clear()
        done = omerogen("explain", "-c", "site.properties", "--format", "json", *arguments)
        assert done.status == 0, done.err
        return done.out

    return explain


def kept(site):
    """The files that are kept of explanations."""
    return list((site / "caches/omerogen").glob("reach-*"))


def test_the_second_time_nothing_is_made(explain, made):
    """Of another property only the artifacts that were not made yet."""
    first = explain(NAME)
    assert made == ["nginx", "django", "gunicorn"]
    assert explain(NAME) == first
    assert made == []
    explain("omero.db.host")
    assert made == ["icegrid", "jdbc"]


@pytest.mark.usefixtures("own_folder")
def test_the_second_time_little_is_imported():
    """Nothing that makes artifacts, and no library that takes milliseconds."""
    code = f"from omerogen import cli; cli.main(['explain', '{NAME}', '--set', '{NAME}=/omero'])"
    code += "\nimport sys; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    first, again = (
        subprocess.run(command, capture_output=True, text=True, timeout=60, check=True) for _ in range(2)
    )
    unneeded = {"hashlib", "shlex", "zlib", "omerogen.artifacts.base", "omerogen.templating.escape"}
    assert "omerogen.templating.escape" in first.stdout.split()
    assert not unneeded & set(again.stdout.split())


def edit(site, text):
    with (site / "site.properties").open("a") as file:
        file.write(text)


def forge(site):
    for path in kept(site):
        path.write_text(path.read_text().replace("nginx/omero.conf", "nginx/forged.conf"))
        path.chmod(0o666)


CHANGES = {
    "a property": lambda site: edit(site, f"{NAME}=/images\n"),
    "its line": lambda site: (site / "site.properties").write_text(f"\n{NAME}=/omero\n"),
    "a line that is written": lambda site: edit(site, 'omero.web.nginx_server_extra_config=["#"]\n'),
    "a value that is refused": lambda site: edit(site, f"{NAME}=a b\n"),
    "an option": lambda site: (site / "omerogen.toml").write_text('upstream = "127.0.0.1:4999"\n'),
    "what is kept, by another user": forge,
    "what is kept, to nonsense": lambda site: [path.write_text("[1]") for path in kept(site)],
    "what is kept, to another shape": lambda site: [path.write_text('{"key": 1}') for path in kept(site)],
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_is_seen(what, explain, site, made, monkeypatch):
    """The answer is that of a run without caches."""
    explain(NAME)
    CHANGES[what](site)
    answer = explain(NAME)
    assert made
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    assert answer == explain(NAME)


def test_the_memory_of_the_machine_counts(explain, site, made):
    """It decides about lines of flags."""
    for kib in (16_000_000, 2_000_000):
        meminfo = site / f"{kib}/proc/meminfo"
        meminfo.parent.mkdir(parents=True)
        meminfo.write_text(f"MemTotal: {kib} kB\n")
        (site / "omerogen.toml").write_text(f'host-root = "{meminfo.parent.parent}"\n')
        explain("omero.jvmcfg.percent.blitz")
        assert made


def test_nobody_else_reads_what_is_kept(explain, site):
    """There are no values in it, but the hash of the source that may have secrets."""
    edit(site, "omero.db.pass=canary-4711\n")
    explain("omero.*")
    (path,) = kept(site)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "canary" not in path.read_text()
    assert json.loads(path.read_text())["reached"]


def test_a_secret_in_a_file_is_read_again(explain, site, made):
    """Its content is not in the source."""
    (site / "secret").write_text("first")
    edit(site, f"omero.web.secret_key=file:{site}/secret\n")
    explain("omero.web.secret_key")
    (site / "secret").write_text("second")
    explain("omero.web.secret_key")
    assert "django" in made
