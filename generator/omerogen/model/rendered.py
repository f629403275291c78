"""A file as it is rendered and to be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omerogen.model.inputs import Input, properties_of
from omerogen.model.problem import Problem
from omerogen.model.source_map import Line


class RenderedFile(NamedTuple):
    """A text with its path and its origin.

    - ``path``: below the folder that it is written to, with ``/``; empty for one that is printed.
    - ``private``: whether a secret is in it: the file is for its owner alone.
    - ``mode``: its permissions. Without one a private file gets 0600, and any other
      those of the file that it replaces, or 0644.
    - ``artifact``, ``options``: the artifact, and the typed options that it was rendered with; ``given`` are
      those as a caller gave them.
    - ``inputs``: all inputs of its text.
    - ``warnings``: problems that did not prevent it.
    - ``lines``: the lines with their origins, where rendering was traced; else empty.
    """

    path: str
    text: str
    private: bool = False
    mode: int | None = None
    artifact: str = ""
    options: Mapping[str, Any] = MappingProxyType({})
    inputs: frozenset[Input] = frozenset()
    warnings: tuple[Problem, ...] = ()
    given: Mapping[str, Any] = MappingProxyType({})
    lines: tuple[Line, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of the properties that were read for it, sorted."""
        return tuple(sorted(properties_of(self.inputs)))

    @property
    def permissions(self) -> int | None:
        """The mode to write it with; None to keep that of the file that it replaces."""
        return 0o600 if self.private and self.mode is None else self.mode

    def allows(self, mode: int) -> bool:
        """Whether a present file may have these permissions."""
        return not (self.private and mode & 0o077) if self.mode is None else mode == self.mode


class RenderedText(str):
    """The text of an artifact, and its warnings."""

    warnings: list[Problem]

    def __new__(cls, text: str, warnings: Iterable[Problem] = ()) -> RenderedText:
        """The text with its warnings."""
        rendered = super().__new__(cls, text)
        rendered.warnings = list(warnings)
        return rendered
