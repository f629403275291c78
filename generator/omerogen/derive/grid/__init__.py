"""The services of an OMERO server and the grid nodes that they run on.

Unless ``omero.server.nodedescriptors`` says otherwise, there is one node, named master,
with one instance of each service. The router, Glacier2, runs on the node master always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from omerogen.catalog.jvm import SERVICES as JVMS
from omerogen.catalog.server import SERVER_NODEDESCRIPTORS
from omerogen.model import ArtifactError, Location, Problem
from omerogen.model.option import Option
from omerogen.settings import Settings
from omerogen.values.base import STRING
from omerogen.values.lists import Node, Server

MASTER = "master"
ROUTER = "Glacier2"

NODE = Option("node", STRING, None, "only what runs on this node of the grid", "NAME")


class Service(NamedTuple):
    """A service that nodes run.

    - ``numbered``: whether there may be several, each with its number.
    - ``usual``: whether OMERO runs it when no descriptor says what to run.
    """

    numbered: bool
    usual: bool = True


#: The services by the name that descriptors have for them, in OMERO's order.
SERVICES = {
    "Blitz": Service(numbered=True),
    "Indexer": Service(numbered=True),
    "DropBox": Service(numbered=False),
    "MonitorServer": Service(numbered=False),
    "FileServer": Service(numbered=False),
    "Storm": Service(numbered=False),
    "PixelData": Service(numbered=True),
    "Processor": Service(numbered=True),
    "Tables": Service(numbered=True),
    "TestDropBox": Service(numbered=False, usual=False),
}


def described(settings: Settings) -> tuple[Node, ...] | None:
    """The nodes of the descriptors, master first and the others by name; None where none are set.

    Raises `ArtifactError` if a secret is in them: messages and file names contain nodes.
    """
    if settings.resolved(SERVER_NODEDESCRIPTORS.name).made_of_secret:
        message = "holds a secret, which the names of nodes and files would show"
        raise ArtifactError(descriptor_problem(settings, message, "write out what is meant"))
    found = settings[SERVER_NODEDESCRIPTORS]
    if not found:
        return None
    by_name = {MASTER: Node(MASTER, ()), **{node.name: node for node in found}}
    return (by_name.pop(MASTER), *sorted(by_name.values()))


def nodes(settings: Settings) -> tuple[Node, ...]:
    """The nodes, master first, with what each runs besides the router on master."""
    usual = (Server(name, 0 if row.numbered else None) for name, row in SERVICES.items() if row.usual)
    return described(settings) or (Node(MASTER, tuple(usual)),)


def node(settings: Settings, name: str) -> Node:
    """The node of that name; `ArtifactError` if the grid has none."""
    found = {node.name: node for node in nodes(settings)}
    if name not in found:
        advice = f"it has: {', '.join(found)}; see {SERVER_NODEDESCRIPTORS.name}"
        raise ArtifactError.at(Location.flag("--node"), f"the grid has no node {name!r}", advice)
    return found[name]


def jvms(node: Node) -> Counter[str]:
    """How many of each of OMERO's JVMs run on a node."""
    names = (server.template.lower() for server in node.servers)
    return Counter(name for name in names if name in JVMS)


def problems_of(settings: Settings) -> list[Problem]:
    """Problems of the descriptors that omerogen's own application has."""
    problems: list[Problem] = []
    seen: set[Server] = set()
    for node in nodes(settings):
        for server in node.servers:
            problems += _server_problems(settings, server, again=server in seen)
            seen.add(server)
    return list(dict.fromkeys(problems))


def _server_problems(settings: Settings, server: Server, *, again: bool) -> Iterator[Problem]:
    name = f"{server.template}" if server.instance is None else f"{server.template}-{server.instance}"
    row = SERVICES.get(server.template)
    if server.template == ROUTER:
        yield descriptor_problem(settings, f"{ROUTER} runs on {MASTER} always", "leave it out")
    elif row is None:
        yield descriptor_problem(
            settings, f"unknown service {server.template!r}", f"there are: {', '.join(SERVICES)}"
        )
    elif row.numbered != (server.instance is not None):
        message = f"{name!r} is not an instance of {server.template}"
        right = f"{server.template}-0" if row.numbered else server.template
        yield descriptor_problem(settings, message, f"write {right}")
    elif again:
        advice = "give each instance its own number" if row.numbered else "name it on one node"
        yield descriptor_problem(settings, f"{name!r} is named twice", advice)


def descriptor_problem(settings: Settings, message: str, advice: str) -> Problem:
    """Something wrong with the descriptors, at the place where they were set."""
    row = SERVER_NODEDESCRIPTORS
    return Problem(settings.origin(row), f"{row.name}: {message}", advice, properties=(row.name,))
