"""Members of YAML and JSON files that have the properties, such as Ansible's ``omero_server_config_set``.

The roles omero_server and omero_web make properties of several of their variables: each is a row
of `VARIABLES`, in the order in which the roles apply them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from omerogen.model import Location, Problem, SourceError, note
from omerogen.sources.assignments import (
    ROLES,
    Assignment,
    Operation,
    Report,
    Unknown,
    as_text,
    legal,
    parts_of,
    role_of,
    set_to,
    set_to_value,
)
from omerogen.values.json import dumps


class Variable(NamedTuple):
    """A member of a file: whether it is a mapping, and the assignments of a value.

    ``assignments`` is called with each name and value of a mapping, and once with the variable's own name
    and value for all others.
    """

    is_mapping: bool
    assignments: Callable[[str, Any, Location], list[Assignment]]


def one_property(name: str, value: Any, location: Location) -> list[Assignment]:
    """The assignment of a member of a mapping of properties."""
    return [set_to_value(name, value, location)]


def _appended(name: str, value: Any, location: Location) -> list[Assignment]:
    if value is None:
        return []
    if any(isinstance(part, Unknown) for part in parts_of(value)):
        return one_property(name, value, location)
    if not isinstance(value, list):
        raise SourceError.at(location, f"{legal(name)} is not a list", "write a list of what is appended")
    return [Assignment(Operation.APPEND, name, dumps(member), location) for member in value]


def _appended_to(name: str) -> Callable[[str, Any, Location], list[Assignment]]:
    return lambda _, value, location: _appended(name, value, location)


def _set_to(name: str) -> Callable[[str, Any, Location], list[Assignment]]:
    return lambda _, value, location: one_property(name, value, location) if value is not None else []


def _top_links(name: str, value: Any, location: Location) -> list[Assignment]:
    """Mappings of label, link and perhaps attrs, each of which becomes a list of these."""
    if value is None or any(isinstance(part, Unknown) for part in parts_of(value)):
        return _appended("omero.web.ui.top_links", value, location)
    if not isinstance(value, list) or not all(
        isinstance(link, dict) and {"label", "link"} <= link.keys() <= {"label", "link", "attrs"}
        for link in value
    ):
        message = f"{legal(name)} is not a list of links"
        raise SourceError.at(location, message, "write a list of mappings with label, link and attrs")
    links = [[link["label"], link["link"], *([link["attrs"]] if "attrs" in link else [])] for link in value]
    return _appended("omero.web.ui.top_links", links, location)


#: A mapping of properties, and one whose members are certain to be properties.
PROPERTIES = Variable(True, one_property)
AS_IT_IS = Variable(
    True, lambda name, value, location: [set_to(name, as_text(name, value, location), location)]
)
VARIABLES = {
    "omero_server_dbhost": Variable(False, _set_to("omero.db.host")),
    "omero_server_dbuser": Variable(False, _set_to("omero.db.user")),
    "omero_server_dbname": Variable(False, _set_to("omero.db.name")),
    "omero_server_dbpassword": Variable(False, _set_to("omero.db.pass")),
    "omero_server_datadir": Variable(False, _set_to("omero.data.dir")),
    "omero_server_config_set": PROPERTIES,
    "omero_web_config_set": PROPERTIES,
    "omero_web_apps_names": Variable(False, _appended_to("omero.web.apps")),
    "omero_web_apps_top_links": Variable(False, _top_links),
    "omero_web_apps_ui_metadata_panes": Variable(False, _appended_to("omero.web.ui.metadata_panes")),
    "omero_web_apps_config_append": Variable(True, _appended),
    "omero_web_apps_config_set": PROPERTIES,
}
_ORDER = {name: place for place, name in enumerate(VARIABLES)}


class Keys:
    """The members to read, in the order in which they count. ``found`` are those that a file had.

    Variables of the roles have the order of their role, whatever the order of the options; others come first.
    ``shared`` keys are for several files, of which some may have none of them. ``sought`` are the names to
    read, and the other variables of their roles: if a file has one of these, a note says that it is not read.
    """

    def __init__(self, names: Iterable[str], *, shared: bool = False) -> None:
        self.shared = shared
        self.given = tuple(dict.fromkeys(names))
        expanded = [one for name in self.given for one in self._meant(name)]
        self.names = sorted(dict.fromkeys(expanded), key=lambda name: _ORDER.get(name, -1))
        roles = {role_of(name) for name in self.names if name in VARIABLES}
        self.sought = [*self.names, *(name for name in VARIABLES if role_of(name) in roles - {""})]
        self.found: set[str] = set()

    @staticmethod
    def _meant(name: str) -> list[str]:
        return [one for one in VARIABLES if one.startswith(f"{name}_")] if name in ROLES else [name]

    def read(self, path: str, has: Iterable[str], report: Report) -> Iterator[tuple[str, Variable]]:
        """The members that a file has, in the order in which they count; others of the role are reported."""
        present = set(has)
        for name in self.names:
            if name in present:
                self.found.add(name)
                yield name, VARIABLES.get(name, PROPERTIES)
        left = [name for name in self.sought if name in present and name not in self.names]
        for role in dict.fromkeys(map(role_of, left)):
            names = ", ".join(name for name in left if role_of(name) == role)
            report(note(Location.file(path), f"{names}: not read", f"add --key {role} for all of the role"))

    def missing(self) -> list[Problem]:
        """The given names that no file had."""
        return [
            Problem(Location.flag("--key", name), "is in none of the YAML and JSON files", "correct the name")
            for name in self.given
            if self.found.isdisjoint(self._meant(name))
        ]
