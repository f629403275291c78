"""How long each command takes, against importing jinja2, lxml and psutil alone.

``make bench`` prints the median wall time of each command and its ratio to that
baseline. All commands are run in turn, again and again, so that a machine that
gets slower does so for all of them.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from omerogen.artifacts import ARTIFACTS

ROOT = Path(__file__).parent.parent
ROUNDS = 15
SITE = str(ROOT / "examples/site.config.xml")


def commands(folder: Path) -> dict[str, list[str]]:
    """What is measured, the baseline first."""
    omerogen = str(Path(sysconfig.get_path("scripts")) / "omerogen")
    single = {name: [omerogen, name, "-c", SITE] for name in ARTIFACTS}
    return {
        "import jinja2, lxml.etree, psutil": [sys.executable, "-c", "import jinja2, lxml.etree, psutil"],
        **{f"omerogen {name}": command for name, command in single.items()},
        "omerogen build": [omerogen, "build", "-c", SITE, "-o", str(folder)],
        "omerogen explain": [omerogen, "explain", "omero.web.prefix", "-c", SITE],
        "omerogen properties": [omerogen, "properties"],
    }


def measure(command: list[str]) -> float:
    """The wall time of one run, in seconds."""
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own commands
    return time.perf_counter() - started


def main() -> None:
    """Measure and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        measured = commands(Path(folder))
        times: dict[str, list[float]] = {name: [] for name in measured}
        for round_ in range(ROUNDS + 1):
            for name, command in measured.items():
                seconds = measure(command)
                if round_:  # the first warms the caches
                    times[name].append(seconds)
    baseline = next(iter(times))
    print(f"{'median of ' + str(ROUNDS):36} {'ms':>7} {'ratio':>6}")
    for name, samples in times.items():
        ratio = statistics.median(a / b for a, b in zip(samples, times[baseline], strict=True))
        print(f"{name:36} {statistics.median(samples) * 1000:7.1f} {ratio:6.2f}")


if __name__ == "__main__":
    main()
