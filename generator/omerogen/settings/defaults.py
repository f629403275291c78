"""The defaults of properties, and how they depend on others."""

from __future__ import annotations

import posixpath
from functools import cache
from typing import Any

from omerogen import catalog
from omerogen.catalog import history
from omerogen.catalog.history import NEWEST, Default, Releases
from omerogen.model import Property


def default_of(row: Property[Any], omerodir: str, releases: Releases = NEWEST) -> Default:
    """The default of a property in these releases; its text is None if it has none."""
    default = Default(row.default) if releases == NEWEST else history.default_of(row, releases)
    if not row.below_omerodir:
        return default
    below = default.text if default.component else row.default
    usual = (row.default or "").removesuffix(row.below_omerodir)
    return default._replace(text=posixpath.join(omerodir, (below or "").removeprefix(usual)))


@cache
def successors() -> dict[str, Property[Any]]:
    """By deprecated property, the row that becomes the same Django setting and takes precedence."""
    rows = list(catalog.django_settings())
    current = {row.django: row for row in rows if row.status != "deprecated"}
    old = (row for row in rows if row.status == "deprecated" and row.django in current)
    return {row.name: current[row.django] for row in old}


@cache
def composed() -> tuple[str, ...]:
    """The properties whose default refers to others, and may be wrong because of them."""
    return tuple(row.name for row in catalog.PROPERTIES.values() if "${" in (row.default or ""))
