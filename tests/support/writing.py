"""Two sets of files that are written over each other, and what happens in the middle of it.

The operations that change a file system are wrapped in the real functions of `os`, so that something
can happen before or after each of them: a SIGKILL in a child process, an error, a pause.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omerogen.deploy import write
from omerogen.model import RenderedFile

OLD = {
    "b/c.conf": "old c\n",
    "b/secret.conf": "old secret\n",
    "a.conf": "old a, which is longer than the new one\n",
    "b/same.conf": "same\n",
    "b/gone.conf": "old, goes away\n",
}
NEW = {
    "a.conf": "new a\n",
    "b/c.conf": "new c\n",
    "b/secret.conf": "new secret\n",
    "b/same.conf": "same\n",
    "new/d/e.conf": "new e\n",
}
PRIVATE = {"b/secret.conf"}
PATHS = sorted(OLD.keys() | NEW.keys())


OPERATIONS = "open write fsync link symlink replace unlink mkdir rmdir fchmod fchown setxattr".split()
_REAL_OPEN, _REAL_WRITE = os.open, os.write


def put(folder: Path, files: dict[str, str], *, until_told: bool = False) -> write.Written:
    """Write one of the two sets; word of what changed may be kept."""
    outputs = tuple(RenderedFile(path, text, path in PRIVATE) for path, text in files.items())
    contents = outputs, tuple(path for path in PATHS if path not in files)
    return write.write_locked(str(folder), lambda: contents, lambda _: until_told)


def contents(folder: Path) -> dict[str, str]:
    """What a reader finds at the paths of both sets."""
    found = {}
    for path in PATHS:
        with contextlib.suppress(FileNotFoundError):
            found[path] = (folder / path).read_text()
    return found


def everything(folder: Path) -> dict[str, tuple[int, int, int]]:
    """All that is below a folder, with inode, mode and, of files, their time."""
    found = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        at = 0 if stat.S_ISDIR(status.st_mode) else status.st_mtime_ns
        found[str(path.relative_to(folder))] = (status.st_ino, status.st_mode, at)
    return found


def names(files: dict[str, str]) -> set[str]:
    """All that a folder holds with these files in it, and nothing else."""
    return {str(above) for path in files for above in (Path(path), *Path(path).parents)} - {"."}


class Operations:
    """Counts the operations, and does something at the one with a number, or at all from there on.

    ``chunk`` is how many bytes are written at once: few, as a disk does when it is nearly full.
    """

    def __init__(
        self,
        number: int,
        act: Callable[[], object],
        *,
        after: bool = False,
        on: bool = False,
        chunk: int = 5,
    ):
        self.number, self.act, self.after, self.on, self.chunk = number, act, after, on, chunk
        self.count = 0

    def wrapped(self, real: Callable) -> Callable:
        def operation(*arguments, **named):
            if real is _REAL_OPEN and not arguments[1] & os.O_CREAT:
                return real(*arguments, **named)
            if real is _REAL_WRITE:
                arguments = (arguments[0], arguments[1][: self.chunk])
            self.count += 1
            now = self.count == self.number or (self.on and self.count > self.number)
            if now and not self.after:
                self.act()
            try:
                return real(*arguments, **named)
            finally:
                if now and self.after:
                    self.act()

        return operation


@contextlib.contextmanager
def interfering(operations: Operations) -> Iterator[Operations]:
    """Watch all operations of this process while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OPERATIONS:
            patch.setattr(os, name, operations.wrapped(getattr(os, name)))
        patch.setattr(fcntl, "flock", operations.wrapped(fcntl.flock))
        yield operations


def start(work: Callable[[], object]) -> int:
    """Do something in a child process; its id."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return child


def ended(child: int) -> int:
    """The status that a child process ended with."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill() -> None:
    """End this process as a power cut does: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(number: int, folder: Path, *, after: bool = False, until_told: bool = False) -> int:
    """Write the new set in a child that is killed at an operation; its exit code."""

    def work() -> None:
        with interfering(Operations(number, kill, after=after)):
            put(folder, NEW, until_told=until_told)

    return ended(start(work))
