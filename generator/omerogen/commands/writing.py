"""What ``build`` and ``icegrid`` do with their files: write them, or tell how the folder differs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Sequence

from omerogen import reload, write
from omerogen.commands import DONE, FOUND, Outcome
from omerogen.errors import Problem
from omerogen.write import Difference, Output


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


def outcome(
    parsed: argparse.Namespace,
    outputs: Sequence[Output],
    left_out: Sequence[str] = (),
    *,
    said: Sequence[object] = (),
    warnings: Sequence[Problem] = (),
    why: Callable[[Difference], str] = lambda found: "",
    artifacts_of: Callable[[Iterable[str]], set[str]],
) -> Outcome:
    """Write the files that change below ``--output``; with ``--check`` or ``--diff`` tell what would.

    ``why`` a file differs, and which ``artifacts_of`` changed files are, is for the caller to know.
    """
    folder = parsed.output
    commands = reload.parse(parsed.reload)
    if parsed.check or parsed.diff:
        differences = write.compare(folder, outputs, left_out)
        told = [_difference(folder, found, why(found)) for found in differences]
        diff = "".join(found.diff for found in differences) if parsed.diff else ""
        status = FOUND if parsed.check and differences else DONE
        return Outcome(diff, (*said, *told), tuple(warnings), status, is_diff=True)
    changed = write.write(folder, outputs, left_out)
    paths = [os.path.join(folder, path) for path in changed] or [f"{folder}: up to date"]
    concerned = artifacts_of(changed)
    failed = [problem for command in commands if command.concerns(concerned) and (problem := command.run())]
    return Outcome(said=(*said, *paths, *failed), warnings=tuple(warnings), status=FOUND if failed else DONE)


def _difference(folder: str, found: Difference, reason: str) -> str:
    because = f" ({reason})" if reason else ""
    return f"{os.path.join(folder, found.path)}: {found.kind}{because}"
