"""The catalog as other people and programs read it: JSON, JSON Schema, Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from omerogen import catalog
from omerogen.model import Property
from omerogen.settings.interpolation import LITERAL_PREFIX


def rows() -> list[Property[Any]]:
    """All listed properties, by name."""
    return [catalog.PROPERTIES[name] for name in sorted(catalog.PROPERTIES)]


def as_dict(row: Property[Any]) -> dict[str, Any]:
    """A property as other programs read it; ``default`` is null where there is none."""
    return {
        "name": row.name,
        "section": row.section,
        "kind": row.kind.name,
        "default": row.default,
        "secret": row.secret,
        "status": row.status,
        "replaced_by": row.replaced_by or None,
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
    described = {"description": f"{row.doc} Accepts {row.kind.doc}.", **schema}
    if row.default is not None:
        described["default"] = row.default
    if row.status == "deprecated":
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
    if row.django:
        facts.append(f"- Django setting: `{row.django}`")
    if row.status != "seed":
        facts.append(f"- Status: {row.status}")
    if row.replaced_by:
        facts.append(f"- Replaced by: `{row.replaced_by}`")
    return [f"### `{row.name}`", "", _plain(row.doc), "", *facts]


def _code(text: str) -> str:
    """Text in a code span; the fence is longer than any row of backticks in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}"


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    return "".join(f"\\{character}" if character in "\\`*_<>|[]" else character for character in text)
