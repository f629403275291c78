"""The properties of a report, with their sources and the findings about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from omerogen import catalog
from omerogen.model import DEFAULT, Location, Place, Problem, Severity
from omerogen.reporting import page
from omerogen.reporting.explanation import Explainer, Explanation, explanation
from omerogen.reporting.highlight import visible
from omerogen.settings import Settings
from omerogen.sites.checking import CheckResult

#: The lines that a property reaches: the path and the id of a file, and their numbers.
Reached: TypeAlias = Mapping[str, Mapping[tuple[str, str], list[int]]]

#: What a place of a kind is called as a source, where it is not its name.
_SOURCES = {Place.VARIABLE: "environment", Place.DEFAULT: DEFAULT.name}
#: So many properties of a finding are shown at once.
_FEW = 12
#: How far below another one a source is whose own place is not known: sources have whole numbers.
_BELOW = 1e-3


class Properties:
    """The properties on the page, by their names; ids are given in the order of the page."""

    def __init__(self, settings: Settings, check: CheckResult, names: Iterable[str]) -> None:
        self._settings = settings
        every = sorted({*catalog.PROPERTIES, *names})
        entries = {name: settings.resolved(name) for name in every}
        # A property that a source sets and another one takes back is shown with its sources, too.
        touched = {
            name for name, entry in entries.items() if not entry.origin.is_default or len(entry.layers) > 1
        }
        self._set = [name for name in every if name in touched]
        self._others = [name for name in every if name not in touched]
        self.ids = {name: str(number) for number, name in enumerate([*self._set, *self._others])}
        self.findings = tuple(self._finding(at, one, check) for at, one in enumerate(check.findings))
        self._about: dict[str, list[page.Finding]] = {}
        for row, one in zip(self.findings, check.findings, strict=True):
            for name in dict.fromkeys(one.properties):
                self._about.setdefault(name, []).append(row)
        self._sources = {key: f"l{number}" for number, key in enumerate(_in_order(settings, self._set))}
        self.layers = tuple(self._layers())
        self._explainer = Explainer(settings)

    def about(self, names: Iterable[str]) -> list[page.Finding]:
        """The errors and warnings about any of these properties, the worst first."""
        every = (one for name in names for one in self._about.get(name, ()))
        found = {one.id: one for one in every if one.severity != Severity.NOTE.value}
        return sorted(found.values(), key=lambda one: int(one.id[1:]))

    def rows(self, reached: Reached) -> tuple[tuple[page.PropertyRow, ...], tuple[page.PropertyRow, ...]]:
        """The properties that a source sets, and all others."""
        is_set, others = (
            tuple(self._row(name, reached.get(name, {})) for name in names)
            for names in (self._set, self._others)
        )
        return is_set, others

    def _finding(self, number: int, found: Problem, check: CheckResult) -> page.Finding:
        place = found.location.place
        names = [name for name in dict.fromkeys(found.properties) if name in self.ids]
        links = tuple(page.Named(f"p{self.ids[name]}", name) for name in names)
        return page.Finding(
            f"n{number}",
            found.severity.value,
            found.rule,
            visible(found.message.removeprefix(f"{place} ")),
            visible(found.advice),
            ", ".join(visible(location.place) for location in found.locations),
            visible(check.waived.get(found.rule, "")),
            links[:_FEW],
            links[_FEW:],
        )

    def _layers(self) -> Iterator[page.Layer]:
        entries = [self._settings.resolved(name) for name in self.ids]
        # Several operations of one source on one property count once.
        sets: Counter[str] = Counter()
        for entry in entries:
            sets.update({_source(layer.location) for layer in entry.layers})
        wins = Counter(_source(entry.winner.location) for entry in entries if entry.winner)
        for key, number in self._sources.items():
            yield page.Layer(number, visible(key), sets[key], wins[key])

    def _row(self, name: str, reached: Mapping[tuple[str, str], list[int]]) -> page.PropertyRow:
        readers = self._explainer.readers(name)
        known = explanation(self._settings, name, readers, {})
        row, entry = known.property, self._settings.resolved(name)
        about = tuple(self._about.get(name, ()))
        is_default = known.origin.is_default
        state = "refused" if known.refusal else "set" if not is_default else "default"
        return page.PropertyRow(
            f"p{self.ids[name]}",
            name,
            visible(known.value or ""),
            known.value is not None,
            visible(known.default or ""),
            known.default is not None,
            "unset" if state == "default" and known.value is None else state,
            entry.holds_secret or row.secret,
            "" if row.status == "seed" else row.status,
            visible(str(known.origin)),
            "" if is_default else self._sources[_source(known.origin)],
            row.kind.name,
            row.kind.doc,
            visible(row.doc),
            " ".join(readers),
            tuple(_assigned(known)),
            tuple((word, visible(text)) for word, text in _facts(known) if text),
            tuple(_reached(file, numbers) for file, numbers in reached.items()),
            about,
            about[0].severity if about else "",
        )


def _assigned(known: Explanation) -> Iterator[page.Assigned]:
    """The sources of a property, the last one that sets it being the one that wins."""
    last = len(known.layers) - 1
    is_taken_back = bool(known.layers) and known.layers[last][1] is None
    for place, (origin, text) in enumerate(known.layers):
        wins = origin.is_default if is_taken_back else place == last
        yield page.Assigned(visible(str(origin)), visible(text or ""), text is None, wins)


def _facts(known: Explanation) -> Iterator[tuple[str, str]]:
    row = known.property
    yield "section", row.section
    yield "made of", ", ".join(known.expanded)
    yield "from file", known.file or ""
    yield "Django setting", row.django
    yield "replaces", ", ".join(known.replaces)
    yield "replaced by", row.replaced_by


def _reached(file: tuple[str, str], numbers: list[int]) -> page.Reached:
    path, id_ = file
    return page.Reached(path, tuple(page.Named(f"{id_}-{number}", str(number)) for number in numbers))


def _source(location: Location) -> str:
    """The name of the source that a place is in."""
    if location.kind is Place.FILE:
        return f"{location.name} (profile {location.profile})" if location.profile else location.name
    return _SOURCES.get(location.kind, location.name)


def _in_order(settings: Settings, names: Iterable[str]) -> list[str]:
    """The sources from the lowest to the highest.

    The place of one among all is known of the last assignment to a property; of a source that is never the
    last, only which of the others are above it.
    """
    places: dict[str, float] = {_source(DEFAULT): -1}
    above: dict[str, set[str]] = {}
    for name in names:
        sources = [_source(layer.location) for layer in settings.resolved(name).layers]
        for lower, higher in pairwise(sources):
            above.setdefault(lower, set()).add(higher)
        place = settings.rank(name)[0]
        places[sources[-1]] = min(places.get(sources[-1], place), place)
    for _ in above:  # one may be below another that is never the last either
        for lower in above.keys() - places.keys():
            known = [places[higher] for higher in above[lower] if higher in places]
            if known:
                places[lower] = min(known) - _BELOW
    return sorted(places, key=lambda source: (places[source], source))
