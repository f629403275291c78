"""The inputs of an output: properties, options, facts of the machine, the OMERO directory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache
from typing import NamedTuple, TypeAlias, TypeVar

T = TypeVar("T")


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
    @lru_cache(maxsize=4096)
    def property(cls, name: str) -> Input:
        """The value of a property, or whether it is set."""
        return cls(InputKind.PROPERTY, name)

    @classmethod
    @lru_cache(maxsize=1024)
    def option(cls, name: str) -> Input:
        """An option of the artifact, by its name in Python."""
        return cls(InputKind.OPTION, name)

    @classmethod
    def host(cls, fact: str) -> Input:
        """A fact of the machine, such as ``memory``."""
        return cls(InputKind.HOST, fact)


OMERODIR = Input(InputKind.OMERODIR, "omerodir")

#: Called with the inputs of a value when it is read.
Note: TypeAlias = Callable[[Iterable[Input]], None]


def properties_of(inputs: Iterable[Input]) -> set[str]:
    """The names of the properties among these inputs."""
    return {name for kind, name in inputs if kind is InputKind.PROPERTY}


_NOTHING: frozenset[Input] = frozenset()


def unobserved(reads: Iterable[Input]) -> None:
    """The note of a caller that does not observe inputs."""


class Items(list[T]):
    """The members of a field and, where it is traced, what each of them was made of.

    - ``reads``: by member, the inputs that it alone was made of, without those of `Items` inside it.
    - ``every``: the inputs of all members, of those that were left out too.
    - ``deciding``: those of them that decide whether there is a member at all.
    - ``common``: what else the field read, as to choose the members; empty where these are inside another.
    """

    def __init__(
        self,
        members: Iterable[T] = (),
        reads: tuple[frozenset[Input], ...] = (),
        every: frozenset[Input] = _NOTHING,
        deciding: frozenset[Input] = _NOTHING,
    ) -> None:
        super().__init__(members)
        self.reads = reads
        self.every = every
        self.deciding = deciding
        self.common = _NOTHING
        #: Whether there may be `Items` inside the members.
        self.hold_items = True


def inputs_within(value: object) -> frozenset[Input]:
    """The inputs of all `Items` that are in a value, itself included."""
    found: set[Input] = set()
    _gather(value, found)
    return frozenset(found)


def _gather(value: object, found: set[Input]) -> None:
    if isinstance(value, Items):
        found.update(value.every, value.common)
        if not value.hold_items:
            return
    elif isinstance(value, dict):
        value = tuple(value.values())
    elif not isinstance(value, (tuple, list)):
        return
    for member in value:
        if not isinstance(member, (str, int)):
            _gather(member, found)
