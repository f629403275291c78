"""Texts as they may be shown: secrets are replaced, also where they hide inside JSON, URLs and flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from omerogen.model import collect
from omerogen.secrets import files
from omerogen.secrets.patterns import HIDDEN, cleared_words
from omerogen.settings.resolved import ResolvedProperty, is_named_secret
from omerogen.settings.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.json import dumps

#: Shorter secrets are not searched for in the output of programs: they would be found everywhere.
_SHORTEST = 4


def text(entry: ResolvedProperty, shown: str | None) -> str | None:
    """``shown``, one of the texts of ``entry``, without the secrets in it; a path to one is none."""
    if shown is None or shown == "":
        return shown
    if entry.is_secret:
        return shown if is_named_secret(entry.property) and files.is_reference(shown) else HIDDEN
    return entry.cleared(shown)


def is_public(entry: ResolvedProperty) -> bool:
    """Whether everybody knows the value: it is OMERO's default, and does not refer to another property."""
    return entry.origin.is_default and not entry.expanded


def value(entry: ResolvedProperty) -> str | None:
    """The value that counts, without secrets; no file is read for it."""
    if entry.file is not None:
        return HIDDEN
    return HIDDEN if entry.text and entry.is_secret else text(entry, entry.text)


def settings(known: Settings) -> Settings:
    """The same settings for other users: secrets in a value are hidden, or the value is unset.

    The latter where the rest would not be a value of its type. A value that only refers to a secret keeps
    its other parts.
    """
    holding = [entry for entry in known.entries() if entry.holds_secret]
    referring = [entry for entry in holding if _only_refers(entry)]
    texts = {entry.property.name: _hidden(entry) for entry in holding if entry not in referring}
    shown = known.changed(texts)
    for entry in referring:
        now = shown.resolved(entry.property.name)
        if collect(now.check) or "${" in (now.text or ""):
            texts[entry.property.name] = _hidden(entry)
    return known.changed(texts)


def _only_refers(entry: ResolvedProperty) -> bool:
    """Whether a value has a secret only through ``${…}``, so that its text in the source may be shown."""
    raw = entry.raw or ""
    is_own = is_named_secret(entry.property) or entry.file is not None or entry.cleared(raw) != raw
    return bool(entry.expanded) and not is_own


def _hidden(entry: ResolvedProperty) -> str:
    """A value without its secrets, or the default where that would not be a value of its type."""
    hidden = value(entry) or ""
    # A ${ that is left is a plain text here, but would be read as a reference.
    usable = "${" not in hidden and _is_legal(entry, hidden)
    return hidden if usable else entry.property.default or ""


def _is_legal(entry: ResolvedProperty, shown: str) -> bool:
    try:
        entry.property.kind.parse(shown)
    except Invalid:
        return False
    return True


def flags(words: Iterable[str], entries: Iterable[ResolvedProperty]) -> list[str]:
    """A command line with secrets redacted, including any secret of these entries."""
    known = secrets(entries)
    return [scrub(word, known) for word in cleared_words(list(words))]


def secrets(entries: Iterable[ResolvedProperty]) -> list[str]:
    """The secrets that were set and read, whole values and parts, the longest first."""
    found: set[str] = set()

    def note(part: str) -> str:
        found.update((part, part.strip("\"'")))
        return HIDDEN

    for entry in entries:
        if entry.origin.is_default or not entry.text_so_far:
            continue
        entry.cleared(entry.text_so_far, note)
        if entry.is_secret:
            note(entry.text_so_far)
    return sorted((secret for secret in found if len(secret) >= _SHORTEST), key=lambda s: (-len(s), s))


def scrub(output: str, known: Iterable[str], written: Callable[[str], Iterable[str]] = lambda _: ()) -> str:
    """The output of a program without these secrets, as they are or as programs write them.

    ``written`` gives further forms of a secret.
    """
    from html import escape
    from urllib.parse import quote

    for secret in known:
        forms = {secret, repr(secret)[1:-1], dumps(secret)[1:-1], quote(secret, safe=""), escape(secret)}
        for form in sorted({*forms, *written(secret)}, key=lambda form: (-len(form), form)):
            output = output.replace(form, HIDDEN)
    return output
