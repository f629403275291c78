"""Facts about this machine: memory, from psutil and the cgroup files, and a temporary folder.

All memory is in MB of 1,000,000 bytes, as OMERO counts it.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from omerogen.model import Input, Location, Note, Place, unobserved

T = TypeVar("T")

#: OMERO's default for a machine without known memory.
FALLBACK_MB = 4000
FALLBACK = Location(Place.DEFAULT, "not detected: OMERO's default")
RAM = Location.host("RAM")
_FIRST_ORDINARY = 1024
_MB = 1_000_000
#: Where a version of cgroups is mounted, and the files below each group that hold its limit.
#: Systems that still have both versions mount the second below ``unified``. The statistics of
#: version 1 also give the smallest limit of the groups above, visible or not.
_LIMITS = {
    2: (("sys/fs/cgroup", "memory.max"), ("sys/fs/cgroup/unified", "memory.max")),
    1: (("sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("sys/fs/cgroup/memory", "memory.stat")),
}
#: Why most files of cgroups do not count.
NO_LIMIT = "no limit"
_UNREADABLE = "cannot be read"
#: Version 1 writes "no limit" as a number near 2**63.
_NO_LIMIT = 2**60
#: Assumed for a system that does not list its groups: a container at the root of either tree.
_UNTOLD = ("0::/", "1:memory:/")
#: Of Linux: no group has a longer path.
_LONGEST_PATH = 4096
_STATISTIC = "hierarchical_memory_limit"


class Memory(NamedTuple):
    """An amount of memory in MB and its source."""

    total_mb: int
    source: Location


class Ignored(NamedTuple):
    """A source of an amount of memory that is ignored, and the reason."""

    source: Location
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class Detection(NamedTuple):
    """The memory that counts, and what else was found."""

    memory: Memory
    ignored: tuple[Ignored, ...]


class _Odd(ValueError):
    """A value that is not a limit, or a path that is not a regular file."""


class Host:
    """The machine below a folder; each fact is looked up when it is first read, and then kept.

    The folder is ``/``, or where a container sees its host: ``proc`` and ``sys`` are read below it.
    """

    def __init__(self, root: str = "/", note: Note = unobserved) -> None:
        self._root = root
        self._note = note
        self._facts: dict[str, Any] = {}

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Host:
        """The machine that these options choose: ``host_root`` is its folder."""
        return cls(str(options.get("host_root") or "/"))

    def observed(self, note: Note) -> Host:
        """The same machine with its known facts; ``note`` is called with each one that is read."""
        host = Host(self._root, note)
        host._facts = self._facts
        return host

    def _fact(self, name: str, look_up: Callable[[], T]) -> T:
        self._note((Input.host(name),))
        if name not in self._facts:
            self._facts[name] = look_up()
        fact: T = self._facts[name]
        return fact

    @property
    def root(self) -> str:
        """The folder with ``proc`` and ``sys``."""
        return self._root

    @property
    def memory(self) -> Memory:
        """The smallest of the RAM and of the cgroup limits that are in force."""
        return self.detection.memory

    @property
    def detection(self) -> Detection:
        """The memory that counts, and what does not."""
        return self._fact("memory", self._detect)

    @property
    def is_container(self) -> bool:
        """Whether this is a container of Docker, Podman or Kubernetes, by the files that these put there."""
        marks = (".dockerenv", "run/.containerenv", "run/secrets/kubernetes.io")
        paths = [os.path.join(self._root, mark) for mark in marks]
        return self._fact("is_container", lambda: any(map(os.path.exists, paths)))

    @property
    def first_ordinary_port(self) -> int:
        """The first port that users other than root may listen on."""
        return self._fact("first_ordinary_port", self._first_ordinary_port)

    def _first_ordinary_port(self) -> int:
        lines = _lines(self._path("proc/sys/net/ipv4/ip_unprivileged_port_start")) or []
        return int(lines[0]) if lines and lines[0].strip().isdecimal() else _FIRST_ORDINARY

    @property
    def year(self) -> int:
        """The year in UTC."""
        return self._fact("year", lambda: time.gmtime().tm_year)

    def is_in_memory(self, folder: str) -> bool:
        """Whether what is in a folder takes memory, in place of a disk."""
        return self._fact(f"file system of {folder}", lambda: _file_system(folder)) in ("tmpfs", "ramfs")

    @property
    def temporary_folder(self) -> str:
        """Where programs put temporary files."""
        return self._fact("temporary_folder", _temporary_folder)

    def known(self, facts: Iterable[str] | None = None) -> dict[str, str] | None:
        """The texts of these facts, or of all that were looked up; None if one cannot be looked up again.

        Of the memory it is what counts: the groups without a limit are others in each session.
        """
        names = sorted(self._facts if facts is None else facts)
        if not all(hasattr(type(self), name) for name in names):
            return None
        return {name: repr(getattr(self, name)) for name in names}

    def describe(self, fact: str) -> tuple[str, Location]:
        """The text of a fact that was noted by this name, and its source; memory is in MB."""
        if fact == "memory":
            return f"{self.memory.total_mb} MB", self.memory.source
        return str(getattr(self, fact, self._facts.get(fact))), Location.host(self._root)

    def _detect(self) -> Detection:
        ignored: list[Ignored] = []
        ram = self._ram_bytes()
        if ram is None:
            ignored.append(Ignored(Location.host(self._path("proc/meminfo")), _UNREADABLE))
        found = [] if ram is None else [Memory(ram // _MB, RAM)]
        cgroup = self._path("proc/self/cgroup")
        groups = _lines(cgroup)
        if groups is None:
            ignored.append(Ignored(Location.host(cgroup), _UNREADABLE))
        for path in self._limit_files(groups):
            try:
                found.append(Memory(_limit(path, ram) // _MB, Location.host(path)))
            except FileNotFoundError:
                continue
            except _Odd as reason:
                ignored.append(Ignored(Location.host(path), str(reason)))
        smallest = min(found, key=lambda memory: memory.total_mb, default=Memory(FALLBACK_MB, FALLBACK))
        why = "larger than the effective limit"
        larger = [memory for memory in found if memory.total_mb > smallest.total_mb]
        ignored += [Ignored(source, f"{total_mb} MB, {why}") for total_mb, source in larger]
        return Detection(smallest, tuple(ignored))

    def _path(self, path: str, *parts: str) -> str:
        return os.path.join(self._root, path, *parts)

    def _ram_bytes(self) -> int | None:
        """The RAM from meminfo, as psutil has it; from psutil on a system without that file."""
        total = self._memtotal_bytes()
        if total is not None or self._root != "/":
            return total
        import psutil

        try:
            return int(psutil.virtual_memory().total) or None
        except (OSError, ValueError, KeyError, IndexError, RuntimeError):
            return None

    def _memtotal_bytes(self) -> int | None:
        for line in _lines(self._path("proc/meminfo")) or ():
            words = line.split()
            if words[:1] == ["MemTotal:"] and words[1:2] and re.fullmatch("[0-9]{1,15}", words[1]):
                return int(words[1]) * 1024 or None
        return None

    def _limit_files(self, groups: list[str] | None) -> Iterator[str]:
        """The files with the limit of this process's cgroup and of each above it, for both versions.

        A container that does not see its place in the tree sees its own limit at the root.
        """
        for line in _UNTOLD if groups is None else groups:
            hierarchy, _, rest = line.partition(":")
            controllers, _, group = rest.partition(":")
            parts = [part for part in group[:_LONGEST_PATH].split("/") if part not in ("", ".", "..")]
            version = 2 if hierarchy == "0" else 1 if "memory" in controllers.split(",") else 0
            for mount, name in _LIMITS.get(version, ()):
                for depth in range(len(parts), -1, -1):
                    yield self._path(mount, *parts[:depth], name)


def _file_system(folder: str) -> str:
    """The type of the file system that a folder is on."""
    import psutil

    mounts = {mount.mountpoint: mount.fstype for mount in psutil.disk_partitions(all=True)}
    folder = os.path.realpath(folder)
    while folder not in mounts and folder != "/":
        folder = os.path.dirname(folder)
    return mounts.get(folder, "")


def _temporary_folder() -> str:
    import tempfile

    try:
        return tempfile.gettempdir()
    except OSError:
        return "/tmp"  # noqa: S108 - what programs fall back to; nothing is put there by us


def _limit(path: str, ram: int | None) -> int:
    """The limit in a file, in bytes; `_Odd` with the reason if it is not one."""
    lines = _lines(path)
    if lines is None:
        if _is_absent(path):
            raise FileNotFoundError(path)
        raise _Odd(_UNREADABLE)
    text = " ".join(lines).strip()
    if os.path.basename(path) == "memory.stat":
        numbers = [line.split()[-1] for line in lines if line.startswith(f"{_STATISTIC} ")]
        if not numbers:
            raise _Odd(f"has no {_STATISTIC}")
        text = numbers[0]
    if text == "max":
        raise _Odd(NO_LIMIT)
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) < _MB:
        raise _Odd(f"not a limit: {text[:20]!r}")
    if int(text) >= _NO_LIMIT:
        raise _Odd(NO_LIMIT)
    if ram is not None and int(text) > ram:
        raise _Odd(f"{int(text) // _MB} MB, above the RAM")
    return int(text)


def _lines(path: str) -> list[str] | None:
    """The lines of a file; None if it cannot be read or is not a regular file (a pipe would block)."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(handle, encoding="utf-8", errors="replace") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            return file.read(65536).splitlines()
    except OSError:
        return None


def _is_absent(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False
