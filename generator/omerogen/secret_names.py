"""Names that tell of a secret: those of properties of plugins, of members of JSON, of flags."""

from __future__ import annotations

import re

from omerogen.patterns import Pattern

#: What tells anywhere in a name, in any case.
ANYWHERE = (
    r"passw|passphrase|passcode|(?<![a-z])pass(?![a-z])|pwd|secret|token|credential|authorization"
    r"|(?:private|api|access|account|auth|signing|encryption|shared|master)[ _-]?key"
)
#: What tells as the last word of a name.
LAST = r"key|auth|pw"

_ANYWHERE = Pattern(ANYWHERE, re.IGNORECASE)
_LAST = Pattern(rf"(?:.*[^a-z0-9]|-D)?(?:{LAST})|.*pass", re.IGNORECASE | re.DOTALL)


def tells(name: str) -> bool:
    """Whether the value behind this name is taken for a secret."""
    return bool(_ANYWHERE.search(name) or _LAST.fullmatch(name))
