"""``omerogen build``: every artifact into a folder."""

from __future__ import annotations

import argparse
import os

from omerogen import build, write
from omerogen.artifacts import ARTIFACTS
from omerogen.commands import DONE, FOUND, Load, Outcome, refuse_warnings
from omerogen.commands.options import add_options, given
from omerogen.errors import ArtifactError, Problem, UsageError
from omerogen.settings import Settings


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The folder, what to write, and the options of all artifacts."""
    add = parser.add_argument
    add("-o", "--output", metavar="DIR", default="out", help="the folder to write into (out)")
    add("--only", metavar="ARTIFACT,…", help="these artifacts alone")
    add("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    add("--diff", action="store_true", help="write nothing; show how files differ")
    add(
        "--verify",
        action="store_true",
        help="ask the programs that are installed before anything is replaced",
    )
    add_options(parser, build.options())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """Write the files that change, or tell how they differ from what would be written."""
    only = list(dict.fromkeys(name.strip() for name in (parsed.only or "").split(",") if name.strip()))
    if parsed.only is not None and not only:
        raise UsageError(Problem("--only", "names no artifact", f"there are: {', '.join(ARTIFACTS)}"))
    if not parsed.output:
        raise UsageError(Problem("--output", "names no folder", "leave it out, or give a folder"))
    read = settings()
    manifest = build.read_manifest(parsed.output) if only else {}
    built = build.build(read, given(parsed, build.options()), only, manifest)
    refuse_warnings(built.warnings, strict=parsed.strict)
    left_out = [f"{note} - left out" for note in built.notes]
    if parsed.verify:
        left_out += _verified(parsed, read, only)
    if not (parsed.check or parsed.diff):
        changed = write.write(parsed.output, built.outputs, built.left_out)
        paths = [os.path.join(parsed.output, path) for path in changed]
        return Outcome(
            said=(*left_out, *(paths or [f"{parsed.output}: up to date"])), warnings=built.warnings
        )
    differences = write.compare(parsed.output, built.outputs, built.left_out)
    told = [f"{os.path.join(parsed.output, found.path)}: {found.kind}" for found in differences]
    diff = "".join(found.diff for found in differences) if parsed.diff else ""
    status = FOUND if parsed.check and differences else DONE
    return Outcome(diff, (*left_out, *told), built.warnings, status)


def _verified(parsed: argparse.Namespace, settings: Settings, only: list[str]) -> list[str]:
    """Ask the programs that read what is built; what each said. `ArtifactError` if one refuses."""
    from omerogen import consumers

    verdicts = consumers.verify(settings, given(parsed, build.options()), consumers.readers_of(only))
    if problems := [problem for verdict in verdicts for problem in verdict.problems]:
        raise ArtifactError(problems)
    return list(map(str, verdicts))
