"""Fields of a server block: what it listens to, and who terminates TLS.

A ``listen`` or a certificate of the site's own lines replaces ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from omerogen.catalog.web_security import WEB_SECURE_PROXY_SSL_HEADER, WEB_USE_X_FORWARDED_HOST
from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.derive import tls
from omerogen.derive.fields import field
from omerogen.derive.nginx.names import NameFields
from omerogen.derive.nginx.options import HSTS_SECONDS, HTTP_PORT, STANDALONE_HTTP_PORT
from omerogen.derive.nginx.own_lines import ANY, Directive, Endpoint, directives, endpoints, location
from omerogen.model import Items, Problem, warning
from omerogen.templating.escape import Variable, Word
from omerogen.values.patterns import Pattern

_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    ":ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
#: Directives of a server block that a site's own lines may set instead: nginx takes each once.
_SERVER_DIRECTIVES = {"server_tokens": "off"}
#: Those of one that speaks TLS, after Mozilla's intermediate recommendation.
_TLS_DIRECTIVES = {
    "ssl_session_cache": "shared:{upstream}:10m",
    "ssl_protocols": "TLSv1.2 TLSv1.3",
    "ssl_ciphers": _CIPHERS,
    "ssl_prefer_server_ciphers": "off",
    "ssl_session_timeout": "1d",
    "ssl_session_tickets": "off",
}
#: Parameters of a ``listen`` that make nginx open a separate socket.
_BINDS = Pattern(
    r"bind|deferred|reuseport|(?:backlog|rcvbuf|sndbuf|fastopen|accept_filter|setfib|so_keepalive|ipv6only)=.*"
)
#: The options of the certificate and its key; a directive of nginx is named after each.
_CERTIFICATE = ("certificate", "certificate_key")


class ListenFields(NameFields):
    """Fields of server blocks."""

    @field
    def own_directives(self) -> list[Directive]:
        """The directives of the site's own lines."""
        lines: list[str] = self.settings[WEB_NGINX_SERVER_EXTRA_CONFIG]
        return list(directives(lines))

    @field
    def http_port(self) -> int:
        """The port for HTTP."""
        standalone = self.options["layout"] == "standalone"
        return int(self.options["http"] or (STANDALONE_HTTP_PORT if standalone else HTTP_PORT))

    @field
    def https_port(self) -> int:
        """The port for TLS."""
        return tls.https_port(self.options)

    @field
    def listens(self) -> list[tuple[str, ...]]:
        """The words after each ``listen`` of the server of OMERO.web."""
        if not self.has_tls_option:
            return self._listens(self.http_port)
        return self._listens(self.https_port, "ssl", *(["http2"] if self.options["http2"] else []))

    @field
    def redirecting_listens(self) -> list[tuple[str, ...]]:
        """The same for the server that redirects to HTTPS; empty without TLS."""
        return self._listens(self.http_port) if self.has_tls_option else []

    def _listens(self, port: int, *flags: str) -> list[tuple[str, ...]]:
        if self.options["layout"] == "location":
            return []
        taken = self.own_endpoints
        flags = (*flags, *(["default_server"] if self.options["default_server"] else []))
        addresses = self.options["listen"] or ("",)
        places = [f"{address}:{port}" if address else str(port) for address in addresses]
        return [(place, *flags) for place in places if not endpoints(place) & taken]

    def _own(self, name: str) -> Iterator[tuple[str, ...]]:
        """The words after each directive of this name, if there are any."""
        return (own.words[1:] for own in self.own_directives if own.name == name and own.words[1:])

    @field
    def own_names(self) -> set[str]:
        """The names of the directives of the site's own lines."""
        return {directive.name for directive in self.own_directives}

    @field
    def own_endpoints(self) -> frozenset[Endpoint]:
        """What the site's own lines listen to; an address of IPv6 may include those of IPv4."""
        found: set[Endpoint] = set()
        for place, *parameters in self._own_listens():
            found |= (its := endpoints(place))
            if "ipv6only=off" in parameters:
                found |= {Endpoint(ANY, port) for _, port in its}
        return frozenset(found)

    @field
    def own_locations(self) -> list[str]:
        """The locations in the site's own lines; empty with ``--layout location``, which ignores them."""
        if self.options["layout"] == "location":
            return []
        return [location(words) for words in self._own("location")]

    @field
    def has_tls_option(self) -> bool:
        """Whether this nginx terminates TLS since the options say so."""
        return str(self.options["tls"]) == "nginx" and self.options["layout"] != "location"

    @field
    def terminates_tls(self) -> bool:
        """Whether TLS ends in this nginx, by the options or by the site's own lines."""
        if self.options["layout"] == "location":
            return str(self.options["tls"]) == "nginx"
        is_on = any(directive.words == ("ssl", "on") for directive in self.own_directives)
        return bool(is_on or any("ssl" in words[1:] for words in (*self.listens, *self._own_listens())))

    @field
    def is_behind_proxy(self) -> bool:
        """Whether TLS is terminated in front of nginx. A site where Django trusts a proxy has one."""
        given = self.options["tls"]
        trusts_scheme = given is None and bool(self.settings[WEB_SECURE_PROXY_SSL_HEADER])
        trusts_proxy = trusts_scheme or (given is None and self.settings[WEB_USE_X_FORWARDED_HOST])
        return (given == "proxy" or trusts_proxy) and not self.terminates_tls

    @field
    def certificates(self) -> Items[tuple[str, str]]:
        """The directives of the certificate and its key, but those that the site's own lines have."""
        return self.some(_CERTIFICATE if self.terminates_tls else (), self._certificate)

    def _certificate(self, option: str) -> tuple[str, str] | None:
        name, file = f"ssl_{option}", self.options[option]
        return (name, str(file)) if file and name not in self.own_names else None

    def lacks_certificate(self) -> bool:
        """Whether TLS is asked for, and neither options nor own lines have a certificate and its key."""
        has_all = all(self.options[option] or f"ssl_{option}" in self.own_names for option in _CERTIFICATE)
        return self.has_tls_option and not has_all

    @field
    def hsts(self) -> str | None:
        """How long browsers insist on TLS; None where the site's own lines say it, or nobody."""
        given = self.options["hsts"]
        seconds = HSTS_SECONDS if given is None and self.has_tls_option else given
        # A browser heeds the first of two headers, which would be ours.
        is_own = any(words[0].lower() == "strict-transport-security" for words in self._own("add_header"))
        is_off = is_own or seconds in (None, "off") or not self.terminates_tls
        return None if is_off else f"max-age={seconds}"

    @field
    def redirect_target(self) -> Word:
        """Where HTTP leads: the same page with TLS; its port is named unless it is the usual one."""
        port = [] if self.https_port == tls.HTTPS_PORT else [f":{self.https_port}"]
        return Word(("https://", Variable("host"), *port, Variable("request_uri")))

    @field
    def server_directives(self) -> Items[tuple[str, list[str]]]:
        """Directives of the server block with their words, but those that the site sets itself."""
        of_tls = _TLS_DIRECTIVES if self.has_tls_option else ()
        return self.some((*_SERVER_DIRECTIVES, *of_tls), self._server_directive)

    def _server_directive(self, name: str) -> tuple[str, list[str]] | None:
        if name in self.own_names:
            return None
        words = {**_SERVER_DIRECTIVES, **_TLS_DIRECTIVES}[name]
        if "{upstream}" in words:
            words = words.format(upstream=self.upstream_name)
        return name, words.split()

    def _own_listens(self) -> list[tuple[str, ...]]:
        """The words after each ``listen`` of the site's own; QUIC has a port of UDP beside that of TCP."""
        return [words for words in self._own("listen") if "quic" not in words[1:]]

    def socket_problems(self) -> Iterator[Problem]:
        """Own addresses that nginx would bind beside ours for all, which the system refuses at the start."""
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        ours = frozenset[Endpoint]().union(*(endpoints(place) for place, *_ in self.listens))
        for place, *parameters in self._own_listens():
            binds = any(map(_BINDS.fullmatch, parameters))
            if binds and any(its.for_all != its and its.for_all in ours for its in endpoints(place)):
                message = f"{row.name} binds {place} beside a listen for all addresses: nginx does not start"
                origin = self.settings.origin(row)
                yield Problem(origin, message, "give --listen with the addresses", properties=(row.name,))

    def listen_warnings(self) -> Iterable[Problem]:
        """A warning if the site's own ``listen`` takes the place of the one with TLS."""
        if self.has_tls_option and not self.terminates_tls:
            row = WEB_NGINX_SERVER_EXTRA_CONFIG
            message = f"{row.name} listens on port {self.https_port} without ssl, in place of --tls nginx"
            origin, rule = self.settings.origin(row), "own-listen-without-tls"
            yield warning(origin, message, f"write listen {self.https_port} ssl;", rule, (row.name,))
