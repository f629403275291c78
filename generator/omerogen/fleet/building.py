"""One site of a run: built, or skipped because nothing of it has changed since its last build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omerogen import sources
from omerogen.catalog.history import Releases
from omerogen.derive.host import Host
from omerogen.fleet.plan import Planned
from omerogen.model import (
    Location,
    OmerogenError,
    Problem,
    file_reads,
    refuse_warnings,
    unique,
    where_raised,
)
from omerogen.model.option import Option
from omerogen.settings import Settings, loading
from omerogen.settings.options import ENV, KEY, OMERODIR, PROFILE, RELEASE, STRICT, WEB_RELEASE
from omerogen.sites import building, caches, differences, records
from omerogen.sites.folders import BuildResult
from omerogen.sites.options import ONLY, VERIFY, given_or_of


class Run(NamedTuple):
    """What is the same for all sites of a run.

    - ``overrides``: properties over those of all sources; ``above``: files of such.
    - ``environ``: the variables of the environment, for sites that read them.
    - ``usual_omerodir``, ``usual_profile``: for sites that have none.
    - ``reload``: hooks in place of the sites' own.
    - ``dry_run``: compare and write nothing, with ``diffs`` or without; ``force``: replace files of others.
    - ``records``: the folder with what is known of earlier builds; without one no site is skipped.
    """

    overrides: Mapping[str, Any] = {}
    environ: Mapping[str, str] | None = None
    usual_omerodir: str | None = None
    usual_profile: str | None = None
    reload: tuple[str, ...] = ()
    dry_run: bool = False
    diffs: bool = False
    force: bool = False
    records: str | None = None
    above: tuple[str, ...] = ()


class SiteResult(NamedTuple):
    """The result for one site.

    - ``built``: what `sites.building.build` gives; None if it failed, and then its files are as they were.
    - ``problems``: why it failed; the errors come last.
    - ``notes``: what of its sources was skipped.
    - ``diffs``: how its files differ, by path, if that was wanted.
    - ``is_skipped``: whether nothing has changed since its last build, so that it was not rendered.
    """

    name: str
    folder: str
    built: BuildResult | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    diffs: Mapping[str, str] = {}
    is_skipped: bool = False

    @property
    def failed(self) -> bool:
        """Whether it was not built, or one of its hooks failed."""
        return self.built is None or bool(self.built.failures)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The warnings of a site, also of one that failed."""
        if self.built is not None:
            return self.built.every_warning
        errors = OmerogenError(self.problems).errors
        return tuple(problem for problem in self.problems if problem not in errors)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: that of a build, and the ``folder`` and ``errors`` of the site."""
        built = self.built or BuildResult(self.folder, (), (), (), warnings=self.warnings)
        error = OmerogenError((*self.problems, *built.failures))
        return {"folder": self.folder, **built.as_dict(), "errors": list(map(str, error.errors))}


class Builder:
    """Builds one site of a run after the other, on this machine."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._hosts: dict[str, Host] = {}
        self._code = caches.code() if run.records else ""

    def build(self, site: Planned) -> SiteResult:
        """Build a site, or compare it; whatever is wrong with it is in the result."""
        if site.problems:
            return SiteResult(site.name, site.folder, problems=site.problems)
        try:
            return self._build(site)
        except OmerogenError as error:
            problems = tuple(map(site.site.placed, error.problems))
        except Exception as error:  # noqa: BLE001 - the other sites are to be built
            message = f"internal error: {where_raised(error)}"
            problems = (Problem(Location.file(site.folder), message, "please report it"),)
        return SiteResult(site.name, site.folder, problems=problems)

    def _build(self, site: Planned) -> SiteResult:
        run, options = self.run, site.site.options
        host = self._host(options)
        verify = bool(VERIFY.parse(options.get(VERIFY.name)))
        record = records.find(run.records, site.folder) if run.records and not verify else None
        key = _key(self._code, site, run) if record else ""
        if record and (known := record.read()) and known.is_of(key, site.folder, host):
            built = _light(known.built(site.folder))
            return SiteResult(site.name, site.folder, built, notes=known.notes, is_skipped=True)
        with file_reads.noting() as reads:
            settings = self._load(site)
            try:
                built = self._built(site, settings, host, verify=verify)
            except OmerogenError as error:
                raise OmerogenError(unique([*settings.warnings, *error.problems])) from None
        if record and not run.dry_run and not built.failures:
            record.write(key, reads, host, built, settings.notes)
        diffs = _diffs(site.name, built) if run.diffs else {}
        return SiteResult(site.name, site.folder, _light(built), notes=settings.notes, diffs=diffs)

    def _load(self, site: Planned) -> Settings:
        """The settings of a site; with its option ``strict`` warnings are errors."""
        run = self.run

        def of(option: Option) -> Any:
            return option.parse(site.site.options.get(option.name))

        settings = loading.load(
            *site.sources,
            profile=of(PROFILE) or run.usual_profile,
            overrides=run.overrides,
            environ=run.environ if of(ENV) else None,
            omerodir=of(OMERODIR),
            usual_omerodir=run.usual_omerodir,
            keys=of(KEY) if not any(keys for _, keys in site.sources) else (),
            properties=site.properties,
            above=run.above,
            site=site.site,
            releases=Releases(of(RELEASE) or "", of(WEB_RELEASE) or ""),
        )
        refuse_warnings(settings.warnings, strict=bool(of(STRICT)))
        return settings

    def _built(self, site: Planned, settings: Settings, host: Host, *, verify: bool) -> BuildResult:
        options = site.site.options
        built = building.build(
            settings,
            site.folder,
            given_or_of(site.site, {}),
            only=ONLY.parse(options.get(ONLY.name)),
            dry_run=self.run.dry_run,
            reload=self.run.reload or site.site.reload,
            verify=verify,
            strict=bool(STRICT.parse(options.get(STRICT.name))),
            force=self.run.force,
            host=host,
        )
        return built._replace(warnings=tuple(dict.fromkeys((*settings.warnings, *built.warnings))))

    def _host(self, options: Mapping[str, Any]) -> Host:
        """The machine, looked at once for all sites."""
        host = Host.of(options)
        return self._hosts.setdefault(host.root, host)


def _key(code: str, site: Planned, run: Run) -> str:
    """A hash of all that a site is built of, but for the contents of files and the facts of the machine."""
    parts = [sources.divided(source) for source, _ in site.sources]
    files = [sources.files_of(path) if not form else [path] for form, path in parts]
    environ = sorted((run.environ or {}).items()) if ENV.parse(site.site.options.get(ENV.name)) else ()
    of_run = (sorted(run.overrides.items()), run.above, run.usual_omerodir, run.usual_profile, run.force)
    return records.key(code, site, files, environ, of_run)


def _diffs(name: str, built: BuildResult) -> dict[str, str]:
    """How the files differ; in the diffs their paths are below the folder of all sites."""
    return {
        change.path: built.shown(change._replace(path=f"{name}/{change.path}")) for change in built.changes
    }


def _light(built: BuildResult) -> BuildResult:
    """The same without the texts of files: it goes to another process."""
    changes = tuple(change._replace(file=None, present="") for change in built.changes)
    return built._replace(changes=changes, reasons=dict(built.reasons), shown=differences.public)
