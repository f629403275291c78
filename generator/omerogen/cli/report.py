"""``omerogen report -o report.html``: the site on one page, for a browser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import PurePath

from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome
from omerogen.deploy import write
from omerogen.model import Location, Problem, Severity
from omerogen.sites.options import of_builds
from omerogen.sites.report import ReportResult, report

#: Names that a page may have: a configuration is not overwritten by mistake.
_SUFFIXES = (".html", ".htm")
_STANDARD_OUTPUT = "-"
_NO_COLOURS = "report: Pygments is not installed: no syntax highlighting (pip install 'omerogen[report]')"


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """Where to write, and the options of all artifacts."""
    default = "report.html"
    help_output = f"the page to write, - for standard output ({default})"
    parser.add_argument("-o", "--output", metavar="FILE", default=default, help=help_output)
    add_options(parser, of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """Write the page. Findings are on it, and do not fail the command."""
    read = settings(_slips(parsed.output))
    result = report(read, given(parsed, of_builds()), strict=parsed.strict)
    messages = tuple(_messages(result))
    if parsed.output == _STANDARD_OUTPUT:
        return Outcome(result.html, messages)
    write.write_file(parsed.output, result.html.encode())
    return Outcome(messages=(*messages, parsed.output))


def _slips(output: str) -> list[Problem]:
    if output == _STANDARD_OUTPUT or PurePath(output).suffix.lower() in _SUFFIXES:
        return []
    flag = Location.flag("--output", output)
    return [Problem(flag, "is not the name of a page", f"name it *{' or *'.join(_SUFFIXES)}")]


def _messages(result: ReportResult) -> Iterator[str]:
    if not result.is_coloured:
        yield _NO_COLOURS
    for problems in result.left_out.values():
        yield from (f"{problem} - left out" for problem in problems)
    for name in result.missing:
        yield f"{name}: cannot be made: the page has the reason"
    errors = sum(one.severity is Severity.ERROR for one in result.check.open)
    if errors:
        yield f"report: {errors} {'error' if errors == 1 else 'errors'} among the findings"
