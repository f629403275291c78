"""Where TLS is terminated in front of OMERO.web: one answer for nginx and Django.

- ``none``: nowhere; browsers speak HTTP to nginx.
- ``nginx``: in this nginx, with its certificate.
- ``proxy``: a proxy in front of nginx, which says so in X-Forwarded-Proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omerogen.model import Location, Problem
from omerogen.model.option import Option
from omerogen.values.base import Choice
from omerogen.values.nginx import SERVER_NAME
from omerogen.values.numbers import PORT

#: The header in which nginx passes the scheme to Django, as Django names it.
FORWARDED_PROTO = "HTTP_X_FORWARDED_PROTO"
HTTPS_PORT = 443
_STANDALONE_HTTPS_PORT = 8443

LAYOUT = Option(
    "layout",
    Choice("server", "standalone", "location"),
    "server",
    "of nginx: server, to include in http; standalone, a whole nginx.conf; location, for your own server",
)
TLS = Option(
    "tls", Choice("none", "nginx", "proxy"), None, "where TLS is terminated: none, nginx or a proxy in front"
)
SERVER_NAMES = Option(
    "servername", SERVER_NAME, "$hostname", "the names nginx answers to ($hostname)", "HOST", many=True
)
HTTPS = Option(
    "https", PORT, None, f"the port for TLS ({HTTPS_PORT}; standalone {_STANDALONE_HTTPS_PORT})", "PORT"
)

#: The options that both artifacts take; they must be the same for both.
OPTIONS = (LAYOUT, TLS, SERVER_NAMES, HTTPS)


def without_effect(options: Mapping[str, Any]) -> Iterator[Problem]:
    """The port for TLS, where there is none."""
    if options["https"] is not None and not is_on(options):
        yield Problem(
            Location.flag(HTTPS.flag), "has no effect without TLS", "add --tls nginx or --tls proxy"
        )


def is_on(options: Mapping[str, Any]) -> bool:
    """Whether browsers use HTTPS, according to the options."""
    return options["tls"] in ("nginx", "proxy")


def https_port(options: Mapping[str, Any]) -> int:
    """The port for TLS; a standalone nginx runs as an ordinary user, which cannot bind the usual one."""
    own_nginx = options["tls"] == "nginx" and options["layout"] == "standalone"
    return int(options["https"] or (_STANDALONE_HTTPS_PORT if own_nginx else HTTPS_PORT))


def origins(options: Mapping[str, Any]) -> list[str]:
    """The origins that browsers will name: ``https://NAME`` of each server name that is a host."""
    if not is_on(options):
        return []
    port = https_port(options)
    suffix = "" if port == HTTPS_PORT else f":{port}"
    return [
        f"https://{name}{suffix}"
        for name in options["servername"]
        if name[0] not in "$_.[" and name[-1] != "*"
    ]
