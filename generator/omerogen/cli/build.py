"""``omerogen build``: every artifact into a folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.cli import reading, writing
from omerogen.cli.arguments import add_options, add_own, given
from omerogen.cli.registry import Load, Outcome, json_text
from omerogen.derive.host import Host
from omerogen.model import Location, Problem, collect, file_reads, unique
from omerogen.model.file_reads import FileReads
from omerogen.settings import Settings
from omerogen.settings.site import SiteFiles
from omerogen.sites import building, caches, hooks, options, records
from omerogen.sites.folders import BuildResult


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The folder, what to write, and the options of all artifacts."""
    add_own(parser, (*options.BUILD, *options.MANY))
    writing.arguments(parser)
    parser.add_argument("--force", action="store_true", help="replace files that omerogen did not write")
    help_format = "how to print what changed (text)"
    parser.add_argument("--format", choices=("text", "json"), default="text", help=help_format)
    add_options(parser, options.of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """Write the files that change, or report how they differ from the generated ones."""
    only = _names(parsed.only or ())
    slips = _slips(parsed, only)
    if parsed.jobs is not None:
        slips.append(Problem(Location.flag("--jobs"), "has no effect on one site", "leave it out"))
    with file_reads.noting() as reads:
        read = settings(slips)
        result = _built(parsed, read, only, reads)
    outcome = writing.outcome(parsed, result)
    if parsed.format == "json":
        warnings = unique([*read.warnings, *result.every_warning])
        shown = {**result.as_dict(), "warnings": [*map(str, warnings)]}
        if parsed.diff:
            shown["differences"] = {change.path: result.shown(change) for change in result.changes}
        written = not writing.is_dry(parsed)
        return outcome._replace(text=json_text(shown), is_diff=False, has_written=written)
    return outcome


def _built(
    parsed: argparse.Namespace, settings: Settings, only: Sequence[str], reads: FileReads
) -> BuildResult:
    """The result of a build; of one that would change nothing it may be known without rendering."""
    values, folder, key = given(parsed, options.of_builds()), parsed.output, ""
    host = Host.of(values)
    kept = None if parsed.verify else caches.usual_folder(reading.environ())
    record = records.find(kept, folder) if kept else None
    if record:
        key = records.key(caches.code(), settings.given, values, only, parsed.strict, parsed.force)
    if record and (known := record.read()) and known.is_of(key, folder, host):
        return known.built(folder)
    built = building.build(
        settings,
        folder,
        values,
        only=only,
        dry_run=writing.is_dry(parsed),
        reload=parsed.reload or settings.site.reload,
        verify=parsed.verify,
        strict=parsed.strict,
        force=parsed.force,
        host=host,
    )
    if record and not writing.is_dry(parsed) and not built.failures:
        record.write(key, reads, host, built)
    return built


def run_all(parsed: argparse.Namespace, files: SiteFiles, say: Callable[[str], None]) -> Outcome:
    """The same for all sites of a site file, or of ``--sites``."""
    from omerogen.cli import several

    only = _names(parsed.only or ())
    slips = _slips(parsed, only)
    parsed.only = only or None  # as a site file has it
    return several.outcome(parsed, files, slips, say)


def _names(given: Iterable[str]) -> list[str]:
    """The names of ``--only a b``, ``--only a,b`` or both, each once."""
    names = (name.strip() for word in given for name in word.split(","))
    return list(dict.fromkeys(filter(None, names)))


def _slips(parsed: argparse.Namespace, only: Iterable[str]) -> list[Problem]:
    """Problems of the command line, whatever the properties are."""
    problems = collect(*(partial(artifacts.get, name) for name in only), partial(hooks.parse, parsed.reload))
    if parsed.only and not only:
        there_are = f"there are: {', '.join(ARTIFACTS)}"
        problems.append(Problem(Location.flag("--only"), "is empty", there_are))
    if parsed.output == "":
        problems.append(Problem(Location.flag("--output"), "is empty", "omit it, or give a folder"))
    return problems
