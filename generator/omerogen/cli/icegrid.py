"""``omerogen icegrid``: the application of a whole server, printed or with its nodes' files in a folder."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from omerogen import artifacts
from omerogen.cli import artifact, writing
from omerogen.cli.arguments import given
from omerogen.cli.registry import Load, Outcome
from omerogen.deploy.write import Contents
from omerogen.model import ArtifactError, Location, SourceError, UsageError, collect, refuse_warnings
from omerogen.sites import building, folders, hooks
from omerogen.sources import file_and_status

#: Files below the ``etc`` of an installed OMERO.
_SHIPPED = "templates/grid/templates.xml"


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's options, and where to write."""
    artifact.arguments(parser, name)
    parser.add_argument("-o", "--output", metavar="DIR", help="write all files into this folder")
    writing.arguments(parser)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The application's text, or the files of a folder."""
    slips = collect(partial(_check, parsed), partial(hooks.parse, parsed.reload))
    read = settings(slips)
    if parsed.output is None:
        return artifact.run(parsed, lambda *_: read)
    files, notes = building.render(read, given(parsed, artifacts.get("icegrid").options), ["icegrid"])
    if notes:
        raise ArtifactError(notes)
    warnings = tuple(dict.fromkeys(warning for file in files for warning in file.warnings))
    refuse_warnings(warnings, strict=parsed.strict)
    below = [file._replace(path=file.path.removeprefix("icegrid/")) for file in files]
    return writing.apply(parsed, _Grid(parsed.output, below), warnings)


def _check(parsed: argparse.Namespace) -> None:
    """Raise the problems of the command line, whatever the properties are."""
    if parsed.output is None:
        for name in ("check", "diff", "reload"):
            if getattr(parsed, name):
                flag, advice = Location.flag(f"--{name}"), "add -o DIR, such as OMERODIR/etc"
                raise UsageError.at(flag, "needs a folder", advice)
    elif not parsed.output:
        raise UsageError.at(Location.flag("--output"), "is empty", "give a folder")
    elif parsed.file is not None:
        advice = "leave out -o, or --file"
        raise UsageError.at(Location.flag("--file"), "is for standard output", advice)
    elif os.path.exists(os.path.join(parsed.output, _SHIPPED)):
        templates = os.path.join(parsed.output, "templates")
        advice = f"omerogen rewrite --templates {templates} -o {parsed.output}, or give another folder"
        flag = Location.flag("-o", parsed.output)
        raise UsageError.at(flag, "is the etc of an installed OMERO", advice)


class _Grid(folders.Target):
    """A folder for the files of the one artifact."""

    def contents(self) -> Contents:
        kept = {file.path for file in self.files}
        return self.files, [path for path in self._nodes() if path not in kept]

    def _nodes(self) -> Iterator[str]:
        """The configurations of nodes that are there and ours, by their first line."""
        for path in sorted(Path(self.folder, "nodes").glob("*.cfg")):
            with contextlib.suppress(SourceError):
                if file_and_status(str(path))[0].startswith(b"# Written by omerogen."):
                    yield f"nodes/{path.name}"
