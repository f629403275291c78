"""A power cut keeps no order but that of ``fsync``: what may be left of a switch is all old or all new.

A model of a file system: names in a folder and bytes in a file are on the disk once they are synced, and
until then any part of them may be, in each folder up to another point. All operations of a real write are
recorded; then every state that the disk may be in after each of them is read as a reader would.
"""

from __future__ import annotations

import itertools
import os
import random
from pathlib import Path

import pytest

from support.writing import NEW, OLD, PATHS, contents, everything, names, put

MOST = 400  # states that are looked at after one operation; there may be more


class Disk:
    """What has been asked of a disk, and what it may hold. A file is a list: its bytes, synced or not."""

    def __init__(self, top: Path) -> None:
        self.top = str(top)
        #: Of each folder the changes of its names, in order, and how many are on the disk for sure.
        self.changes: dict[str, list[tuple[str, object]]] = {"": []}
        self.synced: dict[str, int] = {}
        self.files: dict[str, list] = {}
        for path in sorted(top.rglob("*")):
            self.add(str(path.relative_to(top)), path.is_dir() or ["synced", path.read_text()])
        for folder in self.changes:
            self.synced[folder] = len(self.changes[folder])

    def add(self, path: str, what: object) -> None:
        """A name has come, changed, or (None) gone. A folder is True."""
        folder, name = os.path.split(path)
        self.changes[folder].append((name, what))
        if what is True:
            self.changes.setdefault(path, [])
        if isinstance(what, list):
            self.files[path] = what

    def sync(self, path: str) -> None:
        """A folder or file is on the disk."""
        if path in self.changes:
            self.synced[path] = len(self.changes[path])
        elif path in self.files:
            self.files[path][0] = "synced"

    def states(self, rng: random.Random):
        """What may be found in each folder: sure changes, and those after them up to any."""
        pending = {
            folder: range(self.synced.get(folder, 0), len(changes) + 1)
            for folder, changes in self.changes.items()
        }
        count = 1
        for ends in pending.values():
            count *= len(ends)
        if count <= MOST:
            chosen = itertools.product(*pending.values())
        else:
            chosen = ([rng.choice(ends) for ends in pending.values()] for _ in range(MOST))
        for ends in chosen:
            yield {
                folder: dict(changes[:end])
                for (folder, changes), end in zip(self.changes.items(), ends, strict=True)
            }


def read(state: dict[str, dict[str, object]], path: str) -> str | None:
    """The file that a reader finds at a path, if any."""
    here = ""
    parts = path.split("/")
    while parts:
        name = parts.pop(0)
        if name == "..":
            here = os.path.dirname(here)
            continue
        found = state[here].get(name)
        if isinstance(found, str):
            parts = found.split("/") + parts
        elif found is True:
            here = f"{here}/{name}".strip("/")
        elif found is None:
            return None
        else:
            return found[1] if found[0] == "synced" else "garbage"
    return None


class Recorder:
    """Does what is asked of `os`, and has it noted by a disk; a call of ``seen`` after each operation."""

    def __init__(self, disk: Disk, seen) -> None:
        self.disk, self.seen = disk, seen

    def path(self, name: str, folder: int) -> str:
        return os.path.relpath(os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name), self.disk.top)

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        for name in "open write fsync link symlink replace unlink mkdir rmdir".split():
            patch.setattr(os, name, self.noted(getattr(os, name), getattr(self, name)))

    def noted(self, real, note):
        def operation(*arguments, **named):
            before = note(*arguments, **named)
            result = real(*arguments, **named)
            if before is not None:
                before()
                self.seen()
            return result

        return operation

    def open(self, name, flags, _mode=0, *, dir_fd=None):
        if not flags & os.O_CREAT:
            return None
        path = self.path(name, dir_fd)
        return lambda: self.disk.add(path, ["", ""])

    def write(self, file, data):
        path = self.path("", file).rstrip("/")
        return lambda: self.disk.files[path].__setitem__(1, self.disk.files[path][1] + bytes(data).decode())

    def fsync(self, file):
        path = self.path("", file)
        return lambda: self.disk.sync("" if path == "." else path)

    def link(self, source, target, *, src_dir_fd, dst_dir_fd, **_):
        source, target = self.path(source, src_dir_fd), self.path(target, dst_dir_fd)
        return lambda: self.disk.add(target, self.disk.files[source])

    def symlink(self, text, name, *, dir_fd):
        path = self.path(name, dir_fd)
        return lambda: self.disk.add(path, text)

    def replace(self, source, target, *, src_dir_fd, dst_dir_fd):
        source, target = self.path(source, src_dir_fd), self.path(target, dst_dir_fd)
        folder, name = os.path.split(source)
        what = dict(self.disk.changes[folder])[name]

        def note():
            self.disk.add(target, what)
            self.disk.add(source, None)

        return note

    def unlink(self, name, *, dir_fd):
        path = self.path(name, dir_fd)
        return lambda: self.disk.add(path, None)

    def rmdir(self, name, *, dir_fd):
        return self.unlink(name, dir_fd=dir_fd)

    def mkdir(self, name, _mode, *, dir_fd):
        path = self.path(name, dir_fd)
        return lambda: self.disk.add(path, True)


def build(state: dict[str, dict[str, object]], folder: Path, here: str = "") -> None:
    """Make a state of the disk anew, as far as it can be reached."""
    folder.mkdir()
    for name, what in state[here].items():
        if what is True:
            build(state, folder / name, f"{here}/{name}".strip("/"))
        elif isinstance(what, str):
            (folder / name).symlink_to(what)
        elif what is not None:
            (folder / name).write_text(what[1] if what[0] == "synced" else "")


def contents_of(state: dict[str, dict[str, object]]) -> dict[str, str]:
    """What a reader finds at the paths of both sets."""
    return {path: text for path in PATHS if (text := read(state, path)) is not None}


@pytest.mark.parametrize("new", [NEW, {**OLD, "b/c.conf": "changed\n"}], ids=["many", "one"])
def test_a_power_cut_leaves_all_old_or_all_new_files(new, quick_path):
    """Whatever was not synced when it happened; the next write puts it in order."""
    put(quick_path / "out", OLD)
    disk, rng = Disk((quick_path / "out").resolve()), random.Random(0)  # noqa: S311
    outcomes, kept = {"old": 0, "new": 0}, []

    def seen() -> None:
        for state in disk.states(rng):
            found = contents_of(state)
            assert found in (OLD, new)
            outcomes["new" if found == new else "old"] += 1
            if rng.random() < 0.02:
                kept.append(state)

    with pytest.MonkeyPatch.context() as patch:
        Recorder(disk, seen).patch(patch)
        put(quick_path / "out", new)
    assert min(outcomes.values()) > (100 if new is NEW else 0), outcomes
    for state in disk.states(rng):  # once the write is done, it is on the disk
        assert contents_of(state) == new
        assert not state[""].get(".omerogen")
    for number, state in enumerate(kept):
        build(state, quick_path / str(number))
        put(quick_path / str(number), new)
        assert everything(quick_path / str(number)).keys() == names(new)
        assert contents(quick_path / str(number)) == new
