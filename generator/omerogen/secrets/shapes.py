"""Texts that contain a secret, each by an example, and how the secret is found in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from omerogen.values.patterns import Pattern

#: Words that identify a secret anywhere in a name, in any case.
ANYWHERE = (
    r"passw|passphrase|passcode|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|authorization"
    r"|(?:private|api|access|account|auth|signing|encryption|shared|master|fernet|import)[ _-]?key"
)
#: Words that identify a secret at the end of a name.
LAST = r"key|auth|pw|psk|jwt|salt|bearer|hmac|otp(?:[_-]?seed)?"

_ANYWHERE = Pattern(ANYWHERE, re.IGNORECASE)
_LAST = Pattern(rf"(?:.*[^a-z0-9]|-D)?(?:{LAST})|.*pass|.*pw", re.IGNORECASE | re.DOTALL)
_COOKIE = Pattern(r"(?:set-)?cookie|cookie_\w+", re.IGNORECASE)
_FLAGS = re.IGNORECASE | re.DOTALL
#: A whole name; whether it is that of a secret is decided afterwards: no search depends on its length.
_NAME = r"(?P<name>[\w.-]+)"
#: A value as shells, URLs and nginx end it: at a space outside quotes, or at the next ``&name=``.
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|&(?![\w.-]+=)|[^\s&"'\\]|["'\\])+"""
_IS = r"""["']?\s*(?:=>|!=|!?~\*?|[=:])\s*"""
_QUOTED = r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^;"'\s]+)"""
#: Paths of URLs that allow all who know them to send messages.
_HOOK = (
    r"://(?:hooks\.slack\.com/\w+/|[\w.-]*discord(?:app)?\.com/api/webhooks/|api\.telegram\.org/bot"
    r"|[\w.-]+(?::[0-9]+)?/(?:[\w.-]+/)*?(?:[\w-]*hooks?(?:b2)?|incomingwebhook)/)"
)
#: The secret follows the first group, or is within the quotes that it opens. Where there is a ``name``, it is
#: one only if the name is that of a secret.
EXAMPLES = {
    "-----BEGIN PRIVATE KEY-----SECRET": Pattern(
        r"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----).+?(?=-----END|\Z)", _FLAGS
    ),
    "'-Dx.password=SECRET'": Pattern(
        r"""((?:"|(?<!\w)')(?=[^"'\n]*["'])(?P<name>[^"'=\n]*)=)[^"'\n]+(?=["'])""", _FLAGS
    ),
    "Authorization: Bearer SECRET": Pattern(
        rf"(authorization\W{{1,4}}(?:\w+\s+)?|\bbearer\s+)(?!\$)({_VALUE})", _FLAGS
    ),
    "proxy_set_header X-Token SECRET": Pattern(
        rf"((?:(?<!_ignore)(?<!_hide)(?<!_pass)_headers?|_param|\bset)[\"']?\s+[\"']?\$?{_NAME}[\"':]*\s+)(?!\$)({_VALUE})",
        _FLAGS,
    ),
    "password = SECRET": Pattern(
        r"""((?<![\w.-])(?!pwd=["'][/$])"""  # a working directory, not a password
        rf"""{_NAME}{_IS})(?!(?:true|false)\b)({_VALUE})""",
        _FLAGS,
    ),
    "secure_link_md5 SECRET": Pattern(rf"(\bsecure_link_(?:md5|secret)[\"']?\s+){_QUOTED}", _FLAGS),
    "--password SECRET": Pattern(rf"((?<!\S)(?=-)(?P<name>[\w.-]+)\s+)({_VALUE})", _FLAGS),
    "curl -u user:SECRET": Pattern(
        r"""((?<!\S)(?:-[uU]|--(?:proxy-)?user)[ =]*["']?[^\s:"'/]+:)(?!//)[^\s"']+""", _FLAGS
    ),
    '<property name="a.password" value="SECRET"/>': Pattern(
        r"""(\bname\s*=\s*["'](?P<name>[^"'\n]+)["']\s+value\s*=\s*(?=["']))("[^"]*"|'[^']*')""", _FLAGS
    ),
    "https://h/f?X-Amz-Signature=SECRET": Pattern(
        r"""([?&;](?:x-(?:amz|goog|ms)-)?(?:signature|sig|hmac|hash|code|policy|st)=)[^\s"'<>&;]+""", _FLAGS
    ),
    "https://hooks.slack.com/services/SECRET": Pattern(rf"""({_HOOK})[^\s"'<>]+""", _FLAGS),
}
#: Without any of these in a text, none of the expressions finds anything: they take time to compile.
_HINTS = (
    *("pass", "pw", "secret", "token", "credential", "auth", "key", "bearer", "cookie", "secure_link"),
    *(
        "psk",
        "otp",
        "jwt",
        "salt",
        "-u",
        "user",
        "sig",
        "hook",
        "telegram",
        "hmac",
        "hash=",
        "code=",
        "policy=",
        "st=",
    ),
)


@lru_cache(maxsize=512)
def is_secret_name(name: str) -> bool:
    """Whether the value of this name is treated as a secret."""
    return bool(_ANYWHERE.search(name) or _LAST.fullmatch(name))


def has_hint(text: str) -> bool:
    """Whether a text contains one of the words that come before secrets."""
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


def without_examples(shown: str, hide: Callable[[str], str]) -> str:
    """A text without the secrets that follow any of the examples."""
    if has_hint(shown):
        for pattern in EXAMPLES.values():
            shown = _without(pattern, shown, hide)
    return shown


def _without(pattern: Pattern, shown: str, hide: Callable[[str], str]) -> str:
    made, end, at = [], 0, 0
    while found := pattern.search(shown, at):
        name = found.groupdict().get("name")
        if name is None or is_secret_name(name) or _COOKIE.fullmatch(name):
            made += [shown[end : found.end(1)], hide(found[0][len(found[1]) :])]
            end = at = found.end()
        else:
            at = found.end(1)  # its value may have such a name in it
    return "".join([*made, shown[end:]])
