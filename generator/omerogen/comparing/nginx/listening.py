"""Addresses that servers listen on, and redirects to HTTPS, in one form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omerogen.comparing.nginx.parsing import Directive
from omerogen.derive.nginx.own_lines import Endpoint, endpoints
from omerogen.values.patterns import Pattern

_USUAL = "80"
#: Parameters that say what nginx does anyway.
_DEFAULTS = frozenset({"ipv6only=on", "default_server", "default"})
_TO_HTTPS = Pattern(r"https://(\S+?)(?::(\d+))?\$request_uri")
#: Patterns that match every path, with what stands for it in the replacement.
_EVERY_PATH = {"^": "$request_uri", ".*": "$request_uri", "^.*$": "$request_uri", "^.*": "$request_uri"}
_CAPTURED = {"^(.*)$": "$1", "^(.*)": "$1", "(.*)": "$1", "^/(.*)$": "/$1", "^/(.*)": "/$1"}


class Listen(NamedTuple):
    """A ``listen``: its first word, the endpoints that it names, and its parameters."""

    place: str
    endpoints: frozenset[Endpoint]
    parameters: frozenset[str]
    is_default: bool
    directive: Directive

    @property
    def port(self) -> int:
        """The port, the first of a range."""
        return min(port for _, port in self.endpoints)

    @property
    def is_tls(self) -> bool:
        """Whether it speaks TLS."""
        return "ssl" in self.parameters

    @property
    def addresses(self) -> list[str]:
        """The addresses as ``--listen`` takes them."""
        return sorted(address for address, _ in self.endpoints)

    @property
    def shown(self) -> str:
        """The parameters in one order."""
        marks = ["default_server"] if self.is_default else []
        return " ".join([*marks, *sorted(self.parameters)])


def listens(server: Directive) -> list[Listen]:
    """All that a server listens on: port 80 if it does not say."""
    flags = {directive.name for directive in server.inside if directive.args == ("on",)}
    given = [one for one in server.inside if one.name == "listen" and one.args and not is_quic(one)]
    if not given:
        given = [Directive("listen", (_USUAL,), None, server.file, server.line)]
    return [_listen(directive, flags) for directive in given]


def is_quic(listen: Directive) -> bool:
    """Whether a ``listen`` is for HTTP/3: a port of UDP, which is another one than that of TCP."""
    return "quic" in listen.args[1:]


def _listen(directive: Directive, flags: set[str]) -> Listen:
    place, *parameters = directive.args
    found = set(parameters) - _DEFAULTS
    found |= {"ssl"} if "ssl" in flags else set()
    found |= {"http2"} if "http2" in flags and "ssl" in found else set()
    is_default = not {"default_server", "default"}.isdisjoint(parameters)
    return Listen(place, endpoints(place), frozenset(found), is_default, directive)


class Redirect(NamedTuple):
    """A redirect to HTTPS of all requests: its status, host and port; the directives that make it.

    ``others`` is the status for hosts that the server is not named after; None if they are redirected.
    """

    status: str
    host: str
    port: int
    made_of: tuple[Directive, ...]
    others: str | None = None

    @property
    def shown(self) -> str:
        """The redirect as nginx writes it."""
        port = "" if self.port == 443 else f":{self.port}"
        return f"{self.status} https://{self.host}{port}$request_uri"


def redirect(server: Directive) -> Redirect | None:
    """The redirect of a server that does nothing else."""
    roots = [one for one in server.inside if one.name == "location" and one.args in (("/",), ("^~", "/"))]
    blocks = [server.inside, *(root.inside for root in roots)]
    for number, block in enumerate(blocks):
        found = _in_block(block) or (_by_hosts(block) if number == 0 else None)
        if found:
            return found._replace(made_of=(*found.made_of, *(roots if number else ())))
    return None


def _in_block(block: Iterable[Directive]) -> Redirect | None:
    return next(filter(None, map(_of_directive, block)), None)


def _of_directive(directive: Directive) -> Redirect | None:
    """The redirect of a ``return`` or of a ``rewrite`` of every path."""
    if directive.name == "return" and len(directive.args) == 2:
        return _to(directive.args[0], directive.args[1], directive)
    if directive.name == "return" and len(directive.args) == 1:
        return _to("302", directive.args[0], directive)
    if directive.name == "rewrite" and len(directive.args) >= 2:
        pattern, target, *flag = directive.args
        status = {"permanent": "301", "redirect": "302"}.get("".join(flag), "302")
        if pattern in _CAPTURED:
            target = target.removesuffix("?").replace(_CAPTURED[pattern], "$request_uri")
        elif pattern in _EVERY_PATH and target.endswith("?"):
            target = target[:-1]
        return _to(status, target, directive)
    return None


def _to(status: str, target: str, directive: Directive) -> Redirect | None:
    found = _TO_HTTPS.fullmatch(target)
    if not found or status not in ("301", "302", "307", "308"):
        return None
    return Redirect(status, found[1], int(found[2] or 443), (directive,))


def _by_hosts(block: tuple[Directive, ...]) -> Redirect | None:
    """The form of certbot: ``if ($host = NAME)`` for each name, then a status for all other hosts."""
    found = [(one, _in_block(one.inside)) for one in block if one.name == "if" and _is_host(one)]
    hits = [(condition, hit) for condition, hit in found if hit]
    if not hits:
        return None
    ends = [one for one in block if one.name == "return" and len(one.args) == 1 and one.args[0].isdigit()]
    made_of = (*(condition for condition, _ in hits), *ends)
    others = ends[0].args[0] if ends else None
    return hits[0][1]._replace(made_of=made_of, others=others)


def _is_host(condition: Directive) -> bool:
    text = "".join(condition.args).strip("()")
    return text.startswith(("$host=", "$server_name="))


def server_names(server: Directive) -> list[str]:
    """The names of a server, in their order; nginx does not tell capitals apart."""
    return [name.lower() for name in _names(server)]


def _names(server: Directive) -> Iterator[str]:
    for directive in server.inside:
        if directive.name == "server_name":
            yield from directive.args
