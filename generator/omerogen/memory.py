"""Heap sizes of OMERO's JVMs: plain arithmetic on settings and a machine's memory.

The algorithm is OMERO's. Memory is in MB of 1,000,000 bytes, but what stands
behind ``-Xmx`` is in MiB: OMERO takes one for the other, and so do we.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from omerogen.catalog.jvm import SERVICES
from omerogen.errors import ArtifactError, Problem
from omerogen.host import Memory
from omerogen.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.java import JVM_SIZE, heap_mib

_DEFAULT_PERCENT = {"blitz": 15, "indexer": 10, "pixeldata": 15, "repository": 10}
_DEFAULT_HEAP_SIZE = "512m"
_PERCENT_FLAG = "-XX:MaxRAMPercentage="
MIB_IN_MB = 1.048576


class Jvm(NamedTuple):
    """The sizing of one service's JVM.

    - ``heap``: the flag that sets the heap; ``heap_mib`` its size, None if it is no ``-Xmx``.
    - ``percent``: of the active memory; None where a heap size was set instead.
    - ``total``: the memory the service may count on; ``active_mb`` the part OMERO counts with.
    """

    service: str
    strategy: str
    percent: int | None
    total: Memory
    active_mb: int
    heap: str
    heap_mib: int | None


def setting_name(settings: Settings, service: str, setting: str) -> str:
    """The property that decides a JVM setting of a service: its own, else the one for all."""
    own = f"omero.jvmcfg.{setting}.{service}"
    return own if settings.is_set(own) else f"omero.jvmcfg.{setting}"


def setting(settings: Settings, service: str, name: str) -> Any:
    """The value that a JVM setting has for a service."""
    return settings[setting_name(settings, service, name)]


def size_all(
    settings: Settings, memory: Callable[[], Memory], services: Iterable[str] = SERVICES
) -> list[Jvm]:
    """The sizing of each service; `ArtifactError` with all heaps that java would refuse.

    ``memory`` tells the machine's memory; it is asked only if the settings do not tell.
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

    def decided(name: str) -> Any:
        return setting(settings, service, name)

    told = decided("system_memory")
    source = setting_name(settings, service, "system_memory")
    total = memory() if told is None else Memory(told, source)
    active = max(min(total.total_mb, decided("max_system_memory")), decided("min_system_memory"))
    strategy = decided("strategy")
    heap = decided("heap_size")
    percent = None
    if heap is None and strategy == "percent":
        percent = _DEFAULT_PERCENT[service] if decided("percent") is None else decided("percent")
        heap = _percent_heap(settings, service, active, percent)
    elif heap is None:
        heap = JVM_SIZE.parse(_DEFAULT_HEAP_SIZE)
    return Jvm(service, strategy, percent, total, active, heap, heap_in_words((heap,), total))


def heap_in_words(words: Iterable[str], total: Memory) -> int | None:
    """The heap in MiB that the last such flag among ``words`` gives a JVM; None without one."""
    sizes = [size for word in words if (size := _heap_of_flag(word, total)) is not None]
    return sizes[-1] if sizes else None


def _heap_of_flag(word: str, total: Memory) -> int | None:
    if word.startswith(_PERCENT_FLAG):
        try:
            return int(total.total_mb / MIB_IN_MB * float(word.removeprefix(_PERCENT_FLAG)) / 100)
        except ValueError:
            return None
    return heap_mib(word)


def _percent_heap(settings: Settings, service: str, active: int, percent: int) -> str:
    """The flag for a percentage, unless that is a heap java refuses."""
    try:
        # OMERO multiplies first and truncates last.
        return JVM_SIZE.parse(str(int(active * percent / 100)))
    except Invalid as error:
        name = setting_name(settings, service, "percent")
        raise ArtifactError(
            Problem(
                settings.origin(name).where,
                f"{name}: {percent}% of {active} MB for {service} {error.problem}",
                f"change it, or omero.jvmcfg.heap_size.{service}; {error.advice}",
                properties=(name,),
            )
        ) from None
