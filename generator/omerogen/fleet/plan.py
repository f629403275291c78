"""Which sites a run builds: the ``[sites.NAME]`` of a site file, or the sources that a pattern matches.

A source is one site, named after it: ``sites/a.xml`` is ``a``. Where a folder has the wildcard, it gives the
name: of ``sites/*/config.xml`` the site ``sites/b/config.xml`` is ``b``. A site is built into a folder of its
name.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from glob import has_magic, iglob
from itertools import accumulate
from typing import Any, NamedTuple, TypeAlias

from omerogen import sources
from omerogen.model import Location, Problem, Severity, UsageError
from omerogen.settings.options import CONFIG
from omerogen.settings.site import Site, SiteFile, SiteFiles
from omerogen.sites.options import OUTPUT
from omerogen.sources.assignments import Assignment

#: The flag of the patterns.
SITES = "--sites"


#: A source and the members of it that have the properties.
Source: TypeAlias = "tuple[str, tuple[str, ...]]"


class Planned(NamedTuple):
    """One site to build: its sources, and all else as a site file has it; ``problems`` are its table's."""

    name: str
    site: Site
    sources: tuple[Source, ...] = ()
    properties: tuple[Assignment, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def folder(self) -> str:
        """The folder that it is built into."""
        return str(OUTPUT.parse(self.site.options.get(OUTPUT.name)))


class Plan(NamedTuple):
    """The sites of a run: how many, and what makes the one at a place among them, when it is built.

    ``warnings`` are about sites that may have been left out.
    """

    number: int
    at: Callable[[int], Planned]
    warnings: tuple[Problem, ...] = ()


def of_file(
    files: SiteFiles, given: Mapping[str, Any], common: Sequence[Source] = (), usual: Sequence[Source] = ()
) -> Plan:
    """The sites of a site file, with the options that are ``given`` over theirs.

    ``common`` are sources of all of them, ``usual`` those where there are none. Raises `UsageError` for
    common ones in the place of a site's own: all sites would become one.
    """
    if common and any(CONFIG.name in files.every[name].site.options for name in files.wanted):
        message = f"{files.base.site.path} has sites with sources of their own"
        raise UsageError.at(Location.flag("--config"), message, "leave it out, or name one: --site FILE:NAME")
    planned = []
    for site, properties, _, problems in (files.every[name] for name in files.wanted):
        own = dict(given)
        if OUTPUT.name in own:
            own[OUTPUT.name] = os.path.join(own[OUTPUT.name], site.name)
        site = site.with_options(own)
        own_sources = [(path, ()) for path in CONFIG.parse(site.options.get(CONFIG.name))]
        its = tuple(common or own_sources or usual)
        planned.append(Planned(site.name, site, its, properties, problems))
    _refuse_standard_input(source for one in planned for source in one.sources)
    _refuse_shared_folders(planned)
    return Plan(len(planned), planned.__getitem__)


def of_patterns(
    patterns: Iterable[str],
    base: SiteFile,
    given: Mapping[str, Any],
    common: Sequence[Source] = (),
    keys: tuple[str, ...] = (),
) -> Plan:
    """A site for each source that matches: it comes after the ``common`` ones, and has ``keys``."""
    _refuse_standard_input(common)
    patterns = tuple(patterns)
    matched = matches(patterns)
    ends = [*accumulate(map(len, matched.values()))]
    may_have_keys = any(sources.has_keys(source) for found in matched.values() for source in found)
    folder = str(OUTPUT.parse({**base.site.options, **given}.get(OUTPUT.name)))

    def at(place: int) -> Planned:
        at_pattern = bisect_right(ends, place)
        pattern, found = list(matched.items())[at_pattern]
        source = found[place - ends[at_pattern]]  # from its end
        name = name_of(pattern, source)
        site = base.site.with_options({**given, OUTPUT.name: os.path.join(folder, name)})
        own_keys = keys if sources.has_keys(source) or not may_have_keys else ()
        return Planned(name, site._replace(name=name), (*common, (source, own_keys)), base.properties)

    named = (name_of(pattern, source) for pattern, found in matched.items() for source in found)
    if any(os.path.islink(os.path.join(folder, name)) for name in named):
        _refuse_shared_folders(map(at, range(ends[-1])))
    return Plan(ends[-1], at, tuple(_left_out(patterns)))


def matches(patterns: Iterable[str]) -> dict[str, list[str]]:
    """The sources that match each pattern. `UsageError` if none does, or two sites have one name.

    Names are made when they are asked for: those of ten thousand sites take as much memory as a site.
    """
    found: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for pattern in dict.fromkeys(patterns):
        found[pattern] = []
        for source in _matches(pattern):
            name = name_of(pattern, source)
            if not name.isprintable():
                message = f"{source!r} has a name with a control character, or one that is not UTF-8"
                problems.append(Problem(Location.flag(SITES), message, "rename it"))
            other = seen.setdefault(name, source)
            if other != source:
                message = f"{other} and {source} are both named {name!r}"
                advice = "rename one, or give a pattern in quotes whose wildcard is what differs"
                problems.append(Problem(Location.flag(SITES), message, advice))
            elif other is source:  # another pattern has not matched it before
                found[pattern].append(source)
        if not found[pattern] and not any(_matches(pattern)):
            advice = "correct it; relative ones are below the working folder"
            nothing = Problem(Location.flag(SITES, pattern), "matches nothing", advice)
            problems += [*_left_out([pattern]), nothing]
    if problems:
        raise UsageError(problems)
    return found


def name_of(pattern: str, source: str) -> str:
    """The name of the site of a source that matches."""
    form, path = sources.divided(pattern)
    parts = path.rstrip("/").split("/")
    wild = [at for at, part in enumerate(parts) if has_magic(part)]
    if source == pattern or not wild:
        return _stem(sources.divided(source)[1])
    after = len(parts) - 1 - wild[-1]
    path = source.removeprefix(form)
    own = path.rstrip("/").split("/")
    own = own[wild[0] : len(own) - after]
    ending = os.path.splitext(parts[-1])[1]
    return "-".join([*own[:-1], own[-1] if after else _stem(path, ending)])


def _matches(pattern: str) -> Iterator[str]:
    form, path = sources.divided(pattern)
    if os.path.lexists(path):  # whatever is in its name
        yield pattern
    elif has_magic(path):
        yield from (form + source for source in sorted(iglob(path, recursive=True)))


def _left_out(patterns: Iterable[str]) -> Iterator[Problem]:
    """Folders on the way to matches that this user may not look into: glob says nothing of them."""
    message, advice = "cannot be read, and is left out", "give this user permission, or another pattern"
    for pattern in patterns:
        _, path = sources.divided(pattern)
        parts = path.split("/")
        for end in range(1, len(parts)):
            needed = os.X_OK | (os.R_OK if has_magic(parts[end]) else 0)
            for folder in sorted(iglob("/".join(parts[:end]) or "/", recursive=True)):
                if os.path.isdir(folder) and not os.access(folder, needed):
                    location = Location.flag(SITES, folder)
                    yield Problem(location, message, advice, severity=Severity.WARNING)


def _stem(path: str, ending: str = "") -> str:
    """The name of a file without the suffix of its format, or that of the pattern; or that of a folder."""
    name = os.path.basename(path.rstrip("/"))
    if name in ("", ".", ".."):
        return os.path.basename(os.path.realpath(path))
    stem, suffix = os.path.splitext(name)
    is_its = suffix.lower() in sources.READERS or (suffix == ending and not os.path.isdir(path))
    return stem if is_its else name


def _refuse_standard_input(given: Iterable[Source]) -> None:
    """Raise `UsageError` for a source that only one site could read."""
    if any(sources.divided(path)[1] == sources.STANDARD_INPUT for path, _ in given):
        message = "cannot be a source of several sites: it can be read once"
        raise UsageError.at(Location.file("standard input"), message, "write it into a file")


def _refuse_shared_folders(planned: Iterable[Planned]) -> None:
    """Raise `UsageError` if two sites would be built into one folder."""
    names: dict[str, str] = {}
    problems = []
    for one in planned:
        other = names.setdefault(os.path.realpath(one.folder), one.name)
        if other != one.name:
            line = one.site.lines.get(OUTPUT.name)
            location = Location.file(one.site.path, line) if one.site.path else Location.flag(OUTPUT.flag)
            message = f"{other} and {one.name} have the same output, {one.folder}"
            problems.append(Problem(location, message, "give each its own"))
    if problems:
        raise UsageError(problems)
