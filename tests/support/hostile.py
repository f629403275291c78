"""Sites of 300 properties with texts that were made to become markup."""

from __future__ import annotations

from itertools import cycle

from omerogen import catalog

TEXTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</script><b>x",
    "<!-- --><!--",
    "]]>&lt;b&gt;&#x27;&amp",
    "\u202eevil\u2028x\u200b",
    "{{ 7 }}{% x %}{# y #}",
    "javascript:alert(1)",
    "\x1b[31mred",
    "<svg/onload=alert(1)>",
    "`alert(1)`$(alert)",
    "</code></li></ul><h1>",
    "<template><p is=x>",
    "&NotEqualTilde;&#0;",
)


_FREE = ("string", "string, unset if none")


def _accepted() -> dict[str, str]:
    texts = cycle(TEXTS)
    names = [name for name, row in catalog.PROPERTIES.items() if row.kind.name in _FREE]
    plugins = [f"omero.plugin.x{number}" for number in range(300 - len(names))]
    return {name: next(texts) for name in (*names, *plugins)}


#: 300 properties whose types take any text: they are in the lines of files.
ACCEPTED = _accepted()
#: All listed properties: most types refuse their texts, so that most artifacts cannot be made.
REFUSED = dict(zip(catalog.PROPERTIES, cycle(TEXTS), strict=False))
