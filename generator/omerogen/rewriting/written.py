"""Values as the language of a template has them; what cannot be written names its inputs."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from omerogen.model import Input, Items
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable

T = TypeVar("T")


def for_icegrid(text: str) -> str:
    """A text for lxml to write, as IceGrid reads it; raises `Unwritable` where XML has no way."""
    escape.icegrid(text)
    return escape.icegrid_text(text)


def written(text: str, inputs: AbstractSet[Input], language: Callable[[str], str] = for_icegrid) -> str:
    """A text as a language has it; `Unwritable` has the inputs that it was made of."""
    try:
        return language(text)
    except Unwritable as error:
        raise Unwritable(error.problem, frozenset(inputs)) from None


def flags(parts: Items[tuple[str, ...]]) -> Items[tuple[str, ...]]:
    """Flags as IceGrid has them, in the same parts."""
    return _each(parts, lambda part, inputs: tuple(written(flag, inputs) for flag in part))


def rows(properties: Items[tuple[str, str]]) -> Items[tuple[str, str]]:
    """Names of properties, and their values as IceGrid has them."""
    return _each(properties, lambda row, inputs: (row[0], written(row[1], inputs)))


def _each(items: Items[T], write: Callable[[T, frozenset[Input]], T]) -> Items[T]:
    return Items(map(write, items, items.reads), items.reads, items.every | items.common)
