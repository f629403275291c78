"""Booleans, whole numbers, ports, memory in MB (decimal: 1 MB is 1,000,000 bytes)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from omerogen.values.base import Invalid, Nullable, ValueType, any_case_pattern
from omerogen.values.patterns import Pattern

_WHOLE = Pattern(r"[+-]?[0-9]+")
#: The range of a Java ``long``, the largest integer in OMERO.
_LONGEST = 19
_LARGEST = 2**63 - 1


class Bool(ValueType[bool]):
    """true, 1 or t, and false, 0 or f, in any case.

    OMERO takes every other text silently for false, ``yes`` and ``on`` too; we refuse it.
    """

    name = "bool"
    doc = "true (also 1, t) or false (also 0, f)"
    _words: ClassVar = {"true": True, "1": True, "t": True, "false": False, "0": False, "f": False}

    def parse(self, text: str) -> bool:
        value = self._words.get(text.strip().lower())
        if value is None:
            raise Invalid("is neither true nor false", "write true or false")
        return value

    def schema(self) -> dict[str, Any]:
        words = {"type": "string", "pattern": any_case_pattern(self._words)}
        return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, words]}


class Int(ValueType[int]):
    """A whole number between two bounds, both included; ``unit`` goes into ``doc``."""

    def __init__(
        self, low: int = -_LARGEST - 1, high: int = _LARGEST, *, name: str = "int", unit: str = ""
    ) -> None:
        self.low = low
        self.high = high
        self.name = name
        self.doc = "a whole number" + self._bounds() + (f" ({unit})" if unit else "")

    def _bounds(self) -> str:
        if self.low <= -_LARGEST:
            return ""
        return f" of {self.low} or more" if self.high == _LARGEST else f" from {self.low} to {self.high}"

    def parse(self, text: str) -> int:
        digits = text.strip()
        if not _WHOLE.fullmatch(digits):
            raise Invalid("is not a whole number", f"give {self.doc}")
        significant = digits.lstrip("+-0") or "0"
        # Python counts the zeros too, and converts no text of more than some thousand digits.
        number = int(significant) if len(significant) <= _LONGEST else _LARGEST + 2
        number = -number if digits.startswith("-") else number
        if not self.low <= number <= self.high:
            raise Invalid("is out of range", f"give {self.doc}")
        return number

    def schema(self) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"type": "string", "pattern": r"^\s*[+-]?[0-9]+\s*$"}]}


class Digits(ValueType[str]):
    """Digits that are put before a port number: ``1`` turns 4064 into 14064."""

    name = "digits"
    doc = "digits, such as 1, which makes port 14064 of 4064"

    def parse(self, text: str) -> str:
        digits = text.strip()
        if not re.fullmatch("[0-9]{1,5}", digits):
            raise Invalid("is not a prefix for port numbers", f"give {self.doc}")
        return digits

    def schema(self) -> dict[str, Any]:
        digits = {"type": "string", "pattern": r"^\s*[0-9]{1,5}\s*$"}
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 99999}, digits]}


BOOL = Bool()
INT = Int()
POSITIVE = Int(1, name="int >= 1")
PERCENT = Int(0, 100, name="int 0..100")
MEGABYTES = Int(0, name="int MB", unit="MB, of 1,000,000 bytes")
PORT = Int(1, 65535, name="port")
PREFIX = Nullable(Digits(), ", optional: put before every port number")
