"""Fields of the Glacier2 router, OMERO's front door, for every document that has its template."""

from __future__ import annotations

from omerogen.derive.fields import Context, field
from omerogen.model.errors import ArtifactError, Problem
from omerogen.settings import redact

_FAMILY = "omero.glacier2.IceSSL."
#: The four that OMERO always sets; a user's value replaces theirs.
_ALWAYS = ("Ciphers", "ProtocolVersionMax", "Protocols", "VerifyPeer")
_HIGHEST_PORT = 65535


class RouterFields(Context):
    """Fields of the Glacier2 template."""

    @field
    def icessl_properties(self) -> list[tuple[str, str]]:
        """``IceSSL.X`` and its value, as they were written, sorted by name."""
        names = {_FAMILY + name for name in _ALWAYS} | set(self.settings.names_set(_FAMILY)) - {_FAMILY}
        return [(name.removeprefix("omero.glacier2."), self.settings.text(name)) for name in sorted(names)]

    #: Sets of properties of the same document that the router gets besides its own.
    property_sets: tuple[str, ...] = ()

    @field
    def ports(self) -> dict[str, int]:
        """The port of each transport, prefix included, in the order of the transports."""
        ports: dict[str, int] = {}
        problems: list[Problem] = []
        for transport in self.settings["omero.client.icetransports"]:
            try:
                ports[transport] = self.port(transport)
            except ArtifactError as error:
                problems += error.problems
        if len(set(ports.values())) < len(ports):
            listed = ", ".join(f"{transport} {port}" for transport, port in ports.items())
            names = tuple(f"omero.ports.{transport}" for transport in ports)
            message = f"two transports share a port: {listed}"
            problems.append(Problem("omero.ports", message, "give each its own", properties=names))
        if problems:
            raise ArtifactError(problems)
        return ports

    def check_registry_port(self) -> None:
        """Refuse a port of the registry that is the router's: both are on the node master."""
        registry = self.port("registry")
        for transport, port in self.ports.items():
            if port == registry:
                names = ("omero.ports.registry", f"omero.ports.{transport}")
                message = f"the registry and {transport} share port {port}"
                raise ArtifactError(Problem("omero.ports", message, "give each its own", properties=names))

    def port(self, what: str) -> int:
        """The port of a transport or of the registry, prefix included; `ArtifactError` if that is none."""
        prefix, name = "omero.ports.prefix", f"omero.ports.{what}"
        port = int(f"{self.settings[prefix] or ''}{self.settings[name]}")
        if port > _HIGHEST_PORT:
            shown = str(port)
            for part in (prefix, name):  # either may be made of a secret that has digits alone
                shown = redact.text(self.settings.entry(part), shown) or ""
            raise ArtifactError(
                Problem(
                    self.settings.origin(prefix if self.settings.is_set(prefix) else name).where,
                    f"{prefix} makes port {shown} of {name}",
                    f"choose one that keeps every port at {_HIGHEST_PORT} or below",
                    properties=(prefix, name),
                )
            )
        return port

    @field
    def client_endpoints(self) -> str:
        """Where clients connect: ``ssl -p 4064:tcp -p 4063``."""
        return ":".join(f"{transport} -p {port}" for transport, port in self.ports.items())

    @field
    def master_host(self) -> str:
        """Where the node master and its registry are."""
        return self.settings["omero.master.host"] or self.settings["Ice.Default.Host"] or "127.0.0.1"

    @field
    def server_endpoints(self) -> str:
        """Where OMERO's own servers connect."""
        host = self.master_host
        return f'tcp -h "{host}"' if ":" in host else f"tcp -h {host}"
