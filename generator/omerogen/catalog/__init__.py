"""All properties of OMERO that omerogen knows: one row each, one module a section."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omerogen.catalog import (
    client,
    database,
    glacier2,
    jvm,
    ldap,
    mail,
    performance,
    pixeldata,
    repository,
    scripts,
    search,
    security,
    server,
    web_deprecated,
    web_pages,
    web_security,
    web_server,
)
from omerogen.properties import Property, PropertyFamily, unknown

_MODULES = (
    client,
    database,
    glacier2,
    jvm,
    ldap,
    mail,
    performance,
    pixeldata,
    repository,
    scripts,
    search,
    security,
    server,
    web_deprecated,
    web_pages,
    web_security,
    web_server,
)

#: Every listed property, by name.
PROPERTIES: dict[str, Property[Any]] = {row.name: row for module in _MODULES for row in module.PROPERTIES}

#: The properties that are named by a rule; a name that two rules have is the first one's.
FAMILIES: tuple[PropertyFamily, ...] = (glacier2.ICESSL_FAMILY, jvm.service_family(PROPERTIES))


def find(name: str) -> Property[Any] | None:
    """The property of that name, listed or of a family; None if OMERO has none such."""
    members = (family.member(name) for family in FAMILIES)
    return PROPERTIES.get(name) or next(filter(None, members), None)


def describe(name: str) -> Property[Any]:
    """The property of that name; one that OMERO does not have is a plain text."""
    return find(name) or unknown(name)


def near_miss(name: str) -> str | None:
    """The known name that ``name`` may have been meant for, if there is one close to it."""
    from difflib import get_close_matches

    known = [*PROPERTIES, *(near for family in FAMILIES for near in family.near)]
    close = get_close_matches(name, known, n=1, cutoff=0.9)
    return close[0] if close else None


def django_settings() -> Iterator[Property[Any]]:
    """The properties that become a setting of OMERO.web, by name."""
    return (PROPERTIES[name] for name in sorted(PROPERTIES) if PROPERTIES[name].django)
