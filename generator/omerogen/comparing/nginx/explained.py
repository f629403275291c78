"""Differences that are deliberate: where our nginx differs from OMERO's own text, and why.

Each reason is a section of docs/compare.md. They are reported, and not adopted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from omerogen.comparing.nginx.recognising import Web
from omerogen.comparing.nginx.statements import (
    ENTRY,
    HANDLER,
    HTTP,
    MAIN,
    MAINTENANCE,
    MAINTENANCE_TEXT,
    REDIRECT,
    SERVER,
    STATIC,
    Key,
)

#: The sentences of the reasons, by the id that a difference has.
REASONS = {
    "buffering": "with buffering, a slow client does not keep a worker of OMERO.web busy",
    "maintenance-page": "OMERO's page is never shown, as a named location does not inherit error_page",
    "error-pages": "ours for 502 hides yours where requests are passed on: put that page into"
    " etc/templates/error/maintainance.html of the OMERO directory",
    "static-slash": "without the slash at both ends, nginx also serves siblings of the folder",
    "try-files": "every request is the application's; OMERO's text looks for a file of nginx's own first",
    "own-locations": "ours sets it for the locations of OMERO.web alone; your own may need it, too",
    "server-tokens": "nginx does not send its version",
    "outer-blocks": "a block in another file may set it; nginx's own limit is --max-body-size 1m",
    "sendfile": "static files are sent by the kernel",
    "forwarded-headers": "Django learns the client, and the scheme and host that the browser used",
    "proxy-redirect": "OMERO.web knows its own host by the header, so that nginx has no redirects to correct",
    "tls-parameters": "the intermediate recommendation of Mozilla; your own lines override it",
    "other-hosts": "requests for hosts without a server of their own are redirected, too",
    "own-nginx": "a standalone nginx has its own files below OMERODIR/var, and all media types in one file",
}

_Test = Callable[[str | None], bool]


class _Row(NamedTuple):
    reason: str
    contexts: tuple[str, ...]
    directive: str
    yours: _Test
    ours: _Test
    key: str | None = None
    where: Callable[[Web], bool] = lambda _: True


def _none(value: str | None) -> bool:
    return value is None


def _any(value: str | None) -> bool:  # noqa: ARG001 - the signature of a test
    return True


def _some(value: str | None) -> bool:
    return value is not None


def _in_part(web: Web) -> bool:
    return web.in_part


def _standalone(web: Web) -> bool:
    return web.layout == "standalone"


def _without_root(web: Web) -> bool:
    """Whether try_files looks into nginx's own folder, or into one of the property, which ours has, too."""
    blocks = (*web.http, *web.server.inside, *web.entry.inside)
    return all(one.name != "root" or one.line in web.marked for one in blocks)


def _is(*values: str) -> _Test:
    return lambda value: value in values


#: Stands for every location besides those of OMERO.web.
_OTHERS = "other locations"
_LOCATIONS = (ENTRY, HANDLER, STATIC, MAINTENANCE)
_EVERYWHERE = (SERVER, HTTP, REDIRECT, _OTHERS, *_LOCATIONS)
_TLS = (
    "ssl_session_cache ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_timeout"
    " ssl_session_tickets"
)
_FOLDERS = "client_body_temp_path proxy_temp_path"

_ROWS = (
    _Row("buffering", (HANDLER,), "proxy_buffering", _is("off"), _none),
    _Row("maintenance-page", (ENTRY,), "error_page", _is("@maintenance"), _none),
    _Row("maintenance-page", (HANDLER,), "error_page", _none, _is("@maintenance")),
    _Row("error-pages", (HANDLER,), "error_page", _some, _any),
    _Row("maintenance-page", (HANDLER,), "recursive_error_pages", _none, _some),
    _Row("maintenance-page", (MAINTENANCE, MAINTENANCE_TEXT), "location", _none, _some),
    _Row("maintenance-page", (MAINTENANCE,), "try_files", _is("$uri /maintainance.html =502"), _some),
    _Row("maintenance-page", (MAINTENANCE,), "error_page", _none, _some),
    _Row("maintenance-page", (MAINTENANCE,), "open_file_cache", _none, _some),
    _Row("try-files", (ENTRY,), "try_files", _is("$uri @proxy_to_app"), _none, where=_without_root),
    _Row("try-files", (ENTRY,), "open_file_cache", _none, _some),
    _Row("outer-blocks", (ENTRY, HANDLER), "client_max_body_size", _none, _is("0"), where=_in_part),
    _Row("outer-blocks", (STATIC,), "sendfile", _none, _some, where=_in_part),
    _Row("own-locations", (_OTHERS,), "client_max_body_size", _some, _none),
    _Row("own-locations", (_OTHERS,), "sendfile", _some, _none),
    _Row("server-tokens", _EVERYWHERE, "server_tokens", _none, _is("off")),
    _Row("sendfile", (STATIC,), "sendfile", _none, _is("on")),
    _Row("forwarded-headers", (HANDLER,), "proxy_set_header", _none, _some, "x-forwarded-for"),
    _Row("forwarded-headers", (HANDLER,), "proxy_set_header", _none, _some, "x-forwarded-proto"),
    _Row("forwarded-headers", (HANDLER,), "proxy_set_header", _none, _some, "x-forwarded-host"),
    _Row(
        "forwarded-headers",
        (HANDLER,),
        "proxy_set_header",
        _is("$scheme"),
        _is("$http_x_forwarded_proto"),
        "x-forwarded-proto",
    ),
    _Row("proxy-redirect", (HANDLER,), "proxy_redirect", _none, _is("off")),
    *(_Row("tls-parameters", (SERVER,), name, _none, _some) for name in _TLS.split()),
    _Row("other-hosts", (REDIRECT,), "return", _some, _none, "others"),
    _Row("own-nginx", (MAIN,), "worker_processes", _is("5"), _is("auto")),
    _Row("own-nginx", (MAIN,), "worker_rlimit_nofile", _none, _some),
    _Row("own-nginx", (MAIN,), "working_directory", _some, _none),
    _Row("own-nginx", (MAIN,), "pid", _some, _some),
    _Row("own-nginx", (HTTP,), "types", _any, _any),
    *(
        _Row("own-nginx", (HTTP, HANDLER, ENTRY, SERVER, _OTHERS), name, _some, _some)
        for name in _FOLDERS.split()
    ),
    *(
        _Row("own-nginx", (HTTP,), f"{name}_temp_path", _none, _some)
        for name in ("fastcgi", "uwsgi", "scgi", "proxy", "client_body")
    ),
    _Row(
        "own-nginx",
        (HTTP, SERVER, _OTHERS, *_LOCATIONS),
        "keepalive_timeout",
        _is("65000"),
        _none,
        where=_standalone,
    ),
)


def reason(web: Web, key: Key, yours: str | None, ours: str | None) -> str:
    """The id of the reason for a difference; empty where it is not a deliberate one. ``web`` is yours."""
    if key.context == STATIC and key.directive in ("location", "alias") and yours and f"{yours}/" == ours:
        return "static-slash"
    is_other = key.context.startswith("location ") and key.context not in _LOCATIONS
    context = _OTHERS if is_other and key.context != MAINTENANCE_TEXT else key.context
    for row in _ROWS:
        is_about = context in row.contexts and key.directive == row.directive
        is_about = is_about and row.where(web) and row.key in (None, key.key)
        if is_about and row.yours(yours) and row.ours(ours):
            return row.reason
    return ""
