"""What a source says about a property: the operations of ``omero config``."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from omerogen.model.errors import Problem, SourceError
from omerogen.model.location import Origin
from omerogen.values.json import dumps
from omerogen.values.patterns import Pattern

_NAME = Pattern(r"[A-Za-z0-9._-]+")
_LEGAL = Pattern(r"[A-Za-z0-9._-]*")


class Operation(Enum):
    """``UNSET`` gives a property back its default. ``APPEND`` and ``REMOVE`` change a JSON list.

    They start from what was set before, or else from the default. ``ADD`` appends
    what is not in the list yet.
    """

    SET = "set"
    UNSET = "unset"
    APPEND = "append"
    ADD = "add"
    REMOVE = "remove"


LIST_OPERATIONS = frozenset({Operation.APPEND, Operation.ADD, Operation.REMOVE})


class Change(NamedTuple):
    """One operation on one property, and where it is written. The text of a list's member is JSON."""

    operation: Operation
    name: str
    text: str
    origin: Origin


class Reading(NamedTuple):
    """What a source said: its changes in their order, notes on what was passed over, and what is wrong."""

    changes: list[Change]
    notes: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()


def is_legal(name: str) -> bool:
    """Whether a property can be named so."""
    return bool(_NAME.fullmatch(name))


def legal(name: str) -> str:
    """The name up to its first wrong character: what stands behind that may be a value, and a secret."""
    return name[: len(_LEGAL.match(name).group()) + 1]  # type: ignore[union-attr]


def set_to(name: str, text: str, origin: Origin) -> Change:
    """The change that gives the property this text."""
    return Change(Operation.SET, name, text, origin)


def as_text(name: str, value: Any, where: str) -> str:
    """The text of a value that a program wrote: a text is itself, anything else becomes JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        raise SourceError(
            Problem(where, f"{legal(name)} has no value", 'write "" for the empty text, or leave it out')
        )
    try:
        return dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise SourceError(
            Problem(where, f"{legal(name)} is a value that JSON cannot hold", "write a text")
        ) from None


def lines_of(text: str) -> list[str]:
    """The lines of a text; a form feed or one of Unicode's own line ends is a character of its line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def decoded(path: str, data: bytes) -> str:
    """The text of a file in UTF-8, a byte order mark taken off."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(Problem(f"{path}:{line}", "is not UTF-8", "save the file as UTF-8")) from None
