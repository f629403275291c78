"""What changed and no command was run for yet: a run killed behind the switch leaves it to the next.

It stands in a file beside the stage: a word that tells whose it is, then a path a line.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from omerogen.deploy.dirfd import Tree

NAME = ".omerogen-changed"
BESIDE = f"{NAME}.new"
#: What is longer is not ours.
_MOST = 2**20


def read(tree: Tree) -> tuple[str, set[str]]:
    """Whose it is, and the paths that earlier runs have changed."""
    owner, *paths = _lines(tree) or [""]
    return owner, {*paths}


def keep(tree: Tree, paths: Collection[str]) -> str:
    """Have these paths on the disk for the next run, for none of them no file; whose they are now."""
    tree.unlink(BESIDE)
    owner = os.urandom(8).hex() if paths else ""
    if paths:
        text = "".join(f"{line}\n" for line in (owner, *sorted(paths)))
        tree.create(BESIDE, text.encode(), 0o644, None)
        tree.replace(BESIDE, NAME)
    else:
        tree.unlink(NAME)
    tree.sync("")
    return owner


def forget(tree: Tree, owner: str, rest: Collection[str]) -> None:
    """Keep only ``rest``, unless another run has kept its own since then."""
    if _lines(tree)[:1] == [owner]:
        keep(tree, rest)


def _lines(tree: Tree) -> list[str]:
    try:
        data, _ = tree.look(NAME, _MOST)
    except FileNotFoundError:
        return []
    return [line for line in data.decode(errors="replace").split("\n") if line.isprintable() and line]
