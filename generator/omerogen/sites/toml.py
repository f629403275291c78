"""A TOML file: its values, and the line of each key.

The library gives no lines, so the keys are found once more by their position: the text is known to be TOML.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any, TypeAlias

from omerogen.model import Location, SourceError
from omerogen.sources import file_and_status
from omerogen.sources.assignments import decoded

#: A key with the keys of the tables that it is in.
KeyPath: TypeAlias = "tuple[str, ...]"

#: Of ten thousand sites with fifty lines each.
_LARGEST = 16 * 2**20
_TOKEN = re.compile(
    r'''(?P<space>[ \t\r]+|\#[^\n]*)|(?P<line>\n)
    |(?P<text>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')
    |(?P<bare>[A-Za-z0-9_-]+)|(?P<mark>.)''',
    re.DOTALL | re.VERBOSE,
)
_TWICE = re.compile(r"Can ?not declare \((.*)\) twice")
_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


class Document:
    """The values of a file, and ``line`` of each of its keys."""

    def __init__(self, path: str, data: bytes) -> None:
        text = decoded(path, data)
        self.values = _parsed(path, text)
        self._lines = dict(_keys(text))

    def line(self, *keys: str) -> int | None:
        """The line of a key, or of the nearest table that it is in; None for the whole file."""
        while keys:
            if keys in self._lines:
                return self._lines[keys]
            keys = keys[:-1]
        return None


def read(path: str) -> tuple[Document, int]:
    """The document of a file, and its owner's user id. Raises `SourceError`."""
    data, status = file_and_status(path, "this is not a site file", _LARGEST)
    return Document(path, data), status.st_uid


def _parsed(path: str, text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        values: dict[str, Any] = tomllib.loads(text)
        return values
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line = int(found[1]) if found and found[1] else None
        twice = _TWICE.search(str(error))
        if twice:
            name = ".".join(re.findall("'([^']*)'", twice[1]))
            advice = "give one of them another name"
            raise SourceError.at(Location.file(path, line), f"has the table [{name}] twice", advice) from None
        reason = re.sub(r"'.*'|\(at .*", "", str(error), flags=re.DOTALL).strip() or "it cannot be read"
        advice = "correct this line or one above; texts go in quotes"
        raise SourceError.at(Location.file(path, line), f"is not TOML: {reason}", advice) from None
    except (RecursionError, ValueError):
        advice = "write it flat"
        raise SourceError.at(
            Location.file(path), "is nested too deeply, or has a number too long", advice
        ) from None


def _keys(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Each key outside of values, and each table, with its line; the first of several."""
    table: KeyPath = ()
    seen: set[KeyPath] = set()
    for line, header, keys in _statements(text):
        path = keys if header else (*table, *keys)
        table = keys if header else table
        for end in range(1, len(path) + 1):
            if path[:end] not in seen:
                seen.add(path[:end])
                yield path[:end], line


def _statements(text: str) -> Iterator[tuple[int, bool, KeyPath]]:
    """The keys before each ``=`` and in each ``[table]``, whether it is a table, and its line."""
    line, depth = 1, 0
    keys: list[str] = []
    is_header = is_value = False
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup, token.group()
        if kind in ("text", "bare") and not is_value:
            keys.append(_unquoted(word) if kind == "text" else word)
        elif kind == "mark" and word == "[" and not is_value:
            is_header = True
        elif kind == "mark" and word == "=" and not is_value:
            yield line, False, tuple(keys)
            is_value = True
        elif kind == "mark" and is_value:
            depth += (word in "[{") - (word in "]}")
        elif kind == "line" and depth == 0:
            if is_header:
                yield line, True, tuple(keys)
            keys.clear()
            is_header = is_value = False
        line += word.count("\n")
    if is_header:
        yield line, True, tuple(keys)


def _unquoted(word: str) -> str:
    """The text of a quoted key."""
    if word.startswith("'"):
        return word.strip("'")
    import json

    try:
        return str(json.loads(word))
    except ValueError:  # TOML knows \\U and \\e, too; such a key is not known either
        return word[1:-1]
