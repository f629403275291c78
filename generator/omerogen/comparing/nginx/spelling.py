"""Spellings that nginx takes for the same: ``${name}`` and ``$name``, ``location ~x`` and ``location ~ x``.

Source: ngx_http_script.c and ngx_http_core_module.c of nginx.
"""

from __future__ import annotations

from omerogen.values.patterns import Pattern

#: In braces though what follows could not be of the name.
_IN_BRACES = Pattern(r"\$\{([A-Za-z0-9_]+)\}(?![A-Za-z0-9_])")
#: What stands before the path of a location, the longer ones first.
_BEFORE_PATH = ("^~", "~*", "~", "=")


def usual(name: str, args: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments of a directive in the usual spelling."""
    if name == "location" and len(args) == 1:
        args = _divided(args[0])
    if name == "if" and args:
        args = _condition(args)
    return tuple(_IN_BRACES.sub(lambda found: f"${found[1]}", word) for word in args)


def _condition(args: tuple[str, ...]) -> tuple[str, ...]:
    """A condition with its parentheses at its first and last word, where they may be words of their own."""
    first, *_ = args
    inner = (first.removeprefix("("), *args[1:])
    inner = (*inner[:-1], inner[-1].removesuffix(")"))
    first, *others = [word for word in inner if word] or [""]
    *between, last = (f"({first}", *others)
    return (*between, f"{last})")


def _divided(word: str) -> tuple[str, ...]:
    """What stands before a path, and the path."""
    mark = next((mark for mark in _BEFORE_PATH if word.startswith(mark) and word != mark), "")
    return (mark, word.removeprefix(mark)) if mark else (word,)
