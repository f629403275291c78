"""The report as a page: what its template prints, and the text of it.

All texts are as anybody may see them, with secrets hidden; `templating.escape` makes sure that none of them
becomes markup. Members refer to each other by ids: ``p`` properties, ``f`` lines of files, ``n`` findings,
``i`` options and facts of the machine, ``t`` lines of templates. Lists of ids are numbers and spaces.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NamedTuple

from omerogen.reporting.drawing import Drawing
from omerogen.reporting.highlight import Token
from omerogen.templating import environment


class Named(NamedTuple):
    """A link to something on the page: its id and its name."""

    id: str
    name: str


class Finding(NamedTuple):
    """A finding; ``reason`` is that of its waiver, empty without one.

    ``properties`` are the first of those that it is about, ``more`` all others.
    """

    id: str
    severity: str
    rule: str
    message: str
    fix: str
    place: str
    reason: str
    properties: tuple[Named, ...]
    more: tuple[Named, ...]


class Layer(NamedTuple):
    """A source of properties: how many it sets, and of how many its value counts."""

    id: str
    name: str
    sets: int
    wins: int


class Assigned(NamedTuple):
    """What a source gives a property; the value is empty and ``is_unset`` where it takes one back."""

    origin: str
    value: str
    is_unset: bool
    wins: bool


class Reached(NamedTuple):
    """A file that a property reaches, and links to its lines."""

    path: str
    lines: tuple[Named, ...]


class PropertyRow(NamedTuple):
    """A property.

    - ``value``, ``default``: empty where there is none, which ``has_value`` and ``has_default`` say.
    - ``state``: set, default, unset or refused.
    - ``layer``: the id of the source whose value counts, empty for a default.
    - ``worst``: the severity of the worst finding about it, empty without one.
    - ``facts``: the rest, as pairs of a word and a text.
    """

    id: str
    name: str
    value: str
    has_value: bool
    default: str
    has_default: bool
    state: str
    is_secret: bool
    status: str
    origin: str
    layer: str
    kind: str
    accepts: str
    doc: str
    artifacts: str
    layers: tuple[Assigned, ...]
    facts: tuple[tuple[str, str], ...]
    reached: tuple[Reached, ...]
    findings: tuple[Finding, ...]
    worst: str


class PartRow(NamedTuple):
    """A part of a line: of a value the name of its field, and its properties if not those of the line."""

    field: str
    properties: str
    tokens: tuple[Token, ...]


class LineRow(NamedTuple):
    """A line of a file: ids of what it depends on, of its template's line, and of conditions."""

    id: str
    number: int
    parts: tuple[PartRow, ...]
    properties: str
    inputs: str
    template: str
    conditions: str
    findings: str
    severity: str


class FileRow(NamedTuple):
    """A file of an artifact."""

    id: str
    path: str
    size: str
    is_private: bool
    lines: tuple[LineRow, ...]


class ArtifactRow(NamedTuple):
    """An artifact: its files, or the problems that keep it from being made, or why it does not apply."""

    id: str
    name: str
    about: str
    files: tuple[FileRow, ...]
    problems: tuple[str, ...]
    does_not_apply: tuple[str, ...]


class InputRow(NamedTuple):
    """An option or a fact of the machine that lines depend on."""

    id: str
    name: str
    value: str
    has_value: bool
    origin: str


class TemplateRow(NamedTuple):
    """A line of a template."""

    id: str
    place: str
    text: str


class Page(NamedTuple):
    """Everything on the page.

    - ``title``: the site; ``counts``: in words, what there is of each.
    - ``drawing``: that of the heaps; ``no_drawing``: the problems if there is none.
    """

    title: str
    version: str
    omerodir: str
    counts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    drawing: Drawing | None
    no_drawing: tuple[str, ...]
    set: tuple[PropertyRow, ...]
    others: tuple[PropertyRow, ...]
    artifacts: tuple[ArtifactRow, ...]
    inputs: tuple[InputRow, ...]
    templates: tuple[TemplateRow, ...]


def text(page: Page) -> str:
    """The text of the page. It loads nothing, and its policy forbids browsers to do so."""
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_hash('report/style.html.j2')}; script-src {_hash('report/script.html.j2')}"
    )
    return environment.render("report/page.html.j2", {"page": page, "policy": policy})


def _hash(template: str) -> str:
    """The source expression that allows this style or script, and no other."""
    digest = hashlib.sha256(environment.render(template, {}).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
