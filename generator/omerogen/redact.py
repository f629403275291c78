"""Texts as they may be shown: secrets are replaced, also where they hide inside JSON, URLs and flags."""

from __future__ import annotations

from typing import Any

from omerogen import catalog
from omerogen.entries import Entry
from omerogen.values.base import Invalid
from omerogen.values.json import dumps, loads

HIDDEN = "********"

_TELLTALE = ("password", "passwd", "passphrase", "secret", "token", "credential", "private_key", "api_key")


def text(entry: Entry, shown: str | None) -> str | None:
    """``shown``, one of the texts of ``entry``, without the secrets in it."""
    if shown is None or shown == "":
        return shown
    if is_secret(entry):
        return HIDDEN
    return _without_hidden_secrets(shown)


def is_secret(entry: Entry) -> bool:
    """Whether the whole value is a secret, or was made of one."""
    name = entry.property.name
    return (
        entry.property.secret
        or (entry.property.status == "unknown" and entry.layers != [] and _looks_secret(name))
        or any(catalog.describe(other).secret for other in entry.expanded)
    )


def holds_secret(entry: Entry) -> bool:
    """Whether a secret is in the value: the whole of it, or a part of it."""
    shown = entry.text or ""
    return is_secret(entry) or text(entry, shown) != shown


def _looks_secret(name: str) -> bool:
    """Whether a name that OMERO does not have is that of a secret, perhaps misspelt."""
    near = catalog.near_miss(name)
    return _is_telltale(name.rpartition(".")[2]) or bool(near and catalog.describe(near).secret)


def _is_telltale(name: str) -> bool:
    lowered = name.lower().replace("-", "_")
    return lowered in ("pass", "pw", "pwd", "key") or any(word in lowered for word in _TELLTALE)


def _without_hidden_secrets(shown: str) -> str:
    """JSON member by member; any other text by its URLs and ``name=value`` pairs."""
    if shown.lstrip()[:1] in ("[", "{"):
        try:
            return dumps(_member(loads(shown)))
        except Invalid:
            return HIDDEN
    return _plain(shown)


def _member(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if _is_telltale(key) and _tells(item) else _member(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[0], str) and _is_telltale(value[0]):
            return [value[0], HIDDEN if _tells(value[1]) else value[1]]
        return [_member(item) for item in value]
    return _plain(value) if isinstance(value, str) else value


def _tells(item: Any) -> bool:
    """Whether the value of a secret's member says anything: passwords may be numbers or lists too."""
    return item not in (None, "") and not isinstance(item, bool)


def _plain(shown: str) -> str:
    import re

    without_users = re.sub(r"(://)[^/\s@]*@", rf"\1{HIDDEN}@", shown)
    pair = r"""(?i)([\w.-]*(?:pass|pwd|secret|token|credential)[\w.-]*=)("[^"]*"|'[^']*'|[^&\s"']+)"""
    return re.sub(pair, rf"\1{HIDDEN}", without_users)
