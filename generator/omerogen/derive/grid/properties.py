"""The properties that IceGrid hands to OMERO's services.

IceGrid changes some texts on their way, as `omerogen.values.icessl.IceText` knows;
those are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from omerogen.catalog.jvm import SERVICES
from omerogen.catalog.server import SERVER_NODEDESCRIPTORS, TABLES_MODULE
from omerogen.model import Problem
from omerogen.settings import Settings, redact
from omerogen.values.base import Invalid
from omerogen.values.icessl import IceText
from omerogen.values.patterns import Pattern

#: Not read by a service: OMERO.web reads its own, and the others became flags, the router's or the nodes'.
_ELSEWHERE = ("omero.web.", "omero.jvmcfg.", "omero.glacier2.", SERVER_NODEDESCRIPTORS.name)
_MODULE = Pattern(r"\w[\w./-]*", re.ASCII)
_ICE_TEXT = IceText()


def shared(settings: Settings) -> list[str]:
    """The names of the properties that a site sets and that every service gets."""
    return [name for name in settings.names_set() if not name.startswith(_ELSEWHERE)]


def for_service(settings: Settings, services: Collection[str] = SERVICES) -> dict[str, dict[str, str]]:
    """By service and property, the name that sets it for this service alone: ``NAME.SERVICE``."""
    found: dict[str, dict[str, str]] = {}
    for name in settings.names_set():
        whole, _, service = name.rpartition(".")
        if whole and service in services and not name.startswith("omero.jvmcfg."):
            found.setdefault(service, {})[whole] = name
    return found


def problems_of(settings: Settings, names: Iterable[str]) -> list[Problem]:
    """Problems of values that IceGrid would change on the way."""
    problems = []
    for name in dict.fromkeys(names):
        try:
            _ICE_TEXT.parse(settings.text(name))
        except Invalid as error:
            message = f"{name} {error.problem}"
            problems.append(Problem(settings.origin(name), message, error.advice, properties=(name,)))
    return problems


def module_problems(settings: Settings) -> list[Problem]:
    """Problems of a module name that python would not accept for OMERO.tables."""
    row = TABLES_MODULE
    module = settings[row]
    if _MODULE.fullmatch(module):
        return []
    message = f"{row.name} {redact.text(settings.resolved(row.name), module)!r} is not a Python module"
    advice = "give the name of a module, such as runTables"
    return [Problem(settings.origin(row), message, advice, properties=(row.name,))]
