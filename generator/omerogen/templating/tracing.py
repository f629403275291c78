"""Marks in a text while it is rendered, from which the origin of each line is read afterwards.

A compiled template calls a `Trace` around each value, ``if`` and ``for``. What these calls print are marks,
as is a place before each line of the template's own text; `Trace.lines` takes them out again. A mark begins
with an unpaired surrogate: no value can hold one, since no file can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from omerogen.model import Condition, Input, Items, Line, Span, inputs_within
from omerogen.templating.escape import Unwritable

#: A mark: the kind, then a number or a place.
_MARK = re.compile("\ud800([a-z])([^\ud801]*)\ud801")
_AT, _VALUE, _END_OF_VALUE, _BLOCK, _END_OF_BLOCK = "avwbc"


class Observer(Protocol):
    """Notes what a block of code reads."""

    def begin(self) -> None:
        """Begin to note."""

    def end(self) -> frozenset[Input]:
        """What was read since the last beginning."""


class _Block:
    """An ``if``, ``for`` or ``with`` while it is rendered; each condition that is tested adds ``inputs``."""

    def __init__(
        self, template: str, line: int, inputs: Iterable[Input] = (), *, inline: bool = False
    ) -> None:
        self.template = template
        self.line = line
        self.inputs = set(inputs)
        #: Whether it is a part of a line, so that the line depends on it even where it prints nothing.
        self.inline = inline


class _Loop(_Block):
    """A ``for``: its variables, its members, and the one that is rendered."""

    def __init__(self, template: str, line: int, names: tuple[str, ...], *, inline: bool) -> None:
        super().__init__(template, line, inline=inline)
        self.names = names
        self.members: Any = ()
        self.at = -1

    @property
    def own(self) -> frozenset[Input]:
        """The inputs of the member that is rendered, where they are known apart from those of the others."""
        return self.members.reads[self.at] if isinstance(self.members, Items) else frozenset()


class _Value(NamedTuple):
    """A value that was printed."""

    template: str
    line: int
    field: str
    inputs: frozenset[Input]


class Trace:
    """What happens while a template is rendered, and afterwards the lines of its text."""

    def __init__(
        self, observer: Observer, printed: Callable[[Any], str], as_it_is: Callable[[Any], str]
    ) -> None:
        self._observer = observer
        self._printed = printed
        self._as_it_is = as_it_is
        self._values: list[_Value] = []
        self._blocks: list[_Block] = []
        self._loops: list[_Loop] = []
        self._open: list[_Block] = []

    # Called by compiled templates.

    def begin(self) -> None:
        """Begin to note what an expression reads."""
        self._observer.begin()

    def value(self, _: None, value: Any, template: str, line: int, field: str, root: str) -> str:
        """The text of a value between its marks; ``root`` is the name that its expression begins with."""
        return self._text(self._printed, value, template, line, field, root)

    def raw(self, _: None, value: Any, template: str, line: int, field: str, root: str) -> str:
        """The same of text that is printed as it is."""
        return self._text(self._as_it_is, value, template, line, field, root)

    def _text(
        self, printed: Callable[[Any], str], value: Any, template: str, line: int, field: str, root: str
    ) -> str:
        inputs = self._observer.end() | inputs_within(value)
        loop = next((loop for loop in reversed(self._loops) if root in loop.names), None)
        if loop:
            inputs |= loop.own or loop.inputs
        self._values.append(_Value(template, line, field, inputs))
        try:
            text = printed(value)
        except Unwritable as error:
            raise Unwritable(error.problem, inputs) from None
        return f"{_mark(_VALUE, len(self._values) - 1)}{text}{_mark(_END_OF_VALUE)}"

    def block(self, template: str, line: int, inline: bool) -> str:
        """The beginning of an ``if`` or ``with``."""
        return self._enter(_Block(template, line, inline=inline))

    def loop(self, template: str, line: int, inline: bool, *names: str) -> str:
        """The beginning of a ``for`` over these variables."""
        loop = _Loop(template, line, names, inline=inline)
        self._loops.append(loop)
        return self._enter(loop)

    def condition(self, _: None, value: Any) -> Any:
        """A value that decides whether a block is printed, or is a part of what decides it."""
        self._open[-1].inputs |= self._observer.end() | inputs_within(value)
        return value

    def position(self, _: None, value: Any) -> Any:
        """The same of ``loop.first`` and the like, which depend on which members the loop has."""
        self._observer.end()
        loop = self._loops[-1]
        members = loop.members
        self._open[-1].inputs |= (
            members.common | members.deciding if isinstance(members, Items) else loop.inputs
        )
        return value

    def members(self, _: None, members: Any, is_whole: bool) -> Any:
        """The members of a ``for``; ``is_whole`` unless they are a part of a field's value."""
        loop = self._loops[-1]
        read = self._observer.end()
        if isinstance(members, Items) and is_whole:
            # Each member knows its own inputs; but a line that has all of them depends on all.
            read = inputs_within(members) if loop.inline else members.common
            loop.members = members
        loop.inputs |= read
        return members

    def member(self) -> str:
        """The beginning of one round of a ``for``."""
        loop = self._loops[-1]
        loop.at += 1
        return self._enter(_Block(loop.template, loop.line, loop.own))

    def end_block(self) -> str:
        """The end of an ``if`` or ``with``, or of a round of a ``for``."""
        self._open.pop()
        return _mark(_END_OF_BLOCK)

    def end_loop(self) -> str:
        """The end of a ``for``."""
        self._loops.pop()
        return self.end_block()

    def _enter(self, block: _Block) -> str:
        self._blocks.append(block)
        self._open.append(block)
        return _mark(_BLOCK, len(self._blocks) - 1)

    # Called afterwards.

    def lines(self, marked: str, choice: frozenset[Input] = frozenset()) -> list[Line]:
        """The lines of a text with marks, without their line breaks; ``choice`` chose the template."""
        writer = _Lines(choice)
        for text, kind, argument in pieces(_MARK, marked):
            writer.add(text)
            if kind == _AT:
                template, _, line = argument.rpartition(":")
                writer.place = (template, int(line))
            elif kind == _VALUE:
                writer.begin_value(self._values[int(argument)])
            elif kind == _END_OF_VALUE:
                writer.value = None
            elif kind == _BLOCK:
                writer.enter(self._blocks[int(argument)])
            elif kind == _END_OF_BLOCK:
                writer.blocks.pop()
        return writer.all()


class _Lines:
    """Writes lines, with what is open where each part of them is written."""

    def __init__(self, choice: frozenset[Input]) -> None:
        self._choice = choice
        self.place = ("", 0)
        self.value: _Value | None = None
        self.blocks: list[_Block] = []
        self._done: list[Line] = []
        self._begin()

    def _begin(self) -> None:
        self._is_new = False
        self._text = ""
        self._spans: list[Span] = []
        self._conditions: dict[_Block, None] = {}

    def enter(self, block: _Block) -> None:
        self.blocks.append(block)
        if block.inline or self._text:
            self._conditions[block] = None

    def begin_value(self, value: _Value) -> None:
        """What follows is this value; the line depends on one that is empty, too."""
        self.value = value
        self._is_new = True
        self._add_span(len(self._text), len(self._text))

    def add(self, text: str) -> None:
        first, *more = text.split("\n")
        self._write(first)
        for part in more:
            self._conditions |= dict.fromkeys(self.blocks)
            self._end()
            self._write(part)

    def _write(self, text: str) -> None:
        if text:
            self._conditions |= dict.fromkeys(self.blocks)
            self._add_span(len(self._text), len(self._text) + len(text))
            self._text += text

    def _add_span(self, start: int, end: int) -> None:
        value = self.value
        if value is None:
            self._spans.append(Span(start, end, *self.place))
            return
        if start < end and self._is_new:
            self._is_new = False
            self._spans.pop()  # the value is not empty
        self._spans.append(Span(start, end, value.template, value.line, value.field, value.inputs))

    def _end(self) -> None:
        conditions = (Condition(one.template, one.line, frozenset(one.inputs)) for one in self._conditions)
        line = Line(self._text, tuple(self._spans), tuple(conditions), self.place, self._choice)
        self._done.append(line)
        self._begin()

    def all(self) -> list[Line]:
        """All lines; a text that does not end with a line break has one more."""
        if self._text:
            self._end()
        return self._done


def at(template: str, line: int) -> str:
    """The mark of a place in a template."""
    return _mark(_AT, f"{template}:{line}")


def plain(marked: str) -> str:
    """A text without its marks."""
    return _MARK.sub("", marked)


def indented(text: str, width: int) -> str:
    """The lines of a text with marks moved to the right, but those that are empty without their marks."""
    return "\n".join(_indented(line, " " * width) for line in text.split("\n"))


def _indented(line: str, indentation: str) -> str:
    """The indentation goes behind the first marks, so that it is a part of what they are about."""
    if not plain(line):
        return line
    start = 0
    while mark := _MARK.match(line, start):
        start = mark.end()
    return line[:start] + indentation + line[start:]


def _mark(kind: str, argument: object = "") -> str:
    return f"\ud800{kind}{argument}\ud801"


def pieces(pattern: re.Pattern[str], marked: str) -> Iterator[tuple[str, str, str]]:
    """The text before each mark, with the kind and the argument of the mark; the last text has none."""
    start = 0
    for mark in pattern.finditer(marked):
        yield marked[start : mark.start()], mark[1], mark[2]
        start = mark.end()
    yield marked[start:], "", ""
