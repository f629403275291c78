"""``omerogen properties``: the catalog, or a part of it, in several forms."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from omerogen import catalog
from omerogen.artifacts import ARTIFACTS
from omerogen.catalog.history import NEWEST, Releases, is_in, missing
from omerogen.cli import reading
from omerogen.cli.arguments import add_names, is_pattern, matches_nothing
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import Location, Problem, Property, UsageError
from omerogen.reporting import reference
from omerogen.settings import Settings
from omerogen.settings.problems import unknown_property

_WIDEST_KIND = 40


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Which properties, and how to print them."""
    add_names(
        parser,
        "names",
        nargs="*",
        help="these, or those with such a text in their name; * matches any text",
    )
    add = parser.add_argument
    add("--section", metavar="SECTION", help="those of a section, such as Database")
    add("--text", metavar="TEXT", help="those with a text in their name or description")
    add("--only-set", action="store_true", help="those that are set, with their values")
    add("--only-secrets", action="store_true", help="those that are secret")
    add("--all", action="store_true", help="those too that no current release has")
    formats = tuple(_FORMATS)
    add(
        "--format",
        type=lambda text: _ALIASES.get(text, text),
        choices=formats,
        default=formats[0],
        help=f"how to print them ({formats[0]})",
    )


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The selected properties."""
    releases = reading.releases(parsed)
    given = settings() if parsed.only_set or parsed.set else None
    read = given if parsed.only_set else None
    if read is None:
        rows = reference.rows(releases, with_removed=parsed.all)
        listed = {row.name for row in rows}
        unlisted = dict.fromkeys(name for name in parsed.names if name not in listed)
        members = [catalog.find(name) for name in unlisted if releases == NEWEST or is_in(name, releases)]
        rows += [member for member in members if member]
    else:
        every = (read.resolved(name).property for name in read.names_set())
        rows = [row if releases == NEWEST else reference.in_releases(row, releases) for row in every]
    _check(parsed, rows)
    selected = [row for row in rows if _is_selected(row, parsed)]
    return Outcome(_FORMATS[parsed.format](selected, read), tuple(_not_there(parsed.names, releases)))


def _not_there(names: Iterable[str], releases: Releases) -> Iterator[Problem]:
    """Why properties that are asked for are not listed: the named release does not have them."""
    for name in names if releases != NEWEST else ():
        if catalog.find(name) and (change := missing(name, releases)):
            yield Problem(Location.property(name), f"is not in this release: {change.change} in {change}")


def _check(parsed: argparse.Namespace, rows: list[Property[Any]]) -> None:
    """Refuse a filter that selects nothing because it is misspelt."""
    problems = []
    for pattern in parsed.names:
        if not any(_has_name(row, pattern) for row in rows) and not catalog.find(pattern):
            problems.append(matches_nothing(pattern) if is_pattern(pattern) else unknown_property(pattern))
    sections = sorted({row.section for row in reference.rows()})
    if parsed.section and parsed.section.lower() not in map(str.lower, sections):
        advice = f"there are: {', '.join(sections)}"
        problems.append(Problem(Location.flag("--section"), f"unknown section {parsed.section!r}", advice))
    if problems:
        raise UsageError(problems)


def _has_name(row: Property[Any], given: str) -> bool:
    """Whether a name is the given one; where no property has that, whether it has it as a part."""
    if is_pattern(given) or catalog.find(given):
        return fnmatchcase(row.name, given)
    return given != "" and given.lower() in row.name.lower()


def _is_selected(row: Property[Any], parsed: argparse.Namespace) -> bool:
    return (
        (not parsed.names or any(_has_name(row, given) for given in parsed.names))
        and (not parsed.section or row.section.lower() == parsed.section.lower())
        and (not parsed.text or parsed.text.lower() in f"{row.name} {row.doc}".lower())
        and (not parsed.only_secrets or row.secret)
    )


def _table(rows: list[Property[Any]], settings: Settings | None) -> str:
    """Columns for people: name, kind, and the default or the value that was set."""
    from omerogen.settings import redact

    def last(row: Property[Any]) -> str:
        text = row.default if settings is None else redact.value(settings.resolved(row.name))
        return {None: "(not set)", "": "(empty)"}.get(text) or printable(str(text))

    header = ("PROPERTY", "KIND", "DEFAULT" if settings is None else "VALUE")
    cells = [header, *((row.name, row.kind.name, last(row)) for row in rows)]
    widths = [max(len(cell[column]) for cell in cells) for column in (0, 1)]
    widths[1] = min(widths[1], _WIDEST_KIND)
    return "".join(
        f"{name:{widths[0]}}  {_shortened(kind):{widths[1]}}  {value}".rstrip() + "\n"
        for name, kind, value in cells
    )


def _shortened(kind: str) -> str:
    """A kind that fits its column: a longer one is cut after a word and marked with ``…``."""
    if len(kind) <= _WIDEST_KIND:
        return kind
    end = max(kind.rfind(between, 0, _WIDEST_KIND) for between in " |")
    return f"{kind[:end].rstrip(' ,:(|')}…"


def _described_all(rows: list[Property[Any]], settings: Settings | None) -> Iterator[dict[str, Any]]:
    """The properties, with the artifacts that read each, some of them only if it is set."""
    from omerogen.reporting.reach import Reach
    from omerogen.settings.loading import load

    given = settings or load()
    defaults = {row.name: row.default for row in rows if row.default is not None}
    every = (Reach(given), Reach(given.changed(defaults)))
    for row in rows:
        readers = {artifact for reach in every for artifact in reach.readers(row.name)}
        yield {**_described(row, settings), "read_by": [one for one in ARTIFACTS if one in readers]}


def _described(row: Property[Any], settings: Settings | None) -> dict[str, Any]:
    from omerogen.settings import redact

    if settings is None:
        return reference.as_dict(row)
    entry = settings.resolved(row.name)
    return {**reference.as_dict(row), "value": redact.value(entry), "origin": str(entry.origin)}


_ALIASES = {"json-schema": "schema", "jsonschema": "schema", "md": "markdown"}
_FORMATS: dict[str, Callable[[list[Property[Any]], Settings | None], str]] = {
    "table": _table,
    "json": lambda rows, settings: json_text([*_described_all(rows, settings)]),
    "schema": lambda rows, _: json_text(reference.json_schema(rows)),
    "markdown": lambda rows, _: reference.markdown(rows),
}
