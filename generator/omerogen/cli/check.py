"""``omerogen check``: findings on the properties, and what the programs say."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from typing import Any

from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import DONE, FOUND, Load, Outcome
from omerogen.model import Location, Problem, Severity, UsageError
from omerogen.rules import registry
from omerogen.sites import checking, findings
from omerogen.sites.options import of_builds
from omerogen.verify import PROGRAMS

_SEVERITIES = [severity.value for severity in Severity]


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Which programs validate, which findings count, and the output format."""
    add = parser.add_argument
    add(
        "--with-consumers",
        metavar="|".join(PROGRAMS),
        nargs="*",
        help="also validate with these programs, or with all that are installed",
    )
    add(
        "--fail-on",
        choices=_SEVERITIES,
        default="error",
        help="exit 1 for a finding of this severity (error)",
    )
    several: dict[str, Any] = {"metavar": "RULE", "nargs": "+", "action": "extend", "default": []}
    add("--select", **several, help="these rules or groups of rules alone")
    add("--ignore", **several, help="all but these rules or groups of rules")
    add("--explain", metavar="RULE", help="print the page of a rule or a group, and check nothing")
    formats = ("text", *findings.FORMATS)
    add("--format", choices=formats, default=formats[0], help=f"how to print it ({formats[0]})")
    add_options(parser, of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The findings, and the result of each program, or the reason it was not run."""
    parsed.select, parsed.ignore = map(_divided, (parsed.select, parsed.ignore))
    _refuse_unknown(parsed)
    if parsed.explain is not None:
        return Outcome(findings.page(parsed.explain))
    read = settings()
    result = checking.check(
        read,
        given(parsed, of_builds()),
        parsed.with_consumers,
        selected=parsed.select,
        ignored=parsed.ignore,
    )
    status = FOUND if result.fails(Severity("warning" if parsed.strict else parsed.fail_on)) else DONE
    if parsed.format in findings.FORMATS:
        return Outcome(findings.FORMATS[parsed.format](result), result.programs, status=status)
    waived = tuple(
        f"waived: {found} [{found.rule}: {result.waived[found.rule]}]"
        for found in result.findings
        if found.rule in result.waived
    )
    render = partial(findings.text, result, read)
    return Outcome(messages=(*result.programs, *waived), status=status, render=render)


def _divided(given: Iterable[str]) -> list[str]:
    """The names, also those that commas divide, as other linters have it."""
    return [name for word in given for name in map(str.strip, word.split(",")) if name]


def _refuse_unknown(parsed: argparse.Namespace) -> None:
    """Raise `UsageError` for names that no rule or group has."""
    explained = [] if parsed.explain is None else [parsed.explain]
    named = {"--select": parsed.select, "--ignore": parsed.ignore, "--explain": explained}
    known = {*registry.rules(), *registry.groups()}
    problems = [
        Problem(Location.flag(flag, name), "is neither a rule nor a group", _near(name, known))
        for flag, names in named.items()
        for name in names
        if name not in known
    ]
    if problems:
        raise UsageError(problems)


def _near(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), 1)
    return f"did you mean {close[0]}?" if close else "docs/rules.md lists them"
