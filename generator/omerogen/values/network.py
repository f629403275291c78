"""Hosts, URLs, paths below a URL, mail addresses, query strings."""

from __future__ import annotations

import re
from typing import Any

from omerogen.values.base import Invalid, ValueType
from omerogen.values.numbers import PORT
from omerogen.values.patterns import Pattern

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = Pattern(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_URL_CHARACTERS = Pattern(r"""[^\s"'<>\\^`{|}\x00-\x20\x7f]+""")
_PATH_CHARACTERS = Pattern(r"""[^\s"'<>\\^`{|}?#%$;\x00-\x20\x7f-\xa0]+""")
_BAD_PERCENT = Pattern(r"%(?![0-9A-Fa-f]{2})")
_PARAMETER_NAME = Pattern(r"[A-Za-z0-9._-]+")
_LDAP_URL = Pattern(r"(?i:ldaps?)://([^/:\[\]]*|\[[^/\[\]]*\])(?::([0-9]+))?(/.*)?")
_MAIL = Pattern(r"(?:[^\r\n<>]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)")


class HostName(str):
    """A host name or an address without brackets; `in_url` puts them round an IPv6 one."""

    __slots__ = ()

    @property
    def in_url(self) -> str:
        """The host as written before ``:PORT``."""
        return f"[{self}]" if ":" in self else str(self)


class Host(ValueType[HostName]):
    """A DNS name, an IPv4 or an IPv6 address (brackets are taken off)."""

    name = "host"
    doc = "a host name or an IP address"

    def parse(self, text: str) -> HostName:
        host = text.strip()
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        if ":" in host:
            return HostName(self._ipv6(host))
        if not _NAME.fullmatch(host) or len(host) > 253:
            raise Invalid("is not a host", f"give {self.doc}, without scheme, port or path")
        return HostName(host)

    def _ipv6(self, host: str) -> str:
        from ipaddress import AddressValueError, IPv6Address

        try:
            address = IPv6Address(host)
        except AddressValueError:
            raise Invalid("is not a host", f"give {self.doc}, without scheme, port or path") from None
        if address.scope_id is not None:
            raise Invalid("is an address with a zone", "leave out the % and what follows it")
        return host


class HostPort(ValueType[str]):
    """``HOST:PORT``, as in a URL: an IPv6 address is in brackets."""

    name = "host:port"
    doc = "HOST:PORT"

    def parse(self, text: str) -> str:
        host, colon, port = text.strip().rpartition(":")
        if not colon or not host:
            raise Invalid("is not HOST:PORT", f"give {self.doc}")
        return f"{HOST.parse(host).in_url}:{PORT.parse(port)}"


class Url(ValueType[str]):
    """An absolute URL of one of ``schemes``, with a host."""

    def __init__(self, *schemes: str, name: str = "url") -> None:
        self.schemes = schemes
        self.name = name
        self.doc = "a URL that starts with " + " or ".join(f"{s}://" for s in schemes)

    def parse(self, text: str) -> str:
        from urllib.parse import urlsplit

        url = text.strip()
        try:
            parts = urlsplit(url)
            legal = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            legal = False
        else:
            legal = legal and parts.scheme.lower() in self.schemes
        if not (legal and _URL_CHARACTERS.fullmatch(url)):
            raise Invalid("is not a URL", f"give {self.doc}")
        return url


class OptionalUrl(Url):
    """A URL, or an empty text that switches off what it is for."""

    def __init__(self, *schemes: str) -> None:
        super().__init__(*schemes)
        self.doc += ", or empty for none"

    def parse(self, text: str) -> str:
        return super().parse(text) if text.strip() else ""

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [super().schema(), {"const": ""}]}


class LdapUrl(Url):
    """A URL of an LDAP server; without a host it is the one that DNS names."""

    def parse(self, text: str) -> str:
        url = text.strip()
        place = _LDAP_URL.fullmatch(url)
        if not (place and (place[1] or place[3]) and _URL_CHARACTERS.fullmatch(url)):
            raise Invalid("is not a URL", f"give {self.doc}")
        if place[1]:
            HOST.parse(place[1])
        if place[2]:
            PORT.parse(place[2])
        return url


class Urls(ValueType["tuple[str, ...]"]):
    """Several URLs with spaces between them, at least one."""

    def __init__(self, url: Url, name: str) -> None:
        self.url = url
        self.name = name
        self.doc = "one or more of: " + url.doc

    def parse(self, text: str) -> tuple[str, ...]:
        urls = tuple(map(self.url.parse, text.split()))
        if not urls:
            raise Invalid("is not a URL", f"give {self.doc}")
        return urls


class UrlPath(ValueType[str]):
    """A path in a URL, decoded: nginx compares it with what it has decoded.

    ``absolute_too`` also takes a whole URL, for files that another server serves.
    ``slash_at_end`` adds one. ``ascii_only`` is for a path that gunicorn has as SCRIPT_NAME.
    """

    def __init__(
        self,
        name: str = "url path",
        *,
        absolute_too: bool = False,
        slash_at_end: bool = False,
        ascii_only: bool = False,
    ) -> None:
        self.name = name
        self.absolute_too = absolute_too
        self.slash_at_end = slash_at_end
        self.ascii_only = ascii_only
        self.doc = "a path that starts with /, such as /omero" + (
            ", or an http(s):// URL" if absolute_too else ""
        )

    def parse(self, text: str) -> str:
        path = text.strip()
        if self.absolute_too and re.match(r"(?:https?:)?//", path):
            Url("http", "https").parse(path if path.startswith("h") else "http:" + path)
        elif not path.startswith("/"):
            raise Invalid("is not a path", f"give {self.doc}")
        elif not _PATH_CHARACTERS.fullmatch(path) or not path.isprintable():
            raise Invalid("has a character that a path cannot have", "take out spaces and \"'<>\\^`{|}?#%$;")
        elif self.ascii_only and not path.isascii():
            raise Invalid("has a letter that gunicorn does not take in SCRIPT_NAME", "use ASCII letters")
        elif "//" in path or {".", ".."} & set(path.split("/")):
            raise Invalid("is a path that servers rewrite", "take out //, /./ and /../")
        return path + "/" if self.slash_at_end and not path.endswith("/") else path


class MailAddress(ValueType[str]):
    """``user@host`` or ``Full Name <user@host>``."""

    name = "email address"
    doc = "a mail address such as omero@example.org"

    def parse(self, text: str) -> str:
        if not _MAIL.fullmatch(text.strip()):
            raise Invalid("is not a mail address", f"give {self.doc}")
        return text.strip()


class QueryString(ValueType["tuple[tuple[str, str], ...]"]):
    """``name=value`` pairs joined by ``&``, in the syntax of URLs: ``%20`` and ``+`` are a space.

    The JDBC driver decodes values but not names, so names are plain.
    """

    showable = False
    name = "query string (k=v joined by &)"
    doc = "pairs such as ssl=true&sslmode=require, with %XX for special characters"

    def parse(self, text: str) -> tuple[tuple[str, str], ...]:
        from urllib.parse import parse_qsl

        if _BAD_PERCENT.search(text):
            raise Invalid("has a % without two hexadecimal digits", "write %25 for a percent sign")
        pieces = [piece for piece in text.strip().split("&") if piece]
        for piece in pieces:
            name = piece.partition("=")[0]
            if not _PARAMETER_NAME.fullmatch(name):
                raise Invalid("has a parameter with an unsupported name", f"give {self.doc}")
        try:
            pairs = parse_qsl("&".join(pieces), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            raise Invalid("has %XX bytes that are not UTF-8", f"give {self.doc}") from None
        if any("\0" in value for _, value in pairs):
            raise Invalid("has %00", "take it out")
        return tuple(pairs)


HOST = Host()
HOST_PORT = HostPort()
URL = Url("http", "https")
URL_OR_EMPTY = OptionalUrl("http", "https")
LDAP_SERVERS = Urls(LdapUrl("ldap", "ldaps"), "ldap:// or ldaps:// url(s), space-separated")
URL_PATH = UrlPath(ascii_only=True)
STATIC_URL = UrlPath("url path, a slash is added at the end", absolute_too=True, slash_at_end=True)
MAIL_ADDRESS = MailAddress()
QUERY_STRING = QueryString()
