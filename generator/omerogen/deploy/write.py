"""Texts into a folder: compared first, then switched all at once.

A file that would stay the same is not touched, so that its time tells of real
changes. Files with secrets are readable by their owner alone. How the others are
put in place is in `switch`, and where nothing is written in `refusals`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

from omerogen.deploy import dirfd, journal, preflight, transaction
from omerogen.model.errors import Problem, WriteError
from omerogen.secrets.patterns import cleared_line

#: No file of ours is that large: of a larger one, that much is compared.
MOST = 2**26


class Output(NamedTuple):
    """A file to write: its path below the folder, its text, and whether it is for its owner alone.

    A ``mode`` is the last word on its permissions. Without one a private file gets 0600, and any
    other those of the file that it replaces, or 0644.
    """

    path: str
    text: str
    private: bool
    mode: int | None = None

    @property
    def file(self) -> transaction.File:
        """What is put in place."""
        return transaction.File(
            self.text.encode(), 0o600 if self.private and self.mode is None else self.mode
        )

    def allows(self, mode: int) -> bool:
        """Whether a present file may have these permissions."""
        return not (self.private and mode & 0o077) if self.mode is None else mode == self.mode


class Difference(NamedTuple):
    """A file that is not as it should be: ``missing``, ``differs``, ``mode`` or ``left over``."""

    path: str
    kind: str
    output: Output | None = None
    present: str = ""
    remark: str = ""

    @property
    def diff(self) -> str:
        """A unified diff, without what names tell of; that of a private file is not shown at all."""
        if self.output is None:
            return ""
        if self.output.private:
            return f"{self.path} is not shown, since it may hold secrets\n"
        import difflib

        lines = difflib.unified_diff(
            self.present.splitlines(keepends=True),
            self.output.text.splitlines(keepends=True),
            f"a/{self.path}" if self.present else "/dev/null",
            f"b/{self.path}",
        )
        return "".join(cleared_line(line if line.endswith("\n") else line + "\n") for line in lines)


class Plan(NamedTuple):
    """What a folder is to hold, and the paths that it is not to hold any more."""

    outputs: tuple[Output, ...]
    left_out: tuple[str, ...] = ()


class Written(NamedTuple):
    """The paths that changed; whose word of them is kept in the folder, and what else is kept there."""

    paths: tuple[str, ...]
    owner: str = ""
    rest: tuple[str, ...] = ()


#: Looks at a present file: what it holds, and what it is.
Look: TypeAlias = Callable[[str], tuple[bytes, os.stat_result]]


def compare(folder: str, outputs: Iterable[Output], left_out: Iterable[str] = ()) -> list[Difference]:
    """How the folder differs from what it should hold; nothing is written. Raises `WriteError`.

    What a killed run left is read as any reader reads it, through its links.
    """
    folder = _named(folder)
    outputs, left_out = _asked(folder, outputs, left_out)
    return [
        *_differences(folder, outputs, lambda path: dirfd.look(os.path.join(folder, path), most=MOST)),
        *(_left_over(folder, path) for path in left_out if _is_left_over(folder, path)),
    ]


def write(folder: str, outputs: Iterable[Output], left_out: Iterable[str] = ()) -> list[str]:
    """Make the folder hold the outputs and none of ``left_out``, all at once; the paths that changed.

    Whoever is killed, or runs into an error, leaves all files as they were or all of them new; what is
    left of a killed run is put in order first. Raises `WriteError`.
    """
    plan = Plan(tuple(outputs), tuple(left_out))
    return [*write_plan(folder, lambda: plan).paths]


def write_plan(
    folder: str, plan: Callable[[], Plan], concerns: Callable[[str], bool] = lambda _: False
) -> Written:
    """The same for what depends on the folder: ``plan`` is asked once nobody else writes there.

    Paths that changed and of which somebody has to hear, by ``concerns``, are kept there until `told`;
    those that a run which was killed has kept are among the ones that changed.
    """
    folder = _named(folder)
    try:
        with preflight.opened(folder) as there:
            outputs, left_out = _asked(folder, *plan())
            preflight.refuse(there, [*(output.path for output in outputs), *left_out, journal.NAME])
            return _write(there, outputs, left_out, concerns)
    except transaction.Late as late:
        said = f"holds the new files, but then: {late.error.strerror}"
        raise WriteError(Problem(folder, said, "see to the disk")) from None
    except OSError as error:
        raise WriteError(_problem(folder, error)) from None


def told(folder: str, written: Written) -> None:
    """Forget what changed: all who have to hear of it have. Raises `WriteError`."""
    if not written.owner:
        return
    try:
        with preflight.opened(_named(folder)) as there:
            journal.forget(there, written.owner, written.rest)
    except OSError as error:
        place = os.path.join(folder, journal.NAME)
        advice = "remove it: else the next build runs the commands again"
        raise WriteError(Problem(place, f"cannot be taken away: {error.strerror}", advice)) from None


def _write(
    there: dirfd.Tree, outputs: list[Output], left_out: list[str], concerns: Callable[[str], bool]
) -> Written:
    transaction.settle(there)
    there.unlink(journal.BESIDE)
    changed = {found.path for found in _differences(there.name, outputs, lambda path: _look(there, path))}
    files = {output.path: output.file for output in outputs if output.path in changed}
    gone = [path for path in left_out if there.status(path)]
    owner, earlier = journal.read(there)
    try:
        if new := {*filter(concerns, (*files, *gone))}:
            owner = journal.keep(there, earlier | new)
        transaction.put(there, files, gone)
    except OSError:  # before the switch: nothing has changed
        with suppress(OSError):
            journal.keep(there, earlier)
        raise
    heard = {*filter(concerns, earlier)}
    kept = owner if new or heard else ""
    return Written(tuple(sorted({*heard, *files, *gone})), kept, tuple(earlier - heard))


def _look(there: dirfd.Tree, path: str) -> tuple[bytes, os.stat_result]:
    if transaction.is_ours(there, path):  # somebody took away what it leads to
        raise FileNotFoundError
    return there.look(path, MOST)


def _named(folder: str) -> str:
    return os.fspath(folder).rstrip("/") or ("/" if folder else ".")


def _asked(folder: str, outputs: Iterable[Output], left_out: Iterable[str]) -> tuple[list[Output], list[str]]:
    """What is to be done, if it all stays in the folder; what is written is not left out."""
    outputs = list(outputs)
    written = {output.path for output in outputs}
    left_out = [path for path in dict.fromkeys(left_out) if path not in written]
    preflight.refuse_outside(folder, [*written, *left_out])
    return outputs, left_out


def _differences(folder: str, outputs: Iterable[Output], look: Look) -> list[Difference]:
    """How present files differ; `WriteError` with all that cannot be read."""
    differences, problems = [], []
    for output in outputs:
        try:
            differences.append(_difference(output, look))
        except OSError as error:
            error.filename = output.path
            problems.append(preflight.unwritable(folder, error, "cannot be read"))
    if problems:
        raise WriteError(problems)
    return [found for found in differences if found]


def _difference(output: Output, look: Look) -> Difference | None:
    try:
        data, status = look(output.path)
    except FileNotFoundError:
        return Difference(output.path, "missing", output)
    present, mode = data.decode(errors="surrogateescape"), stat.S_IMODE(status.st_mode)
    if present != output.text:
        # What not everybody may read stays so.
        shown = output if mode & stat.S_IROTH else output._replace(private=True)
        return Difference(output.path, "differs", shown, present)
    if output.allows(mode):
        return None
    wanted = 0o600 if output.mode is None else output.mode
    return Difference(output.path, "mode", remark=f"{mode:04o}, which is to be {wanted:04o}")


def status(folder: str, path: str) -> os.stat_result | None:
    """What a path below the folder is; None if nothing is there. Raises `WriteError`."""
    try:
        return os.lstat(os.path.join(folder, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        error.filename = path
        raise WriteError(preflight.unwritable(folder, error)) from None


def _left_over(folder: str, path: str) -> Difference:
    present = b""
    with suppress(OSError):
        present, _ = dirfd.look(os.path.join(folder, path), most=MOST)
    return Difference(path, "left over", present=present.decode(errors="surrogateescape"))


def _is_left_over(folder: str, path: str) -> bool:
    """Whether a file is still there, if it is not a link of ours that leads nowhere any more."""
    found = Path(folder, path)
    if found.is_symlink() and os.readlink(found) == transaction.through_stage(path):
        return found.exists()
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
        _write_file(Path(path), data)
    except OSError as error:
        raise WriteError(preflight.unwritable(path, OSError(error.errno, error.strerror))) from None


def _write_file(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    beside = f".omerogen-{os.urandom(4).hex()}"
    try:
        old = None
        with suppress(FileNotFoundError):
            old = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        old = old if old and stat.S_ISREG(old.st_mode) else None
        dirfd.create(beside, folder, data, old.st_mode & 0o777 if old else 0o644, old)
        os.replace(beside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        dirfd.sync(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(beside, dir_fd=folder)
        os.close(folder)
