"""Rules about what the sources say, whatever it is for."""

from __future__ import annotations

import os
import pathlib
import shlex
import stat
from collections.abc import Iterator

from omerogen.model import Place
from omerogen.rules.registry import ERROR, NOTE, WARNING, Breach, View, rule
from omerogen.settings.interpolation import ICEGRID_VARIABLES
from omerogen.settings.resolved import ResolvedProperty
from omerogen.values.patterns import Pattern

#: The password of the certificate that omero certificates makes.
_WELL_KNOWN = ("secret",)
#: More names than these are counted.
_SHOWN = 5
#: A ``${`` after an even number of ``$``: IceGrid takes it for one of its variables.
_VARIABLE = Pattern(r"(?<!\$)(?:\$\$)*\$\{([^}]*)\}?")


@rule(
    "variable-of-icegrid",
    ERROR,
    "IceGrid takes a value for one of its variables",
    bad="",
    good="omero.x=$${omero.data.dir}/x",
    reference="https://doc.zeroc.com/ice/3.6/ice-services/icegrid/icegrid-xml-reference",
)
def variable_of_icegrid(site: View) -> Iterator[Breach]:
    """OMERO.server includes its config.xml in the application of IceGrid.

    There `${NAME}` is a variable of IceGrid, and an unknown one stops the deployment: the server does not
    start. Write `$${NAME}`, which reaches OMERO as `${NAME}`. IceGrid reads only a config.xml with
    templates.xml beside it, not that of a web host.
    """
    for name in site.settings.names_set():
        entry = site.settings.resolved(name)
        origin, raw = entry.origin, entry.raw or ""
        unknown = {found[1] for found in _VARIABLE.finditer(raw)} - ICEGRID_VARIABLES
        if unknown and origin.kind is Place.FILE and _is_of_a_server(origin.name):
            message = (
                f"{name} has ${{…}}, which IceGrid takes for one of its variables: the server does not start"
            )
            yield Breach(message, "write $${…} in its place", (name,))


def _is_of_a_server(path: str) -> bool:
    folder, name = os.path.split(os.path.abspath(path))
    return name == "config.xml" and os.path.exists(os.path.join(folder, "templates.xml"))


@rule(
    "secret-for-everybody",
    WARNING,
    "others can read a file with a secret",
    bad="",
    good="omero.db.pass=file:/run/secrets/db_pass",
)
def secret_for_everybody(site: View) -> Iterator[Breach]:
    """Users who can read a source can read the secrets in it; keep those in separate files."""
    by_file: dict[str, list[str]] = {}
    for name in site.settings.names_set():
        entry = site.settings.resolved(name)
        if entry.origin.kind is Place.FILE and entry.file is None and _is_kept(entry):
            by_file.setdefault(entry.origin.name, []).append(name)
    for path, names in by_file.items():
        if _can_be_read_by_all(path):
            message = f"everybody on the machine can read {path}, which has {', '.join(sorted(names))}"
            yield Breach(message, f"chmod o-r {shlex.quote(path)}", tuple(sorted(names)))


def _is_kept(entry: ResolvedProperty) -> bool:
    """Whether the value is a secret, and not one that OMERO gives to everybody."""
    return entry.property.secret and entry.raw not in (entry.property.default, *_WELL_KNOWN)


def _can_be_read_by_all(path: str) -> bool:
    """Whether its mode allows it, and those of all folders above it."""
    folders = pathlib.Path(os.path.realpath(path)).parents
    try:
        is_reached = all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)
        return is_reached and bool(os.stat(path).st_mode & stat.S_IROTH)
    except OSError:
        return False


@rule(
    "development-property",
    NOTE,
    "a property is not for production",
    bad="omero.web.wsgi_threads=2",
    good="omero.web.wsgi_workers=2",
)
def development_property(site: View) -> Iterator[Breach]:
    """OMERO's developers may change or remove it without notice."""
    for name in site.settings.names_set():
        if site.settings.resolved(name).property.status == "development":
            yield Breach(f"{name} is for development", "check that you need it", (name,))


@rule(
    "equal-to-default",
    NOTE,
    "properties repeat their defaults",
    bad="omero.db.port=5432\nomero.db.name=omero",
    good="omero.db.port=5433",
)
def equal_to_default(site: View) -> Iterator[Breach]:
    """A default may be better in the next release: a property that repeats it keeps the old one."""
    entries = map(site.settings.resolved, site.settings.names_set())
    names = [
        entry.property.name
        for entry in entries
        if not entry.holds_secret
        and entry.raw is not None
        and entry.raw == site.settings.default(entry.property)
    ]
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        what = (
            "1 property is set to its default"
            if len(names) == 1
            else f"{len(names)} properties are set to their defaults"
        )
        message = f"{what}: {', '.join(names[:_SHOWN])}{more}"
        removal = f"omero config set {names[0] if len(names) == 1 else 'NAME'}, without a value, removes it"
        yield Breach(message, removal, tuple(names))


@rule(
    "overridden",
    NOTE,
    "a later source overrides a value",
    bad="",
    good="omero.db.host=a",
)
def overridden(site: View) -> Iterator[Breach]:
    """The value in the earlier source has no effect, so that changing it there changes nothing."""
    for name in site.settings.names_set():
        every = site.settings.resolved(name).layers
        layers = [layer for layer in every if layer.location.kind is Place.FILE]
        if len(layers) > 1 and layers[0].location.name != layers[-1].location.name:
            first, last = layers[0], layers[-1]
            if first.value != last.value and not last.is_change:
                message = f"{name} of {first.location.place} is overridden in {last.location.place}"
                yield Breach(message, "take out one of them", (name,))


@rule(
    "set-twice",
    NOTE,
    "a file sets a property twice",
    bad="omero.db.host=a\nomero.db.host=b",
    good="omero.db.host=a\nomero.db.name=b",
)
def set_twice(site: View) -> Iterator[Breach]:
    """The last value counts: changing the first changes nothing."""
    for name in site.settings.names_set():
        layers = [one for one in site.settings.resolved(name).layers if one.location.kind is Place.FILE]
        if len(layers) < 2:
            continue
        first, last = layers[0], layers[-1]
        is_same_file = first.location.name == last.location.name
        if is_same_file and first.value != last.value and not last.is_change:
            lines = f"lines {first.location.line} and {last.location.line}"
            yield Breach(f"{name} has different values in {lines}", "remove the first", (name,))
