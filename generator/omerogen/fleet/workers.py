"""Processes that do one job after the other: their results in the order of the jobs, a few ahead at the most.

A process that ends in the middle of a job, as one that the system kills for its memory, costs that job alone:
another process does the rest. When this process ends, so do they, each after its job. A process that may have
no others, as a worker of a task queue, does all jobs itself.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

R = TypeVar("R")

#: Jobs that a process has been given: one that it does, and the next.
_GIVEN = 2
#: Results that wait for an earlier one, for each process.
_AHEAD = 16

_FORK = multiprocessing.get_context("fork")  # what is imported and read is shared


class _Worker:
    """A process, and the jobs that it was given."""

    def __init__(self, do: Callable[[int], Any], others: list[_Worker]) -> None:
        self.connection, there = _FORK.Pipe()
        self.jobs: deque[int] = deque()
        ours = [self.connection, *(other.connection for other in others)]
        self.process = _FORK.Process(target=_serve, args=(do, there, ours))
        self.process.start()
        there.close()

    def give(self, job: int) -> None:
        self.jobs.append(job)
        self.connection.send(job)

    def end(self) -> str:
        """Let it end after its job; how it ended, for messages."""
        self.connection.close()
        self.process.join()
        code = self.process.exitcode or 0
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


def _serve(do: Callable[[int], Any], connection: Connection, ours: list[Connection]) -> None:
    """Do jobs until the other end is closed: for that this process must not keep it open itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the first process ends all
    gc.freeze()  # what was there before is not garbage: this process need not look at it again
    for other in ours:
        other.close()
    while True:
        try:
            job = connection.recv()
            connection.send((job, do(job)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


class Pool(Generic[R]):
    """Does the jobs ``0`` to ``count - 1`` by ``do``, in ``processes``.

    ``lost`` gives the result of a job whose process has ended, and is called with the job and how that ended.
    """

    def __init__(
        self, do: Callable[[int], R], count: int, processes: int, lost: Callable[[int, str], R]
    ) -> None:
        self._do = do
        self._lost = lost
        self._waiting = deque[int]()
        self._next, self._count = 0, count
        self._processes = min(processes, count)
        self._workers: list[_Worker] = []
        self._results: dict[int, R] = {}

    def results(self) -> Iterator[R]:
        """The results in the order of the jobs. Raises `OSError` if no process can be started."""
        if multiprocessing.current_process().daemon:
            yield from map(self._do, range(self._count))
            return
        try:
            for job in range(self._count):
                while job not in self._results:
                    self._start()
                    self._give(job + self._processes * _AHEAD)
                    self._take()
                yield self._results.pop(job)
        finally:
            for worker in self._workers:
                worker.connection.close()
            for worker in self._workers:
                worker.end()

    def _start(self) -> None:
        while len(self._workers) < self._processes:
            try:
                self._workers.append(_Worker(self._do, self._workers))
            except OSError:
                if not self._workers:
                    raise
                self._processes = len(self._workers)

    def _give(self, limit: int) -> None:
        """Give jobs below ``limit`` to those that have few, one each in turn."""
        for _ in range(_GIVEN):
            for worker in [worker for worker in self._workers if len(worker.jobs) < _GIVEN]:
                if self._waiting:
                    job = self._waiting.popleft()
                elif self._next < min(limit, self._count):
                    job, self._next = self._next, self._next + 1
                else:
                    return
                with suppress(BrokenPipeError, ConnectionResetError):  # it has ended, and `_take` sees that
                    worker.give(job)

    def _take(self) -> None:
        by_connection = {worker.connection: worker for worker in self._workers if worker.jobs}
        for ready in wait(list(by_connection)):
            worker = by_connection[ready]  # type: ignore[index]
            try:
                job, result = worker.connection.recv()
            except (EOFError, ConnectionResetError):
                self._replace(worker)
            else:
                worker.jobs.remove(job)
                self._results[job] = result

    def _replace(self, worker: _Worker) -> None:
        """Take the job that a process ended in for lost, and the others back."""
        self._workers.remove(worker)
        how = worker.end()
        lost, *others = worker.jobs
        self._results[lost] = self._lost(lost, how)
        self._waiting.extendleft(reversed(others))
