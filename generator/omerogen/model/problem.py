"""Something that is wrong, or worth knowing: one type for errors, warnings, notes and findings."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from omerogen.model.location import Location


class Severity(str, Enum):
    """The severity of a problem, from the worst to the least; the texts are those in JSON."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Problem(NamedTuple):
    """One thing that is wrong, printed as ``PLACE: MESSAGE (ADVICE)``.

    - ``location``: the place where it can be put right; ``also`` are others that have a part in it.
    - ``rule``: the identifier of the rule that was broken, such as ``near-miss``; empty without one.
    - ``properties``: the names of the properties that it is about.
    - ``meant``: the name that was probably meant, in place of the one at the location; empty if unknown.
    """

    location: Location
    message: str
    advice: str = ""
    rule: str = ""
    properties: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    also: tuple[Location, ...] = ()
    meant: str = ""

    def __str__(self) -> str:
        advice = f" ({self.advice})" if self.advice else ""
        place = self.location.place  # which is the property itself if no source sets it: then not twice
        return f"{place}: {self.message.removeprefix(f'{place} ')}{advice}"

    @property
    def locations(self) -> tuple[Location, ...]:
        """All places, the first being that of the message."""
        return (self.location, *self.also)


def unique(problems: Iterable[Problem]) -> list[Problem]:
    """Each problem once; a warning that is an error too is only that."""
    every = dict.fromkeys(problems)
    return [
        problem
        for problem in every
        if problem.severity is Severity.ERROR or problem._replace(severity=Severity.ERROR) not in every
    ]


def as_error(problem: Problem) -> Problem:
    """A warning as the error that ``--strict`` makes of it."""
    return problem._replace(severity=Severity.ERROR)


def warning(
    location: Location, message: str, advice: str, rule: str, properties: tuple[str, ...] = ()
) -> Problem:
    """A problem that does not stop anything, unless ``--strict`` is given."""
    return Problem(location, message, advice, rule, properties, Severity.WARNING)


def note(location: Location, message: str, advice: str = "", rule: str = "") -> Problem:
    """Information that needs no action."""
    return Problem(location, message, advice, rule, severity=Severity.NOTE)
