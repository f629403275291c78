"""Open a folder for one writer at a time, and refuse one where writing is not safe.

Refused, all at once and before anything is written:

- A path that is absolute or has ``..``: it would lead out of the folder.
- A symbolic link in the place of a file or a folder. Only the folder itself may be given by a link,
  that belongs to this user or to root, which is followed once.
- A folder that all users may write in, unless it is sticky like /tmp: others could replace the files.
- A folder of another user, unless that user shares it with one of this user's groups. Root may write into the
  folder of anybody, such as OMERO's: no link is followed there (see `tree`), so that its
  owner cannot lead root elsewhere.
- The remains of another user's killed run. Root takes them over, but not in a sticky folder.
- In a sticky folder, the file or folder of another user, which may be a trap: owner and permissions
  of a file are kept, and a secret would be theirs.
- A folder where a file belongs, a file where a folder belongs, and anything else that is not a file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from omerogen.deploy import fresh
from omerogen.deploy.dirfd import Tree, inherit, sync
from omerogen.deploy.lock import lock
from omerogen.deploy.transaction import CURRENT, NEW, OLD, STAGE, is_ours
from omerogen.model import Location, Problem, WriteError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_MAY = "run as a user with permission, or give another folder"
#: Advice by error number.
_ADVICE = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), _MAY),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "make room, or give another folder"),
    errno.EISDIR: "move that folder away, or give another one",
}
_OTHER_ADVICE = "fix this, or give another folder"
_SAID = {errno.EXDEV: "It is mounted apart from the rest of the folder"}


@contextmanager
def opened(folder: str) -> Iterator[Tree]:
    """The folder, made if need be, for one writer at a time; one that was made in vain goes away again."""
    made: list[str] = []
    tree = None
    try:
        tree = _open(folder, made)
        yield tree
    except BaseException:
        if tree:
            tree.close()
        for path in reversed(made):
            with suppress(OSError):
                os.rmdir(path)
        raise
    tree.close()


def refuse(tree: Tree, paths: Iterable[str]) -> None:
    """Raise `WriteError` with all that speaks against writing these paths."""
    found = [*_folder_problems(tree, ""), *_stage_problems(tree)]
    for path in paths:
        try:
            found += _path_problems(tree, path)
        except OSError as error:
            found.append(unwritable(tree.name, error))
    if found:
        raise WriteError(dict.fromkeys(found))


def refusals(folder: str, paths: Iterable[str]) -> tuple[Problem, ...]:
    """Why this user could not write these paths into a folder, as far as it can be seen without writing."""
    try:
        refuse_link(folder)
        present = folder
        while present and not os.path.lexists(present):
            present = os.path.dirname(present)
        if not os.access(present or ".", os.W_OK | os.X_OK):
            return (unwritable(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES))),)
        if present == folder:
            tree = Tree(os.open(folder, _FOLDER), folder)
            try:
                refuse(tree, paths)
            finally:
                tree.close()
    except WriteError as error:
        return tuple(error.problems)
    except OSError as error:
        return (unwritable(folder, error),)
    return ()


def refuse_outside(folder: str, paths: Iterable[str]) -> None:
    """Raise `WriteError` with the paths that do not stay below the folder, or are our stage."""
    advice = "give a relative path without . and .."
    problems = [
        Problem(Location.file(folder), f"{path!r} is not a path below it", advice)
        for path in paths
        if not _is_below(path)
    ]
    if problems:
        raise WriteError(problems)


def unwritable(folder: str, error: OSError, what: str = "cannot be written") -> Problem:
    """The problem that an error is, at the path that it names below the folder."""
    path = error.filename if isinstance(error.filename, str) else ""
    number = error.errno or 0
    reason = _SAID.get(number) or error.strerror or str(error)
    advice = f"{_ADVICE.get(number, _OTHER_ADVICE)}; all files are as they were"
    return Problem(Location.file(_place(folder, path)), f"{what}: {reason}", advice)


def _place(folder: str, path: str) -> str:
    """A path for people; paths in the stage are internal."""
    return folder if path.split("/")[0] == STAGE else os.path.join(folder, path) if path else folder


def _is_below(path: str) -> bool:
    parts = path.split("/")
    return not {"", ".", ".."} & {*parts} and parts[0] != STAGE and "\0" not in path


def _open(folder: str, made: list[str]) -> Tree:
    try:
        refuse_link(folder)
        _make(os.path.dirname(folder), made)
        return fresh.opened(folder) or Tree(_locked(folder, made), folder)
    except OSError as error:
        error.filename = ""  # the folder itself: paths are those below it
        raise


def _locked(folder: str, made: list[str]) -> int:
    """A descriptor of the folder, locked for this writer; the folder may be removed while we wait."""
    while True:
        _make(folder, made)
        try:
            descriptor = os.open(folder, _FOLDER)
        except FileNotFoundError:
            if os.path.lexists(folder):
                raise  # a link that leads nowhere
            continue
        try:
            lock(descriptor, folder)
        except BaseException:
            os.close(descriptor)
            raise
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                return descriptor
        os.close(descriptor)


def _make(folder: str, made: list[str]) -> None:
    """Make a folder and those it is in; add those that were not there to ``made``."""
    missing = []
    while folder and not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(path, 0o775)
            made.append(path)
            _settle_in(path)


def _settle_in(path: str) -> None:
    """Give a new folder to whom it should belong, and have its name on the disk."""
    parent = os.open(os.path.dirname(path) or ".", _FOLDER)
    try:
        folder = os.open(os.path.basename(path), _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
        try:
            inherit(folder, parent)
        finally:
            os.close(folder)
        sync(parent)
    finally:
        os.close(parent)


def refuse_link(folder: str) -> None:
    """Do not follow a link that another user may change."""
    with suppress(FileNotFoundError):
        present = os.lstat(folder)
        if stat.S_ISLNK(present.st_mode) and present.st_uid not in (0, os.geteuid()):
            problem = f"is a symbolic link of another user (uid {present.st_uid})"
            raise WriteError.at(Location.file(folder), problem, "give the folder that it leads to")


def _folder_problems(tree: Tree, path: str) -> Iterator[Problem]:
    """Why a folder is not safe to write in."""
    present = tree.status(path)
    assert present is not None  # noqa: S101 - the callers checked that
    place = os.path.join(tree.name, path) if path else tree.name
    if present.st_mode & stat.S_IWOTH and not present.st_mode & stat.S_ISVTX:
        advice = "chmod o-w it, or give a folder inside it, which is then made"
        yield Problem(Location.file(place), "all users may write in it, and replace its files", advice)
    us = os.geteuid()
    is_shared = present.st_mode & stat.S_IWGRP and present.st_gid in (os.getegid(), *os.getgroups())
    if us not in (0, present.st_uid) and present.st_uid != 0 and not is_shared:
        problem = f"belongs to another user (uid {present.st_uid}), and none of your groups may write in it"
        yield Problem(Location.file(place), problem, "give a folder that belongs to you")


def _is_trap(present: os.stat_result, folder: os.stat_result | None) -> bool:
    """Whether anybody may have put this into a folder like /tmp."""
    if folder is None or not folder.st_mode & stat.S_IWOTH:
        return False
    return present.st_uid not in (0, os.geteuid(), folder.st_uid)


def _stage_problems(tree: Tree) -> Iterator[Problem]:
    """Why something with the name of the stage is not one."""
    present, folder = tree.status(STAGE), tree.status("")
    if present is None or folder is None:
        return
    place = os.path.join(tree.name, STAGE)
    us = os.geteuid()
    if not stat.S_ISDIR(present.st_mode):
        what = "is a symbolic link" if stat.S_ISLNK(present.st_mode) else "is a file"
        yield Problem(
            Location.file(place), f"{what}, where omerogen has a folder while it writes", "remove it"
        )
    elif (us and present.st_uid != us) or _is_trap(present, folder):
        problem = f"was left by an interrupted build of another user (uid {present.st_uid})"
        yield Problem(Location.file(place), problem, "run the build once more as that user")
    elif tree.status(CURRENT) and tree.leads_to(CURRENT) not in (OLD, NEW):
        yield Problem(Location.file(place), "was not made by omerogen", "remove it")


def _path_problems(tree: Tree, path: str) -> Iterator[Problem]:
    """Obstacles to a file, or to the folders it is in."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        here, is_file = "/".join(parts[:end]), end == len(parts)
        present = tree.status(here)
        if present is None or (is_file and is_ours(tree, here)):
            return
        place = os.path.join(tree.name, here)
        if stat.S_ISLNK(present.st_mode):
            yield Problem(
                Location.file(place),
                "is a symbolic link",
                "put a file or folder there",
            )
            return
        expected = stat.S_ISREG if is_file else stat.S_ISDIR
        if not expected(present.st_mode):
            yield unwritable(tree.name, _in_the_way(present, here))
            return
        if _is_trap(present, tree.status("/".join(parts[: end - 1]))):
            problem = f"belongs to another user (uid {present.st_uid}), where all users may write"
            yield Problem(Location.file(place), problem, "give another folder")
            return
        if not is_file:
            yield from _folder_problems(tree, here)


def _in_the_way(present: os.stat_result, path: str) -> OSError:
    """The error for something else in the place of a file or folder."""
    if stat.S_ISDIR(present.st_mode) or stat.S_ISREG(present.st_mode):
        number = errno.EISDIR if stat.S_ISDIR(present.st_mode) else errno.ENOTDIR
        return OSError(number, os.strerror(number), path)
    return OSError(errno.EINVAL, "It is not a regular file", path)
