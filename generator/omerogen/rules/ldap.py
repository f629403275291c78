"""Rules about LDAP."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omerogen.catalog.ldap import (
    LDAP_BASE,
    LDAP_CONFIG,
    LDAP_NEW_USER_GROUP,
    LDAP_PASSWORD,
    LDAP_SYNC_ON_LOGIN,
    LDAP_URLS,
    LDAP_USER_MAPPING,
)
from omerogen.rules.registry import ERROR, NOTE, WARNING, Breach, View, rule
from omerogen.values.patterns import Pattern

#: Without spaces: OMERO divides the mapping there too.
_MAPS_NAME = Pattern(r"(?:^|[,\s])omeName=[^\s,]")
_ON = "omero.ldap.config=true\nomero.ldap.base=dc=example,dc=org"
_REFERENCE = "https://omero.readthedocs.io/en/stable/sysadmins/server-ldap.html"


@rule(
    "ldap-password-in-clear",
    WARNING,
    "the password for LDAP crosses the network in clear",
    bad=f"{_ON}\nomero.ldap.urls=ldap://ldap.example.org:389\nomero.ldap.password=x y",
    good=f"{_ON}\nomero.ldap.urls=ldaps://ldap.example.org:636\nomero.ldap.password=x y",
    reference=_REFERENCE,
)
def ldap_password_in_clear(site: View) -> Iterator[Breach]:
    """With `ldap://` both the password of the server and those of all users can be read on the way."""
    plain = any(url.lower().startswith("ldap://") and not _is_here(url) for url in site.settings[LDAP_URLS])
    if site.settings[LDAP_CONFIG] and plain and site.settings.is_set(LDAP_PASSWORD):
        message = f"{LDAP_URLS.name} has ldap://, and a password is sent"
        encrypted = re.sub(r"(?i)\bldap://([^\s,:/]+)(?::389)?(?=[\s,/]|$)", r"ldaps://\1:636", _urls(site))
        known = "ldap://" not in encrypted.lower()  # by its port, the usual one
        fix = f"omero config set {LDAP_URLS.name} '{encrypted}'" if known else "use ldaps:// and its port"
        yield Breach(message, fix, (LDAP_URLS.name,))


def _urls(site: View) -> str:
    return site.settings.text(LDAP_URLS)


def _is_here(url: str) -> bool:
    return re.match(r"(?i)ldap://(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)", url) is not None


@rule(
    "ldap-off",
    NOTE,
    "LDAP is set up, but off",
    bad="omero.ldap.urls=ldaps://ldap.example.org:636",
    good="omero.ldap.urls=ldaps://ldap.example.org:636\nomero.ldap.config=true\nomero.ldap.base=dc=x",
    reference=_REFERENCE,
)
def ldap_off(site: View) -> Iterator[Breach]:
    """Users can log in through LDAP only with `omero.ldap.config` on."""
    names = [row.name for row in (LDAP_URLS, LDAP_BASE) if site.settings.is_set(row)]
    if names and not site.settings[LDAP_CONFIG]:
        message = f"{' and '.join(names)} has no effect while {LDAP_CONFIG.name} is false"
        yield Breach(message, f"omero config set {LDAP_CONFIG.name} true", (*names, LDAP_CONFIG.name))


@rule(
    "ldap-example-base",
    ERROR,
    "LDAP searches below the base of the example",
    bad="omero.ldap.config=true\nomero.ldap.urls=ldaps://ldap.example.org:636",
    good=_ON,
    reference=_REFERENCE,
)
def ldap_example_base(site: View) -> Iterator[Breach]:
    """`ou=example,o=com` is a placeholder, below which LDAP finds no users."""
    base, example = (_folded(text or "") for text in (site.settings.text(LDAP_BASE), LDAP_BASE.default))
    if site.settings[LDAP_CONFIG] and base == example:
        message = f"{LDAP_BASE.name} is OMERO's placeholder"
        fix = f"omero config set {LDAP_BASE.name} dc=example,dc=org"
        yield Breach(message, fix, (LDAP_CONFIG.name, LDAP_BASE.name))


def _folded(name: str) -> str:
    """A distinguished name for comparison."""
    return name.casefold().replace(" ", "")


@rule(
    "ldap-without-user-name",
    ERROR,
    "LDAP users have no name",
    bad=f"{_ON}\nomero.ldap.user_mapping=firstName=givenName,lastName=sn",
    good=f"{_ON}\nomero.ldap.user_mapping=omeName=uid,firstName=givenName,lastName=sn",
    reference=_REFERENCE,
)
def ldap_without_user_name(site: View) -> Iterator[Breach]:
    """`omero.ldap.user_mapping` says which attribute is the login name, as `omeName=uid`."""
    row = LDAP_USER_MAPPING
    if site.settings[LDAP_CONFIG] and not _MAPS_NAME.search(site.settings.text(row)):
        yield Breach(f"{row.name} does not map omeName", "add omeName=uid to it", (row.name,))


@rule(
    "ldap-sync-with-query",
    NOTE,
    "groups of LDAP users are looked up at each login",
    bad=f"{_ON}\nomero.ldap.sync_on_login=true\nomero.ldap.new_user_group=:query:(member=@{{dn}})",
    good=f"{_ON}\nomero.ldap.sync_on_login=true\nomero.ldap.new_user_group=default",
    reference=_REFERENCE,
)
def ldap_sync_with_query(site: View) -> Iterator[Breach]:
    """With both, a user who is in none of the groups of the query any more is taken out of all of them."""
    group = site.settings.text(LDAP_NEW_USER_GROUP)
    if site.settings[LDAP_CONFIG] and site.settings[LDAP_SYNC_ON_LOGIN] and group.startswith(":query:"):
        names = (LDAP_SYNC_ON_LOGIN.name, LDAP_NEW_USER_GROUP.name)
        message = "users lose groups that the query does not find at a login"
        yield Breach(message, "see that it finds all", names)
