"""``compare nginx``: the differences in meaning, each with what would reproduce it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omerogen import artifacts
from omerogen.catalog.web_server import WEB_APPLICATION_SERVER_PORT
from omerogen.comparing.nginx import adopting, facts, recognising
from omerogen.comparing.nginx.adopting import Adopted
from omerogen.comparing.nginx.differing import differing
from omerogen.comparing.nginx.fixing import Fixes
from omerogen.comparing.nginx.listening import listens, server_names
from omerogen.comparing.nginx.ours import expected, ours
from omerogen.comparing.nginx.parsing import Directive, parse_file
from omerogen.comparing.nginx.recognising import Expected, Web
from omerogen.comparing.nginx.targets import PASSES, target_of
from omerogen.comparing.result import Adoption, CompareResult
from omerogen.model import Location, Problem, SourceError, note
from omerogen.settings import Settings


def compare(settings: Settings, path: str, options: Mapping[str, Any]) -> CompareResult:
    """How a file differs in meaning from our nginx; ``options`` are those of ``omerogen nginx``, as given.

    Without ``layout`` it is that of the file. Raises `SourceError` for a file that cannot be read, or that
    has no OMERO.web, and `OmerogenError` for a site that is refused.
    """
    parsed = parse_file(path)
    own = artifacts.get("nginx").own({name: value for name, value in options.items() if value is not None})
    marked = recognising.marked_lines(parsed.text)
    wanted = expected(settings, own)._replace(marked=marked or range(0))
    found = recognising.find(parsed.directives, wanted)
    if not found.webs:
        raise _nothing(path, found.others, wanted)
    web = _chosen(found.webs, wanted, own)
    lines = parsed.text.splitlines()
    own_lines = None if marked is None else [lines[number - 1] for number in marked]
    before = ours(settings, {"layout": web.layout, **own}, web)
    yours = facts.meaning(web, web.http if web.kept else ())
    adopted = adopting.adopt(before, yours, own_lines)
    fixes = Fixes(before, yours, adopted)
    differences = tuple(map(fixes.difference, differing(yours, before.meaning)))
    adoption = _adoption(fixes, adopted) if adopted else None
    notes = (*parsed.notes, *_notes(path, web, found))
    return CompareResult(path, differences, notes, before.file.warnings, adoption)


def _nothing(path: str, servers: tuple[Directive, ...], wanted: Expected) -> SourceError:
    """The error for a file without an OMERO.web, with the servers that were looked at."""
    real = [server for server in servers if server.line]
    if not real:
        message = "has no server or location that passes requests to OMERO.web"
        return SourceError.at(Location.file(path), message, "name the file with the server of OMERO.web")
    advice = f"name another file, or set {WEB_APPLICATION_SERVER_PORT.name} if it listens on another port"
    hidden = (one for server in real for one in server.all(*PASSES) if wanted.is_its(target_of(one, {})))
    if one := next(hidden, None):
        message = "passes requests to OMERO.web, in a form that is not compared"
        form = "a location in another, a regular expression, an if, or an error_page that leads there"
        return SourceError.at(one.place, message, f"compare a copy with a plain location in place of {form}")
    return SourceError(
        Problem(server.place, f"{_called(server)} does not pass requests to OMERO.web", advice)
        for server in real
    )


def _chosen(webs: tuple[Web, ...], wanted: Expected, options: Mapping[str, Any]) -> Web:
    """The OMERO.web that is compared: that of the server name or of the address of ours, else the first."""
    asked = options.get("servername") or ()
    names = {name.lower() for name in (asked.split() if isinstance(asked, str) else asked)}
    host, port = wanted.address
    ports = {int(options[name]) for name in ("http", "https") if options.get(name)}
    return max(
        webs,
        key=lambda web: (
            bool(names & set(server_names(web.server))),
            any(listen.port in ports for listen in listens(web.server)),
            web.target.address == (host, str(port)),
            web.target.address[1] == str(port),
            -webs.index(web),
        ),
    )


def _called(server: Directive) -> str:
    names = server_names(server)
    return f"server {names[0]}" if names else "a server without a name"


def _notes(path: str, web: Web, found: recognising.Found) -> Iterator[Problem]:
    """What was not compared, or was chosen."""
    others = [other for other in found.webs if other is not web]
    for other in others:
        names = server_names(other.server)
        port = next((listen.port for listen in listens(other.server)), 0)
        flag = "--https" if any(listen.is_tls for listen in listens(other.server)) else "--http"
        where = f" {flag} {port}" if names and names[0] in server_names(web.server) and port else ""
        advice = (
            f"add --servername {names[0]}{where} to compare it"
            if names
            else "compare it in a file of its own"
        )
        yield note(other.server.place, f"{_called(other.server)} is another OMERO.web: not compared", advice)
    for server in found.others:
        advice = "keep it in a file of its own" if not web.kept else ""
        yield note(server.place, f"{_called(server)} does not serve OMERO.web: not compared", advice)
    if web.kept:
        message = (
            "a whole nginx.conf of a system: ours takes the place of the server blocks of OMERO.web alone"
        )
        yield note(Location.file(path), message, "the rest stays")


def _adoption(fixes: Fixes, adopted: Adopted) -> Adoption:
    return Adoption(
        fixes.options,
        adopted.properties,
        fixes.toml(),
        fixes.omero(),
        tuple(fixes.difference(one) for one in adopted.remaining),
    )
