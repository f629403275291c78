"""The typed values of all properties, each with its origin."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias, TypeVar, overload

from omerogen import catalog
from omerogen.catalog.history import NEWEST, Releases
from omerogen.model import (
    DEFAULT,
    OMERODIR,
    SUGGESTION,
    Input,
    InputKind,
    Location,
    Note,
    Problem,
    Property,
    UsageError,
    collect,
    unobserved,
)
from omerogen.settings.defaults import composed, default_of, may_have_secret, predecessors
from omerogen.settings.entries import Entries
from omerogen.settings.problems import Rank, in_order, unknown_property
from omerogen.settings.resolved import ResolvedProperty
from omerogen.settings.site import NO_SITE, Site
from omerogen.sources.assignments import Assignment, set_to

#: Where OMERO.web is, unless ``--omerodir`` or ``$OMERODIR`` says otherwise.
DEFAULT_OMERODIR = "/opt/omero/web/OMERO.web"

T = TypeVar("T")
#: A row of the catalog, or the name of a property as a text.
Named: TypeAlias = "Property[Any] | str"


class Settings:
    """Every property's typed value: ``settings[DB_PORT] == 5432``, as is ``settings["omero.db.port"]``.

    None is the value of a property that has none. A name that neither the catalog nor a source has is
    a `UsageError`. A value that contradicts its type, refers to nothing, or is in a file that cannot
    be read is refused by a `SettingsError` when it is read, and not before. ``notes`` say what of
    a source was skipped.

    Only what sources set is held: all else is resolved when it is first read. ``site`` is the rest of a
    site file: its options are defaults for functions that take options. Defaults are those of ``releases``.
    """

    def __init__(
        self,
        assigned: Mapping[str, list[Assignment]],
        omerodir: str,
        ranks: Mapping[str, Rank] | None = None,
        notes: Iterable[Problem] = (),
        site: Site = NO_SITE,
        releases: Releases = NEWEST,
    ) -> None:
        self.releases = releases
        self._assigned = assigned
        self._assigned_inputs = frozenset(map(Input.property, assigned))
        self.site = site
        self._omerodir = omerodir
        #: Where the OMERO directory was taken from.
        self.omerodir_origin = DEFAULT
        self._ranks = ranks or {}
        self._note: Note = unobserved
        #: The inputs that sources set, or that are not the usual ones: all else is the same for all sites.
        #: None where defaults are not the usual ones.
        self.own = self._assigned_inputs if releases == NEWEST else None
        if self.own is not None and omerodir != DEFAULT_OMERODIR:
            self.own |= {OMERODIR}
        self.ranked_warnings: tuple[tuple[Rank, Problem], ...] = ()
        self.notes = tuple(notes)
        self._entries = Entries(assigned, omerodir, releases)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_note": unobserved}

    @overload
    def __getitem__(self, name: Property[T]) -> T: ...
    @overload
    def __getitem__(self, name: str) -> Any: ...
    def __getitem__(self, name: Named) -> Any:
        return self._read(name).value

    def text(self, name: Named) -> str:
        """The text of a property, interpolated; empty where it has none. Raises `SettingsError`.

        A whole number has its plain form: others may read it more strictly, without spaces or a sign.
        """
        entry = self._read(name)
        value = entry.value
        return str(value) if type(value) is int else entry.text or ""

    def raw(self, name: Property[Any]) -> str:
        """The text of a property as its source has it, with its references; empty where it has none."""
        self._note((Input.property(name.name),))
        return self._entries[name.name].raw or ""

    def path(self, name: Property[str] | str) -> str:
        """A path, normalised; a relative one is below the OMERO directory, for every program alike."""
        path: str = self[name]
        return posixpath.normpath(path if path.startswith("/") else posixpath.join(self.omerodir, path))

    def is_set(self, name: Named) -> bool:
        """Whether a source set the property, to more than an empty text for an optional type."""
        return self._read(name).is_set

    def origin(self, name: Named) -> Location:
        """Where the value of a property was set."""
        return self._read(name).origin

    @property
    def omerodir(self) -> str:
        """The OMERO directory, absolute."""
        self._note((OMERODIR,))
        return self._omerodir

    def resolved(self, name: str) -> ResolvedProperty:
        """All that is known of a property, whether anybody has set it or not."""
        entry = self._entries[name]
        self._note(entry.reads)
        return entry

    @property
    def given(self) -> tuple[object, ...]:
        """All that settings may differ in, but for the contents of files that values name."""
        assigned = {name: tuple(layers) for name, layers in self._assigned.items()}
        return self._omerodir, self.omerodir_origin, self.releases, assigned, self.site

    def have_secret(self, inputs: AbstractSet[Input]) -> bool:
        """Whether a secret is in any of these values, whole or in a part of one."""
        may_have = inputs & self._assigned_inputs | inputs & may_have_secret()
        return any(self._entries[name].holds_secret for _, name in may_have)

    def assigned(self, names: Iterable[str]) -> list[ResolvedProperty]:
        """Those of these properties that a source has an assignment for."""
        return [self._entries[name] for name in names if name in self._assigned]

    def names_set(self, prefix: str = "") -> list[str]:
        """The names that sources set and that begin with ``prefix``, sorted."""
        self._note((Input(InputKind.SELECTION, prefix),))
        return [name for name in self._entries.set_by_sources if name.startswith(prefix)]

    def default(self, row: Property[Any]) -> str | None:
        """The default of a property in the releases of the site; None if it has none."""
        return default_of(row, self._omerodir, self.releases).text

    def effective_name(self, row: Property[Any]) -> str:
        """The name that gives a setting its value: that of ``row``, or a deprecated one set in its place.

        That is so when both become the same Django setting and only the deprecated one is set.
        """
        olds = predecessors().get(row.name)
        if olds and not self.is_set(row):
            return next(filter(self.is_set, olds), row.name)
        return row.name

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Warnings about the assignments of the sources, in the order of their places."""
        return tuple(self.site.unwaived([*self.site.warnings, *in_order(self.ranked_warnings)]))

    def refused(self, *, files: bool = True) -> list[Problem]:
        """Problems of the values that sources set, in the order of their places.

        Secrets in files are read for that, unless ``files`` is false.
        """
        return in_order(self.ranked_refusals(files=files))

    def problems(self) -> list[Problem]:
        """Values that are refused, and warnings, in the order of their places.

        A secret's file is read for that only where another value refers to it.
        """
        return in_order([*self.ranked_refusals(files=False), *self.ranked_warnings])

    def ranked_refusals(self, *, files: bool) -> list[tuple[Rank, Problem]]:
        """Refused values, each with its place among all assignments."""
        problems: dict[Problem, Rank] = {}
        for name in (*self._assigned, *composed()):
            entry = self._entries[name]
            if entry.file is not None and not files:
                continue
            for problem in collect(entry.check):
                problems[problem] = self.rank(problem.properties[0])
        return [
            (rank, problem)
            for problem, rank in problems.items()
            if files or problem.rule != "unreadable-secret"
        ]

    def rank(self, name: str) -> Rank:
        """The place of the last assignment to a property among all of them."""
        return self._ranks.get(name, (0, 0, 0))

    def entries(self) -> list[ResolvedProperty]:
        """All properties that a source has an assignment for."""
        return [self._entries[name] for name in self._assigned]

    def changed(self, texts: Mapping[str, str]) -> Settings:
        """The same settings with other texts for some properties, as if they had been set so."""
        suggested = {name: [set_to(name, text, SUGGESTION)] for name, text in texts.items()}
        return self._with({**self._assigned, **suggested}).observed(self._note)

    def without(self, names: Iterable[str]) -> Settings:
        """The same settings as if no source had set these."""
        gone = set(names)
        kept = {name: layers for name, layers in self._assigned.items() if name not in gone}
        return self._with(kept)

    def without_place(self, location: Location) -> Settings:
        """The same settings without the assignments of one place, such as ``--set``."""
        kept = {
            name: [layer for layer in layers if layer.location != location]
            for name, layers in self._assigned.items()
        }
        assigned = {name: layers for name, layers in kept.items() if layers}
        return self._with(assigned)

    def in_releases(self, releases: Releases) -> Settings:
        """The same settings with the defaults of these releases."""
        return self._with(self._assigned, releases)

    def _with(self, assigned: Mapping[str, list[Assignment]], releases: Releases | None = None) -> Settings:
        named = self.releases if releases is None else releases
        return Settings(assigned, self._omerodir, self._ranks, site=self.site, releases=named)

    def below(self, omerodir: str) -> Settings:
        """The same settings of an OMERO that is in another folder."""
        return Settings(self._assigned, omerodir, self._ranks, self.notes, self.site).observed(self._note)

    def at(self, site: Site) -> Settings:
        """The same properties with the options, waivers and hooks of ``site``."""
        moved = self.observed(self._note)
        moved.site = site
        return moved

    def observed(self, note: Note) -> Settings:
        """The same settings; ``note`` is called with the inputs of each value that is read."""
        observed = object.__new__(Settings)
        observed.__dict__.update(self.__dict__)
        observed._note = note
        return observed

    def _read(self, name: Named) -> ResolvedProperty:
        if isinstance(name, Property):
            name = name.name
        elif name not in self._assigned and catalog.find(name) is None:
            raise UsageError(unknown_property(name))
        entry = self._entries[name]
        self._note(entry.reads)
        return entry
