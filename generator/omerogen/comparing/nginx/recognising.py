"""Finds OMERO.web in an nginx configuration: its layout, its server, and the part that each location has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.comparing.nginx.listening import Redirect, listens, redirect, server_names
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.targets import PASSES, Target, target_of
from omerogen.derive.nginx.names import MAINTENANCE, PROXY, UPSTREAM
from omerogen.values.patterns import Pattern

_IS_OMERO = Pattern(r".*omero.*", re.IGNORECASE | re.DOTALL)
_ACME = "/.well-known/acme-challenge/"
_REGEX = ("~", "~*")


class Web(NamedTuple):
    """An OMERO.web in a configuration. Each directive is None where there is none.

    - ``layout``: ``server``, ``standalone`` or ``location``.
    - ``main``: the directives outside of all blocks; ``http``: those of the http block or beside servers.
    - ``kept``: whether those of ``http`` stay if the servers are replaced.
    - ``server``, ``redirecting``: the server, and the one that leads to it with HTTPS.
    - ``entry``: the location of the application; ``handler``: that which passes requests on, or the same.
    - ``static``, ``maintenance``: the locations of static files and of the page for times without OMERO.web.
    - ``target``: where requests go; ``marked``: the lines that OMERO marks as the site's own.
    """

    layout: str
    main: tuple[Directive, ...]
    http: tuple[Directive, ...]
    kept: bool
    server: Directive
    redirecting: Directive | None
    leads: Redirect | None
    entry: Directive
    handler: Directive
    static: Directive | None
    maintenance: Directive | None
    target: Target
    marked: range

    @property
    def in_part(self) -> bool:
        """Whether blocks around it are in another file: what they set is not known."""
        return not self.kept and self.layout != "standalone"

    @property
    def names(self) -> dict[str, str]:
        """The names of its upstream and named locations, and what OMERO calls each at the top of a server."""
        named = {PROXY: self.handler, MAINTENANCE: self.maintenance}
        found = {path_of(one): name for name, one in named.items() if one and path_of(one).startswith("@")}
        upstream = self.target.upstream
        return {**found, upstream.args[0]: UPSTREAM} if upstream else found

    @property
    def path(self) -> str:
        """The path of the application."""
        return path_of(self.entry)


class Expected(NamedTuple):
    """What ours has: the address of the application, its path and that of static files.

    ``is_ours`` is for our own text, where these decide. ``marked`` are the lines of the file that OMERO marks
    as the site's own: the locations of OMERO.web are not among them.
    """

    address: tuple[str, int]
    path: str
    static: str | None
    is_ours: bool = False
    marked: range = range(0)

    def is_its(self, target: Target) -> bool:
        """Whether a target is the application; its host may have other names."""
        return target.address[1] == str(self.address[1])


class Found(NamedTuple):
    """All OMERO.webs of a configuration, and the servers that serve something else."""

    webs: tuple[Web, ...]
    others: tuple[Directive, ...]


def path_of(location: Directive) -> str:
    """The path of a location, without what stands before it."""
    return location.args[-1] if location.args else ""


def find(directives: tuple[Directive, ...], expected: Expected) -> Found:
    """The OMERO.webs of a configuration.

    A server that passes requests there, or whose names and paths are OMERO's, serves OMERO.web. So does
    the only server that passes requests anywhere.
    """
    whole = {"http", "events"} & {directive.name for directive in directives}
    block = Directive("http", (), directives)
    http = _inside(directives, "http") if whole else directives
    servers = [directive for directive in http if directive.name == "server" and directive.block is not None]
    layout = "server"
    if not whole and not servers:
        servers, http, layout = [Directive("server", (), directives)], (), "location"
    upstreams = {one.args[0]: one for one in http if one.name == "upstream" and one.args}
    passing = [server for server in servers if any(server.all(*PASSES))]
    ours = [server for server in passing if _is_of_omero(server, upstreams, expected)]
    ours = ours or (passing if len(passing) == 1 else [])
    if whole:
        layout = "standalone" if _is_standalone(directives, block, ours) else "server"
    main = directives if whole else ()
    kept = bool(whole) and layout == "server"
    webs = tuple(
        web
        for server in ours
        if (web := _web(server, layout, main, http, kept, servers, upstreams, expected))
    )
    used = [one for web in webs for one in (web.server, web.redirecting)]
    return Found(webs, tuple(server for server in servers if server not in used))


def _inside(directives: Iterable[Directive], name: str) -> tuple[Directive, ...]:
    return tuple(one for directive in directives if directive.name == name for one in directive.inside)


def _is_standalone(directives: tuple[Directive, ...], block: Directive, servers: Iterable[Directive]) -> bool:
    """Whether this is the nginx of OMERO.web alone, run by its own user.

    That of a system names a user, or includes servers from other files: there the server is replaced.
    """
    files = {directive.file for directive in directives}
    return not any(block.all("user")) and all(server.file in files for server in servers)


def _is_of_omero(server: Directive, upstreams: dict[str, Directive], expected: Expected) -> bool:
    targets = [target_of(one, upstreams) for one in server.all(*PASSES)]
    if any(map(expected.is_its, targets)):
        return True
    named = (word for one in server.all(*PASSES, "alias", "root", "location") for word in one.args)
    return any(map(_IS_OMERO.fullmatch, named))


def _web(
    server: Directive,
    layout: str,
    main: tuple[Directive, ...],
    http: tuple[Directive, ...],
    kept: bool,
    servers: Iterable[Directive],
    upstreams: dict[str, Directive],
    expected: Expected,
) -> Web | None:
    named = {
        path_of(one): one
        for one in server.inside
        if one.name == "location" and one.args[:1] and path_of(one)[0] == "@"
    }
    best: tuple[tuple[bool | int, ...], Directive, Directive, Target] | None = None
    for entry in server.inside:
        if entry.name != "location" or not entry.args or path_of(entry).startswith("@"):
            continue
        handler = _handler(entry, named)
        passes = handler and _passes(handler)
        if handler is None or passes is None or entry.args[0] in ("=", *_REGEX):
            continue
        target = target_of(passes, upstreams)
        is_its = expected.is_its(target) or bool(_IS_OMERO.fullmatch(passes.args[0]))
        is_at = path_of(entry) == expected.path
        upgrades = any("upgrade" in one.args[:1] or "Upgrade" in one.args[:1] for one in handler.inside)
        is_apart = entry.line not in expected.marked
        rank = (expected.is_ours and is_at, is_apart, is_its, not upgrades, is_at, -len(path_of(entry)))
        if best is None or rank > best[0]:
            best = (rank, entry, handler, target)
    if best is None:
        return None
    _, entry, handler, target = best
    leading = _redirecting(server, servers)
    return Web(
        layout,
        main,
        http,
        kept,
        server,
        leading,
        redirect(leading) if leading else None,
        entry,
        handler,
        _static(server, path_of(entry), expected),
        _maintenance((handler, entry, server), named),
        target,
        expected.marked,
    )


def _handler(entry: Directive, named: dict[str, Directive]) -> Directive | None:
    """The location that passes on what reaches ``entry``: itself, or the last word of its try_files."""
    if _passes(entry):
        return entry
    last = [one.args[-1] for one in entry.inside if one.name == "try_files" and one.args]
    return named.get(last[0]) if last else None


def _passes(location: Directive) -> Directive | None:
    return next((one for one in location.inside if one.name in PASSES and one.args), None)


def _redirecting(server: Directive, servers: Iterable[Directive]) -> Directive | None:
    """The server without TLS that leads to this one."""
    if not any(listen.is_tls for listen in listens(server)):
        return None
    names = set(server_names(server))
    for other in servers:
        is_plain = other is not server and not any(listen.is_tls for listen in listens(other))
        its = set(server_names(other))
        answers = (
            its & names or not {*its} - {"_"} or not names or any(one.is_default for one in listens(other))
        )
        if is_plain and redirect(other) and answers:
            return other
    return None


def _static(server: Directive, prefix: str, expected: Expected) -> Directive | None:
    """The location of static files: the path or the folder is named static, or no other has an alias."""
    found = [
        one for one in locations(server) if one.args[0] not in ("=", *_REGEX) and folder_of(one) is not None
    ]
    if expected.is_ours:
        return next((one for one in found if path_of(one) == expected.static), None)
    others = [
        one
        for one in found
        if path_of(one).rstrip("/") != prefix.rstrip("/")
        and one.line not in expected.marked
        and not is_challenge(one)
    ]
    ranks = [(_is_static(path_of(one)), _is_static(folder_of(one) or "")) for one in others]
    best = max(ranks, default=(False, False))
    with_alias = [one for one in others if any(inner.name == "alias" for inner in one.inside)]
    if any(best):
        return others[ranks.index(best)]
    return with_alias[0] if len(with_alias) == 1 else None


def _is_static(path: str) -> bool:
    return path.rstrip("/").endswith("static")


def folder_of(location: Directive) -> str | None:
    """The folder whose files a location serves, in the form of an alias; None where it has none."""
    for one in location.inside:
        if one.name == "alias" and one.args:
            return one.args[0]
        if one.name == "root" and one.args and path_of(location).startswith("/"):
            return posixpath.join(one.args[0].rstrip("/"), path_of(location).lstrip("/"))
    return None


def _maintenance(blocks: Iterable[Directive], named: dict[str, Directive]) -> Directive | None:
    """The named location that answers while the application is down."""
    for block in blocks:
        for one in block.inside:
            if one.name == "error_page" and "502" in one.args[:-1] and one.args[-1] in named:
                return named[one.args[-1]]
    return None


def marked_lines(text: str) -> range | None:
    """The numbers of the lines that OMERO marks as the site's own; None without marks."""
    name = WEB_NGINX_SERVER_EXTRA_CONFIG.name
    lines = text.splitlines()
    marks = [f"# <<<<< {name}", f"# {name} >>>>>"]
    places = [[number for number, line in enumerate(lines) if line.strip() == mark] for mark in marks]
    if [len(found) for found in places] != [1, 1] or places[0] > places[1]:
        return None
    return range(places[0][0] + 2, places[1][0] + 1)


def is_challenge(location: Directive) -> bool:
    """Whether a location serves the challenges of an ACME client."""
    return location.name == "location" and path_of(location).rstrip("/") == _ACME.rstrip("/")


def challenge_root(location: Directive) -> str | None:
    """The folder of an ACME client's files, if a location does no more than serve them; else None."""
    roots = [one.args[0] for one in location.inside if one.name == "root" and one.args]
    is_plain = all(one.name in ("root", "default_type", "allow", "auth_basic") for one in location.inside)
    return roots[0].rstrip("/") if is_challenge(location) and is_plain and len(roots) == 1 else None


def locations(block: Directive) -> Iterator[Directive]:
    """The locations of a server."""
    return (one for one in block.inside if one.name == "location" and one.args)
