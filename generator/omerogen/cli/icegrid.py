"""``omerogen icegrid``: the application of a server, or the templates of an installed OMERO filled in."""

from __future__ import annotations

import argparse
import contextlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from functools import partial
from pathlib import Path

from omerogen import artifacts
from omerogen.cli import artifact, writing
from omerogen.cli.arguments import given
from omerogen.cli.registry import Load, Outcome, refuse_warnings
from omerogen.deploy import write
from omerogen.deploy.write import Output, Plan
from omerogen.model.errors import ArtifactError, Problem, SourceError, UsageError, collect
from omerogen.settings.settings import Settings
from omerogen.sites import hooks
from omerogen.sources import file_bytes

#: What an installed OMERO has below its ``etc``.
_SHIPPED = "templates/grid/templates.xml"


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
    read = settings(collect(partial(_check, parsed), partial(hooks.parse, parsed.reload)))
    if parsed.output is None:
        return artifact.run(parsed, lambda *_: read)
    options = given(parsed, artifacts.get("icegrid").options)
    if parsed.templates is not None:
        return _fill_in(parsed, read, options)
    from omerogen.sites import building

    built = building.build(read, options, only=["icegrid"])
    if built.notes:
        raise ArtifactError(built.notes)
    refuse_warnings(built.warnings, strict=parsed.strict)
    files = [output._replace(path=output.path.removeprefix("icegrid/")) for output in built.outputs]
    return writing.outcome(parsed, _Grid(parsed.output, files), warnings=built.warnings)


def _check(parsed: argparse.Namespace) -> None:
    """Raise what is wrong with the command, whatever the properties are."""
    if parsed.output is None:
        for flag in ("templates", "check", "diff", "reload"):
            if getattr(parsed, flag):
                raise UsageError(Problem(f"--{flag}", "needs a folder", "add -o DIR, such as OMERODIR/etc"))
    elif not parsed.output:
        raise UsageError(Problem("--output", "names no folder", "give a folder"))
    elif parsed.templates == "":
        raise UsageError(Problem("--templates", "names no folder", "give OMERODIR/etc/templates"))
    elif parsed.file is not None:
        raise UsageError(Problem("--file", "is for standard output", "leave out -o, or --file"))
    elif parsed.templates is None and os.path.exists(os.path.join(parsed.output, _SHIPPED)):
        advice = f"add --templates {os.path.join(parsed.output, 'templates')}, or give another folder"
        raise UsageError(Problem(f"-o {parsed.output}", "is the etc of an installed OMERO", advice))


class _Grid(writing.Target):
    """A folder for the files of the one artifact."""

    def __init__(self, folder: str, outputs: Iterable[Output]) -> None:
        super().__init__(folder)
        self._outputs = tuple(outputs)

    def plan(self) -> Plan:
        kept = {output.path for output in self._outputs}
        return Plan(self._outputs, tuple(path for path in self._nodes() if path not in kept))

    def _nodes(self) -> Iterator[str]:
        """The configurations of nodes that are there and ours, by their first line."""
        for path in sorted(Path(self.folder, "nodes").glob("*.cfg")):
            with contextlib.suppress(SourceError):
                if file_bytes(str(path)).startswith(b"# Written by omerogen."):
                    yield f"nodes/{path.name}"

    def artifacts_of(self, changed: Collection[str]) -> set[str]:
        return {"icegrid"} if changed else set()


class _Installed(_Grid):
    """The folder ``etc`` of an installed OMERO, where files keep the modes that they have."""

    def plan(self) -> Plan:
        return Plan(tuple(map(self._with_its_mode, self._outputs)))

    def _with_its_mode(self, output: Output) -> Output:
        """The mode that the file has, or its template; but not for all to read what is not for all."""
        present = write.status(self.folder, output.path)
        mode = output.mode if present is None else stat.S_IMODE(present.st_mode)
        opened = output.private and (mode or 0) & stat.S_IRWXO
        return output._replace(mode=None if opened else mode)


def _fill_in(parsed: argparse.Namespace, settings: Settings, options: dict[str, object]) -> Outcome:
    """The templates of an installed OMERO, filled in below its ``etc``."""
    from omerogen import rewriting

    filled = rewriting.fill(parsed.templates, settings, options)
    _refuse_templates(parsed, [output.path for output in filled.outputs])
    refuse_warnings(filled.warnings, strict=parsed.strict)
    return writing.outcome(parsed, _Installed(parsed.output, filled.outputs), warnings=filled.warnings)


def _refuse_templates(parsed: argparse.Namespace, paths: Iterable[str]) -> None:
    """Refuse to write into a template, by whatever links: it could not be filled in again."""
    templates = {_real(parsed.templates, path) for path in paths}
    advice = "give the folder above the templates, OMERODIR/etc, with files of its own"
    problems = [
        Problem(os.path.join(parsed.output, path), "is a template itself", advice)
        for path in paths
        if _real(parsed.output, path) in templates
    ]
    if problems:
        raise UsageError(problems)


def _real(folder: str, path: str) -> str:
    """Where a path leads to in the end."""
    try:
        return os.path.realpath(os.path.join(folder, path))
    except OSError:  # there is no working folder any more, so that nothing can be written either
        return os.path.join(folder, path)
