"""How long each command takes, against a bare Python and against importing jinja2, lxml and psutil.

All commands are run in turn, again and again, so that a machine that gets slower does so for all of them.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.measuring import ratio, run, table
from omerogen.artifacts import ARTIFACTS

ROOT = Path(__file__).parent.parent
ROUNDS = 15
SITE = str(ROOT / "examples/site.config.xml")
BARE, IMPORTS = "python -c pass", "import jinja2, lxml.etree, psutil"


class Measured(NamedTuple):
    """A command; ``clean`` is a folder that is removed before each run, ``status`` how it ends."""

    name: str
    command: list[str]
    clean: Path | None = None
    status: int = 0


def commands(folder: Path) -> Iterator[Measured]:
    """What is measured, the baselines first."""
    omerogen = str(Path(sysconfig.get_path("scripts")) / "omerogen")
    yield Measured(BARE, [sys.executable, "-c", "pass"])
    yield Measured(IMPORTS, [sys.executable, "-c", IMPORTS])
    for name in ARTIFACTS:
        yield Measured(f"omerogen {name}", [omerogen, name, "-c", SITE])
    yield Measured("omerogen jvm, of the machine", [omerogen, "jvm"])
    first, again = folder / "first", folder / "again"
    yield Measured("omerogen build, first", [omerogen, "build", "-c", SITE, "-o", str(first)], first)
    yield Measured("omerogen build, no change", [omerogen, "build", "-c", SITE, "-o", str(again)])
    yield Measured("omerogen check", [omerogen, "check", "-c", SITE], status=1)  # has warnings
    explain = [omerogen, "explain", "omero.web.prefix", "-c", SITE]
    caches = folder / "caches"
    yield Measured("omerogen explain NAME, first", ["env", f"XDG_CACHE_HOME={caches}", *explain], caches)
    yield Measured("omerogen explain NAME", explain)
    line = f"{again}/nginx/omero.conf:5"
    yield Measured("omerogen explain FILE:LINE", [omerogen, "explain", line, "-c", SITE])
    yield Measured("omerogen impact", [omerogen, "impact", "-c", SITE, "--set", "omero.web.prefix=/x"])
    yield Measured("omerogen report", [omerogen, "report", "-c", SITE, "-o", str(folder / "report.html")])
    yield Measured("omerogen properties", [omerogen, "properties"])


def measure(measured: Measured) -> float:
    """The wall time of one run, in seconds."""
    if measured.clean:
        shutil.rmtree(measured.clean, ignore_errors=True)
    return run(measured.command, measured.status).seconds


def text() -> str:
    """The table."""
    with tempfile.TemporaryDirectory() as folder:
        every = list(commands(Path(folder)))
        times: dict[str, list[float]] = {measured.name: [] for measured in every}
        for round_ in range(ROUNDS + 1):
            for measured in every:
                seconds = measure(measured)
                if round_:  # the first warms the caches
                    times[measured.name].append(seconds)
    rows = [
        [
            f"`{name}`",
            f"{statistics.median(samples) * 1000:.1f}",
            *(f"{ratio(samples, times[base]):.2f}" for base in (BARE, IMPORTS)),
        ]
        for name, samples in times.items()
    ]
    return table([f"median of {ROUNDS}", "ms", "/ bare Python", "/ the imports"], rows)
