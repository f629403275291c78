"""The part of a site file that is not a property: options, waivers and hooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omerogen.model import Location, Place, Problem

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Site(NamedTuple):
    """One site of a site file, without its properties.

    - ``path``: the file, empty without one; ``name``: that of one of several sites.
    - ``options``: by name, as given; paths are relative to the working folder, as the file's own path is.
    - ``waived``: the reason by the id of a rule whose findings are meant to be.
    - ``reload``: shell commands, ``CMD`` or ``ARTIFACT=CMD``, as ``--reload`` takes them.
    - ``lines``: the line of each option; ``warnings``: those about the file itself.
    """

    path: str = ""
    name: str = ""
    options: Mapping[str, Any] = _NOTHING
    waived: Mapping[str, str] = _NOTHING
    reload: tuple[str, ...] = ()
    lines: Mapping[str, int] = _NOTHING
    warnings: tuple[Problem, ...] = ()

    def unwaived(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems of other rules than the waived ones."""
        return [problem for problem in problems if problem.rule not in self.waived]

    def placed(self, problem: Problem) -> Problem:
        """A problem of an option that is from the file, with its line there."""
        location = problem.location
        line = self.lines.get(location.name.removeprefix("--").replace("-", "_"))
        if location.kind is not Place.FLAG or line is None:
            return problem
        key = location.name.removeprefix("--")
        return problem._replace(location=Location.file(self.path, line), message=f"{key}: {problem.message}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Mappings that are read only do not pickle."""
        members = [dict(member) if isinstance(member, MappingProxyType) else member for member in self]
        return _unpickled, tuple(members)


def _unpickled(*members: Any) -> Site:
    return Site(*members)


#: Without a site file.
NO_SITE = Site()
