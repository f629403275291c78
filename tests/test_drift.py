"""What differs from what was built, and why; in colours on a terminal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import omerogen as package
from support.builds import BUILD, CHANGED, written_by_hand


@pytest.fixture
def out(omerogen, tmp_path) -> Path:
    """The folder that a build of the site wrote."""
    assert omerogen(*BUILD, "-o", tmp_path / "out").status == 0
    return tmp_path / "out"


def told(omerogen, out: Path, *more: object) -> dict[str, str]:
    """What ``--check`` says of each file that differs."""
    result = omerogen(*BUILD, "-o", out, "--check", *more)
    lines = [line.removeprefix(f"{out}/").partition(": ") for line in result.err.splitlines()]
    assert result.status == (1 if lines else 0)
    return {path: said for path, _, said in lines}


def test_nothing_differs_after_a_build(omerogen, out):
    """Exit 0, no word."""
    assert told(omerogen, out) == {}


def test_an_edit_by_hand_is_distinguished_from_a_changed_property(omerogen, out):
    """By the hash of what was written, and that of what would be."""
    written_by_hand(out, "jvm/flags.txt")
    assert told(omerogen, out) == {"jvm/flags.txt": "differs (edited by hand)"}
    because = "differs (properties changed: omero.db.host)"
    assert told(omerogen, out, "--only", "jvm,icegrid,jdbc", "--set", "omero.db.host=other") == {
        "jvm/flags.txt": "differs (edited by hand)",
        "icegrid/application.xml": because,
        "jdbc/url.txt": because,
        "manifest.json": "differs",
    }
    written_by_hand(out, "jdbc/url.txt")
    both = told(omerogen, out, "--set", "omero.db.host=other")["jdbc/url.txt"]
    assert both == "differs (edited by hand; properties changed: omero.db.host)"


def test_who_edited_by_hand_hears_of_it_when_it_is_lost(omerogen, out):
    """With what to do; a file that another program put there is reported as well."""
    written_by_hand(out, "jvm/flags.txt")
    (out / "icegrid/application.xml").write_text("ours")
    result = omerogen(*BUILD, "-o", out, *CHANGED)
    assert result.status == 0
    told = [
        line
        for line in result.err.splitlines()
        if "had been edited by hand; the edits were overwritten" in line
    ]
    assert sorted(line.partition(": ")[0] for line in told) == [
        f"{out}/icegrid/application.xml",
        f"{out}/jvm/flags.txt",
    ]
    assert "had been edited by hand; the edits were overwritten (change the properties" in told[0]
    assert "lost" not in omerogen(*BUILD, "-o", out).err


def test_options_are_recorded_like_properties(omerogen, out):
    """A port that only the command line knows."""
    found = told(omerogen, out, "--http", "8080")
    assert found["nginx/omero.conf"] == "differs (options changed: --http)"
    found = told(omerogen, out, "--omerodir", "/srv/omero")
    assert found["nginx/omero.conf"] == "differs (options changed: --omerodir)"


def test_a_newer_omerogen_is_reported(omerogen, out):
    """Where the text is another, and in the manifest; beside what else has changed."""
    path = out / "nginx/omero.conf"
    path.write_text(path.read_text().replace("Written by", "Made by"))
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["version"] = "0.0.1"
    manifest["files"]["nginx/omero.conf"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (out / "manifest.json").write_text(json.dumps(manifest))
    because = f"differs (written by omerogen 0.0.1, this is {package.__version__})"
    assert told(omerogen, out) == {"nginx/omero.conf": because, "manifest.json": because}
    changed = told(omerogen, out, *CHANGED)["nginx/omero.conf"]
    assert changed == f"differs (properties changed: omero.web.prefix; {because[9:]}"


def test_an_input_without_a_hash_is_named_if_there_is_no_other_reason(omerogen, tmp_path):
    """Secrets, which somebody could try; and the memory, of which some files do not depend."""
    out = tmp_path / "out"
    words = ("--set", "omero.web.server_list=[]", "-o", out)
    machine = ("--host-root", tmp_path)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 7812500 kB\n")
    omerogen("build", "--set", "omero.web.secret_key=a", *words, *machine)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9812500 kB\n")
    result = omerogen("build", "--check", "--set", "omero.web.secret_key=b", *words, *machine)
    assert f"{out}/jvm/flags.txt: differs (the machine changed)\n" in result.err
    assert f"{out}/django/omeroweb_settings.py: differs (a secret or the machine changed)\n" in result.err


def test_many_changes_are_counted(omerogen, out):
    """The first few are named."""
    last = ("page_size", "ping_interval", "prefix", "session_cookie_age", "viewer.initial_zoom_level")
    names = [f"omero.web.{name}" for name in ("debug", *last)]
    flags = [word for name in names for word in ("--set", f"{name}={'/1' if 'prefix' in name else 1}")]
    because = told(omerogen, out, *flags)["django/omeroweb_settings.py"]
    assert because == f"differs (properties changed: {', '.join(names[:5])} and 1 more)"


def test_what_no_build_wrote_has_no_reason(omerogen, out):
    """A folder without a manifest, or with one by hand."""
    written_by_hand(out, "jdbc/url.txt")
    for manifest in ("", "{}", '{"files": {"jdbc/url.txt": {"artifact": "jdbc"}}}'):
        (out / "manifest.json").write_text(manifest)
        assert told(omerogen, out)["jdbc/url.txt"].startswith("differs")


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "a\\ud800b",
        "a" * 300,
        "/".join("a" * 40),
        "a\\u0000b",
        ".omerogen/old",
        "../x",
        "/x",
        "nginx",
    ],
)
def test_a_manifest_by_hand_takes_nothing_away(path, omerogen, out):
    """A path that no build has written is not believed, and stands in nobody's way."""
    (out / "notes.txt").write_text("mine")
    (out / "manifest.json").write_text(f'{{"files": {{"{path}": {{"artifact": "nginx"}}}}}}')
    assert told(omerogen, out).keys() == {"manifest.json"}
    assert omerogen(*BUILD, "-o", out).status == 0
    assert (out / "notes.txt").read_text() == "mine"


def test_a_manifest_that_is_a_pipe_is_not_waited_for(omerogen, out):
    """No user may ever write into it."""
    (out / "manifest.json").unlink()
    os.mkfifo(out / "manifest.json")
    assert omerogen(*BUILD, "-o", out, "--check").status == 2


def test_an_edited_left_over_file_is_reported(omerogen, out):
    """Before it goes away."""
    gone = ("--set", "omero.web.application_server=development")
    assert told(omerogen, out, *gone)["nginx/omero.conf"] == "left over"
    written_by_hand(out, "nginx/omero.conf")
    assert told(omerogen, out, *gone)["nginx/omero.conf"] == "left over (edited by hand)"


def test_no_secret_and_no_hash_of_one_is_in_the_manifest(omerogen, tmp_path):
    """Somebody who reads the manifest could try passwords against a hash."""
    for password, folder in (("canary", "one"), ("other", "two")):
        omerogen(*BUILD, "-o", tmp_path / folder, "--set", f"omero.db.pass={password}")
    entries = [
        json.loads((tmp_path / folder / "manifest.json").read_text())["files"] for folder in ("one", "two")
    ]
    path = "jdbc/connection.properties"
    assert entries[0][path]["inputs"] == entries[1][path]["inputs"]
    assert "canary" not in (tmp_path / "one/manifest.json").read_text()


# Colours


def diff_on_a_terminal(out: Path, **environment: str) -> str:
    """What ``--diff`` prints on a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "omerogen", *map(str, BUILD), "-o", str(out), "--diff", *CHANGED]
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    with subprocess.Popen(
        command, stdout=theirs, stderr=subprocess.DEVNULL, env={**kept, **environment}
    ) as process:
        os.close(theirs)
        found = b""
        with contextlib.suppress(OSError):  # a terminal that nobody holds any more
            while chunk := os.read(ours, 65536):
                found += chunk
        os.close(ours)
        assert process.wait(60) == 0
    return found.decode()


def test_a_diff_is_coloured_only_on_a_terminal(omerogen, out):
    """Not in a file, and not for who does not want them."""
    assert "\x1b[" not in omerogen(*BUILD, "-o", out, "--diff", *CHANGED).out
    found = diff_on_a_terminal(out, TERM="xterm")
    assert "\x1b[32m+++ b/nginx/omero.conf\x1b[m" in found
    assert "\x1b[" not in diff_on_a_terminal(out, TERM="xterm", NO_COLOR="1")
    assert "\x1b[" not in diff_on_a_terminal(out, TERM="dumb")
