"""OMERO.web's stand-in, gunicorn and nginx, all on generated settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGQUIT
from typing import Any, NamedTuple

import omerogen
from support.programs import (
    STANDINS,
    Browser,
    as_ordinary_user,
    environment,
    find,
    free_port,
    give_to_ordinary_user,
    listening,
    running,
)

MODULE = "omeroweb_settings"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Site(NamedTuple):
    """A site that is up; ``https`` is where nginx speaks TLS, if it does."""

    folder: Path
    omerodir: Path
    http: int
    https: int

    def browser(self, scheme: str = "http", host: str = "localhost") -> Browser:
        """A browser that knows the site by this origin."""
        port = self.https if scheme == "https" else self.http
        return Browser(f"{scheme}://{host}:{port}", port)


def django_environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment in which Django finds the settings in ``folder`` and leaves nothing elsewhere."""
    return environment(
        DJANGO_SETTINGS_MODULE=MODULE,
        PYTHONPATH=f"{folder}:{STANDINS}",
        TMPDIR=str(folder),
        **{"HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **more},
    )


def write_settings(folder: Path, loaded: omerogen.Settings, **options: Any) -> None:
    """The settings module, and the folder of logs that whoever starts OMERO.web makes."""
    (Path(loaded.omerodir) / "var/log").mkdir(parents=True, exist_ok=True)
    (folder / f"{MODULE}.py").write_text(omerogen.render("django", loaded, **options), encoding="utf-8")


@contextmanager
def site(
    folder: Path,
    programs: Path | None,
    overrides: dict[str, str],
    *,
    layout: str = "server",
    tls: dict[str, Any] | None = None,
    **options: Any,
) -> Iterator[Site]:
    """A site while the block runs; without ``programs``, the application is down."""
    tls = tls or {}
    omerodir = folder / "omero"
    for made in (folder, omerodir, omerodir / "var", omerodir / "var/log"):
        give_to_ordinary_user(made)
    port = free_port()
    up = Site(folder, omerodir, free_port(), free_port())
    loaded = omerogen.load(
        overrides={"omero.web.application_server.port": str(port), **overrides}, omerodir=omerodir
    )
    both = {**tls, **({"https": str(up.https)} if tls.get("tls") in ("nginx", "proxy") else {})}
    ports = {} if layout == "location" else {"http": str(up.http)}
    text = omerogen.render("nginx", loaded, layout=layout, **both, **ports, **options)
    (folder / "nginx.conf").write_text(_whole(text, up, layout), encoding="utf-8")
    only_django = {name: value for name, value in both.items() if not name.startswith("certificate")}
    write_settings(folder, loaded, **only_django)
    nginx = [find("nginx"), "-e", "stderr", "-c", folder / "nginx.conf", "-g", "daemon off;"]
    command = as_ordinary_user(*nginx, "-p", f"{folder}/")
    with running(command, folder / "nginx.log", listening(up.http), stop=SIGQUIT, cwd=folder):
        if programs is None:
            yield up
            return
        prefix = overrides.get("omero.web.prefix", "").rstrip("/")
        variables = django_environment(folder, **({"SCRIPT_NAME": prefix} if prefix else {}))
        gunicorn = [programs / "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
        gunicorn += ["django.core.wsgi:get_wsgi_application()"]
        with running(gunicorn, folder / "gunicorn.log", listening(port), env=variables, cwd=folder):
            yield up


def _whole(text: str, site: Site, layout: str) -> str:
    """A layout with what it is to be included in."""
    if layout == "standalone":
        return text
    if layout == "location":
        text = f"server {{ listen 127.0.0.1:{site.http}; server_name localhost; {text} }}"
    temporary = "".join(f"{name}_temp_path {site.folder}/{name};" for name in _TEMPORARY)
    start = f"pid {site.folder}/nginx.pid; error_log stderr; events {{}}"
    return f"{start} http {{ access_log off; {temporary}\n{text}\n}}"
