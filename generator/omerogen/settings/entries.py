"""The properties of a site, each resolved when it is first read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from omerogen import catalog
from omerogen.catalog.history import NEWEST, Releases
from omerogen.model import DEFAULT, OMERODIR, Input, Location, SettingsError, collect
from omerogen.secrets import files
from omerogen.settings.defaults import composed, default_of, releases_read, successors
from omerogen.settings.interpolation import Resolver, Unresolvable
from omerogen.settings.resolved import ResolvedProperty
from omerogen.sources.assignments import Assignment, set_to
from omerogen.values.base import Invalid


class Entries(dict[str, ResolvedProperty]):
    """By name, what is known of each property, whether a source has set it or not.

    A dictionary, since a build asks it more than a thousand times.
    """

    def __init__(self, assigned: Mapping[str, list[Assignment]], omerodir: str, releases: Releases) -> None:
        super().__init__()
        self._assigned = assigned
        self._omerodir = omerodir
        self._releases = releases
        self._resolver = Resolver(self._raw, self._content)

    def __reduce__(self) -> tuple[Any, ...]:
        return Entries, (self._assigned, self._omerodir, self._releases)

    def __missing__(self, name: str) -> ResolvedProperty:
        is_usual = self._releases == NEWEST and name not in self._assigned
        entry = _plain_default(name) if is_usual else None
        entry = self[name] = entry or self._new_entry(name)
        return entry

    @cached_property
    def set_by_sources(self) -> tuple[str, ...]:
        """The names that sources set, sorted."""
        return tuple(sorted(name for name in self._assigned if self[name].is_set))

    def _new_entry(self, name: str) -> ResolvedProperty:
        entry = self[name] = ResolvedProperty(catalog.describe(name), self._layers(name))
        if entry.raw is not None:
            self._resolve(entry)
        reads = list(map(Input.property, (name, *entry.expanded)))
        parts = [entry, *map(self.__getitem__, entry.expanded)]
        if any(part.is_below_omerodir for part in parts):
            reads.append(OMERODIR)
        entry.reads = (*reads, *releases_read(parts, self._releases))
        return entry

    def _resolve(self, entry: ResolvedProperty) -> None:
        """Give an entry its text, or the file that has it."""
        name = entry.property.name
        successor = successors().get(name)
        entry.successor = successor.kind if successor else None
        try:
            if entry.winner and entry.winner.unknown:
                raise entry.winner.unknown
            text, entry.expanded = self._resolver.value(name)
            if entry.expanded:
                entry.made_of_secret = any(self[part].holds_secret for part in entry.expanded)
                entry.refusals = tuple(collect(*(self[part].check for part in entry.expanded)))
            if entry.is_in_file:
                entry.file = files.path(text)
                parts = [entry, *map(self.__getitem__, entry.expanded)]
                entry.owners = frozenset(part.winner.owner for part in parts if part.winner)
            else:
                entry.text = text
        except Unresolvable as error:
            entry.text = entry.raw
            # A default is not to blame where a source set another part of the chain.
            culprits = [part for part in error.culprits if part in self._assigned] or error.culprits
            if not culprits or name in culprits:
                entry.refuse(error)
            else:
                entry.refusals = self[culprits[0]].refusals
        except Invalid as error:
            entry.text = entry.raw
            entry.refuse(error)
        except SettingsError as error:  # of the file of a secret that it refers to
            entry.text = entry.raw
            entry.refusals = error.problems

    def _layers(self, name: str) -> list[Assignment]:
        default = _layer_of_default(name, self._omerodir, self._releases)
        return [*default, *self._assigned.get(name, ())]

    def _raw(self, name: str) -> str | None:
        layers = self._assigned.get(name)
        if layers and (text := layers[-1].value) is not None:
            return text
        row = catalog.find(name)
        return default_of(row, self._omerodir, self._releases).text if row else None

    def _content(self, name: str, text: str) -> str:
        """The replacement of ``${name}``: the text, or the content of the file that it names."""
        if not text.startswith(files.PREFIX):
            return text
        entry = self[name]
        if not entry.is_in_file:
            return text
        if entry.refusals:
            raise SettingsError(entry.refusals)
        return entry.text or ""


@lru_cache(maxsize=512)
def _layer_of_default(name: str, omerodir: str, releases: Releases) -> tuple[Assignment, ...]:
    """The default of a property as an assignment; empty if it has none."""
    default = default_of(catalog.describe(name), omerodir, releases)
    origin = Location.default_of(default.origin) if default.component else DEFAULT
    return () if default.text is None else (set_to(name, default.text, origin),)


@lru_cache(maxsize=1024)
def _plain_default(name: str) -> ResolvedProperty | None:
    """A property that no source sets, the same for all sites: parsed once for all of them.

    None where the default depends on the site, or is a list that a program could change.
    """
    row = catalog.describe(name)
    if row.below_omerodir or "${" in (row.default or "") or row.name in composed():
        return None
    entry = Entries({}, "", NEWEST)._new_entry(name)
    return None if isinstance(entry.value, (list, dict)) else entry
