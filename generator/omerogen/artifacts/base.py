"""What every artifact says of itself: its fields, its options, its templates, its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omerogen.derive.fields import Context
from omerogen.derive.options import Option
from omerogen.model.errors import Problem, UsageError
from omerogen.settings.settings import Settings


@dataclass(frozen=True)
class File:
    """A file that ``build`` writes: its path below the output folder, and the options that make it."""

    path: str
    options: Mapping[str, str] = field(default_factory=dict)


def always(*files: File) -> Callable[[Settings, Mapping[str, Any]], tuple[File, ...]]:
    """The same files for every site."""
    return lambda settings, options: files


@dataclass(frozen=True)
class Artifact:
    """A configuration that is derived from the settings.

    - ``context``: its fields, under the name ``name`` in its templates.
    - ``template``: which template the options choose.
    - ``files``: what ``build`` makes of it, for these settings and options as a caller gives them.
    - ``examples``: options of its command, a set for each way to print it. Tests and fuzzer go through
      all of them, so that every template is tried with hostile values and searched for secrets.
    """

    name: str
    context: type[Context]
    template: Callable[[Mapping[str, Any]], str]
    files: Callable[[Settings, Mapping[str, Any]], tuple[File, ...]]
    options: tuple[Option, ...] = ()
    examples: tuple[Mapping[str, str], ...] = ({},)

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

    def own(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``options`` that this artifact has."""
        known = {option.name for option in self.options}
        return {name: value for name, value in options.items() if name in known}

    def _option_names(self) -> str:
        return ", ".join(option.name for option in self.options) or "none"
