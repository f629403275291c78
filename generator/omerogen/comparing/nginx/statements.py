"""Statements about an OMERO.web in an nginx configuration, which can be compared one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.recognising import Web

#: The contexts of the parts that every OMERO.web has, whatever their names are.
SERVER, REDIRECT, UPSTREAM, HTTP, MAIN = "server", "server (redirect)", "upstream", "http", "main"
ENTRY, HANDLER = "location (application)", "location @proxy_to_app"
STATIC, MAINTENANCE = "location (static files)", "location @maintenance"
MAINTENANCE_TEXT = "location @maintenance_text"


class Key(NamedTuple):
    """What a statement is about: its block, its directive, and which one of several."""

    context: str
    directive: str
    key: str = ""


class Fact(NamedTuple):
    """A statement: its value in canonical form, as it is written, and the directive that makes it."""

    value: str
    shown: str
    directive: Directive


Facts = Mapping[Key, Fact]


class Meaning(NamedTuple):
    """All statements about an OMERO.web, its blocks by context, and the orders that count."""

    web: Web
    facts: Facts
    contexts: Mapping[str, Directive]
    orders: Mapping[tuple[str, str], tuple[str, ...]]
