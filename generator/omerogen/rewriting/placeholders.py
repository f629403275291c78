"""Placeholders of the XML files that an installed OMERO ships, filled in with lxml.

Each function changes a parsed document and yields its problems. Comments and
layout are kept; what is added is indented like its neighbours. Texts are given as
IceGrid reads them; lxml escapes them for XML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from lxml import etree

from omerogen.derive.grid import ROUTER
from omerogen.rewriting.layout import Document
from omerogen.sources.elements import Malformed
from omerogen.values.lists import Node, Server

#: Properties of a service: names and values.
Rows: TypeAlias = Sequence[tuple[str, str]]

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


def fill_memory(document: Document, flags: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Put each JVM's flags in place of ``<option>MEMORY:SERVICE</option>``: one in it, the rest after it."""
    for option, service in _memory_options(document):
        if service in flags:
            option.text, *rest = flags[service]
            _insert(option, [_element("option", text=flag) for flag in rest])
        else:
            yield f"has an option {_MEMORY}{service}, which is not a JVM of OMERO"


def fill_replacements(document: Document, own: Mapping[str, Rows]) -> None:
    """Put each service's own properties in place of ``<property name="REPLACEMENT:SERVICE"/>``.

    A service without properties loses the placeholder, which would be a property otherwise.
    """
    for row, service in _replacements(document):
        properties = own.get(service, ())
        _insert(row, [_element("property", name=name, value=value) for name, value in properties])
        _remove(row)


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


def fill_icessl(document: Document, properties: Rows) -> None:
    """Put the router's properties in place of the line ``@omero.glacier2.icessl@``, wherever it is."""
    while (place := next(_icessl_places(document), None)) is not None:
        _split_at_icessl(place, [_element("property", name=name, value=value) for name, value in properties])


def _icessl_places(document: Document) -> Iterator[etree._Element]:
    """The elements that have the line in their text or tail."""
    for element in document.root.iter():
        own = element.text if isinstance(element.tag, str) else ""
        if any(ICESSL in (text or "") for text in (own, element.tail)):
            yield element


def _split_at_icessl(element: etree._Element, rows: list[etree._Element]) -> None:
    inside = isinstance(element.tag, str) and ICESSL in (element.text or "")
    before, _, after = ((element.text if inside else element.tail) or "").partition(ICESSL)
    parent, at = (element, 0) if inside else (_parent(element), _parent(element).index(element) + 1)
    if inside:
        element.text = before
    else:
        element.tail = before
    for row in rows:
        row.tail = before[before.rfind("\n") :] if "\n" in before else ""
    rows[-1].tail = after
    parent[at:at] = rows


def rewrite_nodes(document: Document, nodes: Sequence[Node]) -> Iterator[str]:
    """Let the nodes run what descriptors say; of the first, master, the first server stays."""
    for application in document.elements("application"):
        present = application.findall("node")
        master = next((node for node in present if node.get("name") == nodes[0].name), None)
        servers = [] if master is None else [child for child in master if child.tag in _SERVERS]
        if master is None or not servers:
            if present:
                yield f"has no node {nodes[0].name} with a server"
            continue
        if _loses_router(servers, nodes):
            yield f"has a node {nodes[0].name} that does not begin with Glacier2"
            continue
        for server in servers[1:]:
            _remove(server)
        _insert(servers[0], list(map(_instance, nodes[0].servers)))
        for node in present:
            if node is not master:
                _remove(node)
        _insert(master, [_node(node, master, servers[0]) for node in nodes[1:]])


def has_nodes(document: Document) -> bool:
    """Whether there is an application with nodes, which descriptors are about."""
    return any(application.find("node") is not None for application in document.elements("application"))


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


def _node(node: Node, master: etree._Element, first: etree._Element) -> etree._Element:
    """A further node, laid out as master is."""
    made = _element("node", name=node.name)
    made.extend(map(_instance, node.servers))
    if len(made):
        made.text = _before(first)
        for server in made:
            server.tail = _before(first)
        made[-1].tail = _before(master)
    return made


def _element(tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.Element(tag, attributes)
    element.text = text
    return element


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    if parent is None:
        raise Malformed("has a placeholder outside its root")
    return parent


def _before(element: etree._Element) -> str:
    """The line break and the indentation before an element; empty if it does not begin a line."""
    previous = element.getprevious()
    text = (_parent(element).text if previous is None else previous.tail) or ""
    return text[text.rfind("\n") :] if "\n" in text and not text[text.rfind("\n") :].strip() else ""


def _insert(place: etree._Element, added: Sequence[etree._Element]) -> None:
    """Insert elements after another, each on its own line if that one is."""
    lead, rest = _before(place), place.tail
    for element in added:
        place.tail = element.tail = None
        place.addnext(element)  # an index would be counted each time
        place.tail = lead
        place = element
    if added:
        place.tail = rest


def _remove(element: etree._Element) -> None:
    """Remove an element with the space before it; a comment after it stays on its line."""
    parent, previous, following = _parent(element), element.getprevious(), element.getnext()
    before = (parent.text if previous is None else previous.tail) or ""
    is_remark = following is not None and not isinstance(following.tag, str)
    has_company = is_remark and "\n" not in (element.tail or "")
    text = (before if before.strip() or has_company else "") + (element.tail or "")
    if previous is None:
        parent.text = text
    else:
        previous.tail = text
    element.tail = None
    parent.remove(element)
