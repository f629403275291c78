"""``CONFIG_…`` variables, as OMERO's container images take them, of the environment or of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from omerogen import catalog
from omerogen.catalog.web_server import WEB_SERVER_LIST
from omerogen.model import Location, Place, Property, SourceError, note, warning
from omerogen.sources.assignments import Assignment, Report, decoded, legal, lines_of, set_to
from omerogen.values.base import Invalid

_PREFIX = "CONFIG_"
#: The server of the image of OMERO.web.
_HOST = "OMEROHOST"


def read(path: str, data: bytes, _: str | None, report: Report) -> list[Assignment]:
    """A file of ``NAME=VALUE`` lines, as ``docker run --env-file`` takes it: values are as they are."""
    found: dict[str, tuple[str, Location]] = {}
    for number, line in enumerate(lines_of(decoded(path, data)), 1):
        text = line.lstrip()
        name, equals, value = text.partition("=")
        location = Location.file(path, number)
        if text and not text.startswith("#") and equals:
            found[name] = value, location._replace(detail=legal(name))
        elif text and not text.startswith("#"):
            report(note(location, "a variable without a value is skipped: it sets no property"))
    assignments = list(_assignments(found, report))
    if found and not assignments:
        message = "sets no property: it has other variables only"
        raise SourceError.at(Location.file(path), message, "write CONFIG_omero_db_host=… for omero.db.host")
    return assignments


def of_process(environ: Mapping[str, str], report: Report) -> list[Assignment]:
    """The variables of a process."""
    named = {name: (value, Location.variable(legal(name))) for name, value in sorted(environ.items())}
    return list(_assignments(named, report))


def _assignments(variables: Mapping[str, tuple[str, Location]], report: Report) -> Iterator[Assignment]:
    """``CONFIG_omero_db_host=db`` sets ``omero.db.host``; ``__`` is an underscore. OMEROHOST wins."""
    for variable, (text, location) in variables.items():
        if variable.startswith(_PREFIX):
            name = _property_name(variable)
            yield set_to(name, _without_quotes(name, text, location, report), location)
    host, location = variables.get(_HOST, ("", Location.variable(_HOST)))
    if host:
        if "CONFIG_omero_web_server__list" in variables:
            message = f"{_HOST} wins over CONFIG_omero_web_server__list"
            report(warning(location, message, "set one of them", "two-server-lists", (WEB_SERVER_LIST.name,)))
        yield set_to(WEB_SERVER_LIST.name, json.dumps([[host, 4064, "omero"]]), location)


def _without_quotes(name: str, text: str, location: Location, report: Report) -> str:
    """A value without the quotes round it, where it is legal only so: docker compose takes them away."""
    inner = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
    row = catalog.find(name)
    if inner == text or row is None or location.kind is not Place.FILE or _is_legal(row, text):
        return text
    if not _is_legal(row, inner):
        return text
    message = f"{name} is in quotes, which docker compose takes away and docker run --env-file keeps"
    report(warning(location, message, "take them out", "quoted-value", (name,)))
    return inner


def _is_legal(row: Property[Any], text: str) -> bool:
    try:
        row.kind.parse(text)
    except Invalid:
        return False
    return True


def _property_name(variable: str) -> str:
    parts = variable.removeprefix(_PREFIX).split("__")
    return "_".join(part.replace("_", ".") for part in parts)


def variable(name: str) -> str:
    """The variable that sets a property."""
    return _PREFIX + name.replace("_", "__").replace(".", "_")
