"""Memory and options of the server's Java virtual machines."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from omerogen.model.property import Property, PropertyFamily
from omerogen.values.base import Choice, Nullable
from omerogen.values.java import JVM_SIZE, JVM_WORDS, PERM_GEN
from omerogen.values.numbers import MEGABYTES, PERCENT

_jvm = partial(Property, "JVM")


PROPERTIES = (
    _jvm("omero.jvmcfg.append", JVM_WORDS, "", "Extra JVM options, separated by white space."),
    _jvm(
        "omero.jvmcfg.heap_dump",
        Nullable(Choice("off", "on", "cwd", "tmp")),
        "",
        (
            "Whether a JVM that runs out of memory writes a heap dump; tmp puts it into the temporary "
            "directory. Empty means off."
        ),
    ),
    _jvm(
        "omero.jvmcfg.heap_size",
        Nullable(JVM_SIZE),
        "",
        "Maximum heap size, the value of -Xmx, such as 1g; empty leaves it to the strategy.",
    ),
    _jvm(
        "omero.jvmcfg.max_system_memory",
        MEGABYTES,
        "48000",
        "Most memory, in MB, that a strategy reckons with when it sizes the JVMs.",
    ),
    _jvm(
        "omero.jvmcfg.min_system_memory",
        MEGABYTES,
        "3414",
        "Least memory, in MB, that a strategy reckons with when it sizes the JVMs.",
    ),
    _jvm(
        "omero.jvmcfg.percent",
        Nullable(PERCENT),
        "",
        (
            "Share of the system's memory, in percent, that the percent strategy gives to a JVM; empty "
            "means the strategy's default."
        ),
    ),
    _jvm(
        "omero.jvmcfg.perm_gen",
        Nullable(PERM_GEN, ", optional, ignored on Java 8+"),
        "",
        "Value of -XX:MaxPermSize, such as 500M. Java 8 and later take no notice of it.",
    ),
    _jvm(
        "omero.jvmcfg.strategy",
        Choice("percent", "manual"),
        "percent",
        "How JVM memory is sized: percent derives it from the system's memory, manual takes the given sizes.",
    ),
    _jvm(
        "omero.jvmcfg.system_memory",
        Nullable(MEGABYTES),
        "",
        "Total memory, in MB, to assume in place of what is detected on the host; empty means detect it.",
    ),
)


#: The JVMs of an OMERO server, in the order in which their flags are printed.
SERVICES = ("blitz", "indexer", "pixeldata", "repository")


@dataclass(frozen=True)
class ServiceFamily(PropertyFamily):
    """``NAME.SERVICE``: a property of ``rows`` for one service alone; it is no setting of Django's.

    ``status`` is that of its members, where it is not that of their rows.
    """

    rows: Mapping[str, Property[Any]] = field(default_factory=dict)
    status: str = ""

    def member(self, name: str) -> Property[Any] | None:
        whole, _, service = name.rpartition(".")
        row = self.rows.get(whole)
        if row is None or service not in SERVICES:
            return None
        doc = f"For {service} alone: {row.doc}"
        status = self.status or row.status
        return replace(row, name=name, default=None, doc=doc, django="", replaced_by="", status=status)


_SERVICE = rf"\.({'|'.join(SERVICES)})$"
_BY_NAME = {row.name: row for row in PROPERTIES}
SERVICE_FAMILY = ServiceFamily(
    "omero.jvmcfg.SETTING.SERVICE",
    rf"^omero\.jvmcfg\.[a-z_]+{_SERVICE}",
    "A JVM setting for one service alone: blitz, indexer, pixeldata or repository.",
    tuple(f"{name}.{service}" for name in _BY_NAME for service in SERVICES),
    rows=_BY_NAME,
)


def any_for_a_service(rows: Mapping[str, Property[Any]]) -> PropertyFamily:
    """The family of all these properties for one service each, as the grid hands them over."""
    doc = "Any property for one service alone: blitz, indexer or pixeldata."
    return ServiceFamily("NAME.SERVICE", rf"^.+{_SERVICE}", doc, rows=rows, status="extra")
