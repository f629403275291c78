"""Colours of syntax for the lines of a file, by Pygments, which is installed as the extra ``report``.

A line is divided into parts, the template's own text and values, and each of them into tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from omerogen.model import Line, Span

#: Pygments' names of the languages, by the suffix of a file. Of any other, values alone are marked.
_LEXERS = {
    ".args": "bash",
    ".cfg": "properties",
    ".conf": "nginx",
    ".properties": "properties",
    ".py": "python",
    ".service": "systemd",
    ".xml": "xml",
}
#: The class in the page of a kind of token, the first that matches; all other tokens have none.
_CLASSES = (
    ("Comment", "c"),
    ("Literal.String", "s"),
    ("Literal.Number", "m"),
    ("Keyword", "k"),
    ("Name.Tag", "k"),
    ("Name.Attribute", "a"),
    ("Name.Function", "a"),
)
#: The class of characters that are not printable, which are shown escaped.
_ESCAPED = "u"
#: Longer files have no colours: an odd text could take long.
_MOST = 200_000


class Token(NamedTuple):
    """A text and its class in the page, empty for none."""

    text: str
    css: str = ""


class Part(NamedTuple):
    """The tokens of a part of a line; ``span`` is where the part came from."""

    span: Span
    tokens: tuple[Token, ...]


def is_installed() -> bool:
    """Whether there is a Pygments."""
    return find_spec("pygments") is not None


def parts(path: str, lines: Sequence[Line], *, coloured: bool) -> list[tuple[Part, ...]]:
    """The parts of each line of a file."""
    text = "\n".join(line.text for line in lines)
    colours = list(_colours(path, text)) if coloured and len(text) <= _MOST else []
    found = []
    start, at = 0, 0
    for line in lines:
        end = start + len(line.text)
        while at < len(colours) and colours[at][1] <= start:
            at += 1
        of_line = []
        for place in range(at, len(colours)):
            first, last, css = colours[place]
            if first >= end:
                break
            of_line.append((max(first - start, 0), min(last, end) - start, css))
        found.append(tuple(_parts(line, of_line)))
        start = end + 1
    return found


def visible(text: str) -> str:
    """A text whose characters can all be seen: others are escaped, except line feeds and tabs."""
    return "".join(token.text for token in _visible(text))


def _parts(line: Line, colours: Sequence[tuple[int, int, str]]) -> Iterator[Part]:
    for span in line.spans:
        tokens: list[Token] = []
        at = span.start
        for first, last, css in colours:
            first, last = max(first, at), min(last, span.end)
            if first < last:
                tokens += _visible(line.text[at:first])
                tokens += _visible(line.text[first:last], css)
                at = last
        tokens += _visible(line.text[at : span.end])
        yield Part(span, tuple(tokens))


def _visible(text: str, css: str = "") -> Iterator[Token]:
    """The text as tokens of a class; characters that cannot be seen are tokens of their own."""
    if not text:
        return
    if text.isprintable():
        yield Token(text, css)
        return
    start = 0
    for at, character in enumerate(text):
        if not (character.isprintable() or character in "\n\t"):
            if start < at:
                yield Token(text[start:at], css)
            yield Token(character.encode("unicode_escape").decode(), _ESCAPED)
            start = at + 1
    if start < len(text):
        yield Token(text[start:], css)


def _colours(path: str, text: str) -> Iterator[tuple[int, int, str]]:
    """The tokens of a text that have a class: first and last character, and the class."""
    lexer = _lexer(path)
    if lexer is None:
        return
    for at, kind, token in lexer.get_tokens_unprocessed(text):
        name = str(kind).removeprefix("Token.")
        css = next((css for prefix, css in _CLASSES if name.startswith(prefix)), "")
        if css and token:
            yield at, at + len(token), css


def _lexer(path: str) -> Any:
    """The lexer of the language of a file; None if there is none."""
    try:
        from pygments.lexers import get_lexer_by_name
        from pygments.util import ClassNotFound
    except ImportError:
        return None
    try:
        return get_lexer_by_name(_LEXERS[PurePosixPath(path).suffix])
    except (ClassNotFound, KeyError):
        return None
