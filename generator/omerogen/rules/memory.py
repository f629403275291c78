"""Rules about the JVMs and their memory."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from omerogen.catalog.jvm import (
    JVMCFG_APPEND,
    JVMCFG_HEAP_DUMP,
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
_DUMP, _DUMPS = "-XX:+HeapDumpOnOutOfMemoryError", "-XX:HeapDumpPath="


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
    jvms = site.artifact("jvm")
    for jvm in jvms.jvms:  # type: ignore[attr-defined]
        flags = " ".join(jvms.flags_of(jvm.service))  # type: ignore[attr-defined]
        if re.search(r"-XX:(?:ObjectAlignmentInBytes=|\+UseZGC)", flags):
            continue  # wider pointers, or none that are compressed
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
    """Heaps are computed from at most 48 GB, even if the machine has more, unless the limit is raised."""
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


@rule(
    "heap-dumps-do-not-fit",
    WARNING,
    "the folder of heap dumps is in memory, or too small",
    bad="omero.jvmcfg.append=-XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath=/dev/shm",
    good="omero.jvmcfg.heap_dump=cwd",
)
def heap_dumps_do_not_fit(site: View) -> Iterator[Breach]:
    """A dump is as large as the heap. In memory it takes the rest of it, just when memory is short.

    A folder that this machine does not have is taken to be on another machine.
    """
    jvms = site.artifact("jvm")
    for jvm in jvms.jvms:  # type: ignore[attr-defined]
        flags = jvms.flags_of(jvm.service)  # type: ignore[attr-defined]
        folders = [flag.removeprefix(_DUMPS) for flag in flags if flag.startswith(_DUMPS)]
        if _DUMP not in flags or not folders or not os.path.isdir(folders[-1]):
            continue
        free_mib = shutil.disk_usage(folders[-1]).free // 2**20
        in_memory = site.host.is_in_memory(folders[-1])
        if in_memory or free_mib < jvm.heap_mib:
            why = "is in memory" if in_memory else f"has {free_mib} MiB left of the {jvm.heap_mib} of a dump"
            message = f"{folders[-1]}, where heap dumps of {jvm.service} go, {why}"
            names = _that_say(site, jvm.service)
            yield Breach(message, f"omero config set {JVMCFG_HEAP_DUMP.name} cwd", names)


def _that_say(site: View, service: str) -> tuple[str, ...]:
    """The properties that turn heap dumps on, or give their folder."""
    rows = (memory.deciding(site.settings, row, service) for row in (JVMCFG_HEAP_DUMP, JVMCFG_APPEND))
    names = [
        row.name for row in rows if site.settings.is_set(row) and "ump" in f"{row.name}{site.settings[row]}"
    ]
    return tuple(names) or (JVMCFG_HEAP_DUMP.name,)
