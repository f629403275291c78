"""Replace many files of a folder at once: a kill at any moment leaves all old or all new ones.

One rename is atomic, several are not. While files are switched, the folder therefore has a stage:

    .omerogen/old/      the present files that change or go away, under a second name
    .omerogen/new/      the new files, on the disk to the last byte
    .omerogen/current   a link to ``old``

Each path is first replaced by a link through ``current``, which changes nothing for a reader. Then
*one* rename lets ``current`` lead to ``new``: that is the switch. Then the links are replaced by the
files, and the stage is removed. After a kill, ``current`` decides which files are valid,
and `settle` finishes it: the same steps whether a run went well, went wrong or is long dead. Between
these steps, what a later one relies on is synced to disk, so that a power cut has the same result.

Limits:

- A program that opens one file before the switch and another after it has one of each.
- The links must be followed: a program that opens with ``O_NOFOLLOW``, or sees a part of the folder only
  (a sub-folder that is mounted elsewhere), does not find a file while it is a link.
- A reader whom the system stops between reading a link and following it, until the stage is gone, does
  not find the file either, and does when it tries again.
- The file system must have symbolic links, and keep the order of ``fsync``. Where it has no
  hard links, or allows none, the old files are copied. On NFS another machine may see a name late
  (by its attribute cache), and ``flock`` on a directory may not work: one writer at a time is then the
  business of the caller.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack

from omerogen.deploy.dirfd import Tree, finish
from omerogen.model import RenderedFile

STAGE = ".omerogen"
OLD, NEW = "old", "new"
CURRENT = f"{STAGE}/current"
_BESIDE = f"{STAGE}/beside"  # the file to rename next
#: How many files are open at a time.
_AT_ONCE = 64
#: How a file system says that it has no such links, or allows none to this file.
_NO_LINKS = (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK)


class Late(Exception):
    """An error after the switch: all files are new. ``error`` is the cause."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


def through_stage(path: str) -> str:
    """The link that replaces a file during the switch."""
    return "../" * path.count("/") + f"{CURRENT}/{path}"


def is_ours(tree: Tree, path: str) -> bool:
    """Whether a path is a link that we left there, and not a file."""
    return tree.leads_to(path) == through_stage(path)


def put(tree: Tree, files: Sequence[RenderedFile], gone: Collection[str]) -> None:
    """Put all files in place and take away those that are ``gone``; if that fails, all is as before.

    An `OSError` is one before the switch, and `Late` one after it. If ``.omerogen`` is still there,
    what was wrong kept us from tidying up too, and the next `settle` does it.
    """
    paths = [*(file.path for file in files), *gone]
    if not paths:
        return
    switched = False
    try:
        if len(paths) > 1 or not all(map(tree.status, map(os.path.dirname, paths))):
            _fill_stage(tree, files, gone)
            _lead_through_stage(tree, paths)
            _switch(tree)
        else:
            _put_one(tree, files, gone)
        switched = True
        _sync_folders(tree, paths)
        settle(tree)
    except BaseException as error:
        switched = settle(tree) or switched
        if switched and isinstance(error, OSError):
            raise Late(error) from None
        raise


def settle(tree: Tree) -> bool:
    """Finish a run, killed or not, and remove its stage; return whether the files are new."""
    if tree.status(STAGE) is None:
        return False
    state = tree.leads_to(CURRENT)
    if state in (OLD, NEW):
        _settle_paths(tree, state)
    tree.unlink(CURRENT)
    for path, is_folder in reversed(list(tree.walk(STAGE))):
        (tree.remove if is_folder else tree.unlink)(path)
    tree.remove(STAGE)
    tree.sync("")
    return state == NEW


def _put_one(tree: Tree, files: Sequence[RenderedFile], gone: Iterable[str]) -> None:
    """Do a change of one step, in a folder that exists: it is atomic already."""
    for path in gone:
        tree.unlink(path)
    for file in files:
        tree.make(STAGE, 0o755)
        _create(tree, _BESIDE, file)
        tree.replace(_BESIDE, file.path)


def _fill_stage(tree: Tree, files: Sequence[RenderedFile], gone: Iterable[str]) -> None:
    """Put old and new files on the stage; no link leads there yet."""
    made = [STAGE, f"{STAGE}/{OLD}", f"{STAGE}/{NEW}"]
    for folder in made:
        tree.make(folder, 0o755)
    for path in [*(file.path for file in files), *gone]:
        _resemble(tree, path, OLD, made)
        _keep(tree, path)
    for file in files:
        _resemble(tree, file.path, NEW, made)
    _create_all(tree, files, f"{STAGE}/{NEW}/")
    for folder in made:
        tree.sync(folder)
    try:
        tree.symlink(OLD, CURRENT)
    except OSError as error:
        if error.errno in _NO_LINKS:
            raise OSError(error.errno, "Symbolic links are not possible there") from None
        raise
    tree.sync(STAGE)
    tree.sync("")


def fill(tree: Tree, files: Sequence[RenderedFile]) -> None:
    """Write all files into a new folder that nobody reads yet, and have it on the disk."""
    made = sorted({folder for file in files for folder in _folders(file.path)})
    for folder in made:
        tree.make(folder)
        tree.give(folder)
    _create_all(tree, files, is_new=True)
    for folder in ("", *made):
        tree.sync(folder)


def _create_all(tree: Tree, files: Sequence[RenderedFile], below: str = "", *, is_new: bool = False) -> None:
    """Write new files, and have all of them on the disk; in a folder that ``is_new`` they replace none."""
    for at in range(0, len(files), _AT_ONCE):
        with ExitStack() as begun:
            for file in files[at : at + _AT_ONCE]:
                old = None if is_new else tree.status(file.path)
                handle = _begin(tree, f"{below}{file.path}", file, old)
                begun.callback(finish, [handle])


def _resemble(tree: Tree, path: str, side: str, made: list[str]) -> None:
    """Make the folders of a path on the stage; on the old side those alone that there are."""
    for folder in _folders(path):
        staged = f"{STAGE}/{side}/{folder}"
        exists = tree.status(folder) is not None
        if staged not in made and (exists or side == NEW):
            tree.make(staged, like=folder if exists else None)
            made.append(staged)


def _keep(tree: Tree, path: str) -> None:
    """Give a present file a second name on the stage, or make a copy where that is not possible."""
    present = tree.status(path)
    if present is None or not stat.S_ISREG(present.st_mode):
        return
    kept = f"{STAGE}/{OLD}/{path}"
    try:
        tree.link(path, kept)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        data, present = tree.look(path)
        tree.create(kept, data, stat.S_IMODE(present.st_mode), present)


def _create(tree: Tree, where: str, file: RenderedFile) -> None:
    """Write a new file, and have it on the disk."""
    finish([_begin(tree, where, file, tree.status(file.path))])


def _begin(tree: Tree, where: str, file: RenderedFile, old: os.stat_result | None) -> int:
    """Begin to write a new file, with mode and owner of the ``old`` one unless it has its own mode.

    As root, a file is for the owner of the folder, such as OMERO's user, if it is not there yet.
    """
    old = old if old and stat.S_ISREG(old.st_mode) else None
    mode = file.permissions
    if mode is None:
        mode = old.st_mode & 0o777 if old else 0o644
    owner = old if old and _keeps_owner(tree, file.path, old) else tree.status("")
    return tree.begin(where, file.text.encode(), mode, owner)


def _keeps_owner(tree: Tree, path: str, old: os.stat_result) -> bool:
    """Whether no other user can have put a file there to own what root writes."""
    top = tree.status("")
    trusted = (0, top.st_uid if top else 0)
    folders = filter(None, map(tree.status, ["", *_folders(path)]))
    return old.st_uid in trusted or all(
        folder.st_uid in trusted and not folder.st_mode & 0o022 for folder in folders
    )


def _lead_through_stage(tree: Tree, paths: Collection[str]) -> None:
    """Replace the files by links to the same files."""
    for path in paths:
        for folder in _folders(path):
            if tree.status(folder) is None:
                tree.make(folder)
                tree.give(folder)
        tree.symlink(through_stage(path), _BESIDE)
        tree.replace(_BESIDE, path)
    _sync_folders(tree, paths)


def _switch(tree: Tree) -> None:
    tree.symlink(NEW, _BESIDE)
    tree.replace(_BESIDE, CURRENT)
    tree.sync(STAGE)


def _settle_paths(tree: Tree, state: str) -> None:
    """Replace the links by the files they lead to, or by nothing."""
    old, new = (_staged(tree, side) for side in (OLD, NEW))
    paths = sorted({path for path, is_folder in old | new if not is_folder})
    for path in paths:
        if is_ours(tree, path):
            _settle_path(tree, f"{STAGE}/{state}/{path}", path)
    _sync_folders(tree, paths)
    if state == OLD:
        for folder in sorted({path for path, is_folder in new - old if is_folder}, reverse=True):
            tree.remove(folder)


def _settle_path(tree: Tree, staged: str, path: str) -> None:
    if tree.status(staged) is None:
        tree.unlink(path)
        return
    tree.unlink(_BESIDE)
    try:
        tree.link(staged, _BESIDE)  # a reader on the way through the link still finds the file there
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        tree.replace(staged, path)
    else:
        tree.replace(_BESIDE, path)


def _staged(tree: Tree, side: str) -> set[tuple[str, bool]]:
    """The paths on one side of the stage, and whether they are folders."""
    top = f"{STAGE}/{side}"
    there = tree.walk(top) if tree.status(top) else ()
    return {(path.removeprefix(f"{top}/"), is_folder) for path, is_folder in there}


def _folders(path: str) -> list[str]:
    """The folders that a path is in, below the folder, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _sync_folders(tree: Tree, paths: Iterable[str]) -> None:
    for folder in sorted({"", *(folder for path in paths for folder in _folders(path))}):
        if tree.status(folder) is not None:
            tree.sync(folder)
