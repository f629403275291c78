"""Lines of the server block that reproduce directives of yours."""

from __future__ import annotations

from typing import NamedTuple

from omerogen.comparing.nginx.differing import Differing
from omerogen.comparing.nginx.directives import INHERITED, LISTS
from omerogen.comparing.nginx.parsing import LUA, NOT_UTF8, Directive
from omerogen.comparing.nginx.recognising import Web
from omerogen.comparing.nginx.statements import ENTRY, HANDLER, HTTP, MAIN, REDIRECT, SERVER, STATIC, UPSTREAM
from omerogen.comparing.nginx.targets import renamed
from omerogen.derive.nginx.names import of_omero
from omerogen.values.base import Invalid
from omerogen.values.nginx import check_balanced

#: Blocks whose own directives are not of the server block, and so no line of it reproduces them.
_ELSEWHERE = frozenset({HTTP, MAIN, REDIRECT, UPSTREAM})


class Line(NamedTuple):
    """A line of the server block, and the directive of yours that it reproduces, if it is of one."""

    text: str
    made_of: Directive | None = None


def text_of(directive: Directive, web: Web, prefix: str) -> str:
    """A directive of yours as a line of the site's own, with the names that OMERO has."""
    return renamed(directive, {yours: of_omero(name, prefix) for yours, name in web.names.items()}).text


def position(line: Line) -> tuple[bool, str, int]:
    """Lines that the site has first, then those of yours in their order."""
    directive = line.made_of
    return (True, directive.file, directive.line) if directive else (False, "", 0)


def is_line(one: Differing) -> bool:
    """Whether a line of the server block may reproduce a difference."""
    directive = one.place
    if directive is None or one.key.context in _ELSEWHERE - {HTTP} or not is_legal(directive):
        return False
    is_inherited = directive.name in INHERITED or directive.name in LISTS
    if one.key.context == SERVER:
        return directive.name != "server_name"
    if is_inherited:
        return True
    return (
        directive.name == "location" and one.key.context not in (ENTRY, HANDLER, STATIC) and one.ours is None
    )


def is_legal(directive: Directive) -> bool:
    """Whether a directive can be a line: not one in Lua, or with bytes that are not UTF-8."""
    if directive.name.endswith(LUA) or any(one.name.endswith(LUA) for one in directive.inside):
        return False
    if NOT_UTF8 in directive.text:
        return False
    try:
        check_balanced(directive.text)
    except Invalid:
        return False
    return True
