"""Fields of OMERO's JVMs, for every artifact that starts them: sizes, flags, and whether they fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omerogen.catalog.jvm import SERVICES
from omerogen.derive import grid
from omerogen.derive.fields import Context, field
from omerogen.derive.host import FALLBACK, Memory
from omerogen.derive.jvm import memory, sizing
from omerogen.derive.jvm.sizing import Sizing
from omerogen.model.errors import ArtifactError, Problem
from omerogen.settings import redact
from omerogen.settings.settings import Settings
from omerogen.values.java import flag_kib

_SYSTEM_MEMORY = "omero.jvmcfg.system_memory"
_DUMP = "-XX:+HeapDumpOnOutOfMemoryError"


class JvmFields(Context):
    """Fields of the JVMs of a machine; the option ``node`` says which node of the grid it is."""

    @field
    def instances(self) -> dict[str, int]:
        """How many JVMs of each service this machine runs, in OMERO's order: one, unless a node is named."""
        node = self.options["node"]
        counts = dict.fromkeys(SERVICES, 1) if node is None else grid.jvms(grid.node(self.settings, node))
        return {service: counts[service] for service in SERVICES if counts[service]}

    @field
    def jvms(self) -> list[memory.Jvm]:
        """The sizing of every service of this machine, whichever are printed."""
        return self._jvms(self.settings, self.instances)

    def _jvms(self, settings: Settings, services: Iterable[str]) -> list[memory.Jvm]:
        return memory.size_all(settings, lambda: self.host.memory, services)

    @field
    def sizing(self) -> Sizing:
        """The memory that all of them need together."""
        return self._sizing(self.settings, self.jvms)

    def resized(self, settings: Settings) -> Sizing:
        """The same for other settings of this machine."""
        return self._sizing(settings, self._jvms(settings, self.instances))

    def _sizing(self, settings: Settings, jvms: list[memory.Jvm]) -> Sizing:
        words = {service: _append(settings, service) for service in SERVICES}
        set_mb = settings[_SYSTEM_MEMORY]
        total = self.host.memory if set_mb is None else Memory(set_mb, _SYSTEM_MEMORY)
        return sizing.size(settings, jvms, words, total, self.instances)

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

    def flags_of(self, jvm: memory.Jvm) -> tuple[str, ...]:
        """The words on the command line of a JVM: its heap, dumps of it, then those that the site adds."""
        return (jvm.heap, *self._dump_flags(jvm.service), *_append(self.settings, jvm.service))

    @field
    def ignored(self) -> tuple[str, ...]:
        """What the machine tells of its memory that does not count, and why."""
        looked = any(
            memory.setting(self.settings, service, "system_memory") is None for service in self.instances
        )
        return self.host.detection.ignored if looked else ()

    def _dump_flags(self, service: str) -> tuple[str, ...]:
        mode = memory.setting(self.settings, service, "heap_dump") or "off"
        where = (f"-XX:HeapDumpPath={self.host.temporary_folder}",) if mode == "tmp" else ()
        return () if mode == "off" else (_DUMP, *where)

    def warnings(self) -> list[Problem]:
        """That the memory is a guess, that the JVMs do not fit into it, that everybody sees a secret."""
        problem = sizing.over_commitment(self.sizing, self.settings, self.resized)
        return [*self._guess(), *([problem] if problem else []), *self._shown()]

    def _shown(self) -> Iterator[Problem]:
        """Secrets among the flags, unless they are for a file that java reads."""
        if self.options.get("format") == "argfile":
            return
        for name in {
            memory.setting_name(self.settings, service, "append"): None for service in self.instances
        }:
            if redact.holds_secret(self.settings.entry(name)):
                message = f"{name} has a secret, which all on the machine see on java's command line"
                advice = "take it out, or start java with @FILE of jvm --format argfile"
                where = self.settings.origin(name).where
                yield Problem(where, message, advice, "secret-on-command-line", (name,))

    def _guess(self) -> list[Problem]:
        if self.sizing.total.source != FALLBACK:
            return []
        message = f"nothing tells its memory: {self.sizing.total.total_mb} MB is OMERO's guess"
        advice = f"set {_SYSTEM_MEMORY}"
        return [Problem(self.host.root, message, advice, "memory-unknown", (_SYSTEM_MEMORY,))]


def _append(settings: Settings, service: str) -> tuple[str, ...]:
    words: tuple[str, ...] = memory.setting(settings, service, "append")
    return words
