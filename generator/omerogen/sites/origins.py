"""The lines of a site's files with their origins, as anybody may see them: without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omerogen.artifacts import rendering
from omerogen.derive.host import Host
from omerogen.model import Line, OmerogenError, RenderedFile, Span, properties_of
from omerogen.secrets.patterns import HIDDEN, cleared_line
from omerogen.settings import Settings, redact


def trace(
    name: str, settings: Settings, given: Mapping[str, Any], host: Host | None = None, path: str = ""
) -> RenderedFile:
    """The artifact ``name`` as a file whose lines know their origins; secrets are in them."""
    return rendering.render(name, settings, given, host=host, path=path, traced=True)._replace(given=given)


def public_lines(settings: Settings, file: RenderedFile, host: Host | None = None) -> tuple[Line, ...]:
    """The lines of a traced file with secrets hidden; their numbers are the same."""
    if not any(rendering.holds_secret(settings, line.inputs) for line in file.lines):
        return tuple(map(public_line, file.lines))
    try:
        shown = trace(file.artifact, redact.settings(settings), file.given, host).lines
    except OmerogenError:
        shown = ()
    if len(shown) != len(file.lines):  # a hidden value is another one, as in a list that has fewer members
        shown = tuple(_without_values(settings, line) for line in file.lines)
    return tuple(
        public_line(line)
        if line.text == clear.text
        else Line(clear.text, clear.spans, line.conditions, line.place)
        for line, clear in zip(file.lines, shown, strict=True)
    )


def public_line(line: Line) -> Line:
    """A line without what looks like a secret, as a password in lines that a site adds."""
    text = cleared_line(line.text)
    if text == line.text:
        return line
    return Line(text, (Span(0, len(text), *line.template, inputs=line.inputs),), line.conditions, line.place)


def _without_values(settings: Settings, line: Line) -> Line:
    """A line in which all values that may have a secret are hidden."""
    text = ""
    spans: list[Span] = []
    for span in line.spans:
        part = line.text[span.start : span.end]
        if any(settings.resolved(name).holds_secret for name in properties_of(span.inputs)):
            part = HIDDEN
        spans.append(span._replace(start=len(text), end=len(text) + len(part)))
        text += part
    return Line(text, tuple(spans), line.conditions, line.place)
