"""Where a value came from."""

from __future__ import annotations

from typing import NamedTuple


class Origin(NamedTuple):
    """A place: a file with its line and, in a config.xml, the profile; a flag; or the default."""

    place: str
    line: int | None = None
    profile: str | None = None

    @property
    def where(self) -> str:
        """``site.config.xml:7``: how messages begin."""
        return f"{self.place}:{self.line}" if self.line else self.place

    def __str__(self) -> str:
        return f"{self.where} (profile {self.profile})" if self.profile else self.where


DEFAULT = Origin("default")
FLAG = Origin("--set")
SUGGESTION = Origin("suggestion")
