"""An nginx configuration that is there: its server blocks, with the files that it includes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import glob
from typing import NamedTuple

from omerogen.model import SourceError
from omerogen.sources import file_and_status
from omerogen.values.base import Invalid
from omerogen.values.nginx import tokens

#: More files than any nginx includes.
_MOST_FILES = 200


class Directive(NamedTuple):
    """A directive, with its block if it has one, and its place."""

    words: tuple[str, ...]
    block: tuple[Directive, ...]
    file: str
    line: int

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""

    def all(self, name: str) -> Iterator[Directive]:
        """The directives of that name in the block, and in the blocks in it."""
        for directive in self.block:
            if directive.name == name:
                yield directive
            yield from directive.all(name)


def read(path: str) -> Directive:
    """The whole configuration as the block of a directive without a name.

    A file that cannot be read is left out: nginx may have other rights. Raises `SourceError` for ``path``.
    """
    file_and_status(path)
    reader = _Reader(os.path.dirname(path))
    return Directive((), tuple(reader.file(path)), path, 1)


class _Reader:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.files: set[str] = set()

    def file(self, path: str) -> Iterator[Directive]:
        """The directives of a file; of an included one the first time only."""
        if path in self.files or len(self.files) == _MOST_FILES:
            return
        self.files.add(path)
        try:
            text = file_and_status(path)[0].decode(errors="replace")
            found = [*tokens(text)]
        except (SourceError, Invalid):
            return
        line, end = 1, 0
        words = []
        for token in found:
            line += text.count("\n", end, token.start())
            end = token.start()
            words.append((token.group(), token.lastgroup == "mark", line))
        yield from self._block(path, iter(words))

    def _block(self, path: str, words: Iterator[tuple[str, bool, int]]) -> Iterator[Directive]:
        named: list[str] = []
        first = 0
        for word, is_mark, line in words:
            if not is_mark:
                first = first if named else line
                named.append(word[1:-1] if word[0] in "\"'" else word)
            elif word == "}":
                return
            else:
                inner = tuple(self._block(path, words)) if word == "{" else ()
                yield from self._included(Directive(tuple(named), inner, path, first or line))
                named = []

    def _included(self, directive: Directive) -> Iterator[Directive]:
        if directive.name != "include" or len(directive.words) != 2:
            yield directive
            return
        for path in sorted(glob(os.path.join(self.folder, directive.words[1]))):
            yield from self.file(path)
