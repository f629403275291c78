"""The flags of OMERO's JVMs, per service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from omerogen.artifacts.base import Artifact, File
from omerogen.catalog.jvm import JVMCFG_HEAP_SIZE, SERVICES
from omerogen.derive import grid
from omerogen.derive.fields import field
from omerogen.derive.jvm import memory, sizing
from omerogen.derive.jvm.fields import JvmFields
from omerogen.derive.options import HOST_ROOT, format_option
from omerogen.model import ArtifactError, Items, Location, Problem, UsageError, properties_of, warning
from omerogen.model.option import Option
from omerogen.settings import Settings, redact
from omerogen.values.base import Choice


class ServiceFlags(NamedTuple):
    """A service and the words that go on its java command line."""

    service: str
    flags: Sequence[str]


class HeapSize(NamedTuple):
    """The property of a service's heap, and its size as ``omero config`` takes it."""

    name: str
    size: str


class JvmContext(JvmFields):
    """Fields of the JVM flags."""

    def check(self) -> None:
        """Refuse a service that the node does not run, besides what java would refuse."""
        service, node = self.options["service"], self.options["node"]
        if service is not None and service not in self._services:
            advice = f"it runs: {', '.join(self._services) or 'none'}"
            raise ArtifactError.at(Location.flag("--service"), f"the node {node} runs no {service}", advice)
        super().check()

    @field
    def heap_sizes(self) -> list[HeapSize]:
        """The heap of each JVM that runs, as a property: a stock OMERO rewrites all other flags."""
        wanted = self.options["service"]
        sizes = sizing.in_proportion(self.running)
        return [
            HeapSize(JVMCFG_HEAP_SIZE.for_service(service).name, f"{mib}m")
            for service, mib in sizes.items()
            if wanted in (None, service)
        ]

    def warnings(self) -> list[Problem]:
        """Those of all JVMs, and that the sizes for a stock OMERO are smaller ones."""
        found = super().warnings()
        if self.options["format"] == "omero" and not self.sizing.fits:
            message = "the printed sizes are scaled down to fit, to no less than 256 MiB each"
            location = self.sizing.total.source
            found.append(warning(location, message, "add memory for the full sizes", "heaps-scaled-down"))
        return found

    @field
    def services(self) -> Items[ServiceFlags]:
        """The flags of the requested services, in OMERO's order."""
        wanted = self.options["service"]
        services = [service for service in self._services if wanted in (None, service)]
        return self.each(services, lambda service: ServiceFlags(service, self.flags_of(service)))

    @property
    def flags(self) -> dict[str, list[str]]:
        """The flags by service."""
        return {service: list(flags) for service, flags in self.services}

    def reason(self, jvm: memory.Jvm) -> str:
        """How a heap comes about, in a few words: the percentage of what, or the property."""
        row = memory.deciding(self.settings, JVMCFG_HEAP_SIZE, jvm.service)
        if jvm.percent is None:
            return row.name if self.settings.is_set(row) else "strategy manual"
        bound = self._bound(jvm)
        return f"{jvm.percent}% of {jvm.active_mb} MB{f' ({bound})' if bound else ''}"

    def _bound(self, jvm: memory.Jvm) -> str:
        """The bound that the memory was cut to, if it was."""
        if jvm.active_mb == jvm.total.total_mb:
            return ""
        return "max_system_memory" if jvm.active_mb < jvm.total.total_mb else "min_system_memory"

    def public_flags(self) -> dict[str, list[str]]:
        """The flags by service, for people: without the secrets in them."""
        flags = self.flags
        entries = [self.settings.resolved(name) for name in sorted(properties_of(self.printed))]
        return {service: redact.flags(words, entries) for service, words in flags.items()}

    def description(self) -> dict[str, object]:
        """How the heaps come about, as other programs read it.

        Sizes are in MB of 1,000,000 bytes, but for ``heap_mb``, ``sum_mb`` and ``non_heap_mb``,
        which are in MiB: OMERO takes one for the other, and so is the name that programs know.
        """
        sizing, flags = self.sizing, self.public_flags()
        return {
            "total_mb": sizing.total.total_mb,
            "total_from": str(sizing.total.source),
            "ignored": list(map(str, self.ignored)),
            "active_mb": memory.active_mb(self.settings, sizing.total),
            "services": {
                jvm.service: {
                    "strategy": jvm.strategy,
                    "percent": jvm.percent,
                    "active_mb": jvm.active_mb,
                    "total_mb": jvm.total.total_mb,
                    "total_from": str(jvm.total.source),
                    "heap_mb": jvm.heap_mib,
                    "instances": sizing.instances[jvm.service],
                    "flags": flags[jvm.service],
                    "non_heap": [region._asdict() for region in sizing.non_heap[jvm.service]],
                }
                for jvm in sizing.jvms
                if jvm.service in flags
            },
            "sum_mb": sizing.heaps_mib,
            "non_heap_mb": sizing.non_heap_mib,
            "needed_mb": sizing.needed_mb,
            "left_mb": sizing.left_mb,
            "fits": sizing.fits,
        }


def _template(options: Mapping[str, Any]) -> str:
    layout, service = options["format"], options["service"]
    if layout == "argfile" and not service:
        raise UsageError.at(
            Location.flag("--format", "argfile"),
            "is for one JVM",
            f"add --service with one of {', '.join(SERVICES)}",
        )
    if layout == "text":
        return "jvm/service.sh.j2" if service else "jvm/services.sh.j2"
    return {
        "argfile": "jvm/service.args.j2",
        "json": "jvm/services.json.j2",
        "omero": "jvm/heap_sizes.sh.j2",
    }[layout]


def _files(settings: Settings, options: Mapping[str, Any]) -> tuple[File, ...]:
    node = options.get("node")
    services = SERVICES if node is None else grid.jvms(grid.node(settings, node))
    return (
        File("jvm/flags.txt"),
        *(
            File(f"jvm/{service}.args", {"format": "argfile", "service": service})
            for service in SERVICES
            if service in services
        ),
    )


ARTIFACT = Artifact(
    "jvm",
    JvmContext,
    _template,
    _files,
    options=(
        Option("service", Choice(*SERVICES), None, "the flags of this service alone", of_file=True),
        format_option("text", "argfile", "json", "omero"),
        grid.NODE,
        HOST_ROOT,
    ),
    examples=(
        {},
        {"format": "json"},
        {"format": "omero"},
        *({"service": "blitz", "format": layout} for layout in ("text", "argfile", "json")),
    ),
)
