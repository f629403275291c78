"""What stands in the place of the placeholders of an installed OMERO's templates."""

from __future__ import annotations

import re

from omerogen.derive import grid
from omerogen.derive.fields import field
from omerogen.derive.grid.properties import for_service, module_problems, problems_of
from omerogen.derive.grid.router import RouterFields
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.fields import JvmFields
from omerogen.model.errors import ArtifactError
from omerogen.values.lists import Node

_PORT = re.compile(r"@omero\.ports\.(ssl|tcp|wss|ws|registry)@")


class InstalledContext(JvmFields, RouterFields):
    """The values of the placeholders; the option ``services`` names those that have any."""

    def check(self) -> None:
        """Refuse what java would not take, clashing ports, and what IceGrid would change on its way."""
        super().check()
        self.check_registry_port()
        own = [name for names in self._own.values() for name in names.values()]
        if problems := [*problems_of(self.settings, own), *module_problems(self.settings)]:
            raise ArtifactError(problems)

    @property
    def _own(self) -> dict[str, dict[str, str]]:
        """The names that set a property for one service of the templates, JVM or not."""
        return for_service(self.settings, self.options["services"])

    @field
    def flags(self) -> dict[str, tuple[str, ...]]:
        """The flags of each JVM that templates.xml has an option for."""
        sized = memory.size_all(self.settings, lambda: self.host.memory)
        return {jvm.service: self.flags_of(jvm) for jvm in sized}

    @field
    def service_properties(self) -> dict[str, dict[str, str]]:
        """The properties that one service alone gets, by service and name."""
        return {
            service: {name: self.settings.text(full) for name, full in names.items()}
            for service, names in self._own.items()
        }

    @field
    def descriptors(self) -> tuple[Node, ...] | None:
        """The nodes, if the site says what they run."""
        return grid.described(self.settings)

    @field
    def placeholders(self) -> dict[str, str]:
        """What stands for a placeholder, but the ports."""
        host = self.master_host
        local = self.settings["Ice.Default.Host"] or "127.0.0.1"
        return {
            "@omero.ports.prefix@": self.settings["omero.ports.prefix"] or "",
            "@omero.master.host@": _endpoint_host(host),
            "@Ice.Default.Host@": _endpoint_host(local),
            "@omero.client.endpoints@": self.client_endpoints,
            "@omero.tables.module@": self.settings["omero.tables.module"],
        }

    def value(self, placeholder: str) -> str | None:
        """What stands for a placeholder; None for one that OMERO's clients fill in, or that is not known."""
        if port := _PORT.fullmatch(placeholder):
            self.port(port[1])  # with the prefix before it, it must be one
            return str(self.settings[f"omero.ports.{port[1]}"])
        return self.placeholders.get(placeholder)

    def client_value(self, placeholder: str) -> str | None:
        """The same for ``ice.config``, where a host stands alone, and is this machine if none is set."""
        if placeholder != "@omero.master.host@":
            return self.value(placeholder)
        return self.settings["omero.master.host"] or self.settings["Ice.Default.Host"] or "localhost"


def _endpoint_host(host: str) -> str:
    return f'"{host}"' if ":" in host else host
