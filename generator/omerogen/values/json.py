"""Values written as JSON: lists and mappings, checked down to their members.

A JSON type is a `ValueType` like any, and is made of others: ``ListOf(Row(TEXT, TEXT, doc="a pair"))``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from omerogen.values.base import Invalid, T_co, ValueType
from omerogen.values.patterns import Pattern

T = TypeVar("T")
#: Python's parser takes 200 levels of parentheses in all.
DEEPEST = 64

#: Problems of one value that are shown; all are on one line.
_MOST_COMPLAINTS = 5

#: Shells and .omero files remove quotes, so that JSON with quotes in the source lacks them here.
_QUOTES = "texts go in double quotes; in a shell or a .omero file, '…' goes around the whole"

#: A key that is shown as it is; another may be a value in the place of a key.
_KEY = Pattern(r"[\w.-]{1,40}")


def no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def loads(text: str) -> Any:
    """The value of a JSON text; `Invalid` for everything that JSON or Python has no words for."""
    try:
        value = json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Invalid(f"is not JSON: {what}", _QUOTES) from None
    _check_writable(value, DEEPEST)
    return value


def _check_writable(value: Any, levels: int) -> None:
    """Refuse what no artifact can hold: Python reads no deeper nesting, UTF-8 has no half characters."""
    if not levels:
        raise Invalid(f"is nested deeper than {DEEPEST} levels", "write it flatter")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise Invalid("has half of a surrogate pair", "write the whole character")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_writable(name, levels)
            _check_writable(item, levels - 1)
    elif isinstance(value, list):
        for item in value:
            _check_writable(item, levels - 1)


def dumps(value: Any) -> str:
    """The JSON text of a value, as ``omero config`` writes it."""
    return json.dumps(value, allow_nan=False)


class Complaint(NamedTuple):
    """A problem of a value: where (``[0].class``, empty at its top), and what (``is not a text``)."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where or 'its top'} {self.what}"


def below(where: str, key: str) -> str:
    """The place of the member ``key`` of a mapping."""
    return f"{where}.{key if _KEY.fullmatch(key) else '…'}"


class JsonType(ValueType[T_co]):
    """A JSON value of any form; subclasses give ``complaints`` and ``form``, and say their ``doc``.

    NaN and Infinity are refused: Python has no literal for them.
    """

    showable = False
    name = "json"
    doc = "any JSON value"

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        """Problems of a loaded value, none if it is legal."""
        if isinstance(value, float) and not math.isfinite(value):
            yield Complaint(where, "is not a finite number")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from ANYTHING.complaints(item, f"{where}[{index}]")
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from ANYTHING.complaints(item, below(where, key))

    def form(self) -> dict[str, Any]:
        """JSON Schema of the loaded values that fit."""
        return {}

    def parse(self, text: str) -> T_co:
        value: T_co = loads(text)
        if complaints := list(self.complaints(value)):
            raise Invalid(_summary(complaints), f"give {self.doc}")
        return value

    def schema(self) -> dict[str, Any]:
        """As a value, or as its text."""
        return {"anyOf": [self.form(), {"type": "string"}]}


class Text(JsonType[str]):
    """A text; ``pattern`` must match the whole of it."""

    def __init__(self, doc: str = "a text", pattern: str = "") -> None:
        self.doc = doc
        self._expression = pattern
        self.pattern = Pattern(pattern, re.DOTALL) if pattern else None

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if not isinstance(value, str) or (self.pattern and not self.pattern.fullmatch(value)):
            yield Complaint(where, f"is not {self.doc}")

    def form(self) -> dict[str, Any]:
        return {"type": "string", **({"pattern": f"^(?:{self._expression})$"} if self._expression else {})}


class Number(JsonType[float]):
    """A number; ``whole`` without a fraction, between ``low`` and ``high``."""

    def __init__(
        self, doc: str, *, whole: bool = False, low: float = -math.inf, high: float = math.inf
    ) -> None:
        self.doc = doc
        self.types: tuple[type, ...] = (int,) if whole else (int, float)
        self.low = low
        self.high = high

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        legal = isinstance(value, self.types) and not isinstance(value, bool)
        if not legal or not self.low <= value <= self.high or value in (math.inf, -math.inf):
            yield Complaint(where, f"is not {self.doc}")

    def form(self) -> dict[str, Any]:
        bounds = {"minimum": self.low, "maximum": self.high}
        finite = {name: bound for name, bound in bounds.items() if math.isfinite(bound)}
        return {"type": "integer" if self.types == (int,) else "number", **finite}


class ListOf(JsonType["list[T]"], Generic[T]):
    """A list, every member of one type."""

    def __init__(self, member: JsonType[T], name: str = "json-list") -> None:
        self.name = name
        self.member = member
        self.doc = f"a list, each member {member.doc}"

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if not isinstance(value, list):
            yield Complaint(where, f"is not {self.doc}")
            return
        for index, item in enumerate(value):
            yield from self.member.complaints(item, f"{where}[{index}]")

    def form(self) -> dict[str, Any]:
        return {"type": "array", "items": self.member.form()}


class Row(JsonType["list[Any]"]):
    """A list with a type for each place; the last ``optional`` of them may be missing."""

    def __init__(self, *members: JsonType[Any], doc: str, optional: int = 0) -> None:
        self.members = members
        self.optional = optional
        self.doc = doc

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        longest = len(self.members)
        if not isinstance(value, list) or not longest - self.optional <= len(value) <= longest:
            yield Complaint(where, f"is not {self.doc}")
            return
        for index, (shape, item) in enumerate(zip(self.members, value, strict=False)):
            yield from shape.complaints(item, f"{where}[{index}]")

    def form(self) -> dict[str, Any]:
        longest = len(self.members)
        places = {"prefixItems": [shape.form() for shape in self.members]} if self.members else {}
        return {"type": "array", **places, "minItems": longest - self.optional, "maxItems": longest}


class Object(JsonType["dict[str, Any]"]):
    """A mapping: some members it must have, some it may have, and a type for all others."""

    name = "json-object"

    def __init__(
        self,
        doc: str,
        required: Mapping[str, JsonType[Any]] | None = None,
        optional: Mapping[str, JsonType[Any]] | None = None,
        others: JsonType[Any] | None = None,
    ) -> None:
        self.doc = doc
        self.required = dict(required or {})
        self.known = {**self.required, **(optional or {})}
        self.others = others or ANYTHING

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if not isinstance(value, dict):
            yield Complaint(where, f"is not {self.doc}")
            return
        for name in (name for name in self.required if name not in value):
            yield Complaint(where, f'has no "{name}"')
        for name, item in value.items():
            yield from self.known.get(name, self.others).complaints(item, below(where, name))

    def form(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: shape.form() for name, shape in self.known.items()},
            "required": list(self.required),
            "additionalProperties": self.others.form(),
        }


class Either(JsonType[T_co], Generic[T_co]):
    """One of several types; the complaint is about all of them."""

    def __init__(self, *types: JsonType[T_co], name: str = "json") -> None:
        self.name = name
        self.types = types
        self.doc = " or ".join(kind.doc for kind in types)

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if all(any(kind.complaints(value, where)) for kind in self.types):
            yield Complaint(where, f"is not {self.doc}")

    def form(self) -> dict[str, Any]:
        return {"anyOf": [kind.form() for kind in self.types]}


ANYTHING = JsonType[Any]()
TEXT = Text()
DOTTED_NAME = Text("a dotted Python name", r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
OBJECT = Object("a mapping")


def _summary(complaints: list[Complaint]) -> str:
    """All problems in one line: the first ones, and the number of the others."""
    if not complaints[0].where and len(complaints) == 1:
        return "has the wrong JSON type"
    more = len(complaints) - _MOST_COMPLAINTS
    rest = [f"and {more} more"] if more > 0 else []
    return f"is invalid: {'; '.join([*map(str, complaints[:_MOST_COMPLAINTS]), *rest])}"
