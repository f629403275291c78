"""A site's own lines in the server block, read as nginx reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omerogen.values.nginx import tokens

ANY = "*"
#: Other names of addresses; that of this machine is either, by its /etc/hosts.
_SAME = {"0.0.0.0": (ANY,), "localhost": ("127.0.0.1", "[::1]")}  # noqa: S104 - nothing is bound here
_USUAL_PORT = 80
_LISTEN = re.compile(
    r"(?:(?P<host>\[.*\]|[^:\[\]]*):)?(?P<first>[0-9]{1,5})(?:-(?P<last>[0-9]{1,5}))?"
    r"|(?P<alone>\[.*\]|[^:\[\]]+)"
)


class Directive(NamedTuple):
    """A directive of the server block itself, not of a block in it; ``words`` are without their quotes."""

    words: tuple[str, ...]
    is_block: bool

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0]


class Endpoint(NamedTuple):
    """What a ``listen`` names: two with the same address and port are the same for nginx."""

    address: str
    port: int

    @property
    def for_all(self) -> Endpoint:
        """The same port on all addresses of its kind."""
        return self._replace(address="[::]" if self.address.startswith("[") else ANY)


def directives(lines: Iterable[str]) -> Iterator[Directive]:
    """The directives of these lines, which are legal."""
    words: list[str] = []
    depth = 0
    for token in tokens("\n".join(lines)):
        text = token.group()
        if token.lastgroup == "word":
            words.append(_unquoted(text))
            continue
        if depth == 0 and words:
            yield Directive(tuple(words), text == "{")
        depth += {"{": 1, "}": -1, ";": 0}[text]
        words.clear()


def endpoints(listen: str) -> frozenset[Endpoint]:
    """The addresses and ports of the first word after ``listen``: several for a range, or for localhost."""
    found = _LISTEN.fullmatch(listen)
    if not found:  # a socket of Unix, or what nginx itself will refuse
        return frozenset({Endpoint(listen, 0)})
    first = int(found["first"] or _USUAL_PORT)
    ports = range(first, max(first, int(found["last"] or 0)) + 1)
    hosts = _hosts(found["host"] or found["alone"] or ANY)
    return frozenset(Endpoint(host, port) for host in hosts for port in ports)


def location(words: Iterable[str]) -> str:
    """A ``location`` as nginx compares it: ``= PATH``, or PATH whether with ``^~`` or not."""
    text = "".join(words)
    return f"= {text[1:]}" if text.startswith("=") else text.removeprefix("^~")


def _hosts(host: str) -> tuple[str, ...]:
    if host.startswith("["):
        return (_canonical(host),)
    return _SAME.get(host.lower(), (host.lower(),))


def _canonical(address: str) -> str:
    try:
        from ipaddress import IPv6Address  # late: few sites have an address of IPv6

        return f"[{IPv6Address(address.strip('[]'))}]"
    except ValueError:
        return address


def _unquoted(word: str) -> str:
    if word[:1] in "\"'" and word[-1:] == word[:1]:
        return word[1:-1].replace(f"\\{word[0]}", word[0])
    return word
