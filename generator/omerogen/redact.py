"""Texts as they may be shown: secrets are replaced, also where they hide inside JSON, URLs and flags."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any

from omerogen import catalog, secret_files
from omerogen.entries import Entry
from omerogen.origin import DEFAULT
from omerogen.patterns import Pattern
from omerogen.properties import Property
from omerogen.secret_names import ANYWHERE, LAST, tells
from omerogen.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.java import JvmWords
from omerogen.values.json import dumps, loads

HIDDEN = "********"
#: What to do with a part that is secret: replace it, or take note of it.
Hide = Callable[[str], str]
#: Shorter secrets are not looked for in what programs say: they would be found everywhere.
_SHORTEST = 4

_FLAGS = re.IGNORECASE | re.DOTALL
_NAME = rf"(?:[\w.-]*(?:{ANYWHERE})[\w.-]*|(?:[\w.-]*[._-]|-D)?(?:{LAST})|[\w.-]*pass)"
#: A value as shells, URLs and nginx end it: at a space outside quotes, or at the next ``&name=``.
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|&(?![\w.-]+=)|[^\s&"'\\]|["'\\])+"""
#: Without any of these in a text, none of the expressions below finds anything: they take time to compile.
_HINTS = ("pass", "pw", "secret", "token", "credential", "auth", "key", "bearer", "cookie", "secure_link")
_IS = r"""["']?\s*(?:=>|!=|!?~\*?|[=:])\s*"""
#: Whatever stands behind the first group is secret, or what is within the quotes that it opens.
_TELLTALE = (
    Pattern(rf"""((?:"|(?<!\w)')(?=[^"'\n]*["'])[^"'=\n]*(?<![\w.-]){_NAME}=)[^"'\n]+(?=["'])""", _FLAGS),
    Pattern(rf"(authorization\W{{1,4}}(?:\w+\s+)?|\bbearer\s+)(?!\$)({_VALUE})", _FLAGS),
    Pattern(
        r"((?:_header|_headers|_param|\bset)\s+[\"']?\$?" rf"(?:{_NAME}|cookie)[\"':]*\s+)(?!\$)({_VALUE})",
        _FLAGS,
    ),
    Pattern(rf"""((?<![\w.-]){_NAME}{_IS})(?!(?:true|false)\b)({_VALUE})""", _FLAGS),
    Pattern(r"(\bsecure_link_(?:md5|secret)\s+)([^;]+)", _FLAGS),
    Pattern(rf"((?<!\S)--?{_NAME}\s+)({_VALUE})", _FLAGS),
    Pattern(rf"""(\bname\s*=\s*["']{_NAME}["']\s+value\s*=\s*(?=["']))("[^"]*"|'[^']*')""", _FLAGS),
)
_URL_USER = Pattern(r"""(://)((?:(?!://)[^\s"'<>])*)@""")
#: A text that begins with a URL: its password may have spaces, quotes and ://.
_ONE_URL = Pattern(r"(\A\s*[A-Za-z][\w+.:-]*://)(.*)@", re.DOTALL)
_USER = Pattern(
    r"""((?<![\w/@:.-])(?!mailto:)[\w.+-]*:)((?:(?!//)[^\s"'*])+)@(?!STRENGTH|SECLEVEL)(?=[\w\[])""",
    re.IGNORECASE,
)
_HOST = Pattern(r"(?:[\w.-]+|\[[^\]]*\])(?::[0-9]+)?")


def text(entry: Entry, shown: str | None) -> str | None:
    """``shown``, one of the texts of ``entry``, without the secrets in it; a path to one is none."""
    if shown is None or shown == "":
        return shown
    if is_secret(entry):
        return shown if is_named_secret(entry.property) and secret_files.is_reference(shown) else HIDDEN
    return _shown(entry, shown, lambda _: HIDDEN)


def value(entry: Entry) -> str | None:
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


def is_secret(entry: Entry) -> bool:
    """Whether the whole value is a secret, or was made of one."""
    if entry.property.secret or entry.made_of_secret:
        return True
    return entry.layers != [] and is_named_secret(entry.property)


def is_named_secret(row: Property[Any]) -> bool:
    """Whether a property is a secret by the catalog or, where the catalog does not know it, by its name."""
    return row.secret or (row.status == "unknown" and _looks_secret(row.name))


def holds_secret(entry: Entry) -> bool:
    """Whether a secret is in the value: the whole of it, or a part of it."""
    if entry.origin == DEFAULT and not entry.expanded:
        return is_secret(entry)
    return is_secret(entry) or any(
        _shown(entry, shown, lambda _: HIDDEN) != shown for shown in (entry.raw, entry.text) if shown
    )


def flags(words: Iterable[str], entries: Iterable[Entry]) -> list[str]:
    """Words of a command line without what they tell of, nor any secret of these entries that is in them."""
    known = secrets(entries)
    return [scrub(word, known) for word in _cleared(list(words), lambda _: HIDDEN)]


def plain(shown: str) -> str:
    """A text that belongs to no property, such as a line of nginx, without what its own names tell of."""
    return _plain(shown, lambda _: HIDDEN)


def secrets(entries: Iterable[Entry]) -> list[str]:
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


def _shown(entry: Entry, shown: str, hide: Hide) -> str:
    if isinstance(entry.property.kind, JvmWords):
        return _flags(shown, hide)
    return _without(shown, hide)


def _without(shown: str, hide: Hide) -> str:
    """JSON member by member; any other text by its URLs and ``name=value`` pairs."""
    first = shown.lstrip()[:1]
    if first and first in '[{"':
        try:
            loaded = loads(shown)
        except Invalid:
            return _plain(shown, hide) if first == '"' or not _hints(shown) else hide(shown)
        cleared = _member(loaded, hide)
        return shown if cleared == loaded else dumps(cleared)
    return _plain(shown, hide)


def _member(item: Any, hide: Hide) -> Any:
    if isinstance(item, dict):
        named = any(isinstance(item.get(key), str) and tells(item[key]) for key in ("name", "key"))
        return {
            _plain(key, hide): _hidden(member, hide)
            if tells(key) or (named and key == "value")
            else _member(member, hide)
            for key, member in item.items()
        }
    if isinstance(item, list):
        before = [None, *item]
        return [
            _hidden(member, hide) if _announces(previous, item) else _member(member, hide)
            for previous, member in zip(before, item, strict=False)
        ]
    return _without(item, hide) if isinstance(item, str) else item


def _announces(previous: Any, members: list[Any]) -> bool:
    """Whether a member of a list says that the next is a secret: a pair's name, or an option."""
    return isinstance(previous, str) and tells(previous) and (len(members) == 2 or previous.startswith("-"))


def _hidden(item: Any, hide: Hide) -> Any:
    """What stands for a secret's value, which may be a number or a list too; what says nothing is shown."""
    if item in (None, "") or isinstance(item, bool):
        return item
    for part in item.values() if isinstance(item, dict) else item if isinstance(item, list) else ():
        _hidden(part, hide)  # a program may repeat one of them alone
    return hide(item if isinstance(item, str) else dumps(item))


def _flags(shown: str, hide: Hide) -> str:
    """Words of a command line: what is quoted is one value."""
    try:
        words = shlex.split(shown)
    except ValueError:
        return _plain(shown, hide)
    cleared = _cleared(words, hide)
    return shown if cleared == words else shlex.join(cleared)


def _cleared(words: list[str], hide: Hide) -> list[str]:
    cleared = []
    for previous, word in zip(["", *words], words, strict=False):
        name, equals, given = word.partition("=")
        if previous.startswith("-") and "=" not in previous and tells(previous):
            cleared.append(hide(word))
        elif equals and given and tells(name) and given not in ("true", "false"):
            cleared.append(f"{name}={hide(given)}")
        else:
            cleared.append(name + equals + _without(given, hide) if given else _plain(word, hide))
    return cleared


def _plain(shown: str, hide: Hide) -> str:
    def without_user(match: re.Match[str]) -> str:
        return f"{match[1]}{hide(match[2])}@" if _is_user(match[2]) else match[0]

    for pattern in (_ONE_URL, _URL_USER, _USER) if "@" in shown else ():
        shown = pattern.sub(without_user, shown)
    for pattern in _TELLTALE if _hints(shown) else ():
        shown = pattern.sub(lambda match: match[1] + hide(match[0][len(match[1]) :]), shown)
    return shown


def _hints(shown: str) -> bool:
    """Whether a text has a word of those that tell of a secret."""
    lowered = shown.lower()
    return any(hint in lowered for hint in _HINTS)


def _is_user(before_at: str) -> bool:
    """Whether what stands between ``://`` and ``@`` is user and password, and not a host and its path."""
    authority = re.split("[/?#]", before_at, maxsplit=1)[0]
    if not before_at or authority == before_at or not _HOST.fullmatch(authority):
        return bool(before_at)
    return ":" in authority and "?" not in before_at
