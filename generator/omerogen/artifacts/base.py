"""The definition of an artifact: its fields, options, templates and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from omerogen.derive.fields import Context
from omerogen.model import Location, Problem, UsageError
from omerogen.model.option import Option
from omerogen.settings import Settings


class File(NamedTuple):
    """A file that ``build`` writes: its path below the output folder, and the options that make it."""

    path: str
    options: Mapping[str, str] = MappingProxyType({})


#: The files of a site, of its settings and of the options as a caller gives them.
Files: TypeAlias = Callable[[Settings, Mapping[str, Any]], tuple[File, ...]]


def always(*files: File) -> Files:
    """The same files for every site."""
    return lambda settings, options: files


class Artifact(NamedTuple):
    """A configuration that is derived from the settings.

    - ``context``: its fields, under the name ``name`` in its templates.
    - ``template``: the template that the typed options choose.
    - ``files``: the files that ``build`` writes for it.
    - ``examples``: options of its command, a set for each way to print it. Tests and fuzzer go through
      all of them, so that every template is tried with hostile values and searched for secrets.
    """

    name: str
    context: type[Context]
    template: Callable[[Mapping[str, Any]], str]
    files: Files
    options: tuple[Option, ...] = ()
    examples: tuple[Mapping[str, str], ...] = ({},)

    def parse_options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values for all options; `UsageError` with all that is wrong in ``given``."""
        known = [option.name for option in self.options]
        problems = [_unknown(self.name, name, known) for name in sorted(given.keys() - known)]
        parsed = {}
        for option in self.options:
            try:
                parsed[option.name] = option.parse(given.get(option.name))
            except UsageError as error:
                problems += error.problems
        if problems:
            raise UsageError(problems)
        return parsed

    def own(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``options`` that this artifact has."""
        known = {option.name for option in self.options}
        return {name: value for name, value in options.items() if name in known}


def _unknown(artifact: str, name: str, known: Sequence[str]) -> Problem:
    there_are = f"there are: {', '.join(known) or 'none'}"
    return Problem(Location.artifact(f"{artifact}: {name}"), "unknown option", there_are)
