"""Run work in a child process that cannot outlive this one, and whose scratch folder does not either.

Three processes: this one, the *worker* with all programs that it starts, and between them the *guard*. The
guard notices by pipes when one of the others ends, by whatever signal: then it ends the worker, whose
programs end with it, and removes the folder.
"""

from __future__ import annotations

import os
import pickle
import select
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from omerogen.verify import namespaces
from omerogen.verify.namespaces import Namespaces
from omerogen.verify.process import die_with_parent

T = TypeVar("T")
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class Lost(Exception):
    """The worker was killed before it had a result."""


def guarded(work: Callable[[Path, Namespaces], T]) -> T:
    """The result of ``work``, called in the worker with a scratch folder; its errors are raised here.

    Raises `OSError` without a scratch folder, and `Lost`.
    """
    folder = tempfile.mkdtemp(prefix="omerogen-")
    with _waiting_for_cleanup():
        answer, answering = os.pipe()
        watched, alive = os.pipe()
        guard = _fork()
        if guard == 0:
            _guard(folder, work, answering, watched)
        os.close(answering)
        os.close(watched)
        try:
            with open(answer, "rb") as pipe:
                data = pipe.read()
        finally:
            os.close(alive)
            with suppress(ChildProcessError):  # where SIGCHLD is ignored, this waits all the same
                os.waitpid(guard, 0)
            shutil.rmtree(folder, ignore_errors=True)
    if not data:
        raise Lost
    is_result, result = pickle.loads(data)  # noqa: S301 - from our own child
    if is_result:
        return result  # type: ignore[no-any-return]
    raise result


@contextmanager
def _waiting_for_cleanup() -> Iterator[None]:
    """On SIGTERM or SIGHUP, end only when the guard has cleaned up."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only there can signals be waited for; the guard cleans up all the same
        return
    # Signals that are ignored, as after nohup, or handled by an embedding program stay so.
    ours = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: object) -> NoReturn:  # noqa: ARG001 - as signals are handled
    raise SystemExit(128 + number)


def _fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns where there are threads; the child does not use them.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _guard(folder: str, work: Callable[[Path, Namespaces], T], answering: int, watched: int) -> NoReturn:
    """Wait for the end of the worker or of the parent; then end the other programs, and clean up."""
    try:
        os.setsid()  # a Ctrl-C for the parent's group is not for the guard
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _close_others(answering, watched)
        ended, ending = os.pipe()
        worker = _fork()
        if worker == 0:
            os.close(ended)
            os.close(watched)
            _work(folder, work, answering)
        os.close(ending)
        os.close(answering)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(watched, select.POLLIN)
        poll.poll()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)  # before it had its own group
        os.waitpid(worker, 0)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os._exit(0)


def _close_others(*kept: int) -> None:
    """Close inherited descriptors: pipes of other threads, and the lock of the output folder."""
    try:
        numbers = list(map(int, os.listdir("/dev/fd")))
    except OSError:  # a system without this folder
        numbers = list(range(256))
    for number in numbers:
        if number > 2 and number not in kept:
            with suppress(OSError):  # that of the list itself
                os.close(number)


def _work(folder: str, work: Callable[[Path, Namespaces], T], answering: int) -> NoReturn:
    try:
        os.setsid()
        die_with_parent()
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)
        outcome: tuple[bool, object]
        try:
            entered = namespaces.enter(folder)
            os.chmod(folder, 0o711)  # noqa: S103 - programs of other users may run below it
            outcome = True, work(Path(folder), entered)
        except BaseException as error:  # noqa: BLE001 - raised again by the parent
            outcome = False, error
        with open(answering, "wb") as pipe:
            pickle.dump(outcome, pipe)
    finally:
        os._exit(0)
