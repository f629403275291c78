"""Where a value came from, what it was made of, and who reads it."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, NamedTuple

from omerogen import artifacts, catalog
from omerogen.derive.fields import field
from omerogen.derive.host import Host
from omerogen.model.errors import OmerogenError, Problem, SettingsError, UsageError
from omerogen.model.location import DEFAULT
from omerogen.model.property import Property
from omerogen.secrets.patterns import HIDDEN
from omerogen.settings import redact
from omerogen.settings.resolved import Layer, ResolvedProperty
from omerogen.settings.settings import Settings
from omerogen.sources import READERS
from omerogen.sources.assignments import is_legal, legal


class Explanation(NamedTuple):
    """All there is to say of one property; texts are without secrets unless they were asked for.

    The default of a secret is none: everybody knows it.
    ``default`` is that of this site, ``file`` is that of a secret, ``unreadable`` what is wrong with it.
    """

    property: Property[Any]
    value: str | None
    default: str | None
    origin: str
    layers: tuple[tuple[str, str | None], ...]
    expanded: tuple[str, ...]
    artifacts: tuple[str, ...]
    replaces: tuple[str, ...]
    file: str | None = None
    unreadable: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What other programs read."""
        row = self.property
        return {
            "name": row.name,
            "value": self.value,
            "default": self.default,
            "origin": self.origin,
            "layers": [{"origin": origin, "text": text} for origin, text in self.layers],
            "kind": row.kind.name,
            "secret": row.secret,
            "status": row.status,
            "doc": row.doc,
            "file": self.file,
            "unreadable": self.unreadable or None,
            "expanded": list(self.expanded),
            "artifacts": list(self.artifacts),
            "django_setting": row.django or None,
            "replaces": list(self.replaces),
            "replaced_by": row.replaced_by or None,
        }


def explain(name: str, settings: Settings, *, show_secrets: bool = False) -> Explanation:
    """Explain one property. `UsageError` for a name that nobody knows and nobody set."""
    entry = settings.entry(name)
    if entry.property.status == "unknown" and not entry.layers:
        raise UsageError(_unknown(name))

    def shown(layer: Layer) -> str | None:
        public = show_secrets or layer.origin == DEFAULT
        return layer.text if public else redact.text(entry, layer.text)

    everybody_knows = entry.origin == DEFAULT and not entry.expanded
    unreadable = "" if show_secrets else _unreadable(entry)
    return Explanation(
        entry.property,
        entry.text if show_secrets or everybody_knows else redact.value(entry),
        entry.layers[0].text
        if entry.layers and entry.layers[0].origin == DEFAULT
        else entry.property.default,
        str(entry.origin),
        tuple((str(layer.origin), shown(layer)) for layer in entry.layers),
        entry.expanded,
        tuple(artifact for artifact, names in readers(settings).items() if name in names),
        tuple(row.name for row in catalog.PROPERTIES.values() if row.replaced_by == name),
        HIDDEN if entry.file and entry.made_of_secret and not show_secrets else entry.file,
        unreadable,
    )


def _unknown(name: str) -> Problem:
    """That a word is no property, and what explain takes; a file, with its line or not, is no property."""
    # What stands behind a wrong character may be a value, and a secret one.
    shown = name if is_legal(name) else legal(name)[:-1]
    if PurePath(shown).suffix.lower() in READERS:
        advice = "explain takes the name of one, such as omero.db.host; files go with -c FILE"
        return Problem(shown, "is no property", advice)
    near = catalog.near_miss(name)
    advice = f"did you mean {near!r}?" if near else "omerogen properties lists them"
    return Problem(shown or "explain", "there is no such property, and nobody set it", advice)


def _unreadable(entry: ResolvedProperty) -> str:
    """What is wrong with the file of a secret; an explanation is what one asks for then."""
    try:
        _ = entry.value
    except SettingsError as error:
        return error.problems[0].message
    return ""


def readers(settings: Settings) -> dict[str, set[str]]:
    """For each artifact the properties that its fields read, and those that were put into them."""
    return {name: _names_read(name, settings) for name in artifacts.ARTIFACTS}


def _names_read(name: str, settings: Settings) -> set[str]:
    artifact = artifacts.get(name)
    context = artifact.context(settings, Host(), artifact.parse_options({}))
    for attribute in dir(artifact.context):
        if isinstance(getattr(artifact.context, attribute), field):
            try:
                getattr(context, attribute)
            except OmerogenError:
                continue  # what is wrong there is not what was asked; what it read is noted
    entries: list[ResolvedProperty] = [settings.entry(read) for read in context.properties_read]
    return {made_of for entry in entries for made_of in (entry.property.name, *entry.expanded)}
