"""Values that a site sets, and that what runs after an upgrade refuses: Django or OpenSSL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from omerogen.catalog import history
from omerogen.catalog.glacier2 import (
    GLACIER2_ICESSL_CIPHERS,
    GLACIER2_ICESSL_PROTOCOLS,
    GLACIER2_ICESSL_PROTOCOLVERSIONMAX,
)
from omerogen.catalog.history import WEB, Releases, Version, version_of
from omerogen.catalog.web_security import (
    WEB_CORS_ORIGIN_ALLOW_ALL,
    WEB_CORS_ORIGIN_WHITELIST,
    WEB_CSRF_TRUSTED_ORIGINS,
    WEB_SESSION_SERIALIZER,
)
from omerogen.catalog.web_server import (
    WEB_APPS,
    WEB_CACHES,
    WEB_DATABASES,
    WEB_DJANGO_ADDITIONAL_SETTINGS,
    WEB_MIDDLEWARE,
)
from omerogen.model import OmerogenError, Property
from omerogen.rules.installed import DISTRIBUTIONS, PICKLE
from omerogen.rules.router import is_anonymous_alone
from omerogen.rules.web_security import as_sent, shown_origin
from omerogen.settings import Settings
from omerogen.values.icessl import has_level_0
from omerogen.values.json import dumps

#: The Django that wants origins with their scheme, the one without PickleSerializer, and the first one whose
#: django-cors-headers wants schemes, too.
_WITH_SCHEME, _WITHOUT_PICKLE, _WITH_NEW_CORS = (4,), (5,), (3,)
_JSON = "django.contrib.sessions.serializers.JSONSerializer"
#: Packages that come with OMERO.web.
_OWN = frozenset(("django", "omeroweb", "pipeline"))


class Illegal(NamedTuple):
    """A value that is refused: of which property, why, and the values that are not.

    ``component`` and ``release`` are those that refuse it first, empty where they are not OMERO's.
    ``advice`` is what to do where a value alone does not do. ``is_package``: the value names packages of
    others, which may refuse what runs after it.
    """

    name: str
    message: str
    values: tuple[tuple[str, str], ...] = ()
    component: str = ""
    release: str = ""
    advice: str = ""
    is_package: bool = False


class _Step(NamedTuple):
    """The site after an upgrade, and the releases on both sides."""

    settings: Settings
    before: Releases
    after: Releases

    def django(self, limit: Version) -> tuple[str, str] | None:
        """Which Django the upgrade brings, and the first release with it, if it crosses ``limit``."""
        if not self.after.web:
            return None
        newest = history.django(self.after.web)[1]
        has_it = self.before.web and version_of(history.django(self.before.web)[0]) >= limit
        if has_it or version_of(newest) < limit:
            return None
        releases = history.known(WEB)
        first = next(one for one in releases if version_of(history.django(one)[1]) >= limit)
        return newest, first

    def has_newer_openssl(self) -> bool:
        """Whether OMERO.server goes up: that is when it moves to a machine with a newer OpenSSL.

        At its security level 0 that still has all ciphers and protocols.
        """
        if has_level_0(self.settings.text(GLACIER2_ICESSL_CIPHERS)):
            return False
        old, new = self.before.server, self.after.server
        return bool(new) and (not old or version_of(old) < version_of(new))


def becoming_illegal(after: Settings, before: Releases, releases: Releases) -> list[Illegal]:
    """The values of ``after``, the site in the later releases, that are refused since the upgrade."""
    step = _Step(after, before, releases)
    found: list[Illegal] = []
    for row, look in _LOOKS:
        try:
            found += look(step) if after.is_set(row) else ()
        except OmerogenError:
            continue  # the value is refused already
    return found


def _pickle(step: _Step) -> Iterator[Illegal]:
    row = WEB_SESSION_SERIALIZER
    found = step.django(_WITHOUT_PICKLE)
    if found and step.settings[row] == PICKLE:
        message = f"Django {found[0]} does not have PickleSerializer: nobody could log in"
        yield Illegal(row.name, message, ((row.name, _JSON),), WEB, found[1])


def _origins(step: _Step) -> Iterator[Illegal]:
    row = WEB_CSRF_TRUSTED_ORIGINS
    origins = step.settings[row]
    found = step.django(_WITH_SCHEME)
    if found and (wrong := [one for one in origins if "://" not in one]):
        values = ((row.name, dumps([*map(_with_scheme, origins)])),)
        named = "*" not in origins  # which no scheme makes a host
        advice = "" if named else "write the names that OMERO.web has, as in https://omero.example.org"
        found_values = values if named else ()
        yield Illegal(row.name, _without_scheme(wrong, found[0]), found_values, WEB, found[1], advice)


def _cors(step: _Step) -> Iterator[Illegal]:
    """Of django-cors-headers, which wants schemes since 3.0; that came before the releases for Django 3."""
    row = WEB_CORS_ORIGIN_WHITELIST
    origins = step.settings[row]
    found = step.django(_WITH_NEW_CORS)
    if found and (wrong := [one for one in origins if "://" not in one and one != "null"]):
        shown = ", ".join(map(shown_origin, wrong))
        message = f"django-cors-headers for Django {found[0]} lets in no origin without a scheme: {shown}"
        if "*" in origins:  # which no scheme makes a host
            every = f"{WEB_CORS_ORIGIN_ALLOW_ALL.name}=true"
            advice = f"write the origins, as in https://omero.example.org, or set {every} for all"
            yield Illegal(row.name, message, (), WEB, found[1], advice)
            return
        values = ((row.name, dumps([one if one == "null" else _with_scheme(one) for one in origins])),)
        yield Illegal(row.name, message, values, WEB, found[1])


def _additional(step: _Step) -> Iterator[Illegal]:
    """The same settings of Django, set by their own names."""
    row = WEB_DJANGO_ADDITIONAL_SETTINGS
    pairs: list[list[Any]] = step.settings[row]
    for key, value in pairs:
        origins = value if key == "CSRF_TRUSTED_ORIGINS" and isinstance(value, list) else []
        wrong = [one for one in origins if isinstance(one, str) and "://" not in one]
        if wrong and (found := step.django(_WITH_SCHEME)):
            advice = "put the scheme before each, as in https://omero.example.org"
            yield Illegal(row.name, _without_scheme(wrong, found[0]), (), WEB, found[1], advice)
        if key == "SESSION_SERIALIZER" and value == PICKLE and (found := step.django(_WITHOUT_PICKLE)):
            message = f"{key}: Django {found[0]} does not have PickleSerializer: nobody could log in"
            yield Illegal(row.name, message, (), WEB, found[1], f"take out {key}")


def _without_scheme(origins: list[str], django: str) -> str:
    shown = ", ".join(map(shown_origin, origins))
    return f"Django {django} does not start with an origin without a scheme: {shown}"


def _with_scheme(origin: str) -> str:
    return origin if "://" in origin else as_sent(f"https://{origin.strip().lstrip('/')}")


def _modules(row: Property[Any], named: Callable[[Any], str]) -> Callable[[_Step], Iterator[Illegal]]:
    """Applications and middleware that are not OMERO.web's, when Django's first number changes."""

    def look(step: _Step) -> Iterator[Illegal]:
        after = step.after.web and history.django(step.after.web)[1]
        before = step.before.web and history.django(step.before.web)[1]
        modules = dict.fromkeys(named(one).partition(".")[0] for one in step.settings[row])
        foreign = [module for module in modules if module not in _OWN]
        if after and before.partition(".")[0] != after.partition(".")[0] and foreign:
            known = " ".join(DISTRIBUTIONS[module] for module in foreign if module in DISTRIBUTIONS)
            earlier = f", not {before}" if before else ""
            message = f"{', '.join(foreign)}: the installed releases must be for Django {after}{earlier}"
            is_up = version_of(before or "0.0") < version_of(after)
            what = f"pip install --upgrade {known}" if known and is_up else "install these releases"
            advice = f"in the environment of OMERO.web: {what}"
            yield Illegal(row.name, message, (), WEB, step.after.web, advice, is_package=True)

    return look


#: What Django has no more: since which release, and what does the same.
DROPPED = {
    "django.contrib.auth.middleware.SessionAuthenticationMiddleware": ((2,), ""),
    "django.db.backends.postgresql_psycopg2": ((3,), "django.db.backends.postgresql"),
    "corsheaders.middleware.CorsPostCsrfMiddleware": ((4,), ""),
    "django.core.cache.backends.memcached.MemcachedCache": (
        (4, 1),
        "django.core.cache.backends.memcached.PyMemcacheCache",
    ),
}


def _dropped(row: Property[Any]) -> Callable[[_Step], Iterator[Illegal]]:
    """Classes and modules that a value names."""

    def look(step: _Step) -> Iterator[Illegal]:
        text = step.settings.text(row)
        for name, (limit, instead) in DROPPED.items():
            if f'"{name}"' in text and (found := step.django(limit)):
                message = f"Django {found[0]} does not have {name}: OMERO.web could not start"
                advice = f"write {instead} in its place" if instead else "take it out"
                yield Illegal(row.name, message, (), WEB, found[1], advice)

    return look


def _protocols(step: _Step) -> Iterator[Illegal]:
    row, largest = GLACIER2_ICESSL_PROTOCOLS, GLACIER2_ICESSL_PROTOCOLVERSIONMAX
    protocols = step.settings.raw(row).replace(",", " ").split()  # ssl3 is refused as a value
    has_ssl3 = any(protocol.lower() in ("ssl3", "sslv3") for protocol in protocols)
    if step.has_newer_openssl() and protocols and (has_ssl3 or all(map(_is_old, protocols))):
        values = ((row.name, "TLS1_2,TLS1_3"), (largest.name, "TLS1_3"))
        yield Illegal(row.name, f"{_OPENSSL} refuses {', '.join(protocols)}: no client could connect", values)


def _largest(step: _Step) -> Iterator[Illegal]:
    row = GLACIER2_ICESSL_PROTOCOLVERSIONMAX
    protocol = step.settings.text(row)
    protocols = step.settings.raw(GLACIER2_ICESSL_PROTOCOLS).replace(",", " ").split()
    has_new = step.settings.is_set(GLACIER2_ICESSL_PROTOCOLS) and not all(map(_is_old, protocols))
    if step.has_newer_openssl() and protocol and _is_old(protocol) and not has_new:  # these decide
        message = f"{_OPENSSL} refuses all up to {protocol}: no client could connect"
        yield Illegal(row.name, message, ((row.name, "TLS1_3"),))


def _is_old(protocol: str) -> bool:
    """Whether it is earlier than TLS 1.2."""
    return not protocol.lower().endswith(("1_2", "1_3"))


def _ciphers(step: _Step) -> Iterator[Illegal]:
    row = GLACIER2_ICESSL_CIPHERS
    ciphers = step.settings.text(row)
    if step.has_newer_openssl() and is_anonymous_alone(ciphers):
        message = f"{_OPENSSL} refuses ciphers without a certificate: no client could connect"
        yield Illegal(
            row.name,
            message,
            advice=f"omero config set {row.name}, which takes the value back, and then omero certificates",
        )


#: What a newer machine has.
_OPENSSL = "OpenSSL 3 (Ubuntu 22.04, Enterprise Linux 9)"

#: The properties whose values are looked at, if they are set.
_LOOKS: tuple[tuple[Property[Any], Callable[[_Step], Iterator[Illegal]]], ...] = (
    (WEB_SESSION_SERIALIZER, _pickle),
    (WEB_CSRF_TRUSTED_ORIGINS, _origins),
    (WEB_CORS_ORIGIN_WHITELIST, _cors),
    (WEB_DJANGO_ADDITIONAL_SETTINGS, _additional),
    (WEB_CACHES, _dropped(WEB_CACHES)),
    (WEB_DATABASES, _dropped(WEB_DATABASES)),
    (WEB_DJANGO_ADDITIONAL_SETTINGS, _dropped(WEB_DJANGO_ADDITIONAL_SETTINGS)),
    (WEB_MIDDLEWARE, _dropped(WEB_MIDDLEWARE)),
    (WEB_APPS, _modules(WEB_APPS, str)),
    (WEB_MIDDLEWARE, _modules(WEB_MIDDLEWARE, lambda one: one["class"])),
    (GLACIER2_ICESSL_PROTOCOLS, _protocols),
    (GLACIER2_ICESSL_PROTOCOLVERSIONMAX, _largest),
    (GLACIER2_ICESSL_CIPHERS, _ciphers),
)
