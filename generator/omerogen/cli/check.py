"""``omerogen check``: findings on the properties, and what the programs say."""

from __future__ import annotations

import argparse

from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import DONE, FOUND, Load, Outcome, json_text
from omerogen.sites import checking
from omerogen.sites.options import of_builds
from omerogen.verify import PROGRAMS


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Which programs validate, and the output format."""
    parser.add_argument(
        "--with-consumers",
        metavar="|".join(PROGRAMS),
        nargs="*",
        help="also validate with these programs, or with all that are installed",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    add_options(parser, of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The findings, and the result of each program, or the reason it was not run."""
    options = given(parsed, of_builds())
    result = checking.check(settings(), options, parsed.with_consumers, strict=parsed.strict)
    status = FOUND if result.open else DONE
    if parsed.format == "json":
        text = json_text(result.as_dict())
        return Outcome(text, result.programs, status=status)
    text = "".join(f"{found.severity.value}: {found} [{found.rule}]\n" for found in result.open)
    waived = tuple(
        f"waived: {found} [{found.rule}: {result.waived[found.rule]}]"
        for found in result.findings
        if found.rule in result.waived
    )
    # Silence could be a check that was not made.
    nothing = () if result.programs or result.open else ("no findings",)
    return Outcome(text, (*result.programs, *waived, *nothing), status=status)
