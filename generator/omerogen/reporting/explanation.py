"""The origin of a value, its parts, and the artifacts that read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omerogen import catalog
from omerogen.model import (
    DEFAULT,
    Location,
    Problem,
    Property,
    UsageError,
    collect,
)
from omerogen.reporting import reference
from omerogen.reporting.reach import Reach
from omerogen.secrets.patterns import HIDDEN
from omerogen.settings import Settings, redact
from omerogen.settings.problems import unknown_property
from omerogen.sources import READERS, suffix
from omerogen.sources.assignments import Assignment, is_legal, legal


class Explanation(NamedTuple):
    """Everything known about one property; secrets are hidden unless requested.

    The default of a secret counts as public, so it is no reason to hide a value.
    ``default`` is that of this site, ``file`` is that of a secret, ``refusal`` the problem of the value.
    ``omerodir`` is the OMERO directory and where it was taken from. ``lines`` are those of the files of
    a build that the value reaches, by path; ``missing`` are the artifacts among its readers that have no
    file, with the reasons.
    """

    property: Property[Any]
    value: str | None
    default: str | None
    origin: Location
    layers: tuple[tuple[Location, str | None], ...]
    expanded: tuple[str, ...]
    artifacts: tuple[str, ...]
    replaces: tuple[str, ...]
    file: str | None = None
    refusal: Problem | None = None
    omerodir: tuple[str, Location] = ("", DEFAULT)
    lines: Mapping[str, tuple[int, ...]] = MappingProxyType({})
    missing: Mapping[str, tuple[Problem, ...]] = MappingProxyType({})

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        row = self.property
        known = reference.lifetime(row.name)
        return {
            "name": row.name,
            "value": self.value,
            "default": self.default,
            "origin": str(self.origin),
            "layers": [{"origin": str(origin), "text": text} for origin, text in self.layers],
            "kind": row.kind.name,
            "secret": row.secret,
            "status": row.status,
            "doc": row.doc,
            "file": self.file,
            "unreadable": self.refusal.message if self.refusal else None,
            "expanded": list(self.expanded),
            "read_by": list(self.artifacts),
            "artifacts": list(self.artifacts),
            "lines": [{"file": path, "line": line} for path, lines in self.lines.items() for line in lines],
            "missing": {name: [str(one) for one in problems] for name, problems in self.missing.items()},
            "django_setting": row.django or None,
            "replaces": list(self.replaces),
            "replaced_by": row.replaced_by or None,
            **{word: known[word].release if word in known else None for word in ("since", "removed")},
            "omerodir": {"path": self.omerodir[0], "from": str(self.omerodir[1])},
        }


def explain(settings: Settings, name: str, *, show_secrets: bool = False) -> Explanation:
    """Explain one property. `UsageError` for a name that is neither known nor set."""
    return Explainer(settings, show_secrets=show_secrets).explain(name)


class Explainer:
    """Explains properties of the same settings; ``reach`` is what is known already of what they reach."""

    def __init__(self, settings: Settings, reach: Reach | None = None, *, show_secrets: bool = False) -> None:
        self._settings = settings
        self._show_secrets = show_secrets
        self._reach = reach or Reach(settings)

    def explain(self, name: str) -> Explanation:
        """Explain one property. `UsageError` for a name that is neither known nor set."""
        entry = self._settings.resolved(name)
        if entry.property.status == "unknown" and not entry.layers:
            raise UsageError(_unknown(name))
        readers = self.readers(name)
        reached = [self._reach.of(artifact) for artifact in readers]
        lines = {path: tuple(at[name]) for one in reached for path, at in one.lines.items() if name in at}
        missing = {
            artifact: one.missing for artifact, one in zip(readers, reached, strict=True) if one.missing
        }
        found = explanation(self._settings, name, readers, lines, show_secrets=self._show_secrets)
        return found._replace(missing=missing)

    def readers(self, name: str) -> tuple[str, ...]:
        """The artifacts that read a property."""
        return self._reach.readers(name)


def explanation(
    settings: Settings,
    name: str,
    readers: tuple[str, ...],
    lines: Mapping[str, tuple[int, ...]],
    *,
    show_secrets: bool = False,
) -> Explanation:
    """The same of a property whose readers and lines are known already."""
    entry = settings.resolved(name)

    def shown(layer: Assignment) -> str | None:
        public = show_secrets or layer.location.is_default
        return layer.value if public else redact.text(entry, layer.value)

    by_default = entry.layers and entry.layers[0].location.is_default
    return Explanation(
        entry.property,
        entry.text if show_secrets or redact.is_public(entry) else redact.value(entry),
        entry.layers[0].text if by_default else entry.property.default,
        entry.origin,
        tuple((layer.location, shown(layer)) for layer in entry.layers),
        entry.expanded,
        readers,
        tuple(row.name for row in catalog.PROPERTIES.values() if row.replaced_by == name),
        HIDDEN if entry.file and entry.made_of_secret and not show_secrets else entry.file,
        next(iter(collect(entry.check)), None),
        (settings.omerodir, settings.omerodir_origin),
        lines,
    )


def _unknown(name: str) -> Problem:
    """The problem with an argument that is not a property, and the accepted ones."""
    # Text after an invalid character may be a value, and a secret.
    shown = name if is_legal(name) else legal(name)[:-1]
    if suffix(shown) in READERS:
        advice = "explain takes the name of one, such as omero.db.host; files go with -c FILE"
        return Problem(Location.file(shown), "is not a property name", advice)
    return unknown_property(name)
