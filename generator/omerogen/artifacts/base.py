"""What every artifact says of itself: its options, its fields, its templates, its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omerogen.errors import Problem, UsageError
from omerogen.fields import Context
from omerogen.values.base import STRING, Enum, Invalid, Kind


@dataclass(frozen=True)
class Option:
    """A choice that is not a property: ``--max-body-size 2m``, or ``max_body_size="2m"``.

    ``many`` takes several values; ``default`` is a text of the kind, None for no value.
    """

    name: str
    kind: Kind[Any]
    default: str | None
    help: str
    metavar: str = ""
    many: bool = False

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--" + self.name.replace("_", "-")

    def parse(self, given: Any) -> Any:
        """The typed value of what a caller gave; None gives the default."""
        if given is None:
            given = self.default
        if given is None:
            return () if self.many else None
        try:
            if not self.many:
                return self.kind.parse(str(given))
            words = given.split() if isinstance(given, str) else map(str, given)
            return tuple(map(self.kind.parse, words))
        except Invalid as error:
            raise UsageError(Problem(self.flag, f"{given!r} {error.problem}", error.advice)) from None


@dataclass(frozen=True)
class File:
    """A file that ``build`` writes: its path below the output folder, and the options that make it."""

    path: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Artifact:
    """A configuration that is derived from the settings.

    - ``context``: its fields, under the name ``name`` in its templates.
    - ``template``: which template the options choose.
    - ``files``: what ``build`` makes of it.
    """

    name: str
    context: type[Context]
    template: Callable[[Mapping[str, Any]], str]
    files: tuple[File, ...]
    options: tuple[Option, ...] = ()

    def parse_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values for all options; `UsageError` with all that is wrong in ``given``."""
        problems = [
            Problem(f"{self.name}: {name}", "there is no such option", f"there are: {self._option_names()}")
            for name in given.keys() - {option.name for option in self.options}
        ]
        parsed = {}
        for option in self.options:
            try:
                parsed[option.name] = option.parse(given.get(option.name))
            except UsageError as error:
                problems += error.problems
        if problems:
            raise UsageError(sorted(problems))
        return parsed

    def _option_names(self) -> str:
        return ", ".join(option.name for option in self.options) or "none"


HOST_ROOT = Option(
    "host_root", STRING, "/", "read proc and sys below DIR, as a container does that sees its host", "DIR"
)


def format_option(*formats: str) -> Option:
    """``--format``, the first being the default."""
    return Option("format", Enum(*formats), formats[0], f"how to print it ({formats[0]})")
