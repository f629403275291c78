"""Problems of settings: their order, and that of a name that no property has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from omerogen import catalog
from omerogen.model import Location, Problem
from omerogen.sources.assignments import is_legal, legal

#: The place of an assignment among all that sources made: source, line, number in the source.
Rank: TypeAlias = tuple[int, int, int]


def in_order(ranked: Iterable[tuple[Rank, Problem]]) -> list[Problem]:
    """Problems in the order of their places, each once."""
    return list(dict.fromkeys(problem for _, problem in sorted(ranked, key=lambda one: one[0])))


def unknown_property(name: str) -> Problem:
    """The problem with a name that no property has. Text after an invalid character may be a secret."""
    shown = name if is_legal(name) else legal(name)[:-1]
    if not shown:
        place = Location.command("property name")
        return Problem(
            place, "is empty or begins with an invalid character", "omerogen properties lists them"
        )
    if shown != name and catalog.find(shown):
        return Problem(Location.property(shown), "is followed by other text", "give the name alone")
    near = catalog.near_miss(name)
    advice = f"did you mean {near!r}?" if near else "omerogen properties lists them"
    return Problem(Location.property(shown), "unknown property", advice)
