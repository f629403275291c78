"""A process that is killed while it fills in templates leaves the old set of files or the new one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import omerogen
from omerogen.deploy.write import write
from omerogen.model import RenderedFile
from omerogen.rewriting import fill
from support.installation import SHIPPED
from support.writing import Operations, ended, interfering, kill, start

OLD = {"omero.jvmcfg.system_memory": "16000"}
#: Every file of the set changes.
NEW = {
    **OLD,
    "omero.ports.prefix": "1",
    "omero.master.host": "om.example.org",
    "omero.glacier2.IceSSL.Password": "secret",
    "omero.server.nodedescriptors": "master:Blitz-0,Storm worker1:Tables-0",
}


def filled(overrides: dict[str, str]) -> tuple[RenderedFile, ...]:
    """The templates, filled in."""
    return fill(str(SHIPPED), omerogen.load(overrides=overrides), {}).files


def contents(etc: Path) -> dict[str, str]:
    """What IceGrid finds, if it looks now; what is not OMERO's templates among it."""
    return {
        str(path.relative_to(etc)): path.read_bytes().decode()
        for path in sorted(etc.rglob("*"))
        if path.is_file() and ".omerogen" not in path.parts
    }


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> tuple[Path, dict[str, str], dict[str, str]]:
    """A folder with the old set and with files of others beside it, and what old and new sets hold."""
    folder = tmp_path_factory.mktemp("sets")
    found = []
    for name, overrides in (("old", OLD), ("new", NEW)):
        (folder / name / "grid").mkdir(parents=True)
        (folder / name / "grid/config.xml").write_text("OMERO's own")
        (folder / name / "logback.xml").write_text("OMERO's own")
        write(str(folder / name), filled(overrides))
        found.append(contents(folder / name))
    return folder / "old", *found


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_file_operation_leaves_one_whole_set(after, sets, quick_path):
    """Before each operation on a file, and after it; the next run puts all in order."""
    shipped, old, new = sets
    assert sum(old[path] != new[path] for path in old) == 7
    outputs = filled(NEW)
    outcomes = []
    for number in range(1, 1000):
        etc = quick_path / "etc"
        shutil.copytree(shipped, etc)

        def work(etc: Path = etc, number: int = number) -> None:
            with interfering(Operations(number, kill, after=after, chunk=4096)):
                write(str(etc), outputs)

        status = ended(start(work))
        found = contents(etc)
        assert found in (old, new), number
        outcomes.append(found == new)
        write(str(etc), outputs)
        assert contents(etc) == new
        assert not (etc / ".omerogen").exists()
        shutil.rmtree(etc)
        if status == 0:
            break
    assert len(outcomes) > 100
    assert outcomes == sorted(outcomes)  # once they are new, they stay new
    assert len(set(outcomes)) == 2
