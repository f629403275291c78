"""``CONFIG_…`` variables, as OMERO's container images take them, of the environment or of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from omerogen.catalog.web_server import WEB_SERVER_LIST
from omerogen.model import Location, SourceError, note, warning
from omerogen.sources.assignments import Assignment, Report, decoded, legal, lines_of, set_to

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
            yield set_to(_property_name(variable), text, location)
    host, location = variables.get(_HOST, ("", Location.variable(_HOST)))
    if host:
        if "CONFIG_omero_web_server__list" in variables:
            message = f"{_HOST} wins over CONFIG_omero_web_server__list"
            report(warning(location, message, "set one of them", "two-server-lists", (WEB_SERVER_LIST.name,)))
        yield set_to(WEB_SERVER_LIST.name, json.dumps([[host, 4064, "omero"]]), location)


def _property_name(variable: str) -> str:
    parts = variable.removeprefix(_PREFIX).split("__")
    return "_".join(part.replace("_", ".") for part in parts)


def variable(name: str) -> str:
    """The variable that sets a property."""
    return _PREFIX + name.replace("_", "__").replace(".", "_")
