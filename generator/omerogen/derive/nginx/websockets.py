"""Fields of OMERO's websockets, which clients reach through nginx."""

from __future__ import annotations

from omerogen.catalog.client import CLIENT_ICETRANSPORTS
from omerogen.catalog.server import ICE_DEFAULT_HOST, MASTER_HOST, PORTS_PREFIX, PORTS_WS, PORTS_WSS
from omerogen.derive.fields import Context, field
from omerogen.model import ArtifactError, Property
from omerogen.templating.escape import Variable
from omerogen.values.network import HostName

#: The scheme of each transport, the first being preferred: within a machine TLS is of no use.
_SCHEMES = {"ws": ("http", PORTS_WS), "wss": ("https", PORTS_WSS)}


class WebsocketFields(Context):
    """Fields of the location that passes on websockets."""

    @field
    def websockets_location(self) -> str | None:
        """The path of the websockets; None where they are not passed on."""
        return self.options["websockets"] or None

    @field
    def websockets_target(self) -> str:
        """The router, as nginx reaches it: ``http://HOST:PORT``.

        The transports of one on another machine may be set there alone: then its port tells which it has.
        Raises `ArtifactError` if the router has no transport for websockets.
        """
        given = self.options["websockets_upstream"]
        transports = self.settings[CLIENT_ICETRANSPORTS]
        transport = next((name for name in _SCHEMES if name in transports), None)
        if given and not self.settings.is_set(CLIENT_ICETRANSPORTS):
            transport = transport or ("wss" if given.endswith(f":{self._port(PORTS_WSS)}") else "ws")
        if transport is None:
            raise ArtifactError.at(
                self.settings.origin(CLIENT_ICETRANSPORTS),
                f"--websockets: {CLIENT_ICETRANSPORTS.name} has neither ws nor wss",
                f"omero config set {CLIENT_ICETRANSPORTS.name} ssl,tcp,ws",
                properties=(CLIENT_ICETRANSPORTS.name,),
            )
        scheme, row = _SCHEMES[transport]
        if given:
            return f"{scheme}://{given}"
        host = HostName(self.settings[MASTER_HOST] or self.settings[ICE_DEFAULT_HOST] or "127.0.0.1")
        return f"{scheme}://{host.in_url}:{self._port(row)}"

    def _port(self, row: Property[int]) -> str:
        return f"{self.settings[PORTS_PREFIX] or ''}{self.settings[row]}"

    @field
    def websockets_variable(self) -> Variable:
        """The variable that is upgrade for websockets, and close for all else."""
        return Variable("omero_connection_upgrade")

    @field
    def websockets_connection(self) -> Variable | str:
        """The header Connection: a location alone has no map."""
        return "upgrade" if self.options["layout"] == "location" else self.websockets_variable
