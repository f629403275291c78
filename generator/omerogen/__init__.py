"""omerogen: the configurations that must agree with the properties of an OMERO server.

>>> import omerogen
>>> settings = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000"})
>>> omerogen.jvm_flags(settings)["blitz"]
['-Xmx2400m']

- `load` reads sources into `Settings`.
- `render` gives the text of an artifact, `build` writes all of them, `build_sites` those of many sites.
- `check` finds problems of a site, `explain` gives the origin of a value, `report` shows all on a page.
- `compare` shows how a configuration in use differs in meaning from ours.

Each gives what the command of that name prints, as an object: warnings and notes are of the type `Problem`.
Everything raised is an `OmerogenError`. Nothing is read that is not given, the machine's memory excepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from omerogen.model import (
    ArtifactError,
    Location,
    NotApplicable,
    OmerogenError,
    Problem,
    SettingsError,
    Severity,
    SourceError,
    UsageError,
    WriteError,
)
from omerogen.model.version import __version__

if TYPE_CHECKING:
    from omerogen.comparing.result import Adoption, CompareResult, Difference
    from omerogen.fleet.building import SiteResult
    from omerogen.fleet.run import build_sites
    from omerogen.model.rendered import RenderedFile, RenderedText
    from omerogen.reporting.explanation import Explanation
    from omerogen.reporting.line_origin import LineOrigin
    from omerogen.settings.settings import Settings
    from omerogen.sites.checking import CheckResult
    from omerogen.sites.folders import BuildResult
    from omerogen.sites.impact import ImpactResult
    from omerogen.sites.loading import load
    from omerogen.sites.report import ReportResult
    from omerogen.sites.upgrading import UpgradeResult

__all__ = [
    "Adoption",
    "ArtifactError",
    "BuildResult",
    "CheckResult",
    "CompareResult",
    "Difference",
    "Explanation",
    "ImpactResult",
    "LineOrigin",
    "Location",
    "NotApplicable",
    "OmerogenError",
    "Problem",
    "RenderedFile",
    "RenderedText",
    "ReportResult",
    "Settings",
    "SettingsError",
    "Severity",
    "SiteResult",
    "SourceError",
    "UpgradeResult",
    "UsageError",
    "WriteError",
    "__version__",
    "build",
    "build_sites",
    "check",
    "compare",
    "explain",
    "explain_lines",
    "impact",
    "jvm_flags",
    "load",
    "render",
    "report",
    "upgrade",
]

#: Where the names are that are imported when they are first used: most programs need few of them.
_LATE = {
    "Adoption": "comparing.result",
    "BuildResult": "sites.folders",
    "CheckResult": "sites.checking",
    "CompareResult": "comparing.result",
    "Difference": "comparing.result",
    "Explanation": "reporting.explanation",
    "ImpactResult": "sites.impact",
    "LineOrigin": "reporting.line_origin",
    "RenderedFile": "model.rendered",
    "RenderedText": "model.rendered",
    "ReportResult": "sites.report",
    "Settings": "settings.settings",
    "SiteResult": "fleet.building",
    "build_sites": "fleet.run",
    "UpgradeResult": "sites.upgrading",
    "load": "sites.loading",
}


def render(artifact: str, settings: Settings, **options: Any) -> RenderedText:
    """The text of an artifact, with the options of its command as keywords; its ``warnings`` come along.

    ``render("nginx", settings, max_body_size="2m")`` is ``omerogen nginx --max-body-size 2m``.
    """
    from omerogen.artifacts import get, rendering
    from omerogen.model.rendered import RenderedText

    options = {**get(artifact).own(settings.site.options), **_without_none(options)}
    made = rendering.render(artifact, settings, options)
    return RenderedText(made.text, [*made.warnings, *rendering.refused_elsewhere(settings, made.inputs)])


def jvm_flags(settings: Settings) -> dict[str, list[str]]:
    """The arguments for the command line of each of OMERO's JVMs, by service."""
    from omerogen.artifacts import get, rendering

    options = get("jvm").own(settings.site.options)
    flags: dict[str, list[str]] = rendering.context("jvm", settings, options).flags
    return flags


def build(
    settings: Settings,
    folder: str | None = None,
    *,
    only: str | Iterable[str] = (),
    dry_run: bool = False,
    reload: str | Iterable[str] | Mapping[str, str] = (),
    verify: bool = False,
    force: bool = False,
    **options: Any,
) -> BuildResult:
    """Write every artifact into ``folder``, all at once or not at all; the result says what changed.

    - ``only``: these artifacts alone.
    - ``dry_run``: write nothing; the result says how the folder differs.
    - ``reload``: shell commands to run if a file changed, ``CMD`` or ``ARTIFACT=CMD``, or a mapping of them.
    - ``verify``: validate with the installed programs before anything is replaced.
    - ``force``: replace files that no build has written.
    - ``options``: those of ``omerogen build``, which are those of all artifacts.

    What is not given is as in the site file, if the settings are from one; the folder ``out`` without one.
    """
    from omerogen.sites import building
    from omerogen.sites.hooks import commands
    from omerogen.sites.options import ONLY, OUTPUT, VERIFY, given_or_of

    site = settings.site
    return building.build(
        settings,
        folder or OUTPUT.parse(site.options.get(OUTPUT.name)),
        given_or_of(site, options),
        only=_several(only) or ONLY.parse(site.options.get(ONLY.name)),
        dry_run=dry_run,
        reload=commands(reload) or site.reload,
        verify=verify or VERIFY.parse(site.options.get(VERIFY.name)),
        force=force,
    )


def check(
    settings: Settings,
    *,
    programs: str | Iterable[str] | None = None,
    select: str | Iterable[str] = (),
    ignore: str | Iterable[str] = (),
    **options: Any,
) -> CheckResult:
    """All findings on the properties and on derived values, and those of the ``programs``.

    ``programs`` are names such as ``nginx``; an empty list means all installed programs.
    ``select`` and ``ignore`` are rules and groups of rules.
    """
    from omerogen.sites import checking
    from omerogen.sites.options import given_or_of

    programs = programs if programs is None else _several(programs)
    given = given_or_of(settings.site, options)
    return checking.check(settings, given, programs, selected=_several(select), ignored=_several(ignore))


def explain(settings: Settings, name: str, *, show_secrets: bool = False) -> Explanation:
    """Where the value of a property came from, what it was made of, and which artifacts read it."""
    from omerogen.reporting import explanation

    return explanation.explain(settings, name, show_secrets=show_secrets)


def impact(settings: Settings, changes: Mapping[str, Any], **options: Any) -> ImpactResult:
    """The lines that a build would change if properties had these values; nothing is written.

    ``changes`` are as `load` takes its ``overrides``: name to text; any other value becomes JSON.

    ``options`` are those of ``omerogen build``. Raises `OmerogenError` if the site is refused, as it is or
    with the changes.
    """
    from omerogen.settings import loading
    from omerogen.sites import impact
    from omerogen.sites.options import given_or_of

    changed = loading.overridden(settings, changes)
    return impact.impact(settings, changed, given_or_of(settings.site, options))


def upgrade(
    settings: Settings,
    *,
    to: str = "",
    from_: str = "",
    web_to: str = "",
    web_from: str = "",
    py_to: str = "",
    py_from: str = "",
    everything: bool = False,
    **options: Any,
) -> UpgradeResult:
    """What a change of release means for a site: its ``changes``; nothing is written.

    - ``to``, ``from_``: releases of OMERO.server; ``web_to``, ``web_from`` of OMERO.web; ``py_to``,
      ``py_from`` of omero-py. Those before are the releases of the settings, if they are not given.
    - ``everything``: also changes that do not touch the site.
    - ``options``: those of ``omerogen build``.

    Raises `UsageError` for releases that are missing or not known.
    """
    from omerogen.sites import upgrading
    from omerogen.sites.options import given_or_of
    from omerogen.sites.upgrade_options import OPTIONS, before_and_after

    given = (from_, to, web_from, web_to, py_from, py_to)
    named = {option.name: text or None for option, text in zip(OPTIONS, given, strict=True)}
    before, after = before_and_after(named, settings.releases)
    own = given_or_of(settings.site, options)
    return upgrading.upgrade(settings, before, after, own, everything=everything)


def explain_lines(settings: Settings, place: str) -> list[LineOrigin]:
    """Where lines came from: ``out/nginx/omero.conf:12``, ``nginx:12-14``.

    A file of a build has the options that it was built with, an artifact those of the site file.
    Raises `UsageError` for any other place.
    """
    from omerogen.sites import explaining

    return explaining.explain_text(settings, place)


def report(settings: Settings, **options: Any) -> ReportResult:
    """The site as a page for a browser: its ``html``, with findings, properties, sources and files.

    ``options`` are those of ``omerogen build``. Refused values and artifacts that cannot be made are a part
    of the page.
    """
    from omerogen.sites.options import given_or_of
    from omerogen.sites.report import report

    return report(settings, given_or_of(settings.site, options))


def compare(
    kind: str, settings: Settings, subject: str, *, python: str = "", **options: Any
) -> CompareResult:
    """How a configuration in use differs in meaning from ours, and what would reproduce it.

    - ``kind``: ``nginx``, with the path of a file as the ``subject``; ``django``, with the name of a module;
      ``templates``, with the folder of the templates of an installed OMERO.
    - ``python``: the Python that has the module, if it is not that of the OMERO directory.
    - ``options``: those of ``omerogen compare``.

    Raises `SourceError` for what cannot be read. Needs the extra ``compare`` for nginx.
    """
    from omerogen.comparing import comparison

    given = {**settings.site.options, **_without_none(options)}
    return comparison.compare(kind, settings, subject, given, python=python)


def _without_none(options: dict[str, Any]) -> dict[str, Any]:
    """The options that are given; None means that one is not."""
    return {name: value for name, value in options.items() if value is not None}


def _several(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names; one alone is a text, not its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"omerogen.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
