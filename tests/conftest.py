"""What all tests share: the command line in this process, and a profile for hypothesis."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from omerogen import cli
from omerogen.artifacts import rendering
from support.files import Result

# Machines are shared: an example that is slow once is not a failure. The same examples every time.
settings.register_profile("tests", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("tests")


@pytest.fixture
def omerogen(monkeypatch, capsysbinary, tmp_path_factory):
    """Run ``omerogen ARGUMENTS`` in this process, with no OMERO in its environment, and caches of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "caches"))
    for name in [name for name in os.environ if name.startswith("CONFIG_")] + ["OMERODIR", "OMERO_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")  # noqa: S108 - the name alone; nothing is put there

    def run(*arguments: object) -> Result:
        capsysbinary.readouterr()
        try:
            status = cli.main(list(map(str, arguments)))
        except SystemExit as end:  # argparse ends the process by itself
            status = int(end.code or 0)
        out, err = capsysbinary.readouterr()
        return Result(status, out.decode(), err.decode())

    return run


@pytest.fixture
def own_folder(omerogen, tmp_path, monkeypatch):  # noqa: ARG001 - its caches are those of all tests
    """The current folder, with caches that no other test has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path


@pytest.fixture
def made(monkeypatch):
    """The names of the artifacts that are made, as they are."""
    names: list[str] = []
    every = rendering.files

    def files(name, *arguments, **options):
        names.append(name)
        return every(name, *arguments, **options)

    monkeypatch.setattr(rendering, "files", files)
    return names


@pytest.fixture
def quick_path(tmp_path):
    """A folder in memory if there is one: it takes hundreds of calls of fsync in no time."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def pytest_addoption(parser):
    """``--update-golden`` writes the golden files anew: look at the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
