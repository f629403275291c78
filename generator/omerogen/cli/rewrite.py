"""``omerogen rewrite``: the grid templates of an installed OMERO, filled in."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Iterable
from functools import partial

from omerogen.cli import writing
from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome
from omerogen.deploy import write
from omerogen.deploy.write import Contents
from omerogen.derive import grid
from omerogen.derive.options import HOST_ROOT
from omerogen.model import Location, Problem, RenderedFile, UsageError, collect, refuse_warnings
from omerogen.sites import folders, hooks

_OPTIONS = (grid.NODE, HOST_ROOT)


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The templates, where to write, and which node and machine it is for."""
    add = parser.add_argument
    add("--templates", metavar="DIR", required=True, help="the templates: OMERODIR/etc/templates")
    add("-o", "--output", metavar="DIR", required=True, help="write all files into this folder: OMERODIR/etc")
    writing.arguments(parser)
    add_options(parser, _OPTIONS)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The files below ``etc``."""
    from omerogen import rewriting

    slips = collect(partial(_check, parsed), partial(hooks.parse, parsed.reload))
    read = settings(slips)
    files, warnings = rewriting.fill(parsed.templates, read, given(parsed, _OPTIONS))
    _refuse_templates(parsed, [file.path for file in files])
    refuse_warnings(warnings, strict=parsed.strict)
    return writing.apply(parsed, _Etc(parsed.output, files), warnings)


def _check(parsed: argparse.Namespace) -> None:
    """Raise the problems of the command line, whatever the properties are."""
    advice = {"--templates": "give OMERODIR/etc/templates", "--output": "give a folder"}
    empty = [flag for flag in advice if not getattr(parsed, flag.removeprefix("--"))]
    if empty:
        raise UsageError(Problem(Location.flag(flag), "is empty", advice[flag]) for flag in empty)


class _Etc(folders.Target):
    """The folder ``etc`` of an installed OMERO, where files keep the modes that they have."""

    def contents(self) -> Contents:
        return list(map(self._with_its_mode, self.files)), ()

    def _with_its_mode(self, file: RenderedFile) -> RenderedFile:
        """The mode of the file, or of its template; never wider than allowed."""
        present = write.status(self.folder, file.path)
        mode = file.mode if present is None else stat.S_IMODE(present.st_mode)
        opened = file.private and (mode or 0) & stat.S_IRWXO
        return file._replace(mode=None if opened else mode)


def _refuse_templates(parsed: argparse.Namespace, paths: Iterable[str]) -> None:
    """Refuse to write into a template, by whatever links: it could not be filled in again."""
    templates = {_real(parsed.templates, path) for path in paths}
    advice = "give the folder above the templates, OMERODIR/etc, as a separate copy"
    problems = [
        Problem(Location.file(os.path.join(parsed.output, path)), "is a template itself", advice)
        for path in paths
        if _real(parsed.output, path) in templates
    ]
    if problems:
        raise UsageError(problems)


def _real(folder: str, path: str) -> str:
    """Where a path leads to in the end."""
    try:
        return os.path.realpath(os.path.join(folder, path))
    except OSError:  # the working folder has been removed, so that nothing can be written either
        return os.path.join(folder, path)
