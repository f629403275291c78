"""Several builds into one folder at once: one of them wins whole, and no entry of the manifest is lost."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.files import SITE

pytestmark = pytest.mark.slow

ROUNDS = 8
GRIDS = ("master:Blitz-0 a:Tables-0 b:Storm", "master:Blitz-0 c:Tables-0", "")


def started(out: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A build of the site that has begun."""
    command = [sys.executable, "-m", "omerogen", "build", "-c", str(SITE), "-o", str(out), *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finished(*processes: subprocess.Popen[bytes]) -> None:
    """Wait until all have ended well."""
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()


def files(out: Path) -> dict[str, str]:
    """The hash of each file but the manifest."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def told(out: Path) -> dict[str, str]:
    """What the manifest says of them."""
    entries = json.loads((out / "manifest.json").read_text())["files"]
    return {path: entry["sha256"] for path, entry in entries.items()}


def test_one_build_wins_whole(tmp_path):
    """With other nodes, other files: nothing of the others is left, and the manifest is the winner's."""
    sites = [
        ("--set", f"omero.server.nodedescriptors={grid}", "--set", f"omero.web.prefix=/{place}")
        for place, grid in enumerate(GRIDS)
    ]
    finished(*(started(tmp_path / str(place), *site) for place, site in enumerate(sites)))
    alone = [files(tmp_path / str(place)) for place in range(len(sites))]
    out = tmp_path / "out"
    for _ in range(ROUNDS):
        finished(*(started(out, *site) for site in sites))
        assert files(out) in alone
        assert told(out) == files(out)
        assert not (out / ".omerogen").exists()


def test_parts_that_are_built_at_once_are_all_there(tmp_path):
    """``--only`` of one artifact each: every one is in the manifest afterwards."""
    for place in range(3):
        out = tmp_path / str(place)
        finished(*(started(out, "--only", artifact) for artifact in ("jvm", "nginx", "icegrid", "jdbc")))
        assert told(out) == files(out)
        assert {path.partition("/")[0] for path in told(out)} == {"jvm", "nginx", "icegrid", "jdbc"}
