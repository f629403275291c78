"""Findings on the properties of a site and on what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.model.errors import NotApplicable, OmerogenError, Problem, UsageError
from omerogen.settings.settings import Settings
from omerogen.verify.sandbox import Result

#: Warnings elsewhere, but not for who asks whether all is well: the kernel would end a JVM.
_ERRORS = frozenset({"memory-over-committed"})


class Finding(NamedTuple):
    """Something to look at. ``id`` is the rule, ``severity`` error or warning, ``fix`` what to do."""

    id: str
    severity: str
    properties: tuple[str, ...]
    place: str
    message: str
    fix: str

    def as_dict(self) -> dict[str, Any]:
        """What other programs read."""
        return {**self._asdict(), "properties": list(self.properties)}

    def __str__(self) -> str:
        fix = f" ({self.fix})" if self.fix else ""
        return f"{self.severity}: {self.place}: {self.message}{fix} [{self.id}]"


def findings(
    settings: Settings,
    options: Mapping[str, Any],
    verdicts: Iterable[Result] = (),
    *,
    strict: bool = False,
) -> list[Finding]:
    """All findings, errors first; with ``strict`` there are only errors.

    ``options`` are those of ``build``, ``verdicts`` what the programs said that were asked.
    """
    warning_severity = "error" if strict else "warning"
    found = [_finding(warning_severity, warning) for warning in settings.warnings]
    unreadable = settings.unreadable()
    found += [_finding("error", problem, "unreadable-secret") for problem in unreadable]
    usage: list[Problem] = []  # what is wrong with the command is no finding
    for name in artifacts.ARTIFACTS:
        try:
            made = rendering.make(name, settings, artifacts.get(name).own(options))
            found += [_finding(warning_severity, warning) for warning in made.warnings]
        except NotApplicable as reason:
            found += [_finding(warning_severity, problem) for problem in reason.problems if problem.rule]
        except UsageError as error:
            usage += error.problems
        except OmerogenError as error:
            new = [problem for problem in error.problems if problem not in unreadable]
            found += [_finding("error", problem, f"no-{name}") for problem in new]
    if usage:
        raise UsageError(dict.fromkeys(usage))
    for verdict in verdicts:
        found += [
            _finding("error", problem, f"refused-by-{verdict.consumer}") for problem in verdict.problems
        ]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.severity)


def _finding(severity: str, problem: Problem, rule: str = "") -> Finding:
    rule = problem.rule or rule
    severity = "error" if rule in _ERRORS else severity
    return Finding(rule, severity, problem.properties, problem.place, problem.message, problem.advice)
