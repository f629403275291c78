"""Settings from sources, variables and a site file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from omerogen.catalog.history import Releases
from omerogen.settings import Settings, loading
from omerogen.settings.options import CONFIG, ENV, KEY, OMERODIR, PROFILE, RELEASE, WEB_RELEASE
from omerogen.settings.site import SiteFile, SiteFiles
from omerogen.sites import site_file


def load(
    *files: str | os.PathLike[str],
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    omerodir: str | os.PathLike[str] | None = None,
    key: str | Iterable[str] = (),
    site: str | os.PathLike[str] | None = None,
    release: str | None = None,
    web_release: str | None = None,
) -> Settings:
    """The settings of ``files``, a later one winning, then of ``environ``, the site file and ``overrides``.

    - ``profile``: the profile of a config.xml, instead of its active one.
    - ``overrides``: name to text; any other value becomes JSON.
    - ``environ``: variables, of which the ``CONFIG_…`` ones count.
    - ``omerodir``: the OMERO directory; else that of a ``config.xml`` in its ``etc/grid``.
    - ``key``: members of YAML and JSON files that have the properties, such as ``omero_server_config_set``.
    - ``release``, ``web_release``: releases of OMERO.server and OMERO.web; defaults are those of them.
    - ``site``: a site file, or ``FILE:NAME`` for one of its sites. All other arguments win over it, and its
      options are the defaults of `render`, `build` and `check`.

    Only the given sources are read: ``load()`` is the defaults alone.
    Raises `SourceError` with all that is wrong with the sources, in order of place. A value that
    its type refuses stops only what reads it: see `Settings`.
    """
    known = SiteFile() if site is None else open_site(os.fspath(site))
    options = known.site.options
    if environ is None and ENV.parse(options.get(ENV.name)):
        environ = os.environ
    keys = (key,) if isinstance(key, str) else tuple(key)
    return loading.load(
        *(files or CONFIG.parse(options.get(CONFIG.name))),
        profile=profile or options.get(PROFILE.name),
        overrides=overrides,
        environ=environ,
        omerodir=omerodir or options.get(OMERODIR.name),
        keys=keys or KEY.parse(options.get(KEY.name)),
        properties=known.properties,
        site=known.site,
        releases=Releases(
            RELEASE.parse(release or options.get(RELEASE.name)) or "",
            WEB_RELEASE.parse(web_release or options.get(WEB_RELEASE.name)) or "",
        ),
    )


def variables() -> dict[str, str]:
    """The variables of this process, for sites whose file has ``env = true``, and for commands."""
    return dict(os.environ)


def open_site(given: str) -> SiteFile:
    """The site of ``FILE`` or ``FILE:NAME``. Raises `SourceError` if it has several and none is named."""
    return open_sites(given).one


def open_sites(given: str) -> SiteFiles:
    """The sites of ``FILE`` or ``FILE:NAME``; both may have a colon."""
    path, words = given, list[str]()
    while not os.path.exists(path) and ":" in path:
        path, _, word = path.rpartition(":")
        words.insert(0, word)
    return SiteFiles(site_file.read(path), ":".join(words))
