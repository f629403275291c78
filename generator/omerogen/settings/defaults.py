"""The defaults of properties, and how they depend on others."""

from __future__ import annotations

import posixpath
from functools import cache
from typing import Any

from omerogen import catalog
from omerogen.model import Property


def default_text(row: Property[Any], omerodir: str) -> str | None:
    """The default of a property; None if it has none."""
    return posixpath.join(omerodir, row.below_omerodir) if row.below_omerodir else row.default


@cache
def successors() -> dict[str, Property[Any]]:
    """By deprecated property, the row that becomes the same Django setting and takes precedence."""
    rows = list(catalog.django_settings())
    current = {row.django: row for row in rows if row.status != "deprecated"}
    old = (row for row in rows if row.status == "deprecated" and row.django in current)
    return {row.name: current[row.django] for row in old}


@cache
def predecessors() -> dict[str, list[str]]:
    """By property, the deprecated ones that may count in its place."""
    found: dict[str, list[str]] = {}
    for old, new in successors().items():
        found.setdefault(new.name, []).append(old)
    return found


@cache
def composed() -> tuple[str, ...]:
    """The properties whose default refers to others, and may be wrong because of them."""
    return tuple(row.name for row in catalog.PROPERTIES.values() if "${" in (row.default or ""))
