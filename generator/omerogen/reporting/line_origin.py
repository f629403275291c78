"""Where one line of a file came from: the template, its conditions, and the inputs with their origins."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.derive.host import Host
from omerogen.model import OMERODIR, InputKind, Line, Location, RenderedFile
from omerogen.settings import Settings, redact
from omerogen.templating.folder import templates_folder


class Fact(NamedTuple):
    """An input of a line: a property, an option or a fact of the machine; the value has no secret in it."""

    name: str
    value: str | None
    origin: str


class TemplateLine(NamedTuple):
    """A line of a template, and its text; ``line`` is 0 where no template is known."""

    file: str
    line: int
    text: str = ""


class LineOrigin(NamedTuple):
    """Everything known about one line of a file; secrets are hidden.

    - ``values``: the parts of the line that are values: the name of each in the template, and its text.
    - ``conditions``: the lines of templates that decide whether the line is there.
    - ``properties``: those that are set first; ``options`` are those of the artifact, ``host`` facts.
    - ``is_ours``: whether omerogen would write this line now. Of another one nothing else is known.
    - ``now``: of a line that is not ours, the one that omerogen would write in its place, if there is one.
    - ``remark``: what is to be said of the whole file, as that it was edited.
    - ``other_lines``: ranges of lines of the file that omerogen would not write now.
    """

    file: str
    line: int
    text: str
    artifact: str
    template: TemplateLine | None = None
    values: tuple[tuple[str, str], ...] = ()
    conditions: tuple[TemplateLine, ...] = ()
    properties: tuple[Fact, ...] = ()
    options: tuple[Fact, ...] = ()
    host: tuple[Fact, ...] = ()
    is_ours: bool = True
    now: LineOrigin | None = None
    remark: str = ""
    other_lines: tuple[tuple[int, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        template = self.template
        return {
            "file": self.file,
            "line": self.line,
            "text": self.text,
            "artifact": self.artifact,
            "template": template and {"file": template.file, "line": template.line, "text": template.text},
            "values": [{"field": field, "text": text} for field, text in self.values],
            "conditions": [condition._asdict() for condition in self.conditions],
            "properties": [fact._asdict() for fact in self.properties],
            "options": [fact._asdict() for fact in self.options],
            "host": [fact._asdict() for fact in self.host],
            "ours": self.is_ours,
            "now": self.now and self.now.as_dict(),
            "remark": self.remark or None,
            "other_lines": [list(lines) for lines in self.other_lines],
        }


def line_origin(
    settings: Settings,
    file: RenderedFile,
    line: Line,
    host: Host,
    option_origins: Mapping[str, Location],
    *,
    show_secrets: bool = False,
) -> LineOrigin:
    """The origin of a line of a traced file; the line has no secrets any more, unless they are to be shown.

    ``option_origins`` has the place of each option that was given.
    """
    inputs = sorted(line.inputs)
    names = [name for kind, name in inputs if kind is InputKind.PROPERTY]
    facts = [Fact(name, *_described(host, name)) for kind, name in inputs if kind is InputKind.HOST]
    if OMERODIR in line.inputs:
        facts.append(Fact("OMERODIR", settings.omerodir, str(settings.omerodir_origin)))
    return LineOrigin(
        file.path,
        0,
        line.text,
        file.artifact,
        _template_line(*line.template),
        tuple((span.field, line.text[span.start : span.end]) for span in line.spans if span.field),
        tuple(dict.fromkeys(_template_line(one.template, one.template_line) for one in line.conditions)),
        tuple(_properties(settings, names, show_secrets=show_secrets)),
        tuple(_options(file, (name for kind, name in inputs if kind is InputKind.OPTION), option_origins)),
        tuple(facts),
    )


def _described(host: Host, fact: str) -> tuple[str, str]:
    value, source = host.describe(fact)
    return value, str(source)


def _properties(settings: Settings, names: Iterable[str], *, show_secrets: bool) -> Iterator[Fact]:
    entries = [settings.resolved(name) for name in names]
    for entry in sorted(entries, key=lambda entry: not entry.is_set):
        value = entry.text if show_secrets or redact.is_public(entry) else redact.value(entry)
        yield Fact(entry.property.name, value, str(entry.origin))


def _options(file: RenderedFile, names: Iterable[str], origins: Mapping[str, Location]) -> Iterator[Fact]:
    """The options among the inputs; those that make one file of an artifact are known by its path."""
    every = artifacts.get(file.artifact).options
    options = {option.name: option for option in every if not (file.path and option.of_file)}
    for name in filter(options.__contains__, names):
        value = file.options[name]
        members = value if isinstance(value, (tuple, list)) else [value]
        shown = None if value is None else " ".join(map(_shown, members))
        is_default = options[name].is_default(file.options)
        yield Fact(options[name].flag, shown, "default" if is_default else str(origins.get(name, "option")))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _template_line(template: str, line: int) -> TemplateLine:
    lines = _lines_of(template)
    return TemplateLine(template, line, lines[line - 1].strip() if line <= len(lines) else "")


@cache
def _lines_of(template: str) -> list[str]:
    """The lines of a template, read once; none if it cannot be read."""
    path = os.path.join(templates_folder(), template)
    path = path if os.path.exists(path) else template  # of an installed OMERO
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().split("\n")
    except OSError:
        return []
