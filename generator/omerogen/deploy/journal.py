"""Changed paths whose hooks did not run yet: a run killed after the switch leaves them to the next.

They are in a file beside the stage: an id of the run that wrote it, then a path a line.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from omerogen.deploy.dirfd import Tree

NAME = ".omerogen-changed"
BESIDE = f"{NAME}.new"
#: A longer file is not omerogen's.
_MOST = 2**20


def read(tree: Tree) -> tuple[str, set[str]]:
    """The id of the run that wrote it, and the paths that earlier runs have changed."""
    token, *paths = _lines(tree) or [""]
    return token, {*paths}


def keep(tree: Tree, paths: Collection[str]) -> str:
    """Have these paths on the disk for the next run, no file for no paths; the id of this run."""
    tree.unlink(BESIDE)
    token = os.urandom(8).hex() if paths else ""
    if paths:
        text = "".join(f"{line}\n" for line in (token, *sorted(paths)))
        tree.create(BESIDE, text.encode(), 0o644, None)
        tree.replace(BESIDE, NAME)
    else:
        tree.unlink(NAME)
    tree.sync("")
    return token


def clear(tree: Tree, token: str, rest: Collection[str]) -> None:
    """Keep only ``rest``, unless another run has written its own journal since then."""
    if _lines(tree)[:1] == [token]:
        keep(tree, rest)


def _lines(tree: Tree) -> list[str]:
    try:
        data, _ = tree.look(NAME, _MOST)
    except FileNotFoundError:
        return []
    return [line for line in data.decode(errors="replace").split("\n") if line.isprintable() and line]
