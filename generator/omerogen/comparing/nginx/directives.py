"""How each directive of nginx is compared: the form of its value, its default, and where it matters.

Sources: the reference of nginx's modules on nginx.org. A directive that is not in these tables is compared
word by word in the block that it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Flag, auto
from typing import NamedTuple

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
    """Times in milliseconds: ``60`` is ``60s`` and ``1m``."""
    return " ".join(map(_milliseconds, args))


def lower(args: tuple[str, ...]) -> str:
    """Words whose case does not matter, such as ``on``."""
    return words(args).lower()


def unordered(args: tuple[str, ...]) -> str:
    """Words whose order does not matter, each once."""
    return " ".join(sorted(set(args)))


def _bytes(word: str) -> str:
    found = _SIZE.fullmatch(word)
    return str(int(found[1]) * _FACTORS.get(found[2].lower(), 1)) if found else word


def _milliseconds(word: str) -> str:
    if not _TIMES.fullmatch(word):
        return word
    parts = (found.groups() for found in _TIME.finditer(word))
    return str(sum(int(number) * _MILLISECONDS[unit or "s"] for number, unit in parts))


_FORMS = {"words": words, "size": size, "time": time, "lower": lower, "set": unordered}

#: Inherited directives with one value: name, form, where it matters, and nginx's default, if it has one.
_TABLE = """
client_max_body_size        size   BODY   1m
client_body_buffer_size     size   BODY   16k
client_body_timeout         time   BODY   60s
client_body_in_file_only    lower  BODY   off
client_body_temp_path       words  BODY
proxy_buffering             lower  PROXY  on
proxy_request_buffering     lower  PROXY  on
proxy_buffer_size           size   PROXY  8k
proxy_buffers               size   PROXY  8 8k
proxy_busy_buffers_size     size   PROXY  16k
proxy_max_temp_file_size    size   PROXY  1024m
proxy_temp_file_write_size  size   PROXY
proxy_temp_path             words  PROXY
proxy_connect_timeout       time   PROXY  60s
proxy_read_timeout          time   PROXY  60s
proxy_send_timeout          time   PROXY  60s
proxy_http_version          words  PROXY
proxy_redirect              words  PROXY  default
proxy_intercept_errors      lower  PROXY  off
proxy_ignore_client_abort   lower  PROXY  off
proxy_next_upstream         set    PROXY  error timeout
proxy_pass_request_headers  lower  PROXY  on
proxy_pass_request_body     lower  PROXY  on
proxy_ssl_verify            lower  PROXY  off
proxy_ssl_server_name       lower  PROXY  off
proxy_socket_keepalive      lower  PROXY  off
proxy_cache                 words  PROXY  off
sendfile                    lower  FILES  off
tcp_nopush                  lower  FILES  off
aio                         words  FILES  off
directio                    words  FILES  off
open_file_cache             set    FILES  off
open_file_cache_valid       time   FILES  60s
open_file_cache_min_uses    words  FILES  1
open_file_cache_errors      lower  FILES  off
autoindex                   lower  FILES  off
expires                     words  ANY    off
etag                        lower  FILES  on
index                       words  FILES  index.html
gzip_static                 lower  FILES  off
tcp_nodelay                 lower  ANY    on
gzip                        lower  ANY    off
gzip_types                  set    ANY    text/html
gzip_comp_level             words  ANY    1
gzip_min_length             size   ANY    20
gzip_vary                   lower  ANY    off
gzip_proxied                set    ANY    off
gzip_buffers                size   ANY
gzip_http_version           words  ANY    1.1
gzip_disable                words  ANY
keepalive_timeout           time   ANY    75s
keepalive_requests          words  ANY    1000
send_timeout                time   ANY    60s
reset_timedout_connection   lower  ANY    off
lingering_close             lower  ANY    on
server_tokens               lower  ANY    on
charset                     words  ANY    off
limit_rate                  size   ANY    0
log_not_found               lower  ANY    on
log_subrequest              lower  ANY    off
recursive_error_pages       lower  ANY    off
server_name_in_redirect     lower  ANY    off
port_in_redirect            lower  ANY    on
absolute_redirect           lower  ANY    on
msie_padding                lower  ANY    on
resolver_timeout            time   ANY    30s
default_type                words  FILES
auth_basic                  words  ACCESS off
auth_basic_user_file        words  ACCESS
auth_request                words  ACCESS off
satisfy                     lower  ACCESS all
ssl_protocols               set    TLS
ssl_ciphers                 words  TLS
ssl_prefer_server_ciphers   lower  TLS    off
ssl_session_cache           words  TLS    none
ssl_session_timeout         time   TLS    5m
ssl_session_tickets         lower  TLS    on
ssl_dhparam                 words  TLS
ssl_ecdh_curve              words  TLS    auto
ssl_stapling                lower  TLS    off
ssl_stapling_verify         lower  TLS    off
ssl_trusted_certificate     words  TLS
ssl_client_certificate      words  TLS
ssl_verify_client           lower  TLS    off
ssl_verify_depth            words  TLS    1
ssl_certificate             words  TLS
ssl_certificate_key         words  TLS
ssl_buffer_size             size   TLS    16k
"""


def _inherited() -> Mapping[str, Rule]:
    rules = {}
    for line in _TABLE.strip().splitlines():
        name, form, where, *default = line.split()
        compared = _FORMS[form]
        rules[name] = Rule(compared, compared(tuple(default)) if default else None, Where[where])
    return rules


class List(NamedTuple):
    """A directive of which a block has all, or inherits all.

    - ``key``: what one entry sets; the others are its value. ``defaults`` are entries that nginx has itself.
    - ``ordered``: whether the first entry that matches decides.
    """

    key: Callable[[tuple[str, ...]], str]
    where: Where
    defaults: frozenset[tuple[str, str]] = frozenset()


def _first(args: tuple[str, ...]) -> str:
    return args[0].lower() if args else ""


def _whole(args: tuple[str, ...]) -> str:
    return words(args)


INHERITED = _inherited()

#: Directives that are inherited only by blocks that have none of their own.
LISTS: Mapping[str, List] = {
    "proxy_set_header": List(
        _first, Where.PROXY, frozenset({("host", "$proxy_host"), ("connection", "close")})
    ),
    "proxy_hide_header": List(_first, Where.PROXY),
    "proxy_pass_header": List(_first, Where.PROXY),
    "proxy_ignore_headers": List(_whole, Where.PROXY),
    "proxy_cache_valid": List(_whole, Where.PROXY),
    "proxy_cookie_path": List(_first, Where.PROXY),
    "proxy_cookie_domain": List(_first, Where.PROXY),
    "add_header": List(_first, Where.ANY),
    "add_trailer": List(_first, Where.ANY),
    "error_page": List(_first, Where.ANY),
    "access_log": List(_whole, Where.ANY),
    "error_log": List(_whole, Where.ANY),
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


def canonical(name: str, args: tuple[str, ...]) -> str:
    """The value of a directive in a form that is the same for the same meaning."""
    rule = INHERITED.get(name)
    return rule.form(args) if rule else words(args)
