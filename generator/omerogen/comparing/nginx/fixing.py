"""What would reproduce a difference: options, properties and lines, tried and proposed as ready lines."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.catalog.web_server import WEB_NGINX_SERVER_EXTRA_CONFIG
from omerogen.comparing.nginx.adopting import Adopted
from omerogen.comparing.nginx.differing import Differing, differing
from omerogen.comparing.nginx.directives import group_of
from omerogen.comparing.nginx.explained import REASONS
from omerogen.comparing.nginx.lines import Line, is_line, text_of
from omerogen.comparing.nginx.ours import Ours, attempt
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.statements import HTTP, MAIN, REDIRECT, UPSTREAM, Key, Meaning
from omerogen.comparing.result import Difference
from omerogen.model.option import Option
from omerogen.secrets.patterns import cleared_directives
from omerogen.settings import redact
from omerogen.values.json import dumps

_ROW = WEB_NGINX_SERVER_EXTRA_CONFIG.name
#: Options that have an effect only together: TLS needs a certificate.
_TLS = ("tls", "certificate", "certificate_key")
_OF_TLS = ("https", "http2", "hsts", "http", "acme_root")
_OF_LISTEN = ("http", "listen", "default_server")
_NOT_EXPRESSIBLE = "cannot be expressed"
#: Why a block has no property, option or line, by its context.
_WHY = {
    HTTP: "keep it in the http block, in a file of its own",
    MAIN: "it belongs to the nginx.conf of the system",
    UPSTREAM: "ours has one server in its upstream, and no other directives",
    REDIRECT: "ours has a fixed server for the redirect",
}
_EVERY_REQUEST = "ours passes every request on: add a location for the files that nginx is to serve"
_TOGETHER = "the options and properties of --adopt together"
_ELSE = "no property, option or line of the server block does that"


class _Change(NamedTuple):
    """One step from ours to yours, as a line to use."""

    text: str
    options: Mapping[str, Any]
    properties: Mapping[str, str]
    omerodir: str = ""


class Fixes:
    """The fixes of all differences, and the lines of the adoption."""

    def __init__(self, before: Ours, yours: Meaning, adopted: Adopted | None) -> None:
        self.before = before
        self.yours = yours
        self.adopted = adopted
        self.known = {option.name: option for option in artifacts.get("nginx").options}
        self.secrets = redact.secrets(before.settings.entries())
        #: The options that change, by name; None where one is to be left out.
        self.changed = dict(self._changed_options())

    def difference(self, one: Differing) -> Difference:
        """A difference as others see it, with its fix."""
        fix, expressible = self._fix(one)
        context, directive = self._place(one.key)
        place = str(one.place.place) if one.place and one.place.line else ""
        yours, ours = (self._shown(directive, fact.shown) if fact else None for fact in (one.yours, one.ours))
        return Difference(directive, context, yours, ours, fix, place, one.reason, expressible)

    def _place(self, key: Key) -> tuple[str, str]:
        """The block as it is called in yours, and the directive."""
        contexts = self.yours.contexts if key.context in self.yours.contexts else self.before.meaning.contexts
        block = contexts.get(key.context)
        if key.directive in ("location", "server") and not key.key:
            return key.context if key.context == REDIRECT else "server", key.directive
        if block is None or key.context == REDIRECT or block.name != "location":
            return key.context, key.directive
        return " ".join([block.name, *block.args]), key.directive

    def _fix(self, one: Differing) -> tuple[str, bool]:
        line = self._line(one.place) if one.place and is_line(one) else ""
        if one.reason:
            is_kept = line and "@" not in line and self._keeps(line, one)
            keep = f"; to keep yours: {self._append(line)}" if is_kept else ""
            return f"deliberate: {REASONS[one.reason]}{keep}", False
        if self.adopted is None or self._unresolved & set(one.keys):
            return f"{_NOT_EXPRESSIBLE}: {self._why(one)}", False
        if one.place and any(made.made_of == one.place for made in self.adopted.lines):
            return (self._append(line) if self._may_be_last(one.place, line) else _TOGETHER), True
        for change, resolved in self._trials:
            if set(one.keys) <= resolved:
                return self._text(change, one), True
        return _TOGETHER, True

    def _keeps(self, line: str, one: Differing) -> bool:
        """Whether a difference is gone with a line more."""
        left = self._left_with(line, self.adopted.ours if self.adopted else self.before)
        return left is not None and set(one.keys).isdisjoint(each.key for each in left)

    def _may_be_last(self, directive: Directive, line: str) -> bool:
        """Whether a line may come after those that the site has: where the first that matches decides."""
        if not group_of(directive.name, directive.args):
            return True
        left = self._left_with(line, self.before)
        return left is not None and not any(each.is_order for each in left)

    def _left_with(self, line: str, ours: Ours) -> list[Differing] | None:
        """The differences with a line more; None if it is refused."""
        own = dumps([*ours.settings[WEB_NGINX_SERVER_EXTRA_CONFIG], line])
        tried = attempt(ours.settings.changed({_ROW: own}), ours.options, self.yours.web)
        return differing(self.yours, tried.meaning, merged=False) if isinstance(tried, Ours) else None

    def _why(self, one: Differing) -> str:
        if one.key.directive == "try_files":
            return _EVERY_REQUEST
        if self.yours.web.layout == "location" and one.place is not None:
            return "ours is locations alone: put it into your server block"
        return _WHY.get(one.key.context, _ELSE)

    def _text(self, change: _Change, one: Differing) -> str:
        """The line of a change; of the site's own lines that which the difference is about."""
        if _ROW not in change.properties:
            return change.text
        if one.place is not None:
            return self._append(self._line(one.place))
        is_own = one.ours is not None and self.before.is_own_line(one.ours.directive)
        # Else the options and lines of --adopt are what takes ours away.
        return self._remove(one.ours.directive.text) if one.ours and is_own else _TOGETHER

    @cached_property
    def _unresolved(self) -> set[Key]:
        """What is different after the adoption, and not meant to be."""
        return self._meant(self.adopted.ours) if self.adopted else set()

    def _meant(self, ours: Ours) -> set[Key]:
        """The differences without a documented reason."""
        found = differing(self.yours, ours.meaning, merged=False)
        return {one.key for one in found if not one.reason}

    @cached_property
    def _trials(self) -> list[tuple[_Change, set[Key]]]:
        """Each change with the differences that it resolves on its own."""
        before = self._meant(self.before)
        return [
            (change, before - left) for change in self._changes() if (left := self._left(change)) is not None
        ]

    def _left(self, change: _Change) -> set[Key] | None:
        settings = self.before.settings.below(change.omerodir or self.before.settings.omerodir)
        options = {**self.before.options, **change.options}
        given = {name: value for name, value in options.items() if value is not None}
        tried = attempt(settings.changed(change.properties), given, self.yours.web)
        return self._meant(tried) if isinstance(tried, Ours) else None

    def _changes(self) -> Iterator[_Change]:
        """The properties, then the options: each alone, or those that need each other together."""
        if self.adopted is None:
            return
        for name, text in self.adopted.properties.items():
            yield _Change(f"omero config set -- {name} {shlex.quote(text)}", {}, {name: text})
        if len(self.adopted.properties) > 1:
            lines = (f"omero config set -- {name} {shlex.quote(text)}" for name, text in self._others())
            yield _Change("; ".join(lines), {}, dict(self._others()))
        if self.adopted.omerodir != self.before.settings.omerodir:
            flag = f"--omerodir {shlex.quote(self.adopted.omerodir)}"
            yield _Change(flag, {}, {}, self.adopted.omerodir)
        tls = {name: self.changed[name] for name in _TLS if name in self.changed}
        for name, value in self.changed.items():
            if name not in tls:
                yield self._with_flags({name: value})
        together = {name: self.changed[name] for name in _OF_LISTEN if name in self.changed}
        if len(together) > 1:
            yield self._with_flags(together)
        if tls:
            yield self._with_flags(tls)
            for name in _OF_TLS:
                if name in self.changed:
                    yield self._with_flags({**tls, name: self.changed[name]})
            rest = {
                name: self.changed[name]
                for name in (*_OF_TLS, "servername", "listen")
                if name in self.changed
            }
            yield self._with_flags({**tls, **rest})

    def _others(self) -> Iterator[tuple[str, str]]:
        """The properties that change, without the site's own lines."""
        if self.adopted:
            yield from ((name, text) for name, text in self.adopted.properties.items() if name != _ROW)

    def _with_flags(self, options: Mapping[str, Any]) -> _Change:
        return _Change(
            " ".join(_flag(self.known[name], value) for name, value in options.items()), options, {}
        )

    def _changed_options(self) -> Iterator[tuple[str, Any]]:
        if self.adopted is None:
            return
        given, now = self.before.options, self.adopted.ours.options
        for name, option in self.known.items():
            old, new = (option.parse(options.get(name)) for options in (given, now))
            if old != new:
                yield name, now.get(name)

    @cached_property
    def options(self) -> dict[str, Any]:
        """The options of the adoption that are not defaults, by their keys in a site file."""
        if self.adopted is None:
            return {}
        now = self.adopted.ours.options
        found = {
            option.key: now[name]
            for name, option in self.known.items()
            if now.get(name) is not None and option.parse(now[name]) != option.parse(None)
        }
        omerodir = self.adopted.omerodir
        is_usual = omerodir == self.before.settings.omerodir
        return found if is_usual else {"omerodir": omerodir, **found}

    def toml(self) -> str:
        """The lines of ``omerogen.toml``; a comment names those of the present file that are to go."""
        gone = [self.known[name].key for name, value in self.changed.items() if value is None]
        lines = [f"{key} = {_toml(value)}\n" for key, value in self.options.items()]
        return "".join([*lines, f"# take out: {', '.join(gone)}\n" if gone else ""])

    def omero(self) -> str:
        """The lines for ``omero load``."""
        return "".join(f"{line}\n" for line in self._omero())

    def _omero(self) -> Iterator[str]:
        if self.adopted is None:
            return
        for name, text in self._others():
            yield f"config set -- {name} {shlex.quote(text)}"
        if _ROW in self.adopted.properties:
            left_out = list(self._left_out(self.adopted.lines))
            texts = [line.text for line in self.adopted.lines if line not in left_out]
            yield f"config set -- {_ROW} {shlex.quote(dumps(texts))}"
            yield from (_named(line, self.hide(line.text)) for line in left_out)

    def _left_out(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines with a secret, and those that have to come after one of them, in their order."""
        begun = set[str]()
        for line in lines:
            made = line.made_of
            group = group_of(made.name, made.args) if made else ""
            is_secret = self.hide(line.text) != line.text
            begun |= {group} if is_secret and group else set()
            if is_secret or group in begun:
                yield line

    def _line(self, directive: Directive) -> str:
        """A directive of yours as a line of the site's own."""
        ours = self.adopted.ours if self.adopted else self.before
        return text_of(directive, self.yours.web, ours.prefix)

    def _append(self, line: str) -> str:
        if self.hide(line) != line:
            return f"append the line to {_ROW}; it is not shown, as it holds a secret"
        return f"omero config append -- {_ROW} {shlex.quote(dumps(self.hide(line)))}"

    def _remove(self, line: str) -> str:
        if self.hide(line) != line:
            return f"remove the line from {_ROW}; it is not shown, as it holds a secret"
        return f"omero config remove -- {_ROW} {shlex.quote(dumps(self.hide(line)))}"

    def hide(self, text: str) -> str:
        """A text without secrets."""
        return redact.scrub(cleared_directives(text), self.secrets)

    def _shown(self, directive: str, text: str) -> str:
        """A value without secrets, which its directive tells."""
        if text.startswith(directive):  # a whole block
            return self.hide(text)
        return self.hide(f"{directive} {text};").removeprefix(f"{directive} ").removesuffix(";")


def _named(line: Line, shown: str) -> str:
    """A line that is to be appended: one with a secret by its place, one that comes after such as it is."""
    where = str(line.made_of.place) if line.made_of else "the file that is compared"
    if shown == line.text:
        return f"# then, as the order counts: config append -- {_ROW} {shlex.quote(dumps(shown))}"
    return f"# a line with a secret is not shown: append it to {_ROW} from {where}"


def _flag(option: Option, value: Any) -> str:
    """An option as on the command line."""
    if value is None:
        return f"without {option.flag}"
    if option.is_switch:
        return option.flag
    values: Iterable[Any] = value if isinstance(value, (list, tuple)) else [value]
    return " ".join([option.flag, *(shlex.quote(str(each)) for each in values)])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
