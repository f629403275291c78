"""Rules about the ports that OMERO listens on."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.server import PORTS_PREFIX
from omerogen.catalog.web_server import WEB_APPLICATION_SERVER_PORT
from omerogen.derive.grid.router import PORTS
from omerogen.rules.registry import WARNING, Breach, View, rule

_FIRST_ORDINARY = 1024


def _used(site: View) -> dict[str, int]:
    """The port of each property of the server that listens."""
    prefix = site.settings[PORTS_PREFIX] or ""
    used = ("registry", *site.settings[CLIENT_ICETRANSPORTS])
    return {PORTS[name].name: int(f"{prefix}{site.settings[PORTS[name]]}") for name in used}


@rule(
    "port-of-application",
    WARNING,
    "OMERO.web and OMERO.server share a port",
    bad="omero.web.application_server.port=4064",
    good="omero.web.application_server.port=4080",
)
def port_of_application(site: View) -> Iterator[Breach]:
    """On one machine only one of them can listen on it."""
    own = site.settings[WEB_APPLICATION_SERVER_PORT]
    for name, port in _used(site).items():
        if port == own:
            names = (WEB_APPLICATION_SERVER_PORT.name, name)
            message = f"{names[0]} is {own}, as is that of {name}"
            yield Breach(message, f"omero config set {names[0]} 4080", names)


@rule(
    "privileged-port",
    WARNING,
    "a port is for root alone",
    bad="omero.ports.ssl=443",
    good="omero.ports.ssl=4064",
)
def privileged_port(site: View) -> Iterator[Breach]:
    """OMERO runs as an ordinary user, whom the system lets listen from port 1024 on."""
    own = {WEB_APPLICATION_SERVER_PORT.name: site.settings[WEB_APPLICATION_SERVER_PORT]}
    for name, port in {**_used(site), **own}.items():
        if port < _FIRST_ORDINARY:
            yield Breach(f"{name} is {port}, a port for root alone", "choose one from 1024 on", (name,))
