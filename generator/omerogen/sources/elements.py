"""The elements of an XML document, read by expat: lxml is imported only for what expat does not read.

The result is that of lxml (`xml.parse`), as are the errors. A line is that of the beginning of a start tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn
from xml.parsers import expat


class Malformed(ValueError):
    """A text that is not XML, or not a supported document; why, and in which line: 0 for all of it."""

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem, line)
        self.problem = problem
        self.line = line

    def __str__(self) -> str:
        return self.problem


class Element:
    """An element without its text: its tag, its attributes, its line and the elements in it."""

    __slots__ = ("attributes", "children", "line", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.children: list[Element] = []

    def get(self, name: str) -> str | None:
        """The value of an attribute."""
        return self.attributes.get(name)

    def named(self, tag: str) -> Iterator[Element]:
        """The elements of this name that are directly in it."""
        return (child for child in self.children if child.tag == tag)


class _NotForExpat(Exception):
    """A document with a document type, with namespaces or of another encoding, which is left to lxml."""


def parse(data: bytes) -> Element:
    """The root of a document. Raises `Malformed`, also for one with a document type."""
    try:
        return _Builder(data).root
    except (_NotForExpat, expat.ExpatError, LookupError, ValueError):
        return _by_lxml(data)


class _Builder:
    """Builds the tree of elements of a document while expat reads it."""

    def __init__(self, data: bytes) -> None:
        self._open: list[Element] = []
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(data, True)

    def _declare(self, version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8" or standalone != -1:
            raise _NotForExpat

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if any(":" in name or name == "xmlns" for name in (tag, *attributes)):
            raise _NotForExpat
        element = Element(tag, attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, tag: str) -> None:  # noqa: ARG002 - expat has compared it
        self._open.pop()

    def _refuse(self, *_: object) -> NoReturn:
        raise _NotForExpat


def _by_lxml(data: bytes) -> Element:
    from omerogen.sources import xml

    found = xml.parse(data)
    root = _converted(found)
    pairs = [(found, root)]
    while pairs:  # without recursion: a document may be deep
        parent, made = pairs.pop()
        for child in parent.iterchildren("*"):
            element = _converted(child)
            made.children.append(element)
            pairs.append((child, element))
    return root


def _converted(element: Any) -> Element:
    attributes = {str(name): str(value) for name, value in element.items()}
    return Element(str(element.tag), attributes, element.sourceline or 1)
