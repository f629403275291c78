"""Where a location passes requests on to, through an upstream or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from omerogen.comparing.nginx.parsing import Directive
from omerogen.values.patterns import Pattern

#: Directives that pass requests to an application.
PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "scgi_pass")
_TARGET = Pattern(
    r"(?:(?P<scheme>[a-z]+)://)?(?P<host>unix:[^:]+|\[[^\]]*\]|[^/:]+)(?::(?P<port>\d+))?"
    r"(?P<path>[/:].*|(?<=\d)\$.*)?"
)
#: Addresses that are the same machine when something connects to them.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - nothing is bound here


class Target(NamedTuple):
    """Where requests go: the scheme, the servers with their parameters, and the path that is added."""

    scheme: str
    servers: tuple[tuple[str, ...], ...]
    path: str
    upstream: Directive | None

    @property
    def address(self) -> tuple[str, str]:
        """Host and port of the first server, as they are written; the port may be empty."""
        found = _TARGET.fullmatch(self.servers[0][0]) if self.servers else None
        return (found["host"], found["port"] or "") if found else ("", "")

    @property
    def shown(self) -> str:
        """The target in one form. nginx ignores fail_timeout and the like where there is one server."""
        several = len(self.servers) > 1
        servers = (
            " ".join([_reached(server), *(one for one in more if several or not _is_idle(one))])
            for server, *more in self.servers
        )
        joined = ", ".join(sorted(servers))
        return (
            f"{self.scheme}://{{{joined}}}{self.path}" if several else f"{self.scheme}://{joined}{self.path}"
        )


def _is_idle(parameter: str) -> bool:
    """Whether a parameter of the only server of an upstream has no effect."""
    return parameter.partition("=")[0] in ("weight", "max_fails", "fail_timeout", "backup")


def _reached(server: str) -> str:
    found = _TARGET.fullmatch(server)
    if not found or found["host"].startswith("unix:") or "$" in server:
        return server
    return f"{_LOOPBACK.get(found['host'], found['host'])}:{found['port'] or 80}"


def renamed(directive: Directive, names: Mapping[str, str]) -> Directive:
    """The same with other names for upstreams and named locations, in its block too."""
    args = tuple(names.get(word, word) if word.startswith("@") else word for word in directive.args)
    if directive.name in PASSES and args:
        found = _TARGET.fullmatch(args[0])
        if found and found["host"] in names and not found["port"]:
            start, end = found.span("host")
            args = (f"{args[0][:start]}{names[found['host']]}{args[0][end:]}", *args[1:])
    block = None if directive.block is None else tuple(renamed(one, names) for one in directive.block)
    return directive._replace(args=args, block=block)


def target_of(directive: Directive, upstreams: dict[str, Directive]) -> Target:
    """Where a ``proxy_pass`` leads, through an upstream or without."""
    word = directive.args[0] if directive.args else ""
    found = _TARGET.fullmatch(word)
    scheme = "http" if directive.name == "proxy_pass" else directive.name.removesuffix("_pass")
    if not found:
        return Target(scheme, ((word,),), "", None)
    scheme, path = found["scheme"] or scheme, found["path"] or ""
    upstream = upstreams.get(found["host"])
    if upstream and not found["port"]:
        servers = tuple(one.args for one in upstream.inside if one.name == "server" and one.args)
        return Target(scheme, servers, path, upstream)
    host = f"{found['host']}:{found['port']}" if found["port"] else found["host"]
    return Target(scheme, ((host,),), path, None)
