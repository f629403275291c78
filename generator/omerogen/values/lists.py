"""Texts of several parts: words and pairs divided by commas, shell words, grid nodes."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from omerogen.values.base import STRING, Invalid, ValueType
from omerogen.values.numbers import BOOL, INT
from omerogen.values.patterns import Pattern

#: It becomes the name of a file, and of a folder.
_NODE_NAME = Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SERVER_NAME = Pattern(r"([A-Za-z][A-Za-z0-9_]*)(?:-([0-9]{1,4}))?")


class Csv(ValueType["tuple[str, ...]"]):
    """Words divided by commas, with spaces around them or not.

    With ``words``, only these; with ``unique``, each once. With ``or_word``, that word
    alone means no list at all.
    """

    def __init__(
        self, *words: str, name: str, nonempty: bool = False, unique: bool = False, or_word: str = ""
    ) -> None:
        self.words = words
        self.name = name
        self.nonempty = nonempty
        self.unique = unique
        self.or_word = or_word
        what = "any of " + ", ".join(words) if words else "words"
        self.doc = f"{what}, divided by commas" + (f", or the word {or_word}" if or_word else "")
        self._known = set(words)

    def parse(self, text: str) -> tuple[str, ...]:
        if not text.strip():
            if self.nonempty:
                raise Invalid("is empty", f"give {self.doc}")
            return ()
        parts = tuple(" ".join(part.split()) for part in text.split(","))
        if "" in parts:
            raise Invalid("has an empty part", "take out the comma that has nothing on one side")
        if self.words:
            self._check_words(parts)
        return parts

    def _check_words(self, parts: tuple[str, ...]) -> None:
        for part in parts:
            if part not in self._known:
                raise Invalid(
                    f"has the word {part!r}, which is not known",
                    f"give {self.doc}",
                    "has an unknown member",
                )
        if self.unique and len(set(parts)) < len(parts):
            raise Invalid("names one word twice", "name each once")


class CsvPairs(ValueType["tuple[tuple[str, str], ...]"]):
    """``key=value`` pairs as OMERO reads its LDAP mappings.

    It divides them at commas, semicolons, colons and white space; a part without ``=`` maps to nothing.
    """

    name = "csv of k=v"
    doc = "pairs such as name=cn, divided by commas"

    def parse(self, text: str) -> tuple[tuple[str, str], ...]:
        parts = (part.partition("=") for part in re.split(r"[,;:\s]+", text.strip()) if part)
        return tuple((key, value) for key, _, value in parts)


class Several(ValueType[str]):
    """Values divided by semicolons, as DropBox reads them: one for each folder that it watches."""

    def __init__(self, member: ValueType[Any]) -> None:
        self.member = member
        self.name = f"list of {member.name}, split at ;"
        self.doc = f"values divided by semicolons, each {member.doc}"

    def parse(self, text: str) -> str:
        for part in filter(None, map(str.strip, text.split(";"))):
            self.member.parse(part)
        return text.strip()


class Server(NamedTuple):
    """A service on a grid node; ``instance`` is None where the descriptor gives none."""

    template: str
    instance: int | None


class Node(NamedTuple):
    """A grid node and the servers it runs, in the order they were written."""

    name: str
    servers: tuple[Server, ...]


class NodeDescriptors(ValueType["tuple[Node, ...]"]):
    """``master:Blitz-0,Tables-0 worker1:Processor-0``."""

    name = "node descriptors (master:Blitz-0,Tables-0 worker1:Processor-0)"
    doc = "NODE:SERVICE-INDEX,… words, divided by spaces"

    def parse(self, text: str) -> tuple[Node, ...]:
        nodes = tuple(self._node(word) for word in text.split())
        if len({node.name for node in nodes}) < len(nodes):
            raise Invalid("names one node twice", "list all services of a node after one name")
        return nodes

    def _node(self, word: str) -> Node:
        name, colon, servers = word.partition(":")
        if not (colon and _NODE_NAME.fullmatch(name)):
            raise Invalid(
                f"has {word!r}, which is not a node",
                f"give {self.doc}",
                "has a member that is not a node",
            )
        found = [_SERVER_NAME.fullmatch(server) for server in servers.split(",") if servers]
        if None in found:
            raise Invalid(
                f"has a service in {word!r} that is not a service name",
                f"give {self.doc}",
                "has a service that is not a service name",
            )
        return Node(name, tuple(Server(m[1], int(m[2]) if m[2] else None) for m in found if m))


WORDS = Csv(name="csv")
PAIRS = CsvPairs()
SEVERAL_TEXTS = Several(STRING)
SEVERAL_INTS = Several(INT)
SEVERAL_BOOLS = Several(BOOL)
NODE_DESCRIPTORS = NodeDescriptors()
