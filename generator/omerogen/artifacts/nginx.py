"""nginx in front of OMERO.web, in the three layouts that OMERO.web has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.web_security import WEB_SECURE_PROXY_SSL_HEADER, WEB_USE_X_FORWARDED_HOST
from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER,
    WEB_APPLICATION_SERVER_HOST,
    WEB_APPLICATION_SERVER_PORT,
    WEB_LOGDIR,
    WEB_NGINX_SERVER_EXTRA_CONFIG,
    WEB_PREFIX,
    WEB_STATIC_ROOT,
    WEB_STATIC_URL,
)
from omerogen.derive import tls
from omerogen.derive.fields import Context, field
from omerogen.model import ArtifactError, Location, NotApplicable, Problem, Severity, UsageError, warning
from omerogen.model.option import Option
from omerogen.templating.escape import Raw, Variable, Word
from omerogen.values.nginx import NGINX_SIZE
from omerogen.values.numbers import PORT
from omerogen.values.text import PATH

#: A standalone nginx runs as an ordinary user, which cannot bind the usual port.
_HTTP_PORT, _STANDALONE_HTTP_PORT = 80, 8080
_HTTP_HELP = f"the port for HTTP ({_HTTP_PORT}; standalone {_STANDALONE_HTTP_PORT})"
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    ":ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
#: Directives of a server block that a site's own lines may set instead: nginx takes each once.
_SERVER_DIRECTIVES = {"server_tokens": "off"}
#: Those of one that speaks TLS, after Mozilla's intermediate recommendation.
_TLS_DIRECTIVES = {
    "ssl_protocols": "TLSv1.2 TLSv1.3",
    "ssl_ciphers": _CIPHERS,
    "ssl_prefer_server_ciphers": "off",
    "ssl_session_timeout": "1d",
    "ssl_session_tickets": "off",
}


class NginxContext(Context):
    """Fields of nginx's configuration. A parameter is one field: its parts must not be quoted apart."""

    def check(self) -> None:
        """Refuse a configuration that nginx would refuse, or that cannot work."""
        server = self.settings[WEB_APPLICATION_SERVER]
        if server != "wsgi-tcp":
            raise NotApplicable.at(
                self.settings.origin(WEB_APPLICATION_SERVER),
                f"{WEB_APPLICATION_SERVER.name} is {server}: no nginx configuration is generated",
                "set it to wsgi-tcp for an nginx configuration",
                properties=(WEB_APPLICATION_SERVER.name,),
                severity=Severity.NOTE,
            )
        if problems := [*self._server_problems()]:
            raise UsageError(problems)
        if (self.static_location or "").rstrip("/") == self.prefix and self.static_location:
            raise ArtifactError.at(
                self.settings.origin(WEB_STATIC_URL),
                f"{WEB_STATIC_URL.name} is where the application is",
                "give static files a path of their own, such as /static/",
                properties=(WEB_STATIC_URL.name, WEB_PREFIX.name),
            )

    def _server_problems(self) -> Iterator[Problem]:
        """Problems with the options of a server block; a location alone has none."""
        if self.options["layout"] == "location":
            return
        ports = {"--http": self.http_port}
        if self.terminates_tls:
            ports["--https"] = self.https_port
            if not (self.options["certificate"] and self.options["certificate_key"]):
                advice = "add --certificate FILE --certificate-key FILE"
                files = (Location.flag("--certificate"), Location.flag("--certificate-key"))
                yield Problem(Location.flag("--tls", "nginx"), "needs a certificate", advice, also=files)
        application_port = self.settings[WEB_APPLICATION_SERVER_PORT]
        for flag, port in ports.items():
            if port == application_port:
                message = f"{port} is the port of the application itself"
                names = (WEB_APPLICATION_SERVER_PORT.name,)
                yield Problem(Location.flag(flag), message, "give another port", properties=names)
        if len(set(ports.values())) < len(ports):
            https, http = Location.flag("--https"), Location.flag("--http")
            yield Problem(https, "is the port of --http", "give another port", also=(http,))

    @field
    def prefix(self) -> str:
        """The path of OMERO.web without its trailing slash; empty at the top."""
        return str(self.settings[self.settings.effective_name(WEB_PREFIX)] or "").rstrip("/")

    @field
    def suffix(self) -> str:
        """Suffix that keeps names unique per prefix."""
        return "_" + re.sub(r"\W", "", self.prefix) if self.prefix else ""

    @field
    def upstream_name(self) -> str:
        """The group of application servers."""
        return f"omeroweb{self.suffix}"

    @field
    def application(self) -> str:
        """The application server, ``HOST:PORT``."""
        host = self.settings[WEB_APPLICATION_SERVER_HOST]
        return f"{host.in_url}:{self.settings[WEB_APPLICATION_SERVER_PORT]}"

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

    @field
    def maintenance_root(self) -> str:
        """Where a site has its maintenance page; its name is OMERO's, misspelling included."""
        return posixpath.join(self.settings.omerodir, "etc/templates/error")

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
    def http_port(self) -> int:
        """The port for HTTP."""
        standalone = self.options["layout"] == "standalone"
        return int(self.options["http"] or (_STANDALONE_HTTP_PORT if standalone else _HTTP_PORT))

    @field
    def https_port(self) -> int:
        """The port for TLS."""
        return tls.https_port(self.options)

    @field
    def tls(self) -> str:
        """Where TLS is terminated. A site that has Django trust a proxy's headers has a proxy."""
        trusts_scheme = bool(self.settings[WEB_SECURE_PROXY_SSL_HEADER])
        trusts_proxy = trusts_scheme or self.settings[WEB_USE_X_FORWARDED_HOST]
        return str(self.options["tls"] or ("proxy" if trusts_proxy else "none"))

    @field
    def terminates_tls(self) -> bool:
        """Whether this nginx has the certificate."""
        return self.tls == "nginx"

    @field
    def certificate(self) -> str:
        """The file of the certificate and those that signed it."""
        return str(self.options["certificate"])

    @field
    def certificate_key(self) -> str:
        """The file of the certificate's key."""
        return str(self.options["certificate_key"])

    @field
    def tls_session_cache(self) -> str:
        """Where all workers keep TLS sessions."""
        return f"shared:{self.upstream_name}:10m"

    @field
    def redirect_target(self) -> Word:
        """Where HTTP leads: the same page with TLS; its port is named unless it is the usual one."""
        port = [] if self.https_port == tls.HTTPS_PORT else [f":{self.https_port}"]
        return Word(("https://", Variable("host"), *port, Variable("request_uri")))

    @field
    def scheme(self) -> Variable:
        """The source of the browser's scheme: nginx itself, or the proxy in front of it."""
        return Variable("http_x_forwarded_proto" if self.tls == "proxy" else "scheme")

    @field
    def scheme_headers(self) -> list[str]:
        """The headers that carry the scheme: the usual one and, if nginx knows, the one Django reads."""
        header = self.settings[WEB_SECURE_PROXY_SSL_HEADER] if self.terminates_tls else []
        names = [tls.FORWARDED_PROTO, *header[:1]]
        return list(dict.fromkeys(name.removeprefix("HTTP_").replace("_", "-").title() for name in names))

    @field
    def sets_forwarded_host(self) -> bool:
        """Whether Django reads X-Forwarded-Host and no proxy in front sets it: browsers must not set it."""
        return bool(self.settings[WEB_USE_X_FORWARDED_HOST]) and self.tls != "proxy"

    @field
    def max_body_size(self) -> str:
        """The largest upload, 0 for no limit."""
        return str(self.options["max_body_size"])

    @field
    def server_directives(self) -> list[tuple[str, list[str]]]:
        """Directives of the server block with their words, but those that the site sets itself."""
        own = {line.split()[0] for line in self.extra_lines if line.strip()}
        directives = {**_SERVER_DIRECTIVES, **(_TLS_DIRECTIVES if self.terminates_tls else {})}
        return [(name, words.split()) for name, words in directives.items() if name not in own]

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
        """That a site's own lines have no server block to go to."""
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        if self.options["layout"] != "location" or not self.settings[row]:
            return []
        message = f"{row.name} has no effect with --layout location"
        advice = "put its lines into your server block"
        return [warning(self.settings.origin(row), message, advice, "lines-left-out", (row.name,))]


ARTIFACT = Artifact(
    "nginx",
    NginxContext,
    lambda options: f"nginx/{options['layout']}.conf.j2",
    always(File("nginx/omero.conf")),
    options=(
        Option("http", PORT, None, _HTTP_HELP, "PORT"),
        *tls.OPTIONS,
        Option("certificate", PATH, None, "the certificate, if nginx terminates TLS", "FILE"),
        Option("certificate_key", PATH, None, "the certificate's key", "FILE"),
        Option("max_body_size", NGINX_SIZE, "0", "the largest upload; 0 for no limit (0)", "SIZE"),
    ),
    examples=(
        *({"layout": layout} for layout in ("server", "standalone", "location")),
        {"tls": "nginx", "certificate": "/c.pem", "certificate_key": "/k.pem", "https": "8443"},
    ),
)
