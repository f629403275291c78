"""A folder by its file descriptor: paths below it are reached without following a link.

Another user who may write in the folder can swap a directory for a link at any moment. Every
path is therefore walked from descriptor to descriptor, none of them opened through a link.
Paths are those below the folder, with ``/``; an `OSError` names them as such.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_PRESENT = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a named pipe would be waited for
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # a file system that syncs no directories


class Tree:
    """The tree below a folder; ``name`` is the folder's name in messages."""

    def __init__(self, descriptor: int, name: str) -> None:
        self.name = name
        self._open = {"": descriptor}

    def close(self) -> None:
        """Give back all descriptors, and with that of the folder its lock."""
        while self._open:
            os.close(self._open.popitem()[1])

    def descriptor(self, folder: str) -> int:
        """The descriptor of a folder, opened once."""
        if folder not in self._open:
            with _At(self, folder) as (parent, name):
                self._open[folder] = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
        return self._open[folder]

    def status(self, path: str) -> os.stat_result | None:
        """The status of a path, of a link itself; None if it does not exist."""
        try:
            if not path:
                return os.fstat(self.descriptor(path))
            with _At(self, path) as (parent, name):
                return os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def leads_to(self, path: str) -> str:
        """The text of a link; empty if it is none."""
        present = self.status(path)
        if present is None or not stat.S_ISLNK(present.st_mode):
            return ""
        with _At(self, path) as (parent, name):
            return os.readlink(name, dir_fd=parent)

    def look(self, path: str, most: int = -1) -> tuple[bytes, os.stat_result]:
        """The content of a file, or its beginning, and its status."""
        with _At(self, path) as (parent, name):
            return look(name, parent, most)

    def walk(self, folder: str) -> Iterator[tuple[str, bool]]:
        """All that is below a folder, and whether it is a folder itself; parents first."""
        for name in sorted(os.listdir(self.descriptor(folder))):
            present = self.status(path := f"{folder}/{name}" if folder else name)
            is_folder = present is not None and stat.S_ISDIR(present.st_mode)
            yield path, is_folder
            if is_folder:
                yield from self.walk(path)

    def create(self, path: str, data: bytes, mode: int, like: os.stat_result | None) -> None:
        """Write a new file, to its last byte on the disk; as root, for the owner of ``like``."""
        with _At(self, path) as (parent, name):
            create(name, parent, data, mode, like)

    def begin(self, path: str, data: bytes, mode: int, like: os.stat_result | None) -> int:
        """The same, but the file is only on its way to the disk; a descriptor for `finish`."""
        with _At(self, path) as (parent, name):
            return begin(name, parent, data, mode, like)

    def make(self, path: str, mode: int | None = None, like: str | None = None) -> None:
        """Make a folder with that mode, whatever the umask, or one that lets read whom ``like`` lets read."""
        with _At(self, path) as (parent, name):
            os.mkdir(name, 0o775, dir_fd=parent)
        made = self.descriptor(path)
        if mode is not None:
            os.fchmod(made, mode | os.fstat(made).st_mode & stat.S_ISGID)
        if like is not None:
            _resemble(made, self.descriptor(like))

    def give(self, path: str) -> None:
        """As root, give a folder to the owner of the whole."""
        top, made = os.fstat(self.descriptor("")), self.descriptor(path)
        if os.geteuid() == 0 and top.st_uid:
            os.fchown(made, top.st_uid, top.st_gid)

    def link(self, source: str, path: str) -> None:
        """Give a file a second name."""
        with _At(self, source) as (parent, name), _At(self, path) as (other, new):
            os.link(name, new, src_dir_fd=parent, dst_dir_fd=other, follow_symlinks=False)

    def symlink(self, text: str, path: str) -> None:
        """Make a symbolic link."""
        with _At(self, path) as (parent, name):
            os.symlink(text, name, dir_fd=parent)

    def replace(self, source: str, path: str) -> None:
        """Move ``source`` to ``path`` at once, in place of the file there."""
        with _At(self, path) as (other, new), _At(self, source) as (parent, name):
            os.replace(name, new, src_dir_fd=parent, dst_dir_fd=other)

    def unlink(self, path: str) -> None:
        """Take a file or link away, if it is there."""
        with suppress(FileNotFoundError), _At(self, path) as (parent, name):
            os.unlink(name, dir_fd=parent)

    def remove(self, path: str) -> None:
        """Take an empty folder away; one that is not empty stays."""
        if self.status(path) is None or os.listdir(self.descriptor(path)):
            return
        with _At(self, path) as (parent, name):
            os.rmdir(name, dir_fd=parent)
        os.close(self._open.pop(path))

    def sync(self, folder: str) -> None:
        """Have the names in a folder on the disk."""
        sync(self.descriptor(folder))


class _At:
    """The descriptor of the folder that a path is in, and its name there; an `OSError` names the path."""

    def __init__(self, tree: Tree, path: str) -> None:
        self._tree = tree
        self._path = path

    def __enter__(self) -> tuple[int, str]:
        folder, _, name = self._path.rpartition("/")
        return self._tree.descriptor(folder), name

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            error.filename = self._path


def look(path: str, folder: int | None = None, most: int = -1) -> tuple[bytes, os.stat_result]:
    """The content of a file, ``most`` bytes of it if given, and its status.

    Links are followed where no descriptor of a folder is given.
    """
    handle = os.open(path, _PRESENT | (os.O_NOFOLLOW if folder is not None else 0), dir_fd=folder)
    try:
        present = os.fstat(handle)
        if stat.S_ISDIR(present.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(present.st_mode):
            raise OSError(errno.EINVAL, "It is not a regular file", path)
        with open(handle, "rb", closefd=False) as file:
            # Not the limit alone: Python makes room for as many bytes as are read at most.
            return file.read(most if most < 0 else min(most, present.st_size + 1)), present
    finally:
        os.close(handle)


def create(name: str, folder: int, data: bytes, mode: int, like: os.stat_result | None) -> None:
    """Write a new file, to its last byte on the disk; as root, for the owner of ``like``."""
    finish([begin(name, folder, data, mode, like)])


def begin(name: str, folder: int, data: bytes, mode: int, like: os.stat_result | None) -> int:
    """Write a new file, which is then on its way to the disk; its descriptor.

    Many files that are finished after all of them have begun take a third of the time.
    """
    handle = os.open(name, _NEW, 0o600, dir_fd=folder)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        made = os.fstat(handle)
        if like and os.geteuid() == 0 and (like.st_uid, like.st_gid) != (made.st_uid, made.st_gid):
            os.fchown(handle, like.st_uid, like.st_gid)
        os.fchmod(handle, mode)
        with suppress(OSError, AttributeError):  # a hint, to begin with writing now
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    except BaseException:
        os.close(handle)
        raise
    return handle


def finish(handles: Iterable[int]) -> None:
    """Have files on the disk, to their last bytes, and close them."""
    handles = list(handles)
    try:
        for handle in handles:
            os.fsync(handle)
    finally:
        for handle in handles:
            os.close(handle)


def sync(folder: int) -> None:
    """Have the names in a folder on the disk, as far as its file system can."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def inherit(folder: int, parent: int) -> None:
    """As root, if it may, give a new folder to the owner of the one that it is in."""
    above = os.fstat(parent)
    if os.geteuid() == 0 and above.st_uid and not above.st_mode & stat.S_IWOTH:
        with suppress(PermissionError):
            os.fchown(folder, above.st_uid, above.st_gid)


def _resemble(folder: int, like: int) -> None:
    """Copy ownership, mode and ACLs; never wider."""
    wanted, present = os.fstat(like), os.fstat(folder)
    mode = stat.S_IMODE(wanted.st_mode) & ~0o022 | stat.S_IRWXU
    owner = wanted.st_uid if os.geteuid() == 0 else present.st_uid
    if (owner, wanted.st_gid) != (present.st_uid, present.st_gid):
        try:
            os.fchown(folder, owner, wanted.st_gid)
        except PermissionError:
            mode &= ~stat.S_IRWXG  # the group would be another one
    for attribute in _attributes(like):
        with suppress(OSError):
            os.setxattr(folder, attribute, os.getxattr(like, attribute))
    os.fchmod(folder, mode)


def _attributes(folder: int) -> list[str]:
    """Access lists and labels, on systems that have them."""
    with suppress(OSError, AttributeError):
        return os.listxattr(folder)
    return []
