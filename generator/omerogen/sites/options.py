"""All options that belong to a site: where its properties come from, and what is made of them.

Each is declared once, and then is an argument of the command line, a keyword in Python and a key of the
site file (see `site_file`). The options of artifacts are declared by these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.model.option import Option
from omerogen.settings.options import SOURCES
from omerogen.settings.site import Site
from omerogen.values.base import Choice
from omerogen.values.numbers import BOOL, POSITIVE
from omerogen.values.text import PATH

OUTPUT = Option("output", PATH, "out", "the folder to write into (out)", "DIR", is_path=True, short="-o")
ONLY = Option(
    "only",
    Choice(*ARTIFACTS),
    None,
    "these artifacts alone, divided by spaces or commas",
    "ARTIFACT",
    many=True,
)
VERIFY = Option("verify", BOOL, "false", "validate with the installed programs before anything is replaced")

HTTP_CONTEXT = Option(
    "http_context",
    PATH,
    None,
    "what else is in nginx's http block, for the lines of the site that need it",
    "FILE",
    is_path=True,
)

#: The options of ``build``, besides those of all artifacts.
BUILD = (OUTPUT, ONLY, VERIFY)

SITES = Option(
    "sites",
    PATH,
    None,
    "build a site from each source that matches, such as 'sites/*.xml', into a folder named after it",
    "PATTERN",
    many=True,
)
JOBS = Option("jobs", POSITIVE, None, "how many sites to build at a time (one for each core)", "N")
#: The options of a build of many sites, which are no options of a site.
MANY = (SITES, JOBS)


def of_builds() -> tuple[Option, ...]:
    """The options of all artifacts, except those that select one file of one, and those of their trials."""
    every = (option for name in ARTIFACTS for option in artifacts.get(name).options)
    return (*{option.name: option for option in every if not option.of_file}.values(), HTTP_CONTEXT)


def given_or_of(site: Site, options: Mapping[str, Any]) -> dict[str, Any]:
    """The given options of artifacts, and for those that are not given (or None) the site file's."""
    known = {option.name for option in of_builds()}
    own = {name: value for name, value in site.options.items() if name in known}
    return {**own, **{name: value for name, value in options.items() if value is not None}}


def of_sites() -> tuple[Option, ...]:
    """All options that a site file may have."""
    return (*SOURCES, *BUILD, *of_builds())
