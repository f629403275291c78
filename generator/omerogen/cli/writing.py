"""What ``build`` and ``icegrid`` do with their files: write them, or tell how the folder differs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from functools import partial

from omerogen.cli.registry import DONE, FOUND, Outcome
from omerogen.deploy import write
from omerogen.deploy.write import Difference, Plan
from omerogen.model.errors import Problem, collect
from omerogen.sites import hooks

_LOST = "held what omerogen had not written, which is lost (change the properties; --diff shows it before)"


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


class Target:
    """A folder to write into, and what is to be there."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def plan(self) -> Plan:
        """What it is to hold; asked once nobody else writes there."""
        raise NotImplementedError

    def why(self, found: Difference) -> str:  # noqa: ARG002 - for who knows more
        """Why a file differs; empty if that is not known."""
        return ""

    def lost(self) -> Sequence[str]:
        """The files that were replaced though somebody else had written them."""
        return ()

    def artifacts_of(self, changed: Collection[str]) -> set[str]:
        """The artifacts that these files are of."""
        raise NotImplementedError


def outcome(
    parsed: argparse.Namespace,
    target: Target,
    said: Sequence[object] = (),
    warnings: tuple[Problem, ...] = (),
) -> Outcome:
    """Write the files that change; with ``--check`` or ``--diff`` tell which would, and why."""
    commands = hooks.parse(parsed.reload)
    if parsed.check or parsed.diff:
        differences = write.compare(target.folder, *target.plan())
        told = [_difference(target, found) for found in differences]
        diff = "".join(found.diff for found in differences) if parsed.diff else ""
        status = FOUND if parsed.check and differences else DONE
        return Outcome(diff, (*said, *told), warnings, status, is_diff=True)

    def concerns(path: str) -> bool:
        return any(command.concerns(target.artifacts_of([path])) for command in commands)

    written = write.write_plan(target.folder, target.plan, concerns)
    paths = [os.path.join(target.folder, path) for path in written.paths] or [f"{target.folder}: up to date"]
    paths += [f"{os.path.join(target.folder, path)}: {_LOST}" for path in target.lost()]
    concerned = target.artifacts_of(written.paths)
    failed = [problem for command in commands if command.concerns(concerned) and (problem := command.run())]
    failed += collect(partial(write.told, target.folder, written))
    return Outcome(said=(*said, *paths, *failed), warnings=warnings, status=FOUND if failed else DONE)


def _difference(target: Target, found: Difference) -> str:
    reason = found.remark or target.why(found)
    because = f" ({reason})" if reason else ""
    return f"{os.path.join(target.folder, found.path)}: {found.kind}{because}"
