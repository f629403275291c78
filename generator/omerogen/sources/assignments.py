"""The assignments of a source: the operations of ``omero config``, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from omerogen import catalog
from omerogen.model import Location, Problem, SourceError
from omerogen.secrets.rights import ROOT
from omerogen.values.base import Invalid
from omerogen.values.json import dumps
from omerogen.values.patterns import Pattern

#: OMERO's roles for Ansible: their variables begin with the name.
ROLES = ("omero_server", "omero_web")
_NAME = Pattern(r"[A-Za-z0-9._-]+")
#: From the last braces that open one: a search takes as long as the text, whatever is in it.
_TEMPLATE = Pattern(r"\{\{(?:(?!\{\{).)*?\}\}", re.DOTALL)
_TEMPLATE_LEFT = Invalid(
    "is a template that Ansible has not filled in", "write its value, or give it with --set"
)
_LEGAL = Pattern(r"[A-Za-z0-9._-]*")


class Unsafe(str):
    """A text that Ansible takes as it is, though it may look like a template."""

    __slots__ = ()


class Unknown(NamedTuple):
    """A value that is elsewhere: what the source has in its place, and the problem of what reads it."""

    text: str
    problem: Invalid


class Operation(Enum):
    """``UNSET`` gives a property back its default, ``FILL`` sets an empty one, ``APPEND`` extends a list.

    That and ``REMOVE`` start from what was set before, or else from the default. ``ADD`` appends
    what is not in the list yet.
    """

    SET = "set"
    UNSET = "unset"
    FILL = "fill"
    APPEND = "append"
    ADD = "add"
    REMOVE = "remove"


LIST_OPERATIONS = frozenset({Operation.APPEND, Operation.ADD, Operation.REMOVE})


class Assignment(NamedTuple):
    """One operation on one property, and where it is written. The text of a list's member is JSON.

    ``owner`` is the user whose file it is from where this is root (see `rights`): what it names is read
    with that user's rights. ``unknown`` is why the text is not the value, which is elsewhere: whatever reads
    it is refused with that. ``must_be_known``: so is the source, unless a later one has the value.
    ``is_change``: the text is that of an earlier assignment with a member more or less.
    """

    operation: Operation
    name: str
    text: str
    location: Location
    owner: int = ROOT
    unknown: Invalid | None = None
    must_be_known: bool = False
    is_change: bool = False

    @property
    def value(self) -> str | None:
        """The text that the property has after it; None where it takes earlier ones back."""
        return None if self.operation is Operation.UNSET else self.text


#: Called with problems of a source that do not stop reading, and with what was skipped.
Report: TypeAlias = Callable[[Problem], None]


@contextmanager
def reporting(report: Report) -> Iterator[None]:
    """Report a `SourceError` of the block, and go on after it."""
    try:
        yield
    except SourceError as error:
        for problem in error.problems:
            report(problem)


def is_legal(name: str) -> bool:
    """Whether a property can be named so."""
    return bool(_NAME.fullmatch(name))


def legal(name: str) -> str:
    """The name up to its first invalid character: the rest may be a value, and a secret."""
    return name[: len(_LEGAL.match(name).group()) + 1]  # type: ignore[union-attr]


def role_of(variable: str) -> str:
    """The role of OMERO's that has a variable of this name: ``--key`` takes it for all that it reads."""
    return next((role for role in ROLES if variable.startswith(f"{role}_")), "")


def set_to_value(name: str, value: Any, location: Location) -> Assignment:
    """The assignment of a value of YAML or JSON; raises `SourceError` where it is none of a property."""
    if isinstance(value, dict) and catalog.find(name) is None:
        leaf = _leaf(name, value)
        if "." not in name and any("." in str(key) for key in value):
            message = f"{legal(name)} is a mapping of properties"
            alone = f"--key {legal(name)}"
            role = role_of(name)
            raise SourceError.at(
                location, message, f"add --key {role}, or {alone} for it alone" if role else f"add {alone}"
            )
        if "." not in name or catalog.find(leaf):
            message = f"{legal(name)} is a mapping, not a value"
            raise SourceError.at(location, message, f"write the whole name: {legal(leaf)}")
    unknown = next((part for part in parts_of(value) if isinstance(part, Unknown)), None)
    if unknown:
        return set_to(name, unknown.text, location)._replace(unknown=unknown.problem)
    if any(map(is_template, parts_of(value))):
        assigned = set_to(name, as_text(name, value, location), location)
        return assigned._replace(unknown=_TEMPLATE_LEFT, must_be_known=True)
    return set_to(name, as_text(name, value, location), location)


def parts_of(value: Any) -> Iterator[Any]:
    """The members of a value that are not lists or mappings themselves, at any depth."""
    if isinstance(value, dict):
        value = list(value.values())
    if type(value) is list:
        for member in value:
            yield from parts_of(member)
    else:
        yield value


def is_template(value: Any) -> bool:
    """Whether a text is still to be filled in by Ansible."""
    return isinstance(value, str) and not isinstance(value, Unsafe) and bool(_TEMPLATE.search(value))


def _leaf(name: str, value: Any) -> str:
    """The dotted name of the first member that is not a mapping itself."""
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        name = f"{name}.{key}"
    return name


def set_to(name: str, text: str, location: Location) -> Assignment:
    """The assignment of a text."""
    return Assignment(Operation.SET, name, text, location)


def as_text(name: str, value: Any, location: Location) -> str:
    """The text of a value that a program wrote: a text is itself, anything else becomes JSON."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        raise SourceError.at(
            location, f"{legal(name)} has no value", 'write "" for the empty text, or leave it out'
        )
    try:
        return dumps(value)
    except (TypeError, ValueError, RecursionError):
        raise SourceError.at(
            location, f"{legal(name)} is a value that JSON cannot hold", "write a text"
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
        raise SourceError.at(Location.file(path, line), "is not UTF-8", "save the file as UTF-8") from None
