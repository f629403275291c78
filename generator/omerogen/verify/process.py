"""Child processes: found, started with little, ended with this process, and their status never lost."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from omerogen.secrets import rights

#: Where programs are that only root has on its PATH.
_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
_SET_DEATH_SIGNAL, _DROP_CAPABILITY = 1, 24
#: Rights of root that no trial needs: modules, devices, tracing, mounts, restarting the machine.
_DROPPED = (16, 17, 19, 21, 22, 27)


class NotRun(Exception):
    """Why a program could not be run."""


def find(*programs: str) -> str:
    """The path of the first of these programs that is installed; `NotRun` if none is."""
    path = os.pathsep.join([os.defpath, *_FOLDERS])
    for program in programs:
        if found := shutil.which(program) or shutil.which(program, path=path):
            return os.path.abspath(found)
    raise NotRun(f"{' or '.join(programs)} is not installed")


def start(
    command: Sequence[str | Path], folder: Path, output: IO[bytes], user: int = rights.ROOT
) -> subprocess.Popen[bytes]:
    """Start a program that ends with this process, in ``folder``, with nothing to read; raises `NotRun`.

    ``user`` is the one that root gives its rights up for.
    """
    words = [str(word) for word in command]
    own: dict[str, Any] = {}
    if user != rights.ROOT:
        group, groups = rights.groups_of(user)
        own = {"user": user, "group": group, "extra_groups": groups}
    try:
        return subprocess.Popen(
            words,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=_harmless,  # the worker has one thread
            **own,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotRun(f"{words[0]} cannot be started: {reason}") from None


def _environment(folder: Path) -> dict[str, str]:
    """A bare environment in UTF-8: variables of this process must not change what a program does."""
    own = dict.fromkeys(("HOME", "TMPDIR"), str(folder))
    return {"PATH": os.pathsep.join([os.defpath, *_FOLDERS]), "LC_ALL": "C.UTF-8", **own}


def die_with_parent() -> None:
    """Have this process killed when its parent ends; on Linux alone."""
    if hasattr(_libc(), "prctl"):
        _libc().prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _harmless() -> None:
    die_with_parent()
    if hasattr(_libc(), "prctl"):
        for capability in _DROPPED:
            _libc().prctl(_DROP_CAPABILITY, capability, 0, 0, 0)


@contextmanager
def statuses() -> Iterator[None]:
    """Let the block see the exit status of its child processes.

    Where the parent of this process ignores SIGCHLD, the system keeps none, and Python takes that for 0.
    """
    is_ignored = signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN
    if not is_ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
