"""Find secrets in a text by their context: users in URLs, flags, headers, members of JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from omerogen.secrets.shapes import has_hint, is_secret_name, without_examples
from omerogen.values import shell
from omerogen.values.base import Invalid
from omerogen.values.json import dumps, loads
from omerogen.values.nginx import tokens
from omerogen.values.patterns import Pattern

HIDDEN = "********"
#: Called with each secret: replaces it, or records it.
Hide = Callable[[str], str]

_URL_USER = Pattern(r"""(://)((?:(?!://)[^\s"'<>])*)@""")
#: A text that begins with a URL: its password may have spaces, quotes and ://.
_ONE_URL = Pattern(r"(\A\s*[A-Za-z][\w+.:-]*://)(.*)@", re.DOTALL)
#: Where ``user:password@host`` may be: no spaces, quotes or //, and not a mail address.
_UNBROKEN = Pattern(r"""(?:(?!//)[^\s"'*])+""")
_OF_A_USER = Pattern(r"[\w.+-]")
_BEFORE_HOST = Pattern(r"@(?!STRENGTH|SECLEVEL)(?=[\w\[])", re.IGNORECASE)
#: What ends a directive of nginx, or begins and ends its block.
_MARKS = frozenset("{};")
_SIMPLE = Pattern(r"""(["'])[\w.:/-]+\1""")
_HOST = Pattern(r"(?:[\w.-]+|\[[^\]]*\])(?::[0-9]+)?")


def hidden(_: str) -> str:
    """The replacement for a secret."""
    return HIDDEN


def cleared(shown: str, hide: Hide = hidden) -> str:
    """JSON member by member; any other text by its URLs and ``name=value`` pairs."""
    first = shown.lstrip()[:1]
    if first and first in '[{"':
        try:
            loaded = loads(shown)
        except Invalid:
            return cleared_line(shown, hide) if first == '"' or not has_hint(shown) else hide(shown)
        new = _member(loaded, hide)
        return shown if new == loaded else dumps(new)
    return cleared_line(shown, hide)


def _member(item: Any, hide: Hide) -> Any:
    if isinstance(item, dict):
        named = any(isinstance(item.get(key), str) and is_secret_name(item[key]) for key in ("name", "key"))
        return {
            cleared_line(key, hide): _hidden(member, hide)
            if is_secret_name(key) or (named and key == "value")
            else _member(member, hide)
            for key, member in item.items()
        }
    if isinstance(item, list):
        before = [None, *item]
        return [
            _hidden(member, hide) if _announces(previous, item) else _member(member, hide)
            for previous, member in zip(before, item, strict=False)
        ]
    return cleared(item, hide) if isinstance(item, str) else item


def _announces(previous: Any, members: list[Any]) -> bool:
    """Whether a member of a list says that the next is a secret: a pair's name, or an option."""
    is_name = isinstance(previous, str) and is_secret_name(previous)
    return is_name and (len(members) == 2 or previous.startswith("-"))


def _hidden(item: Any, hide: Hide) -> Any:
    """The replacement for a secret's value, which may also be a number or a list; empty values are shown."""
    if item in (None, "") or isinstance(item, bool):
        return item
    for part in item.values() if isinstance(item, dict) else item if isinstance(item, list) else ():
        _hidden(part, hide)  # a program may repeat one of them alone
    return hide(item if isinstance(item, str) else dumps(item))


def cleared_flags(shown: str, hide: Hide = hidden) -> str:
    """The arguments in a command line: a quoted text is one value."""
    try:
        words = shell.split(shown)
    except ValueError:
        return cleared_line(shown, hide)
    new = cleared_words(words, hide)
    if new == words:
        return shown
    import shlex  # late: few texts are command lines with secrets

    return shlex.join(new)


def cleared_words(words: list[str], hide: Hide = hidden) -> list[str]:
    """The arguments of a command line."""
    new = []
    for previous, word in zip(["", *words], words, strict=False):
        name, equals, given = word.partition("=")
        if previous.startswith("-") and "=" not in previous and is_secret_name(previous):
            new.append(hide(word))
        elif equals and given and is_secret_name(name) and given not in ("true", "false"):
            new.append(f"{name}={hide(given)}")
        else:
            new.append(name + equals + cleared(given, hide) if given else cleared_line(word, hide))
    return new


def cleared_lines(shown: str, hide: Hide = hidden) -> str:
    """A JSON list of nginx lines, all together: a directive may go over several of them.

    The secrets are found in its directives with simple words unquoted and no comments between them.
    """
    try:
        lines = loads(shown)
        words = _words("\n".join(lines))
    except (Invalid, TypeError):
        return cleared(shown, hide)
    found: list[str] = []

    def note(secret: str) -> str:
        found.append(secret.strip("\"'"))
        return HIDDEN

    cleared_line(" ".join(words), note)
    cleared_line("\n".join(lines), note)
    for secret in _named_in_directives(words):
        note(secret)
    new = lines
    for secret in sorted(filter(None, found), key=len, reverse=True):
        for part in {secret, *secret.split("\n")} - {""}:
            new = [line.replace(part, hide(part)) if isinstance(line, str) else line for line in new]
    return shown if new == lines else dumps(new)


def _named_in_directives(words: list[str]) -> Iterator[str]:
    """What follows the name of a secret, whatever the directive: a misspelt one is printed, too."""
    start = 0
    while start < len(words):
        end = next((at for at in range(start, len(words)) if words[at] in _MARKS), len(words))
        directive, *rest = words[start:end] or [""]
        name = rest[0].lstrip("$") if rest else ""
        if is_secret_name(name):
            yield from (word for word in rest[1:] if not word.startswith("$"))
            if directive == "map":  # of what a client sends: the keys of its block are what it is to send
                block = words[end + 1 : words.index("}", end)] if "}" in words[end:] else []
                yield from (word for before, word in zip([";", *block], block, strict=False) if before == ";")
        start = end + 1


def cleared_directives(text: str, hide: Hide = hidden) -> str:
    """A text of nginx, such as one line of its configuration."""
    found: list[str] = loads(cleared_lines(dumps([text]), hide))
    return found[0]


def _words(lines: str) -> list[str]:
    """The words and marks of nginx, none where nginx cannot read them."""
    try:
        return [_plain(token.group()) for token in tokens(lines)]
    except Invalid:
        return []


def _plain(word: str) -> str:
    """An argument of nginx without needless quotes."""
    return word[1:-1] if _SIMPLE.fullmatch(word) else word


def cleared_line(shown: str, hide: Hide = hidden) -> str:
    """A text other than JSON, by its URLs and ``name=value`` pairs, such as a line of nginx."""

    def without_user(match: re.Match[str]) -> str:
        return f"{match[1]}{hide(match[2])}@" if _is_user(match[2]) else match[0]

    if "@" in shown:
        shown = _without_users(_URL_USER.sub(without_user, _ONE_URL.sub(without_user, shown)), hide)
    return without_examples(shown, hide)


def _without_users(shown: str, hide: Hide) -> str:
    """A text without the password of each ``user:password@host``.

    Not one expression: it would search each text once for each of its colons.
    """
    made, end = [], 0
    for unbroken in _UNBROKEN.finditer(shown):
        signs = [found.start() for found in _BEFORE_HOST.finditer(shown, *unbroken.span())]
        if not signs:
            continue
        start = _password_start(shown, unbroken.start(), signs[-1])
        if start and _is_user(shown[start : signs[-1]]):
            made += [shown[end:start], hide(shown[start : signs[-1]])]
            end = signs[-1]
    return "".join([*made, shown[end:]])


def _password_start(shown: str, start: int, end: int) -> int:
    """The place after the first colon that follows a user; 0 without one."""
    colon = shown.find(":", start, end - 1)
    while colon >= 0:
        first = colon
        while first > start and _OF_A_USER.match(shown[first - 1]):
            first -= 1
        user = shown[first:colon]
        is_apart = first == 0 or shown[first - 1] not in "/@:"
        if user.lower() != "mailto" and (is_apart or "+" in user):
            return colon + 1
        start = colon + 1
        colon = shown.find(":", start, end - 1)
    return 0


def _is_user(before_at: str) -> bool:
    """Whether the text between ``://`` and ``@`` is user and password, and not a host and its path."""
    authority = re.split("[/?#]", before_at, maxsplit=1)[0]
    if not before_at or authority == before_at or not _HOST.fullmatch(authority):
        return bool(before_at)
    return ":" in authority and "?" not in before_at
