"""Fields of the Glacier2 router, OMERO's front door, for every document that has its template."""

from __future__ import annotations

from collections.abc import Mapping

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.glacier2 import ICESSL_PREFIX
from omerogen.catalog.server import (
    ICE_DEFAULT_HOST,
    MASTER_HOST,
    PORTS_PREFIX,
    PORTS_REGISTRY,
    PORTS_SSL,
    PORTS_TCP,
    PORTS_WS,
    PORTS_WSS,
)
from omerogen.derive.fields import Context, field
from omerogen.model import ArtifactError, Items, Location, Problem, Property
from omerogen.settings import redact

#: The four that OMERO always sets; a user's value replaces theirs.
_ALWAYS = ("Ciphers", "ProtocolVersionMax", "Protocols", "VerifyPeer")
_HIGHEST_PORT = 65535
#: The property of each port, by its transport, and of that of the registry.
PORTS: dict[str, Property[int]] = {
    "registry": PORTS_REGISTRY,
    "ssl": PORTS_SSL,
    "tcp": PORTS_TCP,
    "ws": PORTS_WS,
    "wss": PORTS_WSS,
}


class RouterFields(Context):
    """Fields of the Glacier2 template."""

    @field
    def icessl_properties(self) -> Items[tuple[str, str]]:
        """``IceSSL.X`` and its value, as they were written, sorted by name."""
        always = {f"{ICESSL_PREFIX}{name}" for name in _ALWAYS}
        names = always.union(self.settings.names_set(ICESSL_PREFIX)) - {ICESSL_PREFIX}
        return self.texts({name.removeprefix("omero.glacier2."): name for name in sorted(names)})

    def texts(self, names: Mapping[str, str]) -> Items[tuple[str, str]]:
        """Properties as a service gets them: the name there, and the text of the property that sets it."""
        return self.each(names, lambda name: (name, self.settings.text(names[name])))

    #: Sets of properties of the same document that the router gets besides its own.
    property_sets: tuple[str, ...] = ()

    @field
    def ports(self) -> dict[str, int]:
        """The port of each transport, prefix included, in the order of the transports."""
        ports: dict[str, int] = {}
        problems: list[Problem] = []
        for transport in self.settings[CLIENT_ICETRANSPORTS]:
            try:
                ports[transport] = self.port(transport)
            except ArtifactError as error:
                problems += error.problems
        if len(set(ports.values())) < len(ports):
            listed = ", ".join(f"{transport} {port}" for transport, port in ports.items())
            problems.append(self._shared_port(f"two transports share a port: {listed}", *ports))
        if problems:
            raise ArtifactError(problems)
        return ports

    def check_registry_port(self) -> None:
        """Refuse a port of the registry that is the router's: both are on the node master."""
        registry = self.port("registry")
        for transport, port in self.ports.items():
            if port == registry:
                message = f"the registry and {transport} share port {port}"
                raise ArtifactError(self._shared_port(message, "registry", transport))

    def _shared_port(self, message: str, *whose: str) -> Problem:
        names = tuple(PORTS[name].name for name in whose)
        also = tuple(self.settings.origin(name) for name in names if self.settings.is_set(name))
        return Problem(
            Location.property("omero.ports"), message, "give each its own", properties=names, also=also
        )

    def port(self, what: str) -> int:
        """The port of a transport or of the registry, prefix included; `ArtifactError` if that is none."""
        row = PORTS[what]
        port = int(f"{self.settings[PORTS_PREFIX] or ''}{self.settings[row]}")
        if port > _HIGHEST_PORT:
            shown = str(port)
            for part in (PORTS_PREFIX, row):  # either may be made of a secret that has digits alone
                shown = redact.text(self.settings.resolved(part.name), shown) or ""
            raise ArtifactError.at(
                self.settings.origin(PORTS_PREFIX if self.settings.is_set(PORTS_PREFIX) else row),
                f"{PORTS_PREFIX.name} makes port {shown} of {row.name}",
                f"choose one that keeps every port at {_HIGHEST_PORT} or below",
                properties=(PORTS_PREFIX.name, row.name),
            )
        return port

    @field
    def client_endpoints(self) -> str:
        """Where clients connect: ``ssl -p 4064:tcp -p 4063``."""
        return ":".join(f"{transport} -p {port}" for transport, port in self.ports.items())

    @field
    def master_host(self) -> str:
        """Where the node master and its registry are."""
        return self.settings[MASTER_HOST] or self.settings[ICE_DEFAULT_HOST] or "127.0.0.1"

    @field
    def server_endpoints(self) -> str:
        """Where OMERO's own servers connect."""
        host = self.master_host
        return f'tcp -h "{host}"' if ":" in host else f"tcp -h {host}"
