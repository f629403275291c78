"""Lines of ``omero`` commands, as ``omero load`` takes them: one command a line, quoted for a shell."""

from __future__ import annotations

import shlex


def set_to(name: str, text: str) -> str:
    """``config set NAME VALUE``; a value that looks like an option follows ``--``."""
    end = "-- " if text.startswith("-") else ""
    return f"config set {end}{name} {shlex.quote(text)}"


def unset(name: str) -> str:
    """``config set NAME``, which removes it."""
    return f"config set {name}"


def is_line(text: str) -> bool:
    """Whether a value fits on a line: a command ends with it, quotes or not."""
    return text.splitlines() in ([text], [])
