"""``omerogen icegrid``: the application of a server, or the templates of an installed OMERO filled in."""

from __future__ import annotations

import argparse
import contextlib
import os
import stat
from collections.abc import Iterable

from omerogen import artifacts
from omerogen.commands import Load, Outcome, artifact, refuse_warnings, writing
from omerogen.commands.options import given
from omerogen.errors import ArtifactError, Problem, UsageError
from omerogen.write import Output


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's options, where to write, and what to fill in."""
    artifact.arguments(parser, name)
    parser.add_argument("-o", "--output", metavar="DIR", help="write all files into this folder")
    parser.add_argument(
        "--templates", metavar="DIR", help="fill in the templates of an OMERO: OMERODIR/etc/templates"
    )
    writing.arguments(parser)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The application's text, or the files of a folder."""
    if parsed.output is None:
        needed = [flag for flag in ("templates", "check", "diff") if getattr(parsed, flag)]
        if needed:
            raise UsageError(Problem(f"--{needed[0]}", "needs a folder", "add -o DIR, such as OMERODIR/etc"))
        return artifact.run(parsed, settings)
    if not parsed.output:
        raise UsageError(Problem("--output", "names no folder", "give a folder"))
    if parsed.file is not None:
        raise UsageError(Problem("--file", "is for standard output", "leave out -o, or --file"))
    options = given(parsed, artifacts.get("icegrid").options)
    if parsed.templates is not None:
        return _fill_in(parsed, settings, options)
    from omerogen import build, manifest

    built = build.build(settings(), options, only=["icegrid"])
    if built.notes:
        raise ArtifactError(built.notes)
    refuse_warnings(built.warnings, strict=parsed.strict)
    files = [
        output._replace(path=output.path.removeprefix("icegrid/"))
        for output in built.outputs
        if output.path != manifest.NAME
    ]
    return writing.outcome(parsed, files, warnings=built.warnings, artifacts_of=_icegrid)


def _fill_in(parsed: argparse.Namespace, settings: Load, options: dict[str, object]) -> Outcome:
    """The templates of an installed OMERO, filled in below its ``etc``."""
    from omerogen import installed

    if os.path.realpath(parsed.output) == os.path.realpath(parsed.templates):
        advice = "give the folder above it, OMERODIR/etc"
        raise UsageError(Problem("--output", "is the folder of the templates", advice))
    filled = installed.fill(parsed.templates, settings(), options)
    refuse_warnings(filled.warnings, strict=parsed.strict)
    outputs = [_with_its_mode(parsed.output, output) for output in filled.outputs]
    return writing.outcome(parsed, outputs, warnings=filled.warnings, artifacts_of=_icegrid)


def _with_its_mode(folder: str, output: Output) -> Output:
    """A file with secrets, for the group that may read it already; if all may, for its owner alone."""
    if not output.private:
        return output
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        mode = stat.S_IMODE(os.stat(os.path.join(folder, output.path)).st_mode)
        return output if mode & stat.S_IRWXO else output._replace(mode=mode)
    return output


def _icegrid(changed: Iterable[str]) -> set[str]:
    """Every file here is of the one artifact."""
    return {"icegrid"} if any(changed) else set()
