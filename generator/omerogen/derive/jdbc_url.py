"""The JDBC URL as its template means it: each property's value is a value, whatever is in it.

The template is taken apart before values are put in, so that a ``/`` or ``?`` in a
database name, or a ``&`` in OMERO's name, cannot become a part of the URL's form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from omerogen.values.base import Invalid
from omerogen.values.network import HOST, QUERY_STRING, HostName
from omerogen.values.numbers import PORT

#: With a second $ where IceGrid takes one away.
_REFERENCE = re.compile(r"\$\$?\{([^{}]*)\}")
#: Stands for a reference while the template is taken apart; no value can hold a NUL.
_MARK = re.compile("\0([^\0]*)\0")
_FORM = re.compile(
    r"jdbc:((?:[a-z0-9][a-z0-9.-]*:)*postgresql):(?://([^/?]*)(?:/|$)|/?)([^?]*)(?:\?(.*))?", re.DOTALL
)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ADVICE = "jdbc:postgresql://HOST:PORT/DATABASE?NAME=VALUE&NAME=VALUE"


class Server(NamedTuple):
    """A database server; without a port the driver takes its own default."""

    host: HostName
    port: int | None

    def __str__(self) -> str:
        return self.host.in_url if self.port is None else f"{self.host.in_url}:{self.port}"


class JdbcUrl(NamedTuple):
    """A URL for PostgreSQL's driver, in decoded parts.

    ``subprotocol`` is ``postgresql``, or has the name of a driver that wraps it
    before that.
    """

    subprotocol: str
    servers: tuple[Server, ...]
    database: str
    parameters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """The URL as the driver reads it: database and values percent-encoded, IPv6 in brackets."""
        servers = ",".join(map(str, self.servers))
        parameters = "&".join(f"{name}={quote(value, safe='')}" for name, value in self.parameters)
        place = f"//{servers}/" if servers else ""
        query = f"?{parameters}" if parameters else ""
        return f"jdbc:{self.subprotocol}:{place}{quote(self.database, safe='')}{query}"


def parse(template: str, value: Callable[[str], str]) -> JdbcUrl:
    """The URL that ``template`` means; ``value`` gives the text of a property. `Invalid` if it means none."""

    def filled(text: str) -> str:
        return _MARK.sub(lambda mark: value(mark[1]), text)

    subprotocol, authority, database, query = _form(template).groups(default="")
    if "/" in _MARK.sub("", database):
        raise Invalid("has a / in the name of the database", "write %2F for it")
    return JdbcUrl(
        subprotocol,
        tuple(_server(part, filled) for part in authority.split(",") if part),
        _decoded(database, value),
        tuple(pair for piece in query.split("&") for pair in _parameters(piece, value)),
    )


def parameter(template: str, name: str, value: Callable[[str], str]) -> str | None:
    """The last value of one parameter of a URL; no more properties are read for it than may have it."""
    pieces = _form(template).groups(default="")[-1].split("&")
    found = None
    for piece in pieces:
        may_have_it = _MARK.fullmatch(piece) or piece.partition("=")[0] == name
        found = dict(_parameters(piece, value)).get(name, found) if may_have_it else found
    return found


def _form(template: str) -> re.Match[str]:
    """The parts of a URL, with marks in place of references: subprotocol, servers, database, parameters."""
    marked = _REFERENCE.sub("\0\\1\0", template.strip())
    form = _FORM.fullmatch(marked)
    if "${" in marked or not form:
        raise Invalid("is not a URL for PostgreSQL's driver", f"write it as {_ADVICE}")
    return form


def _server(text: str, filled: Callable[[str], str]) -> Server:
    if "@" in _MARK.sub("", text):
        raise Invalid("has a user before its host, which the driver does not read", "set omero.db.user")
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, ""
    # Without a host the driver takes this machine.
    return Server(
        HOST.parse(filled(host) if host else "localhost"), PORT.parse(filled(port)) if port else None
    )


def _parameters(piece: str, value: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """The parameters in one piece between ``&``; a lone reference may contain several."""
    if not piece:
        return ()
    if whole := _MARK.fullmatch(piece):
        return QUERY_STRING.parse(value(whole[1]))
    name, _, text = piece.partition("=")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise Invalid("has a parameter with an unsupported name", f"write it as {_ADVICE}")
    return ((name, _decoded(text, value)),)


def _decoded(text: str, value: Callable[[str], str]) -> str:
    """Text of the template decoded, as the driver would; the values of references as they are."""
    if _BAD_PERCENT.search(_MARK.sub("", text)):
        raise Invalid("has a % without two hexadecimal digits", "write %25 for a percent sign")
    parts = _MARK.split(text)
    return "".join(value(part) if odd % 2 else unquote_plus(part) for odd, part in enumerate(parts))
