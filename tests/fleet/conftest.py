"""Many sites in one run: sources of sites, and the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from support.files import Result
from support.fleets import write_source


@pytest.fixture
def institute(tmp_path, monkeypatch):
    """A folder with the sources of three sites, which is the working folder, and caches of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in [name for name in os.environ if name.startswith("CONFIG_")] + ["OMERODIR", "OMERO_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "sites").mkdir()
    for number, name in enumerate("abc"):
        write_source(tmp_path, name, port=4080 + number)
    return tmp_path


@pytest.fixture
def build(institute):
    """Run ``omerogen build ARGUMENTS`` for all sources of the folder."""

    def run(*arguments: object, sites: str | None = "sites/*.properties") -> Result:
        named = ("--sites", sites) if sites else ()
        command = [sys.executable, "-m", "omerogen", "build", *named, *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, cwd=institute, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run
