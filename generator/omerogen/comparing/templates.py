"""``compare templates``: an installed OMERO's grid files against its templates, filled in, in words."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from omerogen import rewriting
from omerogen.comparing.result import CompareResult, Difference
from omerogen.model import Location, Problem, RenderedFile, SourceError, properties_of, warning
from omerogen.rewriting import folder as folders
from omerogen.secrets.patterns import HIDDEN, cleared_line
from omerogen.secrets.shapes import is_secret_name
from omerogen.settings import Settings, redact
from omerogen.sources import xml
from omerogen.sources.elements import Malformed

#: What a file says: by the element or line that says it and its name, the values in their order.
_Statements = dict[tuple[str, str], list[str]]
#: The attributes that name an element.
_NAMES = ("name", "id", "template", "instance")


def compare(settings: Settings, templates: str, options: Mapping[str, Any]) -> CompareResult:
    """How the files beside a folder of templates differ from the templates that we fill in.

    ``templates`` is OMERODIR/etc/templates, so that the files are those of OMERODIR/etc. Raises
    `OmerogenError` for templates that cannot be filled in.
    """
    own = {name: options[name] for name in ("node", "host_root") if options.get(name) is not None}
    files, warnings = rewriting.fill(templates, settings, own, traced=True)
    etc = os.path.dirname(os.path.abspath(templates))
    found: list[Difference] = []
    notes: list[Problem] = []
    for file in files:
        place = os.path.join(etc, file.path)
        try:
            data, _ = folders.read(etc, file.path, "this is not a file of OMERO's grid")
        except SourceError as error:
            message = f"{error.problems[0].message}: not compared"
            notes.append(warning(Location.file(place), message, "omerogen rewrite writes it", "not-compared"))
            lines = file.text.count("\n")
            found.append(Difference("file", file.path, None, f"{lines} lines", _fix(templates, etc), place))
            continue
        fix = _fix(templates, etc)
        found += _differences(file, place, data.decode("utf-8", "replace"), settings, fix)
    return CompareResult(templates, tuple(found), tuple(notes), warnings)


def _fix(templates: str, etc: str) -> str:
    return f"omerogen rewrite --templates {shlex.quote(templates)} -o {shlex.quote(etc)}"


def _differences(
    file: RenderedFile, place: str, text: str, settings: Settings, fix: str
) -> Iterator[Difference]:
    secrets, given = redact.secrets(settings.entries()), set(settings.names_set())
    yours, ours = _statements(place, text), _statements(file.path, file.text)
    for context, name in dict.fromkeys((*yours, *ours)):
        mine, other = yours.get((context, name), []), ours.get((context, name), [])
        if mine == other:
            continue
        common = set(mine) & set(other)
        left = [value for value in mine if value not in common] or (
            mine if sorted(mine) == sorted(other) else []
        )
        right = [value for value in other if value not in common] or (other if left == mine else [])
        sides = (" ".join(values) if values else None for values in (left, right))
        shown, hidden = (None if side is None else _hidden(name, side, secrets) for side in sides)
        names = [each for each in _properties(file, right or other) if each in given]
        follows = f"ours follows from {', '.join(names)}: {fix}" if names else fix
        where = f"{file.path}: {context}" if context else file.path
        yield Difference(name, where, shown, hidden, follows, place)


def _hidden(name: str, text: str, secrets: list[str]) -> str:
    if is_secret_name(name):
        return HIDDEN
    return redact.scrub(cleared_line(text), secrets)


def _properties(file: RenderedFile, values: list[str]) -> list[str]:
    """The properties that the lines with one of these values were made of."""
    texts = [value.partition("=")[2] or value for value in values]
    lines = (line for line in file.lines if any(text and text in line.text for text in texts))
    return sorted({found for line in lines for found in properties_of(line.inputs)})


def _statements(place: str, text: str) -> _Statements:
    """What a file says; Ice's configurations are lines of NAME=VALUE."""
    if not place.endswith(".xml"):
        return _lines(text)
    try:
        root = xml.parse(text.encode())
    except Malformed as error:
        raise SourceError.at(
            Location.file(place, error.line or None), str(error), "correct it by hand"
        ) from None
    found: _Statements = {}
    _collect(root, "", found)
    return found


def _lines(text: str) -> _Statements:
    found: _Statements = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found.setdefault(("", name.strip()), []).append(value.strip())
    return found


def _collect(element: Any, context: str, found: _Statements) -> None:
    """Add what the elements below one say, each in the context of those above it that have a name."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = next((child.get(key) for key in _NAMES if child.get(key)), "")
        if child.tag == "property":
            found.setdefault((context, name), []).append(child.get("value") or "")
            continue
        if len(child) == 0:
            rest = [f"{key}={value}" for key, value in sorted(child.attrib.items()) if value != name]
            said = " ".join([*rest, (child.text or "").strip()]).strip()
            label = f"{child.tag} {name}".strip()
            found.setdefault((context, label), []).append(said)
            continue
        label = f"{child.tag} {name}".strip()
        above = f"{context} > {label}" if context else label
        found.setdefault((context, label), []).append(
            " ".join(f"{key}={value}" for key, value in sorted(child.attrib.items()) if value != name)
        )
        _collect(child, above, found)
