"""The options of nginx's configuration, and which of them have an effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omerogen.catalog.web_server import WEB_PREFIX
from omerogen.derive import tls
from omerogen.model import Location, Problem
from omerogen.model.option import Option
from omerogen.values.network import HOST_PORT
from omerogen.values.nginx import HSTS, LISTEN_ADDRESS, LOCATION_PATH, NGINX_SIZE
from omerogen.values.numbers import BOOL, PORT
from omerogen.values.text import PATH

#: A standalone nginx runs as an ordinary user, which cannot bind the usual port.
HTTP_PORT, STANDALONE_HTTP_PORT = 80, 8080
HSTS_SECONDS = 31_536_000
#: The path at which OMERO's clients look for websockets.
WEBSOCKETS = "/omero-ws"

OPTIONS = (
    Option("http", PORT, None, f"the port for HTTP ({HTTP_PORT}; standalone {STANDALONE_HTTP_PORT})", "PORT"),
    *tls.OPTIONS,
    Option("certificate", PATH, None, "the certificate, if nginx terminates TLS", "FILE"),
    Option("certificate_key", PATH, None, "the certificate's key", "FILE"),
    Option("max_body_size", NGINX_SIZE, "0", "the largest upload; 0 for no limit (0)", "SIZE"),
    Option(
        "listen", LISTEN_ADDRESS, None, "addresses to listen on, such as * [::] (*)", "ADDRESS", many=True
    ),
    Option("default_server", BOOL, "false", "answer for names that no other server has"),
    Option("http2", BOOL, "false", "speak HTTP/2 with TLS"),
    Option(
        "hsts", HSTS, None, f"how long browsers insist on TLS, or off ({HSTS_SECONDS})", "SECONDS", none="off"
    ),
    Option("acme_root", PATH, None, "the folder in which an ACME client puts its challenges", "DIR"),
    Option("redirect_root", BOOL, "false", "lead / to the prefix"),
    Option("upstream", HOST_PORT, None, "OMERO.web, as nginx reaches it (its own address)", "HOST:PORT"),
    Option(
        "websockets",
        LOCATION_PATH,
        None,
        f"pass on OMERO's websockets at this path ({WEBSOCKETS} without one)",
        "PATH",
        alone=WEBSOCKETS,
    ),
    Option(
        "websockets_upstream",
        HOST_PORT,
        None,
        "the router, as nginx reaches it (the master host)",
        "HOST:PORT",
    ),
)

_OF_A_SERVER = (
    "http",
    "certificate",
    "certificate_key",
    "listen",
    "default_server",
    "http2",
    "hsts",
    "acme_root",
)
_OF_TLS = ("certificate", "certificate_key", "http2", "hsts")


def without_effect(options: Mapping[str, Any], *, terminates_tls: bool, prefix: str) -> Iterator[Problem]:
    """Options that are given though nothing becomes of them."""
    in_location = options["layout"] == "location"
    only_own_tls = terminates_tls and options["tls"] != "nginx" and not in_location
    causes = (
        (in_location, _OF_A_SERVER, "--layout location", "leave it out, or use another layout"),
        (not (in_location or terminates_tls), _OF_TLS, "TLS", "add --tls nginx"),
        (only_own_tls, ("http2",), "--tls nginx", "write http2 behind your own listen"),
        (not prefix, ("redirect_root",), WEB_PREFIX.name, "leave it out, or set the prefix"),
        (options["websockets"] is None, ("websockets_upstream",), "--websockets", "add --websockets"),
    )
    for holds, names, what, advice in causes:
        for name in names if holds else ():
            option = next(option for option in OPTIONS if option.name == name)
            is_off = option.off is not None and options[name] == option.parse(option.off)
            if not (option.is_default(options) or is_off):
                why = f"with {what}" if what.startswith("--layout") else f"without {what}"
                yield Problem(Location.flag(option.flag), f"has no effect {why}", advice)
    yield from tls.without_effect(options)
