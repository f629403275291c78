"""One exception tree; every message says the place, what is wrong and what to do.

Nothing but these leaves the package. An exception carries all the problems of
one run, so that an administrator mends a file once and not line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong, printed as ``PLACE: MESSAGE (ADVICE)``."""

    place: str
    message: str
    advice: str = ""
    #: For warnings: the rule that was broken, and the properties it is about.
    rule: str = ""
    properties: tuple[str, ...] = ()

    def __str__(self) -> str:
        advice = f" ({self.advice})" if self.advice else ""
        return f"{self.place}: {self.message}{advice}"


class OmerogenError(Exception):
    """Base of all our exceptions; ``problems`` are what ``str()`` prints, a line each."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class SourceError(OmerogenError):
    """A file of properties cannot be read, or is not what its name says."""


class SettingsError(OmerogenError):
    """Properties that contradict their type, or each other; also holds what sources said.

    ``told`` has the warnings among the problems, in order of place: they are part of
    the same mending, and with ``--strict`` errors themselves.
    """

    def __init__(self, problems: Problem | Iterable[Problem], told: Iterable[Problem] = ()) -> None:
        super().__init__(problems)
        self.told = tuple(told) or self.problems


class UsageError(OmerogenError):
    """An unknown artifact or option, or an option's value that is not legal."""


class ArtifactError(OmerogenError):
    """The settings are legal one by one, but this artifact cannot be made from them."""


class NotApplicable(ArtifactError):
    """This site has no use for the artifact, or it none for the site; ``build`` leaves it out and says so.

    A problem with a rule is also one for ``check`` to find, and an error with ``--strict``.
    """


class WriteError(OmerogenError):
    """The output cannot be written, or not where it was asked for; the files are of one build, old or new."""


def collect(*checks: Callable[[], object]) -> list[Problem]:
    """What all of these raise, each problem once: one that fails does not hide the next."""
    problems: list[Problem] = []
    for check in checks:
        try:
            check()
        except OmerogenError as error:
            problems += error.problems
    return list(dict.fromkeys(problems))
