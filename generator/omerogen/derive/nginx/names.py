"""Names that must be unique in one nginx: those of a site's upstream and named locations."""

from __future__ import annotations

import re

from omerogen.derive import tls
from omerogen.derive.fields import field
from omerogen.derive.web import PrefixFields


def suffix(prefix: str, server_name: str) -> str:
    """A different suffix for each pair of prefix and server name; either may be empty.

    That of a prefix of letters and digits is OMERO's own. In the prefix, other characters but the
    hyphen are written as numbers, so that the first dot begins the server name.
    """
    path = f"_{_written(prefix.removeprefix('/'), 'A-Za-z0-9-')}" if prefix else ""
    return f"{path}.{_written(server_name.lower(), 'a-z0-9.-')}" if server_name else path


def _written(text: str, legal: str) -> str:
    return re.sub(f"[^{legal}]", lambda found: f"_{ord(found.group()):02x}", text)


class NameFields(PrefixFields):
    """Fields of the names of a site."""

    @field
    def suffix(self) -> str:
        """Suffix that keeps names unique for each prefix and server name."""
        given = self.options["servername"]
        return suffix(self.prefix, given[0] if given != tls.SERVER_NAMES.parse(None) else "")

    @field
    def upstream_name(self) -> str:
        """The group of application servers; a port keeps it apart from a site that differs in that alone."""
        port = self.options["https" if self.options["tls"] == "nginx" else "http"] or ""
        return f"omeroweb{port}{self.suffix}"

    @field
    def proxy_location(self) -> str:
        """The named location that hands a request to the application."""
        return f"@proxy_to_app{self.suffix}"

    @field
    def maintenance_location(self) -> str:
        """The named location that answers while the application is down."""
        return f"@maintenance{self.suffix}"

    @field
    def maintenance_text_location(self) -> str:
        """The default error page, where the site has none."""
        return f"@maintenance_text{self.suffix}"
