"""A TLS handshake with the router, by each protocol that it is configured for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from omerogen.model import Location
from omerogen.values.icessl import PROTOCOLS
from omerogen.verify.process import find
from omerogen.verify.sandbox import Sandbox

#: The client's option for each protocol, and its name for people.
_CLIENTS = {
    "1_0": ("-tls1", "TLS 1.0"),
    "1_1": ("-tls1_1", "TLS 1.1"),
    "1_2": ("-tls1_2", "TLS 1.2"),
    "1_3": ("-tls1_3", "TLS 1.3"),
}
#: Where a router is reported that answers by no protocol.
PLACE = Location.program("glacier2router", "handshake")
_VERSION = re.compile(r"1(?:_([0-3]))?$")


class Answers(NamedTuple):
    """The names of the protocols by which the router answers, and of those by which it does not."""

    taken: tuple[str, ...]
    refused: tuple[str, ...]


def answers(sandbox: Sandbox, port: int, properties: Mapping[str, str]) -> Answers:
    """Try each protocol of ``IceSSL.Protocols``, all where it is empty.

    The client offers all ciphers, as OMERO's clients do: anonymous ones, and those of a low security level.
    """
    openssl = find("openssl")
    taken: list[str] = []
    refused: list[str] = []
    for version in _versions(properties.get("IceSSL.Protocols", "")):
        option, name = _CLIENTS[version]
        words = ["s_client", "-connect", f"127.0.0.1:{port}", option, "-cipher", "ALL:@SECLEVEL=0"]
        done = sandbox.run([openssl, *words])
        is_taken = re.search(r"^New, TLSv1[.0-9]*, Cipher is (?!\(NONE\))", done.output, re.MULTILINE)
        (taken if is_taken else refused).append(name)
    return Answers(tuple(taken), tuple(refused))


def _versions(protocols: str) -> list[str]:
    found = (_VERSION.search(word.lower()) for word in PROTOCOLS.parse(protocols))
    named = [f"1_{match[1] or 0}" for match in found if match]
    return list(dict.fromkeys(named)) or list(_CLIENTS)
