"""What ``build`` and ``icegrid`` do with their files: write them, or tell how the folder differs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from omerogen import write
from omerogen.commands import DONE, FOUND, Outcome
from omerogen.errors import Problem
from omerogen.write import Output


def arguments(parser: argparse.ArgumentParser) -> None:
    """Two ways to look before anything is written."""
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    parser.add_argument("--diff", action="store_true", help="write nothing; show how files differ")


def outcome(
    parsed: argparse.Namespace,
    outputs: Sequence[Output],
    left_out: Sequence[str] = (),
    said: Sequence[object] = (),
    warnings: Sequence[Problem] = (),
) -> Outcome:
    """Write the files that change below ``--output``; with ``--check`` or ``--diff`` tell what would."""
    folder = parsed.output
    if not (parsed.check or parsed.diff):
        changed = write.write(folder, outputs, left_out)
        paths = [os.path.join(folder, path) for path in changed]
        return Outcome(said=(*said, *(paths or [f"{folder}: up to date"])), warnings=tuple(warnings))
    differences = write.compare(folder, outputs, left_out)
    told = [f"{os.path.join(folder, found.path)}: {found.kind}" for found in differences]
    diff = "".join(found.diff for found in differences) if parsed.diff else ""
    status = FOUND if parsed.check and differences else DONE
    return Outcome(diff, (*said, *told), tuple(warnings), status)
