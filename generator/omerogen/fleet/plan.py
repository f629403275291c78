"""Which sites a run builds: the ``[sites.NAME]`` of a site file, or the sources that a pattern matches.

A source is one site, named after it: ``sites/a.xml`` is ``a``. Where a folder has the wildcard, it gives the
name: of ``sites/*/config.xml`` the site ``sites/b/config.xml`` is ``b``. A site is built into a folder of its
name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from glob import has_magic, iglob
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
    """The sites of a run: their names, and what makes the site at a place among them, when it is built.

    ``warnings`` are about sites that may have been left out.
    """

    names: Sequence[str]
    at: Callable[[int], Planned]
    warnings: tuple[Problem, ...] = ()


def of_file(
    files: SiteFiles, given: Mapping[str, Any], common: Sequence[Source] = (), usual: Sequence[Source] = ()
) -> Plan:
    """The sites of a site file, with the options that are ``given`` over theirs.

    ``common`` are sources in place of theirs, ``usual`` those of sites without any.
    """
    planned = []
    for site, properties, _, problems in (files.every[name] for name in files.base.names):
        own = dict(given)
        if OUTPUT.name in own:
            own[OUTPUT.name] = os.path.join(own[OUTPUT.name], site.name)
        site = site.with_options(own)
        own_sources = [(path, ()) for path in CONFIG.parse(site.options.get(CONFIG.name))]
        its = tuple(common or own_sources or usual)
        planned.append(Planned(site.name, site, its, properties, problems))
    _refuse_standard_input(source for one in planned for source in one.sources)
    _refuse_shared_folders(planned)
    return Plan([one.name for one in planned], planned.__getitem__)


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
    pairs = tuple(matches(patterns).items())
    may_have_keys = any(sources.has_keys(source) for _, source in pairs)
    folder = str(OUTPUT.parse({**base.site.options, **given}.get(OUTPUT.name)))

    def at(place: int) -> Planned:
        name, source = pairs[place]
        site = base.site.with_options({**given, OUTPUT.name: os.path.join(folder, name)})
        own_keys = keys if sources.has_keys(source) or not may_have_keys else ()
        return Planned(name, site._replace(name=name), (*common, (source, own_keys)), base.properties)

    return Plan([name for name, _ in pairs], at, tuple(_left_out(patterns)))


def matches(patterns: Iterable[str]) -> dict[str, str]:
    """The sources that match, by the name of their site. `UsageError` if none does, or two have one name."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for pattern in patterns:
        matched = list(_matches(pattern))
        for name, source in matched:
            if not name.isprintable():
                message = f"{source!r} has a name with a control character, or one that is not UTF-8"
                problems.append(Problem(Location.flag(SITES), message, "rename it"))
            if found.setdefault(name, source) != source:
                message = f"{found[name]} and {source} are both named {name!r}"
                advice = "rename one, or give a pattern in quotes whose wildcard is what differs"
                problems.append(Problem(Location.flag(SITES), message, advice))
        if not matched:
            advice = "correct it; relative ones are below the working folder"
            nothing = Problem(Location.flag(SITES, pattern), "matches nothing", advice)
            problems += [*_left_out([pattern]), nothing]
    if problems:
        raise UsageError(problems)
    return found


def _matches(pattern: str) -> Iterator[tuple[str, str]]:
    form, path = sources.divided(pattern)
    if os.path.lexists(path):  # whatever is in its name
        yield _stem(path), form + path
        return
    parts = path.split("/")
    wild = [at for at, part in enumerate(parts) if has_magic(part)]
    if not wild:
        return
    before, after = wild[0], len(parts) - 1 - wild[-1]
    ending = os.path.splitext(parts[-1])[1]
    for source in sorted(iglob(path, recursive=True)):
        own = source.rstrip("/").split("/")
        own = own[before : len(own) - after]
        name = "-".join([*own[:-1], own[-1] if after else _stem(source, ending)])
        yield name, form + source


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
            location = Location.file(one.site.path, one.site.lines.get(OUTPUT.name))
            message = f"{other} and {one.name} have the same output, {one.folder}"
            problems.append(Problem(location, message, "give each its own"))
    if problems:
        raise UsageError(problems)
