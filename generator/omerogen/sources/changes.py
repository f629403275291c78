"""What a source says about a property: the operations of ``omero config``."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from omerogen.origin import Origin


class Operation(Enum):
    """``APPEND`` puts one JSON value at the end of a JSON list, default included."""

    SET = "set"
    APPEND = "append"


class Change(NamedTuple):
    """One operation on one property, and where it is written."""

    operation: Operation
    name: str
    text: str
    origin: Origin


def set_to(name: str, text: str, origin: Origin) -> Change:
    """The change that gives the property this text."""
    return Change(Operation.SET, name, text, origin)
