"""Sources of properties over the catalog's defaults, made into `Settings`.

A later source wins: defaults, files in their order, the environment, ``--set``.
All that is wrong in any of them is reported in one `SourceError`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from omerogen import catalog, sources
from omerogen.catalog.history import NEWEST, Releases
from omerogen.catalog.server import ICE_DEFAULT_HOST, MASTER_HOST
from omerogen.catalog.web_server import WEB_SERVER_LIST
from omerogen.model import (
    DEFAULT,
    SET_FLAG,
    SUGGESTION,
    Location,
    Problem,
    SettingsError,
    Severity,
    SourceError,
    warning,
)
from omerogen.settings.defaults import default_of, successors
from omerogen.settings.interpolation import LITERAL_PREFIX
from omerogen.settings.problems import Rank, in_order, unknown_property
from omerogen.settings.settings import DEFAULT_OMERODIR, Settings
from omerogen.settings.site import NO_SITE, Site
from omerogen.sources import environment
from omerogen.sources.assignments import (
    Assignment,
    Operation,
    Report,
    as_text,
    is_legal,
    legal,
    reporting,
    set_to,
)
from omerogen.sources.keys import Keys
from omerogen.values.base import NOT_TEXT, Invalid, is_text
from omerogen.values.json import dumps, loads
from omerogen.values.patterns import Pattern

_IN_OMERODIR = "/etc/grid/config.xml"
_QUOTED = Pattern(r"""(["'])(?:(?!\1).)*\1""", re.DOTALL)


def load(
    *files: str | os.PathLike[str] | tuple[str, tuple[str, ...]],
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    omerodir: str | os.PathLike[str] | None = None,
    usual_omerodir: str | None = None,
    keys: Iterable[str] = (),
    properties: Iterable[Assignment] = (),
    above: Iterable[str] = (),
    site: Site = NO_SITE,
    releases: Releases = NEWEST,
) -> Settings:
    """The settings of ``files``, ``environ``, ``properties``, ``above``, ``overrides``; a later one wins.

    - ``profile``: the profile of a config.xml, instead of its active one.
    - ``keys``: the members of YAML and JSON files that have the properties, as Ansible's variables do. A file
      that is given as a pair has its own.
    - ``properties``, ``site``: of a site file.
    - ``above``: files of ``--set @FILE``.
    - ``overrides``: name to text; any other value becomes JSON.
    - ``environ``: variables, of which the ``CONFIG_…`` ones count.
    - ``omerodir``: the OMERO directory; else that of a ``config.xml`` in its ``etc/grid``, else
      ``usual_omerodir``, else `DEFAULT_OMERODIR`.
    - ``releases``: those that defaults are of.

    Only the given sources are read: ``load()`` is the defaults alone.
    Raises `SourceError` with all that is wrong with the sources, in order of place. A value that
    its type refuses stops only what reads it: see `Settings`.
    """
    pairs = [file if isinstance(file, tuple) else (os.fsdecode(file), ()) for file in files]
    given = [path for path, _ in pairs]
    candidates = (
        (omerodir, Location.flag("--omerodir")),
        _omerodir_of(given),
        (usual_omerodir, Location.variable("OMERODIR")),
        (DEFAULT_OMERODIR, DEFAULT),
    )
    chosen, why = next((one, place) for one, place in candidates if one)
    folder = _absolute(chosen)
    builder = _Builder(folder, releases)
    if not is_text(folder):
        builder.report(Problem(Location.flag("--omerodir"), *NOT_TEXT))
    members = Keys(keys, shared=True)
    for source, own in pairs:
        keys_here = Keys(own) if own else members
        for path in builder.files_of(source):
            builder.apply(partial(sources.read, path, profile, keys=keys_here))
        for problem in keys_here.missing() if own else ():
            builder.report(problem)
    for problem in members.missing():
        builder.report(problem)
    if environ is not None:
        builder.apply(partial(environment.of_process, environ))
    builder.apply(lambda _: [*properties])
    for source in above:
        builder.apply(partial(sources.read, source, profile))
    builder.apply(lambda report: list(_overriding(overrides or {}, report)))
    settings = builder.settings(site)
    settings.omerodir_origin = why
    return settings


def _omerodir_of(sources: Iterable[str]) -> tuple[str, Location]:
    """The OMERO directory of a ``config.xml`` at its usual place, and that file; empty without one."""
    for source in sources:
        folder, found, _ = os.path.abspath(source).rpartition(_IN_OMERODIR)
        if found and source.endswith("config.xml"):
            return folder, Location.file(source)
    return "", DEFAULT


def _absolute(omerodir: str | os.PathLike[str]) -> str:
    try:
        return os.path.abspath(omerodir)
    except OSError:
        message = f"{os.fspath(omerodir)!r} is relative to a folder that is gone"
        flag = Location.flag("--omerodir")
        raise SourceError.at(flag, message, "give an absolute path") from None


def _overriding(overrides: Mapping[str, Any], report: Report) -> Iterator[Assignment]:
    for name, value in ((str(name), value) for name, value in overrides.items()):
        with reporting(report):
            yield set_to(name, as_text(name, value, SET_FLAG), SET_FLAG)


def overridden(settings: Settings, overrides: Mapping[str, Any]) -> Settings:
    """The same settings with other values for some properties, as `load` takes its ``overrides``.

    Raises `SettingsError` with all names and values that cannot be.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for name, value in ((str(name), value) for name, value in overrides.items()):
        if not is_legal(name):
            problems.append(unknown_property(name))
            continue
        try:
            texts[name] = as_text(name, value, SUGGESTION)
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return settings.changed(texts)


class _Builder:
    """Folds assignments over the defaults; collects all that is wrong on the way."""

    def __init__(self, omerodir: str, releases: Releases) -> None:
        self.omerodir = omerodir
        self.releases = releases
        self.source = 0
        self.assigned: dict[str, list[Assignment]] = {}
        self.ranks: dict[str, Rank] = {}
        self.notes: list[Problem] = []
        self.warnings: list[tuple[Rank, Problem]] = []
        self.host: str | None = None
        self.problems: list[tuple[Rank, Problem]] = []

    def apply(self, read: Callable[[Report], list[Assignment]]) -> None:
        """Add the assignments of a source to the earlier ones."""
        self.source += 1
        assignments: list[Assignment] = []
        with reporting(self.report):
            assignments = read(self.report)
        for number, assignment in enumerate(assignments):
            rank = (self.source, assignment.location.line or 0, number)
            try:
                self._assign(assignment, rank)
            except Invalid as error:
                problem = Problem(assignment.location, error.problem, error.advice)
                self.problems.append((rank, problem))

    def _default(self, name: str) -> str | None:
        """The list that an operation starts from: the default of ``omero.web.*``, else an empty one.

        The default of the server list has the host that was set before the first such operation.
        """
        if not name.startswith(LITERAL_PREFIX):
            return None
        if self.host is None:
            rows = (MASTER_HOST.name, ICE_DEFAULT_HOST.name)
            set_to = (self.assigned[row][-1].value for row in rows if self.assigned.get(row))
            self.host = next(filter(None, set_to), "localhost")
        if name == WEB_SERVER_LIST.name:
            return dumps([[self.host, 4064, "omero"]])
        return default_of(catalog.describe(name), self.omerodir, self.releases).text

    def files_of(self, source: str) -> list[str]:
        """The files of a source; none, and a problem, if it is a folder that has none."""
        with reporting(self.report):
            return sources.files_of(source)
        return []

    def report(self, problem: Problem) -> None:
        """Keep what a source says of itself."""
        if problem.severity is Severity.NOTE:
            self.notes.append(problem)
        elif problem.severity is Severity.WARNING:
            self.warnings.append(((self.source, problem.location.line or 0, 0), problem))
        else:
            self.problems.append(((self.source, problem.location.line or 0, 0), problem))

    def _assign(self, assignment: Assignment, rank: Rank) -> None:
        name = assignment.name
        if not is_legal(name):
            raise Invalid(f"{legal(name)!r} is not a valid property name", "use A-Z a-z 0-9 . _ -")
        if not is_text(assignment.text):
            message, advice = NOT_TEXT
            raise Invalid(f"{name} {message}", advice)
        layers = self.assigned.setdefault(name, [])
        if assignment.operation is Operation.FILL:
            if layers and layers[-1].value:
                return
            assignment = assignment._replace(operation=Operation.SET)
        if assignment.operation not in (Operation.SET, Operation.UNSET):
            below = layers[-1].value if layers else None
            if layers and layers[-1].unknown:
                return  # so is the list with one more member, or one less
            text = _changed(self._default(name) if below is None else below, assignment)
            assignment = assignment._replace(operation=Operation.SET, text=text, is_change=True)
        layers.append(assignment)
        self.ranks[name] = rank

    def settings(self, site: Site) -> Settings:
        """The settings, unless a source cannot be read."""
        settings = Settings(self.assigned, self.omerodir, self.ranks, self.notes, site, self.releases)
        own = (
            (rank, found) for name, rank in self.ranks.items() for found in _warnings(self.assigned[name][-1])
        )
        settings.ranked_warnings = (*self.warnings, *own)
        unknown = tuple(self._unknown())
        if self.problems or unknown:
            said = {name for _, problem in unknown for name in problem.properties}
            refusals = settings.ranked_refusals(files=False)
            others = (one for one in refusals if said.isdisjoint(one[1].properties))
            raise SourceError(in_order((*self.problems, *unknown, *others, *settings.ranked_warnings)))
        return settings

    def _unknown(self) -> Iterator[tuple[Rank, Problem]]:
        """Values that no source has, though one has to."""
        for name, layers in self.assigned.items():
            last = layers[-1] if layers else None
            if last and last.must_be_known and last.unknown:
                message, advice = f"{name} {last.unknown.problem}", last.unknown.advice
                yield self.ranks[name], Problem(last.location, message, advice, properties=(name,))


def _changed(below: str | None, assignment: Assignment) -> str:
    """The text of a list after an operation on the text ``below``."""
    name = assignment.name
    try:
        members, member = loads(below or "[]"), loads(assignment.text)
    except Invalid as error:
        raise Invalid(f"{name} {error.problem}", error.advice) from None
    if not isinstance(members, list):
        message = f"{name} is not a list, so that nothing can be appended or removed"
        raise Invalid(message, "set the whole value")
    if assignment.operation is Operation.REMOVE:
        if member not in members:
            raise Invalid(f"{name} does not have the member that is to be removed", "take out this line")
        members.remove(member)
    elif assignment.operation is Operation.APPEND or member not in members:
        members.append(member)
    return dumps(members)


def _warnings(last: Assignment) -> Iterator[Problem]:
    """Names that look misspelt, deprecated ones, and texts in quotes that no shell took away.

    Nothing is resolved for them: that would read the files of secrets.
    """
    if last.value is None:
        return
    name, location = last.name, last.location
    row = catalog.describe(name)

    def spelled(name: str) -> str:
        return environment.variable(name) if location.variable_name else name

    def about(rule: str, message: str, advice: str) -> Problem:
        return warning(location, message, advice, rule, (name,))

    if "." not in name:
        # In a file it may be a line of a secret that has several.
        shown = "has this name" if location.line else repr(name)
        yield about("unknown-name", f"no property {shown}", "properties have a dot in their name: omero.…")
    elif row.status == "unknown" and (near := catalog.near_miss(name)):
        of = f", of the variable {location.variable_name}" if location.variable_name else ""
        meant = spelled(near)
        yield about("near-miss", f"no property {name!r}{of}", f"did you mean {meant!r}?")._replace(
            meant=meant
        )
    elif row.status == "deprecated":
        successor = successors().get(name)
        new = row.replaced_by or (successor.name if successor else "")
        advice = f"use {spelled(new)}" if new else "leave it out"
        yield about("deprecated", f"{name} is deprecated", advice)
    if row.status != "unknown" and _is_quoted_text(name, last.text):
        message = f"{name} has quotes around it, which are part of the value"
        yield about("quoted-value", message, "take them out")


def _is_quoted_text(name: str, text: str) -> bool:
    """Whether a text begins and ends with a quote; those of JSON and of JVM options belong there."""
    if not _QUOTED.fullmatch(text.strip()):
        return False
    try:
        row = successors().get(name) or catalog.describe(name)
        return isinstance(row.kind.parse(text), str)
    except Invalid:
        return False  # which is reported
