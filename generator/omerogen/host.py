"""What this machine has: memory, as psutil and the cgroup files tell it, and a temporary folder.

All memory is in MB of 1,000,000 bytes, as OMERO counts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

#: OMERO's own guess for a machine that tells nothing.
FALLBACK_MB = 4000
_MB = 1_000_000
#: Where a version of cgroups is mounted, and its file that holds the limit. Systems that
#: still have both versions mount the second below ``unified``.
_LIMITS = {
    2: (("sys/fs/cgroup", "memory.max"), ("sys/fs/cgroup/unified", "memory.max")),
    1: (("sys/fs/cgroup/memory", "memory.limit_in_bytes"),),
}


class Memory(NamedTuple):
    """An amount of memory in MB and what told it."""

    total_mb: int
    source: str


class Host:
    """The machine below ``root``; each fact is looked up when it is first asked for.

    ``root`` is ``/``, or where a container sees its host: ``proc`` and ``sys`` are
    read below it.
    """

    def __init__(self, root: str = "/") -> None:
        self.root = root

    @cached_property
    def memory(self) -> Memory:
        """The smallest of the RAM and of the cgroup limits that are in force."""
        known = list(self._amounts())
        return min(known, default=Memory(FALLBACK_MB, "OMERO's fallback"))

    @cached_property
    def temporary_folder(self) -> str:
        """Where programs put temporary files."""
        import tempfile

        return tempfile.gettempdir()

    def _amounts(self) -> Iterator[Memory]:
        ram = self._ram_bytes()
        if ram:
            yield Memory(ram // _MB, "RAM")
        for path in self._limit_files():
            limit = self._number(path)
            if limit is not None and (not ram or limit < ram):
                yield Memory(limit // _MB, path)

    def _ram_bytes(self) -> int | None:
        import psutil

        procfs = psutil.PROCFS_PATH
        psutil.PROCFS_PATH = os.path.join(self.root, "proc")
        try:
            return int(psutil.virtual_memory().total) or None
        except (OSError, ValueError, KeyError, RuntimeError):
            return None
        finally:
            psutil.PROCFS_PATH = procfs

    def _limit_files(self) -> Iterator[str]:
        """The limit of this process's cgroup and of each above it, for cgroup v2 and v1.

        A container that does not see its place in the tree sees its own limit at the root.
        """
        for line in self._lines(os.path.join(self.root, "proc/self/cgroup")):
            hierarchy, _, rest = line.partition(":")
            controllers, _, group = rest.partition(":")
            parts = [part for part in group.split("/") if part not in ("", ".", "..")]
            version = 2 if hierarchy == "0" else 1 if "memory" in controllers.split(",") else 0
            for mount, name in _LIMITS.get(version, ()):
                for depth in range(len(parts), -1, -1):
                    yield os.path.join(self.root, mount, *parts[:depth], name)

    def _number(self, path: str) -> int | None:
        text = "".join(self._lines(path)).strip()
        return int(text) if text.isdecimal() and len(text) < 20 else None

    @staticmethod
    def _lines(path: str) -> list[str]:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read(65536).splitlines()
        except OSError:
            return []
