"""IceGrid's server template for the Glacier2 router, OMERO's front door."""

from __future__ import annotations

from omerogen.artifacts.base import Artifact, File
from omerogen.errors import ArtifactError, Problem
from omerogen.fields import Context, field

_FAMILY = "omero.glacier2.IceSSL."
#: The four that OMERO always sets; a user's value replaces theirs.
_ALWAYS = ("Ciphers", "ProtocolVersionMax", "Protocols", "VerifyPeer")
_HIGHEST_PORT = 65535


class Glacier2Context(Context):
    """Fields of the Glacier2 template."""

    @field
    def icessl_properties(self) -> list[tuple[str, str]]:
        """``IceSSL.X`` and its value, as they were written, sorted by name."""
        names = {_FAMILY + name for name in _ALWAYS} | set(self.settings.names_set(_FAMILY)) - {_FAMILY}
        return [(name.removeprefix("omero.glacier2."), self.settings.text(name)) for name in sorted(names)]

    @field
    def ports(self) -> dict[str, int]:
        """The port of each transport, prefix included, in the order of the transports."""
        prefix = self.settings["omero.ports.prefix"] or ""
        transports = self.settings["omero.client.icetransports"]
        ports = {
            transport: int(f"{prefix}{self.settings[f'omero.ports.{transport}']}") for transport in transports
        }
        problems = [
            self._too_high(transport, port) for transport, port in ports.items() if port > _HIGHEST_PORT
        ]
        if len(set(ports.values())) < len(ports):
            listed = ", ".join(f"{transport} {port}" for transport, port in ports.items())
            names = tuple(f"omero.ports.{transport}" for transport in ports)
            message = f"two transports share a port: {listed}"
            problems.append(Problem("omero.ports", message, "give each its own", properties=names))
        if problems:
            raise ArtifactError(problems)
        return ports

    def _too_high(self, transport: str, port: int) -> Problem:
        prefix, name = "omero.ports.prefix", f"omero.ports.{transport}"
        decisive = prefix if self.settings.is_set(prefix) else name
        return Problem(
            self.settings.origin(decisive).where,
            f"{prefix} makes port {port} of {name}",
            f"choose one that keeps every port at {_HIGHEST_PORT} or below",
            properties=(prefix, name),
        )

    @field
    def client_endpoints(self) -> str:
        """Where clients connect: ``ssl -p 4064:tcp -p 4063``."""
        return ":".join(f"{transport} -p {port}" for transport, port in self.ports.items())

    @field
    def server_endpoints(self) -> str:
        """Where OMERO's own servers connect."""
        host = self.settings["omero.master.host"] or self.settings["Ice.Default.Host"] or "127.0.0.1"
        return f'tcp -h "{host}"' if ":" in host else f"tcp -h {host}"


ARTIFACT = Artifact(
    "glacier2",
    Glacier2Context,
    lambda options: "icegrid/glacier2.xml.j2",
    files=(File("icegrid/glacier2.xml"),),
)
