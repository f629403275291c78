"""Texts as they may be shown: secrets are replaced, also where they hide inside JSON, URLs and flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from omerogen import catalog
from omerogen.model.location import DEFAULT
from omerogen.model.property import Property
from omerogen.secrets import files
from omerogen.secrets.patterns import HIDDEN, Hide, cleared, cleared_flags, cleared_words, hidden, tells
from omerogen.settings.resolved import ResolvedProperty
from omerogen.settings.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.java import JvmWords
from omerogen.values.json import dumps

#: Shorter secrets are not looked for in what programs say: they would be found everywhere.
_SHORTEST = 4


def text(entry: ResolvedProperty, shown: str | None) -> str | None:
    """``shown``, one of the texts of ``entry``, without the secrets in it; a path to one is none."""
    if shown is None or shown == "":
        return shown
    if is_secret(entry):
        return shown if is_named_secret(entry.property) and files.is_reference(shown) else HIDDEN
    return _shown(entry, shown)


def value(entry: ResolvedProperty) -> str | None:
    """The value that counts, without secrets; no file is read for it."""
    if entry.file is not None:
        return HIDDEN
    return HIDDEN if entry.text and is_secret(entry) else text(entry, entry.text)


def settings(known: Settings) -> Settings:
    """The same settings for others to see: what is secret in a value is hidden, or the value is unset.

    The latter where what is left would be no value of its kind.
    """
    texts = {}
    for name, entry in known.entries.items():
        if holds_secret(entry):
            hidden = value(entry) or ""
            try:
                entry.property.kind.parse(hidden)
            except Invalid:
                hidden = entry.property.default or ""
            texts[name] = hidden
    return known.changed(texts)


def is_secret(entry: ResolvedProperty) -> bool:
    """Whether the whole value is a secret, or was made of one."""
    if entry.property.secret or entry.made_of_secret:
        return True
    return entry.layers != [] and is_named_secret(entry.property)


def is_named_secret(row: Property[Any]) -> bool:
    """Whether a property is a secret by the catalog or, where the catalog does not know it, by its name."""
    return row.secret or (row.status == "unknown" and _looks_secret(row.name))


def holds_secret(entry: ResolvedProperty) -> bool:
    """Whether a secret is in the value: the whole of it, or a part of it."""
    if entry.origin == DEFAULT and not entry.expanded:
        return is_secret(entry)
    return is_secret(entry) or any(
        _shown(entry, shown) != shown for shown in (entry.raw, entry.text) if shown
    )


def flags(words: Iterable[str], entries: Iterable[ResolvedProperty]) -> list[str]:
    """Words of a command line without what they tell of, nor any secret of these entries that is in them."""
    known = secrets(entries)
    return [scrub(word, known) for word in cleared_words(list(words))]


def secrets(entries: Iterable[ResolvedProperty]) -> list[str]:
    """The secrets that somebody set and that were read, whole values and parts, the longest first."""
    found: set[str] = set()

    def note(part: str) -> str:
        found.update((part, part.strip("\"'")))
        return HIDDEN

    for entry in entries:
        if entry.origin == DEFAULT or not entry.text_so_far:
            continue
        _shown(entry, entry.text_so_far, note)
        if is_secret(entry):
            note(entry.text_so_far)
    return sorted((secret for secret in found if len(secret) >= _SHORTEST), key=lambda s: (-len(s), s))


def scrub(said: str, known: Iterable[str], written: Callable[[str], Iterable[str]] = lambda _: ()) -> str:
    """What a program said, without these secrets, as they are or as programs write them.

    ``written`` gives further forms of a secret.
    """
    from html import escape
    from urllib.parse import quote

    for secret in known:
        forms = {secret, repr(secret)[1:-1], dumps(secret)[1:-1], quote(secret, safe=""), escape(secret)}
        for form in sorted({*forms, *written(secret)}, key=lambda form: (-len(form), form)):
            said = said.replace(form, HIDDEN)
    return said


def _looks_secret(name: str) -> bool:
    """Whether a name that OMERO does not have is that of a secret, perhaps misspelt."""
    if tells(name.rpartition(".")[2]):
        return True
    near = catalog.near_miss(name)
    return bool(near and catalog.describe(near).secret)


def _shown(entry: ResolvedProperty, shown: str, hide: Hide = hidden) -> str:
    clear = cleared_flags if isinstance(entry.property.kind, JvmWords) else cleared
    return clear(shown, hide)
