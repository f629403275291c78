"""Names that must be unique in one nginx: those of a site's upstream and named locations."""

from __future__ import annotations

import re

from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.derive import tls
from omerogen.derive.fields import field
from omerogen.derive.web import PrefixFields

#: The names that a site's own lines may use, as OMERO has them at the top of a server.
UPSTREAM, PROXY, MAINTENANCE = "omeroweb", "@proxy_to_app", "@maintenance"


def suffix(prefix: str, server_name: str) -> str:
    """A different suffix for each pair of prefix and server name; either may be empty.

    That of a prefix of letters and digits is OMERO's own. In the prefix, other characters but the
    hyphen are written as numbers, so that the first dot begins the server name.
    """
    path = f"_{_written(prefix.removeprefix('/'), 'A-Za-z0-9-')}" if prefix else ""
    return f"{path}.{_written(server_name.lower(), 'a-z0-9.-')}" if server_name else path


def of_omero(name: str, prefix: str) -> str:
    """A name as OMERO's own nginx has it."""
    return f"{name}{suffix(prefix, '')}"


def _written(text: str, legal: str) -> str:
    return re.sub(f"[^{legal}]", lambda found: f"_{ord(found.group()):02x}", text)


class NameFields(PrefixFields):
    """Fields of the names of a site.

    A site's own lines use OMERO's names: one that they have in them stays as it is.
    """

    @field
    def suffix(self) -> str:
        """Suffix that keeps names unique for each prefix and server name."""
        given = self.options["servername"]
        return suffix(self.prefix, given[0] if given != tls.SERVER_NAMES.parse(None) else "")

    @field
    def upstream_name(self) -> str:
        """The group of application servers; a port keeps it apart from a site that differs in that alone."""
        port = self.options["https" if self.options["tls"] == "nginx" else "http"] or ""
        return self._named(UPSTREAM, f"{port}{self.suffix}")

    @field
    def proxy_location(self) -> str:
        """The named location that hands a request to the application."""
        return self._named(PROXY, self.suffix)

    @field
    def maintenance_location(self) -> str:
        """The named location that answers while the application is down."""
        return self._named(MAINTENANCE, self.suffix)

    @field
    def maintenance_text_location(self) -> str:
        """The default error page, where the site has none."""
        return f"@maintenance_text{self.suffix}"

    def _named(self, name: str, suffix: str) -> str:
        usual = of_omero(name, self.prefix)
        if f"{name}{suffix}" == usual:
            return usual
        lines: list[str] = self.settings[WEB_NGINX_SERVER_EXTRA_CONFIG]
        is_used = re.search(rf"(?<![\w.@-]){re.escape(usual)}(?![\w.-])", "\n".join(lines))
        return usual if is_used else f"{name}{suffix}"
