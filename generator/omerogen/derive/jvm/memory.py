"""Heap sizes of OMERO's JVMs: plain arithmetic on settings and a machine's memory.

The algorithm is OMERO's. Memory is in MB of 1,000,000 bytes, but the value
of ``-Xmx`` is in MiB: OMERO uses the same number for both, and so does this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from omerogen.catalog.jvm import (
    JVMCFG_HEAP_SIZE,
    JVMCFG_MAX_SYSTEM_MEMORY,
    JVMCFG_MIN_SYSTEM_MEMORY,
    JVMCFG_PERCENT,
    JVMCFG_STRATEGY,
    JVMCFG_SYSTEM_MEMORY,
    SERVICES,
)
from omerogen.derive.host import Memory
from omerogen.model import ArtifactError, Location, Problem, Property
from omerogen.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.java import HEAP_FLAGS, JVM_SIZE, flag_kib, heap_percent

T = TypeVar("T")

_DEFAULT_PERCENT = {"blitz": 15, "indexer": 10, "pixeldata": 15, "repository": 10}
_DEFAULT_HEAP_SIZE = "512m"
MIB_IN_MB = 1.048576


class Jvm(NamedTuple):
    """The sizing of one service's JVM.

    - ``heap``: the flag that sets the heap; ``heap_mib`` its size.
    - ``percent``: of the active memory; None where a heap size was set instead.
    - ``total``: the memory the service may count on; ``active_mb`` the part OMERO counts with.
    """

    service: str
    strategy: str
    percent: int | None
    total: Memory
    active_mb: int
    heap: str
    heap_mib: int


def deciding(settings: Settings, row: Property[T], service: str) -> Property[T]:
    """The property that decides a JVM setting of a service: its own, else the one for all."""
    own = row.for_service(service)
    return own if settings.is_set(own) else row


def decided(settings: Settings, row: Property[T], service: str) -> T:
    """The value that a JVM setting has for a service."""
    return settings[deciding(settings, row, service)]


def size_all(
    settings: Settings, memory: Callable[[], Memory], services: Iterable[str] = SERVICES
) -> list[Jvm]:
    """The sizing of each service; `ArtifactError` with all heaps that java would refuse.

    ``memory`` returns the machine's memory; it is called only if the settings do not set it.
    """
    jvms: list[Jvm] = []
    problems: list[Problem] = []
    for service in services:
        try:
            jvms.append(size(settings, memory, service))
        except ArtifactError as error:
            problems += error.problems
    if problems:
        raise ArtifactError(problems)
    return jvms


def size(settings: Settings, memory: Callable[[], Memory], service: str) -> Jvm:
    """The sizing of one service's JVM."""
    heap = heap_flag(settings, memory, service)
    total = total_memory(settings, memory, service)
    return Jvm(
        service,
        decided(settings, JVMCFG_STRATEGY, service),
        percent_of(settings, service),
        total,
        active_mb(settings, total, service),
        heap,
        heap_of((heap,), total),
    )


def heap_flag(settings: Settings, memory: Callable[[], Memory], service: str) -> str:
    """The flag that sets the heap of a service; only what decides it is read."""
    heap = decided(settings, JVMCFG_HEAP_SIZE, service)
    if heap is not None:
        return heap
    percent = _percent(settings, service)
    if percent is None:
        return JVM_SIZE.parse(_DEFAULT_HEAP_SIZE)
    return _percent_heap(settings, service, total_memory(settings, memory, service), percent)


def percent_of(settings: Settings, service: str) -> int | None:
    """The percentage of the active memory that is a service's heap; None where a size is set instead."""
    return _percent(settings, service) if decided(settings, JVMCFG_HEAP_SIZE, service) is None else None


def _percent(settings: Settings, service: str) -> int | None:
    """The same where no size is set."""
    if decided(settings, JVMCFG_STRATEGY, service) != "percent":
        return None
    own = decided(settings, JVMCFG_PERCENT, service)
    return _DEFAULT_PERCENT[service] if own is None else own


def total_memory(settings: Settings, memory: Callable[[], Memory], service: str) -> Memory:
    """The memory that a service may count on: what is set for it, else that of the machine."""
    row = deciding(settings, JVMCFG_SYSTEM_MEMORY, service)
    set_mb = settings[row]
    return memory() if set_mb is None else Memory(set_mb, Location.property(row.name))


def heap_of(words: Iterable[str], total: Memory) -> int:
    """The heap in MiB, rounded up, that java takes from these words: the last size, else a percentage.

    ``words`` have at least one flag that sets the heap.
    """
    words = list(words)
    kib = flag_kib(words, *HEAP_FLAGS)
    if kib is not None:
        return -(-kib // 1024)
    return int(total.total_mb / MIB_IN_MB * (heap_percent(words) or 0) / 100)


def active_mb(settings: Settings, total: Memory, service: str | None = None) -> int:
    """The memory in MB that OMERO counts with for a service, or in general: the total between two bounds."""

    def bound(row: Property[int]) -> int:
        return settings[row] if service is None else decided(settings, row, service)

    low = bound(JVMCFG_MIN_SYSTEM_MEMORY)
    if total.total_mb <= low:
        return low  # whatever the other bound is
    return max(min(total.total_mb, bound(JVMCFG_MAX_SYSTEM_MEMORY)), low)


def _percent_heap(settings: Settings, service: str, total: Memory, percent: int) -> str:
    """The flag for a percentage, unless that is a heap java refuses."""
    active = active_mb(settings, total, service)
    # OMERO multiplies first and truncates last.
    megabytes = int(active * percent / 100)
    try:
        return JVM_SIZE.parse(str(megabytes))
    except Invalid as error:
        row = deciding(settings, _culprit(active, megabytes, total), service)
        heap_size = JVMCFG_HEAP_SIZE.for_service(service).name
        raise ArtifactError.at(
            settings.origin(row),
            f"{row.name}: {percent}% of {active} MB for {service} {error.problem}",
            f"change it, or {heap_size}; {error.advice}",
            properties=(row.name,),
        ) from None


def _culprit(active: int, megabytes: int, total: Memory) -> Property[Any]:
    """The setting to blame for a heap that java refuses: the percentage, or what made the memory so large."""
    if megabytes < active // 2 and megabytes < total.total_mb:
        return JVMCFG_PERCENT
    return JVMCFG_MIN_SYSTEM_MEMORY if active > total.total_mb else JVMCFG_SYSTEM_MEMORY
