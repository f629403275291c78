"""Options that several artifacts have."""

from __future__ import annotations

from omerogen.model.option import Option
from omerogen.values.base import Choice
from omerogen.values.text import PATH

HOST_ROOT = Option(
    "host_root",
    PATH,
    "/",
    "read proc and sys below DIR, as a container does that sees its host",
    "DIR",
    is_path=True,
)


def format_option(*formats: str) -> Option:
    """``--format``, the first being the default."""
    return Option("format", Choice(*formats), formats[0], f"how to print it ({formats[0]})", of_file=True)
