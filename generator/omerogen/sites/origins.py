"""The lines of a site's files with their origins, as anybody may see them: without secrets."""

from __future__ import annotations

from collections.abc import Callable

from omerogen.artifacts import rendering
from omerogen.derive.host import Host
from omerogen.model import Line, OmerogenError, RenderedFile, Span
from omerogen.secrets.patterns import HIDDEN
from omerogen.settings import Settings, redact


def public_lines(
    settings: Settings, file: RenderedFile, make: Callable[[Settings], RenderedFile]
) -> tuple[Line, ...]:
    """The lines of a traced file with secrets hidden; their numbers are the same.

    ``make`` makes the file of other settings: those without secrets.
    """
    if not any(rendering.holds_secret(settings, line.inputs) for line in file.lines):
        return file.lines
    try:
        shown = make(redact.settings(settings)).lines
    except OmerogenError:
        shown = ()
    if len(shown) != len(file.lines):  # a hidden value is another one, as in a list that has fewer members
        shown = tuple(_without_values(settings, line) for line in file.lines)
    return tuple(
        line if line.text == clear.text else line.shown_as(clear.text, clear.spans)
        for line, clear in zip(file.lines, shown, strict=True)
    )


def again(file: RenderedFile, host: Host | None = None) -> Callable[[Settings], RenderedFile]:
    """A function that makes a file of other settings, with the same options and on the same machine."""
    return lambda settings: rendering.render(
        file.artifact, settings, file.given, host=host, path=file.path, traced=True
    )


def _without_values(settings: Settings, line: Line) -> Line:
    """A line in which all values that may have a secret are hidden."""
    text = ""
    spans: list[Span] = []
    for span in line.spans:
        part = line.text[span.start : span.end]
        if part and rendering.holds_secret(settings, span.inputs):
            part = HIDDEN
        spans.append(span._replace(start=len(text), end=len(text) + len(part)))
        text += part
    return line.shown_as(text, tuple(spans))
