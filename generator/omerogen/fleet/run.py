"""Builds all sites of a plan, in several processes."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from omerogen.fleet import plan
from omerogen.fleet.building import Builder, Run, SiteResult
from omerogen.fleet.plan import Plan
from omerogen.fleet.records import usual_folder
from omerogen.fleet.workers import Pool
from omerogen.model import Location, OmerogenError, Problem, UsageError
from omerogen.settings.options import ENV, SOURCES
from omerogen.settings.site import NO_SITES
from omerogen.sites import building, loading
from omerogen.sites.options import BUILD


def usual_jobs() -> int:
    """How many processes build sites if nothing else is said: one for each core that this one may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def build_sites(
    patterns: Sequence[str],
    site: str | None,
    options: Mapping[str, Any],
    *,
    overrides: Mapping[str, Any],
    environ: Mapping[str, str] | None,
    keys: tuple[str, ...],
    jobs: int | None,
    dry_run: bool,
    reload: tuple[str, ...],
    force: bool,
) -> Iterator[SiteResult]:
    """The results for the sites that the ``patterns`` match, or for those of a site file."""
    building.refuse_unknown(options.keys() - {option.name for option in (*SOURCES, *BUILD)})
    files = NO_SITES if site is None else loading.open_sites(site)
    given = dict(options) if environ is None else {**options, ENV.name: True}
    if patterns:
        sites = plan.of_patterns(patterns, files.one, given, keys=keys)
    else:
        sites = plan.of_file(files, given)
    if not sites.names:
        advice = "name sources, or a site file with [sites.NAME]"
        raise UsageError.at(Location.command("build_sites"), "there are no sites", advice)
    variables = loading.variables()
    run = Run(
        overrides,
        variables if environ is None else environ,
        reload=reload,
        dry_run=dry_run,
        force=force,
        records=usual_folder(variables),
    )
    return build(sites, run, jobs)


def build(sites: Plan, run: Run, jobs: int | None = None) -> Iterator[SiteResult]:
    """The results of all sites, in their order; each is written, or compared, when it is given.

    Raises `OmerogenError` if no process can be started.
    """
    builder = Builder(run)
    gc.freeze()  # what is there now is not garbage: no process has to look at it again

    def lost(place: int, how: str) -> SiteResult:
        site = sites.at(place)
        message = f"the process that built it {how}"
        advice = "its files are as they were, or all new; run the build again"
        problem = Problem(Location.file(site.folder), message, advice)
        return SiteResult(site.name, site.folder, problems=(problem,))

    pool = Pool(lambda place: builder.build(sites.at(place)), len(sites.names), jobs or usual_jobs(), lost)
    try:
        yield from pool.results()
    except OSError as error:
        where = Location.command("omerogen build")
        message = f"cannot start a process: {error.strerror}"
        raise OmerogenError.at(where, message, "free memory or processes, or give fewer --jobs") from None
