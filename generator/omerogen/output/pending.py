"""What changed and no command was run for yet: a run killed behind the switch leaves it to the next."""

from __future__ import annotations

from collections.abc import Collection

from omerogen.output.tree import Tree

NAME = ".omerogen-changed"
_BESIDE = f"{NAME}.new"


def read(tree: Tree) -> set[str]:
    """The paths that an earlier run has changed."""
    try:
        return {*tree.look(NAME)[0].decode(errors="surrogateescape").splitlines()}
    except FileNotFoundError:
        return set()


def keep(tree: Tree, paths: Collection[str]) -> None:
    """Have these paths on the disk for the next run; for none of them no file."""
    tree.unlink(_BESIDE)
    if paths:
        tree.create(_BESIDE, "".join(f"{path}\n" for path in sorted(paths)).encode(), 0o644, None)
        tree.replace(_BESIDE, NAME)
    else:
        tree.unlink(NAME)
    tree.sync("")
