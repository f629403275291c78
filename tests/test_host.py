"""The memory of a machine, read from whole trees of files as systems of several kinds have them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

import omerogen
from omerogen.artifacts import rendering
from omerogen.derive.host import FALLBACK, RAM, Host, Memory
from omerogen.model import Location

GB = 1_000_000_000
MEMINFO = "MemTotal: {kib} kB\n" + "".join(
    f"{name}: 1 kB\n" for name in "MemFree MemAvailable Buffers Cached Active Inactive Shmem".split()
)
NO_LIMIT = "9223372036854771712"


@pytest.fixture
def machine(tmp_path):
    """A machine of that much RAM, with these cgroup files; its `Host`."""

    def make(ram: int | None, cgroup: str | None = "", **files: str) -> Host:
        contents = {**({} if cgroup is None else {"proc/self/cgroup": cgroup}), **files}
        if ram is not None:
            contents["proc/meminfo"] = MEMINFO.format(kib=-(-ram // 1024))
        for name, text in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Host(str(tmp_path))

    return make


class Environment(NamedTuple):
    """A kind of system, its RAM in MB, what it tells of cgroups, and what follows from that."""

    kind: str
    ram: int | None
    cgroup: str | None
    files: dict[str, str]
    detected: int
    heaps: int
    fits: bool


V2 = "0::/a/b\n"
DOCKER = "/docker/3f1c"
POD = "/kubepods/burstable/pod1/c2"
SLICE = "/system.slice/omero.service"
#: The columns are those of `Environment`: files are below /sys/fs/cgroup, heaps are their sum in MiB.
ENVIRONMENTS = (
    Environment("bare metal, 1 GB", 1000, "", {}, 1000, 1365, False),
    Environment("bare metal, 2 GB", 2000, "", {}, 2000, 1365, False),
    Environment("bare metal, 3 GB", 3000, "", {}, 3000, 1365, True),
    Environment("bare metal, 16 GB", 16000, "0::/\n", {}, 16000, 6400, True),
    Environment("bare metal, 48 GB", 48000, "0::/init.scope\n", {}, 48000, 19200, True),
    Environment("bare metal, 512 GB", 512000, "0::/\n", {}, 512000, 19200, True),
    Environment("virtual machine, tells nothing", None, "", {}, 4000, 1600, True),
    Environment("v2, container's own root", 64000, "0::/\n", {"memory.max": "4000000000"}, 4000, 1600, True),
    Environment("v2, container of 1 GB", 64000, "0::/\n", {"memory.max": "1000000000"}, 1000, 1365, False),
    Environment("v2, container without limit", 8000, "0::/\n", {"memory.max": "max"}, 8000, 3200, True),
    Environment(
        "v2, systemd service", 64000, f"0::{SLICE}\n", {f"{SLICE}/memory.max": "8000000000"}, 8000, 3200, True
    ),
    Environment(
        "v2, systemd slice above",
        64000,
        f"0::{SLICE}\n",
        {f"{SLICE}/memory.max": "max", "system.slice/memory.max": "6000000000"},
        6000,
        2400,
        True,
    ),
    Environment(
        "v2, pod smaller than container",
        64000,
        f"0::{POD}\n",
        {f"{POD}/memory.max": "8000000000", "/kubepods/burstable/pod1/memory.max": "5000000000"},
        5000,
        2000,
        True,
    ),
    Environment(
        "v2, container smaller than pod",
        64000,
        f"0::{POD}\n",
        {f"{POD}/memory.max": "5000000000", "/kubepods/burstable/pod1/memory.max": "8000000000"},
        5000,
        2000,
        True,
    ),
    Environment(
        "v2, three groups, the middle one",
        64000,
        "0::/a/b/c\n",
        {"a/b/c/memory.max": "max", "a/b/memory.max": "7000000000", "a/memory.max": "9000000000"},
        7000,
        2800,
        True,
    ),
    Environment(
        "v2, path outside its namespace",
        64000,
        "0::/../../x\n",
        {"memory.max": "3000000000"},
        3000,
        1365,
        True,
    ),
    Environment(
        "v2, sees only its own subtree",
        64000,
        f"0::{DOCKER}\n",
        {"memory.max": "3000000000"},
        3000,
        1365,
        True,
    ),
    Environment("v2, limit above the RAM", 16000, V2, {"a/memory.max": "64000000000"}, 16000, 6400, True),
    Environment("v2, limit that is the RAM", 16000, V2, {"a/memory.max": "16000000000"}, 16000, 6400, True),
    Environment("v2, odd file", 16000, V2, {"a/b/memory.max": "lots"}, 16000, 6400, True),
    Environment("v2, empty file", 16000, V2, {"a/b/memory.max": ""}, 16000, 6400, True),
    Environment("v2, limit of nothing", 16000, V2, {"a/b/memory.max": "0"}, 16000, 6400, True),
    Environment("v2, negative", 16000, V2, {"a/b/memory.max": "-1"}, 16000, 6400, True),
    Environment("v2, RAM not told", None, V2, {"a/b/memory.max": "2000000000"}, 2000, 1365, False),
    Environment(
        "v1, docker",
        64000,
        f"5:cpu,memory:{DOCKER}\n",
        {f"memory{DOCKER}/memory.limit_in_bytes": "2000000000"},
        2000,
        1365,
        False,
    ),
    Environment(
        "v1, docker, sees only itself",
        64000,
        f"5:memory:{DOCKER}\n",
        {"memory/memory.limit_in_bytes": "4000000000"},
        4000,
        1600,
        True,
    ),
    Environment(
        "v1, no limit",
        16000,
        "5:memory:/d\n",
        {"memory/d/memory.limit_in_bytes": NO_LIMIT, "memory/memory.limit_in_bytes": NO_LIMIT},
        16000,
        6400,
        True,
    ),
    Environment(
        "v1, limit above, unseen",
        64000,
        "5:memory:/d\n",
        {
            "memory/d/memory.limit_in_bytes": NO_LIMIT,
            "memory/d/memory.stat": "cache 1\nhierarchical_memory_limit 3500000000\n",
        },
        3500,
        1400,
        True,
    ),
    Environment(
        "v1, nested",
        64000,
        "5:memory:/a/b\n",
        {"memory/a/b/memory.limit_in_bytes": "9000000000", "memory/a/memory.limit_in_bytes": "6000000000"},
        6000,
        2400,
        True,
    ),
    Environment(
        "v1, without memory",
        16000,
        "5:cpuset:/d\n",
        {"memory/d/memory.limit_in_bytes": "1000000000"},
        16000,
        6400,
        True,
    ),
    Environment(
        "both versions, memory in v1",
        64000,
        "4:memory:/d\n0::/u\n",
        {"memory/d/memory.limit_in_bytes": "5000000000"},
        5000,
        2000,
        True,
    ),
    Environment(
        "both versions, memory in v2",
        64000,
        "1:name=systemd:/u\n0::/u\n",
        {"unified/u/memory.max": "5000000000"},
        5000,
        2000,
        True,
    ),
    Environment("v2, groups not told", 64000, None, {"memory.max": "3000000000"}, 3000, 1365, True),
    Environment(
        "v1, groups not told", 64000, None, {"memory/memory.limit_in_bytes": "3000000000"}, 3000, 1365, True
    ),
    Environment("garbage in /proc/self/cgroup", 16000, "\x00:::/\nnonsense\n::\n", {}, 16000, 6400, True),
)


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=[environment.kind for environment in ENVIRONMENTS])
def test_every_kind_of_system_is_sized(environment, machine):
    """What is detected, the heaps that follow, and whether they fit: the smallest limit in force counts."""
    files = {f"sys/fs/cgroup/{name.lstrip('/')}": text for name, text in environment.files.items()}
    ram = None if environment.ram is None else environment.ram * 1_000_000
    host = machine(ram, environment.cgroup, **files)
    sizing = rendering.context("jvm", omerogen.load(), {"host_root": host.root}).sizing
    found = (host.memory.total_mb, sizing.heaps_mib, sizing.fits)
    assert found == (environment.detected, environment.heaps, environment.fits)


def test_there_are_enough_kinds_of_systems():
    """The table of the note."""
    assert len(ENVIRONMENTS) >= 25


def test_the_source_of_the_memory_and_the_ignored_ones_are_shown(machine, tmp_path):
    """RAM, or the file of the limit; everything else with the reason."""
    files = {
        "sys/fs/cgroup/a/b/c/memory.max": "max",
        "sys/fs/cgroup/a/b/memory.max": "lots",
        "sys/fs/cgroup/a/memory.max": "1000000000",
        "sys/fs/cgroup/memory.max": "99000000000",
    }
    detection = machine(16 * GB, "0::/a/b/c\n", **files).detection
    group = tmp_path / "sys/fs/cgroup"
    assert detection.memory == Memory(1000, Location.host(str(group / "a/memory.max")))
    assert tuple(map(str, detection.ignored)) == (
        f"{group}/a/b/c/memory.max: no limit",
        f"{group}/a/b/memory.max: not a limit: 'lots'",
        f"{group}/memory.max: 99000 MB, above the RAM",
        "RAM: 16000 MB, larger than the effective limit",
    )
    assert machine(16 * GB).memory.source == RAM


def test_a_file_that_may_not_be_read_is_reported(machine, tmp_path):
    """A folder in its place cannot be read by anybody."""
    (tmp_path / "sys/fs/cgroup/memory.max").mkdir(parents=True)
    detection = machine(16 * GB, "0::/\n").detection
    assert detection.memory == Memory(16000, RAM)
    assert tuple(map(str, detection.ignored)) == (f"{tmp_path}/sys/fs/cgroup/memory.max: cannot be read",)


def test_undetected_memory_is_assumed_as_omero_does(machine, tmp_path):
    """4000 MB; the guess is reported."""
    detection = machine(None).detection
    assert detection.memory == Memory(4000, FALLBACK)
    assert tuple(map(str, detection.ignored)) == (f"{tmp_path}/proc/meminfo: cannot be read",)


def test_this_machine_is_looked_at_with_psutil():
    """No cgroup can give more than the RAM; psutil's own folder is left as it was."""
    before = psutil.PROCFS_PATH
    assert 0 < Host().memory.total_mb <= psutil.virtual_memory().total // 1_000_000
    assert before == psutil.PROCFS_PATH


def test_a_command_uses_the_given_host_root(omerogen):
    """``--host-root``: as an agent in a container sees its host."""
    root = Path(__file__).parent / "data/hosts/small"
    result = omerogen("jvm", "--host-root", root, "--service", "blitz")
    assert result.out == "-Xmx512m\n"
    assert "there are 1000 MB" in result.err
    assert "memory.max" in result.err
