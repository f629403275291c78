"""Lines that a person names: of a build's file, of a printed artifact, of a filled-in template, of a source.

``out/nginx/omero.conf:12``, ``nginx:12-14``, ``etc/grid/templates.xml:40``, ``site.config.xml:7``.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from omerogen.artifacts import ARTIFACTS
from omerogen.model import Location, UsageError
from omerogen.values.patterns import Pattern

#: A file and a line of it, or several.
_LINES = Pattern(r"(?s)(.+):([0-9]{1,9})(?:-([0-9]{1,9}))?")


class Lines(NamedTuple):
    """Lines of a file, from ``first`` to ``last``."""

    file: str
    first: int
    last: int


def lines(text: str) -> Lines | None:
    """The lines that an argument names: ``FILE:LINE`` or ``FILE:FIRST-LAST``; None if it names none.

    Raises `UsageError` for what is a file, but names no line of it.
    """
    found = _LINES.fullmatch(text)
    if found:
        first = int(found[2])
        last = int(found[3] or first)
        if last < first:
            raise UsageError.at(
                Location.file(found[1]), f"{first}-{last} ends before it begins", f"write {last}-{first}"
            )
        return Lines(found[1], first, last)
    file = text.partition(":")[0]
    if file in ARTIFACTS or "/" in file or (os.path.exists(file) and not file.startswith("omero.")):
        raise UsageError.at(Location.file(file), "names no line", "write FILE:LINE or FILE:FIRST-LAST")
    return None
