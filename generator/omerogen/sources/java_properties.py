"""Java's ``.properties`` files, which the library javaproperties reads."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.model import Location, Problem, SourceError
from omerogen.sources.assignments import Assignment, Report, is_legal, legal, lines_of, set_to
from omerogen.values.patterns import Pattern

_BEGIN = Pattern(r"-----BEGIN [A-Z0-9 ]+-----")
_END = Pattern(r"-----END [A-Z0-9 ]+-----")
_SPACES = " \t\f"
#: How a line begins that is not continued: a comment, or nothing.
_COMMENT = ("#", "!", "")


def read(path: str, data: bytes, _: str | None, report: Report) -> list[Assignment]:
    """One assignment a key; the last of two equal keys wins, as in Java."""
    import javaproperties

    assignments = []
    for line, text in _whole_lines(_decoded(data)):
        try:
            for item in javaproperties.parse(text):
                if isinstance(item, javaproperties.KeyValue):
                    _refuse_cut_off(path, line, item.value)
                    location = Location.file(path, line)
                    if "." in legal(item.key) or is_legal(item.key):
                        assignments.append(set_to(item.key, item.value, location))
                    else:  # it may be a line of a secret that has several
                        report(Problem(location, "has no valid property name", "use A-Z a-z 0-9 . _ -"))
        except javaproperties.InvalidUEscapeError:
            problem = r"has the escape \u without four hexadecimal digits"
            raise SourceError.at(Location.file(path, line), problem, r"write \uXXXX") from None
    return assignments


def _refuse_cut_off(path: str, line: int, value: str) -> None:
    """Refuse a key or certificate of several lines: Java reads all but the first as other properties."""
    if _BEGIN.search(value) and not _END.search(value):
        message = "begins a PEM text, whose other lines would be read as properties"
        advice = r"end each line but the last with \n\, or name a file: file:/PATH"
        raise SourceError.at(Location.file(path, line), message, advice)


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, and the number of the first.

    The library joins them too, but searches all that it has joined so far for each.
    """
    first, parts = 0, list[str]()
    for number, line in enumerate(lines_of(text), 1):
        part = line.lstrip(_SPACES)
        if not parts:
            first = number
            if part[:1] in _COMMENT:
                yield number, line
                continue
        is_continued = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        parts.append(part[:-1] if is_continued else part)
        if not is_continued:
            yield first, _as_key("".join(parts), parts[0])
            parts.clear()
    if parts:
        yield first, _as_key("".join(parts), parts[0])


def _as_key(line: str, first: str) -> str:
    """A line whose first part is empty may begin as a comment does, but is none."""
    return f"\\{line}" if not first and line[:1] in _COMMENT and line else line


def _decoded(data: bytes) -> str:
    """UTF-8, which newer tools write, or else ISO-8859-1, which Java's format began with."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")
