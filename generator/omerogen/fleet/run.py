"""Builds all sites of a plan, in several processes."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omerogen.fleet import plan
from omerogen.fleet.building import Builder, Run, SiteResult
from omerogen.fleet.plan import Plan
from omerogen.fleet.workers import Pool
from omerogen.model import Location, OmerogenError, Problem, UsageError, refuse_warnings
from omerogen.settings.options import CONFIG, ENV, SOURCES, STRICT
from omerogen.settings.site import NO_SITES
from omerogen.sites import building, caches, hooks, loading
from omerogen.sites.options import BUILD, JOBS, OUTPUT


def usual_jobs() -> int:
    """How many processes build sites if nothing else is said: one for each core that this one may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def build_sites(
    sites: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = (),
    folder: str | os.PathLike[str] | None = None,
    *,
    site: str | os.PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    key: str | Iterable[str] = (),
    jobs: int | None = None,
    dry_run: bool = False,
    reload: str | Iterable[str] | Mapping[str, str] = (),
    force: bool = False,
    **options: Any,
) -> Iterator[SiteResult]:
    """Build many sites in several processes; the results come in their order, each when it is there.

    - ``sites``: patterns of sources, such as ``sites/*.xml``: each that matches is a site, and is built into
      ``folder`` by its name. Without them the sites are those of the site file.
    - ``site``: a site file, whose options all of them have.
    - ``overrides``, ``environ``, ``key``: as `load` takes them, for all sites.
    - ``jobs``: how many are built at a time; one for each core if not given. A process that may have no
      others, as a worker of a task queue, builds one after the other itself.
    - ``options`` and the rest: as `build` takes them, and ``only``, ``verify`` and ``strict``. ``config`` are
      sources before those of each site.

    Sites of which nothing has changed since their last build are skipped. What is wrong with a site is in its
    result. Raises `OmerogenError` if the sites themselves are not clear. A folder of the
    patterns that may not be read is a `UserWarning`, and an error with ``strict``.
    """
    own = {option.name for option in (*SOURCES, *BUILD)} - {OUTPUT.name}  # that is ``folder``
    building.refuse_unknown(options.keys() - own)
    jobs = None if jobs is None else JOBS.parse(str(jobs))
    given = {name: value for name, value in options.items() if value is not None}
    given |= {} if folder is None else {OUTPUT.name: os.fspath(folder)}
    files = NO_SITES if site is None else loading.open_sites(os.fspath(site))
    if environ is not None:
        given[ENV.name] = True
    common = [(path, ()) for path in CONFIG.parse(given.get(CONFIG.name))]
    patterns = _several(sites)
    if patterns:
        planned = plan.of_patterns(patterns, files.one, given, common, _several(key))
    else:
        planned = plan.of_file(files, given, common)
    if not planned.number:
        advice = "name sources, or a site file with [sites.NAME]"
        raise UsageError.at(Location.command("build_sites"), "there are no sites", advice)
    variables = loading.variables()
    run = Run(
        overrides or {},
        variables if environ is None else environ,
        reload=hooks.commands(reload),
        dry_run=dry_run,
        force=force,
        records=caches.usual_folder(variables),
    )
    strict = {**files.base.site.options, **given}.get(STRICT.name)
    refuse_warnings(planned.warnings, strict=STRICT.parse(strict))
    for one in planned.warnings:
        warnings.warn(str(one), stacklevel=2)
    return build(planned, run, jobs)


def _several(names: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Names; one alone is a text, not its letters."""
    every = [names] if isinstance(names, (str, os.PathLike)) else names
    return tuple(os.fspath(one) for one in every)


def build(sites: Plan, run: Run, jobs: int | None = None) -> Iterator[SiteResult]:
    """The results of all sites, in their order; each is written, or compared, when it is given.

    Raises `OmerogenError` if no process can be started.
    """
    builder = Builder(run)
    gc.enable()  # the command line does without for one site

    def lost(place: int, how: str) -> SiteResult:
        site = sites.at(place)
        message = f"the process that built it {how}"
        advice = "its files are as they were, or all new; run the build again"
        problem = Problem(Location.file(site.folder), message, advice)
        return SiteResult(site.name, site.folder, problems=(problem,))

    pool = Pool(lambda place: builder.build(sites.at(place)), sites.number, jobs or usual_jobs(), lost)
    try:
        yield from pool.results()
    except OSError as error:
        where = Location.command("omerogen build")
        message = f"cannot start a process: {error.strerror}"
        raise OmerogenError.at(where, message, "free memory or processes, or give fewer --jobs") from None
