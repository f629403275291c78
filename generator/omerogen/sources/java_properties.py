"""Java's ``.properties`` files, which the library javaproperties reads."""

from __future__ import annotations

from omerogen.model import Location, SourceError
from omerogen.sources.assignments import Assignment, Report, lines_of, set_to


def read(path: str, data: bytes, profile: str | None, report: Report) -> list[Assignment]:  # noqa: ARG001
    """One assignment a key; the last of two equal keys wins, as in Java."""
    import javaproperties

    assignments = []
    line = 1
    try:
        for item in javaproperties.parse(_decoded(data)):
            if isinstance(item, javaproperties.KeyValue):
                assignments.append(set_to(item.key, item.value, Location.file(path, line)))
            line += len(lines_of(item.source))
    except javaproperties.InvalidUEscapeError:
        problem = r"has the escape \u without four hexadecimal digits"
        raise SourceError.at(Location.file(path, line), problem, r"write \uXXXX") from None
    return assignments


def _decoded(data: bytes) -> str:
    """UTF-8, which newer tools write, or else ISO-8859-1, which Java's format began with."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")
