"""What a JSON value is made of: small shapes that check a value and say where it is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from omerogen.values.patterns import Pattern

#: A key that is shown as it is; another may be a value that stands where a key belongs.
_KEY = Pattern(r"[\w.-]{1,40}")


class Complaint(NamedTuple):
    """What is wrong with a value: where (``[0].class``, empty at its top), and what (``is not a text``)."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where or 'its top'} {self.what}"


def below(where: str, key: str) -> str:
    """The place of the member ``key`` of a mapping."""
    return f"{where}.{key if _KEY.fullmatch(key) else '…'}"


class Shape:
    """Anything JSON can hold, but no NaN or Infinity: Python has no literal for them."""

    doc = "any JSON value"

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        """What is wrong with ``value``, nothing if it fits."""
        if isinstance(value, float) and not math.isfinite(value):
            yield Complaint(where, "is not a finite number")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from ANYTHING.complaints(item, f"{where}[{index}]")
        elif isinstance(value, dict):
            for key, item in value.items():
                yield from ANYTHING.complaints(item, below(where, key))

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the values that fit."""
        return {}


class Text(Shape):
    """A text; ``pattern`` must match the whole of it."""

    def __init__(self, doc: str = "a text", pattern: str = "") -> None:
        self.doc = doc
        self._expression = pattern
        self.pattern = Pattern(pattern, re.DOTALL) if pattern else None

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if not isinstance(value, str) or (self.pattern and not self.pattern.fullmatch(value)):
            yield Complaint(where, f"is not {self.doc}")

    def schema(self) -> dict[str, Any]:
        return {"type": "string", **({"pattern": f"^(?:{self._expression})$"} if self._expression else {})}


class Number(Shape):
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

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.low, "maximum": self.high}
        finite = {name: bound for name, bound in bounds.items() if math.isfinite(bound)}
        return {"type": "integer" if self.types == (int,) else "number", **finite}


class ListOf(Shape):
    """A list, every member of one shape."""

    def __init__(self, member: Shape) -> None:
        self.member = member
        self.doc = f"a list, each member {member.doc}"

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if not isinstance(value, list):
            yield Complaint(where, f"is not {self.doc}")
            return
        for index, item in enumerate(value):
            yield from self.member.complaints(item, f"{where}[{index}]")

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.member.schema()}


class Row(Shape):
    """A list with a shape for each place; the last ``optional`` of them may be missing."""

    def __init__(self, *members: Shape, doc: str, optional: int = 0) -> None:
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

    def schema(self) -> dict[str, Any]:
        longest = len(self.members)
        places = {"prefixItems": [shape.schema() for shape in self.members]} if self.members else {}
        return {"type": "array", **places, "minItems": longest - self.optional, "maxItems": longest}


class Object(Shape):
    """A mapping: some members it must have, some it may have, and a shape for all others."""

    def __init__(
        self,
        doc: str,
        required: Mapping[str, Shape] | None = None,
        optional: Mapping[str, Shape] | None = None,
        others: Shape | None = None,
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

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.known.items()},
            "required": list(self.required),
            "additionalProperties": self.others.schema(),
        }


class Either(Shape):
    """One of several shapes; the complaint is about all of them."""

    def __init__(self, *shapes: Shape) -> None:
        self.shapes = shapes
        self.doc = " or ".join(shape.doc for shape in shapes)

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        if all(any(shape.complaints(value, where)) for shape in self.shapes):
            yield Complaint(where, f"is not {self.doc}")

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [shape.schema() for shape in self.shapes]}


ANYTHING = Shape()
TEXT = Text()
DOTTED_NAME = Text("a dotted Python name", r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
OBJECT = Object("a mapping")
