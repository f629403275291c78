"""Fields of OMERO's JVMs, for every artifact that starts them: sizes, flags, and whether they fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from omerogen.catalog.jvm import JVMCFG_APPEND, JVMCFG_HEAP_DUMP, JVMCFG_SYSTEM_MEMORY, SERVICES
from omerogen.derive import grid
from omerogen.derive.fields import Context, field
from omerogen.derive.host import FALLBACK, Ignored, Memory
from omerogen.derive.jvm import memory, sizing
from omerogen.derive.jvm.sizing import Sizing
from omerogen.model import ArtifactError, Items, Location, OmerogenError, Problem, warning
from omerogen.settings import Settings
from omerogen.values.java import flag_kib

_DUMP = "-XX:+HeapDumpOnOutOfMemoryError"


class JvmFields(Context):
    """Fields of the JVMs of a machine; the option ``node`` says which node of the grid it is."""

    @field
    def instances(self) -> dict[str, int]:
        """How many JVMs of each service this machine runs, in OMERO's order; 0 for those it does not run.

        Without the name of a node it is the one of the master.
        """
        node = self.options["node"]
        if node is not None:
            counts = grid.jvms(grid.node(self.settings, node))
            return {service: counts[service] for service in SERVICES if counts[service]}
        try:
            counts = grid.jvms(grid.nodes(self.settings)[0])
        except OmerogenError:  # which is for the grid to report: the flags do not depend on it
            counts = Counter(SERVICES)
        return {service: counts[service] for service in SERVICES}

    @property
    def _services(self) -> Iterable[str]:
        """The services that have flags: without the name of a node all of them."""
        return SERVICES if self.options["node"] is None else self.instances

    @field
    def jvms(self) -> list[memory.Jvm]:
        """The sizing of every service, whichever are printed."""
        return self._jvms(self.settings, self._services)

    def _jvms(self, settings: Settings, services: Iterable[str]) -> list[memory.Jvm]:
        return memory.size_all(settings, lambda: self.host.memory, services)

    @field
    def sizing(self) -> Sizing:
        """The memory that all of them need together."""
        return self._sizing(self.settings, self.jvms)

    @field
    def running(self) -> Sizing:
        """The same of those that run, without what the others would need."""
        running = [service for service, count in self.instances.items() if count]
        return self._sizing(self.settings, self._jvms(self.settings, running))

    def resized(self, settings: Settings) -> Sizing:
        """The same for other settings of this machine."""
        return self._sizing(settings, self._jvms(settings, self._services))

    def _sizing(self, settings: Settings, jvms: list[memory.Jvm]) -> Sizing:
        words = {jvm.service: _append(settings, jvm.service) for jvm in jvms}
        set_mb = settings[JVMCFG_SYSTEM_MEMORY]
        source = Location.property(JVMCFG_SYSTEM_MEMORY.name)
        total = self.host.memory if set_mb is None else Memory(set_mb, source)
        return sizing.size(settings, jvms, words, total, self.instances)

    def check(self) -> None:
        """Refuse what java refuses."""
        if self.refused_heaps:
            raise ArtifactError(self.refused_heaps)

    @field
    def refused_heaps(self) -> tuple[Problem, ...]:
        """Initial heaps that are larger than the heap."""
        problems = []
        for jvm in self.sizing.jvms:
            row = memory.deciding(self.settings, JVMCFG_APPEND, jvm.service)
            initial = flag_kib(_append(self.settings, jvm.service), "-Xms", "-XX:InitialHeapSize=")
            if initial is not None and initial > jvm.heap_mib * 1024:
                message = f"{row.name} sets a first heap above the {jvm.heap_mib} MiB of {jvm.service}"
                advice, origin = "lower -Xms, or raise the heap", self.settings.origin(row)
                problems.append(Problem(origin, message, advice, properties=(row.name,)))
        return tuple(problems)

    def flags_of(self, service: str) -> Items[str]:
        """The words on the command line of a JVM: its heap, dumps of it, then those that the site adds."""
        return self.all_of(self._parts, lambda part: part(service))

    def flag_parts(self, service: str) -> Items[tuple[str, ...]]:
        """The same in three parts; that of the heap is one word, the others may be empty."""
        return self.each(self._parts, lambda part: part(service))

    @property
    def _parts(self) -> tuple[Callable[[str], tuple[str, ...]], ...]:
        return self._heap_flag, self._dump_flags, self._append

    def _heap_flag(self, service: str) -> tuple[str, ...]:
        return (memory.heap_flag(self.settings, lambda: self.host.memory, service),)

    def _append(self, service: str) -> tuple[str, ...]:
        return _append(self.settings, service)

    @field
    def ignored(self) -> tuple[Ignored, ...]:
        """Sources of memory that are ignored, and the reasons."""
        looked = any(
            memory.decided(self.settings, JVMCFG_SYSTEM_MEMORY, service) is None for service in self._services
        )
        return self.host.detection.ignored if looked else ()

    def _dump_flags(self, service: str) -> tuple[str, ...]:
        mode = memory.decided(self.settings, JVMCFG_HEAP_DUMP, service) or "off"
        where = (f"-XX:HeapDumpPath={self.host.temporary_folder}",) if mode == "tmp" else ()
        return () if mode == "off" else (_DUMP, *where)

    def warnings(self) -> list[Problem]:
        """Warnings: memory is a guess, the JVMs do not fit into it, a secret is visible to all users."""
        problem = sizing.over_commitment(self.sizing, self.settings, self.resized)
        return [*self._guess(), *([problem] if problem else []), *self._shown()]

    def _shown(self) -> Iterator[Problem]:
        """Secrets among the flags, unless they are for a file that java reads."""
        if self.options.get("format") == "argfile":
            return
        rows = (memory.deciding(self.settings, JVMCFG_APPEND, service) for service in self._services)
        for name in dict.fromkeys(row.name for row in rows):
            if self.settings.resolved(name).holds_secret:
                message = f"{name} has a secret, which all on the machine see on java's command line"
                advice = "take it out, or start java with @FILE of jvm --format argfile"
                rule = "secret-on-command-line"
                yield warning(self.settings.origin(name), message, advice, rule, (name,))

    def _guess(self) -> list[Problem]:
        if self.sizing.total.source != FALLBACK:
            return []
        message = f"memory could not be detected; assuming OMERO's default of {self.sizing.total.total_mb} MB"
        name = JVMCFG_SYSTEM_MEMORY.name
        return [warning(Location.host(self.host.root), message, f"set {name}", "memory-unknown", (name,))]


def _append(settings: Settings, service: str) -> tuple[str, ...]:
    return memory.decided(settings, JVMCFG_APPEND, service)
