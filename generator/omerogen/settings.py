"""Layers of properties and the catalog, made into typed values that know their origin.

A later layer wins: defaults, files in their order, the environment, ``--set``.
All that is wrong in any of them is reported in one `SettingsError`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from omerogen import catalog, sources
from omerogen.errors import Problem, SettingsError, SourceError
from omerogen.interpolation import Resolver, Unresolvable
from omerogen.origin import DEFAULT, FLAG, Origin
from omerogen.patterns import Pattern
from omerogen.properties import Property
from omerogen.sources.changes import Change, Operation, set_to
from omerogen.values.base import Invalid
from omerogen.values.json import dumps, loads

#: Where OMERO.web is, unless ``--omerodir`` or ``$OMERODIR`` says otherwise.
OMERODIR = "/opt/omero/web/OMERO.web"

_NAME = Pattern(r"[A-Za-z0-9._-]+")
_NOT_TEXT = Pattern("[\0\ud800-\udfff]")
_CREDENTIALS = Pattern(r"://[^/\s]*@")
_NOT_PARSED = object()
#: How much of a wrong value a message shows.
_SHOWN = 60


class Layer(NamedTuple):
    """The text that one source gave a property, as it stood there."""

    text: str
    origin: Origin


class Entry:
    """A property with all that is known of its value.

    - ``layers``: the texts that sources gave it, from the lowest to the one that won.
    - ``text``: the winning one, interpolated; None without any.
    - ``expanded``: the names of the properties that the interpolation put into it.
    - ``rank``: the place of the winning layer among all that sources said.
    """

    __slots__ = ("_value", "expanded", "layers", "property", "rank", "text")

    def __init__(self, row: Property[Any], layers: list[Layer]) -> None:
        self.property = row
        self.layers = layers
        self.text: str | None = None
        self.expanded: tuple[str, ...] = ()
        self.rank = -1
        self._value: Any = _NOT_PARSED

    @property
    def value(self) -> Any:
        """The typed value; parsed when it is first asked for, since most defaults never are."""
        if self._value is _NOT_PARSED:
            self._value = None if self.text is None else self.property.kind.parse(self.text)
        return self._value

    def parse_as(self, row: Property[Any]) -> None:
        """Take the text for a value of another property's kind."""
        self._value = None if self.text is None else row.kind.parse(self.text)

    @property
    def origin(self) -> Origin:
        """Where the value that counts was set."""
        return self.layers[-1].origin if self.layers else DEFAULT

    @property
    def is_set(self) -> bool:
        """Whether somebody set it: an empty text for an optional kind does not."""
        return self.origin is not DEFAULT and self.value is not None


class Settings:
    """Every property's typed value, by name: ``settings["omero.db.port"] == 5432``.

    None is the value of a property that has none. A name that the catalog does
    not know has its text, or None. ``warnings`` are for the user to see.
    """

    def __init__(self, entries: dict[str, Entry], omerodir: str, warnings: Iterable[Problem] = ()) -> None:
        self.entries = entries
        self.omerodir = omerodir
        self.warnings = tuple(warnings)

    def entry(self, name: str) -> Entry:
        """All that is known of a property; every other way to a value goes through here."""
        return self.entries.get(name) or Entry(catalog.describe(name), [])

    def __getitem__(self, name: str) -> Any:
        return self.entry(name).value

    def text(self, name: str) -> str:
        """The text of a property, interpolated; empty where it has none."""
        return self.entry(name).text or ""

    def is_set(self, name: str) -> bool:
        """Whether a source set the property, to more than an empty text for an optional kind."""
        return self.entry(name).is_set

    def origin(self, name: str) -> Origin:
        """Where the value of a property was set."""
        return self.entry(name).origin

    def names_set(self, prefix: str = "") -> list[str]:
        """The names that sources set and that begin with ``prefix``, sorted."""
        return sorted(name for name, e in self.entries.items() if e.is_set and name.startswith(prefix))

    def stand_in(self, name: str) -> str:
        """The name that gives a setting its value: ``name``, or a deprecated one set in its stead.

        A deprecated property stands in when both become the same Django setting and
        only the deprecated one is set.
        """
        if not self.is_set(name):
            for old in _stand_ins().get(name, ()):
                if self.is_set(old):
                    return old
        return name

    def observed(self, note: Callable[[str], None]) -> Settings:
        """The same settings; ``note`` is called with each name that is read."""
        return _Observed(self, note)


class _Observed(Settings):
    def __init__(self, settings: Settings, note: Callable[[str], None]) -> None:
        super().__init__(settings.entries, settings.omerodir, settings.warnings)
        self._note = note

    def entry(self, name: str) -> Entry:
        self._note(name)
        return super().entry(name)


@cache
def _stand_ins() -> dict[str, tuple[str, ...]]:
    """For a property that became a Django setting: the deprecated ones that became the same."""
    rows = list(catalog.django_settings())
    return {
        row.name: tuple(old.name for old in rows if old.django == row.django and old.status == "deprecated")
        for row in rows
        if row.status != "deprecated"
    }


def load(
    *files: str | os.PathLike[str],
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    omerodir: str | os.PathLike[str] | None = None,
) -> Settings:
    """The settings of ``files``, a later one winning, then of ``environ``, then of ``overrides``.

    - ``profile``: the profile of a config.xml, in place of its own choice.
    - ``overrides``: name to text; any other value becomes JSON.
    - ``environ``: variables, of which the ``CONFIG_…`` ones count.
    - ``omerodir``: the OMERO directory, `OMERODIR` if not given.

    Nothing is read that is not given: ``load()`` is the defaults alone.
    Raises `SettingsError` with all that is wrong, in order of place.
    """
    builder = _Builder(os.path.abspath(omerodir or OMERODIR))
    for path in files:
        try:
            builder.apply(sources.read(os.fspath(path), profile))
        except SourceError as error:
            builder.problems += [(builder.rank, problem) for problem in error.problems]
    if environ is not None:
        from omerogen.sources import environment

        builder.apply(environment.read(environ))
    builder.apply(
        set_to(name, value if isinstance(value, str) else dumps(value), FLAG)
        for name, value in (overrides or {}).items()
    )
    return builder.settings()


class _Builder:
    """Folds changes over the defaults; collects all that is wrong on the way."""

    def __init__(self, omerodir: str) -> None:
        self.omerodir = omerodir
        self.rank = 0
        self.problems: list[tuple[int, Problem]] = []
        self.warnings: list[tuple[int, Problem]] = []
        self.entries = {row.name: Entry(row, self._default(row)) for row in catalog.PROPERTIES.values()}

    def _default(self, row: Property[Any]) -> list[Layer]:
        default = os.path.join(self.omerodir, row.below_omerodir) if row.below_omerodir else row.default
        return [] if default is None else [Layer(default, DEFAULT)]

    def apply(self, changes: Iterable[Change]) -> None:
        """Put changes on top of what is there."""
        for change in changes:
            self.rank += 1
            self._apply(change)

    def _apply(self, change: Change) -> None:
        if not _NAME.fullmatch(change.name):
            self._wrong(change.origin, f"{change.name!r} is not a property name", "use A-Z a-z 0-9 . _ -")
            return
        if _NOT_TEXT.search(change.text):
            self._wrong(change.origin, f"{change.name} has what is no character", "write it as UTF-8")
            return
        entry = self.entries.setdefault(change.name, Entry(catalog.describe(change.name), []))
        text = change.text if change.operation is Operation.SET else self._appended(entry, change)
        if text is not None:
            entry.layers.append(Layer(text, change.origin))
            entry.rank = self.rank

    def _appended(self, entry: Entry, change: Change) -> str | None:
        """The JSON list of the layer below, with one value more."""
        below = entry.layers[-1].text if entry.layers else "[]"
        try:
            values, value = loads(below or "[]"), loads(change.text)
        except Invalid as error:
            self._wrong(change.origin, f"{change.name} {error.problem}", error.advice)
            return None
        if not isinstance(values, list):
            self._wrong(change.origin, f"{change.name} is not a list", "set the whole value")
            return None
        return dumps([*values, value])

    def settings(self) -> Settings:
        """The settings, if nothing is wrong with them."""
        self._resolve()
        self._judge_names()
        self._adopt_deprecated()
        if self.problems:
            raise SettingsError(problem for _, problem in sorted(self.problems, key=_by_rank))
        warnings = [warning for _, warning in sorted(self.warnings, key=_by_rank)]
        return Settings(self.entries, self.omerodir, warnings)

    def _resolve(self) -> None:
        """Give every entry its text, and check it; plain defaults are checked by the tests, not here."""
        resolver = Resolver(self._raw)
        for name, entry in self.entries.items():
            raw = self._raw(name)
            if raw is None:
                continue
            try:
                entry.text, entry.expanded = resolver.value(name)
                if entry.expanded or entry.origin is not DEFAULT:
                    entry.parse_as(entry.property)
            except Unresolvable as error:
                self._wrong(entry.origin, f"{name} {error.problem}", error.advice, entry.rank)
            except Invalid as error:
                self._wrong(entry.origin, f"{name} {_shown(entry)}{error.problem}", error.advice, entry.rank)

    def _raw(self, name: str) -> str | None:
        entry = self.entries.get(name)
        return entry.layers[-1].text if entry and entry.layers else None

    def _judge_names(self) -> None:
        """Warn of names that look misspelt, and of deprecated ones."""
        for name, entry in self.entries.items():
            status = entry.property.status
            if entry.origin is DEFAULT:
                continue
            if status == "unknown" and (near := catalog.near_miss(name)):
                self._warn(entry, f"no property {name!r}", f"did you mean {near!r}?")
            elif status == "deprecated":
                successor = entry.property.replaced_by
                self._warn(
                    entry, f"{name} is deprecated", f"use {successor}" if successor else "leave it out"
                )

    def _adopt_deprecated(self) -> None:
        """A deprecated entry that stands in for its successor has the successor's kind."""
        for new, olds in _stand_ins().items():
            for entry in (self.entries[old] for old in olds):
                try:
                    if entry.text:
                        entry.parse_as(catalog.PROPERTIES[new])
                except Invalid as error:
                    message = f"{entry.property.name} {_shown(entry)}{error.problem}"
                    self._wrong(entry.origin, message, error.advice, entry.rank)

    def _wrong(self, origin: Origin, message: str, advice: str, rank: int | None = None) -> None:
        problem = Problem(origin.where, message, advice)
        self.problems.append((self.rank if rank is None else rank, problem))

    def _warn(self, entry: Entry, message: str, advice: str) -> None:
        self.warnings.append((entry.rank, Problem(entry.origin.where, message, advice)))


def _by_rank(ranked: tuple[int, Problem]) -> int:
    return ranked[0]


def _shown(entry: Entry) -> str:
    """The wrong value as a message shows it: shortened, and not at all where it may hold a secret."""
    raw = entry.layers[-1].text
    if entry.property.secret or not entry.property.kind.showable or _CREDENTIALS.search(raw):
        return ""
    return f"{raw if len(raw) <= _SHOWN else raw[:_SHOWN] + '…'!r} "
