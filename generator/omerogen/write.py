"""Texts into a folder: compared first, written beside, then put in place.

A file that would stay the same is not touched, so that its time tells of real
changes. Files with secrets are readable by their owner alone.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from omerogen.errors import Problem, WriteError


class Output(NamedTuple):
    """A file to write: its path below the folder, its text, and whether it is for its owner alone."""

    path: str
    text: str
    private: bool

    @property
    def mode(self) -> int:
        """The permissions of the file."""
        return 0o600 if self.private else 0o644


class Difference(NamedTuple):
    """A file that is not as it should be: ``missing``, ``differs``, ``mode`` or ``left over``."""

    path: str
    kind: str
    output: Output | None = None
    present: str = ""

    @property
    def diff(self) -> str:
        """A unified diff. That of a private file is not shown: which lines are secret cannot be told."""
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
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def compare(folder: str, outputs: Iterable[Output], left_out: Iterable[str] = ()) -> list[Difference]:
    """How the folder differs from what it should hold; nothing is written."""
    root = Path(folder)
    differences = [_difference(root, output) for output in outputs]
    left_over = [Difference(path, "left over") for path in left_out if os.path.lexists(root / path)]
    return [found for found in differences if found] + left_over


def _difference(root: Path, output: Output) -> Difference | None:
    path = root / output.path
    try:
        present = path.read_bytes().decode(errors="surrogateescape")
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return Difference(output.path, "missing", output)
    except OSError as error:
        raise WriteError(_problem(path, error)) from None
    if present != output.text:
        shown = output if mode & 0o077 else output._replace(private=True)  # what was private stays so
        return Difference(output.path, "differs", shown, present)
    if output.private and mode & 0o077:
        return Difference(output.path, "mode")
    return None


def write(folder: str, outputs: Iterable[Output], left_out: Iterable[str] = ()) -> list[str]:
    """Make the folder hold the outputs and none of ``left_out``; the paths that changed.

    Everything is written to temporary neighbours first; only when all of them are
    on the disk are they renamed into place. Raises `WriteError`.
    """
    outputs = list(outputs)
    changed = {difference.path for difference in compare(folder, outputs, left_out)}
    root = Path(folder)
    written: list[tuple[str, Path]] = []
    try:
        for output in outputs:
            if output.path in changed:
                beside = _write_beside(root / output.path, output.text.encode(), output.mode)
                written.append((beside, root / output.path))
        while written:
            os.replace(*written[0])
            written.pop(0)
        for path in left_out:
            (root / path).unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(_problem(Path(error.filename or folder), error)) from None
    finally:
        for temporary, _ in written:
            os.unlink(temporary)
    return sorted(changed)


def write_file(path: str, data: bytes) -> None:
    """Put one file in place, whole. Raises `WriteError`."""
    try:
        os.replace(_write_beside(Path(path), data, 0o644), path)
    except OSError as error:
        raise WriteError(_problem(Path(path), error)) from None


def _write_beside(path: Path, data: bytes, mode: int) -> str:
    """Write a neighbour of ``path``, to its last byte on the disk; its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(name)
        raise
    return name


def _problem(path: Path, error: OSError) -> Problem:
    return Problem(
        str(path),
        f"cannot be written: {error.strerror}",
        "make place or give another folder; no file is half written",
    )
