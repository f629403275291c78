"""Marks in a template while it is filled in, from which the origin of each line is read afterwards.

Marks are put around each value and into the text between elements. They say what is there, what could be
there, and where lines of the template were left out or repeated; `Marks.lines` takes them out again.
They have two characters that are nowhere else in the file.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from itertools import chain

from omerogen.model import Condition, Input, Line, Span
from omerogen.templating.tracing import pieces

_VALUE, _END_OF_VALUE, _CONDITION, _END_OF_CONDITION, _SKIP = "vwcds"
#: Unicode's areas for private use: XML allows them, and nothing escapes them.
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE))


class Marks:
    """Marks for a file: its text without them is ``text``. Without that text nothing is marked."""

    def __init__(self, text: str | None = None) -> None:
        self._is_on = text is not None
        used = set(text or "")
        unused = (chr(code) for code in chain(*_PRIVATE) if chr(code) not in used)
        self._begin, self._end = next(unused), next(unused)
        self._mark = re.compile(rf"{self._begin}([a-z])(-?[0-9]*){self._end}")
        #: The field of each value, and its inputs; those of a condition have no field.
        self._origins: list[tuple[str, frozenset[Input]]] = []

    def __bool__(self) -> bool:
        return self._is_on

    def value(self, text: str, field: str, inputs: AbstractSet[Input]) -> str:
        """A text that is put in for ``field``, and was made of these inputs."""
        return f"{self.begin_value(field, inputs)}{text}{self.end_value()}"

    def begin_value(self, field: str, inputs: AbstractSet[Input]) -> str:
        """What comes before such a text; its line breaks are not the template's."""
        return self._noted(_VALUE, field, inputs)

    def end_value(self) -> str:
        """What comes after it."""
        return self._written(_END_OF_VALUE)

    def begin_condition(self, inputs: AbstractSet[Input]) -> str:
        """What comes before a part of the template that these inputs may change."""
        return self._noted(_CONDITION, "", inputs)

    def end_condition(self) -> str:
        """What comes after it."""
        return self._written(_END_OF_CONDITION)

    def condition(self, inputs: AbstractSet[Input]) -> str:
        """A place in a line that has more, or less, depending on these inputs."""
        return f"{self.begin_condition(inputs)}{self.end_condition()}"

    def skip(self, lines: int) -> str:
        """The place of so many lines of the template that were left out; less than 0 if they come again."""
        return self._written(_SKIP, lines) if lines else ""

    def _noted(self, kind: str, field: str, inputs: AbstractSet[Input]) -> str:
        if self._is_on:
            self._origins.append((field, frozenset(inputs)))
        return self._written(kind, len(self._origins) - 1)

    def _written(self, kind: str, number: object = "") -> str:
        return f"{self._begin}{kind}{number}{self._end}" if self._is_on else ""

    def plain(self, text: str) -> str:
        """A text without its marks."""
        return self._mark.sub("", text) if self._is_on else text

    def only(self, text: str) -> str:
        """The marks of a text."""
        return "".join(mark[0] for mark in self._mark.finditer(text)) if self._is_on else ""

    def length(self, text: str) -> int:
        """How many line breaks of the template are in a text, those of values not counted."""
        reader = _Reader("")
        self._read(text, reader)
        return reader.number - 1

    def lines(self, text: str, template: str) -> tuple[Line, ...]:
        """The lines of a whole file with marks, without their line breaks; ``template`` is its name."""
        reader = _Reader(template)
        self._read(text, reader)
        return tuple(reader.all())

    def _read(self, marked: str, reader: _Reader) -> None:
        for text, kind, argument in pieces(self._mark, marked):
            reader.add(text)
            if kind == _VALUE:
                reader.begin_value(*self._origins[int(argument)])
            elif kind == _END_OF_VALUE:
                reader.end_value()
            elif kind == _CONDITION:
                reader.begin_condition(self._origins[int(argument)][1])
            elif kind == _END_OF_CONDITION:
                reader.open.pop()
            elif kind == _SKIP:
                reader.skip(int(argument))


#: Of a file that nobody traces.
UNMARKED = Marks()


class _Reader:
    """Makes lines of texts and marks; ``number`` is the line of the template that has been reached."""

    def __init__(self, template: str) -> None:
        self.number = 1
        #: The conditions that what comes next is under.
        self.open: list[Condition] = []
        self._template = template
        self._value: tuple[str, frozenset[Input]] | None = None
        self._done: list[Line] = []
        self._begin_line()

    def _begin_line(self) -> None:
        self._place = (self._template, self.number)
        self._text = ""
        self._spans: list[Span] = []
        self._conditions = dict.fromkeys(self.open)
        self._start = 0

    def begin_value(self, field: str, inputs: frozenset[Input]) -> None:
        self._end_span()
        self._value = field, inputs

    def end_value(self) -> None:
        self._end_span()
        self._value = None

    def begin_condition(self, inputs: frozenset[Input]) -> None:
        condition = Condition(*self._at, inputs)
        self.open.append(condition)
        self._conditions[condition] = None

    def skip(self, lines: int) -> None:
        self._end_span()
        self.number += lines

    @property
    def _at(self) -> tuple[str, int]:
        return self._template, self.number

    def add(self, text: str) -> None:
        first, *more = text.split("\n")
        self._text += first
        for part in more:
            self._end_line()
            self._text = part

    def _end_span(self) -> None:
        """End the span since the last one. That of a value may be empty: it could have been more."""
        start, end = self._start, len(self._text)
        self._start = end
        if self._value is not None:
            self._spans.append(Span(start, end, *self._at, *self._value))
        elif start < end:
            self._spans.append(Span(start, end, *self._at))

    def _end_line(self) -> None:
        self._end_span()
        self._done.append(Line(self._text, tuple(self._spans), tuple(self._conditions), self._place))
        if self._value is None:
            self.number += 1
        self._begin_line()

    def all(self) -> list[Line]:
        """All lines; a text that does not end with a line break has one more."""
        if self._text or self._spans:
            self._end_line()
        return self._done
