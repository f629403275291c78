"""XML files that are changed in places and stay as they are in all others.

lxml parses and writes, but a tree does not keep the layout of start tags, the text
before and after the root, and line endings. They are restored here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

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


class Document:
    """An XML file; ``root`` may be changed, and ``str()`` gives the file anew."""

    def __init__(self, data: bytes) -> None:
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
        body = etree.tostring(self.root, encoding="unicode", with_tail=False)
        elements = (element for element in self.root.iter() if isinstance(element.tag, str))
        body = _TOKEN.sub(lambda token: self._tag(next(elements), token[1]) if token[1] else token[0], body)
        head = _OTHER_ENCODING.sub(r"\1\2UTF-8\2", self._before)
        text = head + body + self._after
        return text.replace("\n", "\r\n") if self._carriage_returns else text

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
