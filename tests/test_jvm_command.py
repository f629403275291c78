"""``omerogen jvm --explain`` and ``--plot``: how the heaps come about, in words and as a picture."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import omerogen as package
from omerogen.artifacts import rendering
from omerogen.reporting import plot
from support.files import DATA

SMALL = ("--host-root", DATA / "hosts/small")
LARGE = ("--host-root", DATA / "hosts/16gb")


def explained(omerogen, *arguments) -> dict:
    """The explanation as JSON."""
    return json.loads(omerogen("jvm", "--explain", "--format", "json", *arguments).out)


def test_json_has_what_other_programs_read(omerogen):
    """The members of the contract, and those after them."""
    told = explained(omerogen, *LARGE)
    assert (told["total_mb"], told["total_from"], told["active_mb"]) == (16000, "RAM", 16000)
    assert {name: service["heap_mb"] for name, service in told["services"].items()} == {
        "blitz": 2400,
        "indexer": 1600,
        "pixeldata": 2400,
        "repository": 1600,
    }
    assert (told["sum_mb"], told["non_heap_mb"], told["needed_mb"], told["left_mb"]) == (
        6400,
        648,
        7390,
        8610,
    )
    assert told["fits"] is True
    assert told["services"]["blitz"]["flags"] == ["-Xmx2400m"]
    assert told["services"]["blitz"]["percent"] == 15
    assert [service["instances"] for service in told["services"].values()] == [1, 1, 1, 0]


def test_json_of_a_small_container(omerogen):
    """The limit that counts and the files that do not; OMERO's floor; that it does not fit."""
    told = explained(omerogen, *SMALL)
    assert told["total_mb"] == 1000
    assert told["total_from"].endswith("sys/fs/cgroup/docker/memory.max")
    assert [line.rpartition(": ")[2] for line in told["ignored"]] == [
        "no limit",
        "16000 MB, larger than the effective limit",
    ]
    assert (told["active_mb"], told["sum_mb"], told["fits"]) == (3414, 1365, False)


def test_cgroups_without_a_limit_are_one_line(omerogen, tmp_path):
    """A machine has many; JSON names each."""
    proc, group = tmp_path / "proc", tmp_path / "sys/fs/cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal: 16000000 kB\n")
    (proc / "self/cgroup").write_text("0::/a/b\n")
    (group / "a/b").mkdir(parents=True)
    for folder in ("", "a", "a/b"):
        (group / folder / "memory.max").write_text("max\n")
    root = ("--host-root", tmp_path)
    ignored = [line for line in omerogen("jvm", "--explain", *root).out.splitlines() if "not count" in line]
    assert ignored == [f"  does not count: {group}/a/b/memory.max: no limit, nor in 2 more files"]
    assert len(explained(omerogen, *root)["ignored"]) == 3


def test_the_table_reads_as_a_page(omerogen):
    """Memory, a line for each JVM with its reason, what is needed besides, the sums."""
    result = omerogen(
        "jvm",
        "--explain",
        *LARGE,
        "--set",
        "omero.jvmcfg.heap_size.blitz=1g",
        "--set",
        "omero.jvmcfg.max_system_memory=10000",
    )
    assert result.out.startswith("memory: 16000 MB (RAM)\n")
    rows = [re.split(r"  +", line) for line in result.out.splitlines()]
    assert ["blitz", "1024 MiB", "216 MiB", "omero.jvmcfg.heap_size.blitz", "-Xmx1g"] in rows
    assert ["indexer", "1000 MiB", "216 MiB", "10% of 10000 MB (max_system_memory)", "-Xmx1000m"] in rows
    assert result.out.endswith("MB of 16000 MB: fits\n")
    [needed] = [row for row in rows if row[0] == "needed"]
    megabytes, mebibytes = (int(number) for number in re.findall("[0-9]+", needed[1]))
    assert abs(mebibytes * 1.048576 - megabytes) < 1


def test_each_service_shows_what_it_needs(omerogen):
    """Services with other flags have other needs; one that is asked for alone is shown alone."""
    text = omerogen("jvm", "--explain", *LARGE, "--set", "omero.jvmcfg.append.pixeldata=-Xss8m '-Dx=a b'").out
    assert "outside the heap, of blitz, indexer, repository (not run):" in text
    assert "outside the heap, of pixeldata:" in text
    assert "'-Dx=a b'" in text
    told = explained(
        omerogen, *LARGE, "--service", "pixeldata", "--set", "omero.jvmcfg.append.pixeldata=-Xss8m"
    )
    assert list(told["services"]) == ["pixeldata"]
    stacks = told["services"]["pixeldata"]["non_heap"][-1]
    assert stacks == {"name": "thread stacks", "mib": 160, "source": stacks["source"]}


def curves(settings) -> dict[str, list[int | None]]:
    """The lines of the picture of these settings, by their names."""
    return {curve.name: curve.sizes for curve in plot.curves(rendering.context("jvm", settings, {}))}


def test_a_picture_has_the_heaps_that_java_takes():
    """Also those that a site puts after OMERO's."""
    settings = package.load(overrides={"omero.jvmcfg.append.blitz": "-Xmx20g"})
    assert set(curves(settings)["blitz"]) == {20480}


def test_given_memory_is_not_detected(omerogen):
    """Then nothing is ignored either."""
    told = explained(omerogen, "--set", "omero.jvmcfg.system_memory=64000")
    assert (told["total_from"], told["ignored"]) == ("omero.jvmcfg.system_memory", [])


def test_an_explanation_is_not_an_argfile(omerogen):
    """It is for people and programs, not for java."""
    result = omerogen("jvm", "--explain", "--format", "argfile", "--service", "blitz")
    assert (result.status, result.out) == (2, "")


@pytest.mark.parametrize("suffix", plot.FORMATS)
def test_a_picture_is_drawn(suffix, omerogen, tmp_path):
    """In the format that its name says; the same settings give the same bytes."""
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    for path in (first, second):
        result = omerogen("jvm", "--plot", path, *LARGE)
        assert (result.status, result.out) == (0, "")
        assert result.problems == [str(path)]
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[:4] in (b"\x89PNG", b"<?xm")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [first.name, second.name]


def test_the_lines_are_omeros_numbers():
    """From 1 to 512 GB: the floor, the percentages, the ceiling."""
    columns = curves(package.load())
    assert [*columns] == ["blitz", "indexer", "pixeldata", "all heaps", "all that they need"]
    assert [len(column) for column in columns.values()] == [73] * 5
    assert (columns["blitz"][0], columns["blitz"][-1]) == (512, 7200)
    assert columns["indexer"][32] == 1600  # 16 GB
    assert columns["all heaps"][32] == 2400 + 1600 + 2400
    assert columns["all that they need"][32] > columns["all heaps"][32]


def test_a_picture_has_what_runs_here():
    """Several of a service count as often as they run."""
    nodes = "master:PixelData-0,PixelData-1 worker:Blitz-0"
    columns = curves(package.load(overrides={"omero.server.nodedescriptors": nodes}))
    assert [*columns][:1] == ["pixeldata (2 of them)"]
    assert columns["all heaps"][-1] == 2 * 7200


def test_a_gap_in_a_line_is_what_java_refuses():
    """A percentage that is too small for any memory gives neither a line nor an error."""
    site = rendering.context("jvm", package.load(), {})
    site.settings = site.settings.changed({"omero.jvmcfg.percent.blitz": "0"})
    assert {tuple(curve.sizes) for curve in plot.curves(site)} == {(None,) * 73}


@pytest.mark.parametrize("name", ["picture.pdf", "picture"])
def test_other_formats_are_refused(name, omerogen, tmp_path):
    """With those that there are."""
    result = omerogen("jvm", "--plot", tmp_path / name, *LARGE)
    assert result.status == 2
    assert "name it *.svg or *.png" in result.err


def test_a_missing_extra_is_named(omerogen, monkeypatch, tmp_path):
    """What to install, and nothing is written."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = omerogen("jvm", "--plot", tmp_path / "a.svg", *LARGE)
    assert result.status == 2
    assert "pip install matplotlib" in result.err
    assert list(Path(tmp_path).iterdir()) == []


def test_a_picture_and_an_explanation_can_be_had_at_once(omerogen, tmp_path):
    """Both from one look at the machine."""
    result = omerogen("jvm", "--plot", tmp_path / "a.svg", "--explain", *LARGE)
    assert result.out.startswith("memory: 16000 MB")
    assert (tmp_path / "a.svg").exists()


# Nodes of the grid

GRID = (
    *(
        "--set",
        "omero.server.nodedescriptors=master:Blitz-0,Blitz-1,Storm w1:PixelData-0,Indexer-0 w2:Tables-0",
    ),
    *("--set", "omero.jvmcfg.system_memory=16000"),
)


@pytest.mark.parametrize(
    ("node", "services"), [("master", ["blitz"]), ("w1", ["indexer", "pixeldata"]), ("w2", [])]
)
def test_a_node_has_the_flags_of_what_it_runs(node, services, omerogen):
    """And of nothing else, in each format."""
    words = ("jvm", *GRID, "--node", node)
    assert list(json.loads(omerogen(*words, "--format", "json").out)) == services
    assert [line.partition("=")[0] for line in omerogen(*words).out.splitlines()] == services
    assert list(json.loads(omerogen(*words, "--explain", "--format", "json").out)["services"]) == services


def test_several_instances_need_as_much_as_several(omerogen):
    """The sum counts each, and what it needs besides the heap."""
    told = json.loads(omerogen("jvm", *GRID, "--node", "master", "--explain", "--format", "json").out)
    blitz = told["services"]["blitz"]
    assert (blitz["heap_mb"], blitz["instances"], told["sum_mb"]) == (2400, 2, 4800)
    assert told["non_heap_mb"] == 2 * sum(region["mib"] for region in blitz["non_heap"])
    text = omerogen("jvm", *GRID, "--node", "master", "--explain").out
    assert "blitz x 2" in text
    assert "heaps        4800 MiB" in text


def test_what_fits_on_a_node_is_judged_by_what_it_runs(omerogen):
    """Without a node it is the master; three of a kind are too many, those of w1 are not."""
    small = ("--set", "omero.jvmcfg.system_memory=2000", "--set", "omero.jvmcfg.min_system_memory=4000")
    assert "warning" not in omerogen("jvm", *GRID, *small).err
    assert "warning" in omerogen("jvm", *small).err
    assert "warning" not in omerogen("jvm", *GRID, *small, "--node", "w1").err
    more = ("--set", "omero.server.nodedescriptors=master:Blitz-0,Blitz-1,Blitz-2")
    result = omerogen("jvm", *GRID, *small, *more, "--node", "master")
    assert "warning" in result.err
    advised = re.findall(r"omero\.jvmcfg\.\S+=\w+", result.err.partition("(")[2])
    fixed = [word for setting in advised for word in ("--set", setting)]
    assert advised
    assert "warning" not in omerogen("jvm", *GRID, *small, *more, "--node", "master", *fixed).err


def test_only_the_memory_of_this_machine_counts_for_a_node(omerogen, tmp_path):
    """``--host-root`` is the machine's; the grid's other machines are not asked."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 7812500 kB\n")
    words = ("jvm", *GRID[:2], "--node", "w1", "--host-root", tmp_path, "--explain", "--format", "json")
    told = json.loads(omerogen(*words).out)
    assert (told["total_mb"], told["services"]["pixeldata"]["heap_mb"]) == (8000, 1200)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--node", "w9"], "--node: the grid has no node 'w9' (it has: master, w1, w2; see omero.server"),
        (
            ["--node", "w1", "--service", "blitz"],
            "--service: the node w1 runs no blitz (it runs: indexer, pixeldata)",
        ),
        (["--node", "w2", "--plot", "p.svg"], "--plot: the node w2 does not run a JVM (name another node)"),
        (["--node", "w2", "--service", "blitz"], "--service: the node w2 runs no blitz (it runs: none)"),
    ],
)
def test_a_wrong_node_is_reported(words, said, omerogen):
    """With those that there are."""
    result = omerogen("jvm", *GRID, *words)
    assert result.status == 2
    assert said in result.err


def test_a_node_without_jvms_needs_no_flags(omerogen):
    """That is reported, since nothing else is."""
    result = omerogen("jvm", *GRID, "--node", "w2")
    assert (result.status, result.out) == (0, "")
    assert "the node w2 does not run a JVM\n" in result.err


def test_one_node_is_master_without_descriptors(omerogen):
    """It runs OMERO's usual JVMs, of which repository is none."""
    words = ("jvm", "--set", "omero.jvmcfg.system_memory=16000", "--node", "master", "--format", "json")
    assert list(json.loads(omerogen(*words).out)) == ["blitz", "indexer", "pixeldata"]


def test_sizes_for_a_stock_omero(omerogen, tmp_path):
    """Of the JVMs that run, as ``omero load`` takes them; the same flags follow from them."""
    lines = omerogen("jvm", "--format", "omero", *LARGE).out
    assert lines.splitlines() == [
        "config set omero.jvmcfg.heap_size.blitz 2400m",
        "config set omero.jvmcfg.heap_size.indexer 1600m",
        "config set omero.jvmcfg.heap_size.pixeldata 2400m",
    ]
    (tmp_path / "sizes.omero").write_text(lines)
    assert omerogen("jvm", "-c", tmp_path / "sizes.omero", *LARGE).out == omerogen("jvm", *LARGE).out
    small = omerogen("jvm", "--format", "omero", *SMALL)
    assert {line.split()[-1] for line in small.out.splitlines()} == {"256m"}
    assert "the printed sizes are scaled down to fit" in small.err


def test_what_counts_is_what_runs(omerogen):
    """On the master, where descriptors put the other services elsewhere."""
    words = ("--set", "omero.server.nodedescriptors=master:Blitz-0,Tables-0 w:Indexer-0,PixelData-0")
    sizes = ("--set", "omero.jvmcfg.system_memory=32000", "--set", "omero.jvmcfg.heap_size.blitz=24g")
    assert explained(omerogen, *words, *sizes)["sum_mb"] == 24576
    assert "warning" not in omerogen("jvm", *words, *sizes).err
    assert "warning" in omerogen("jvm", *sizes).err
