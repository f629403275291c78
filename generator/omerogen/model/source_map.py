"""Where each line of a text came from: the lines of a template, the conditions, and all inputs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from omerogen.model.inputs import Input


class Span(NamedTuple):
    """A part of a line: text of a template, or a value that it printed.

    - ``start``, ``end``: the characters of the line, the last one not included. A value that was put into
      the template of an installed OMERO may be empty.
    - ``template``, ``template_line``: what printed it.
    - ``field``: the name of the value, such as ``nginx.application``; empty for the template's own text.
    - ``inputs``: all that went into the value.
    """

    start: int
    end: int
    template: str
    template_line: int
    field: str = ""
    inputs: frozenset[Input] = frozenset()


class Condition(NamedTuple):
    """An ``if`` or a ``for`` of a template that a line is under, and what decided it."""

    template: str
    template_line: int
    inputs: frozenset[Input] = frozenset()


class Line:
    """A line of a text with its origin.

    - ``spans``: its parts, from the first character to the last; none of an empty line.
    - ``conditions``: from the outermost to the innermost.
    - ``place``: the template, and the line in it, that ended the line.
    - ``choice``: the inputs that chose the template.
    """

    def __init__(
        self,
        text: str,
        spans: tuple[Span, ...] = (),
        conditions: tuple[Condition, ...] = (),
        place: tuple[str, int] = ("", 0),
        choice: frozenset[Input] = frozenset(),
    ) -> None:
        self.text = text
        self.spans = spans
        self.conditions = conditions
        self.place = place
        self.choice = choice

    @cached_property
    def inputs(self) -> frozenset[Input]:
        """All that the line depends on: the choice of the template, values and conditions."""
        values = (span.inputs for span in self.spans)
        return self.choice.union(*values, *(condition.inputs for condition in self.conditions))

    def shown_as(self, text: str, spans: tuple[Span, ...] = ()) -> Line:
        """The same line with another text, as one without secrets; without ``spans`` it is one part."""
        whole = (Span(0, len(text), *self.template, inputs=self.inputs),)
        return Line(text, spans or whole, self.conditions, self.place, self.choice)

    @property
    def template(self) -> tuple[str, int]:
        """The template, and the line in it, that printed this line."""
        own = next((span for span in self.spans if not span.field), None) or next(iter(self.spans), None)
        return (own.template, own.template_line) if own else self.place


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Runs of line numbers, each with its first and last."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def ranges_text(runs: Iterable[tuple[int, int]]) -> str:
    """Runs of line numbers as people write them: ``4, 7-9``."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
