"""Rules about the JVMs and their memory."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog.jvm import (
    JVMCFG_APPEND,
    JVMCFG_HEAP_SIZE,
    JVMCFG_MAX_SYSTEM_MEMORY,
    JVMCFG_PERM_GEN,
    JVMCFG_SYSTEM_MEMORY,
    SERVICES,
)
from omerogen.derive.jvm import memory
from omerogen.rules.registry import NOTE, WARNING, Breach, View, rule
from omerogen.values.java import HEAP_FLAGS, flag_kib

_COMPRESSED_MIB = 32 * 1024


@rule(
    "heap-without-compressed-pointers",
    WARNING,
    "a heap is just too large for compressed pointers",
    bad="omero.jvmcfg.system_memory=200000\nomero.jvmcfg.heap_size.blitz=33g",
    good="omero.jvmcfg.system_memory=200000\nomero.jvmcfg.heap_size.blitz=31g",
    reference="https://docs.oracle.com/en/java/javase/17/gctuning/",
)
def heap_without_compressed_pointers(site: View) -> Iterator[Breach]:
    """From 32 GiB on, java's pointers take twice the room.

    A heap up to about 48 GiB then holds less than one of 31.
    """
    for jvm in site.artifact("jvm").jvms:  # type: ignore[attr-defined]
        if _COMPRESSED_MIB <= jvm.heap_mib < _COMPRESSED_MIB * 3 // 2:
            name = JVMCFG_HEAP_SIZE.for_service(jvm.service).name
            size = f"the heap of {jvm.service} is {jvm.heap_mib} MiB"
            message = f"{size}: from 32 GiB on, pointers take twice the room"
            yield Breach(message, f"omero config set {name} 31g", (name,))


@rule(
    "two-heap-sizes",
    WARNING,
    "a heap is set twice",
    bad="omero.jvmcfg.heap_size.blitz=2g\nomero.jvmcfg.append.blitz=-Xmx3g",
    good="omero.jvmcfg.heap_size.blitz=2g\nomero.jvmcfg.append.blitz=-Dx=y",
)
def two_heap_sizes(site: View) -> Iterator[Breach]:
    """Java takes the last of two sizes, which is the one in `omero.jvmcfg.append`."""
    for service in SERVICES:
        size = memory.deciding(site.settings, JVMCFG_HEAP_SIZE, service)
        append = memory.deciding(site.settings, JVMCFG_APPEND, service)
        words: tuple[str, ...] = site.settings[append]
        if site.settings.is_set(size) and flag_kib(words, *HEAP_FLAGS) is not None:
            names = (append.name, size.name)
            message = f"{append.name} has a heap too, which wins over {size.name}"
            yield Breach(message, "keep one of them", names)


@rule(
    "memory-capped",
    NOTE,
    "OMERO does not count all memory of the machine",
    bad="omero.jvmcfg.system_memory=128000",
    good="omero.jvmcfg.system_memory=128000\nomero.jvmcfg.max_system_memory=128000",
)
def memory_capped(site: View) -> Iterator[Breach]:
    """Heaps are a part of 48 GB at the most, whatever the machine has, unless the bound is raised."""
    row = JVMCFG_MAX_SYSTEM_MEMORY
    jvms = site.artifact("jvm").jvms  # type: ignore[attr-defined]
    totals = [jvm.total.total_mb for jvm in jvms if jvm.percent is not None]
    bound = site.settings[row]
    if not site.is_web_alone and totals and max(totals) > bound and not site.settings.is_set(row):
        message = f"heaps are computed from {bound} of {max(totals)} MB"
        names = (row.name, JVMCFG_SYSTEM_MEMORY.name)
        yield Breach(message, f"omero config set {row.name} {max(totals)}", names)


@rule(
    "perm-gen-without-effect",
    NOTE,
    "a setting of old JVMs has no effect",
    bad="omero.jvmcfg.perm_gen=256m",
    good="omero.jvmcfg.heap_size=2g\nomero.jvmcfg.system_memory=16000",
)
def perm_gen_without_effect(site: View) -> Iterator[Breach]:
    """Java has had no permanent generation since version 8."""
    rows = (JVMCFG_PERM_GEN, *(JVMCFG_PERM_GEN.for_service(service) for service in SERVICES))
    for row in rows:
        if site.settings.is_set(row):
            yield Breach(f"{row.name} has no effect since Java 8", "remove it", (row.name,))
