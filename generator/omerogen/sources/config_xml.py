"""``etc/grid/config.xml``: profiles of properties, as ``omero config`` writes them.

The root is ``<icegrid>``; each ``<properties id="PROFILE">`` is a profile; the one
named ``__ACTIVE__`` says which is in use and repeats its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from omerogen.model import Location, Problem, SourceError
from omerogen.sources import elements
from omerogen.sources.assignments import Assignment, Operation, Report, set_to
from omerogen.sources.elements import Element, Malformed

_ACTIVE = "__ACTIVE__"
_OWN_PREFIX = "omero.config."
_TOP_LINKS = "omero.web.ui.top_links"


def read(path: str, data: bytes, profile: str | None, report: Report) -> list[Assignment]:  # noqa: ARG001
    """The values of one profile: ``profile``, else the file's own choice, else ``default``."""
    root = _root(path, data)
    blocks = _blocks(path, root)
    active = _own_properties(path, blocks.get(_ACTIVE))
    chosen = profile or active.get("omero.config.profile") or "default"
    if chosen not in blocks or chosen == _ACTIVE:
        if not blocks and not profile:
            return []
        known = ", ".join(sorted(blocks.keys() - {_ACTIVE})) or "none"
        raise SourceError.at(Location.file(path), f"has no profile {chosen!r}", f"it has: {known}")
    block = blocks[chosen]
    version = _own_properties(path, block).get("omero.config.version") or active.get("omero.config.version")
    upgrade = _UPGRADES.get(version or "5.1.0")
    if upgrade is None:
        raise SourceError.at(
            _place(path, block),
            f"profile {chosen!r} is of version {version!r}",
            f"omerogen reads {', '.join(_UPGRADES)}; let OMERO upgrade the file",
        )
    assignments: list[Assignment] = []
    for name, text, line in _properties(path, block):
        if not name.startswith(_OWN_PREFIX):
            assignments += upgrade(name, text, Location.file(path, line, chosen))
    return assignments


def _root(path: str, data: bytes) -> Element:
    try:
        root = elements.parse(data)
    except Malformed as error:
        location = Location.file(path, error.line or None)
        raise SourceError.at(location, str(error), "let OMERO write the file") from None
    if root.tag != "icegrid":
        raise SourceError.at(
            Location.file(path), f"is a <{root.tag}> file, not an <icegrid> one", "name a config.xml"
        )
    return root


def _blocks(path: str, root: Element) -> dict[str, Element]:
    blocks: dict[str, Element] = {}
    for block in root.named("properties"):
        profile = block.get("id")
        if profile is None:
            raise SourceError.at(_place(path, block), "a <properties> has no id", "name the profile")
        if profile in blocks:
            raise SourceError.at(_place(path, block), f"profile {profile!r} is defined twice", "keep one")
        blocks[profile] = block
    return blocks


def _properties(path: str, block: Element) -> Iterator[tuple[str, str, int]]:
    """Name, value and line of each property; all that is malformed in one error."""
    problems = []
    for element in block.children:
        name, value = element.get("name"), element.get("value")
        if element.tag != "property" or name is None or value is None:
            problems.append(
                Problem(
                    _place(path, element),
                    f"<{element.tag}> is not a property with name and value",
                    'write <property name="…" value="…"/>',
                )
            )
        else:
            yield name, value, element.line
    if problems:
        raise SourceError(problems)


def _own_properties(path: str, block: Element | None) -> dict[str, str]:
    """The file's properties about itself, ``omero.config.*``."""
    if block is None:
        return {}
    return {name: value for name, value, _ in _properties(path, block) if name.startswith(_OWN_PREFIX)}


def _place(path: str, element: Element) -> Location:
    return Location.file(path, element.line)


def _current(name: str, text: str, origin: Location) -> list[Assignment]:
    return [set_to(name, text, origin)]


def _from_4_2_1(name: str, text: str, origin: Location) -> list[Assignment]:
    """Its top links are the ones to add after the default ones."""
    from omerogen.values.base import Invalid
    from omerogen.values.json import dumps, loads

    if name != _TOP_LINKS:
        return _current(name, text, origin)
    try:
        links = loads(text)
    except Invalid as error:
        raise SourceError.at(origin, f"{name} {error.problem}", error.advice) from None
    if not isinstance(links, list):
        raise SourceError.at(origin, f"{name} is not a list", "give a JSON list of links")
    return [Assignment(Operation.APPEND, name, dumps(link), origin) for link in links]


def _from_4_2_0(name: str, text: str, origin: Location) -> list[Assignment]:
    """Its LDAP values write ``@{dn}`` as ``${omero.dollar}{dn}`` or ``${dn}``."""
    if name.startswith("omero.ldap."):
        text = text.replace("${omero.dollar}", "").replace("${", "@{")
    return _from_4_2_1(name, text, origin)


#: How the values of a version become today's.
_UPGRADES: dict[str, Callable[[str, str, Location], list[Assignment]]] = {
    "5.1.0": _current,
    "4.2.1": _from_4_2_1,
    "4.2.0": _from_4_2_0,
}
