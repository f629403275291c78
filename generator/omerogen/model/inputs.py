"""The inputs of an output: properties, options, facts of the machine, the OMERO directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import NamedTuple, TypeAlias


class InputKind(str, Enum):
    """The kinds of inputs."""

    PROPERTY = "property"
    SELECTION = "selection"
    OPTION = "option"
    HOST = "host"
    OMERODIR = "omerodir"


class Input(NamedTuple):
    """One input that was read.

    ``name`` is that of the property, of the option or of the fact; of a selection, which are the
    names that sources set, it is the prefix that they have in common.
    """

    kind: InputKind
    name: str

    @classmethod
    def property(cls, name: str) -> Input:
        """The value of a property, or whether it is set."""
        return cls(InputKind.PROPERTY, name)

    @classmethod
    def option(cls, name: str) -> Input:
        """An option of the artifact, by its name in Python."""
        return cls(InputKind.OPTION, name)

    @classmethod
    def host(cls, fact: str) -> Input:
        """A fact of the machine, such as ``memory``."""
        return cls(InputKind.HOST, fact)


OMERODIR = Input(InputKind.OMERODIR, "omerodir")

#: Called with each input when it is read.
Note: TypeAlias = Callable[[Input], None]


def properties_of(inputs: Iterable[Input]) -> set[str]:
    """The names of the properties among these inputs."""
    return {name for kind, name in inputs if kind is InputKind.PROPERTY}


def unobserved(read: Input) -> None:
    """The note of a caller that does not observe inputs."""
