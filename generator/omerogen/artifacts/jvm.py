"""The flags of OMERO's JVMs, per service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omerogen.artifacts.base import Artifact, File
from omerogen.catalog.jvm import SERVICES
from omerogen.derive import grid
from omerogen.derive.fields import field
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.fields import JvmFields
from omerogen.derive.options import HOST_ROOT, Option, format_option
from omerogen.model.errors import ArtifactError, Problem, UsageError
from omerogen.settings.settings import Settings
from omerogen.values.base import Choice


class ServiceFlags(NamedTuple):
    """A service and the words that go on its java command line."""

    service: str
    flags: tuple[str, ...]


class JvmContext(JvmFields):
    """Fields of the JVM flags."""

    def check(self) -> None:
        """Refuse a service that the node does not run, besides what java would refuse."""
        service, node = self.options["service"], self.options["node"]
        if service is not None and service not in self.instances:
            advice = f"it runs: {', '.join(self.instances) or 'none'}"
            raise ArtifactError(Problem("--service", f"the node {node} runs no {service}", advice))
        super().check()

    @field
    def services(self) -> list[ServiceFlags]:
        """The flags of the services that were asked for, in OMERO's order."""
        wanted = self.options["service"]
        return [
            ServiceFlags(jvm.service, self.flags_of(jvm))
            for jvm in self.jvms
            if wanted in (None, jvm.service)
        ]

    @field
    def flags(self) -> dict[str, list[str]]:
        """The same, by service."""
        return {service: list(flags) for service, flags in self.services}

    def reason(self, jvm: memory.Jvm) -> str:
        """How a heap comes about, in a few words: the percentage of what, or the property."""
        name = memory.setting_name(self.settings, jvm.service, "heap_size")
        if jvm.percent is None:
            return f"{name}" if self.settings.is_set(name) else "strategy manual"
        bound = self._bound(jvm)
        return f"{jvm.percent}% of {jvm.active_mb} MB{f' ({bound})' if bound else ''}"

    def _bound(self, jvm: memory.Jvm) -> str:
        """The bound that the memory was cut to, if it was."""
        if jvm.active_mb == jvm.total.total_mb:
            return ""
        return "max_system_memory" if jvm.active_mb < jvm.total.total_mb else "min_system_memory"


def _template(options: Mapping[str, Any]) -> str:
    layout, service = options["format"], options["service"]
    if layout == "argfile" and not service:
        raise UsageError(
            Problem("--format argfile", "is for one JVM", f"add --service with one of {', '.join(SERVICES)}")
        )
    if layout == "text":
        return "jvm/service.sh.j2" if service else "jvm/services.sh.j2"
    return {"argfile": "jvm/service.args.j2", "json": "jvm/services.json.j2"}[layout]


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
        format_option("text", "argfile", "json"),
        grid.NODE,
        HOST_ROOT,
    ),
    examples=(
        {},
        {"format": "json"},
        *({"service": "blitz", "format": layout} for layout in ("text", "argfile", "json")),
    ),
)
