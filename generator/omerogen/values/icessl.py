"""Values of IceSSL properties, as Ice 3.7's router reads them on Linux."""

from __future__ import annotations

import re

from omerogen.values.base import Invalid, ValueType
from omerogen.values.patterns import Pattern

_PROTOCOL = Pattern(r"tls(?:v?1(?:_[0-3])?)?", re.IGNORECASE | re.ASCII)


class Protocols(ValueType["tuple[str, ...]"]):
    """TLS versions in any case, divided by commas or spaces; empty leaves the choice to Ice.

    ssl3 is a word that IceSSL knows, but no OpenSSL of today has it: the router ends.
    """

    name = "csv of ssl3|tls1_0|tls1_1|tls1_2|tls1_3 (any case; tls1 means tls1_0)"
    doc = (
        "one or more of tls1_0 (or tls1), tls1_1, tls1_2, tls1_3, divided by commas or spaces;"
        " not ssl3, which OpenSSL does not speak any more"
    )

    def parse(self, text: str) -> tuple[str, ...]:
        words = tuple(word for word in re.split(r"[,\s]+", text) if word)
        for word in words:
            if word.lower() in ("ssl3", "sslv3"):
                raise Invalid("has SSL 3", f"give {self.doc}")
            if not _PROTOCOL.fullmatch(word):
                raise Invalid(
                    f"contains {word!r}, which is not a protocol",
                    f"give {self.doc}",
                    "contains an unknown protocol",
                )
        return words


class Ciphers(ValueType[str]):
    """An OpenSSL cipher list, which OpenSSL judges; here only its characters are."""

    name = "OpenSSL cipher list"
    doc = "an OpenSSL cipher list such as HIGH:!DH"

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9:!+\-@=_., ]*", text.strip()):
            raise Invalid("is not a cipher list", f"give {self.doc}")
        return text.strip()


#: Changed by a node of IceGrid on the way to a server, as seen with Ice 3.7: a backslash
#: before = or an inner space, a leading space before a lone backslash, tabs at either end.
_CHANGED_BY_A_NODE = Pattern(r"\\=|\\ (?! *\Z)|\A +\\\Z|\A *\t|(?<!\\)\t *\Z")


class IceText(ValueType[str]):
    """Any text that survives IceGrid: it cuts a value at a line break, and eats some backslashes."""

    name = "string"
    doc = "any text of one line"

    def __init__(self, *, secret: bool = False) -> None:
        self.secret = secret
        self.name = "secret string" if secret else "string"

    def parse(self, text: str) -> str:
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f\ufffe\uffff]", text):
            raise Invalid("has a line break or another control character", f"give {self.doc}")
        if _CHANGED_BY_A_NODE.search(text):
            raise Invalid(
                "has a backslash before = or a space, or a tab at an end: IceGrid would change it",
                f"give {self.doc} without these",
            )
        if _loses_count(text):
            raise Invalid("has so many $ before { that IceGrid loses count", f"give {self.doc}")
        return text


def _loses_count(text: str) -> bool:
    """Whether IceGrid would miss a ``${``.

    Having halved a row of 2k ``$`` before a brace, it goes on searching k - 1 characters
    too far after that brace.
    """
    end = unseen = 0
    for row in re.finditer(r"(?<!\$)\$+\{", text):  # each row once, also without a brace
        dollars = len(row.group()) - 1
        if row.start() - end + 2 * dollars - 1 < unseen:
            return True
        end, unseen = row.end(), dollars - 1
    return False


CIPHERS = Ciphers()
PROTOCOLS = Protocols()


def has_level_0(ciphers: str) -> bool:
    """Whether a list of ciphers asks OpenSSL for its lowest security level, which has anonymous ones."""
    return bool(re.search(r"@SECLEVEL=0(?!\d)", ciphers))


def has_anonymous(ciphers: str) -> bool:
    """Whether a list of ciphers may leave some without a certificate.

    Those of OMERO's default, which are named, count at any level; those that are in groups such as HIGH
    only at level 0.
    """
    anonymous = _anonymous(ciphers)
    if anonymous is None:  # a list for another release of OpenSSL
        return bool(re.search(r"(?<![!-])(?:ADH|AECDH|aNULL)", ciphers))
    return anonymous and (has_level_0(ciphers) or bool(_NAMED.search(ciphers)))


#: Groups of anonymous ciphers, or one of them, that are not taken out of the list.
_NAMED = Pattern(r"(?:^|[:,; +])(?:[A-Za-z0-9]+\+)*(?:ADH|AECDH|aNULL)")


def _anonymous(ciphers: str) -> bool | None:
    """Whether OpenSSL finds anonymous ciphers in a list; None if it finds no ciphers at all."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.set_ciphers(ciphers)
    except (ssl.SSLError, ValueError):
        return None
    return any(cipher.get("auth") == "auth-null" for cipher in context.get_ciphers())
