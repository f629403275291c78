"""The typed values of all properties, each with its origin."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar, overload

from omerogen import catalog
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
    SettingsError,
    UsageError,
    collect,
    unobserved,
)
from omerogen.secrets import files
from omerogen.settings.defaults import composed, default_text, successors
from omerogen.settings.interpolation import Resolver, Unresolvable
from omerogen.settings.resolved import ResolvedProperty
from omerogen.settings.site import NO_SITE, Site
from omerogen.sources.assignments import Assignment, is_legal, legal, set_to
from omerogen.values.base import Invalid

#: Where OMERO.web is, unless ``--omerodir`` or ``$OMERODIR`` says otherwise.
DEFAULT_OMERODIR = "/opt/omero/web/OMERO.web"

T = TypeVar("T")
#: A row of the catalog, or the name of a property as a text.
Named: TypeAlias = "Property[Any] | str"
#: The place of an assignment among all that sources made: source, line, number in the source.
Rank: TypeAlias = tuple[int, int, int]


class Settings:
    """Every property's typed value: ``settings[DB_PORT] == 5432``, as is ``settings["omero.db.port"]``.

    None is the value of a property that has none. A name that neither the catalog nor a source has is
    a `UsageError`. A value that contradicts its type, refers to nothing, or is in a file that cannot
    be read is refused by a `SettingsError` when it is read, and not before. ``notes`` say what of
    a source was skipped.

    Only what sources set is held: all else is resolved when it is first read. ``site`` is the rest of a
    site file: its options are defaults for functions that take options.
    """

    def __init__(
        self,
        assigned: Mapping[str, list[Assignment]],
        omerodir: str,
        ranks: Mapping[str, Rank] | None = None,
        notes: Iterable[Problem] = (),
        site: Site = NO_SITE,
    ) -> None:
        self._assigned = assigned
        self.site = site
        self._omerodir = omerodir
        #: Where the OMERO directory was taken from.
        self.omerodir_origin = DEFAULT
        self._ranks = ranks or {}
        self._note: Note = unobserved
        self.ranked_warnings: tuple[tuple[Rank, Problem], ...] = ()
        self.notes = tuple(notes)
        self._forget()

    def _forget(self) -> None:
        self._resolved: dict[str, ResolvedProperty] = {}
        self._resolver = Resolver(self._raw, self._content)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_note": unobserved, "_resolved": None, "_resolver": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

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
        self._note(Input.property(name.name))
        return self._entry(name.name).raw or ""

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
        self._note(OMERODIR)
        return self._omerodir

    def resolved(self, name: str) -> ResolvedProperty:
        """All that is known of a property, whether anybody has set it or not."""
        entry = self._entry(name)
        for read in entry.reads:
            self._note(read)
        return entry

    def names_set(self, prefix: str = "") -> list[str]:
        """The names that sources set and that begin with ``prefix``, sorted."""
        self._note(Input(InputKind.SELECTION, prefix))
        return sorted(name for name in self._assigned if name.startswith(prefix) and self._entry(name).is_set)

    def effective_name(self, row: Property[Any]) -> str:
        """The name that gives a setting its value: that of ``row``, or a deprecated one set in its place.

        That is so when both become the same Django setting and only the deprecated one is set.
        """
        if not self.is_set(row):
            olds = (old for old, new in successors().items() if new is row)
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
            entry = self._entry(name)
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
        return [self._entry(name) for name in self._assigned]

    def changed(self, texts: Mapping[str, str]) -> Settings:
        """The same settings with other texts for some properties, as if they had been set so."""
        suggested = {name: [set_to(name, text, SUGGESTION)] for name, text in texts.items()}
        changed = Settings({**self._assigned, **suggested}, self._omerodir, self._ranks, site=self.site)
        return changed.observed(self._note)

    def without(self, names: Iterable[str]) -> Settings:
        """The same settings as if no source had set these."""
        gone = set(names)
        kept = {name: layers for name, layers in self._assigned.items() if name not in gone}
        return Settings(kept, self._omerodir, self._ranks, site=self.site)

    def without_place(self, location: Location) -> Settings:
        """The same settings without the assignments of one place, such as ``--set``."""
        kept = {
            name: [layer for layer in layers if layer.location != location]
            for name, layers in self._assigned.items()
        }
        assigned = {name: layers for name, layers in kept.items() if layers}
        return Settings(assigned, self._omerodir, self._ranks, site=self.site)

    def below(self, omerodir: str) -> Settings:
        """The same settings of an OMERO that is in another folder."""
        return Settings(self._assigned, omerodir, self._ranks, self.notes, self.site).observed(self._note)

    def at(self, site: Site) -> Settings:
        """The same properties with the options, waivers and hooks of ``site``."""
        moved = self.observed(self._note)
        moved.site = site
        return moved

    def observed(self, note: Note) -> Settings:
        """The same settings; ``note`` is called for each input that is read."""
        observed = object.__new__(Settings)
        observed.__dict__.update(self.__dict__)
        observed._note = note
        return observed

    def _read(self, name: Named) -> ResolvedProperty:
        if isinstance(name, Property):
            return self.resolved(name.name)
        if name not in self._assigned and catalog.find(name) is None:
            raise UsageError(unknown_property(name))
        return self.resolved(name)

    def _entry(self, name: str) -> ResolvedProperty:
        if name not in self._resolved:
            entry = self._resolved[name] = ResolvedProperty(catalog.describe(name), self._layers(name))
            if entry.raw is not None:
                self._resolve(entry)
            entry.reads = list(map(Input.property, (name, *entry.expanded)))
            if any(self._entry(part).is_below_omerodir for part in (name, *entry.expanded)):
                entry.reads.append(OMERODIR)
        return self._resolved[name]

    def _resolve(self, entry: ResolvedProperty) -> None:
        """Give an entry its text, or the file that has it."""
        name = entry.property.name
        successor = successors().get(name)
        entry.successor = successor.kind if successor else None
        try:
            if entry.winner and entry.winner.unknown:
                raise entry.winner.unknown
            text, entry.expanded = self._resolver.value(name)
            entry.made_of_secret = any(self._entry(part).holds_secret for part in entry.expanded)
            if entry.is_in_file:
                entry.file = files.path(text)
                parts = [entry, *map(self._entry, entry.expanded)]
                entry.owners = frozenset(part.winner.owner for part in parts if part.winner)
            else:
                entry.text = text
            entry.refusals = tuple(collect(*(self._entry(part).check for part in entry.expanded)))
        except Unresolvable as error:
            entry.text = entry.raw
            # A default is not to blame where a source set another part of the chain.
            culprits = [part for part in error.culprits if part in self._assigned] or error.culprits
            if not culprits or name in culprits:
                entry.refuse(error)
            else:
                entry.refusals = self._entry(culprits[0]).refusals
        except Invalid as error:
            entry.text = entry.raw
            entry.refuse(error)
        except SettingsError as error:  # of the file of a secret that it refers to
            entry.text = entry.raw
            entry.refusals = error.problems

    def _layers(self, name: str) -> list[Assignment]:
        default = default_text(catalog.describe(name), self._omerodir)
        layers = [] if default is None else [set_to(name, default, DEFAULT)]
        return [*layers, *self._assigned.get(name, ())]

    def _raw(self, name: str) -> str | None:
        layers = self._assigned.get(name)
        if layers and (text := layers[-1].value) is not None:
            return text
        row = catalog.find(name)
        return default_text(row, self._omerodir) if row else None

    def _content(self, name: str, text: str) -> str:
        """The replacement of ``${name}``: the text, or the content of the file that it names."""
        if not text.startswith(files.PREFIX):
            return text
        entry = self._entry(name)
        if not entry.is_in_file:
            return text
        if entry.refusals:
            raise SettingsError(entry.refusals)
        return entry.text or ""


def in_order(ranked: Iterable[tuple[Rank, Problem]]) -> list[Problem]:
    """Problems in the order of their places, each once."""
    return list(dict.fromkeys(problem for _, problem in sorted(ranked, key=lambda one: one[0])))


def unknown_property(name: str) -> Problem:
    """The problem with a name that no property has. Text after an invalid character may be a secret."""
    shown = name if is_legal(name) else legal(name)[:-1]
    if not shown:
        place = Location.command("property name")
        return Problem(
            place, "is empty or begins with an invalid character", "omerogen properties lists them"
        )
    if shown != name and catalog.find(shown):
        return Problem(Location.property(shown), "is followed by other text", "give the name alone")
    near = catalog.near_miss(name)
    advice = f"did you mean {near!r}?" if near else "omerogen properties lists them"
    return Problem(Location.property(shown), "unknown property", advice)
