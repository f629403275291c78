"""``omerogen build``: every artifact into a folder."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.cli import writing
from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome, json_text
from omerogen.model import Location, Problem, collect
from omerogen.sites import building, hooks


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The folder, what to write, and the options of all artifacts."""
    add = parser.add_argument
    add("-o", "--output", metavar="DIR", default="out", help="the folder to write into (out)")
    help_only = "these artifacts alone, divided by spaces or commas"
    add("--only", metavar="ARTIFACT", nargs="+", action="extend", help=help_only)
    writing.arguments(parser)
    add(
        "--verify",
        action="store_true",
        help="validate with the installed programs before anything is replaced",
    )
    add("--format", choices=("text", "json"), default="text", help="how to print what changed (text)")
    add_options(parser, building.all_options())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """Write the files that change, or report how they differ from the generated ones."""
    only = _names(parsed.only or ())
    result = building.build(
        settings(_slips(parsed, only)),
        parsed.output,
        given(parsed, building.all_options()),
        only=only,
        dry_run=writing.is_dry(parsed),
        reload=parsed.reload,
        verify=parsed.verify,
        strict=parsed.strict,
    )
    outcome = writing.outcome(parsed, result)
    if parsed.format == "json":
        text = json_text(result.as_dict())
        return outcome._replace(text=text, is_diff=False)
    return outcome


def _names(given: Iterable[str]) -> list[str]:
    """The names of ``--only a b``, ``--only a,b`` or both, each once."""
    names = (name.strip() for word in given for name in word.split(","))
    return list(dict.fromkeys(filter(None, names)))


def _slips(parsed: argparse.Namespace, only: Iterable[str]) -> list[Problem]:
    """Problems of the command line, whatever the properties are."""
    problems = collect(*(partial(artifacts.get, name) for name in only), partial(hooks.parse, parsed.reload))
    if parsed.only is not None and not only:
        there_are = f"there are: {', '.join(ARTIFACTS)}"
        problems.append(Problem(Location.flag("--only"), "is empty", there_are))
    if not parsed.output:
        problems.append(Problem(Location.flag("--output"), "is empty", "omit it, or give a folder"))
    if parsed.format == "json" and parsed.diff:
        problems.append(Problem(Location.flag("--format", "json"), "has no diffs", "leave out --diff"))
    return problems
