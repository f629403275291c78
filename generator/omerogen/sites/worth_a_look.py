"""Which new properties concern a site: there are many, and most of them change nothing.

A property that is off by default changes nothing. One that is on concerns a site that sets others of its
family, such as ``omero.ldap.*`` or the session cookies, and every site if it limits what users do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from omerogen.catalog.ldap import LDAP_CONFIG
from omerogen.catalog.web_security import WEB_CSRF_TRUSTED_ORIGINS, WEB_SECURE_PROXY_SSL_HEADER
from omerogen.derive import tls
from omerogen.model import OmerogenError, Property
from omerogen.settings import Settings

#: Defaults that switch a property off.
_OFF = frozenset((None, "", "0", "false", "[]", "{}"))
#: Parts of the names of properties that limit something.
_LIMITS = frozenset(("max", "maximum", "timeout"))
#: Families that every site sets: they say nothing about what it uses.
_USUAL = frozenset(("omero", "omero.db", "omero.ports", "omero.web"))
_LDAP = "omero.ldap"


def is_worth_a_look(row: Property[Any], settings: Settings, options: Mapping[str, Any]) -> bool:
    """Whether a new property concerns the site."""
    if row is WEB_CSRF_TRUSTED_ORIGINS and _has_https(settings, options):
        return True
    family = _family(row.name)
    if settings.default(row) in _OFF or (family == _LDAP and not _reads_ldap(settings)):
        return False
    return _is_limit(row) or (family not in _USUAL and family in map(_family, settings.names_set()))


def _is_limit(row: Property[Any]) -> bool:
    """Whether its name is that of a limit, and its default a number, or that of another property."""
    is_number = re.fullmatch(r"[0-9]+|\$\{.*\}", row.default or "")
    return bool(is_number) and not _LIMITS.isdisjoint(re.split(r"[._]", row.name))


def _family(name: str) -> str:
    """What a name has in common with others: of ``omero.web.session_cookie_age`` ``omero.web.session``."""
    above, _, last = name.rpartition(".")
    first, underscore, _ = last.partition("_")
    return f"{above}.{first}" if above == "omero.web" and underscore else above


def _reads_ldap(settings: Settings) -> bool:
    try:
        return settings[LDAP_CONFIG]
    except OmerogenError:
        return True


def _has_https(settings: Settings, options: Mapping[str, Any]) -> bool:
    """Whether users come by HTTPS: Django 4 then compares the origins of forms."""
    return settings.is_set(WEB_SECURE_PROXY_SSL_HEADER) or options.get(tls.TLS.name) in ("nginx", "proxy")
