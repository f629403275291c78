"""nginx in front of OMERO.web, in the three layouts that OMERO.web has."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.web_security import WEB_SECURE_PROXY_SSL_HEADER, WEB_USE_X_FORWARDED_HOST
from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER_HOST,
    WEB_APPLICATION_SERVER_PORT,
    WEB_LOGDIR,
    WEB_NGINX_SERVER_EXTRA_CONFIG,
    WEB_PREFIX,
    WEB_STATIC_ROOT,
    WEB_STATIC_URL,
)
from omerogen.derive import tls
from omerogen.derive.fields import field
from omerogen.derive.nginx.listening import ListenFields
from omerogen.derive.nginx.options import OPTIONS, without_effect
from omerogen.derive.nginx.own_lines import Endpoint, endpoints
from omerogen.derive.nginx.websockets import WebsocketFields
from omerogen.derive.web import check_application_server
from omerogen.model import ArtifactError, Items, Location, Problem, UsageError, warning
from omerogen.templating.escape import Raw, Variable
from omerogen.values.network import HostName

#: Wildcard addresses, and the loopback address that reaches a server on each.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here

#: Where an ACME client's challenges are asked for.
_CHALLENGES = "/.well-known/acme-challenge/"


class NginxContext(ListenFields, WebsocketFields):
    """Fields of nginx's configuration. A parameter is one field: its parts must not be quoted apart."""

    def check(self) -> None:
        """Refuse a configuration that nginx would refuse, or that cannot work."""
        check_application_server(self.settings, "nginx configuration")
        if problems := [*self._problems()]:
            raise UsageError(problems)
        if (self.static_location or "").rstrip("/") == self.prefix and self.static_location:
            raise ArtifactError.at(
                self.settings.origin(WEB_STATIC_URL),
                f"{WEB_STATIC_URL.name} is where the application is",
                "give static files a separate path, such as /static/",
                properties=(WEB_STATIC_URL.name, WEB_PREFIX.name),
            )

    def _problems(self) -> Iterator[Problem]:
        """Options that have no effect, clash, or lack another."""
        has_tls = self.terminates_tls or self.has_tls_option
        needless = without_effect(self.options, terminates_tls=has_tls, prefix=self.prefix)
        yield from self.settings.site.of_itself(needless)
        if self.lacks_certificate():
            advice = "add --certificate FILE --certificate-key FILE"
            files = (Location.flag("--certificate"), Location.flag("--certificate-key"))
            yield Problem(Location.flag("--tls", "nginx"), "needs a certificate", advice, also=files)
        yield from self._location_problems()
        if self.options["layout"] != "location":
            yield from self._port_problems()
            yield from self._listen_problems()
            yield from self.socket_problems()

    def _port_problems(self) -> Iterator[Problem]:
        ports = {"--http": self.http_port}
        if self.has_tls_option:
            ports["--https"] = self.https_port
        application_port = self.settings[WEB_APPLICATION_SERVER_PORT]
        for flag, port in ports.items():
            if port == application_port and not self.options["upstream"]:
                message = f"{port} is the port of the application itself"
                names = (WEB_APPLICATION_SERVER_PORT.name,)
                yield Problem(Location.flag(flag), message, "give another port", properties=names)
        if len(set(ports.values())) < len(ports):
            https, http = Location.flag("--https"), Location.flag("--http")
            yield Problem(https, "is the port of --http", "give another port", also=(http,))

    def _listen_problems(self) -> Iterator[Problem]:
        """Addresses that are given twice, if in other words."""
        seen: dict[Endpoint, str] = {}
        for address in self.options["listen"]:
            its = endpoints(address)
            if its & seen.keys():
                message = f"{address} is the same as {seen[min(its & seen.keys())]}"
                yield Problem(Location.flag("--listen"), message, "leave out one of them")
            seen |= dict.fromkeys(its, address)

    def _location_problems(self) -> Iterator[Problem]:
        """Duplicate locations: two generated ones, or a generated one and one of the site's own lines."""
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        holders = {self.application_location: WEB_PREFIX.name, self.static_location: WEB_STATIC_URL.name}
        for path in self.own_locations:
            if path in holders:
                message = f"{row.name} also defines the location {path} of {holders[path]}"
                names = (row.name, holders[path])
                yield Problem(self.settings.origin(row), message, "leave it out", properties=names)
        for flag, path in self._locations_of_options():
            if path in self.own_locations:
                yield self._own_instead_of(flag, path)
            elif path in holders:
                message = f"{holders[path]} already defines the location {path}"
                yield Problem(Location.flag(flag), message, "leave out one of them")
            holders[path] = flag

    def _own_instead_of(self, flag: str, path: str) -> Problem:
        """An option for a location that the site's own lines have already."""
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        message, advice = f"{row.name} already defines the location {path}", "leave out one of them"
        also = (self.settings.origin(row),)
        return Problem(Location.flag(flag), message, advice, properties=(row.name,), also=also)

    def _locations_of_options(self) -> Iterator[tuple[str, str]]:
        """Flags, and the location that each makes in the server block."""
        if self.websockets_location:
            yield "--websockets", f"= {self.websockets_location}"
        if self.root_target:
            yield "--redirect-root", "= /"
        if self.acme_root and not self.redirecting_listens:
            yield "--acme-root", _CHALLENGES

    @field
    def application(self) -> str:
        """The application, ``HOST:PORT``. One that listens on all addresses is reached over loopback."""
        if self.options["upstream"]:
            return str(self.options["upstream"])
        host = self.settings[WEB_APPLICATION_SERVER_HOST]
        reached = HostName(_LOOPBACK.get(host, host))
        return f"{reached.in_url}:{self.settings[WEB_APPLICATION_SERVER_PORT]}"

    @field
    def is_over_loopback(self) -> bool:
        """Whether the address of the application is not the one that it is bound to."""
        return not self.options["upstream"] and self.settings[WEB_APPLICATION_SERVER_HOST] in _LOOPBACK

    @field
    def proxy_target(self) -> str:
        """Where requests go: a location alone cannot have an upstream."""
        alone = self.options["layout"] == "location"
        return f"http://{self.application if alone else self.upstream_name}"

    @field
    def application_location(self) -> str:
        """The path that is the application's."""
        return self.prefix or "/"

    @field
    def maintenance_root(self) -> str:
        """Where a site has its maintenance page; its name is OMERO's, misspelling included."""
        return posixpath.join(self.settings.omerodir, "etc/templates/error")

    @field
    def acme_root(self) -> str | None:
        """The folder of ACME challenges."""
        return self.options["acme_root"] or None

    @field
    def root_target(self) -> str | None:
        """Where / leads to; None where it leads nowhere."""
        return f"{self.prefix}/" if self.options["redirect_root"] else None

    @field
    def static_location(self) -> str | None:
        """The path of static files; None if another server has them."""
        url: str = self.settings[WEB_STATIC_URL]
        return url if url.startswith("/") and not url.startswith("//") else None

    @field
    def static_folder(self) -> str:
        """The folder of static files, with the slash that keeps its siblings out."""
        return f"{self.settings.path(WEB_STATIC_ROOT).rstrip('/')}/"

    @field
    def server_names(self) -> list[str]:
        """The names of the server block; ``$hostname`` is the one variable among them."""
        return [Variable(name[1:]) if name.startswith("$") else name for name in self.options["servername"]]

    @field
    def scheme(self) -> Variable:
        """The source of the browser's scheme: nginx itself, or the proxy in front of it."""
        return Variable("http_x_forwarded_proto" if self.is_behind_proxy else "scheme")

    @field
    def scheme_headers(self) -> Items[str]:
        """The headers that carry the scheme: the usual one and, if nginx knows, the one Django reads."""
        return self.all_of((self._usual_header, self._own_header), lambda headers: map(_header, headers()))

    def _usual_header(self) -> list[str]:
        return [tls.FORWARDED_PROTO]

    def _own_header(self) -> list[str]:
        """The header that Django reads, if that is another one and nginx terminates TLS."""
        header = self.settings[WEB_SECURE_PROXY_SSL_HEADER][:1]
        is_other = header and _header(header[0]) != _header(tls.FORWARDED_PROTO)
        return header if is_other and self.terminates_tls else []

    @field
    def sets_forwarded_host(self) -> bool:
        """Whether Django reads X-Forwarded-Host and no proxy in front sets it: browsers must not set it."""
        return bool(self.settings[WEB_USE_X_FORWARDED_HOST]) and not self.is_behind_proxy

    @field
    def max_body_size(self) -> str:
        """The largest upload, 0 for no limit."""
        return str(self.options["max_body_size"])

    @field
    def extra_lines(self) -> list[Raw]:
        """The site's own lines, checked to be whole directives."""
        lines = self.settings[WEB_NGINX_SERVER_EXTRA_CONFIG]
        return [Raw(part) for line in lines for part in line.split("\n")]

    @field
    def pid_file(self) -> str:
        """Where a standalone nginx keeps its process id."""
        return posixpath.join(self.settings.omerodir, "var/nginx.pid")

    @field
    def temporary_folders(self) -> dict[str, str]:
        """Where a standalone nginx keeps temporary files, by the module that makes them."""
        folder = posixpath.join(self.settings.omerodir, "var/nginx_tmp")
        return {name: f"{folder}_{name}" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")}

    @field
    def error_log(self) -> str:
        """Where a standalone nginx logs what goes wrong."""
        return self._log("nginx_error.log")

    @field
    def access_log(self) -> str:
        """Where a standalone nginx logs requests."""
        return self._log("nginx_access.log")

    def _log(self, name: str) -> str:
        return posixpath.join(self.settings.path(WEB_LOGDIR), name)

    def warnings(self) -> list[Problem]:
        """Own lines that have no server block to go to, or that take the place of TLS."""
        return [*self._lines_left_out(), *self.listen_warnings()]

    def _lines_left_out(self) -> Iterator[Problem]:
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        if self.options["layout"] == "location" and self.settings[row]:
            message = f"{row.name} has no effect with --layout location"
            advice = "put its lines into your server block"
            yield warning(self.settings.origin(row), message, advice, "lines-left-out", (row.name,))


def _header(name: str) -> str:
    """A header as nginx writes it, from its name in Django."""
    return name.removeprefix("HTTP_").replace("_", "-").title()


ARTIFACT = Artifact(
    "nginx",
    NginxContext,
    lambda options: f"nginx/{options['layout']}.conf.j2",
    always(File("nginx/omero.conf")),
    options=OPTIONS,
    examples=(
        *({"layout": layout} for layout in ("server", "standalone", "location")),
        {"tls": "nginx", "certificate": "/c.pem", "certificate_key": "/k.pem", "https": "8443"},
        {
            "acme_root": "/acme",
            "listen": "* [::]",
            "default_server": "true",
            "upstream": "omeroweb:4080",
        },
    ),
)
