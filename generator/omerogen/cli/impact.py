"""``omerogen impact --set NAME=VALUE…``: the lines that would change, with the property behind each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import SET_FLAG, Problem
from omerogen.sites import options
from omerogen.sites.impact import ImpactResult, impact

_RED, _GREEN, _DIM, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[m"


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """How to print, and the options of all artifacts."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    add_options(parser, options.of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The lines that differ with and without the properties of ``--set``; nothing is written."""
    missing = Problem(SET_FLAG, "is missing", "give what would change: --set NAME=VALUE")
    after = settings([] if parsed.set else [missing])
    result = impact(after.without_place(SET_FLAG), after, given(parsed, options.of_builds()))
    wrong = (f"the site as it is: {problem}" for problem in result.wrong_before)
    messages = (*wrong, *(f"{note} - left out" for note in result.notes))
    if parsed.format == "json":
        return Outcome(json_text(result.as_dict()), messages, result.warnings)
    return Outcome(messages=messages, warnings=result.warnings, render=partial(_text, result))


def _text(result: ImpactResult, width: int, colours: bool) -> str:  # noqa: ARG001 - lines are not wrapped
    return "".join(f"{line}\n" for line in _lines(result, colours=colours)) or "no line would change\n"


def _lines(result: ImpactResult, *, colours: bool) -> Iterator[str]:
    red, green, dim, plain = (_RED, _GREEN, _DIM, _PLAIN) if colours else ("",) * 4
    for path, changes in result.artifacts.items():
        if path in (*result.appearing, *result.disappearing):
            state = "new" if path in result.appearing else "gone"
            yield f"{path}: {state} ({len(changes)} lines)  {dim}[{', '.join(changes[0].properties)}]{plain}"
            continue
        yield path
        for change in changes:
            names = f"  {dim}[{', '.join(change.properties)}]{plain}" if change.properties else ""
            if change.before is not None:
                yield f"{change.line_before:>6} {red}- {printable(change.before)}{plain}{names}"
                names = ""
            if change.after is not None:
                yield f"{change.line:>6} {green}+ {printable(change.after)}{plain}{names}"
