"""The rule about properties that the installed release of OMERO does not have."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from omerogen.derive import installed
from omerogen.rules.installed import omero_web
from omerogen.rules.registry import WARNING, Breach, View, rule

#: Which release of which component added or removed a property. Left out are those that other rules report
#: as deprecated, and those that OMERO's Python code reads: the server's reference listed them only later.
_RELEASES = Path(__file__).parent.parent / "catalog" / "releases.tsv"


class _Release(NamedTuple):
    """The change of a property in a release of a component."""

    component: str
    change: str
    text: str

    def is_before(self, version: installed.Version) -> bool:
        """Whether the change is still to come in a version."""
        own = installed.parse_version(self.text)
        return own is not None and version < own


@cache
def _releases() -> dict[str, list[_Release]]:
    """The changes of each property; those of the server as a whole last, as they are less exact."""
    changes: dict[str, list[_Release]] = {}
    for line in _RELEASES.read_text(encoding="utf-8").splitlines()[1:]:
        name, *release = line.split("\t")
        changes.setdefault(name, []).append(_Release(*release))
    for releases in changes.values():
        releases.sort(key=lambda release: release.component == "server")
    return changes


@rule(
    "not-in-this-release",
    WARNING,
    "the installed release does not have a property",
    bad="",
    good="omero.web.session_cookie_samesite=Strict",
    reference="https://omero.readthedocs.io/en/stable/sysadmins/config.html",
)
def not_in_this_release(site: View) -> Iterator[Breach]:
    """A release ignores properties that were added after it or removed before it.

    The release of OMERO.web is that of its package in the virtual environment. Those of the components of
    OMERO.server are in the jars of `OMERODIR/lib/server`, and its own is in the name of its folder.
    """
    versions: dict[str, installed.Version | None] = {}
    for name in filter(_releases().__contains__, site.settings.names_set()):
        for release in _releases()[name]:
            if release.component not in versions:
                versions[release.component] = _version(site, release.component)
            if version := versions[release.component]:
                yield from _breach(name, release, version)
                break


def _version(site: View, component: str) -> installed.Version | None:
    """The installed release of a component, if it is known."""
    omerodir = site.settings.omerodir
    if component == "web":
        web = omero_web(site)
        return web.version("omero-web") if web else None
    return installed.server(omerodir) if component == "server" else installed.component(omerodir, component)


def _breach(name: str, release: _Release, version: installed.Version) -> Iterator[Breach]:
    if release.is_before(version) != (release.change == "added"):
        return
    product = {"web": "OMERO.web", "server": "OMERO.server"}.get(release.component, release.component)
    message = (
        f"{name} was {release.change} in {product} {release.text}: {'.'.join(map(str, version))} ignores it"
    )
    fix = f"omero config set {name}, without a value, removes it"
    yield Breach(message, fix if release.change == "removed" else f"upgrade {product}; {fix}", (name,))
