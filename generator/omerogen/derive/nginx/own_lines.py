"""A site's own lines in the server block, read as nginx reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address
from typing import NamedTuple

from omerogen.values.nginx import tokens

_ANY = "*"
_USUAL_PORT = 80


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


def endpoint(listen: str) -> Endpoint:
    """The address and port of the first word after ``listen``."""
    if listen.isdecimal():
        return Endpoint(_ANY, int(listen))
    if listen.startswith("unix:"):
        return Endpoint(listen, 0)
    host, colon, port = listen.rpartition(":")
    if not colon or "]" in port:
        host, port = listen, str(_USUAL_PORT)
    if host.startswith("["):
        host = _canonical(host)
    elif host in ("0.0.0.0", ""):  # noqa: S104 - nothing is bound here
        host = _ANY
    return Endpoint(host.lower(), int(port) if port.isdecimal() else 0)


def _canonical(address: str) -> str:
    try:
        return f"[{IPv6Address(address.strip('[]'))}]"
    except ValueError:
        return address


def _unquoted(word: str) -> str:
    if word[:1] in "\"'" and word[-1:] == word[:1]:
        return word[1:-1].replace(f"\\{word[0]}", word[0])
    return word
