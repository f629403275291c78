"""All properties of OMERO that omerogen knows: one row each, one module a section."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from omerogen.catalog import glacier2, jvm, removed
from omerogen.model.property import Property, PropertyFamily, rows_of, unknown

#: The modules with the rows, one for a section or two.
MODULES = [
    import_module(f"omerogen.catalog.{name}")
    for name in (
        "client database dropbox glacier2 jvm ldap logging mail performance pixeldata repository scripts"
        " search security server web_deprecated web_pages web_security web_server"
    ).split()
]

#: Every listed property, by name.
PROPERTIES: dict[str, Property[Any]] = {row.name: row for module in MODULES for row in rows_of(vars(module))}

#: Those that no current release has, by name; they are known where a source sets one.
REMOVED: dict[str, Property[Any]] = {row.name: row for row in rows_of(vars(removed))}

_OMERO = "omero."
#: How alike a name has to be to one that may have been meant: the share of letters in common.
_CLOSE = 0.9

#: The properties that are named by a rule; a name that two rules have is the first one's.
FAMILIES: tuple[PropertyFamily, ...] = (
    jvm.SERVICE_FAMILY,
    glacier2.ICESSL_FAMILY,
    jvm.any_for_a_service(PROPERTIES),
)


@lru_cache(maxsize=4096)
def find(name: str) -> Property[Any] | None:
    """The property of that name, listed or of a family; None if OMERO has none such."""
    members = (family.member(name) for family in FAMILIES)
    return PROPERTIES.get(name) or REMOVED.get(name) or next(filter(None, members), None)


@lru_cache(maxsize=4096)
def describe(name: str) -> Property[Any]:
    """The property of that name; one that OMERO does not have is a plain text."""
    return find(name) or unknown(name)


@lru_cache(maxsize=4096)
def near_miss(name: str) -> str | None:
    """The name that ``name`` may have been meant for, unless it is a known name itself.

    One that differs in the case of its letters, or lacks ``omero.``; else a known one close to it.
    """
    folded = name.casefold()
    for meant in dict.fromkeys((folded, folded if folded.startswith(_OMERO) else _OMERO + folded)):
        if (
            found := _by_folded_name().get(meant)
            or _of_a_family(name, meant)
            or _above(meant)
            or _close(meant)
        ):
            return found if found != name else None
    right = _OMERO + name[len(_OMERO) :]
    return right if folded.startswith(_OMERO) and name != right else None


@cache
def _by_folded_name() -> dict[str, str]:
    """The names that a misspelt one is compared with, by their letters whatever the case."""
    known = (*PROPERTIES, *(near for family in FAMILIES for near in family.near))
    return {name.casefold(): name for name in known}


def _of_a_family(name: str, folded: str) -> str | None:
    """The name below the prefix of a family that has any names, with that prefix put right."""
    for prefix in (family.prefix for family in FAMILIES if family.prefix):
        if folded.startswith(prefix.casefold()) and len(folded) > len(prefix):
            return prefix + name[len(prefix) - len(folded) :]
    return None


def _above(folded: str) -> str | None:
    """The property of OMERO.web of which a name is a part: it has a value, and no parts."""
    parent, _, _ = folded.rpartition(".")
    known = _by_folded_name()
    has_parts = any(name.startswith(f"{parent}.") for name in known)
    return known.get(parent) if parent.startswith("omero.web.") and not has_parts else None


def _close(folded: str) -> str | None:
    known = _by_folded_name()
    alike = list(_may_be_close(folded, known))
    if not alike:  # as of most plugins: importing the library takes longer than this
        return None
    from difflib import get_close_matches

    close = get_close_matches(folded, alike, n=1, cutoff=_CLOSE)
    return known[close[0]] if close else None


def _may_be_close(name: str, others: Iterable[str]) -> Iterator[str]:
    """The names that have enough letters in common with a name, in whatever order."""
    letters = set(name)
    own = [name.count(letter) for letter in letters]
    for other in others:
        least = _CLOSE * (len(name) + len(other)) / 2
        if min(len(name), len(other)) >= least and sum(map(min, own, map(other.count, letters))) >= least:
            yield other


def django_settings() -> Iterator[Property[Any]]:
    """The properties that become a setting of OMERO.web, by name."""
    return (PROPERTIES[name] for name in sorted(PROPERTIES) if PROPERTIES[name].django)
