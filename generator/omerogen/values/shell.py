"""Split a command line as a POSIX shell does, in one pass.

`shlex.split` gives the same, but takes a quadratic time for a long word.
"""

from __future__ import annotations

import re

from omerogen.values.patterns import Pattern

#: A word is a row of these: plain text, an escaped character, a text in quotes.
_PART = Pattern(
    r"""(?P<space>[ \t\r\n]+)|(?P<plain>[^ \t\r\n"'\\]+)|\\(?P<escaped>.)"""
    r"""|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""",
    re.DOTALL,
)
_ESCAPED = Pattern(r'\\(["\\])')


def split(text: str) -> list[str]:
    """The words of a text; `ValueError` for a quote that is not closed, or a backslash at the end."""
    words: list[str] = []
    parts: list[str] | None = None
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise ValueError("a quote is not closed, or a backslash escapes nothing")
        kind, at = found.lastgroup, found.end()
        if kind == "space":
            if parts is not None:
                words.append("".join(parts))
            parts = None
            continue
        part = found[kind or ""]
        parts = parts if parts is not None else []
        parts.append(_ESCAPED.sub(lambda escaped: escaped[1], part) if kind == "double" else part)
    if parts is not None:
        words.append("".join(parts))
    return words
