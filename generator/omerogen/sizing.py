"""All JVMs of a site beside each other: what they need, whether it fits, and what would fit.

Heaps are in MiB, as ``-Xmx`` counts them; memory of machines is in MB. What a JVM needs
besides its heap is an estimate from its flags and from the threads that OMERO runs; each
part says what it was taken from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from omerogen import memory
from omerogen.errors import ArtifactError, Problem
from omerogen.host import Memory
from omerogen.memory import MIB_IN_MB
from omerogen.settings import Settings

_UNITS = {"": 1 / 2**20, "k": 1 / 1024, "m": 1, "g": 1024, "t": 1024**2}
#: Threads of a service besides those that answer users: Ice's pools, the collector, timers.
_OTHER_THREADS = 30
_THREADS_PROPERTY = "omero.threads.max_threads"
#: The smallest heap that is worth advising, in MiB.
_SMALLEST_ADVISED = 64


class Region(NamedTuple):
    """A part of a JVM's memory besides its heap, in MiB, and what its size was taken from."""

    name: str
    mib: int
    source: str


class _Rule(NamedTuple):
    """A region: the flag that bounds it, and the estimate without that flag, in MiB."""

    name: str
    flag: str
    mib: int
    source: str


_RULES = (
    _Rule("metaspace", "-XX:MaxMetaspaceSize=", 100, "estimate for the classes of OMERO and its libraries"),
    _Rule("code cache", "-XX:ReservedCodeCacheSize=", 64, "estimate for compiled code"),
    _Rule("direct memory", "-XX:MaxDirectMemorySize=", 32, "estimate for network and file buffers"),
)


class Sizing(NamedTuple):
    """The memory that the JVMs of a machine share. ``besides`` is by service."""

    jvms: tuple[memory.Jvm, ...]
    besides: Mapping[str, tuple[Region, ...]]
    total: Memory

    @property
    def heaps_mib(self) -> int:
        """The sum of the heaps."""
        return sum(jvm.heap_mib or 0 for jvm in self.jvms)

    @property
    def besides_mib(self) -> int:
        """The sum of all else."""
        return sum(region.mib for regions in self.besides.values() for region in regions)

    @property
    def needed_mb(self) -> int:
        """What all JVMs need together."""
        return round((self.heaps_mib + self.besides_mib) * MIB_IN_MB)

    @property
    def left_mb(self) -> int:
        """What is left for all other programs; negative if it does not fit."""
        return self.total.total_mb - self.needed_mb

    @property
    def fits(self) -> bool:
        """Whether the JVMs fit into the memory there is."""
        return self.left_mb >= 0


def size(settings: Settings, jvms: Iterable[memory.Jvm], words: Mapping[str, tuple[str, ...]]) -> Sizing:
    """The sizing of these JVMs; ``words`` are those that a site puts behind OMERO's flags, by service."""
    final = tuple(_with_words(jvm, words[jvm.service]) for jvm in jvms)
    besides = {jvm.service: tuple(_regions(settings, words[jvm.service])) for jvm in final}
    # A service may have been told of another memory than the rest; they all live in the smallest.
    return Sizing(final, besides, min((jvm.total for jvm in final), key=lambda total: total.total_mb))


def _with_words(jvm: memory.Jvm, words: tuple[str, ...]) -> memory.Jvm:
    """The same JVM with the heap that java takes in the end: the last flag counts, also in append."""
    heap = memory.heap_in_words(words, jvm.total)
    return jvm if heap is None else jvm._replace(heap_mib=heap)


def _regions(settings: Settings, flags: tuple[str, ...]) -> Iterable[Region]:
    for rule in _RULES:
        bounded = _flag_mib(flags, rule.flag)
        yield (
            Region(rule.name, rule.mib, rule.source)
            if bounded is None
            else Region(rule.name, bounded, rule.flag)
        )
    threads = settings[_THREADS_PROPERTY] + _OTHER_THREADS
    stack = _flag_mib(flags, "-Xss")
    # Of a stack's usual 1 MiB, the system gives what is touched: about a quarter.
    each, source = (0.25, "touched of -Xss1m") if stack is None else (stack, "-Xss")
    yield Region(
        "thread stacks", round(threads * each), f"{threads} threads, from {_THREADS_PROPERTY}; {source}"
    )


def _flag_mib(flags: Iterable[str], flag: str) -> int | None:
    """The size that the last such flag sets, in MiB, at least 1; None without one."""
    found = [
        re.fullmatch(r"([0-9]{1,15})([kmgt]?)", word.removeprefix(flag).lower())
        for word in flags
        if word.startswith(flag)
    ]
    sizes = [max(1, round(int(match[1]) * _UNITS[match[2]])) for match in found if match]
    return sizes[-1] if sizes else None


def over_commitment(
    sizing: Sizing, settings: Settings, resize: Callable[[Settings], Sizing]
) -> Problem | None:
    """A warning if the JVMs do not fit, with settings that would; None if they do."""
    if sizing.fits:
        return None
    advised = fitting(sizing, settings, resize)
    advice = (
        "set " + " ".join(f"{name}={text}" for name, text in advised.items()) if advised else "add memory"
    )
    return Problem(
        sizing.total.source,
        f"the heaps take {sizing.heaps_mib} MiB and the JVMs about {sizing.besides_mib} MiB besides,"
        f" {sizing.needed_mb} MB in all; there are {sizing.total.total_mb} MB",
        advice,
        "memory-over-committed",
        tuple(advised) or ("omero.jvmcfg.heap_size",),
    )


def fitting(sizing: Sizing, settings: Settings, resize: Callable[[Settings], Sizing]) -> dict[str, str]:
    """Properties with which the JVMs fit, tried with the code that sizes them; empty if there are none.

    First OMERO's floor is lowered to the memory there is, which keeps the percentages;
    if that is not enough, each heap is made smaller by the same share.
    """
    floor = {"omero.jvmcfg.min_system_memory": str(sizing.total.total_mb)}
    for advised in (floor, _smaller_heaps(sizing)):
        try:
            if advised and resize(settings.changed(advised)).fits:
                return advised
        except ArtifactError:
            continue  # java would refuse a heap as small as that
    return {}


def _smaller_heaps(sizing: Sizing) -> dict[str, str]:
    room = int(sizing.total.total_mb / MIB_IN_MB) - sizing.besides_mib
    share = room / sizing.heaps_mib if sizing.heaps_mib else 0
    heaps = {jvm.service: int((jvm.heap_mib or 0) * share) for jvm in sizing.jvms}
    if min(heaps.values()) < _SMALLEST_ADVISED:
        return {}
    return {f"omero.jvmcfg.heap_size.{service}": f"{mib}m" for service, mib in heaps.items()}
