"""The catalog as other people and programs read it: JSON, JSON Schema, Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from omerogen import catalog
from omerogen.catalog import history
from omerogen.catalog.history import NEWEST, Releases
from omerogen.model import Property
from omerogen.settings.interpolation import LITERAL_PREFIX


def rows(releases: Releases = NEWEST, *, with_removed: bool = False) -> list[Property[Any]]:
    """All listed properties, by name: those that the releases have, with their defaults.

    With ``with_removed`` those too that no current release has, as where a release is named that had them.
    """
    if releases == NEWEST:
        every = {**catalog.PROPERTIES, **(catalog.REMOVED if with_removed else {})}
        return [every[name] for name in sorted(every)]
    gone = catalog.REMOVED if releases.server or with_removed else {}  # all of them were the server's
    every = {**catalog.PROPERTIES, **gone}
    return [
        in_releases(every[name], releases)
        for name in sorted(every)
        if with_removed or history.is_in(name, releases)
    ]


def in_releases(row: Property[Any], releases: Releases) -> Property[Any]:
    """A property with the default that it has in these releases."""
    default = history.default_of(row, releases)
    return row.with_default(default.text) if default.component else row


def lifetime(name: str) -> dict[str, history.Change]:
    """The changes that added and removed a property, as far as there are any: ``since`` and ``removed``."""
    found = {"since": history.since(name), "removed": history.removed(name)}
    return {word: change for word, change in found.items() if change}


def as_dict(row: Property[Any]) -> dict[str, Any]:
    """A property as other programs read it; ``default`` is null where there is none.

    ``since`` and ``removed`` are releases, of the components that ``since_in`` and ``removed_in`` name, too.
    """
    known = lifetime(row.name)
    return {
        "name": row.name,
        "section": row.section,
        "kind": row.kind.name,
        "default": row.default,
        "secret": row.secret,
        "status": row.status,
        "replaced_by": row.replaced_by or None,
        **{word: known[word].release if word in known else None for word in ("since", "removed")},
        **{f"{word}_in": str(known[word]) if word in known else None for word in ("since", "removed")},
        "django_setting": row.django or None,
        "doc": row.doc,
        "accepts": row.kind.doc,
    }


def json_schema(selected: Iterable[Property[Any]]) -> dict[str, Any]:
    """A schema (draft 2020-12) for a JSON or YAML file of properties, for editors to check and complete."""
    rows = list(selected)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Properties of an OMERO server",
        "type": "object",
        "properties": {row.name: _property_schema(row) for row in [*rows, *_members(rows)]},
        "propertyNames": {"pattern": r"^[A-Za-z0-9._-]+$"},
        "patternProperties": {family.expression: {"description": family.doc} for family in catalog.FAMILIES},
        "additionalProperties": {"not": {"type": "null"}},
    }


def _members(rows: Iterable[Property[Any]]) -> Iterator[Property[Any]]:
    """The members of families that can be listed, of the settings among ``rows``."""
    names = {row.name for row in rows}
    for family in catalog.FAMILIES:
        listed = (name for name in family.near if name.rpartition(".")[0] in names)
        yield from (member for name in listed if (member := family.member(name)))


def _property_schema(row: Property[Any]) -> dict[str, Any]:
    schema = row.kind.schema()
    if not row.name.startswith(LITERAL_PREFIX):
        schema = {"anyOf": [schema, {"type": "string", "pattern": r"\$\{"}]}
    known = lifetime(row.name)
    releases = "".join(f" {word.capitalize()} {_WORDS[word]}{known[word]}." for word in known)
    described = {"description": f"{row.doc} Accepts {row.kind.doc}.{releases}", **schema}
    if row.default is not None:
        described["default"] = row.default
    if row.status == "deprecated" or "removed" in known:
        described["deprecated"] = True
    return described


def markdown(selected: Iterable[Property[Any]]) -> str:
    """The reference as a page: a chapter a section, a paragraph a property."""
    lines = ["# Properties", "", "Written by `omerogen properties --format markdown`.", ""]
    selected = sorted(selected, key=lambda row: (row.section, row.name))
    section = ""
    for row in selected:
        if row.section != section:
            section = row.section
            lines += [f"## {section}", ""]
        lines += [*_markdown_of(row), ""]
    lines += ["## Families", ""]
    for family in catalog.FAMILIES:
        lines += [f"### `{family.pattern}`", "", family.doc, ""]
    return "\n".join(lines[:-1]) + "\n"


def _markdown_of(row: Property[Any]) -> list[str]:
    default = {None: "none", "": "empty"}.get(row.default) or _code(row.default or "")
    facts = [
        f"- Kind: {_plain(row.kind.name)}",
        f"- Accepts: {_plain(row.kind.doc)}",
        f"- Default: {default}",
    ]
    known = lifetime(row.name)
    facts += [f"- {word.capitalize()} {_WORDS[word]}{known[word]}" for word in known]
    facts += [
        f"- Default before {change}: {_code(before) if before else 'empty'}"
        for before, change in history.earlier_defaults(row.name)
    ]
    if row.django:
        facts.append(f"- Django setting: `{row.django}`")
    if row.status != "seed":
        facts.append(f"- Status: {row.status}")
    if row.replaced_by:
        facts.append(f"- Replaced by: `{row.replaced_by}`")
    return [f"### `{row.name}`", "", _plain(row.doc), "", *facts]


#: Between what happened to a property and the release in which it did.
_WORDS = {"since": "", "removed": "in "}


def _code(text: str) -> str:
    """Text in a code span; the fence is longer than any row of backticks in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}"


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return "".join(f"\\{character}" if character in "\\`*_<>|[]" else character for character in text)
