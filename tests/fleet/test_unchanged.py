"""A site of which nothing has changed is not built again; whatever changes, it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from support.fleets import files, write_source

STATEMENT = "3 sites: 3 up to date"


@pytest.mark.usefixtures("institute")
def test_unchanged_sites_are_not_rendered():
    """The result says so, and is that of a build that changes nothing."""
    code = (
        "import omerogen\n"
        "for _ in range(2):\n"
        "    for result in omerogen.build_sites('sites/*.properties', only='jdbc'):\n"
        "        print(result.name, result.is_skipped, result.built.unchanged)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    first, again = done.stdout.splitlines()[:3], done.stdout.splitlines()[3:]
    assert [line.split()[:2] for line in first] == [[name, "False"] for name in "abc"]
    assert again == [
        f"{name} True ('jdbc/connection.properties', 'jdbc/url.txt', 'manifest.json')" for name in "abc"
    ]


def test_a_pipe_in_the_place_of_a_record_is_passed_over(build, institute):
    """Nobody reads it, and nobody waits for that."""
    assert build("--only", "jdbc").status == 0
    for path in (institute / "caches/omerogen").iterdir():
        path.unlink()
        os.mkfifo(path)
    assert build("--only", "jdbc").err.endswith(f"{STATEMENT}\n")


def edit(path, text="# by hand\n"):
    with path.open("a") as file:
        file.write(text)


CHANGES = {
    "a property": lambda here: write_source(here, "b", port=4091),
    "a comment of its source": lambda here: edit(here / "sites/b.properties"),
    "a file by hand": lambda here: edit(here / "out/b/nginx/omero.conf"),
    "a file that is gone": lambda here: (here / "out/b/jvm/flags.txt").unlink(),
    "a private file that is open": lambda here: (here / "out/b/jdbc/connection.properties").chmod(0o644),
    "a folder that all may write in": lambda here: (here / "out/b/nginx").chmod(0o777),
    "a manifest that others may read": lambda here: (here / "out/b/manifest.json").chmod(0o644),
    "the manifest": lambda here: edit(here / "out/b/manifest.json", "\n"),
    "a folder that is gone": lambda here: shutil.rmtree(here / "out/b"),
    "a file that became a link": lambda here: _link(here / "out/b/nginx/omero.conf"),
    "a record that is damaged": lambda here: [
        path.write_text("{") for path in (here / "caches/omerogen").iterdir()
    ],
    "records that are gone": lambda here: shutil.rmtree(here / "caches"),
}


def _link(path):
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved").name)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_gives_what_a_build_without_records_gives(build, institute, monkeypatch, change):
    """The same files, messages and exit status."""
    assert build().status == 0
    CHANGES[change](institute)
    shutil.copytree(institute / "out", institute / "copy", symlinks=True)
    found = build()
    after = files(institute / "out")
    shutil.rmtree(institute / "out")
    (institute / "copy").rename(institute / "out")
    monkeypatch.setenv("XDG_CACHE_HOME", str(institute / "none"))
    expected = build()
    assert (found.status, found.err) == (expected.status, expected.err)
    assert after == files(institute / "out")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--set", "omero.web.prefix=/x"),
        ("--tls", "nginx", "--certificate", "/c.pem", "--certificate-key", "/k.pem"),
        ("--only", "nginx"),
        ("--omerodir", "/opt/other"),
    ],
)
def test_other_arguments_build_again(build, institute, arguments):
    """As in a run of one site."""
    assert build().status == 0
    result = build(*arguments)
    assert result.status == 0, result.err
    assert "3 sites: 3 up to date" not in result.err or arguments[0] == "--only"
    alone = build(*arguments, "-c", "sites/a.properties", "-o", "alone", sites=None)
    assert alone.status == 0
    expected = files(institute / "alone")
    assert {path: files(institute / "out/a")[path] for path in expected if path != "manifest.json"} == {
        path: text for path, text in expected.items() if path != "manifest.json"
    }


def test_a_secret_in_a_file_builds_again(build, institute):
    """Its content is an input, and is in no record."""
    secret = institute / "password"
    secret.write_text("before-4711")
    edit(institute / "sites/b.properties", f"omero.db.pass=file:{secret}\n")
    assert build().status == 0
    assert build().err.endswith(f"{STATEMENT}\n")
    secret.write_text("after-4712")
    assert "b: changed icegrid/application.xml, jdbc/connection.properties" in build().err
    assert "after-4712" in (institute / "out/b/jdbc/connection.properties").read_text()
    records = [path.read_text() for path in (institute / "caches/omerogen").iterdir()]
    assert not any("4711" in text or "4712" in text for text in records)


def test_a_file_that_a_command_loads_builds_again(build, institute):
    """And a file that comes to a folder of commands."""
    (institute / "x/one").mkdir(parents=True)
    (institute / "x/one/01.omero").write_text("config load ../../more\n")
    (institute / "more").write_text("omero.db.host=db1\n")
    for host in ("db1", "db2"):
        (institute / "more").write_text(f"omero.db.host={host}\n")
        assert build("--only", "jdbc", sites="x/*").status == 0
        assert host in (institute / "out/one/jdbc/url.txt").read_text()
    (institute / "x/one/02.omero").write_text("config set omero.db.host db3\n")
    assert build("--only", "jdbc", sites="x/*").status == 0
    assert "db3" in (institute / "out/one/jdbc/url.txt").read_text()


def test_another_memory_builds_again(build, institute):
    """Where the heaps are a part of that of the machine."""
    for name in "abc":
        path = institute / f"sites/{name}.properties"
        path.write_text(path.read_text().replace("omero.jvmcfg.system_memory=16000\n", ""))
    for gib in (8, 16):
        (institute / "host/proc").mkdir(parents=True, exist_ok=True)
        (institute / "host/proc/meminfo").write_text(f"MemTotal: {gib * 1024**2} kB\n")
        result = build("--host-root", "host")
        assert result.status == 0
        assert "up to date" not in result.err
    assert build("--host-root", "host").err.endswith(f"{STATEMENT}\n")


def test_warnings_are_said_again(build, institute):
    """Silence would look as if they had been dealt with."""
    edit(institute / "sites/b.properties", "omero.db.prot=1\n")
    first, again = build(), build()
    warnings = [line for line in first.err.splitlines() if "warning" in line]
    assert warnings
    assert [line for line in again.err.splitlines() if "warning" in line] == warnings
    assert again.err.endswith(f"{STATEMENT}\n")


def test_a_hook_that_failed_runs_again(build, institute):
    """Though no file changes."""
    assert build().status == 0
    write_source(institute, "b", port=4092)
    failed = build("--reload", "test -e reloaded")
    assert failed.status == 1
    assert "b: --reload: the command ended with 1" in failed.err
    (institute / "reloaded").touch()
    assert build("--reload", "touch ran").status == 0
    assert (institute / "ran").exists()


def test_records_are_for_their_owner_alone(build, institute):
    """They have hashes of secrets in them; others may not write them either."""
    assert build().status == 0
    folder = institute / "caches/omerogen"
    assert folder.stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {0o600}
    for path in folder.iterdir():
        path.chmod(0o666)
    assert build().err.endswith(f"{STATEMENT}\n")  # built, and found to be the same
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_caches_that_cannot_be_written_cost_time_alone(build, institute):
    """Nothing is said of them. Root may write into any folder, but not below a file."""
    (institute / "caches").write_text("")
    assert build().status == build().status == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives files away")
def test_another_owner_of_a_source_builds_again(build, institute):
    """Root reads its secrets with the rights of that user, who may not read them."""
    secret = institute / "password"
    secret.write_text("canary")
    secret.chmod(0o600)
    edit(institute / "sites/b.properties", f"omero.db.pass=file:{secret}\n")
    build()
    os.chown(institute / "sites/b.properties", 65534, 65534)
    result = build()
    assert result.status == 1
    assert "rights of uid 65534" in result.err
