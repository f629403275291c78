"""Rules about the releases of OMERO: those that the site names, or else those that are installed."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog import history
from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.history import PY, SERVER, WEB, Change, Version
from omerogen.catalog.server import PORTS_WS, PORTS_WSS, SERVER_NODEDESCRIPTORS
from omerogen.derive import installed
from omerogen.rules.installed import omero_web
from omerogen.rules.registry import WARNING, Breach, View, rule
from omerogen.settings.options import RELEASE, WEB_RELEASE

#: Properties that OMERO's Python code read before the server's documentation listed them.
DOCUMENTED_LATE = frozenset(
    row.name for row in (CLIENT_ICETRANSPORTS, PORTS_WS, PORTS_WSS, SERVER_NODEDESCRIPTORS)
)


@rule(
    "not-in-this-release",
    WARNING,
    "the release of the site does not have a property",
    bad="omero.web.favicon_url=a.ico\n--web-release 5.9.0",
    good="omero.web.favicon_url=a.ico\n--web-release 5.11.0",
    reference="https://omero.readthedocs.io/en/stable/sysadmins/config.html",
)
def not_in_this_release(site: View) -> Iterator[Breach]:
    """A release ignores properties that were added after it or removed before it.

    The releases are those of `--release` and `--web-release`, or of the site file. Without them, the release
    of OMERO.web is that of its package in the virtual environment; those of the components of OMERO.server
    are in the jars of `OMERODIR/lib/server`, and its own is in the name of its folder.
    """
    versions: dict[str, Version | None] = {}
    for name in site.settings.names_set():
        for component in () if name in DOCUMENTED_LATE else _components(name, site):
            if component not in versions:
                versions[component] = _version(site, component)
            if version := versions[component]:
                if change := history.lacking(name, component, version):
                    yield _breach(name, change, component, version)
                break


def _components(name: str, site: View) -> list[str]:
    """The components that know of a property, those that are more exact first.

    The documentation of the server lists properties of OMERO.web later than that has them.
    """
    if name.startswith(history.WEB_PREFIX):
        return [WEB]
    if site.settings.releases.server:
        return [SERVER]
    listed = dict.fromkeys(change.component for change in history.changes(name))
    return sorted(listed.keys() - {PY}, key=lambda component: (component == SERVER, component))


def _version(site: View, component: str) -> Version | None:
    """The release of a component that the site names, or else the installed one, if it is known."""
    named = {SERVER: site.settings.releases.server, WEB: site.settings.releases.web}.get(component)
    return history.version_of(named) if named else _installed(site, component)


def _installed(site: View, component: str) -> Version | None:
    omerodir = site.settings.omerodir
    if component == WEB:
        web = omero_web(site)
        return web.version("omero-web") if web else None
    return installed.server(omerodir) if component == SERVER else installed.component(omerodir, component)


def _breach(name: str, change: Change, component: str, version: Version) -> Breach:
    message = f"{name} was {change.change} in {change}: {_shown(version)} ignores it"
    remove = f"omero config set {name}, without a value, removes it"
    is_gone = change.change == history.REMOVED
    return Breach(message, remove if is_gone else f"upgrade {history.product(component)}; {remove}", (name,))


@rule(
    "other-release-installed",
    WARNING,
    "another release is installed than the one that the site names",
    bad="",
    good="omero.web.page_size=200\n--web-release 5.29.0",
)
def other_release_installed(site: View) -> Iterator[Breach]:
    """Defaults and findings are those of the release that the site names, not of the one that runs."""
    named = ((SERVER, RELEASE, site.settings.releases.server), (WEB, WEB_RELEASE, site.settings.releases.web))
    for component, option, release in named:
        version = _installed(site, component) if release else None
        if version and version != history.version_of(release):
            product = history.product(component)
            message = f"names {product} {release}, and {_shown(version)} is installed"
            known = _shown(version) in history.known(component)
            fix = f"name {_shown(version)}" if known else "leave it out: the newest known release counts then"
            yield Breach(message, fix, location=site.place_of(option))


def _shown(version: Version) -> str:
    return ".".join(map(str, version))
