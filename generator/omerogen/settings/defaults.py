"""The defaults of properties, and how they depend on others."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import cache
from typing import Any

from omerogen import catalog
from omerogen.catalog import history
from omerogen.catalog.history import NEWEST, WEB, Default, Releases
from omerogen.model import Input, Property
from omerogen.settings.resolved import ResolvedProperty


def default_of(row: Property[Any], omerodir: str, releases: Releases = NEWEST) -> Default:
    """The default of a property in these releases; its text is None if it has none."""
    default = Default(row.default) if releases == NEWEST else history.default_of(row, releases)
    if not row.below_omerodir:
        return default
    below = default.text if default.component else row.default
    usual = (row.default or "").removesuffix(row.below_omerodir)
    return default._replace(text=posixpath.join(omerodir, (below or "").removeprefix(usual)))


def releases_read(entries: Iterable[ResolvedProperty], releases: Releases) -> list[Input]:
    """The options that name the releases whose defaults count among these properties."""
    if releases == NEWEST:
        return []
    rows = [entry.property for entry in entries if entry.origin.is_default_of_release]
    components = {history.default_of(row, releases).component for row in rows}
    return [Input.option("web_release" if one == WEB else "release") for one in sorted(components)]


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
def may_have_secret() -> frozenset[Input]:
    """The properties whose default is a secret, or may be made of one."""
    secret = (row.name for row in catalog.PROPERTIES.values() if row.secret)
    return frozenset(map(Input.property, (*secret, *composed())))


@cache
def composed() -> tuple[str, ...]:
    """The properties whose default refers to others, and may be wrong because of them."""
    return tuple(row.name for row in catalog.PROPERTIES.values() if "${" in (row.default or ""))
