"""The files of a report: each line with its parts and the ids of what it depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from omerogen.derive.host import Host
from omerogen.model import Line, Location, RenderedFile, properties_of
from omerogen.reporting import highlight, page
from omerogen.reporting.line_origin import Fact, TemplateLine, line_origin
from omerogen.settings import Settings
from omerogen.sites.report_properties import Properties


class Files:
    """Makes rows of files, and collects what lines refer to.

    - ``reached``: the lines that a property reaches, by its name, then by path and id of the file.
    - ``inputs``: options and facts of the machine; ``templates``: lines of templates.
    """

    def __init__(
        self,
        settings: Settings,
        options: Mapping[str, Any],
        host: Host,
        properties: Properties,
        *,
        is_coloured: bool,
    ) -> None:
        self._settings = settings
        self._host = host
        self._properties = properties
        self._is_coloured = is_coloured
        lines = settings.site.lines
        self._origins = {
            name: Location.file(settings.site.path, lines[name])
            if name in lines
            else Location.flag(f"--{name.replace('_', '-')}")
            for name, value in options.items()
            if value is not None
        }
        self._files = 0
        self._inputs: dict[Fact, str] = {}
        self._templates: dict[TemplateLine, str] = {}
        self.reached: dict[str, dict[tuple[str, str], list[int]]] = {}

    @property
    def inputs(self) -> Iterable[page.InputRow]:
        """The options and facts that lines refer to."""
        return (
            page.InputRow(
                f"i{number}",
                fact.name,
                highlight.visible(fact.value or ""),
                fact.value is not None,
                highlight.visible(fact.origin),
            )
            for fact, number in self._inputs.items()
        )

    @property
    def templates(self) -> Iterable[page.TemplateRow]:
        """The lines of templates that lines refer to."""
        return (
            page.TemplateRow(f"t{number}", f"{line.file}:{line.line}", highlight.visible(line.text))
            for line, number in self._templates.items()
        )

    def row(self, file: RenderedFile, lines: tuple[Line, ...]) -> page.FileRow:
        """A file; ``lines`` are its public ones."""
        id_ = f"f{self._files}"
        self._files += 1
        parts = highlight.parts(file.path, lines, coloured=self._is_coloured)
        rows = tuple(
            self._line(file, id_, number, line, of_line)
            for number, (line, of_line) in enumerate(zip(lines, parts, strict=True), 1)
        )
        count = "1 line" if len(rows) == 1 else f"{len(rows)} lines"
        return page.FileRow(id_, highlight.visible(file.path), count, file.private, rows)

    def _line(
        self, file: RenderedFile, id_: str, number: int, line: Line, parts: tuple[highlight.Part, ...]
    ) -> page.LineRow:
        origin = line_origin(self._settings, file, line, self._host, self._origins)
        # In the order of `line_origin`: what is set comes first.
        names = [fact.name for fact in origin.properties]
        for name in names:
            self.reached.setdefault(name, {}).setdefault((file.path, id_), []).append(number)
        values = {name for span in line.spans for name in properties_of(span.inputs)}
        findings = self._properties.about(values)
        return page.LineRow(
            f"{id_}-{number}",
            number,
            tuple(self._part(part, names) for part in parts),
            self._ids(names),
            _numbered(self._inputs, (*origin.options, *origin.host)),
            _numbered(self._templates, (origin.template,) if origin.template else ()),
            _numbered(self._templates, origin.conditions),
            " ".join(one.id[1:] for one in findings),
            findings[0].severity if findings else "",
        )

    def _part(self, part: highlight.Part, names: list[str]) -> page.PartRow:
        own = sorted(properties_of(part.span.inputs)) if part.span.field else []
        return page.PartRow(part.span.field, self._ids(own) if own != names else "", part.tokens)

    def _ids(self, names: Iterable[str]) -> str:
        return " ".join(self._properties.ids[name] for name in names)


def _numbered(known: dict[Any, str], members: Iterable[Any]) -> str:
    """The numbers of these, which get one when they are first met."""
    return " ".join(known.setdefault(member, str(len(known))) for member in members)
