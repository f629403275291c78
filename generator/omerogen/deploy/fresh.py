"""A folder that is not there yet: filled beside its place, where one rename puts it with all files.

It needs no stage (see `transaction`): nobody can have opened a file of it. A kill leaves a folder
``.NAME.omerogen`` beside the place, which the next build of the folder takes over.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress

from omerogen.deploy import dirfd
from omerogen.deploy.dirfd import Tree
from omerogen.deploy.lock import lock

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: How a system says that there is a folder by now.
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
#: How a system says that no folder can be made beside the place: then it is made there, if that is possible.
_NOT_POSSIBLE = (errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENAMETOOLONG, errno.ENOTDIR)


class Taken(Exception):
    """Somebody else has made the folder meanwhile."""


class NewFolder(Tree):
    """The folder beside its place, locked for this writer; ``name`` is that of its place, in messages."""

    def __init__(self, descriptor: int, name: str, parent: int) -> None:
        super().__init__(descriptor, name)
        self._parent = parent
        self._place = os.path.basename(name)
        self._is_beside = True

    def close(self) -> None:
        """Give back all descriptors, and remove the folder if it was not put into its place."""
        if self._is_beside:
            with suppress(OSError):
                self._clear()
                os.rmdir(beside(self._place), dir_fd=self._parent)
        super().close()
        os.close(self._parent)

    def put_in_place(self) -> None:
        """Rename it; raises `Taken` if there is a folder by now."""
        try:
            here = {"src_dir_fd": self._parent, "dst_dir_fd": self._parent}
            os.rename(beside(self._place), self._place, **here)
        except OSError as error:
            if error.errno in _TAKEN:
                raise Taken from None
            raise
        self._is_beside = False

    def sync_place(self) -> None:
        """Have the name of the folder on the disk."""
        dirfd.sync(self._parent)

    def _clear(self) -> None:
        for path, is_folder in reversed(list(self.walk(""))):
            (self.remove if is_folder else self.unlink)(path)


def beside(name: str) -> str:
    """The name of a folder before it is in its place."""
    return f".{name}.omerogen"


def opened(folder: str) -> NewFolder | None:
    """A new folder; None if there is one, or none can be made beside it. `WriteError` if it is locked."""
    where, name = os.path.split(folder)
    if name in ("", ".", "..") or os.path.lexists(folder):
        return None
    parent = os.open(where or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    made = None
    try:
        descriptor = _locked(parent, name, folder)
        if descriptor is not None:
            dirfd.inherit(descriptor, parent)
            made = NewFolder(descriptor, folder, parent)
            made._clear()  # what a killed run has left
        return made
    finally:
        if made is None:
            os.close(parent)


def _locked(parent: int, name: str, folder: str) -> int | None:
    """The descriptor of the folder beside a place: another writer may be about to rename it."""
    while not os.path.lexists(folder):
        try:
            os.mkdir(beside(name), 0o775, dir_fd=parent)
        except OSError as error:
            if error.errno not in _NOT_POSSIBLE:
                raise
            if error.errno != errno.EEXIST or not _is_left_over(parent, name):
                return None
        with suppress(FileNotFoundError):
            descriptor = os.open(beside(name), _FOLDER, dir_fd=parent)
            try:
                lock(descriptor, folder)
                present = os.stat(beside(name), dir_fd=parent, follow_symlinks=False)
                if os.path.samestat(os.fstat(descriptor), present):
                    return descriptor
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)
    return None


def _is_left_over(parent: int, name: str) -> bool:
    """Whether a folder beside the place is one of this user's that others cannot write in.

    Root gives it to the owner of the place.
    """
    us = os.geteuid()
    owners = (us,) if us else (us, os.fstat(parent).st_uid)
    with suppress(FileNotFoundError):
        present = os.stat(beside(name), dir_fd=parent, follow_symlinks=False)
        is_ours = stat.S_ISDIR(present.st_mode) and present.st_uid in owners
        return is_ours and not present.st_mode & stat.S_IWOTH
    return True
