"""Placeholders of the XML files that an installed OMERO ships, filled in with lxml.

Each function changes a parsed document and yields its problems. Comments and
layout are kept; what is added is indented like its neighbours. Texts are given as
IceGrid reads them; lxml escapes them for XML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from lxml import etree

from omerogen.catalog.server import SERVER_NODEDESCRIPTORS
from omerogen.derive.grid import MASTER, ROUTER
from omerogen.model import Input, Items, inputs_within
from omerogen.rewriting.layout import Added, Document, parent_of
from omerogen.values.lists import Node, Server

#: Properties of a service: names and values.
Rows: TypeAlias = Items[tuple[str, str]]

#: A placeholder for a value; ``@omero.host@`` and ``@omero.port@`` are for OMERO's clients to fill in.
PLACEHOLDER = re.compile(r"@(?:omero\.[A-Za-z0-9_.]+|Ice\.Default\.Host)@")
ICESSL = "@omero.glacier2.icessl@"
_MEMORY, _REPLACEMENT = "MEMORY:", "REPLACEMENT:"
#: The elements of a node that are services.
_SERVERS = ("server-instance", "server", "icebox")
#: Services that get more than their number, as `omero admin rewrite` gives it.
_MORE = {
    "Blitz": {"config": "default"},
    "PixelData": {"dir": ""},
    "Processor": {"dir": ""},
    "Tables": {"dir": ""},
}


def fill_placeholders(document: Document, value: Callable[[str], str | None]) -> None:
    """Replace each placeholder by its value, but in comments; those without one stay."""
    for element in document.root.iter():
        if isinstance(element.tag, str):
            for name, text in element.items():
                element.set(name, filled(str(text), value))
            if element.text and "@" in element.text:
                element.text = filled(element.text, value)
        if element.tail and "@" in element.tail:
            element.tail = filled(element.tail, value)


def filled(text: str, value: Callable[[str], str | None]) -> str:
    """A text with each placeholder replaced by its value; those without one stay."""
    return PLACEHOLDER.sub(lambda found: found[0] if (new := value(found[0])) is None else new, text)


def memory_services(document: Document) -> set[str]:
    """The services that there are options ``MEMORY:SERVICE`` for."""
    return {service for _, service in _memory_options(document)}


def replacement_services(document: Document) -> set[str]:
    """The services that there are properties ``REPLACEMENT:SERVICE`` for."""
    return {service for _, service in _replacements(document)}


def missing_memory(documents: Iterable[Document], services: Iterable[str]) -> Iterator[str]:
    """The options that the files should have. A release that does not have a service needs none for it."""
    found = set().union(*map(memory_services, documents))
    templates = {name.lower() for document in documents for name in _parameters(document)}
    for service in services:
        if service not in found and (not found or service in templates):
            origin = "OMERO 5.0.2 and older wrote such files, and so does filling in"
            yield f"has no option {_MEMORY}{service}: {origin}"


def lost_properties(documents: Iterable[Document], own: Mapping[str, Rows]) -> Iterator[str]:
    """The properties of one service that the files have no place for."""
    found = set().union(*map(replacement_services, documents))
    for service, properties in own.items():
        if service not in found:
            names = ", ".join(f"{name}.{service}" for name, _ in properties)
            yield f"has no property {_REPLACEMENT}{service}: {names} would be lost"


def fill_memory(document: Document, flags: Mapping[str, Items[tuple[str, ...]]]) -> Iterator[str]:
    """Put each JVM's flags in place of ``<option>MEMORY:SERVICE</option>``: one in it, the rest after it.

    The flags are in parts; the first part is one flag.
    """
    marks = document.marks
    for option, service in _memory_options(document):
        if service in flags:
            field = f"{_MEMORY}{service}"
            (((heap,), inputs), *parts) = zip(flags[service], flags[service].reads, strict=True)
            skipped = marks.skip((option.text or "").count("\n"))
            option.text = marks.value(heap, field, inputs) + skipped
            added = [Added([_element("option", text=flag) for flag in part], reads) for part, reads in parts]
            document.insert(option, added, field)
        else:
            yield f"has an option {_MEMORY}{service}, which is not a JVM of OMERO"


def fill_replacements(document: Document, own: Mapping[str, Rows], decided: frozenset[Input]) -> None:
    """Put each service's own properties in place of ``<property name="REPLACEMENT:SERVICE"/>``.

    A service without properties loses the placeholder, which would be a property otherwise.
    ``decided`` are the inputs that decide which services have any.
    """
    for row, service in _replacements(document):
        rows = own.get(service, Items())
        document.insert(row, _properties(rows), f"{_REPLACEMENT}{service}", decided)
        document.remove(row, decided | inputs_within(rows))


def _properties(rows: Rows) -> list[Added]:
    return [
        Added([_element("property", name=name, value=value)], reads)
        for (name, value), reads in zip(rows, rows.reads, strict=True)
    ]


def _memory_options(document: Document) -> list[tuple[etree._Element, str]]:
    return _marked(document.elements("option"), lambda option: option.text, _MEMORY)


def _replacements(document: Document) -> list[tuple[etree._Element, str]]:
    return _marked(document.elements("property"), lambda row: row.get("name"), _REPLACEMENT)


def _marked(
    elements: Iterable[etree._Element], text: Callable[[etree._Element], str | None], mark: str
) -> list[tuple[etree._Element, str]]:
    """The elements whose text is ``MARK:SERVICE``, and that service."""
    texts = ((element, (text(element) or "").strip()) for element in elements)
    return [(element, found.removeprefix(mark)) for element, found in texts if found.startswith(mark)]


def has_icessl(document: Document) -> bool:
    """Whether there is a line ``@omero.glacier2.icessl@``."""
    return next(_icessl_places(document), None) is not None


def fill_icessl(document: Document, rows: Rows) -> None:
    """Put the router's properties in place of the line ``@omero.glacier2.icessl@``, wherever it is."""
    while (place := next(_icessl_places(document), None)) is not None:
        _split_at_icessl(document, place, rows)


def _icessl_places(document: Document) -> Iterator[etree._Element]:
    """The elements that have the line in their text or tail."""
    for element in document.root.iter():
        own = element.text if isinstance(element.tag, str) else ""
        if any(ICESSL in (text or "") for text in (own, element.tail)):
            yield element


def _split_at_icessl(document: Document, element: etree._Element, rows: Rows) -> None:
    inside = isinstance(element.tag, str) and ICESSL in (element.text or "")
    before, _, after = ((element.text if inside else element.tail) or "").partition(ICESSL)
    parent, at = (element, 0) if inside else (parent_of(element), parent_of(element).index(element) + 1)
    lead = document.repeated(before[before.rfind("\n") :] if "\n" in before else "")
    added = _properties(rows)
    text = before + document.strung(added, ("", lead, after), ICESSL, inputs_within(rows))
    if inside:
        element.text = text
    else:
        element.tail = text
    parent[at:at] = [row for one in added for row in one.elements]


def rewrite_nodes(document: Document, nodes: Sequence[Node], inputs: frozenset[Input]) -> Iterator[str]:
    """Let the nodes run what descriptors say; of the first, master, the first server stays.

    ``inputs`` are those of the nodes.
    """
    field = SERVER_NODEDESCRIPTORS.name
    for present in _nodes(document):
        if present.master is None:
            yield f"has no node {MASTER} with a server"
        elif _loses_router(present.servers, nodes):
            yield f"has a node {MASTER} that does not begin with Glacier2"
        else:
            first, *others = present.servers
            for server in others:
                document.remove(server, inputs)
            document.insert(first, [Added([*map(_instance, nodes[0].servers)], inputs)], field)
            for node in present.others:
                document.remove(node, inputs)
            leads = document.before(present.master), document.before(first)
            document.insert(
                present.master, [Added([_node(node, *leads) for node in nodes[1:]], inputs)], field
            )


def keep_nodes(document: Document, inputs: frozenset[Input]) -> None:
    """Note what `rewrite_nodes` would change if descriptors were set, whose ``inputs`` these are."""
    for present in _nodes(document):
        if present.master is not None:
            for element in (*present.servers[1:], *present.others):
                document.may_remove(element, inputs)
            for place in (present.servers[0], present.master):
                document.may_insert(place, inputs)


class _Present(NamedTuple):
    """The nodes of an application: master if it has servers, these servers, and all other nodes."""

    master: etree._Element | None
    servers: list[etree._Element]
    others: list[etree._Element]


def _nodes(document: Document) -> Iterator[_Present]:
    """The nodes of each application that has any."""
    for application in document.elements("application"):
        if nodes := application.findall("node"):
            master = next((node for node in nodes if node.get("name") == MASTER), None)
            servers = [] if master is None else [child for child in master if child.tag in _SERVERS]
            others = [node for node in nodes if node is not master]
            yield _Present(master if servers else None, servers, others)


def has_nodes(document: Document) -> bool:
    """Whether there is an application with nodes, which descriptors are about."""
    return next(_nodes(document), None) is not None


def _loses_router(servers: Sequence[etree._Element], nodes: Iterable[Node]) -> bool:
    """Whether the first server, which stays, is not the router but one that goes or runs elsewhere."""
    is_router = [ROUTER in (server.get("template") or server.get("id") or "") for server in servers]
    named = {f"{server.template}Template" for node in nodes for server in node.servers}
    return not is_router[0] and (any(is_router) or servers[0].get("template") in named)


def instance_problems(documents: Iterable[Document], nodes: Iterable[Node]) -> Iterator[str]:
    """Problems that the registry would report for the servers of the nodes, given these templates."""
    parameters = {name: found for document in documents for name, found in _parameters(document).items()}
    servers = [server for node in nodes for server in node.servers]
    for server, count in Counter(servers).items():
        name = f"{server.template}-{server.instance}".removesuffix("-None")
        if server.template not in parameters:
            yield f"unknown service {server.template!r}; there are {', '.join(sorted(parameters))}"
            continue
        if count > 1:
            yield f"{name!r} is named twice"
        given = _attributes(server)
        optional = parameters[server.template]
        wanting = [parameter for parameter in optional if not optional[parameter] and parameter not in given]
        unknown = [parameter for parameter in given if parameter not in optional]
        if wanting or unknown:
            odd = " and ".join(
                [*(f"wants {row!r}" for row in wanting), *(f"has no {row!r}" for row in unknown)]
            )
            yield f"{name!r} cannot run: {server.template}Template {odd}"


def _parameters(document: Document) -> dict[str, dict[str, bool]]:
    """The services that have a template, with its parameters and whether each is optional."""
    return {
        template.get("id", "").removesuffix("Template"): {
            row.get("name", ""): "default" in row.attrib for row in template.findall("parameter")
        }
        for template in document.elements("server-template")
    }


def _attributes(server: Server) -> dict[str, str]:
    """The parameters that an instance of a service is given."""
    index = {} if server.instance is None else {"index": str(server.instance)}
    return {**index, **_MORE.get(server.template, {})}


def _instance(server: Server) -> etree._Element:
    return _element("server-instance", template=f"{server.template}Template", **_attributes(server))


def _node(node: Node, lead: str, inner_lead: str) -> etree._Element:
    """A further node; a line break and indentation come before its end and before each server."""
    made = _element("node", name=node.name)
    made.extend(map(_instance, node.servers))
    if len(made):
        made.text = inner_lead
        for server in made:
            server.tail = inner_lead
        made[-1].tail = lead
    return made


def _element(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.Element(tag, attributes)
    element.text = text
    return element
