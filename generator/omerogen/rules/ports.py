"""Rules about the ports that OMERO listens on."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.server import PORTS_PREFIX
from omerogen.catalog.web_server import WEB_APPLICATION_SERVER, WEB_APPLICATION_SERVER_PORT
from omerogen.derive.grid.router import PORTS
from omerogen.derive.web import gunicorn_argument
from omerogen.rules.registry import WARNING, Breach, View, rule


def _used(site: View) -> dict[str, int]:
    """The port of each property of the server that listens."""
    prefix = site.settings[PORTS_PREFIX] or ""
    used = ("registry", *site.settings[CLIENT_ICETRANSPORTS])
    return {PORTS[name].name: int(f"{prefix}{site.settings[PORTS[name]]}") for name in used}


def _of_application(site: View) -> int | None:
    """The port that the property gives to Gunicorn; None if it has no effect."""
    is_elsewhere = gunicorn_argument(site.settings, "-b", "--bind") is not None
    is_used = site.settings[WEB_APPLICATION_SERVER] == "wsgi-tcp" and not is_elsewhere
    return site.settings[WEB_APPLICATION_SERVER_PORT] if is_used else None


@rule(
    "port-of-application",
    WARNING,
    "OMERO.web and OMERO.server share a port",
    bad="omero.web.application_server.port=4064\nomero.db.host=db",
    good="omero.web.application_server.port=4080",
)
def port_of_application(site: View) -> Iterator[Breach]:
    """On one machine only one of them can listen on it."""
    own = _of_application(site)
    for name, port in _used(site).items() if not site.is_web_alone else ():
        if port == own:
            names = (WEB_APPLICATION_SERVER_PORT.name, name)
            message = f"{names[0]} is {own}, as is that of {name}"
            yield Breach(message, f"omero config set {names[0]} 4080", names)


@rule(
    "privileged-port",
    WARNING,
    "a port is for root alone",
    bad="",
    good="omero.ports.ssl=4064",
)
def privileged_port(site: View) -> Iterator[Breach]:
    """OMERO runs as an ordinary user, whom the system lets listen from port 1024 on; in Docker on all."""
    first = site.host.first_ordinary_port
    application = _of_application(site)
    ports = {} if site.is_web_alone else _used(site)
    ports |= {} if application is None else {WEB_APPLICATION_SERVER_PORT.name: application}
    for name, port in ports.items():
        if port < first:
            yield Breach(f"{name} is {port}, a port for root alone", f"choose one from {first} on", (name,))
