"""A set of files is switched at once: killed, failing or racing, readers have all old or all new ones."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import mmap
import os
import signal
import stat
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from omerogen.deploy import write
from omerogen.model import RenderedFile, WriteError
from support.programs import find, missing, run
from support.writing import (
    NEW,
    OLD,
    PATHS,
    PRIVATE,
    Operations,
    contents,
    ended,
    everything,
    interfering,
    kill,
    killed_at,
    names,
    put,
    start,
)


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_who_is_killed_leaves_all_old_or_all_new_files(after, quick_path):
    """At each operation in turn; what is left is compared rightly, and put in order by the next write."""
    outcomes = {"old": 0, "new": 0}
    for number in itertools.count(1):
        folder = quick_path / str(number)
        put(folder, OLD)
        before = everything(folder)
        if killed_at(number, folder, after=after) == 0:
            break
        found = contents(folder)
        assert found in (OLD, NEW), number
        outcomes["new" if found == NEW else "old"] += 1
        assert stat.S_IMODE((folder / "b/secret.conf").stat().st_mode) == 0o600
        _compares_rightly(folder, found)
        if number % 2 and found == OLD:  # the files that were there are there again, not copies
            assert put(folder, OLD).paths == ()
            assert everything(folder) == before
        put(folder, NEW)
        assert contents(folder) == NEW
        assert everything(folder).keys() == names(NEW)
        assert everything(folder)["b/same.conf"] == before["b/same.conf"]
    assert min(outcomes.values()) > 30, outcomes


def _compares_rightly(folder: Path, found: dict[str, str]) -> None:
    left = everything(folder)
    outputs = [RenderedFile(path, text, path in PRIVATE) for path, text in found.items()]
    assert write.compare(str(folder), outputs, [path for path in PATHS if path not in found]) == []
    other = NEW if found == OLD else OLD
    outputs = [RenderedFile(path, text, path in PRIVATE) for path, text in other.items()]
    differing = {path for path in PATHS if OLD.get(path) != NEW.get(path)}
    gone = [path for path in PATHS if path not in other]
    assert {one.path for one in write.compare(str(folder), outputs, gone)} == differing
    assert everything(folder) == left


@pytest.mark.slow
def test_who_is_killed_while_putting_in_order_leaves_no_mess_either(quick_path):
    """Recovery is killed at each of its operations, from before and from after the switch."""
    points = 0
    for first in (60, 95):
        for number in itertools.count(1):
            folder = quick_path / f"{first}-{number}"
            put(folder, OLD)
            assert killed_at(first, folder) != 0
            found = contents(folder)
            if killed_at(number, folder) == 0:
                break
            assert contents(folder) in (found, NEW)
            put(folder, NEW)
            assert (contents(folder), everything(folder).keys()) == (NEW, names(NEW))
            points += 1
    assert points > 60


@pytest.mark.slow
def test_who_is_killed_leaves_word_of_what_changed(quick_path):
    """Commands of `--reload` are the next run's then, also where it finds nothing to write."""
    differing = {path for path in PATHS if OLD.get(path) != NEW.get(path)}
    late = 0
    for number in itertools.count(1):
        folder = quick_path / str(number)
        put(folder, OLD)
        status = killed_at(number, folder, until_told=True)
        late += contents(folder) == NEW
        again = put(folder, NEW, until_told=True)
        assert differing <= {*again.paths}
        write.acknowledge(str(folder), again)
        assert put(folder, NEW, until_told=True).paths == ()
        assert everything(folder).keys() == names(NEW)
        if status == 0:
            break
    assert late > 20


def test_one_file_is_one_rename(quick_path):
    """A single file needs no link at any moment."""
    put(quick_path, OLD)
    changed = {**OLD, "a.conf": "changed\n"}
    operations = Operations(0, lambda: None)
    made = []
    with interfering(operations), pytest.MonkeyPatch.context() as patch:
        real = os.symlink
        patch.setattr(os, "symlink", lambda *words, **named: (made.append(words), real(*words, **named)))
        assert put(quick_path, changed).paths == ("a.conf",)
    assert (contents(quick_path), made) == (changed, [])
    assert everything(quick_path).keys() == names(changed)
    for number in range(1, operations.count + 1):

        def work(number: int = number) -> None:
            with interfering(Operations(number, kill)):
                put(quick_path, OLD)

        assert ended(start(work)) != 0
        assert contents(quick_path) in (OLD, changed)
        put(quick_path, changed)
        assert everything(quick_path).keys() == names(changed)


class Fault(Exception):
    """Stands for a signal that a program takes as an exception."""


def _raising(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


ERRORS = [
    *(OSError(number, os.strerror(number)) for number in (errno.ENOSPC, errno.EACCES, errno.EIO)),
    KeyboardInterrupt(),
    Fault(),
]


@pytest.mark.parametrize("error", ERRORS, ids=[type(error).__name__ for error in ERRORS])
def test_an_error_leaves_all_old_or_all_new_files_and_no_litter(error, quick_path):
    """At each operation in turn, with a message; files that are old again are the same as before."""
    outcomes = {"old": 0, "new": 0}
    folder = quick_path / "out"
    for number in itertools.count(1):
        put(folder, OLD)
        _take_away_empty(folder)
        before = everything(folder)
        with interfering(Operations(number, _raising(error))) as operations:
            try:
                put(folder, NEW)
            except WriteError as refused:
                assert (error.strerror or "") in str(refused)
                assert str(refused).startswith(str(folder))
                said = "holds the new files" if contents(folder) == NEW else "cannot be written"
                assert said in str(refused)
            except (KeyboardInterrupt, Fault):
                assert not isinstance(error, OSError)
        found = contents(folder)
        if operations.count < number:
            break
        outcomes["new" if found == NEW else "old"] += 1
        assert found in (OLD, NEW)
        if found == OLD:
            assert everything(folder) == before, number
        else:
            assert everything(folder).keys() == names(NEW), number
    assert min(outcomes.values()) > 30, outcomes


@pytest.mark.parametrize("number", range(1, 110, 8))
def test_the_journal_is_written_after_the_switch_only(number, quick_path):
    """Before it nothing has changed, and nothing is left of an error."""
    put(quick_path, OLD)
    error = OSError(errno.ENOSPC, "No space left on device")
    with contextlib.suppress(WriteError), interfering(Operations(number, _raising(error))):
        put(quick_path, NEW, until_told=True)
    found = contents(quick_path)
    assert everything(quick_path).keys() == names(found) | ({".omerogen-changed"} if found == NEW else set())


def _take_away_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def test_a_disk_that_breaks_for_good_leaves_all_old_or_all_new_files(quick_path):
    """From one operation on all fail, so that nothing can be tidied up: the next write does, once it can."""
    for number in itertools.count(1):
        folder = quick_path / str(number)
        put(folder, OLD)
        broken = OSError(errno.EROFS, "Read-only file system")
        with interfering(Operations(number, _raising(broken), on=True)) as operations:
            if operations_fail(folder) is None:
                break
        assert contents(folder) in (OLD, NEW)
        assert operations.count >= number
        put(folder, NEW)
        assert (contents(folder), everything(folder).keys()) == (NEW, names(NEW))
    assert number > 60


def operations_fail(folder: Path) -> str | None:
    """What is reported when the new set cannot be written; None if it can."""
    try:
        put(folder, NEW)
    except WriteError as refused:
        assert "Read-only file system" in str(refused)
        return str(refused)
    return None


@pytest.mark.slow
def test_old_files_are_copied_without_hard_links(quick_path):
    """Or where they are not allowed, as for the file of another user; killed at any moment as well."""

    def no_link(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", no_link)
        outcomes = set()
        for point in itertools.count(1):
            folder = quick_path / str(point)
            put(folder, OLD)
            if killed_at(point, folder) == 0:
                break
            found = contents(folder)
            assert found in (OLD, NEW)
            outcomes.add(str(found))
            put(folder, NEW)
            assert (contents(folder), everything(folder).keys()) == (NEW, names(NEW))
        assert len(outcomes) == 2


def test_missing_symbolic_links_are_reported(quick_path):
    """A set cannot be switched there; a single file can be."""

    def no_link(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    put(quick_path, OLD)
    before = everything(quick_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "symlink", no_link)
        with pytest.raises(WriteError, match="cannot be written: Symbolic links are not possible there"):
            put(quick_path, NEW)
        assert everything(quick_path) == before
        assert put(quick_path, {**OLD, "a.conf": "changed\n"}).paths == ("a.conf",)


def test_file_systems_without_locks_are_used_without(quick_path, monkeypatch):
    """As with some versions of NFS."""

    def no_lock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_lock)
    put(quick_path, NEW)
    assert contents(quick_path) == NEW


@pytest.mark.slow
def test_of_two_writers_at_once_one_wins_whole(quick_path):
    """Many rounds of two processes that start together, at first over no folder at all."""
    winners = {"old": 0, "new": 0}
    for number in range(60):
        folder = quick_path / str(number // 10)
        ready, go = os.pipe()

        def writer(files: dict[str, str], folder: Path = folder, ready: int = ready, go: int = go) -> None:
            os.close(go)
            os.read(ready, 1)
            put(folder, files)

        children = [start(partial(writer, files)) for files in (OLD, NEW)]
        os.close(go)
        os.close(ready)
        assert {ended(child) for child in children} == {0}
        found = contents(folder)
        assert found in (OLD, NEW)
        assert {path for path in everything(folder) if (folder / path).is_file()} == found.keys()
        winners["new" if found == NEW else "old"] += 1


def test_a_writer_who_waits_makes_the_folder_that_the_first_takes_away_again(quick_path):
    """The first fails, and leaves nothing; the second has locked what is no longer there."""
    folder = quick_path / "made" / "out"

    def first() -> None:
        def fail() -> None:
            time.sleep(0.3)
            raise OSError(errno.ENOSPC, "No space left on device")

        with interfering(Operations(4, fail, on=True)), contextlib.suppress(WriteError):
            put(folder, OLD)

    child = start(first)
    while not (folder.parent / ".out.omerogen").exists():
        time.sleep(0.001)
    time.sleep(0.05)
    put(folder, NEW)
    assert ended(child) == 0
    assert contents(folder) == NEW


CHANGING = [path for path in PATHS if OLD.get(path) != NEW.get(path)]


@pytest.mark.slow
def test_a_reader_sees_one_switch_and_no_more(quick_path):
    """Who reads all files over and over while they are written finds old ones, and then new ones."""
    put(quick_path, OLD)
    writing = mmap.mmap(-1, 4)  # shared with the child: how many sets it has begun to write

    def writer() -> None:
        with interfering(Operations(1, partial(time.sleep, 0.0002), on=True)):
            for number in range(1, 41):
                writing[:4] = number.to_bytes(4, "big")
                put(quick_path, NEW if number % 2 else OLD)

    child, passes, mixed = start(writer), 0, 0
    while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        began = writing[:4]
        seen = [_which(quick_path, path) for path in (*CHANGING, *CHANGING)]
        if writing[:4] != began:
            continue
        passes += 1
        mixed += len(set(seen)) == 2
        first = OLD if int.from_bytes(began, "big") % 2 else NEW
        in_order = sorted(seen, key=lambda which, first=first: which != ("old" if first is OLD else "new"))
        assert seen == in_order
    assert ended(child) == 0
    assert passes > 40


def _which(folder: Path, path: str) -> str:
    """Which set a file is of; what is not there is asked for again, by a reader who may have been stopped."""
    found = None
    for _ in range(2):
        with contextlib.suppress(FileNotFoundError):
            found = (folder / path).read_text()
            break
    return {OLD.get(path): "old", NEW.get(path): "new"}[found]


CALLS = "write fsync linkat symlinkat rename renameat renameat2 unlinkat mkdirat fchmod fchown flock".split()
_PROGRAM = """
import json, sys
from omerogen.deploy import write
from omerogen.model import RenderedFile
folder, files, removed = json.load(sys.stdin)
write.write(folder, [RenderedFile(*file) for file in files], removed)
"""


@pytest.mark.slow
def test_who_is_killed_in_any_system_call_leaves_all_old_or_all_new_files(quick_path):
    """As above, with the calls that the kernel sees: each of each kind. Python makes none to start."""
    strace, outcomes = find("strace"), {"old": 0, "new": 0}
    if run([strace, "-o", "/dev/null", "true"]).returncode:
        missing("an strace that may trace")
    outputs = [(path, text, path in PRIVATE) for path, text in NEW.items()]
    for call in CALLS:
        for number in itertools.count(1):
            folder = quick_path / f"{call}-{number}"
            put(folder, OLD)
            inject = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
            traced = [strace, "-qq", "-o", quick_path / "log", *inject, sys.executable, "-B", "-c", _PROGRAM]
            done = run(traced, input=json.dumps([str(folder), outputs, ["b/gone.conf"]]))
            found = contents(folder)
            assert found in (OLD, NEW), (call, number, done.stderr)
            put(folder, NEW)
            assert (contents(folder), everything(folder).keys()) == (NEW, names(NEW))
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL, done.stderr
            outcomes["new" if found == NEW else "old"] += 1
    assert min(outcomes.values()) > 30, outcomes
