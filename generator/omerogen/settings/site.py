"""The part of a site file that is not a property: options, waivers and hooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omerogen.model import Location, Place, Problem, SourceError
from omerogen.sources.assignments import Assignment

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Site(NamedTuple):
    """One site of a site file, without its properties.

    - ``path``: the file, empty without one; ``name``: that of one of several sites.
    - ``options``: by name, as given; paths are relative to the working folder, as the file's own path is.
    - ``waived``: the reason by the id of a rule whose findings are meant to be.
    - ``reload``: shell commands, ``CMD`` or ``ARTIFACT=CMD``, as ``--reload`` takes them.
    - ``lines``: the line of each option; ``warnings``: those about the file itself.
    - ``shared``: the options and waivers that it has in common with the other sites of the file.
    """

    path: str = ""
    name: str = ""
    options: Mapping[str, Any] = _NOTHING
    waived: Mapping[str, str] = _NOTHING
    reload: tuple[str, ...] = ()
    lines: Mapping[str, int] = _NOTHING
    warnings: tuple[Problem, ...] = ()
    shared: frozenset[str] = frozenset()

    def of_itself(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """Problems without those of options that it shares: what has no effect here may have one there."""
        for problem in problems:
            name = problem.location.name.removeprefix("--").replace("-", "_")
            if name not in self.shared or name not in self.lines:
                yield problem

    def with_options(self, options: Mapping[str, Any]) -> Site:
        """The same site with these options, which are not from the file, over its own."""
        lines = {name: line for name, line in self.lines.items() if name not in options}
        return self._replace(options={**self.options, **options}, lines=lines)

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


class SiteFile(NamedTuple):
    """One site of a file: its options, waivers and hooks, and its properties, later ones winning.

    ``names`` are the sites that the file has, ``problems`` what is wrong in the table of this one.
    """

    site: Site = NO_SITE
    properties: tuple[Assignment, ...] = ()
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class SiteFiles(NamedTuple):
    """The sites of a file by their names, and by the empty one what it has outside of ``[sites]``.

    ``name`` is that of the site that is wanted; empty where none was named.
    """

    every: Mapping[str, SiteFile]
    name: str = ""

    @property
    def base(self) -> SiteFile:
        """What the file has outside of ``[sites]``."""
        return self.every[""]

    @property
    def are_several(self) -> bool:
        """Whether the file has sites, and none of them was named."""
        return bool(self.base.names) and not self.name

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the sites that are wanted: all, or the one that was named; raises as `one` does."""
        return (self.one.site.name,) if self.name else tuple(self.base.names)

    @property
    def one(self) -> SiteFile:
        """The site that is wanted; `SourceError` if that is not known, or there is no such."""
        path, names = self.base.site.path, self.base.names
        if self.are_several:
            advice = f"name one: --site {path}:{names[0]}"
            raise SourceError.at(Location.file(path), f"has several sites: {', '.join(names)}", advice)
        if self.name not in self.every:
            there_are = f"it has: {', '.join(names)}" if names else "it has no [sites.NAME]"
            raise SourceError.at(Location.file(path), f"has no site {self.name!r}", there_are)
        found = self.every[self.name]
        if found.problems:
            raise SourceError(found.problems)
        return found


#: Without a site file.
NO_SITES = SiteFiles({"": SiteFile()})
