"""``omerogen check``: what there is to say of the properties, and what the programs say."""

from __future__ import annotations

import argparse
import json

from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import DONE, FOUND, Load, Outcome
from omerogen.rules import checking
from omerogen.sites import building
from omerogen.verify import CONSUMERS, verify


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Whether to ask the programs, and how to print."""
    parser.add_argument(
        "--with-consumers",
        metavar="|".join(CONSUMERS),
        nargs="*",
        help="also ask these programs whether they take what is written, or all that are installed",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    add_options(parser, building.options())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The findings; each program that was asked, or why it was not, is said."""
    read, options = settings(), given(parsed, building.options())
    asked = parsed.with_consumers
    verdicts = [] if asked is None else verify(read, options, asked)
    said: tuple[object, ...] = tuple(verdicts)
    found = checking.findings(read, options, verdicts, strict=parsed.strict)
    if parsed.format == "json":
        described = {
            "findings": [finding.as_dict() for finding in found],
            "consumers": [
                {"consumer": verdict.consumer, "state": verdict.state, "remark": verdict.remark}
                for verdict in verdicts
            ],
        }
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    else:
        text = "".join(f"{finding}\n" for finding in found)
        said = said or (() if found else ("no findings",))  # silence could be a check that was not made
    return Outcome(text, said, status=FOUND if found else DONE)
