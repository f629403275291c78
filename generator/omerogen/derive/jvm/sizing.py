"""All JVMs of a site together: what they need, whether it fits, and sizes that would fit.

Heaps are in MiB, as in ``-Xmx``; memory of machines is in MB. What a JVM needs
besides its heap is an estimate from its flags and from the threads that OMERO runs; each
part says what it was taken from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from omerogen.catalog.jvm import JVMCFG_APPEND, JVMCFG_HEAP_SIZE, JVMCFG_MIN_SYSTEM_MEMORY
from omerogen.catalog.performance import THREADS_MAX_THREADS
from omerogen.derive.host import Memory
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.memory import MIB_IN_MB
from omerogen.model import ArtifactError, Place, Problem, Severity
from omerogen.settings import Settings
from omerogen.values.java import HEAP_FLAGS, flag_kib

#: Threads of a service besides those that answer users: Ice's pools, the collector, timers.
_OTHER_THREADS = 30
#: A thread's stack, unless -Xss says so; the system gives what is touched of it, about a quarter.
#: A smaller heap is of no use to a service of OMERO.
SMALLEST_MIB = 256
_STACK_KIB = 1024
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
    """The memory that the JVMs of a machine share. ``non_heap`` and ``instances`` are by service.

    There are ``instances`` JVMs of each service, all of the same size.
    """

    jvms: tuple[memory.Jvm, ...]
    non_heap: Mapping[str, tuple[Region, ...]]
    total: Memory
    instances: Mapping[str, int]

    @property
    def heaps_mib(self) -> int:
        """The sum of the heaps."""
        return sum(jvm.heap_mib * self.instances[jvm.service] for jvm in self.jvms)

    @property
    def non_heap_mib(self) -> int:
        """The sum of what the JVMs need outside their heaps, in MiB."""
        return sum(
            region.mib * self.instances[service]
            for service, regions in self.non_heap.items()
            for region in regions
        )

    @property
    def needed_mb(self) -> int:
        """The memory of all JVMs together."""
        return round((self.heaps_mib + self.non_heap_mib) * MIB_IN_MB)

    @property
    def left_mb(self) -> int:
        """The memory left for other programs; negative if the JVMs do not fit."""
        return self.total.total_mb - self.needed_mb

    @property
    def fits(self) -> bool:
        """Whether the JVMs fit into the memory there is."""
        return self.left_mb >= 0


def size(
    settings: Settings,
    jvms: Iterable[memory.Jvm],
    words: Mapping[str, tuple[str, ...]],
    total: Memory,
    instances: Mapping[str, int],
) -> Sizing:
    """The sizing of these JVMs, ``instances`` of each, which share ``total``.

    ``words`` are the flags that a site adds after OMERO's, by service: java uses the last.
    """
    final = tuple(
        jvm._replace(heap_mib=memory.heap_of((jvm.heap, *words[jvm.service]), jvm.total)) for jvm in jvms
    )
    non_heap = {jvm.service: tuple(_regions(settings, words[jvm.service])) for jvm in final}
    return Sizing(final, non_heap, total, instances)


def _regions(settings: Settings, words: tuple[str, ...]) -> Iterable[Region]:
    for rule in _RULES:
        kib = flag_kib(words, rule.flag)
        yield (
            Region(rule.name, rule.mib, rule.source)
            if kib is None
            else Region(rule.name, _mib(kib), rule.flag.rstrip("="))
        )
    threads = settings[THREADS_MAX_THREADS] + _OTHER_THREADS
    stack = flag_kib(words, "-Xss") or _STACK_KIB
    source = f"{threads} threads, from {THREADS_MAX_THREADS.name}; a quarter of {stack} KiB"
    yield Region("thread stacks", _mib(threads * stack // 4), source)


def _mib(kib: int) -> int:
    return -(-kib // 1024)


def over_commitment(
    sizing: Sizing, settings: Settings, resize: Callable[[Settings], Sizing]
) -> Problem | None:
    """A warning if the JVMs do not fit, with settings that would; None if they do."""
    if sizing.fits:
        return None
    advised = fitting(sizing, settings, resize)
    running = [jvm for jvm in sizing.jvms if sizing.instances[jvm.service]]
    own = [name for jvm in running if (name := _own_heap(settings, jvm))]
    if advised:
        advice = "set " + " ".join(f"{name}={text}" for name, text in advised.items())
    else:
        advice = f"take the heap out of {', '.join(dict.fromkeys(own))}" if own else "add memory"
    is_set = sizing.total.source.kind is Place.PROPERTY
    here = "" if is_set else " on this machine"
    return Problem(
        sizing.total.source,
        f"the heaps take {sizing.heaps_mib} MiB and the JVMs about {sizing.non_heap_mib} MiB besides,"
        f" {sizing.needed_mb} MB in all; there are {sizing.total.total_mb} MB{here}",
        advice,
        "memory-over-committed",
        tuple(advised) or (JVMCFG_HEAP_SIZE.name,),
        # The memory that is detected may not be that of the site's machine.
        Severity.ERROR if is_set else Severity.WARNING,
    )


def fitting(sizing: Sizing, settings: Settings, resize: Callable[[Settings], Sizing]) -> dict[str, str]:
    """Properties with which the JVMs fit, tried with the code that sizes them; empty if there are none.

    First OMERO's floor is lowered to the memory there is, which keeps the percentages;
    if that is not enough, each heap is made smaller by the same share.
    """
    floor = {JVMCFG_MIN_SYSTEM_MEMORY.name: str(sizing.total.total_mb)}
    for advised in (floor, _smaller_heaps(sizing)):
        try:
            if advised and resize(settings.changed(advised)).fits:
                return advised
        except ArtifactError:
            continue  # java would refuse a heap as small as that
    return {}


def _smaller_heaps(sizing: Sizing) -> dict[str, str]:
    """Heap sizes that fill the room there is: each heap loses the same share, but none gets too small."""
    room = int(sizing.total.total_mb / MIB_IN_MB) - sizing.non_heap_mib
    heaps = {jvm.service: jvm.heap_mib for jvm in sizing.jvms if sizing.instances[jvm.service]}

    def taken(mibs: Mapping[str, int]) -> int:
        return sum(mib * sizing.instances[service] for service, mib in mibs.items())

    kept = {service: mib for service, mib in heaps.items() if mib <= _SMALLEST_ADVISED}
    while rest := {service: mib for service, mib in heaps.items() if service not in kept}:
        share = (room - taken(kept)) / taken(rest)
        smaller = {service: int(mib * share) for service, mib in rest.items()}
        too_small = {service: _SMALLEST_ADVISED for service in rest if smaller[service] < _SMALLEST_ADVISED}
        if not too_small:
            return _heap_sizes(smaller)
        kept |= too_small
    if taken(kept) > room:
        return {}
    return _heap_sizes({service: mib for service, mib in kept.items() if mib != heaps[service]})


def in_proportion(sizing: Sizing) -> dict[str, int]:
    """The heaps of the JVMs that run, in MiB: as they are if they fit, else smaller by the same share.

    None is below `SMALLEST_MIB`.
    """
    heaps = {jvm.service: jvm.heap_mib for jvm in sizing.jvms if sizing.instances[jvm.service]}
    if sizing.fits or not heaps:
        return heaps
    room = int(sizing.total.total_mb / MIB_IN_MB) - sizing.non_heap_mib
    return {service: max(SMALLEST_MIB, int(mib * room / sizing.heaps_mib)) for service, mib in heaps.items()}


def _heap_sizes(mibs: Mapping[str, int]) -> dict[str, str]:
    """The properties that set these heaps."""
    return {JVMCFG_HEAP_SIZE.for_service(service).name: f"{mib}m" for service, mib in mibs.items()}


def _own_heap(settings: Settings, jvm: memory.Jvm) -> str:
    """The property in which a site adds a heap size after OMERO's; empty without one."""
    row = memory.deciding(settings, JVMCFG_APPEND, jvm.service)
    words: tuple[str, ...] = settings[row]
    return row.name if flag_kib(words, *HEAP_FLAGS) is not None else ""
