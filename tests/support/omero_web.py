"""The real OMERO.web on what omerogen builds for it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGQUIT, SIGTERM
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import omerogen
from support.programs import Browser, accepted, environment, find, listening, run, running

_HERE = Path(__file__).parent
#: Stand-ins for Ice and OMERO's client library.
_ICE = _HERE / "ice"
_PROBE = _HERE / "omero_web_probe.py"
_VERSION = '<property name="omero.config.version" value="5.1.0"/>'
_PROFILE = '<property name="omero.config.profile" value="default"/>'
_TYPES = "text/css css; text/html html; application/javascript js; image/png png; image/gif gif;"


class OmeroWeb(NamedTuple):
    """OMERO.web in a virtual environment; ``is_whole`` if it is with Ice."""

    programs: Path
    is_whole: bool

    def environment(self, omerodir: Path, **more: str) -> dict[str, str]:
        """The variables of a process of OMERO.web."""
        folders = filter(None, (more.pop("PYTHONPATH", ""), "" if self.is_whole else str(_ICE)))
        own = {"OMERODIR": str(omerodir), "HOME": str(omerodir), "PYTHONPATH": ":".join(folders)}
        return environment(PYTHONDONTWRITEBYTECODE="1", **own, **more)

    def answers(self, installed: Installed, settings: str, **more: str) -> dict[str, Any]:
        """What OMERO.web and its plugins have: servers, Django's settings, those of plugins, the log."""
        generated = settings != "omeroweb.settings"
        modules = {"PYTHONPATH": str(installed.built / "django")} if generated else {}
        variables = self.environment(installed.omerodir, DJANGO_SETTINGS_MODULE=settings, **modules, **more)
        done = run([self.programs / "python", _PROBE], env=variables, cwd=installed.omerodir)
        assert done.returncode == 0, done.stderr
        return {**json.loads(done.stdout.splitlines()[-1]), "log": done.stderr}


class Installed(NamedTuple):
    """An OMERO directory, and what omerogen built for it."""

    omerodir: Path
    built: Path
    settings: omerogen.Settings

    def write_config_xml(self, properties: dict[str, Any]) -> Path:
        """What ``omero config set`` would have written."""
        texts = {
            name: text if isinstance(text, str) else json.dumps(text) for name, text in properties.items()
        }
        rows = "".join(
            f"<property name={quoteattr(name)} value={quoteattr(text)}/>" for name, text in texts.items()
        )
        path = self.omerodir / "etc/grid/config.xml"
        path.write_text(
            f'<icegrid><properties id="__ACTIVE__">{_PROFILE}{_VERSION}{rows}</properties>'
            f'<properties id="default">{_VERSION}{rows}</properties></icegrid>'
        )
        return path


class Up(NamedTuple):
    """OMERO.web that is up: a browser at nginx, and the log of Gunicorn."""

    browser: Browser
    log: Path


@contextmanager
def started(omero_web: OmeroWeb, site: Installed, http: int, **variables: str) -> Iterator[Up]:
    """OMERO.web from what was built alone: module, Gunicorn's configuration, nginx."""
    port, place = site.settings["omero.web.application_server.port"], site.omerodir
    django = {"DJANGO_SETTINGS_MODULE": "omeroweb_settings", "PYTHONPATH": str(site.built / "django")}
    manage = [omero_web.programs / "python", "-m", "django"]
    accepted([*manage, "collectstatic", "--noinput", "-v", "0"], env=omero_web.environment(place, **django))
    gunicorn = [omero_web.programs / "gunicorn", "--config", site.built / "gunicorn/gunicorn.conf.py"]
    (place / "nginx.conf").write_text(_around(site))
    nginx = [find("nginx"), "-e", "stderr", "-p", place, "-g", "daemon off;", "-c", place / "nginx.conf"]
    environ, log = omero_web.environment(place, **variables), place / "gunicorn.log"
    with (
        running(gunicorn, log, listening(port), stop=SIGTERM, env=environ, cwd=place),
        running(nginx, place / "nginx.log", listening(http), stop=SIGQUIT),
    ):
        yield Up(Browser(f"http://localhost:{http}", http), log)


def _around(site: Installed) -> str:
    """The rest of nginx's configuration."""
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {site.omerodir}/{name};" for name in names)
    user = "user root;" if os.geteuid() == 0 else ""
    start = f"pid {site.omerodir}/pid; {user} error_log stderr; events {{}}"
    include = f"include {site.built}/nginx/omero.conf;"
    return f"{start} http {{ access_log off; {temporary} types {{ {_TYPES} }} {include} }}"
