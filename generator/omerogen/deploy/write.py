"""Texts into a folder: compared first, then switched all at once.

A file that would stay the same is not touched, so that its time shows real
changes. Files with secrets are readable by their owner alone. How the others are
put in place is in `transaction`, and what is refused in `preflight`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

from omerogen.deploy import dirfd, journal, preflight, transaction
from omerogen.deploy.fresh import NewFolder, Taken
from omerogen.model import Location, Problem, RenderedFile, WriteError

#: Larger than any generated file: larger files are compared up to this size.
MOST = 2**26

#: Differences of a file from the expected one.
MISSING, DIFFERS, MODE, LEFT_OVER = "missing", "differs", "mode", "left over"


class FileChange(NamedTuple):
    """A file that is not as it should be, and how it has to change.

    - ``kind``: `MISSING`, `DIFFERS`, `MODE` or `LEFT_OVER`.
    - ``file``: the expected file; None where only its mode changes, or where it is removed.
    - ``present``: its text as it is; ``remark`` says more of its kind.
    """

    path: str
    kind: str
    file: RenderedFile | None = None
    present: str = ""
    remark: str = ""


class Written(NamedTuple):
    """Result of a write: changed paths, journal id, paths that are not acknowledged yet."""

    paths: tuple[str, ...]
    token: str = ""
    rest: tuple[str, ...] = ()


#: The expected files of a folder, and the paths that are to be removed.
Contents: TypeAlias = tuple[Sequence[RenderedFile], Sequence[str]]
#: Reads a present file: its content and its status.
Look: TypeAlias = Callable[[str], tuple[bytes, os.stat_result]]


def compare(folder: str, files: Iterable[RenderedFile], removed: Iterable[str] = ()) -> list[FileChange]:
    """How the folder differs from what it should hold; nothing is written. Raises `WriteError`.

    What a killed run left is read as any reader reads it, through its links.
    """
    folder = _named(folder)
    files, removed = _checked(folder, files, removed)
    return [
        *_differences(folder, files, lambda path: dirfd.look(os.path.join(folder, path), most=MOST)),
        *(_left_over(folder, path) for path in removed if _is_left_over(folder, path)),
    ]


def refusals(folder: str, paths: Iterable[str]) -> tuple[Problem, ...]:
    """Why this user could not write these paths into the folder, as far as it can be seen without writing."""
    return preflight.refusals(_named(folder), paths)


def write(folder: str, files: Iterable[RenderedFile], removed: Iterable[str] = ()) -> list[str]:
    """Make the folder hold the files and none of ``removed``, all at once; return the paths that changed.

    After a kill or an error, all files are as they were or all of them new; the remains of
    a killed run are put in order first. Raises `WriteError`.
    """
    contents = tuple(files), tuple(removed)
    return [*write_locked(folder, lambda: contents).paths]


def write_locked(
    folder: str, contents: Callable[[], Contents], concerns: Callable[[str], bool] = lambda _: False
) -> Written:
    """The same for files that depend on the folder: ``contents`` is called once the folder is locked.

    Changed paths for which ``concerns`` is true are kept in a journal there until `acknowledge`; those
    that a killed run has kept are among the ones that changed.
    """
    folder = _named(folder)
    try:
        with preflight.opened(folder) as there:
            files, removed = _checked(folder, *contents())
            if not isinstance(there, NewFolder):
                preflight.refuse(there, [*(file.path for file in files), *removed, journal.NAME])
            return _write(there, files, removed, concerns)
    except Taken:
        return write_locked(folder, contents, concerns)
    except transaction.Late as late:
        message = f"holds the new files, but then: {late.error.strerror}"
        raise WriteError.at(Location.file(folder), message, "check the disk") from None
    except OSError as error:
        raise WriteError(_problem(folder, error)) from None


def pending(folder: str) -> tuple[str, ...]:
    """The paths in the journal of a folder; empty if that is missing or cannot be read."""
    try:
        there = dirfd.Tree(os.open(_named(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), folder)
    except OSError:
        return ()
    try:
        return tuple(sorted(journal.read(there)[1]))
    except OSError:
        return ()
    finally:
        there.close()


def acknowledge(folder: str, written: Written, again: Iterable[str] = ()) -> None:
    """Clear the journal after the hooks ran, but for ``again``: theirs failed. Raises `WriteError`."""
    if not written.token:
        return
    try:
        with preflight.opened(_named(folder)) as there:
            journal.clear(there, written.token, {*written.rest, *again})
    except OSError as error:
        location = Location.file(os.path.join(folder, journal.NAME))
        advice = "remove it: else the next build runs the commands again"
        raise WriteError.at(location, f"cannot be removed: {error.strerror}", advice) from None


def _write(
    there: dirfd.Tree, files: list[RenderedFile], removed: list[str], concerns: Callable[[str], bool]
) -> Written:
    if isinstance(there, NewFolder):
        return _write_new(there, files, concerns)
    transaction.settle(there)
    there.unlink(journal.BESIDE)
    changed = {found.path for found in _differences(there.name, files, lambda path: _look(there, path))}
    wanted = [file for file in files if file.path in changed]
    gone = [path for path in removed if there.status(path)]
    paths = {*(file.path for file in wanted), *gone}
    token, earlier = journal.read(there)
    try:
        if new := {*filter(concerns, paths)}:
            token = journal.keep(there, earlier | new)
        transaction.put(there, wanted, gone)
    except OSError:  # before the switch: nothing has changed
        with suppress(OSError):
            journal.keep(there, earlier)
        raise
    pending = {*filter(concerns, earlier)}
    kept = token if new or pending else ""
    return Written(tuple(sorted(pending | paths)), kept, tuple(earlier - pending))


def _write_new(there: NewFolder, files: list[RenderedFile], concerns: Callable[[str], bool]) -> Written:
    """The same for a folder that was not there."""
    paths = sorted(file.path for file in files)
    concerned = {*filter(concerns, paths)}
    token = journal.keep(there, concerned) if concerned else ""
    transaction.fill(there, files)
    there.put_in_place()
    try:
        there.sync_place()
    except OSError as error:
        raise transaction.Late(error) from None
    return Written(tuple(paths), token)


def _look(there: dirfd.Tree, path: str) -> tuple[bytes, os.stat_result]:
    if transaction.is_ours(there, path):  # the target of the link was removed
        raise FileNotFoundError
    return there.look(path, MOST)


def _named(folder: str) -> str:
    return os.fspath(folder).rstrip("/") or ("/" if folder else ".")


def _checked(
    folder: str, files: Iterable[RenderedFile], removed: Iterable[str]
) -> tuple[list[RenderedFile], list[str]]:
    """The files and removals, if all are below the folder; a written file is not removed."""
    files = list(files)
    written = {file.path for file in files}
    removed = [path for path in dict.fromkeys(removed) if path not in written]
    preflight.refuse_outside(folder, [*written, *removed])
    return files, removed


def _differences(folder: str, files: Iterable[RenderedFile], look: Look) -> list[FileChange]:
    """How present files differ; `WriteError` with all that cannot be read."""
    differences, problems = [], []
    for file in files:
        try:
            differences.append(_difference(file, look))
        except OSError as error:
            error.filename = file.path
            problems.append(preflight.unwritable(folder, error, "cannot be read"))
    if problems:
        raise WriteError(problems)
    return [found for found in differences if found]


def _difference(file: RenderedFile, look: Look) -> FileChange | None:
    try:
        data, status = look(file.path)
    except FileNotFoundError:
        return FileChange(file.path, MISSING, file)
    present, mode = data.decode(errors="surrogateescape"), stat.S_IMODE(status.st_mode)
    if present != file.text:
        # A file that is not public is not shown either.
        shown = file if mode & stat.S_IROTH else file._replace(private=True)
        return FileChange(file.path, DIFFERS, shown, present)
    if file.allows(mode):
        return None
    wanted = 0o600 if file.mode is None else file.mode
    return FileChange(file.path, MODE, remark=f"{mode:04o}, which is to be {wanted:04o}")


def status(folder: str, path: str) -> os.stat_result | None:
    """The status of a path below the folder; None if it does not exist. Raises `WriteError`."""
    try:
        return os.lstat(os.path.join(folder, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        error.filename = path
        raise WriteError(preflight.unwritable(folder, error)) from None


def _left_over(folder: str, path: str) -> FileChange:
    present = b""
    with suppress(OSError):
        present, _ = dirfd.look(os.path.join(folder, path), most=MOST)
    return FileChange(path, LEFT_OVER, present=present.decode(errors="surrogateescape"))


def _is_left_over(folder: str, path: str) -> bool:
    """Whether a file is still there, if it is not a dangling link of a killed run."""
    found = os.path.join(folder, path)
    if os.path.islink(found) and os.readlink(found) == transaction.through_stage(path):
        return os.path.exists(found)
    return os.path.lexists(found)


def _problem(folder: str, error: OSError) -> Problem:
    problem = preflight.unwritable(folder, error)
    if os.path.lexists(os.path.join(folder, transaction.STAGE)):
        advice = f"all files are of one build; the next one puts {transaction.STAGE} in order"
        return problem._replace(advice=advice)
    return problem


def write_file(path: str, data: bytes) -> None:
    """Put one file in place, whole: with its present permissions, or 0644. Raises `WriteError`."""
    try:
        _write_file(path, data)
    except OSError as error:
        raise WriteError(preflight.unwritable(path, OSError(error.errno, error.strerror))) from None


def _write_file(path: str, data: bytes) -> None:
    parent, name = os.path.split(path)
    os.makedirs(parent or ".", exist_ok=True)
    folder = os.open(parent or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    beside = f".omerogen-{os.urandom(4).hex()}"
    try:
        old = None
        with suppress(FileNotFoundError):
            old = os.stat(name, dir_fd=folder, follow_symlinks=False)
        old = old if old and stat.S_ISREG(old.st_mode) else None
        dirfd.create(beside, folder, data, old.st_mode & 0o777 if old else 0o644, old)
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
        dirfd.sync(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        os.close(folder)
