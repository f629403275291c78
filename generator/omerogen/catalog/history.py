"""The releases of OMERO: which of them have a property, and with which default.

>>> is_in("omero.web.favicon_url", Releases(web="5.9.0"))
False
>>> default_of(catalog.PROPERTIES["omero.web.session_serializer"], Releases(web="5.29.0")).text
'django.contrib.sessions.serializers.PickleSerializer'

The releases are those of OMERO.server, by its documentation (``server``), of OMERO.web (``web``), of OMERO's
Python code (``omero-py``), and of the jars of OMERO.server. The first decides about the properties of the
server, the second about those of OMERO.web, the third about what Python alone computes.

The tables are made by ``tools/generate.py``, and read when a release is named: most runs name none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from omerogen import catalog
from omerogen.model.property import Property
from omerogen.values.base import Invalid, ValueType

Version: TypeAlias = tuple[int, ...]

SERVER, WEB, PY = "server", "web", "omero-py"
#: How names of components are shown; the others are as people know them.
PRODUCTS = {SERVER: "OMERO.server", WEB: "OMERO.web"}
WEB_PREFIX = "omero.web."

#: What a release changes; ``default`` is a new one.
PRESENT, ADDED, REMOVED, NEW_DEFAULT = "present", "added", "removed", "default"
#: Defaults in the table: that of the catalog, and the empty text.
SAME, EMPTY = "=", "(empty)"


class Releases(NamedTuple):
    """The releases that a site has, each empty where it is not named: then the newest counts.

    Without a release of OMERO.web, the documentation of ``server`` decides about its properties too.
    """

    server: str = ""
    web: str = ""
    py: str = ""


#: No release is named: the catalog as it is.
NEWEST = Releases()


class Change(NamedTuple):
    """What a release of a component changed; the first known one has what is ``present``."""

    component: str
    release: str
    change: str
    default: str = SAME

    @property
    def version(self) -> Version:
        """The numbers of the release."""
        return version_of(self.release)

    def __str__(self) -> str:
        return f"{product(self.component)} {self.release}"


class Default(NamedTuple):
    """A default, and the component and release that have it; both empty where it is the catalog's."""

    text: str | None
    component: str = ""
    release: str = ""

    @property
    def origin(self) -> str:
        """The release that has it, such as ``OMERO.web 5.29.0``."""
        return f"{product(self.component)} {self.release}"


def product(component: str) -> str:
    """The name of a component as people know it."""
    return PRODUCTS.get(component, component)


def version_of(release: str) -> Version:
    """The numbers of a release, such as (5, 6, 10)."""
    return tuple(map(int, release.split(".")))


@lru_cache(maxsize=4096)
def changes(name: str) -> tuple[Change, ...]:
    """The changes of a property, or of that whose family it belongs to, each component's in order."""
    table = _history()
    while name not in table and catalog.find(name) and name not in catalog.PROPERTIES and "." in name:
        name = name.rpartition(".")[0]
    return table.get(name, ())


def names() -> tuple[str, ...]:
    """The properties that some release lacks, or has with another default."""
    return tuple(_history())


def is_in(name: str, releases: Releases) -> bool:
    """Whether the named releases have a property; those that are not named count as having it."""
    return missing(name, releases) is None


def missing(name: str, releases: Releases) -> Change | None:
    """Why the named releases do not have a property: the change that removed it, or the one that adds it."""
    deciding = _deciding(name, changes(name), releases)
    found = (lacking(name, component, version_of(release)) for component, release in deciding)
    return next(filter(None, found), None)


def lacking(name: str, component: str, version: Version) -> Change | None:
    """Why a release of a component does not have a property; None if it has it, or nothing is known of it."""
    every = changes(name)
    own = _of(component, every)
    if not own:  # only another component has it: not in the releases that are known here, if it was added
        return next((change for change in every[:1] if change.change == ADDED), None)
    last = _last(own, version)
    return None if last and last.change != REMOVED else last or own[0]


def default_of(row: Property[Any], releases: Releases) -> Default:
    """The default of a property in the named releases; where they lack it, the first that it is to have."""
    every = changes(row.name)
    for component, release in _deciding(row.name, every, releases):
        own = _of(component, every) if component != PY else ()
        last = _last(own, version_of(release)) or next(iter(own), None)
        if last and last.default != SAME:
            named = max(release, last.release, key=version_of)
            return Default("" if last.default == EMPTY else last.default, component, named)
    return Default(row.default)


def since(name: str) -> Change | None:
    """The change that added a property; None where the first known release has it."""
    return next((change for change in _listing(name) if change.change == ADDED), None)


def removed(name: str) -> Change | None:
    """The change that removed a property from the newest release; None where that has it."""
    last = [change for change in changes(name) if change.component == PY][-1:] or _listing(name)[-1:]
    return next((change for change in last if change.change == REMOVED), None)


def earlier_defaults(name: str) -> Iterator[tuple[str, Change]]:
    """The defaults before the present one, each with the change that replaced it, the oldest first."""
    every = changes(name)
    by_component = (_listing(name), *(_of(component, every) for component in _components(every)))
    own = next((own for own in by_component if any(change.change == NEW_DEFAULT for change in own)), ())
    for before, after in pairwise(own):
        if after.change == NEW_DEFAULT:
            yield before.default, after


class Difference(NamedTuple):
    """What differs for a property between two sets of releases, and the change that is the cause.

    ``change`` is `ADDED`, `REMOVED` or `NEW_DEFAULT`; ``before`` and ``after`` are the defaults.
    """

    name: str
    change: str
    cause: Change
    before: str | None
    after: str | None


def differences(before: Releases, after: Releases) -> Iterator[Difference]:
    """All that differs between two sets of releases, by name; a later one may be the first of them."""
    for name in sorted(_history()) if before != after else ():
        row = catalog.describe(name)
        lacked, lacks = missing(name, before), missing(name, after)
        old, new = default_of(row, before), default_of(row, after)
        if lacked and lacks:
            continue
        if cause := lacks or lacked:
            change = ADDED if lacked else REMOVED
            yield Difference(name, change, cause, old.text, new.text)
        if not lacks and old.text != new.text:
            yield Difference(name, NEW_DEFAULT, _cause(name, before, after), old.text, new.text)


def _cause(name: str, before: Releases, after: Releases) -> Change:
    """The last change of a default between the releases; the later release where none is known."""
    moved = [
        (component, tuple(version_of(one) if one else () for one in (old, new)))
        for component, old, new in ((WEB, before.web, after.web), (SERVER, before.server, after.server))
        if old != new
    ]
    for component, versions in moved:
        own = (change for change in _of(component, changes(name)) if change.change == NEW_DEFAULT)
        if found := [change for change in own if min(versions) < change.version <= max(versions)]:
            return found[-1]
    component, versions = moved[0 if name.startswith(WEB_PREFIX) else -1]
    return Change(component, ".".join(map(str, max(versions))), NEW_DEFAULT)


def _listing(name: str) -> tuple[Change, ...]:
    """The changes by the component that a property is of: OMERO.web, else OMERO.server, else a jar."""
    every = changes(name)
    order = (WEB, SERVER) if name.startswith(WEB_PREFIX) else (SERVER,)
    found = next(filter(None, (_of(component, every) for component in order)), None)
    return found or tuple(change for change in every if change.component != PY)


def _deciding(name: str, every: tuple[Change, ...], releases: Releases) -> Iterator[tuple[str, str]]:
    """The components that decide about a property, as far as their releases are named."""
    if name.startswith(WEB_PREFIX) and releases.web:
        if _of(WEB, every) or not releases.server:
            yield WEB, releases.web
        else:
            yield SERVER, releases.server
    elif releases.server:
        yield SERVER, releases.server
    if releases.py and _of(PY, every):
        yield PY, releases.py


def _components(every: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.component for change in every))


def _of(component: str, every: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple(change for change in every if change.component == component)


def _last(own: tuple[Change, ...], version: Version) -> Change | None:
    """The last change up to a release. A component that only removes one had it before."""
    found = [change for change in own if change.version <= version]
    if not found and own and own[0].change == REMOVED:
        return own[0]._replace(change=PRESENT)
    return found[-1] if found else None


# --- the tables


@cache
def _history() -> Mapping[str, tuple[Change, ...]]:
    found: dict[str, list[Change]] = {}
    for line in _lines("history.tsv"):
        name, *change = line.split("\t")
        found.setdefault(name, []).append(Change(*change))
    return {name: tuple(own) for name, own in found.items()}


@cache
def _releases() -> Mapping[str, Mapping[str, str]]:
    """By component, the Django of each release, from the oldest to the newest."""
    found: dict[str, dict[str, str]] = {}
    for line in _lines("releases.tsv"):
        component, django, known = line.split("\t")
        found.setdefault(component, {}).update(dict.fromkeys(known.split(" "), django))
    return found


def _lines(name: str) -> list[str]:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:  # pathlib is slow
        return file.read().splitlines()[1:]


def known(component: str) -> tuple[str, ...]:
    """The known releases of a component, from the oldest to the newest."""
    return tuple(_releases()[component])


def django(release: str) -> tuple[str, str]:
    """The oldest and the newest Django that a release of OMERO.web runs on, such as 4.2 and 5.2."""
    oldest, _, newest = _releases()[WEB][release].partition("-")
    return oldest, newest or oldest


def nearest(component: str, text: str) -> str:
    """The known release that is closest to a text."""
    releases = known(component)
    numbers = _numbers(text)
    if not numbers:
        return releases[-1]
    return min(reversed(releases), key=lambda release: abs(_numbers(release) - numbers))


def _numbers(text: str) -> int:
    """The first three numbers of a text as one: a later release has a larger one."""
    parts: list[str] = []
    for part in text.lstrip("vV").split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        parts.append(digits)
    padded = [*parts[:3], "0", "0", "0"][:3] if parts else ["0"]
    return int("".join(f"{min(int(part), 999):03}" for part in padded))


class Release(ValueType[str]):
    """A known release of a component."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.name = f"release of {product(component)}"
        self.doc = f"a release of {product(component)}, such as 5.6.3"

    def parse(self, text: str) -> str:
        given = text.strip()
        if given not in known(self.component):
            message = f"is not a known release of {product(self.component)}"
            raise Invalid(message, f"the nearest is {nearest(self.component, given)}")
        return given

    def schema(self) -> dict[str, object]:
        return {"enum": list(known(self.component))}
