"""A site that is built, then changed by its properties or by hand."""

from __future__ import annotations

from pathlib import Path

from support.files import SITE

BUILD = ("build", "-c", SITE)
CHANGED = ("--set", "omero.web.prefix=/x")


def written_by_hand(out: Path, path: str) -> None:
    """Edit a file between two builds."""
    with (out / path).open("a") as file:
        file.write("# by hand\n")
