"""``omerogen build`` for many sites: those of a site file, or those whose sources ``--sites`` names."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from omerogen.cli import reading, writing
from omerogen.cli.arguments import fill, wrong
from omerogen.cli.registry import DONE, FOUND, Outcome
from omerogen.fleet import plan, run
from omerogen.fleet.building import Run, SiteResult
from omerogen.fleet.plan import Plan
from omerogen.model import Location, OmerogenError, Problem, UsageError, refuse_warnings
from omerogen.model.option import Option
from omerogen.settings.options import CONFIG
from omerogen.settings.site import SiteFiles
from omerogen.sites import caches
from omerogen.sites.folders import BuildResult
from omerogen.sites.options import JOBS, MANY, SITES

#: More paths than these are counted.
_SHOWN = 5


def outcome(
    parsed: argparse.Namespace, files: SiteFiles, problems: Iterable[Problem], say: Callable[[str], None]
) -> Outcome:
    """The outcome of each site, as they are built. Raises `OmerogenError` for wrong arguments."""
    given = _given(parsed)
    overrides, unset = reading.overrides_of(parsed)
    parsed.site = fill(parsed, files.base.site)
    if problems := [*unset, *problems, *_conflicts(parsed, files), *wrong(parsed)]:
        raise UsageError(dict.fromkeys(problems))
    planned = _plan(parsed, files, given, say)
    refuse_warnings(planned.warnings, strict=parsed.strict)
    for one in planned.warnings:
        say(f"warning: {one}")
    if not parsed.env:
        reading.say_unread_variables(say)
    environ = reading.environ()
    of_run = Run(
        overrides,
        environ,
        environ.get("OMERODIR") or None,
        environ.get("OMERO_CONFIG") or None,
        tuple(parsed.reload),
        dry_run=writing.is_dry(parsed),
        diffs=parsed.diff,
        force=parsed.force,
        records=caches.usual_folder(environ),
        above=tuple(reading.files_set(parsed)),
    )
    results = run.build(planned, of_run, JOBS.parse(parsed.jobs))
    parts = _as_json(parsed, results) if parsed.format == "json" else _as_text(parsed, results)
    return Outcome(parts=parts, total=planned.number)


def _given(parsed: argparse.Namespace) -> dict[str, Any]:
    """The options of the command line, which win over those of each site."""
    options: tuple[Option, ...] = (*parsed.own, *parsed.options)
    values = {option.name: getattr(parsed, option.name) for option in options if option not in MANY}
    return {name: value for name, value in values.items() if value is not None}


def _conflicts(parsed: argparse.Namespace, files: SiteFiles) -> list[Problem]:
    if not (parsed.sites and files.are_several):
        return []
    path = files.base.site.path
    advice = "leave it out to build those, or give --site FILE:NAME or a file without [sites.NAME]"
    return [Problem(Location.flag("--sites"), f"{path} has sites of its own", advice)]


def _plan(
    parsed: argparse.Namespace, files: SiteFiles, given: Mapping[str, Any], say: Callable[[str], None]
) -> Plan:
    common = reading.with_keys(parsed)
    if parsed.sites:
        keys = tuple(getattr(parsed, "keys_of_sites", ()))
        return plan.of_patterns(SITES.parse(parsed.sites), files.one, given, common, keys)
    if CONFIG.name in given:
        return plan.of_file(files, given, common)
    have_none = any(CONFIG.name not in files.every[name].site.options for name in files.base.names)
    usual = [(path, ()) for path in reading.installed_config(say)] if have_none else ()
    return plan.of_file(files, given, usual=usual)


def _as_text(parsed: argparse.Namespace, results: Iterable[SiteResult]) -> Iterator[Outcome]:
    """What is to be said of each site, and the sum at the end."""
    counts = Counter[str]()
    for result in results:
        counts[_state(result)] += 1
        yield _of_site(parsed, result)
    each = (f"{count} {state}" for state, count in counts.items())
    number = sum(counts.values())
    yield Outcome(messages=(f"{number} site{'s' if number > 1 else ''}: {', '.join(each)}",))


def _state(result: SiteResult) -> str:
    """What became of a site, in the words of the sum."""
    if result.failed or result.built is None:
        return "failed"
    if result.built.changes:
        return "different"
    return "built" if result.built.changed or result.built.removed else "up to date"


def _of_site(parsed: argparse.Namespace, result: SiteResult) -> Outcome:
    """The messages about one site, each with its name."""
    built = result.built
    if built is None:
        lines = [*OmerogenError(result.problems).lines(), "not built"]
        return Outcome(messages=_named(result, lines), status=FOUND, is_last=True)
    lines = [*map(str, result.notes), *(f"warning: {warning}" for warning in built.warnings)]
    up_to_date = f"{result.name}: up to date" if _state(result) == "up to date" else ""
    if writing.is_dry(parsed):
        outcome = writing.outcome(parsed, built)
        messages = (*_named(result, lines), *outcome.messages)
        return outcome._replace(
            text="".join(result.diffs.values()),
            messages=messages,
            warnings=(),
            progress=up_to_date,
            is_last=True,
        )
    lines += [*writing.left_out(built), *_written(built), *map(str, built.failures)]
    status = FOUND if built.failures else DONE
    return Outcome(messages=_named(result, lines), status=status, progress=up_to_date, is_last=True)


def _named(result: SiteResult, lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{result.name}: {line}" for line in lines)


def _written(built: BuildResult) -> Iterator[str]:
    """The files that changed: all of them in one line."""
    if built.changed and not built.unchanged:
        yield f"{len(built.changed)} files written to {built.folder}"
    elif built.changed:
        yield f"changed {_some(built.changed)}"
    if built.removed:
        yield f"removed {_some(built.removed)}"
    yield from (f"{path} {writing.EDITED}" for path in built.edited)


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _as_json(parsed: argparse.Namespace, results: Iterable[SiteResult]) -> Iterator[Outcome]:
    """One JSON document, with a line for each site."""
    yield Outcome('{"sites": {')
    separator = "\n"
    for result in results:
        differs = result.built is not None and bool(result.built.changes)
        shown = {**result.as_dict(), **({"differences": dict(result.diffs)} if parsed.diff else {})}
        text = f"{separator}{json.dumps(result.name)}: {json.dumps(shown, ensure_ascii=False)}"
        is_found = result.failed or (parsed.check and differs)
        messages = _named(result, map(str, result.notes))
        yield Outcome(text, messages, status=FOUND if is_found else DONE, is_last=True)
        separator = ",\n"
    yield Outcome("\n}}\n")
