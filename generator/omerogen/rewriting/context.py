"""The values of the placeholders in an installed OMERO's templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from omerogen.catalog.jvm import SERVICES
from omerogen.catalog.server import ICE_DEFAULT_HOST, MASTER_HOST, PORTS_PREFIX, TABLES_MODULE
from omerogen.derive import grid
from omerogen.derive.fields import field
from omerogen.derive.grid.properties import for_service, module_problems, problems_of
from omerogen.derive.grid.router import PORTS, RouterFields
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.fields import JvmFields
from omerogen.model import ArtifactError, Items
from omerogen.values.lists import Node

_PORT = re.compile(r"@omero\.ports\.(ssl|tcp|wss|ws|registry)@")


class InstalledContext(JvmFields, RouterFields):
    """The values of the placeholders; ``services`` are those that the templates have some for."""

    is_pure = False  # fields depend on the templates, too
    services: Collection[str] = SERVICES

    def check(self) -> None:
        """Refuse invalid java flags, clashing ports, and values that IceGrid would change."""
        super().check()
        self.check_registry_port()
        own = [name for names in self._own.values() for name in names.values()]
        if problems := [*problems_of(self.settings, own), *module_problems(self.settings)]:
            raise ArtifactError(problems)

    @property
    def _own(self) -> dict[str, dict[str, str]]:
        """The names that set a property for one service of the templates, JVM or not."""
        return for_service(self.settings, self.services)

    @field
    def flags(self) -> dict[str, Items[tuple[str, ...]]]:
        """The flags of each JVM that templates.xml has an option for, in parts."""
        memory.size_all(self.settings, lambda: self.host.memory)  # for the problems of all
        return {service: self.flag_parts(service) for service in SERVICES}

    @field
    def service_properties(self) -> dict[str, Items[tuple[str, str]]]:
        """The properties that one service alone gets, with their names there, by service."""
        return {service: self.texts(names) for service, names in self._own.items()}

    @field
    def descriptors(self) -> tuple[Node, ...] | None:
        """The nodes, if the site says what they run."""
        return grid.described(self.settings)

    def value(self, placeholder: str) -> str | None:
        """The value of a placeholder; None for one that OMERO's clients fill in, or that is not known.

        Its inputs are noted under the placeholder, as those of a field are.
        """
        if port := _PORT.fullmatch(placeholder):
            return self.observe(placeholder, lambda context: context._port_text(port[1]))
        compute = _PLACEHOLDERS.get(placeholder)
        return None if compute is None else self.observe(placeholder, compute)

    def client_value(self, placeholder: str) -> str | None:
        """The same for ``ice.config``, where a host has no port; the default is this machine."""
        if placeholder != _MASTER_HOST:
            return self.value(placeholder)
        return self.observe(placeholder, InstalledContext._client_host)

    def _client_host(self) -> str:
        return self.settings[MASTER_HOST] or self.settings[ICE_DEFAULT_HOST] or "localhost"

    def _port_text(self, what: str) -> str:
        self.aside(lambda: self.port(what))  # checks that it is a port once its prefix is added
        return str(self.settings[PORTS[what]])


def _endpoint_host(host: str) -> str:
    return f'"{host}"' if ":" in host else host


_MASTER_HOST = "@omero.master.host@"
#: The values of the placeholders, except ports.
_PLACEHOLDERS: dict[str, Callable[[InstalledContext], str]] = {
    "@omero.ports.prefix@": lambda site: site.settings[PORTS_PREFIX] or "",
    _MASTER_HOST: lambda site: _endpoint_host(site.master_host),
    "@Ice.Default.Host@": lambda site: _endpoint_host(site.settings[ICE_DEFAULT_HOST] or "127.0.0.1"),
    "@omero.client.endpoints@": lambda site: site.client_endpoints,
    "@omero.tables.module@": lambda site: site.settings[TABLES_MODULE],
}
