"""The report of a site: its findings, properties, sources and files on one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS, rendering
from omerogen.derive.host import Host
from omerogen.model import (
    Line,
    NotApplicable,
    OmerogenError,
    Problem,
    RenderedFile,
    Severity,
    as_error,
)
from omerogen.model.version import __version__
from omerogen.reporting import drawing, highlight, page
from omerogen.settings import Settings
from omerogen.sites import checking, origins
from omerogen.sites.checking import CheckResult
from omerogen.sites.report_files import Files
from omerogen.sites.report_properties import Properties

#: So many sources are in the title.
_FEW = 3


class ReportResult(NamedTuple):
    """The report: ``html`` is the page.

    - ``check``: the findings on it.
    - ``files``: the paths of the files on it; ``missing``: the problems of artifacts that cannot be made, by
      name; ``left_out``: why others do not apply.
    - ``is_coloured``: whether Pygments is installed, which colours the syntax.
    """

    html: str
    check: CheckResult
    files: tuple[str, ...]
    missing: Mapping[str, tuple[Problem, ...]]
    left_out: Mapping[str, tuple[Problem, ...]]
    is_coloured: bool


class Made(NamedTuple):
    """An artifact: its traced files with their public lines, or why there are none."""

    files: tuple[tuple[RenderedFile, tuple[Line, ...]], ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()


def report(settings: Settings, options: Mapping[str, Any], *, strict: bool = False) -> ReportResult:
    """The report of a site; ``options`` are those of ``build``. With ``strict`` warnings are errors.

    A value that is refused, or an artifact that cannot be made, is a part of it. Raises `UsageError` for
    invalid options.
    """
    check = checking.check(settings, options)
    if strict:
        found = [as_error(one) if one.severity is Severity.WARNING else one for one in check.findings]
        found.sort(key=lambda one: list(Severity).index(one.severity))
        check = check._replace(findings=tuple(found))
    host = Host.of(options)
    made = {name: _made(name, settings, options, host) for name in ARTIFACTS}
    is_coloured = highlight.is_installed()
    names = _names(settings, check, made.values())
    properties = Properties(settings, check, names)
    files = Files(settings, options, host, properties, is_coloured=is_coloured)
    rows = tuple(
        page.ArtifactRow(
            f"a{place}",
            name,
            ARTIFACTS[name],
            tuple(files.row(file, lines) for file, lines in one.files),
            tuple(highlight.visible(str(problem)) for problem in one.problems),
            tuple(highlight.visible(str(problem)) for problem in one.left_out),
        )
        for place, (name, one) in enumerate(made.items())
    )
    shown, no_drawing = _drawing(settings, options, host)
    is_set, others = properties.rows(files.reached)
    missing = {name: one.problems for name, one in made.items() if one.problems}
    left_out = {name: one.left_out for name, one in made.items() if one.left_out}
    paths = tuple(file.path for one in made.values() for file, _ in one.files)
    whole = page.Page(
        _title(settings, properties.layers),
        __version__,
        highlight.visible(f"{settings.omerodir} ({settings.omerodir_origin})"),
        tuple(_counts(check, len(is_set), len(paths), len(missing))),
        properties.findings,
        properties.layers,
        shown,
        no_drawing,
        is_set,
        others,
        rows,
        tuple(files.inputs),
        tuple(files.templates),
    )
    return ReportResult(page.text(whole), check, paths, missing, left_out, is_coloured)


def _title(settings: Settings, layers: Sequence[page.Layer]) -> str:
    """What the page is about: the site of a site file, or the sources from the highest."""
    sources = [layer.name for layer in reversed(layers[1:])]
    more = f" and {len(sources) - _FEW} more" if len(sources) > _FEW else ""
    named = highlight.visible(settings.site.name or settings.site.path)
    return named or ", ".join(sources[:_FEW]) + more or "defaults"


def _made(name: str, settings: Settings, options: Mapping[str, Any], host: Host) -> Made:
    """An artifact, of which one file that cannot be made takes the others along."""
    try:
        files = tuple(rendering.files(name, settings, options, host, traced=True))
    except NotApplicable as reason:
        return Made(left_out=reason.problems)
    except OmerogenError as error:
        return Made(problems=error.errors)
    shown = (origins.public_lines(settings, file, origins.again(file, host)) for file in files)
    return Made(tuple(zip(files, shown, strict=True)))


def _names(settings: Settings, check: CheckResult, made: Iterable[Made]) -> set[str]:
    """The names of properties that are not in the catalog, or not listed there, and are on the page."""
    found = {name for finding in check.findings for name in finding.properties}
    lines = (line for one in made for file, _ in one.files for line in file.lines)
    found |= {read.name for line in lines for read in line.inputs if read.kind.value == "property"}
    return found | {entry.property.name for entry in settings.entries()}


def _drawing(
    settings: Settings, options: Mapping[str, Any], host: Host
) -> tuple[drawing.Drawing | None, tuple[str, ...]]:
    """The drawing of the heaps, or why there is none."""
    try:
        site = rendering.context("jvm", settings, artifacts.get("jvm").own(options), host=host)
        return (drawing.drawing(site), ()) if site.jvms else (None, ("this node does not run a JVM",))
    except OmerogenError as error:
        return None, tuple(highlight.visible(str(problem)) for problem in error.errors)


def _counts(check: CheckResult, is_set: int, files: int, missing: int) -> Iterator[tuple[str, str]]:
    """What is on the page: a number, and what it counts."""
    by_severity = [one.severity for one in check.open]
    for severity in Severity:
        count = by_severity.count(severity)
        yield str(count), severity.value if count == 1 else f"{severity.value}s"
    if waived := len(check.findings) - len(check.open):
        yield str(waived), "waived"
    yield str(is_set), "property set" if is_set == 1 else "properties set"
    yield str(files), "file" if files == 1 else "files"
    if missing:
        yield str(missing), "artifact cannot be made" if missing == 1 else "artifacts cannot be made"
