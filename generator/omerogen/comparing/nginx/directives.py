"""How each directive of nginx is compared: the form of its value, its default, and where it matters.

Sources: the reference of nginx's modules on nginx.org. A directive that is not in these tables is compared
word by word in the block that it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Flag, auto
from typing import NamedTuple

from omerogen.comparing.nginx.inherited import INHERITED_TABLE
from omerogen.comparing.nginx.parsing import quoted
from omerogen.values.patterns import Pattern


class Where(Flag):
    """The kinds of blocks in which the value of an inherited directive has an effect."""

    ANY = auto()
    PROXY = auto()
    FILES = auto()
    BODY = auto()
    TLS = auto()
    ACCESS = auto()


class Rule(NamedTuple):
    """How an inherited directive is compared; ``default`` is in its canonical form, None for none."""

    form: Callable[[tuple[str, ...]], str]
    default: str | None
    where: Where


_SIZE = Pattern(r"(\d+)([kKmMgG]?)")
_TIMES = Pattern(r"(?:\d+(?:ms|[smhdwMy])?)+")
_TIME = Pattern(r"(\d+)(ms|[smhdwMy])?")
_FACTORS = {"k": 2**10, "m": 2**20, "g": 2**30}
_MILLISECONDS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "M": 2_592_000_000,
    "y": 31_536_000_000,
}


def words(args: tuple[str, ...]) -> str:
    """The arguments as they are; quotes where they are needed keep them apart."""
    return " ".join(map(quoted, args))


def size(args: tuple[str, ...]) -> str:
    """Sizes in bytes: ``10m`` is ``10240k``. Counts beside them, as in ``8 16k``, stay numbers."""
    return " ".join(map(_bytes, args))


def time(args: tuple[str, ...]) -> str:
    """Times in milliseconds: ``60`` is ``60s`` and ``1m``, also as a parameter, ``valid=60s``."""
    return " ".join(map(_parameter, args))


def lower(args: tuple[str, ...]) -> str:
    """Words whose case does not matter, such as ``on``."""
    return words(args).lower()


def unordered(args: tuple[str, ...]) -> str:
    """Words whose order does not matter, each once."""
    return " ".join(sorted(set(map(_of_time, args))))


def _bytes(word: str) -> str:
    found = _SIZE.fullmatch(word)
    return str(int(found[1]) * _FACTORS.get(found[2].lower(), 1)) if found else word


def _parameter(word: str) -> str:
    return _of_time(word) if "=" in word else _milliseconds(word)


def _of_time(word: str) -> str:
    """A parameter that is a time."""
    name, _, value = word.partition("=")
    return f"{name}={_milliseconds(value)}" if name in ("inactive", "valid") else word


def _milliseconds(word: str) -> str:
    if not _TIMES.fullmatch(word):
        return word
    parts = (found.groups() for found in _TIME.finditer(word))
    return str(sum(int(number) * _MILLISECONDS[unit or "s"] for number, unit in parts))


_FORMS = {"words": words, "size": size, "time": time, "lower": lower, "set": unordered}


def _inherited() -> Mapping[str, Rule]:
    rules = {}
    for line in INHERITED_TABLE.strip().splitlines():
        name, form, where, *default = line.split()
        compared = _FORMS[form]
        rules[name] = Rule(compared, compared(tuple(default)) if default else None, Where[where])
    return rules


class List(NamedTuple):
    """A directive of which a block has all, or inherits all.

    ``key``: what one entry sets; the others are its value. ``defaults`` are entries that nginx has itself.
    """

    key: Callable[[tuple[str, ...]], str]
    where: Where
    defaults: frozenset[tuple[str, str]] = frozenset()


def _first(args: tuple[str, ...]) -> str:
    return args[0].lower() if args else ""


def _whole(args: tuple[str, ...]) -> str:
    return words(args)


def _codes(args: tuple[str, ...]) -> str:
    """Codes of answers, and a time."""
    return words((*args[:-1], *map(_milliseconds, args[-1:])))


def _log(args: tuple[str, ...]) -> str:
    """The arguments of a log: sizes and times of its parameters in one form."""
    forms = {"buffer": _bytes, "flush": _milliseconds}
    parts = (word.partition("=") for word in args)
    written = (name + equals + forms.get(name, str)(value) for name, equals, value in parts)
    return words(tuple(written))


INHERITED = _inherited()

#: Directives that are inherited only by blocks that have none of their own.
LISTS: Mapping[str, List] = {
    "proxy_set_header": List(
        _first, Where.PROXY, frozenset({("host", "$proxy_host"), ("connection", "close")})
    ),
    "proxy_hide_header": List(_first, Where.PROXY),
    "proxy_pass_header": List(_first, Where.PROXY),
    "proxy_ignore_headers": List(_whole, Where.PROXY),
    "proxy_cache_valid": List(_codes, Where.PROXY),
    "proxy_cache_bypass": List(_whole, Where.PROXY),
    "proxy_no_cache": List(_whole, Where.PROXY),
    "proxy_cookie_path": List(_first, Where.PROXY),
    "proxy_cookie_domain": List(_first, Where.PROXY),
    "add_header": List(_first, Where.ANY),
    "add_trailer": List(_first, Where.ANY),
    "error_page": List(_first, Where.ANY),
    "access_log": List(_log, Where.ANY),
    "error_log": List(_whole, Where.ANY),
    "mirror": List(_whole, Where.ANY),
    "sub_filter": List(_first, Where.ANY),
    "auth_request_set": List(_first, Where.ACCESS),
    "set_real_ip_from": List(_whole, Where.ACCESS),
    "limit_req": List(_whole, Where.ACCESS),
    "limit_conn": List(_first, Where.ACCESS),
    "allow": List(_whole, Where.ACCESS),
    "deny": List(_whole, Where.ACCESS),
}
#: Directives that nginx takes in the order in which they are written, by the group that has one order.
ORDERED: Mapping[str, str] = {
    **dict.fromkeys(("rewrite", "if", "return", "set", "break"), "rewrite"),
    **dict.fromkeys(("allow", "deny"), "access"),
}
#: Lists of which the first entry that matches decides.
FIRST_MATCH = frozenset({"proxy_cookie_path", "proxy_cookie_domain", "sub_filter"})
_REGULAR = "regular expressions"


def group_of(name: str, args: tuple[str, ...]) -> str:
    """The group in which the order of a directive counts; empty where it does not."""
    if name == "location" and args[:1] in (("~",), ("~*",)):
        return _REGULAR
    return name if name in FIRST_MATCH else ORDERED.get(name, "")


def canonical(name: str, args: tuple[str, ...]) -> str:
    """The value of a directive in a form that is the same for the same meaning."""
    rule = INHERITED.get(name)
    return rule.form(args) if rule else words(args)
