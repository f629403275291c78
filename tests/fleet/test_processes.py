"""The processes that build: in order, one that is killed costs its site alone, and no other is torn."""

from __future__ import annotations

import gc
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import omerogen
from omerogen.fleet.workers import Pool
from support.fleets import files, write_source


def sources(folder: Path, count: int) -> None:
    """So many sources of sites."""
    for number in range(count):
        write_source(folder, f"s{number:03}", port=4000 + number)


def test_results_come_in_the_order_of_the_sites(build, institute):
    """Whichever process is quicker."""
    sources(institute, 20)
    result = build("--jobs", "3", "--only", "jdbc", sites="sites/s*.properties")
    said = [line.partition(":")[0] for line in result.err.splitlines()[:-1]]
    assert said == [f"s{number:03}" for number in range(20)]


def test_a_process_that_is_killed_costs_its_site_alone(build, institute):
    """As the system kills one for its memory: here a command of the site does."""
    sources(institute, 12)
    (institute / "omerogen.toml").write_text(
        "".join(
            f'[sites.s{number:03}]\nconfig = ["sites/s{number:03}.properties"]\nonly = ["jdbc"]\n'
            for number in range(12)
        )
        + '[sites.s005.reload]\nany = "kill -KILL $PPID"\n'
    )
    result = build("--jobs", "2", sites=None)
    assert result.status == 1
    assert "s005: out/s005: the process that built it was ended by SIGKILL" in result.err
    assert result.err.endswith("12 sites: 11 built, 1 failed\n")
    assert len(list((institute / "out").iterdir())) == 12


def test_a_fault_of_ours_is_said_for_its_site_alone():
    """Without the text of the exception, which may hold a secret."""
    code = (
        "from omerogen.fleet.building import Builder, Run\n"
        "from omerogen.fleet.plan import Planned\n"
        "from omerogen.settings.site import Site\n"
        "result = Builder(Run(overrides=None)).build(Planned('x', Site(), ((1, ()),)))\n"
        "print(result.problems[0])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("out: internal error: ")
    assert done.stdout.endswith("(please report it)\n")


@pytest.mark.slow
def test_a_run_that_is_killed_leaves_each_site_old_or_new(institute):
    """At any moment, and the next run does the rest."""
    sources(institute, 30)
    command = [sys.executable, "-m", "omerogen", "build", "--sites", "sites/s*.properties"]
    subprocess.run(command, cwd=institute, check=True, capture_output=True, timeout=120)
    old = files(institute / "out")
    for number in range(30):
        write_source(institute, f"s{number:03}", port=5000 + number)
    subprocess.run([*command, "-o", "new"], cwd=institute, check=True, capture_output=True, timeout=120)
    new = files(institute / "new")
    mixed = 0
    for wait in range(8):
        with subprocess.Popen(
            command, cwd=institute, stderr=subprocess.PIPE, start_new_session=True
        ) as started:
            assert started.stderr
            started.stderr.readline()  # of the first site
            time.sleep(0.02 * wait)
            os.killpg(started.pid, signal.SIGKILL)
        found = files(institute / "out")
        for site in {path.split("/")[0] for path in old}:
            paths = [path for path in new if path.startswith(f"{site}/")]
            assert [found[path] for path in paths] in (
                [old[path] for path in paths],
                [new[path] for path in paths],
            )
        mixed += {path: found[path] for path in new} not in (old, new)
    assert mixed
    done = subprocess.run(command, cwd=institute, check=True, capture_output=True, text=True, timeout=120)
    assert "30 sites: " in done.stderr
    assert files(institute / "out") == new


@pytest.mark.slow
def test_the_processes_end_with_the_first(institute):
    """Each after its site: none goes on alone."""
    sources(institute, 60)
    command = [sys.executable, "-m", "omerogen", "build", "--sites", "sites/s*.properties", "--jobs", "2"]
    started = subprocess.Popen(command, cwd=institute, stderr=subprocess.DEVNULL)
    while not (institute / "out").exists():
        time.sleep(0.01)
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
    started.kill()
    started.wait()
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(list((institute / "out").iterdir())) < 60


def test_a_terminal_has_a_progress_bar(institute):
    """And no line for each site that is up to date."""
    command = [sys.executable, "-m", "omerogen", "build", "--sites", "sites/?.properties"]
    subprocess.run(command, cwd=institute, check=True, capture_output=True, timeout=60)
    ours, theirs = pty.openpty()
    done = subprocess.run(command, cwd=institute, check=True, stderr=theirs, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "#" in shown
    assert "] 2/3" in shown
    assert "up to date\r\n" in shown.splitlines(keepends=True)[-1]
    assert "a: up to date" not in shown


def test_garbage_is_looked_for(institute, monkeypatch):
    """For one site the command line does without; many would fill the memory."""
    monkeypatch.chdir(institute)
    sources(institute, 2)
    gc.disable()
    try:
        assert len(list(omerogen.build_sites("sites/s*.properties", "out", only="jdbc"))) == 2
        assert gc.isenabled()
    finally:
        gc.enable()


def test_a_process_that_may_have_no_others_builds_all_sites(institute):
    """A worker of a task queue is such a one."""
    sources(institute, 3)
    code = (
        "import multiprocessing, omerogen\n"
        "def built(pattern):\n"
        "    sites = omerogen.build_sites(pattern, 'out', only='jdbc', jobs=2)\n"
        "    return [site.name for site in sites if not site.failed]\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    print(pool.apply(built, ['sites/s*.properties']))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=institute, stdout=subprocess.PIPE, timeout=60)
    assert result.stdout.decode() == "['s000', 's001', 's002']\n"
    assert (institute / "out/s002/jdbc/url.txt").exists()


def test_a_pool_that_cannot_start_says_so(monkeypatch):
    """No memory for a process, or no more of them allowed."""

    def refuse(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("omerogen.fleet.workers._Worker", refuse)
    with pytest.raises(BlockingIOError):
        next(Pool(lambda job: job, 3, 2, lambda job, how: job).results())
