"""A ``.json`` file: one mapping of property to value."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from omerogen.model import Location, Problem, SourceError
from omerogen.sources.assignments import Assignment, Report, decoded, legal, reporting
from omerogen.sources.keys import PROPERTIES, Keys, Variable
from omerogen.values.json import no_constant

_SPACES = " \t\n\r"


def read(path: str, data: bytes, profile: str | None, report: Report) -> list[Assignment]:  # noqa: ARG001
    """One assignment a member; a text stays as it is, anything else becomes JSON."""
    return _Members(path, decoded(path, data), report).assignments()


def read_below(path: str, data: bytes, keys: Keys, report: Report) -> list[Assignment]:
    """The same of the members ``keys`` of the outer mapping."""
    return _Members(path, decoded(path, data), report).assignments(keys)


class _Members:
    """Reads the outer mapping by hand, for the lines, and hands each key and value to the library."""

    def __init__(self, path: str, text: str, report: Report) -> None:
        self.path = path
        self.text = text
        self.at = 0
        self.decoder = JSONDecoder(parse_constant=no_constant)
        self.counted = (0, 1)
        self.report = report

    def assignments(self, keys: Keys | None = None) -> list[Assignment]:
        """All members, in their order; with ``keys`` those of these members."""
        found = self._members() if keys is None else self._below(keys)
        if self._next():
            self._fail(self._line(self.at), "has text after the mapping", "keep one mapping")
        return found

    def _members(self, variable: Variable = PROPERTIES) -> list[Assignment]:
        lines: dict[str, int] = {}
        found: list[Assignment] = []
        self._mapping(partial(self._member, found, lines, variable))
        return found

    def _mapping(self, member: Callable[[str, int], None]) -> None:
        """Read a mapping; ``member`` reads the value of each member, with its name and line."""
        self._expect("{", "a mapping of property names to values")
        first = True
        while self._next() != "}":
            if not first:
                self._expect(",", "a comma between members")
            first = False
            line = self._line(self._skip())
            name = self._value()
            if not isinstance(name, str):
                self._fail(line, "has a name that is not a string", "put names in double quotes")
            self._expect(":", "a colon after the name")
            member(name, line)
        self.at += 1

    def _below(self, keys: Keys) -> list[Assignment]:
        places: dict[str, tuple[int, int]] = {}

        def member(name: str, line: int) -> None:
            places[name] = self._skip(), line
            self._value()

        self._mapping(member)
        end = self.at
        found: list[Assignment] = []
        for name, variable in keys.read(self.path, places, self.report):
            self.at, line = places[name]
            if variable.is_mapping and self._next() == "{":
                found += self._members(variable)
            elif variable.is_mapping and self._value() is not None:
                message = f"{legal(name)} is not a mapping"
                self.report(Problem(Location.file(self.path, line), message, "write NAME: VALUE members"))
            elif not variable.is_mapping:
                with reporting(self.report):
                    found += variable.assignments(name, self._value(), Location.file(self.path, line))
        self.at = end
        return found

    def _member(
        self, found: list[Assignment], lines: dict[str, int], variable: Variable, name: str, line: int
    ) -> None:
        """One member; an error in it does not keep the others from being read."""
        value, location = self._value(), Location.file(self.path, line)
        if name in lines:
            first = f"keep one; the first is in line {lines[name]}"
            self.report(Problem(location, f"{legal(name)} is defined twice", first))
            return
        with reporting(self.report):
            found += variable.assignments(name, value, location)
            lines[name] = line

    def _value(self) -> Any:
        self._skip()
        try:
            value, self.at = self.decoder.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            self._fail(self._line(error.pos), f"is not JSON: {error.msg}", "texts go in double quotes")
        except (ValueError, RecursionError):
            self._fail(self._line(self.at), "is not JSON: too deep, or a number JSON has not", "write a text")
        return value

    def _expect(self, character: str, what: str) -> None:
        if self._next() != character:
            self._fail(self._line(self.at), f"is not JSON: expected {what}", f"write {character}")
        self.at += 1

    def _next(self) -> str:
        return self.text[self._skip() : self.at + 1]

    def _skip(self) -> int:
        while self.text[self.at : self.at + 1] and self.text[self.at] in _SPACES:
            self.at += 1
        return self.at

    def _line(self, at: int) -> int:
        """The line of a position, counted from the previous one, so that long files stay fast."""
        before, line = self.counted if at >= self.counted[0] else (0, 1)
        self.counted = (at, line + self.text.count("\n", before, at))
        return self.counted[1]

    def _fail(self, line: int, message: str, advice: str) -> NoReturn:
        raise SourceError.at(Location.file(self.path, line), message, advice)
