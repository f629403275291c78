"""Checks a site: its properties, its artifacts, and the answers of programs.

A finding is a `Problem` with a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.derive.host import Host
from omerogen.model import (
    Location,
    NotApplicable,
    OmerogenError,
    Place,
    Problem,
    Severity,
    UsageError,
    note,
    unique,
)
from omerogen.rules import registry
from omerogen.settings import Settings
from omerogen.settings.options import FILE as SITE_FILE
from omerogen.settings.site import Site
from omerogen.sites import building
from omerogen.verify import handshake

if TYPE_CHECKING:
    from omerogen.verify.sandbox import Result

_ORDER = list(Severity)


class CheckResult(NamedTuple):
    """All findings, the worst first, and the result of each program.

    ``waived`` are the reasons of waived rules by their ids; `open` are the findings of the others.
    ``home`` is the file for findings that are in none: one that sets a property, or else the site file.
    """

    findings: tuple[Problem, ...]
    programs: tuple[Result, ...] = ()
    waived: Mapping[str, str] = MappingProxyType({})
    home: str = SITE_FILE

    def fails(self, least: Severity) -> bool:
        """Whether an open finding is at least as severe as this."""
        return any(_ORDER.index(found.severity) <= _ORDER.index(least) for found in self.open)

    @property
    def open(self) -> list[Problem]:
        """The findings that are not waived."""
        return [finding for finding in self.findings if finding.rule not in self.waived]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "findings": [
                {**_as_dict(found), "waived": self.waived.get(found.rule)} for found in self.findings
            ],
            "consumers": [
                {"consumer": result.program, "state": result.state, "remark": result.remark}
                for result in self.programs
            ],
        }


def _as_dict(finding: Problem) -> dict[str, Any]:
    files = (location for location in finding.locations if location.kind is Place.FILE)
    return {
        "id": finding.rule,
        "severity": finding.severity.value,
        "properties": list(finding.properties),
        "place": finding.location.place,
        "locations": [{"file": location.name, "line": location.line} for location in files],
        "message": finding.message,
        "fix": finding.advice,
        "url": registry.rules()[finding.rule].reference or None,
    }


def check(
    settings: Settings,
    options: Mapping[str, Any],
    programs: Iterable[str] | None = None,
    *,
    selected: Iterable[str] = (),
    ignored: Iterable[str] = (),
) -> CheckResult:
    """Look at everything; ``options`` are those of ``build``.

    ``programs`` are run too, all installed ones for an empty list. ``selected`` and ``ignored`` are rules
    and groups of them. Raises `UsageError` for invalid options or names of programs, which are errors and
    not findings.
    """
    building.refuse_unknown(options)
    waived = settings.site.waived
    settings = settings.at(settings.site._replace(waived={}))
    results: tuple[Result, ...] = ()
    if programs is not None:
        from omerogen.verify import verify

        results = tuple(verify(settings, options, programs))
    found = [*settings.warnings, *settings.refused(), *_of_artifacts(settings, options)]
    found += registry.findings(settings, options, Host.of(options))
    found += [problem for result in results for problem in result.problems]
    if any(problem.rule == "router-without-certificate" for problem in found):
        # It explains why the handshakes fail: one finding for one cause.
        found = [problem for problem in found if problem.location != handshake.PLACE]
    found += _stale(settings.site, waived, found)
    kept = _chosen(unique(found), set(selected), set(ignored))
    ordered = tuple(sorted(kept, key=lambda one: _ORDER.index(one.severity)))
    return CheckResult(ordered, results, waived, _home(settings))


def _home(settings: Settings) -> str:
    """The file of the site: the first that sets a property, or the site file."""
    origins = map(settings.origin, settings.names_set())
    files = (origin.name for origin in origins if origin.kind is Place.FILE)
    return next(files, "") or settings.site.path or SITE_FILE


def _chosen(found: Iterable[Problem], selected: set[str], ignored: set[str]) -> list[Problem]:
    """The findings of the selected rules, or of all, except the ignored ones."""
    return [
        one
        for one in found
        if ignored.isdisjoint(_names(one.rule)) and not (selected and selected.isdisjoint(_names(one.rule)))
    ]


def _names(rule: str) -> set[str]:
    """The names by which a rule is selected: its id and its group."""
    return {rule, registry.rules()[rule].group}


#: Rules, and groups of them, that depend on the machine, or on programs that were not run.
_ELSEWHERE = {
    *("programs", "installed", "releases"),
    *("memory-unknown", "localhost-in-container", "heap-dumps-do-not-fit", "privileged-port"),
    *("certificate-missing", "certificate-unreadable", "certificate-for-other-names"),
}


def _stale(site: Site, waived: Iterable[str], found: Iterable[Problem]) -> list[Problem]:
    """Waivers without a finding."""
    known = {problem.rule for problem in found} | site.shared
    return [
        note(Location.file(site.path), f"the waiver of {rule} has no finding", "take it out", "stale-waiver")
        for rule in waived
        if rule not in known and registry.is_rule(rule) and _ELSEWHERE.isdisjoint(_names(rule))
    ]


def _of_artifacts(settings: Settings, options: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems that keep artifacts from being made, and their warnings."""
    usage: list[Problem] = []
    seen: set[Problem] = set()  # several artifacts may read what is wrong
    for name in artifacts.ARTIFACTS:
        try:
            yield from rendering.render(name, settings, artifacts.get(name).own(options)).warnings
        except NotApplicable as reason:
            yield from (problem for problem in reason.problems if problem.severity is not Severity.NOTE)
        except UsageError as error:
            usage += error.problems
        except OmerogenError as error:
            others = [problem for problem in error.problems if problem not in seen]
            seen |= {*others}
            yield from (one if one.rule else one._replace(rule=f"no-{name}") for one in others)
    if usage:
        raise UsageError(unique([*settings.refused(), *usage]))
