"""Our nginx for a site, read in the same way as yours; each line knows what it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omerogen.artifacts import rendering
from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.comparing.nginx import facts, recognising
from omerogen.comparing.nginx.parsing import Directive, parse_text
from omerogen.comparing.nginx.recognising import Expected, Web
from omerogen.comparing.nginx.statements import Meaning
from omerogen.model import Input, OmerogenError, RenderedFile
from omerogen.settings import Settings

_NAME = "ours"


class Ours(NamedTuple):
    """Our configuration: what it was made from, its text and its meaning."""

    settings: Settings
    options: Mapping[str, Any]
    file: RenderedFile
    meaning: Meaning

    @property
    def prefix(self) -> str:
        """The path of OMERO.web without its trailing slash; empty at the top."""
        return self.meaning.web.path.rstrip("/")

    def is_own_line(self, directive: Directive) -> bool:
        """Whether a directive is one of the site's own lines."""
        spans = self.file.lines[directive.line - 1].spans
        return any(Input.property(WEB_NGINX_SERVER_EXTRA_CONFIG.name) in span.inputs for span in spans)

    def inputs(self, directive: Directive) -> frozenset[Input]:
        """What the lines of a directive were made of, those of its block among them."""
        lines = {one.line for one in _within(directive)}
        found = (self.file.lines[line - 1].inputs for line in lines if line <= len(self.file.lines))
        return frozenset[Input]().union(*found)


def _within(directive: Directive) -> Iterable[Directive]:
    yield directive
    for one in directive.inside:
        yield from _within(one)


def expected(settings: Settings, options: Mapping[str, Any], *, is_ours: bool = False) -> Expected:
    """What an OMERO.web with these settings has."""
    context = rendering.context("nginx", settings, options)
    host, _, port = context.application.rpartition(":")
    return Expected((host, int(port)), context.application_location, context.static_location, is_ours)


def ours(settings: Settings, options: Mapping[str, Any], yours: Web) -> Ours:
    """Our configuration, in the place of yours. Raises `OmerogenError` for a site that is refused."""
    file = rendering.render("nginx", settings, options, traced=True)
    found = recognising.find(parse_text(file.text, _NAME), expected(settings, options, is_ours=True))
    web = found.webs[0]
    outer = yours.http if yours.kept else ()
    return Ours(settings, options, file, facts.meaning(web, outer))


def attempt(settings: Settings, options: Mapping[str, Any], yours: Web) -> Ours | OmerogenError:
    """The same, or why it is refused."""
    try:
        return ours(settings, options, yours)
    except OmerogenError as error:
        return error
