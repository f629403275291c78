"""What an nginx configuration means for OMERO.web: statements that can be compared one by one.

Layout, quotes, comments, the order that nginx ignores, defaults that are written out, the place from which a
value is inherited, and the names of upstreams and named locations make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from omerogen.comparing.nginx import directives
from omerogen.comparing.nginx.directives import INHERITED, LISTS, ORDERED, Where
from omerogen.comparing.nginx.listening import is_quic, listens, redirect, server_names
from omerogen.comparing.nginx.parsing import Directive, quoted
from omerogen.comparing.nginx.recognising import Web, challenge_root, folder_of, locations, path_of
from omerogen.comparing.nginx.statements import (
    ENTRY,
    HANDLER,
    HTTP,
    MAIN,
    MAINTENANCE,
    MAINTENANCE_TEXT,
    REDIRECT,
    SERVER,
    STATIC,
    UPSTREAM,
    Fact,
    Key,
    Meaning,
)
from omerogen.comparing.nginx.targets import PASSES, renamed

#: In the location that passes requests on, and in the one that led to it.
_OF_HANDLER = Where.ANY | Where.PROXY | Where.BODY | Where.ACCESS
_OF_ENTRY = Where.BODY | Where.ACCESS
_OF_FILES = Where.ANY | Where.FILES | Where.ACCESS
#: Directives that are read in another form, or that give a block its name.
_READ_APART = frozenset({"listen", "server_name", "location", "server", "ssl", "http2", "upstream"})
_PASSES = frozenset(PASSES)
#: Directives of which a server may have one for each kind of key.
_SEVERAL = frozenset({"ssl_certificate", "ssl_certificate_key"})


def meaning(web: Web, outer: Sequence[Directive] = ()) -> Meaning:
    """The meaning of an OMERO.web; ``outer`` is the http block around it, where that stays."""
    return _Reader(web, tuple(outer)).read()


class _Reader:
    def __init__(self, web: Web, outer: tuple[Directive, ...]) -> None:
        self.web = web
        self.outer = outer
        self.http = outer or web.http
        self.facts: dict[Key, Fact] = {}
        self.contexts: dict[str, Directive] = {SERVER: web.server, ENTRY: web.entry, HANDLER: web.handler}
        self.orders: dict[tuple[str, str], tuple[str, ...]] = {}
        self.names = self._roles()

    def _roles(self) -> dict[str, str]:
        """The names of the upstream and of named locations, and what each is called by its part."""
        text = self._text_location(self.web.maintenance) if self.web.maintenance else None
        if text and path_of(text).startswith("@"):
            return {**self.web.names, path_of(text): MAINTENANCE_TEXT.split()[1]}
        return self.web.names

    def _text_location(self, maintenance: Directive) -> Directive | None:
        """The named location that the maintenance page falls back to."""
        last = {one.args[-1] for one in maintenance.inside if one.name == "try_files" and one.args}
        return next((one for one in locations(self.web.server) if path_of(one) in last), None)

    def read(self) -> Meaning:
        web = self.web
        levels = (self.http, web.server.inside)
        self._server()
        self._application(levels)
        if web.static:
            self._static(levels, web.static)
        if web.maintenance:
            self.contexts[MAINTENANCE] = web.maintenance
            self._own(MAINTENANCE, web.maintenance.inside, skip=frozenset({"root"}))
            for one in web.maintenance.inside:
                if one.name == "root":
                    self._say(Key(MAINTENANCE, "root"), one.args[-1].rstrip("/"), one)
        self._other_locations(levels)
        if web.redirecting:
            self._redirecting(web.redirecting)
        self._upstream()
        if not web.kept:
            skip = frozenset({"upstream", "server"})
            self._own(HTTP, web.http, skip=skip | INHERITED.keys() | LISTS.keys(), other_upstreams=True)
        if web.layout == "standalone":
            self._own(MAIN, web.main, skip=frozenset({"http"}))
        return Meaning(web, self.facts, self.contexts, self.orders)

    def _say(self, key: Key, value: str, directive: Directive, shown: str | None = None) -> None:
        number, first = 1, key.key
        while key in self.facts and self.facts[key].value != value:
            number += 1
            key = key._replace(key=f"{first} #{number}")
        self.facts[key] = Fact(value, value if shown is None else shown, directive)

    def _server(self) -> None:
        server = self.web.server
        if self.web.layout != "location":
            self._listens(SERVER, server)
        if any(listen.is_tls for listen in listens(server)):
            self._inherited(SERVER, (self.http, server.inside), Where.TLS)
            left: frozenset[str] = frozenset()
        else:
            left = frozenset(name for name, rule in INHERITED.items() if rule.where is Where.TLS)
        inherited = frozenset(INHERITED) | LISTS.keys()
        self._own(SERVER, server.inside, skip=inherited - left)

    def _listens(self, context: str, server: Directive) -> None:
        for listen in listens(server):
            for address, port in sorted(listen.endpoints):
                name = f"{address}:{port}" if port else address
                shown = " ".join(filter(None, (name, listen.shown)))
                self._say(Key(context, "listen", name), listen.shown, listen.directive, shown)
        names = [name for name in server_names(server) if name] or ["_"]  # which no request has
        directive = next((one for one in server.inside if one.name == "server_name"), server)
        self._say(Key(context, "server_name"), " ".join(sorted(set(names))), directive, " ".join(names))

    def _application(self, levels: tuple[tuple[Directive, ...], ...]) -> None:
        web = self.web
        self._location(ENTRY, web.entry)
        at_once = web.handler is web.entry
        self._inherited(ENTRY, (*levels, web.entry.inside), _OF_ENTRY)
        inherited = frozenset(INHERITED) | LISTS.keys()
        if not at_once:
            kept = frozenset({"error_page"})
            self._own(ENTRY, web.entry.inside, skip=(inherited - kept) | _PASSES, lists=kept)
            for one in web.entry.inside:  # the first has an effect on files that try_files finds
                if one.name in ("open_file_cache", "keepalive_timeout", "keepalive_requests"):
                    self._say(Key(ENTRY, one.name), directives.canonical(one.name, one.args), one)
        self._inherited(HANDLER, (*levels, web.handler.inside), _OF_HANDLER)
        self._own(HANDLER, web.handler.inside, skip=inherited | _PASSES | {"root", "index"})
        passes = next(one for one in web.handler.inside if one.name in _PASSES)
        self._say(Key(HANDLER, passes.name), web.target.shown, passes)

    def _location(self, context: str, location: Directive) -> None:
        """Where a location is: ``^~`` makes no difference where there are no regular expressions."""
        words = list(location.args)
        has_regex = any(one.args[0] in ("~", "~*") for one in locations(self.web.server))
        if words[0] == "^~" and not has_regex:
            words = words[1:]
        self._say(Key(context, "location"), " ".join(words), location)

    def _static(self, levels: tuple[tuple[Directive, ...], ...], static: Directive) -> None:
        self.contexts[STATIC] = static
        self._location(STATIC, static)
        folder = next(one for one in static.inside if one.name in ("alias", "root"))
        self._say(Key(STATIC, "alias"), folder_of(static) or "", folder)
        self._inherited(STATIC, (*levels, static.inside), _OF_FILES)
        skip = frozenset(INHERITED) | LISTS.keys() | {"alias", "root"}
        self._own(STATIC, static.inside, skip=skip)

    def _other_locations(self, levels: tuple[tuple[Directive, ...], ...]) -> None:
        """Locations besides those of OMERO.web, with what they inherit."""
        known = [self.web.entry, self.web.handler, self.web.static, self.web.maintenance]
        for location in locations(self.web.server):
            if location in known:
                continue
            if (root := challenge_root(location)) is not None:
                self._say(Key(SERVER, "location", path_of(location).rstrip("/")), root, location)
                continue
            role = self.names.get(path_of(location))
            context = f"location {role or ' '.join(location.args)}"
            self.contexts[context] = location
            passes = any(one.name in _PASSES for one in location.inside)
            where = Where.PROXY | Where.BODY if passes else Where.FILES
            self._inherited(context, (*levels, location.inside), where | Where.ANY | Where.ACCESS)
            self._own(context, location.inside, skip=frozenset(INHERITED) | LISTS.keys())

    def _redirecting(self, server: Directive) -> None:
        self.contexts[REDIRECT] = server
        self._listens(REDIRECT, server)
        leads = redirect(server)
        made_of: tuple[Directive, ...] = leads.made_of if leads else ()
        if leads:
            self._say(Key(REDIRECT, "return"), leads.shown, leads.made_of[0])
            if leads.others:
                shown = f"{leads.others} (for other hosts)"
                self._say(Key(REDIRECT, "return", "others"), shown, leads.made_of[-1])
        kept = tuple(one for one in server.inside if one not in made_of and one.name != "root")
        self._own(REDIRECT, kept)

    def _upstream(self) -> None:
        upstream = self.web.target.upstream
        if upstream:
            self._own(UPSTREAM, upstream.inside, skip=frozenset({"server"}))

    def _own(
        self,
        context: str,
        block: Iterable[Directive],
        skip: frozenset[str] = frozenset(),
        lists: frozenset[str] = frozenset(LISTS),
        *,
        other_upstreams: bool = False,
    ) -> None:
        """The directives of a block itself, word by word."""
        order: dict[str, list[str]] = {}
        for one in block:
            if other_upstreams and one.name == "upstream" and self._is_other_upstream(one):
                self._block(Key(context, one.name, " ".join(one.args)), one)
            group = directives.group_of(one.name, one.args)
            if group and one.name == "location":  # all of a server are read elsewhere
                order.setdefault(group, []).append(" ".join([one.name, *map(quoted, one.args)]))
            is_nested = one.name == "location" and context != SERVER
            is_apart = one.name in _READ_APART and not is_nested and not is_quic(one)
            if one.name in skip or is_apart:
                continue
            if (root := challenge_root(one)) is not None:
                self._say(Key(context, "location", path_of(one).rstrip("/")), root, one)
                continue
            if one.block is not None:
                self._block(Key(context, one.name, " ".join(one.args)), one)
            elif one.name in LISTS and one.name in lists:
                self._entries(context, one.name, [one])
            else:
                key = Key(context, one.name, "" if self._is_single(one) else one.args[0])
                self._value(key, one)
            if one.name in ORDERED:
                order.setdefault(group, []).append(self._written(one))
        for group, members in order.items():
            self.orders[context, group] = tuple(members)

    def _is_other_upstream(self, upstream: Directive) -> bool:
        """Whether the server uses an upstream besides that of the application."""
        used = " ".join(one.args[0] for one in self.web.server.all(*_PASSES) if one.args)
        return upstream != self.web.target.upstream and " ".join(upstream.args) in used

    def _is_single(self, one: Directive) -> bool:
        return (
            one.name in INHERITED or len(one.args) < 2 or one.name in ("try_files", "root", "index", "alias")
        )

    def _value(self, key: Key, one: Directive) -> None:
        if one.name == "try_files" and one.args[:1] == ("",) and key.context == ENTRY:
            return  # no file is ever "": all requests go on
        value = directives.canonical(one.name, self._args(one))
        rule = INHERITED.get(one.name)
        # Around a part of a configuration another block may set the limit: there nginx' own one counts, too.
        may_differ = one.name == "client_max_body_size" and self.web.in_part and not self.outer
        if rule and value == rule.default and not may_differ:
            return
        self._say(key, value, one, " ".join(map(quoted, self._args(one))))

    def _block(self, key: Key, one: Directive) -> None:
        self._say(key, self._written(one), one, self._written(one))

    def _args(self, one: Directive) -> tuple[str, ...]:
        """The arguments, with what is the site's own called by its part."""
        return renamed(one._replace(block=None), self.names).args

    def _written(self, one: Directive) -> str:
        """A directive with its block in one form."""
        block = None if one.block is None else tuple(one.block)
        args = self._args(one)
        if block is None:
            return f"{quoted(one.name)} {directives.canonical(one.name, args)};".replace(" ;", ";")
        inner = [self._written(member) for member in block]
        if not any(member.name in ORDERED or member.name == "location" for member in block):
            inner.sort()
        return " ".join([one.name, *map(quoted, args), "{", *inner, "}"])

    def _inherited(self, context: str, levels: Sequence[Sequence[Directive]], where: Where) -> None:
        """The values that count in a block, the innermost of ``levels``."""
        single: dict[str, Directive] = {}
        several: dict[str, list[Directive]] = {}
        for level in levels:
            here: dict[str, list[Directive]] = {}
            for one in level:
                before = single.get(one.name)
                if one.name in _SEVERAL and where & Where.TLS and before and before in level:
                    self._value(Key(context, one.name), before)  # of another kind of key
                if one.name in INHERITED and INHERITED[one.name].where & where:
                    single[one.name] = one
                elif one.name in LISTS and LISTS[one.name].where & where:
                    here.setdefault(one.name, []).append(one)
            if here.keys() & {"allow", "deny"}:  # one list of two directives
                several.pop("allow", None)
                several.pop("deny", None)
            several.update(here)
        for one in single.values():
            self._value(Key(context, one.name), one)
        for name, entries in several.items():
            self._entries(context, name, entries)
        access = [
            one for level in levels for one in level if one.name in several and one.name in ("allow", "deny")
        ]
        if access:
            self.orders[context, "access"] = tuple(f"{one.name} {' '.join(one.args)};" for one in access)

    def _entries(self, context: str, name: str, entries: Iterable[Directive]) -> None:
        """The entries of a list; those that nginx has itself say nothing."""
        rule, entries = LISTS[name], tuple(entries)
        if name in directives.FIRST_MATCH:
            self.orders[context, name] = tuple(one.text for one in entries)
        for one in entries:
            args = self._args(one)
            if name == "error_page" and len(args) > 1:
                for code in _codes(args):
                    answer = " ".join(args[len(_codes(args)) :])
                    self._say(Key(context, name, code), answer, one, f"{code} {answer}")
                continue
            key = rule.key(args)
            rest = directives.words(args[1:]) if key == (args[0].lower() if args else "") else ""
            if (key, rest) not in rule.defaults:
                self._say(Key(context, name, key), rest, one, " ".join(map(quoted, args)))


def _codes(args: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in args[:-1] if word.isdigit())
