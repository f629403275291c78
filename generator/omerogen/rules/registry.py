"""The rules that findings break: each registers itself where it is written.

>>> @rule("empty-server-list", WARNING, "the list of servers is empty", bad="…", good="…")
... def empty_server_list(site):
...     "OMERO.web offers the servers of omero.web.server_list on its login page; …"
...     if site.settings[WEB_SERVER_LIST] == []:
...         yield Breach("omero.web.server_list is empty", "remove it")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from omerogen import artifacts, catalog
from omerogen.catalog.mail import MAIL_FROM, MAIL_HOST
from omerogen.catalog.server import ICE_DEFAULT_HOST, ICE_IPV6, MASTER_HOST
from omerogen.derive.fields import Context
from omerogen.derive.host import Host
from omerogen.model import Input, InputKind, Location, OmerogenError, Problem, Severity
from omerogen.model.option import Option
from omerogen.settings import Settings

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

#: The modules with rules, in the order of the reference.
MODULES = (
    "ports",
    "database",
    "router",
    "router_certificate",
    "web",
    "web_security",
    "memory",
    "ldap",
    "mail",
    "server",
    "sources",
    "installed",
    "releases",
    "reported",
)


class Breach(NamedTuple):
    """A breach of a rule, which becomes a finding.

    - ``fix``: what to do, as a line that can be pasted where there is one.
    - ``properties``: those that are part of what is wrong; without any, and without a location, those
      that the rule read and a source set.
    - ``severity``: another one than the rule's.
    - ``location``: another place than that of the first property.
    - ``meant``: the name that was probably meant, in place of that of the first property.
    """

    message: str
    fix: str
    properties: tuple[str, ...] = ()
    severity: Severity | None = None
    location: Location | None = None
    meant: str = ""


class View:
    """A site as a rule sees it: settings, options, facts, and the fields that artifacts derive from them."""

    def __init__(self, settings: Settings, options: Mapping[str, Any], host: Host) -> None:
        self.options = options
        self._host = host
        self._reads: set[Input] = set()
        self.settings = settings.observed(self._reads.update)
        self.host = host.observed(self._reads.update)

    def artifact(self, name: str) -> Context:
        """The fields of an artifact. Raises `OmerogenError` where it cannot be made."""
        artifact = artifacts.get(name)
        return artifact.context(self.settings, self.host, artifact.parse_options(artifact.own(self.options)))

    def option(self, name: str, artifact: str) -> Any:
        """The typed value of an option of an artifact."""
        known = artifacts.get(artifact)
        return known.parse_options(known.own(self.options))[name]

    def place_of(self, option: Option) -> Location:
        """The place of an option: its line in the site file, or the command line."""
        site = self.settings.site
        line = site.lines.get(option.name)
        return Location.file(site.path, line) if line else Location.flag(option.flag)

    @property
    def is_web_alone(self) -> bool:
        """Whether the site is a host with OMERO.web alone: rules about OMERO.server then do not apply."""
        names = self.settings.names_set()
        return names != [] and all(name.startswith("omero.web.") or name in _OF_WEB_TOO for name in names)

    def names_read(self) -> tuple[str, ...]:
        """The properties that were read and that a source set."""
        names = sorted(read.name for read in self._reads if read.kind is InputKind.PROPERTY)
        return tuple(name for name in names if self.settings.is_set(name))


#: Names that a host with OMERO.web alone may set too: where the server is, and what pages show.
_OF_WEB_TOO = frozenset(
    {
        *(row.name for row in catalog.django_settings()),
        *(row.name for row in (MASTER_HOST, ICE_DEFAULT_HOST, ICE_IPV6, MAIL_HOST, MAIL_FROM)),
    }
)
Find: TypeAlias = Callable[[View], Iterable[Breach]]


class Rule(NamedTuple):
    """A rule, and how breaches of it are found; ``find`` is None for those that other parts report.

    ``bad`` and ``good`` are a site that breaks it and its sibling that works: lines of a ``.properties``
    file, and options as ``--tls nginx``.
    """

    id: str
    severity: Severity
    title: str
    explanation: str
    bad: str
    good: str
    group: str
    reference: str = ""
    since: str = "0.2.0"
    find: Find | None = None


_rules: dict[str, Rule] = {}


def rule(
    name: str, severity: Severity, title: str, *, bad: str, good: str, reference: str = ""
) -> Callable[[Find], Find]:
    """Register a function as a rule; its docstring is the explanation, its module the group."""

    def register(find: Find) -> Find:
        explanation = inspect.cleandoc(find.__doc__ or "")
        group = find.__module__.rpartition(".")[2].partition("_")[0]
        _rules[name] = Rule(name, severity, title, explanation, bad, good, group, reference, find=find)
        return find

    return register


def reported(rules: Iterable[Rule]) -> None:
    """Register rules whose breaches are found where a source is read or an artifact is made."""
    _rules.update((one.id, one) for one in rules)


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by their ids."""
    from importlib import import_module

    for module in MODULES:
        import_module(f"omerogen.rules.{module}")
    return _rules


def groups() -> list[str]:
    """The groups of rules."""
    return sorted({one.group for one in rules().values()})


def is_rule(name: str) -> bool:
    """Whether findings may have this id."""
    return name in rules()


def findings(settings: Settings, options: Mapping[str, Any], host: Host) -> Iterator[Problem]:
    """The breaches of all rules. Values that cannot be read are reported by their artifacts."""
    for one in rules().values():
        view = View(settings, options, host)
        try:
            for breach in one.find(view) if one.find else ():
                yield _problem(one, breach, view)
        except OmerogenError:
            continue


def _problem(broken: Rule, breach: Breach, view: View) -> Problem:
    names = breach.properties or (() if breach.location else view.names_read())
    places = [view.settings.origin(name) for name in names if view.settings.is_set(name)]
    first = breach.location or next(iter(places), None)
    if first is None:
        first = Location.property(names[0]) if names else Location.command("check")
    return Problem(
        first,
        breach.message,
        breach.fix,
        broken.id,
        names,
        breach.severity or broken.severity,
        tuple(dict.fromkeys(place for place in places if place != first)),
        breach.meant,
    )
