"""The typed values of all properties, by name, each with its origin."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from omerogen import catalog
from omerogen.model.errors import Problem, SettingsError
from omerogen.model.location import SUGGESTION, Origin
from omerogen.settings.resolved import Layer, ResolvedProperty


class Settings:
    """Every property's typed value, by name: ``settings["omero.db.port"] == 5432``.

    None is the value of a property that has none. A name that the catalog does
    not know has its text, or None. ``warnings`` are for the user to see, ``notes``
    tell what of a source was passed over.
    """

    def __init__(
        self,
        entries: dict[str, ResolvedProperty],
        omerodir: str,
        warnings: Iterable[Problem] = (),
        notes: Iterable[Problem] = (),
    ) -> None:
        self.entries = entries
        self.omerodir = omerodir
        self.warnings = tuple(warnings)
        self.notes = tuple(notes)

    def entry(self, name: str) -> ResolvedProperty:
        """All that is known of a property; every other way to a value goes through here."""
        return self.entries.get(name) or ResolvedProperty(catalog.describe(name), [])

    def __getitem__(self, name: str) -> Any:
        return self.entry(name).value

    def text(self, name: str) -> str:
        """The text of a property, interpolated; empty where it has none."""
        return self.entry(name).text or ""

    def path(self, name: str) -> str:
        """A path, normalised; a relative one is below the OMERO directory, for every program alike."""
        return posixpath.normpath(posixpath.join(self.omerodir, str(self[name])))

    def is_set(self, name: str) -> bool:
        """Whether a source set the property, to more than an empty text for an optional kind."""
        return self.entry(name).is_set

    def origin(self, name: str) -> Origin:
        """Where the value of a property was set."""
        return self.entry(name).origin

    def unreadable(self) -> list[Problem]:
        """What is wrong with the files of secrets; all of them are read, whoever needs them."""
        problems: list[Problem] = []
        for entry in self.entries.values():
            try:
                if entry.file is not None:
                    _ = entry.value
            except SettingsError as error:
                problems += error.problems
        return problems

    def names_set(self, prefix: str = "") -> list[str]:
        """The names that sources set and that begin with ``prefix``, sorted."""
        return sorted(name for name, e in self.entries.items() if e.is_set and name.startswith(prefix))

    def stand_in(self, name: str) -> str:
        """The name that gives a setting its value: ``name``, or a deprecated one set in its stead.

        A deprecated property stands in when both become the same Django setting and
        only the deprecated one is set.
        """
        if not self.is_set(name):
            for old in stand_ins().get(name, ()):
                if self.is_set(old):
                    return old
        return name

    def changed(self, texts: Mapping[str, str]) -> Settings:
        """The same settings with other texts for some properties, as if they had been set so."""
        entries = dict(self.entries)
        for name, text in texts.items():
            entry = ResolvedProperty(catalog.describe(name), [Layer(text, SUGGESTION)])
            entry.text = text
            entries[name] = entry
        return Settings(entries, self.omerodir)

    def observed(self, note: Callable[[str], None]) -> Settings:
        """The same settings; ``note`` is called with each name that is read."""
        return _Observed(self, note)


class _Observed(Settings):
    def __init__(self, settings: Settings, note: Callable[[str], None]) -> None:
        super().__init__(settings.entries, settings.omerodir)
        self._note = note

    def entry(self, name: str) -> ResolvedProperty:
        self._note(name)
        return super().entry(name)


@cache
def stand_ins() -> dict[str, tuple[str, ...]]:
    """For a property that became a Django setting: the deprecated ones that became the same."""
    rows = list(catalog.django_settings())
    return {
        row.name: tuple(old.name for old in rows if old.django == row.django and old.status == "deprecated")
        for row in rows
        if row.status != "deprecated"
    }
