"""Fill a folder that this run made: beside its place, then one rename puts all files there.

A new folder needs no stage (see `transaction`): nobody can have opened a file of it yet. A kill leaves it
empty, and beside it a folder ``.NAME.omerogen``, which the next build removes. Where one rename is not
possible, as across a mount, the files are put in place as those of any other folder.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from omerogen.deploy import dirfd, transaction
from omerogen.deploy.dirfd import Tree
from omerogen.model import RenderedFile

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: How a file system says that a folder cannot be moved there, or that none can be made.
_NOT_POSSIBLE = (
    errno.EACCES,
    errno.EPERM,
    errno.EBUSY,
    errno.EXDEV,
    errno.EEXIST,
    errno.ENOTEMPTY,
    errno.ENAMETOOLONG,
)


class _Place(NamedTuple):
    """The descriptor of the parent of a folder, and its name there."""

    parent: int
    name: str

    @property
    def beside(self) -> str:
        return f".{self.name}.omerogen"


def put(there: Tree, files: Sequence[RenderedFile], prepare: Callable[[Tree], None]) -> bool:
    """Put all files into a folder that this run made; ``prepare`` adds what else is to be in it.

    False if that is not possible, and nothing has changed. `OSError` is one before the
    switch, `transaction.Late` one after it.
    """
    place = _place_of(there)
    if place is None:
        return False
    try:
        _remove_beside(place)
        return _made(place) and _moved(place, there, files, prepare)
    finally:
        os.close(place.parent)


def tidy(there: Tree) -> None:
    """Remove what a killed run left beside a folder."""
    place = _place_of(there)
    if place is not None:
        try:
            _remove_beside(place)
        finally:
            os.close(place.parent)


def _place_of(there: Tree) -> _Place | None:
    """Where a folder is, through whatever links it was named; None if it is a mount."""
    name = os.path.basename(os.path.realpath(there.name))
    try:
        parent = os.open("..", _FOLDER, dir_fd=there.descriptor(""))
    except OSError:
        return None
    with suppress(OSError):
        if name and os.path.samestat(os.stat(name, dir_fd=parent), os.fstat(there.descriptor(""))):
            return _Place(parent, name)
    os.close(parent)
    return None


def _made(place: _Place) -> bool:
    try:
        os.mkdir(place.beside, 0o775, dir_fd=place.parent)
    except OSError as error:
        if error.errno in _NOT_POSSIBLE:
            return False
        raise
    return True


def _moved(
    place: _Place, there: Tree, files: Sequence[RenderedFile], prepare: Callable[[Tree], None]
) -> bool:
    new = Tree(os.open(place.beside, _FOLDER, dir_fd=place.parent), there.name)
    try:
        prepare(new)
        transaction.fill(new, files)
        os.rename(place.beside, place.name, src_dir_fd=place.parent, dst_dir_fd=place.parent)
    except BaseException as error:
        _remove_beside(place)  # by its name: after the rename there is none
        if isinstance(error, OSError) and error.errno in _NOT_POSSIBLE:
            return False
        raise
    finally:
        new.close()
    try:
        dirfd.sync(place.parent)
    except OSError as error:
        raise transaction.Late(error) from None
    return True


def _remove_beside(place: _Place) -> None:
    """Remove a folder that a run of this user left there; one of another user stays."""
    with suppress(FileNotFoundError, NotADirectoryError):
        present = os.stat(place.beside, dir_fd=place.parent, follow_symlinks=False)
        if not stat.S_ISDIR(present.st_mode) or present.st_uid != os.geteuid():
            return
        left = Tree(os.open(place.beside, _FOLDER, dir_fd=place.parent), place.beside)
        try:
            for path, is_folder in reversed(list(left.walk(""))):
                (left.remove if is_folder else left.unlink)(path)
        finally:
            left.close()
        os.rmdir(place.beside, dir_fd=place.parent)
