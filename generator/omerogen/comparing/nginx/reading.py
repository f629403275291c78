"""The options and properties that make our nginx mean the same as another, as far as they can."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER_HOST,
    WEB_APPLICATION_SERVER_PORT,
    WEB_LOGDIR,
    WEB_PREFIX,
    WEB_STATIC_ROOT,
    WEB_STATIC_URL,
)
from omerogen.comparing.nginx import statements
from omerogen.comparing.nginx.listening import Listen, listens
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.recognising import Web, folder_of, is_challenge, locations, path_of
from omerogen.comparing.nginx.statements import Key, Meaning
from omerogen.comparing.nginx.targets import target_of
from omerogen.derive import tls
from omerogen.derive.nginx.options import HTTP_PORT, STANDALONE_HTTP_PORT
from omerogen.model.option import Option
from omerogen.values.base import Invalid
from omerogen.values.patterns import Pattern

_HSTS = Pattern(r'"?max-age=(\d{1,10})"?')
_STATIC_ROOT = "/var/static"
_MAINTENANCE_ROOT = "/etc/templates/error"
_ERROR_LOG = "/nginx_error.log"
_UNLIMITED = "0"
#: nginx's own limit, where a configuration has none.
_USUAL_LIMIT = "1m"


def omerodir(web: Web) -> str | None:
    """The OMERO directory, from the folder of the maintenance page, else from that of static files."""
    roots = [one.args[0] for one in (web.maintenance.inside if web.maintenance else ()) if one.name == "root"]
    for folder, end in ((next(iter(roots), ""), _MAINTENANCE_ROOT), (_static_folder(web), _STATIC_ROOT)):
        if folder.rstrip("/").endswith(end) and folder.startswith("/"):
            return posixpath.normpath(folder).removesuffix(end) or "/"
    return None


def _static_folder(web: Web) -> str:
    return (folder_of(web.static) or "").rstrip("/") if web.static else ""


def properties(web: Web, meaning: Meaning) -> Iterator[tuple[str, str]]:
    """The properties that a configuration shows, by name; their texts."""
    host, port = web.target.address
    is_one = len(web.target.servers) == 1 and "$" not in host and not host.startswith("unix:")
    if web.target.scheme == "http" and host and is_one:
        yield WEB_APPLICATION_SERVER_HOST.name, host.strip("[]")
        yield WEB_APPLICATION_SERVER_PORT.name, port or "80"
    if web.entry.args[0] not in ("=", "~", "~*"):
        yield WEB_PREFIX.name, web.path.rstrip("/")
    if web.static:
        path = path_of(web.static)
        yield WEB_STATIC_URL.name, f"{path.rstrip('/')}/"
        yield WEB_STATIC_ROOT.name, _static_folder(web) or "/"
    log = meaning.facts.get(Key(statements.MAIN, "error_log", "")) or next(
        (fact for key, fact in meaning.facts.items() if key[:2] == (statements.MAIN, "error_log")), None
    )
    path = log.directive.args[0] if log and log.directive.args else ""
    if path.startswith("/") and path.endswith(_ERROR_LOG):
        yield WEB_LOGDIR.name, path.removesuffix(_ERROR_LOG) or "/"


class _Options:
    """Reads options from a configuration; each method is named after the option that it reads."""

    def __init__(self, web: Web, meaning: Meaning) -> None:
        self.web = web
        self.meaning = meaning
        self.listens = [] if web.layout == "location" else listens(web.server)
        self.secure = [listen for listen in self.listens if listen.is_tls]
        self.plain = [listen for listen in self.listens if not listen.is_tls]
        #: Whether TLS is that of ``--tls nginx``, not of lines of the site's own.
        self.by_option = bool(self.secure) and not self.plain and web.layout != "location"

    def layout(self) -> str:
        return self.web.layout

    def tls(self) -> str | None:
        if self.by_option:
            return "nginx"
        scheme = self._value(statements.HANDLER, "proxy_set_header", "x-forwarded-proto")
        return "proxy" if scheme == "$http_x_forwarded_proto" else None

    def servername(self) -> list[str] | None:
        if self.web.layout == "location":
            return None
        names = [name for one in self.web.server.inside if one.name == "server_name" for name in one.args]
        return [name for name in names if not tls.SERVER_NAMES.problems([name])] or ["_"]

    def _main_listens(self) -> list[Listen]:
        """Those of the port that an option names."""
        if self.by_option:
            return self._of_one_port(self.secure)
        return self._of_one_port(self.plain)

    def _redirecting(self) -> list[Listen]:
        return self._of_one_port(listens(self.web.redirecting)) if self.web.redirecting else []

    def _of_one_port(self, listens: list[Listen]) -> list[Listen]:
        return [listen for listen in listens if listen.port == listens[0].port]

    def http(self) -> int | None:
        found = self._redirecting() if self.by_option else self._main_listens()
        usual = STANDALONE_HTTP_PORT if self.web.layout == "standalone" else HTTP_PORT
        return found[0].port if found and found[0].port not in (0, usual) else None

    def https(self) -> int | None:
        usual = tls.https_port({"layout": self.web.layout, "tls": "nginx", "https": None})
        port = self.secure[0].port if self.by_option else 0
        return port if port not in (0, usual) else None

    def listen(self) -> list[str] | None:
        found = list(
            dict.fromkeys(a for listen in self._main_listens() for a in listen.addresses if listen.port)
        )
        return None if found in (["*"], []) else found

    def default_server(self) -> bool | None:
        return any(listen.is_default for listen in self._main_listens()) or None

    def http2(self) -> bool | None:
        return (self.by_option and any("http2" in listen.parameters for listen in self.secure)) or None

    def certificate(self) -> str | None:
        return self._file("ssl_certificate")

    def certificate_key(self) -> str | None:
        return self._file("ssl_certificate_key")

    def _file(self, name: str) -> str | None:
        found = [fact for key, fact in self.meaning.facts.items() if key[:2] == (statements.SERVER, name)]
        return found[0].directive.args[0] if self.by_option and found else None

    def hsts(self) -> str | None:
        if not self.by_option:
            return None
        name = "strict-transport-security"
        header = self._value(statements.HANDLER, "add_header", name)
        found = _HSTS.fullmatch((header or "").removesuffix(" always"))
        return found[1] if found else "off"

    def max_body_size(self) -> str | None:
        fact = self.meaning.facts.get(Key(statements.HANDLER, "client_max_body_size"))
        if fact is None and self.web.in_part:
            return None  # a block around it may set it
        given = fact.directive.args[0] if fact else _USUAL_LIMIT
        return None if given == _UNLIMITED else given

    def acme_root(self) -> str | None:
        server = self.web.redirecting if self.by_option else self.web.server
        if server is None or self.web.layout == "location":
            return None
        roots = [
            one.args[0]
            for place in locations(server)
            if is_challenge(place)
            for one in place.inside
            if one.name == "root"
        ]
        return next(iter(roots), None)

    def redirect_root(self) -> bool | None:
        prefix = self.web.path.rstrip("/")
        roots = [place for place in locations(self.web.server) if place.args == ("=", "/")]
        targets = [
            one.args[-1] for place in roots for one in place.inside if one.name == "return" and one.args
        ]
        return (bool(prefix) and f"{prefix}/" in targets) or None

    def _websockets(self) -> tuple[Directive, str] | None:
        """The exact location that passes on websockets, and where to."""
        for place in locations(self.web.server):
            upgrades = any(one.args[:1] in (("Upgrade",), ("upgrade",)) for one in place.inside)
            passes = [one for one in place.inside if one.name == "proxy_pass"]
            if place.args[0] == "=" and upgrades and passes:
                upstreams = {one.args[0]: one for one in self.web.http if one.name == "upstream" and one.args}
                host, port = target_of(passes[0], upstreams).address
                return place, f"{host}:{port}"
        return None

    def websockets(self) -> str | None:
        found = self._websockets()
        return path_of(found[0]) if found else None

    def websockets_upstream(self) -> str | None:
        found = self._websockets()
        return found[1] if found and ":" in found[1].strip(":") else None

    def _value(self, context: str, directive: str, key: str) -> str | None:
        fact = self.meaning.facts.get(Key(context, directive, key))
        return fact.value if fact else None


#: The options that are read: the rest are not about nginx's text, or are given by properties.
READ = (
    "layout tls servername http https listen default_server http2 certificate certificate_key hsts"
    " max_body_size acme_root redirect_root websockets websockets_upstream"
).split()


def options(web: Web, meaning: Meaning, known: Mapping[str, Option]) -> dict[str, Any]:
    """The options that a configuration shows and that are legal; None for one that is not to be given."""
    reader = _Options(web, meaning)
    found: dict[str, Any] = {}
    for name in READ:
        read: Callable[[], Any] = getattr(reader, name)
        value = read()
        found[name] = None if value is not None and _is_refused(known[name], value) else value
    return found


def _is_refused(option: Option, value: Any) -> bool:
    try:
        return bool(option.problems([*map(str, value)] if isinstance(value, list) else value))
    except Invalid:
        return True
