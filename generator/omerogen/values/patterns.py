"""Regular expressions that are compiled when they are first used: one run needs few of them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property


class Pattern:
    """A regular expression that is compiled when it is first used. The methods are those of `re.Pattern`."""

    def __init__(self, expression: str, flags: int = 0) -> None:
        self._expression = expression
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._expression, self._flags)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """Match the whole of ``text``."""
        return self._compiled.fullmatch(text)

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Match at position ``at``."""
        return self._compiled.match(text, at)

    def search(self, text: str, at: int = 0) -> re.Match[str] | None:
        """Find the first match from ``at`` on."""
        return self._compiled.search(text, at)

    def finditer(self, text: str, at: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Find all matches from ``at`` on, none of them beyond ``end``."""
        return self._compiled.finditer(text, at, end)

    def sub(self, replacement: Callable[[re.Match[str]], str], text: str) -> str:
        """Replace all matches."""
        return self._compiled.sub(replacement, text)

    def split(self, text: str) -> list[str]:
        """The text between the matches, and their groups."""
        return self._compiled.split(text)
