"""Values written as texts again: the other half of the promise that a type loses nothing of what it reads."""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import quote

from omerogen.values.base import Nullable, ValueType
from omerogen.values.icessl import Protocols
from omerogen.values.java import JvmWords
from omerogen.values.json import JsonType, dumps
from omerogen.values.lists import Csv, CsvPairs, Node, NodeDescriptors, Server
from omerogen.values.network import QueryString, Urls
from omerogen.values.numbers import Bool
from omerogen.values.text import Regex


def _server(server: Server) -> str:
    return server.template if server.instance is None else f"{server.template}-{server.instance}"


def _node(node: Node) -> str:
    return f"{node.name}:{','.join(map(_server, node.servers))}"


#: How the values of a type are written; those of all others are texts or numbers themselves.
_FORMATS = {
    Bool: lambda value: "true" if value else "false",
    Csv: ",".join,
    CsvPairs: lambda pairs: ",".join(f"{key}={value}" for key, value in pairs),
    JsonType: dumps,
    JvmWords: shlex.join,
    NodeDescriptors: lambda nodes: " ".join(map(_node, nodes)),
    Protocols: ",".join,
    QueryString: lambda pairs: "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs),
    Regex: lambda value: value.pattern,
    Urls: " ".join,
}


def formatted(kind: ValueType[Any], value: Any) -> str:
    """A text that ``kind`` parses to ``value``."""
    if isinstance(kind, Nullable):
        return "" if value is None else formatted(kind.kind, value)
    write = next((_FORMATS[known] for known in _FORMATS if isinstance(kind, known)), str)
    return str(write(value))
