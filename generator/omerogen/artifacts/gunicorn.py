"""Gunicorn's configuration, with which it serves OMERO.web as ``omero web start`` does."""

from __future__ import annotations

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.web_deprecated import (
    WEB_WSGI_THREADS,
    WEB_WSGI_WORKER_CLASS,
    WEB_WSGI_WORKER_CONNECTIONS,
)
from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER_HOST,
    WEB_APPLICATION_SERVER_MAX_REQUESTS,
    WEB_APPLICATION_SERVER_PORT,
    WEB_WSGI_ARGS,
    WEB_WSGI_TIMEOUT,
    WEB_WSGI_WORKERS,
)
from omerogen.derive.fields import field
from omerogen.derive.web import PrefixFields, check_application_server


class GunicornContext(PrefixFields):
    """Fields of Gunicorn's configuration."""

    def check(self) -> None:
        """Refuse what does not run Gunicorn."""
        check_application_server(self.settings, "configuration of Gunicorn")

    @field
    def bound_to(self) -> str:
        """The address that Gunicorn listens on, ``HOST:PORT``."""
        host = self.settings[WEB_APPLICATION_SERVER_HOST]
        return f"{host.in_url}:{self.settings[WEB_APPLICATION_SERVER_PORT]}"

    @field
    def workers(self) -> int:
        """The number of worker processes."""
        return self.settings[WEB_WSGI_WORKERS]

    @field
    def is_gevent(self) -> bool:
        """Whether workers answer by greenlets, in place of threads."""
        return self.settings[WEB_WSGI_WORKER_CLASS] == "gevent"

    @field
    def threads(self) -> int:
        """Threads of a worker of the class sync."""
        return self.settings[WEB_WSGI_THREADS]

    @field
    def worker_connections(self) -> int:
        """Clients at a time of a worker of the class gevent."""
        return self.settings[WEB_WSGI_WORKER_CONNECTIONS]

    @field
    def timeout(self) -> int:
        """Seconds after which a worker without a sign of life is replaced."""
        return self.settings[WEB_WSGI_TIMEOUT]

    @field
    def max_requests(self) -> int:
        """Requests after which a worker is replaced; 0 for no limit."""
        return self.settings[WEB_APPLICATION_SERVER_MAX_REQUESTS]

    @field
    def arguments(self) -> list[str]:
        """Words of Gunicorn's command line, which win over all that this file sets."""
        return (self.settings[WEB_WSGI_ARGS] or "").split()

    @field
    def environment(self) -> list[str]:
        """Variables of the workers: below a prefix OMERO.web needs to be told so."""
        return [f"SCRIPT_NAME={self.prefix}"] if self.prefix else []


ARTIFACT = Artifact(
    "gunicorn",
    GunicornContext,
    lambda options: "gunicorn/gunicorn.conf.py.j2",
    always(File("gunicorn/gunicorn.conf.py")),
)
