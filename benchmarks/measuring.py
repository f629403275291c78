"""Runs of commands: wall time, and the memory of the largest process."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """One run of a command: ``seconds`` of wall time, ``peak_mb`` of the largest of its processes."""

    seconds: float
    peak_mb: float


def run(command: Sequence[str], status: int = 0, **environment: str) -> Run:
    """Run a command, with its output thrown away; it has to end with ``status``."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment}
    )
    assert process.stderr is not None  # noqa: S101 - it is a pipe
    said = process.stderr.read()
    _, found, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(found)
    process.stderr.close()
    if process.returncode != status:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {said.decode()}")
    return Run(seconds, usage.ru_maxrss / 1000)


def ratio(samples: Sequence[float], base: Sequence[float]) -> float:
    """The median of the ratios of runs that followed each other."""
    return statistics.median(a / b for a, b in zip(samples, base, strict=True))


def machine() -> str:
    """The kind of machine, for the head of a table."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, Python {platform.python_version()}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown; all columns but the first are numbers."""
    line = "|".join(["", " --- ", *(" ---: " for _ in head[1:]), ""])
    cells = ["|".join(["", *(f" {cell} " for cell in row), ""]) for row in rows]
    return "\n".join(["|".join(["", *(f" {name} " for name in head), ""]), line, *cells, ""])


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


#: The command of this environment.
OMEROGEN = [sys.executable, "-m", "omerogen"]
