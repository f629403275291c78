"""XML files that are changed in places and stay as they are in all others.

lxml parses and writes, but a tree does not keep the layout of start tags, the text
before and after the root, and line endings. They are restored here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from operator import or_
from typing import NamedTuple

from lxml import etree

from omerogen.model import Input
from omerogen.rewriting.origins import UNMARKED, Marks
from omerogen.sources.elements import Malformed
from omerogen.sources.xml import parse

_START_TAG = r"""<[^\s<>/!?][^\s/>]*(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>"""
#: A start tag, as the first group, or an end tag; comments and the like are passed over whole.
_TOKEN = re.compile(rf"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|({_START_TAG})|(</[^>]*>)", re.DOTALL)
_ATTRIBUTE = re.compile(r"""(\s)([^\s=]+)(\s*=\s*)("[^"]*"|'[^']*')""")
#: In the declaration with which a file begins.
_OTHER_ENCODING = re.compile(r"""\A(\s*<\?xml\s[^?]*?encoding\s*=\s*)(["'])(?!(?i:utf-8)\2).*?\2""")


class _Original(NamedTuple):
    """A start tag as it was in the file, with its attributes."""

    tag: str
    attributes: dict[str, str]


class Added(NamedTuple):
    """Elements to insert, and what they were made of, or what decided that there are none."""

    elements: Sequence[etree._Element]
    inputs: frozenset[Input]


class Document:
    """An XML file; ``root`` may be changed, and ``str()`` gives the file anew.

    With ``marks`` it is written with them, and its methods mark what they change.
    """

    def __init__(self, data: bytes, marks: Marks = UNMARKED) -> None:
        self.marks = marks
        self.root = parse(data, strip_cdata=False)
        information = self.root.getroottree().docinfo
        if any("{" in str(name) for element in self.root.iter() for name in (element.tag, *element.keys())):
            raise Malformed("has XML namespaces, which IceGrid does not read")
        try:
            text = data.decode(information.encoding or "utf-8").removeprefix("\ufeff")
            self._carriage_returns = "\r\n" in text
            self._keep_layout(text.replace("\r\n", "\n"))
        except (LookupError, ValueError) as error:
            raise Malformed("unsupported XML layout") from error

    def _keep_layout(self, text: str) -> None:
        tags = [token for token in _TOKEN.finditer(text) if token[1] or token[2]]
        found = [tag for tag in tags if tag[1]]
        elements = [element for element in self.root.iter() if isinstance(element.tag, str)]
        # lxml's elements are the same objects for as long as there are references to them.
        self._originals = {
            element: _Original(token[1], {str(name): str(value) for name, value in element.items()})
            for element, token in zip(elements, found, strict=True)
        }
        self._before, self._after = text[: tags[0].start()], text[tags[-1].end() :]

    def __str__(self) -> str:
        """The file, in UTF-8 whatever its encoding was."""
        head = _OTHER_ENCODING.sub(r"\1\2UTF-8\2", self._before)
        text = head + self._source(self.root) + self._after
        return text.replace("\n", "\r\n") if self._carriage_returns else text

    def _source(self, top: etree._Element) -> str:
        """An element with all that is in it."""
        text = etree.tostring(top, encoding="unicode", with_tail=False)
        elements = (element for element in top.iter() if isinstance(element.tag, str))
        return _TOKEN.sub(lambda token: self._tag(next(elements), token[1]) if token[1] else token[0], text)

    def _tag(self, element: etree._Element, written: str) -> str:
        """A start tag as it was, with new values where they changed; ``written`` for a new one."""
        original = self._originals.get(element)
        was_empty = original is not None and original.tag.endswith("/>")
        if original is None or (was_empty and not written.endswith("/>")):
            return written
        new = {found[2]: found[4] for found in _ATTRIBUTE.finditer(written)}

        def attribute(found: re.Match[str]) -> str:
            name = found[2]
            same = original.attributes.get(name) == element.get(name)
            return found[0] if same else f"{found[1]}{name}{found[3]}{new[name]}"

        tag = _ATTRIBUTE.sub(attribute, original.tag)
        return f"{tag}</{element.tag}>" if written.endswith("/>") and not was_empty else tag

    def elements(self, tag: str) -> list[etree._Element]:
        """All elements of a name, wherever they are."""
        return list(self.root.iter(tag))

    def insert(
        self,
        place: etree._Element,
        added: Sequence[Added],
        field: str,
        decided: frozenset[Input] = frozenset(),
    ) -> None:
        """Insert elements after another, each on its own line if that one is.

        They are put in for ``field``; ``decided`` are further inputs that decide how many there are.
        """
        lead = self.repeated(self.before(place))
        tail = self.strung(added, (lead, lead, place.tail or ""), field, decided)
        place.tail = None
        for element in reversed([element for one in added for element in one.elements]):
            place.addnext(element)  # an index would be counted each time
        place.tail = tail

    def strung(
        self, added: Sequence[Added], texts: tuple[str, str, str], field: str, decided: frozenset[Input]
    ) -> str:
        """Give elements their tails, and return the text before the first one.

        ``texts`` are those before the first element, between two, and after the last. Without
        elements the last text is returned. The rest is as for `insert`.
        """
        lead, between, after = texts
        marks, is_apart = self.marks, "\n" in between and self._ends_line(after)
        # What follows the last element is on another line if more elements follow: whether there are any
        # depends on all the inputs of what comes later.
        inputs = accumulate((one.inputs for one in reversed(added)), or_, initial=decided)
        first, *rest = ["" if is_apart else marks.condition(more) for more in inputs][::-1]
        found, elements = [first], []
        for one, condition in zip(added, rest, strict=True):
            for element in one.elements:
                found[-1] += lead + marks.begin_value(field, one.inputs)
                found.append(marks.end_value() + condition)
                elements.append(element)
                lead = between
        found[-1] += after
        for element, tail in zip(elements, found[1:], strict=True):
            element.tail = tail
        return found[0]

    def may_insert(self, place: etree._Element, decided: frozenset[Input]) -> None:
        """Note that elements could be inserted after this one, depending on the inputs ``decided``."""
        if self.marks:
            self.insert(place, (), "", decided)

    def remove(self, element: etree._Element, decided: frozenset[Input]) -> None:
        """Remove an element with the space before it; a comment after it stays on its line.

        ``decided`` are the inputs that decide whether it is removed.
        """
        marks = self.marks
        before, is_kept, is_apart = self._surroundings(element)
        after = "" if is_apart and not is_kept else marks.condition(decided)
        if marks:
            lines = marks.length(self._source(element)) + (0 if is_kept else before.count("\n"))
            after = marks.skip(lines) + after
        text = (before if is_kept else marks.only(before)) + after + (element.tail or "")
        self._set_text_before(element, text)
        element.tail = None
        parent_of(element).remove(element)

    def may_remove(self, element: etree._Element, decided: frozenset[Input]) -> None:
        """Note that an element could be removed, depending on the inputs ``decided``."""
        if self.marks:
            before, _, is_apart = self._surroundings(element)
            line_end = before.index("\n") + 1 if is_apart else 0
            begin = self.marks.begin_condition(decided)
            self._set_text_before(element, before[:line_end] + begin + before[line_end:])
            element.tail = self.marks.end_condition() + (element.tail or "")

    def before(self, element: etree._Element) -> str:
        """The line break and the indentation before an element; empty if it does not begin a line."""
        text = self.marks.plain(_text_before(element))
        return text[text.rfind("\n") :] if "\n" in text and not text[text.rfind("\n") :].strip() else ""

    def repeated(self, lead: str) -> str:
        """Such a line break and indentation once more, which are not the template's then."""
        return self.marks.skip(-lead.count("\n")) + lead

    def _surroundings(self, element: etree._Element) -> tuple[str, bool, bool]:
        """The text before an element; whether that, and the line before, stay when the element is removed."""
        before, following = _text_before(element), element.getnext()
        plain, tail = self.marks.plain(before), element.tail or ""
        is_remark = following is not None and not isinstance(following.tag, str)
        is_kept = bool(plain.strip()) or (is_remark and "\n" not in tail)
        return before, is_kept, plain.startswith("\n") and (is_kept or self._ends_line(tail))

    def _ends_line(self, tail: str) -> bool:
        """Whether nothing follows an element on its line."""
        return self.marks.plain(tail).startswith("\n")

    def _set_text_before(self, element: etree._Element, text: str) -> None:
        previous = element.getprevious()
        if previous is None:
            parent_of(element).text = text
        else:
            previous.tail = text


def parent_of(element: etree._Element) -> etree._Element:
    """The element that another is in."""
    parent = element.getparent()
    if parent is None:
        raise Malformed("has a placeholder outside its root")
    return parent


def _text_before(element: etree._Element) -> str:
    previous = element.getprevious()
    return (parent_of(element).text if previous is None else previous.tail) or ""
