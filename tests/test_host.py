"""The memory of a machine, read from whole trees of files as systems of several kinds have them."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from omerogen.host import Host, Memory

GB = 1_000_000_000
MEMINFO = "MemTotal: {kib} kB\n" + "".join(
    f"{name}: 1 kB\n" for name in "MemFree MemAvailable Buffers Cached Active Inactive Shmem".split()
)
V1_NO_LIMIT = "9223372036854771712"


@pytest.fixture
def machine(tmp_path):
    """A machine of that much RAM, with these cgroup files; its `Host`."""

    def make(ram: int | None, cgroup: str = "", **files: str) -> Host:
        contents = {"proc/self/cgroup": cgroup, **files}
        if ram is not None:
            contents["proc/meminfo"] = MEMINFO.format(kib=ram // 1024)
        for name, text in contents.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Host(str(tmp_path))

    return make


@pytest.mark.parametrize(
    ("cgroup", "files", "total"),
    [
        pytest.param("", {}, 16000, id="bare metal"),
        pytest.param("0::/\n", {"memory.max": "4000000000\n"}, 4000, id="v2, the container's own root"),
        pytest.param(
            "0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "2000000000"}, 2000, id="v2, a limit above"
        ),
        pytest.param(
            "0::/a/b\n",
            {"a/b/memory.max": "1000000000", "a/memory.max": "2000000000"},
            1000,
            id="v2, the smallest",
        ),
        pytest.param("0::/../x\n", {"memory.max": "3000000000"}, 3000, id="v2, outside of its namespace"),
        pytest.param("0::/gone\n", {"memory.max": "3000000000"}, 3000, id="v2, sees only its own subtree"),
        pytest.param("0::/\n", {"memory.max": "64000000000"}, 16000, id="a limit above the RAM"),
        pytest.param("0::/\n", {"memory.max": "lots"}, 16000, id="an odd file"),
        pytest.param("5:cpu,memory:/d\n", {"memory/d/memory.limit_in_bytes": "2000000000"}, 2000, id="v1"),
        pytest.param(
            "5:memory:/d\n", {"memory/d/memory.limit_in_bytes": V1_NO_LIMIT}, 16000, id="v1 without a limit"
        ),
        pytest.param(
            "5:memory:/docker/x\n",
            {"memory/memory.limit_in_bytes": "1500000000"},
            1500,
            id="v1 in a container",
        ),
        pytest.param(
            "4:memory:/d\n0::/u\n", {"unified/u/memory.max": "1200000000"}, 1200, id="both versions"
        ),
        pytest.param(
            "5:cpuset:/d\n", {"memory/d/memory.limit_in_bytes": "1"}, 16000, id="no memory controller"
        ),
    ],
)
def test_the_smallest_limit_in_force_counts(machine, cgroup, files, total):
    """RAM, or less where a cgroup or one above it says less."""
    host = machine(16 * GB, cgroup, **{f"sys/fs/cgroup/{name}": text for name, text in files.items()})
    assert host.memory.total_mb == total


def test_what_told_the_memory_is_told(machine, tmp_path):
    """RAM, or the file of the limit."""
    host = machine(16 * GB, "0::/a\n", **{"sys/fs/cgroup/a/memory.max": "1000000000"})
    assert host.memory.source == str(tmp_path / "sys/fs/cgroup/a/memory.max")
    assert machine(16 * GB).memory.source == "RAM"


def test_a_machine_that_tells_nothing_has_what_omero_guesses(machine):
    """4000 MB."""
    assert machine(None).memory == Memory(4000, "OMERO's fallback")


def test_this_machine_is_looked_at_with_psutil():
    """No cgroup can give more than the RAM; psutil's own folder is left as it was."""
    before = psutil.PROCFS_PATH
    assert 0 < Host().memory.total_mb <= psutil.virtual_memory().total // 1_000_000
    assert before == psutil.PROCFS_PATH


def test_a_command_looks_where_it_is_told(omerogen):
    """``--host-root``: as an agent in a container sees its host."""
    root = Path(__file__).parent / "data/hosts/small"
    result = omerogen("jvm", "--host-root", root, "--service", "blitz")
    assert result.out == "-Xmx512m\n"
    assert "there are 1000 MB" in result.err
    assert "memory.max" in result.err
