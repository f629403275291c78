"""A folder that is not there yet: all files come with one rename, whoever else is at work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from omerogen.deploy import fresh, write
from omerogen.model import RenderedFile, WriteError

FILES = [RenderedFile("a/one", "1\n"), RenderedFile("b/c/two", "2\n", private=True)]


def put(folder: Path) -> list[str]:
    return write.write(str(folder), FILES)


def test_all_files_come_at_once_and_nothing_is_left_beside(tmp_path):
    """With the modes that they are to have, in folders that are made on the way."""
    assert put(tmp_path / "x/y/out") == ["a/one", "b/c/two"]
    assert (tmp_path / "x/y/out/b/c/two").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "x/y/out/a/one").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in (tmp_path / "x/y").iterdir()] == ["out"]
    assert put(tmp_path / "x/y/out") == []


@pytest.mark.parametrize("name", ["out", "out/", "./out", "deep/out", "../{here}/out"])
def test_a_folder_may_be_named_in_any_way(tmp_path, monkeypatch, name):
    """Relative to the working folder, too."""
    monkeypatch.chdir(tmp_path)
    put(name.replace("{here}", tmp_path.name))
    assert [path.read_text() for path in tmp_path.rglob("one")] == ["1\n"]


def test_an_error_leaves_nothing(tmp_path, monkeypatch):
    """Neither the folder, nor those that it would have been in, nor the one beside its place."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        put(tmp_path / "x/out")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_beside_goes_away(tmp_path):
    """It is taken over, whatever is in it."""
    left = tmp_path / ".out.omerogen/a"
    left.mkdir(parents=True)
    (left / "one").write_text("half")
    (left / "other").write_text("half")
    put(tmp_path / "out")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["one", "two"]


def test_a_link_beside_is_not_followed(tmp_path):
    """The folder is then made in its place, and the link stays."""
    (tmp_path / "trap").mkdir()
    (tmp_path / ".out.omerogen").symlink_to("trap")
    assert put(tmp_path / "out") == ["a/one", "b/c/two"]
    assert list((tmp_path / "trap").iterdir()) == []


def test_a_folder_that_somebody_makes_meanwhile_is_filled_as_any_other(tmp_path, monkeypatch):
    """With what is in it: the rename would have taken its place."""
    rename = os.rename

    def late(source, target, **where):
        (tmp_path / "out").mkdir()
        (tmp_path / "out/own").write_text("own")
        monkeypatch.setattr(os, "rename", rename)
        rename(source, target, **where)

    monkeypatch.setattr(os, "rename", late)
    assert put(tmp_path / "out") == ["a/one", "b/c/two"]
    assert (tmp_path / "out/own").read_text() == "own"
    assert not (tmp_path / fresh.beside("out")).exists()


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_no_folder_or_all_of_it(tmp_path):
    """And the next run makes it whole."""
    code = (
        "import sys\n"
        "from omerogen.deploy import write\n"
        "from omerogen.model import RenderedFile\n"
        "files = [RenderedFile(f'{n % 7}/{n}', 'x' * n) for n in range(60)]\n"
        "print('ready', flush=True)\n"
        "write.write(sys.argv[1], files)\n"
    )
    seen = set()
    for number in range(24):
        out = tmp_path / str(number) / "out"
        command = [sys.executable, "-c", code, str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(number * 0.0007)
            process.send_signal(signal.SIGKILL)
        count = sum(path.is_file() for path in out.rglob("*"))
        assert count in (0, 60)
        seen.add(out.exists())
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        assert sum(path.is_file() for path in out.rglob("*")) == 60
        assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert seen
