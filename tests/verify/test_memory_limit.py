"""A real JVM and the calculator in the same control group see the same memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import environment, find

pytestmark = pytest.mark.slow

LIMIT = 1_500_000_000
#: Where a group can be made, and the file of its limit: version 1, then 2.
PLACES = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max"))


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group with a limit, made by the test; skipped where nobody may make one."""
    for mount, file in PLACES:
        made = Path(mount, f"omerogen-test-{os.getpid()}")
        try:
            made.mkdir()
            (made / file).write_text(str(LIMIT))
        except OSError:
            if made.exists():
                made.rmdir()
            continue
        yield made
        made.rmdir()
        return
    pytest.skip("control groups cannot be made here: that takes root, and a system that lets it")


def inside(group: Path, *command: str | Path) -> str:
    """What a program prints that runs in the group."""
    script = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    whole = ["sh", "-c", script, str(group), *map(str, command)]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=60, check=True, env=environment())
    return done.stdout


def test_java_and_omerogen_see_the_same_limit(group: Path) -> None:
    """Half of the memory for java is half of the memory that omerogen computes with."""
    flags = inside(group, find("java"), "-XX:MaxRAMPercentage=50", "-XX:+PrintFlagsFinal", "-version")
    heap = int(re.search(r"\bMaxHeapSize\s*=\s*(\d+)", flags)[1])
    explain = (sys.executable, "-m", "omerogen", "jvm", "--explain", "--format", "json")
    told = json.loads(inside(group, *explain))
    assert told["total_from"].startswith(str(group))
    assert abs(told["total_mb"] - LIMIT / 1_000_000) <= 1
    assert abs(2 * heap - told["total_mb"] * 1_000_000) < 32 * 2**20
