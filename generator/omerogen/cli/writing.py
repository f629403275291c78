"""Shared by ``build``, ``icegrid -o`` and ``rewrite``: arguments, and the printing of results."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from omerogen.cli.registry import DONE, FOUND, Outcome
from omerogen.model import Location, Problem
from omerogen.sites import folders, hooks
from omerogen.sites.folders import BuildResult
from omerogen.sites.hooks import Hook

EDITED = "had been edited by hand; the edits were overwritten (change the properties; --diff shows it before)"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two ways to look before anything is written, and what to do afterwards."""
    add = parser.add_argument
    add("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    add("--diff", action="store_true", help="write nothing; show how files differ")
    add(
        "--reload",
        metavar="[ARTIFACT=]CMD",
        action="append",
        default=[],
        help="run this shell command if a file changed, of that artifact or of any; again for more",
    )


def is_dry(parsed: argparse.Namespace) -> bool:
    """Whether nothing is to be written."""
    return bool(parsed.check or parsed.diff)


def apply(parsed: argparse.Namespace, target: folders.Target, warnings: tuple[Problem, ...]) -> Outcome:
    """Write or compare the files of a folder."""
    result = folders.compare(target) if is_dry(parsed) else folders.apply(target, hooks.parse(parsed.reload))
    return outcome(parsed, result._replace(warnings=warnings))


def outcome(parsed: argparse.Namespace, result: BuildResult) -> Outcome:
    """The files that changed, or with ``--check`` or ``--diff`` would change, and why."""
    said = left_out(result)
    if is_dry(parsed):
        diff = "".join(map(result.shown, result.changes)) if parsed.diff else ""
        status = FOUND if parsed.check and result.changes else DONE
        due = _due(result, hooks.parse(parsed.reload))
        return Outcome(diff, (*said, *_differences(result), *due), result.warnings, status, is_diff=True)
    status = FOUND if result.failures else DONE
    return Outcome(
        messages=(*said, *_written(result), *result.failures), warnings=result.warnings, status=status
    )


def left_out(result: BuildResult) -> tuple[str, ...]:
    """Artifacts that do not apply to the site, and what the programs said."""
    return (*(f"{note} - left out" for note in result.notes), *map(str, result.programs))


def _differences(result: BuildResult) -> Iterator[str]:
    for change in result.changes:
        reason = result.reasons.get(change.path)
        because = f" ({reason})" if reason else ""
        yield f"{os.path.join(result.folder, change.path)}: {change.kind}{because}"
    if result.pending:
        message = f"commands for {', '.join(result.pending)} have failed, or did not run"
        yield str(Problem(Location.file(result.folder), message, "the next build with --reload runs them"))


def _due(result: BuildResult, given: Iterable[Hook]) -> Iterator[str]:
    """The commands of ``--reload`` that a build would run."""
    for hook in given:
        if hook.concerns(result.due):
            yield f"{Location.flag('--reload', hook.artifact)}: would be run"


def _written(result: BuildResult) -> Iterator[str]:
    paths = sorted((*result.changed, *result.removed))
    for path in paths:
        yield os.path.join(result.folder, path) + (": removed" if path in result.removed else "")
    if not paths:
        yield f"{result.folder}: up to date"
    yield from (f"{os.path.join(result.folder, path)}: {EDITED}" for path in result.edited)
