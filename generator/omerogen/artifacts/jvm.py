"""The flags of OMERO's JVMs, per service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omerogen import memory
from omerogen.artifacts.base import Artifact, File
from omerogen.catalog.jvm import SERVICES
from omerogen.errors import Problem, UsageError
from omerogen.fields import Context, field
from omerogen.options import HOST_ROOT, Option, format_option
from omerogen.values.base import Enum

_DUMP = "-XX:+HeapDumpOnOutOfMemoryError"


class ServiceFlags(NamedTuple):
    """A service and the words that go on its java command line."""

    service: str
    flags: tuple[str, ...]


class JvmContext(Context):
    """Fields of the JVM flags."""

    @field
    def jvms(self) -> list[memory.Jvm]:
        """The sizing of every service, whichever are printed."""
        return memory.size_all(self.settings, lambda: self.host.memory)

    @field
    def services(self) -> list[ServiceFlags]:
        """The flags of the services that were asked for, in OMERO's order."""
        wanted = self.options["service"]
        return [
            ServiceFlags(jvm.service, (jvm.heap, *self._dump_flags(jvm.service), *self._append(jvm.service)))
            for jvm in self.jvms
            if wanted in (None, jvm.service)
        ]

    @field
    def flags(self) -> dict[str, list[str]]:
        """The same, by service."""
        return {service: list(flags) for service, flags in self.services}

    def _setting(self, service: str, setting: str) -> Any:
        return self.settings[memory.setting_name(self.settings, service, setting)]

    def _dump_flags(self, service: str) -> tuple[str, ...]:
        mode = self._setting(service, "heap_dump") or "off"
        where = (f"-XX:HeapDumpPath={self.host.temporary_folder}",) if mode == "tmp" else ()
        return () if mode == "off" else (_DUMP, *where)

    def _append(self, service: str) -> tuple[str, ...]:
        words: tuple[str, ...] = self._setting(service, "append")
        return words

    def warnings(self) -> list[Problem]:
        """That the JVMs do not fit into the memory there is."""
        problem = memory.over_commitment(self.jvms)
        return [problem] if problem else []


def _template(options: Mapping[str, Any]) -> str:
    layout, service = options["format"], options["service"]
    if layout == "argfile" and not service:
        raise UsageError(
            Problem("--format argfile", "is for one JVM", f"add --service with one of {', '.join(SERVICES)}")
        )
    if layout == "text":
        return "jvm/service.sh.j2" if service else "jvm/services.sh.j2"
    return {"argfile": "jvm/service.args.j2", "json": "jvm/services.json.j2"}[layout]


ARTIFACT = Artifact(
    "jvm",
    JvmContext,
    _template,
    files=(
        File("jvm/flags.txt"),
        *(File(f"jvm/{service}.args", {"format": "argfile", "service": service}) for service in SERVICES),
    ),
    options=(
        Option("service", Enum(*SERVICES), None, "the flags of this service alone"),
        format_option("text", "argfile", "json"),
        HOST_ROOT,
    ),
)
