"""Words of nginx's configuration language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omerogen.values.base import Invalid, ValueType
from omerogen.values.json import TEXT, ListOf
from omerogen.values.network import HOST
from omerogen.values.patterns import Pattern

#: nginx's tokens: a comment, a quoted word, a bare word, or one of ; { }. Only four characters
#: are spaces for nginx, and a $ takes all the braces that follow it into its word.
_TOKEN = Pattern(
    r"""[ \t\r\n]+|(?P<comment>\#[^\n]*)
      |(?P<word>"(?:[^"\\]|\\.)*"(?=[ \t\r\n;{)]|\Z)|'(?:[^'\\]|\\.)*'(?=[ \t\r\n;{)]|\Z)
              |(?:\$\{*|\\.|[^ \t\r\n;{}"'\\\#$])(?:\$\{*|\\.|[^ \t\r\n;{\\$])*)
      |(?P<mark>[;{}])""",
    re.VERBOSE | re.DOTALL,
)
#: Blocks that are read by another grammar than nginx's: their end cannot be found here.
_FOREIGN = "_by_lua_block"

#: nginx reads words into a buffer of 4096 bytes.
LONGEST_WORD = 4000


class NginxLines(ListOf[str]):
    """Lines that go into a server block as they are: the one raw place.

    Each must be readable on its own terms: together they are whole directives,
    and no brace closes a block that they did not open.
    """

    def __init__(self) -> None:
        super().__init__(TEXT, "json-list of nginx lines, taken as they are")
        self.doc = 'a list of nginx lines such as ["add_header X-Y z;"]'

    def parse(self, text: str) -> list[str]:
        lines = super().parse(text)
        check_balanced("\n".join(lines))
        return lines


def tokens(text: str) -> Iterator[re.Match[str]]:
    """The words and marks of a text, by their ``lastgroup``: ``word`` or ``mark``. Raises `Invalid`."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise Invalid(f"has a quote or character that nginx cannot read, at character {at + 1}")
        if match.lastgroup == "word" and "\n" in match.group():
            raise Invalid("has a line break inside a quoted text", "write \\n for it")
        if match.lastgroup and len(match.group().encode()) > LONGEST_WORD:
            what = f"has a {match.lastgroup} that is too long for nginx"
            raise Invalid(what, f"at most {LONGEST_WORD} bytes")
        if match.lastgroup in ("word", "mark"):
            yield match
        at = match.end()


def check_balanced(text: str) -> None:
    """Refuse lines that would end the block they are put into, or not end themselves."""
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
        raise Invalid("has a control character", "take it out")
    depth = 0
    words = 0
    for token in tokens(text):
        mark = token.group()
        if token.lastgroup == "word":
            if mark.strip("\"'").endswith(_FOREIGN):
                raise Invalid("has a block of Lua, which is not supported", "use the …_by_lua_file directive")
            words += 1
            continue
        if mark == ";" and not words:
            raise Invalid("has a ; without a directive", "take it out")
        if mark == "{" and not words:
            raise Invalid("has a { without a directive", "name the block")
        if mark == "}" and words:
            raise Invalid("has a directive without ; before a }", "end it with ;")
        depth += {"{": 1, "}": -1, ";": 0}[mark]
        if depth < 0:
            raise Invalid("has a } that closes a block it did not open", "take it out")
        words = 0
    if depth:
        raise Invalid("opens a block that it does not close", "add the missing }")
    if words:
        raise Invalid("has a directive without ; at its end", "end each directive with ;")


class NginxSize(ValueType[str]):
    """A size: digits with k, m or g, or without for bytes; 0 disables the limit."""

    name = "size"
    doc = "a size such as 512k or 2g; 0 for no limit"

    def parse(self, text: str) -> str:
        size = text.strip()
        digits = re.fullmatch(r"([0-9]{1,15})([kKmMgG]?)", size)
        # nginx multiplies in a 64-bit signed number.
        if (
            not digits
            or int(digits[1]) * {"k": 2**10, "m": 2**20, "g": 2**30}.get(digits[2].lower(), 1) >= 2**63
        ):
            raise Invalid("is not a size", f"give {self.doc}")
        return size


class ServerName(ValueType[str]):
    """A name nginx answers to: a host, with * for a label at its start or end, or $hostname."""

    name = "server name"
    doc = "a host name, *.example.org, _ or $hostname"

    def parse(self, text: str) -> str:
        name = text.strip()
        label = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
        legal = rf"\$hostname|_|\[[0-9A-Fa-f:.]+\]|(?:\*\.|\.)?{label}(?:\.{label})*(?:\.\*)?"
        if not re.fullmatch(legal, name):
            raise Invalid("is not a server name", f"give {self.doc}")
        return name


class ListenAddress(ValueType[str]):
    """An address to listen on: ``*``, an IPv4 address, an IPv6 one with or without brackets, a host."""

    name = "address"
    doc = "an address such as 10.0.0.1, [::] or *"

    def parse(self, text: str) -> str:
        address = text.strip()
        if address == "*":
            return address
        try:
            return HOST.parse(address).in_url
        except Invalid:
            raise Invalid("is not an address", f"give {self.doc}, without a port") from None


class LocationPath(ValueType[str]):
    """The path of a location."""

    name = "path"
    doc = "a path that starts with /, such as /omero-ws"

    def parse(self, text: str) -> str:
        path = text.strip()
        if not re.fullmatch(r"/[A-Za-z0-9._~/-]*", path):
            raise Invalid("is not a path", f"give {self.doc}")
        return path


class Hsts(ValueType[str]):
    """Seconds for which browsers insist on TLS, or ``off``."""

    name = "seconds|off"
    doc = "a number of seconds, or off"

    def parse(self, text: str) -> str:
        seconds = text.strip().lower()
        if seconds != "off" and not re.fullmatch(r"[0-9]{1,10}", seconds):
            raise Invalid("is not a number of seconds", f"give {self.doc}")
        return seconds


NGINX_LINES = NginxLines()
LISTEN_ADDRESS = ListenAddress()
LOCATION_PATH = LocationPath()
HSTS = Hsts()
NGINX_SIZE = NginxSize()
SERVER_NAME = ServerName()
