"""Memory and options of the server's Java virtual machines."""

from collections.abc import Mapping
from typing import Any

from omerogen.model.property import Member, Property, PropertyFamily, Section, rows_of
from omerogen.values.base import Choice, Nullable
from omerogen.values.java import JVM_SIZE, JVM_WORDS, PERM_GEN
from omerogen.values.numbers import MEGABYTES, PERCENT

_jvm = Section("JVM")

JVMCFG_APPEND = _jvm("omero.jvmcfg.append", JVM_WORDS, "").described(
    "Extra JVM options, separated by white space."
)
JVMCFG_HEAP_DUMP = _jvm("omero.jvmcfg.heap_dump", Nullable(Choice("off", "on", "cwd", "tmp")), "").described(
    "Whether a JVM that runs out of memory writes a heap dump; tmp puts it into the temporary "
    "directory. Empty means off."
)
JVMCFG_HEAP_SIZE = _jvm("omero.jvmcfg.heap_size", Nullable(JVM_SIZE), "").described(
    "Maximum heap size, the value of -Xmx, such as 1g; empty leaves it to the strategy."
)
JVMCFG_MAX_SYSTEM_MEMORY = _jvm("omero.jvmcfg.max_system_memory", MEGABYTES, "48000").described(
    "Most memory, in MB, that a strategy reckons with when it sizes the JVMs."
)
JVMCFG_MIN_SYSTEM_MEMORY = _jvm("omero.jvmcfg.min_system_memory", MEGABYTES, "3414").described(
    "Least memory, in MB, that a strategy reckons with when it sizes the JVMs."
)
JVMCFG_PERCENT = _jvm("omero.jvmcfg.percent", Nullable(PERCENT), "").described(
    "Share of the system's memory, in percent, that the percent strategy gives to a JVM; empty "
    "means the strategy's default."
)
JVMCFG_PERM_GEN = _jvm(
    "omero.jvmcfg.perm_gen", Nullable(PERM_GEN, ", optional, ignored on Java 8+"), ""
).described("Value of -XX:MaxPermSize, such as 500M. Java 8 and later take no notice of it.")
JVMCFG_STRATEGY = _jvm("omero.jvmcfg.strategy", Choice("percent", "manual"), "percent").described(
    "How JVM memory is sized: percent derives it from the system's memory, manual takes the given sizes."
)
JVMCFG_SYSTEM_MEMORY = _jvm("omero.jvmcfg.system_memory", Nullable(MEGABYTES), "").described(
    "Total memory, in MB, to assume instead of the detected memory of the host; empty means detect it."
)

#: The JVMs of an OMERO server, in the order in which their flags are printed.
SERVICES = ("blitz", "indexer", "pixeldata", "repository")


def for_service(rows: Mapping[str, Property[Any]], status: str = "") -> Member:
    """Finds ``NAME.SERVICE`` of ``rows``; the members have their row's status unless another is given."""

    def member(name: str) -> Property[Any] | None:
        whole, _, service = name.rpartition(".")
        row = rows.get(whole) if service in SERVICES else None
        return None if row is None else row.for_service(service, status)

    return member


_SETTINGS = {row.name: row for row in rows_of(globals())}
_SERVICE = rf"\.({'|'.join(SERVICES)})$"
SERVICE_FAMILY = PropertyFamily(
    "omero.jvmcfg.SETTING.SERVICE",
    rf"^omero\.jvmcfg\.[a-z_]+{_SERVICE}",
    "A JVM setting for one service alone: blitz, indexer, pixeldata or repository.",
    for_service(_SETTINGS),
    near=tuple(f"{name}.{service}" for name in _SETTINGS for service in SERVICES),
)


def any_for_a_service(rows: Mapping[str, Property[Any]]) -> PropertyFamily:
    """The family of all these properties for one service each, as the grid hands them over."""
    doc = "Any property for one service alone: blitz, indexer or pixeldata."
    return PropertyFamily("NAME.SERVICE", rf"^.+{_SERVICE}", doc, for_service(rows, "extra"))
