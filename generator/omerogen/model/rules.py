"""The rules that findings break, by their ids."""

from __future__ import annotations

#: Titles by id; that of a program or an artifact has its name after the last hyphen.
RULES = {
    "command-in-file": "a line begins with the omero command",
    "cookies-without-https": "cookies are sent without HTTPS",
    "deprecated": "a property is deprecated",
    "heaps-scaled-down": "the heaps are smaller than OMERO would make them",
    "icessl-not-in-templates": "the installed templates have no place for IceSSL properties",
    "invalid-value": "a value is not legal",
    "lines-left-out": "lines of nginx are left out",
    "master-on-loopback": "other machines cannot reach the master",
    "memory-over-committed": "the JVMs do not fit into the memory",
    "memory-unknown": "memory could not be detected",
    "near-miss": "a name is close to that of a property",
    "nodes-not-in-templates": "the installed templates have no nodes",
    "not-for-icegrid": "a node descriptor is not for omerogen's own application",
    "password-in-url": "the database's URL has a password",
    "pickled-sessions": "sessions are pickled",
    "proxy-header-not-sent": "Django expects a header that nginx does not send",
    "quoted-value": "a value is in quotes",
    "secret-on-command-line": "other users of the machine can see a secret",
    "secure-cookies-without-https": "cookies need HTTPS, and there is none",
    "two-server-lists": "two variables set the list of servers",
    "unknown-name": "a name is not that of a property",
    "unknown-placeholder": "a placeholder is not known",
    "unknown-waiver": "a waiver is not for a rule",
    "unreadable-secret": "a secret's file cannot be read",
}
_FAMILIES = ("refused-by-", "no-")


def is_rule(name: str) -> bool:
    """Whether findings may have this id."""
    return name in RULES or any(name.startswith(family) for family in _FAMILIES)
