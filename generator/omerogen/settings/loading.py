"""Layers of properties over the catalog's defaults, made into `Settings`.

A later layer wins: defaults, files in their order, the environment, ``--set``.
All that is wrong in any of them is reported in one `SettingsError`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from omerogen import catalog, sources
from omerogen.model.errors import Problem, SettingsError, SourceError
from omerogen.model.location import DEFAULT, FLAG, Origin
from omerogen.model.property import Property
from omerogen.secrets import files
from omerogen.secrets.patterns import cleared_line
from omerogen.settings import redact
from omerogen.settings.interpolation import Resolver, Unresolvable
from omerogen.settings.resolved import Layer, ResolvedProperty
from omerogen.settings.settings import Settings, stand_ins
from omerogen.sources.assignments import Change, Operation, Reading, as_text, is_legal, legal, set_to
from omerogen.values.base import Invalid
from omerogen.values.json import dumps, loads
from omerogen.values.patterns import Pattern

#: Where OMERO.web is, unless ``--omerodir`` or ``$OMERODIR`` says otherwise.
OMERODIR = "/opt/omero/web/OMERO.web"

_NOT_TEXT = Pattern("[\0\ud800-\udfff]")
_QUOTED = Pattern(r"""(["'])(?:(?!\1).)*\1""", re.DOTALL)
#: The place of something among all that was said: source, line, number in the source.
Rank: TypeAlias = tuple[int, int, int]
_FIRST: Rank = (0, 0, 0)
#: Longer digits behind a colon are a part of the file's name.
_LONGEST_LINE_NUMBER = 10
#: How much of a wrong value a message shows.
_SHOWN = 60


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
    builder = _Builder(_absolute(omerodir or OMERODIR))
    if _NOT_TEXT.search(builder.omerodir):
        builder.problems.append(
            (_FIRST, Problem("--omerodir", "has what is no character", "write it as UTF-8"))
        )
    for path in files:
        try:
            builder.apply(sources.read(os.fsdecode(path), profile))
        except SourceError as error:
            builder.apply(Reading([], problems=error.problems))
    if environ is not None:
        from omerogen.sources import environment

        builder.apply(environment.read(environ))
    given = {str(name): value for name, value in (overrides or {}).items()}
    builder.apply(Reading([set_to(name, as_text(name, given[name], FLAG.where), FLAG) for name in given]))
    return builder.settings()


def _absolute(omerodir: str | os.PathLike[str]) -> str:
    try:
        return os.path.abspath(omerodir)
    except OSError:
        message = f"{os.fspath(omerodir)!r} is relative to a folder that is gone"
        raise SettingsError(Problem("--omerodir", message, "give an absolute path")) from None


class _Builder:
    """Folds changes over the defaults; collects all that is wrong on the way."""

    def __init__(self, omerodir: str) -> None:
        self.omerodir = omerodir
        self.source = 0
        self.notes: list[Problem] = []
        self.problems: list[tuple[Rank, Problem]] = []
        self.warnings: list[tuple[Rank, Problem]] = []
        self.entries = {
            row.name: ResolvedProperty(row, self._default(row)) for row in catalog.PROPERTIES.values()
        }

    def _default(self, row: Property[Any]) -> list[Layer]:
        default = os.path.join(self.omerodir, row.below_omerodir) if row.below_omerodir else row.default
        return [] if default is None else [Layer(default, DEFAULT)]

    def apply(self, reading: Reading) -> None:
        """Put the changes of a source on top of what is there."""
        self.source += 1
        self.notes += reading.notes
        self.problems += [((self.source, _line_of(problem), 0), problem) for problem in reading.problems]
        for number, change in enumerate(reading.changes):
            self._apply(change, (self.source, change.origin.line or 0, number))

    def _apply(self, change: Change, rank: Rank) -> None:
        if not is_legal(change.name):
            self._wrong(
                change.origin,
                f"{legal(change.name)!r} begins no property name",
                "use A-Z a-z 0-9 . _ -",
                rank,
            )
            return
        if _NOT_TEXT.search(change.text):
            self._wrong(change.origin, f"{change.name} has what is no character", "write it as UTF-8", rank)
            return
        entry = self.entries.setdefault(change.name, ResolvedProperty(catalog.describe(change.name), []))
        try:
            text = _changed(entry.raw, change)
        except Invalid as error:
            self._wrong(change.origin, f"{change.name} {error.problem}", error.advice, rank)
            return
        entry.layers.append(Layer(text, change.origin))
        entry.rank = rank

    def settings(self) -> Settings:
        """The settings, if nothing is wrong with them."""
        self._resolve()
        self._judge_names()
        self._judge_quotes()
        self._adopt_deprecated()
        if self.problems:
            problems = list(dict.fromkeys(self.problems))
            raise SettingsError(_in_order(problems), _in_order([*problems, *self.warnings]))
        return Settings(self.entries, self.omerodir, _in_order(self.warnings), self.notes)

    def _resolve(self) -> None:
        """Give every entry its text, and check it; plain defaults are checked by the tests, not here."""
        resolver = Resolver(self._raw, self._content)
        for name, entry in self.entries.items():
            if entry.raw is None:
                continue
            try:
                self._fill(entry, *resolver.value(name))
            except Unresolvable as error:
                if error.culprits and name not in error.culprits:
                    continue  # told where it is wrong
                self._wrong(entry.origin, *_about_reference(entry, error), entry.rank)
            except Invalid as error:
                self._wrong(entry.origin, _about_value(entry, error), error.advice, entry.rank)
            except SettingsError as error:  # of the file of a secret that it refers to
                self.problems += [(self.entries[p.properties[0]].rank, p) for p in error.problems]

    def _fill(self, entry: ResolvedProperty, text: str, names: tuple[str, ...]) -> None:
        """Give an entry its text, or the file that has it."""
        entry.expanded = names
        entry.made_of_secret = any(redact.holds_secret(self.entries[name]) for name in names)
        if _is_in_file(entry):
            entry.file = files.path(text)
            return
        entry.text = text
        if names or entry.origin is not DEFAULT:
            entry.parse_as(entry.property)

    def _raw(self, name: str) -> str | None:
        return self.entries[name].raw if name in self.entries else None

    def _content(self, name: str, text: str) -> str:
        """What ``${name}`` stands for: the text, or what the file holds that it names."""
        entry = self.entries[name]
        if not _is_in_file(entry):
            return text
        try:
            entry.file = files.path(text)
        except Invalid as error:  # which is told of the property itself
            raise Unresolvable(error.problem, error.advice, (name,)) from None
        return entry.text or ""

    def _judge_names(self) -> None:
        """Warn of names that look misspelt, and of deprecated ones."""
        for name, entry in self.entries.items():
            status = entry.property.status
            if entry.origin is DEFAULT:
                continue
            if "." not in name:
                # In a file it may be a line of a secret that has several.
                shown = "has this name" if entry.origin.line else repr(name)
                advice = "properties have a dot in their name: omero.…"
                self._warn(entry, "unknown-name", f"no property {shown}", advice)
            elif status == "unknown" and (near := catalog.near_miss(name)):
                self._warn(entry, "near-miss", f"no property {name!r}", f"did you mean {near!r}?")
            elif status == "deprecated":
                successor = entry.property.replaced_by or _stands_for(name)
                advice = f"use {successor}" if successor else "leave it out"
                self._warn(entry, "deprecated", f"{name} is deprecated", advice)

    def _judge_quotes(self) -> None:
        """Warn of texts in quotes that no shell took away: they would be part of a name or a password."""
        for entry in self.entries.values():
            if entry.origin is not DEFAULT and _is_quoted_text(entry):
                message = f"{entry.property.name} has quotes around it, which are part of the value"
                self._warn(entry, "quoted-value", message, "take them out")

    def _adopt_deprecated(self) -> None:
        """A deprecated entry that stands in for its successor has the successor's kind."""
        for new, olds in stand_ins().items():
            for entry in (self.entries[old] for old in olds):
                try:
                    if entry.text_so_far:
                        entry.parse_as(catalog.PROPERTIES[new])
                except Invalid as error:
                    self._wrong(entry.origin, _about_value(entry, error), error.advice, entry.rank)

    def _wrong(self, origin: Origin, message: str, advice: str, rank: Rank) -> None:
        self.problems.append((rank, Problem(origin.where, message, advice)))

    def _warn(self, entry: ResolvedProperty, rule: str, message: str, advice: str) -> None:
        problem = Problem(entry.origin.where, message, advice, rule, (entry.property.name,))
        self.warnings.append((entry.rank, problem))


def _changed(below: str | None, change: Change) -> str | None:
    """The text of a property after a change to the text ``below``; None if that is taken back."""
    if change.operation is Operation.SET:
        return change.text
    if change.operation is Operation.UNSET:
        return None
    members, member = loads(below or "[]"), loads(change.text)
    if not isinstance(members, list):
        raise Invalid("is not a list, so that nothing can be appended or removed", "set the whole value")
    if change.operation is Operation.REMOVE:
        if member not in members:
            raise Invalid("does not have the member that is to be removed", "take out this line")
        members.remove(member)
    elif change.operation is Operation.APPEND or member not in members:
        members.append(member)
    return dumps(members)


def _stands_for(old: str) -> str:
    """The property in whose stead a deprecated one counts."""
    return next((new for new, olds in stand_ins().items() if old in olds), "")


def _line_of(problem: Problem) -> int:
    """The line that a problem of a file is about, 0 for none."""
    line = problem.place.rpartition(":")[2]
    return int(line) if line.isdecimal() and len(line) < _LONGEST_LINE_NUMBER else 0


def _in_order(ranked: Iterable[tuple[Rank, Problem]]) -> list[Problem]:
    """The problems in the order of their places."""
    return [problem for _, problem in sorted(ranked, key=lambda one: one[0])]


def _is_quoted_text(entry: ResolvedProperty) -> bool:
    """Whether a text begins and ends with a quote; those of JSON and of JVM options belong there.

    What a plugin's are for is not known, and a file is not read for it.
    """
    if entry.property.status == "unknown" or entry.file is not None:
        return False
    try:
        return bool(_QUOTED.fullmatch((entry.raw or "").strip())) and isinstance(entry.value, str)
    except Invalid:
        return False  # which is told


def _is_in_file(entry: ResolvedProperty) -> bool:
    """Whether the value is a secret that is kept in a file; for all others ``file:`` is a text like any."""
    return (entry.raw or "").startswith(files.PREFIX) and redact.is_named_secret(entry.property)


def _about_value(entry: ResolvedProperty, error: Invalid) -> str:
    """What is wrong with a value; the value is shortened, and not repeated where it may hold a secret."""
    name, raw = entry.property.name, entry.raw or ""
    if redact.holds_secret(entry):
        return f"{name} {cleared_line(error.safe_message)}"
    if not entry.property.kind.showable:
        return f"{name} {cleared_line(error.problem)}"
    return f"{name} {raw if len(raw) <= _SHOWN else raw[:_SHOWN] + '…'!r} {error.problem}"


def _about_reference(entry: ResolvedProperty, error: Unresolvable) -> tuple[str, str]:
    """What is wrong with a reference, and what to do.

    What stands in the braces may be a part of a secret, or was put together from one.
    """
    name, missing = entry.property.name, error.missing
    written = missing is not None and f"${{{missing}}}" in (entry.raw or "")
    if missing is None or catalog.find(missing) or (written and not redact.holds_secret(entry)):
        return f"{name} {error.problem}", error.advice
    advice = "mend what is in the braces; a secret with ${ in it goes into a file, as file:/PATH"
    return f"{name} refers to a property that has no value", advice
