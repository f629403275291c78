"""One exception tree; every message says the place, what is wrong and what to do.

Nothing but these leaves the package. An exception carries all the problems of
one run, so that an administrator corrects a file once and not line by line. All of them pickle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from omerogen.model.location import Location
from omerogen.model.problem import Problem, Severity, as_error

E = TypeVar("E", bound="OmerogenError")


class OmerogenError(Exception):
    """Base of all our exceptions; ``str()`` prints ``problems``, a line each.

    They are in the order of their places. Warnings may be among them; they are printed first, as such.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.problems)

    @classmethod
    def at(cls: type[E], location: Location, message: str, advice: str = "", **more: Any) -> E:
        """The error of one problem; ``more`` are its other fields."""
        return cls(Problem(location, message, advice, **more))

    def __str__(self) -> str:
        return "\n".join(self.lines())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The errors among the problems. Without any, the warnings are what it failed for."""
        errors = tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)
        return errors or self.problems

    def lines(self) -> list[str]:
        """A line for each problem, the errors last."""
        errors = dict.fromkeys(self.errors)
        others = [problem for problem in self.problems if problem not in errors]
        return [*(f"warning: {problem}" for problem in others), *map(str, errors)]


class SettingsError(OmerogenError):
    """Properties that contradict their type, or each other."""


class SourceError(SettingsError):
    """A source of properties cannot be read, or is not in the format of its name."""


class UsageError(OmerogenError):
    """An unknown artifact, option or property, or an option's value that is not legal."""


class ArtifactError(OmerogenError):
    """The settings are legal one by one, but this artifact cannot be made from them."""


class NotApplicable(ArtifactError):
    """The artifact does not apply to this site; ``build`` leaves it out and reports why.

    A problem of severity warning is also one for ``check`` to find, and an error with ``--strict``.
    """


class WriteError(OmerogenError):
    """The output cannot be written to the given place; the files are of one build, old or new."""


def collect(*checks: Callable[[], object]) -> list[Problem]:
    """The problems that these raise, each once: one that fails does not hide the next."""
    problems: list[Problem] = []
    for check in checks:
        try:
            check()
        except OmerogenError as error:
            problems += error.problems
    return list(dict.fromkeys(problems))


def refuse_warnings(warnings: Iterable[Problem], *, strict: bool) -> None:
    """With the option ``strict`` warnings are errors: raise them before anything is written."""
    if strict and (problems := tuple(warnings)):
        raise SettingsError(map(as_error, problems))


def where_raised(error: BaseException) -> str:
    """The type of an exception and its place in our code, without its text, which may hold secrets."""
    import os
    import traceback

    module = f" {error.name}" if isinstance(error, ModuleNotFoundError) else ""
    package = os.path.dirname(os.path.dirname(__file__))
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename.startswith(package)]
    if not frames:
        return f"{type(error).__name__}{module} at an unknown place"
    place = os.path.relpath(frames[-1].filename, package).removesuffix(".py").replace(os.sep, ".")
    return f"{type(error).__name__}{module} at {place}:{frames[-1].lineno}"
