"""The flags of OMERO's JVMs, per service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omerogen import memory, sizing
from omerogen.artifacts.base import Artifact, File
from omerogen.catalog.jvm import SERVICES
from omerogen.errors import ArtifactError, Problem, UsageError
from omerogen.fields import Context, field
from omerogen.host import FALLBACK, Memory
from omerogen.options import HOST_ROOT, Option, format_option
from omerogen.settings import Settings
from omerogen.sizing import Sizing
from omerogen.values.base import Enum
from omerogen.values.java import flag_kib

_SYSTEM_MEMORY = "omero.jvmcfg.system_memory"
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
        return self._jvms(self.settings)

    def _jvms(self, settings: Settings) -> list[memory.Jvm]:
        return memory.size_all(settings, lambda: self.host.memory)

    @field
    def sizing(self) -> Sizing:
        """The memory that all of them need together."""
        return self._sizing(self.settings, self.jvms)

    def resized(self, settings: Settings) -> Sizing:
        """The same for other settings of this machine."""
        return self._sizing(settings, self._jvms(settings))

    def _sizing(self, settings: Settings, jvms: list[memory.Jvm]) -> Sizing:
        words = {service: _append(settings, service) for service in SERVICES}
        told = settings[_SYSTEM_MEMORY]
        total = self.host.memory if told is None else Memory(told, _SYSTEM_MEMORY)
        return sizing.size(settings, jvms, words, total)

    def check(self) -> None:
        """Refuse an initial heap that is larger than the heap: java does."""
        problems = []
        # Not the field: what is only checked is not what the flags are made of.
        for jvm in self.resized(self.settings).jvms:
            name = memory.setting_name(self.settings, jvm.service, "append")
            initial = flag_kib(_append(self.settings, jvm.service), "-Xms", "-XX:InitialHeapSize=")
            if initial is not None and initial > jvm.heap_mib * 1024:
                message = f"{name} sets a first heap above the {jvm.heap_mib} MiB of {jvm.service}"
                where = self.settings.origin(name).where
                problems.append(Problem(where, message, "lower -Xms, or raise the heap", properties=(name,)))
        if problems:
            raise ArtifactError(problems)

    @field
    def ignored(self) -> tuple[str, ...]:
        """What the machine tells of its memory that does not count, and why."""
        looked = any(memory.setting(self.settings, service, "system_memory") is None for service in SERVICES)
        return self.host.detection.ignored if looked else ()

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

    @field
    def services(self) -> list[ServiceFlags]:
        """The flags of the services that were asked for, in OMERO's order."""
        wanted = self.options["service"]
        return [
            ServiceFlags(
                jvm.service, (jvm.heap, *self._dump_flags(jvm.service), *_append(self.settings, jvm.service))
            )
            for jvm in self.jvms
            if wanted in (None, jvm.service)
        ]

    @field
    def flags(self) -> dict[str, list[str]]:
        """The same, by service."""
        return {service: list(flags) for service, flags in self.services}

    def _dump_flags(self, service: str) -> tuple[str, ...]:
        mode = memory.setting(self.settings, service, "heap_dump") or "off"
        where = (f"-XX:HeapDumpPath={self.host.temporary_folder}",) if mode == "tmp" else ()
        return () if mode == "off" else (_DUMP, *where)

    def warnings(self) -> list[Problem]:
        """That the memory is a guess, or that the JVMs do not fit into it."""
        problem = sizing.over_commitment(self.sizing, self.settings, self.resized)
        return [*self._guess(), *([problem] if problem else [])]

    def _guess(self) -> list[Problem]:
        if self.sizing.total.source != FALLBACK:
            return []
        message = f"nothing tells its memory: {self.sizing.total.total_mb} MB is OMERO's guess"
        advice = f"set {_SYSTEM_MEMORY}"
        return [Problem(self.host.root, message, advice, "memory-unknown", (_SYSTEM_MEMORY,))]


def _append(settings: Settings, service: str) -> tuple[str, ...]:
    words: tuple[str, ...] = memory.setting(settings, service, "append")
    return words


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
