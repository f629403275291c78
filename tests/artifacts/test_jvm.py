"""JVM flags: OMERO's numbers, its nine settings, and nothing that java refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen.artifacts import rendering
from omerogen.derive.host import Memory
from omerogen.derive.jvm import memory
from omerogen.model import OmerogenError

SERVICES = ("blitz", "indexer", "pixeldata", "repository")


def flags(**jvmcfg: object) -> dict[str, list[str]]:
    """The flags of a site on a machine of 16 GB; ``percent__blitz=40`` is ``omero.jvmcfg.percent.blitz``."""
    given_ = {f"omero.jvmcfg.{name.replace('__', '.')}": str(value) for name, value in jvmcfg.items()}
    return omerogen.jvm_flags(omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000", **given_}))


@pytest.mark.parametrize(
    ("system_memory", "large", "small"),
    [(1000, 512, 341), (4000, 600, 400), (16000, 2400, 1600), (48000, 7200, 4800), (512000, 7200, 4800)],
)
def test_heaps_are_those_that_omero_computes(system_memory, large, small):
    """The known values: blitz and pixeldata get 15%, indexer and repository 10%, between two bounds."""
    assert flags(system_memory=system_memory) == {
        "blitz": [f"-Xmx{large}m"],
        "indexer": [f"-Xmx{small}m"],
        "pixeldata": [f"-Xmx{large}m"],
        "repository": [f"-Xmx{small}m"],
    }


def test_a_setting_of_a_service_wins_over_that_for_all():
    """``percent.blitz``, then ``percent``, then OMERO's default."""
    assert flags(percent=20, percent__blitz=40)["blitz"] == ["-Xmx6400m"]
    assert flags(percent=20, percent__blitz=40)["indexer"] == ["-Xmx3200m"]
    assert flags(percent__blitz=40)["indexer"] == ["-Xmx1600m"]
    assert flags(percent=20, percent__blitz="")["blitz"] == ["-Xmx3200m"]


def test_a_heap_size_wins_over_the_percent_strategy():
    """For the service or for all, but an empty one is none."""
    assert flags(heap_size__blitz="1G", percent__blitz=40)["blitz"] == ["-Xmx1G"]
    assert flags(heap_size="2500.7")["repository"] == ["-Xmx2500m"]
    assert flags(heap_size="")["blitz"] == ["-Xmx2400m"]


def test_the_manual_strategy_takes_sizes():
    """512m unless something else is set; a percentage is not looked at."""
    assert flags(strategy="manual", percent=90)["blitz"] == ["-Xmx512m"]
    assert flags(strategy="manual", heap_size="-Xmx3g")["blitz"] == ["-Xmx3g"]
    assert flags(strategy__blitz="manual")["blitz"] == ["-Xmx512m"]
    assert flags(strategy__blitz="manual")["indexer"] == ["-Xmx1600m"]


def test_memory_settings_bound_what_is_counted_with():
    """Floor, ceiling and the assumed memory, also per service."""
    assert flags(max_system_memory=10000)["blitz"] == ["-Xmx1500m"]
    assert flags(min_system_memory=20000)["blitz"] == ["-Xmx3000m"]
    assert flags(system_memory__blitz=8000)["blitz"] == ["-Xmx1200m"]
    assert flags(system_memory__blitz=8000)["indexer"] == ["-Xmx1600m"]


def test_flags_come_in_omeros_order(monkeypatch):
    """Heap, heap dump, the dump's folder, then the words of append."""
    monkeypatch.setattr("tempfile.tempdir", "/var/tmp")  # noqa: S108 - the name alone
    assert flags(heap_dump="tmp", append="-XX:+UseG1GC '-Dx=a b'", perm_gen="1g")["blitz"] == [
        "-Xmx2400m",
        "-XX:+HeapDumpOnOutOfMemoryError",
        "-XX:HeapDumpPath=/var/tmp",
        "-XX:+UseG1GC",
        "-Dx=a b",
    ]


@pytest.mark.parametrize(("mode", "dumps"), [("off", False), ("", False), ("on", True), ("cwd", True)])
def test_heap_dumps_are_switched(mode, dumps):
    """On and cwd dump where the JVM runs; off and nothing do not dump."""
    assert ("-XX:+HeapDumpOnOutOfMemoryError" in flags(heap_dump=mode)["blitz"]) is dumps


def test_an_empty_append_of_a_service_takes_back_that_for_all():
    """``append`` may be empty: that is a value."""
    assert flags(append="-Da=b", append__blitz="")["blitz"] == ["-Xmx2400m"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("percent", 0),
        ("heap_size", "0"),
        ("heap_size", "-800"),
        ("heap_size", "2GB"),
        ("heap_size", "0.5g"),
        ("heap_size", "512b"),
        ("heap_size", "-Xmx0m"),
        ("heap_size", "-Xbogus"),
        ("heap_size", "2m"),
        ("heap_size", "64t"),
        ("append", "-Dx=1 Main"),
        ("append", "'open"),
        ("percent", 101),
        ("system_memory", "16G"),
    ],
)
def test_what_java_refuses_is_refused_first(setting, value):
    """The message names the property that is wrong."""
    with pytest.raises(OmerogenError, match=rf"omero\.jvmcfg\.{setting}"):
        flags(**{setting: value})


def test_all_services_that_get_no_heap_are_named():
    """One run tells all."""
    with pytest.raises(OmerogenError) as caught:
        flags(percent__blitz=0, percent__indexer=0)
    assert len(caught.value.problems) == 2


@given(st.integers(0, 100), st.integers(0, 1_000_000), st.integers(0, 100_000), st.integers(3414, 1_000_000))
def test_a_percentage_is_taken_of_the_bounded_memory(percent, system, low, high):
    """The heap is the truncated percentage, or the run is refused; never anything else."""
    active = max(min(system, high), low)
    wanted = int(active * percent / 100)
    try:
        heap = flags(percent=percent, system_memory=system, min_system_memory=low, max_system_memory=high)[
            "blitz"
        ][0]
    except OmerogenError:
        assert wanted < 3
    else:
        assert heap == f"-Xmx{wanted}m"


def test_only_an_unknown_memory_is_looked_up():
    """The machine is asked when the settings do not tell."""
    asked = []

    def look() -> Memory:
        asked.append(True)
        return Memory(8000, "RAM")

    told = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000"})
    assert memory.size(told, look, "blitz").heap == "-Xmx2400m"
    assert not asked
    assert memory.size(omerogen.load(), look, "blitz").heap == "-Xmx1200m"
    assert memory.size(omerogen.load(), look, "blitz").total == Memory(8000, "RAM")


@pytest.mark.parametrize(
    ("flags", "warned"),
    [("-Da=b", False), ("-Djavax.net.ssl.keyStorePassword=x", True), ("-Da=${omero.db.pass}", True)],
)
def test_a_secret_on_a_command_line_is_reported(flags, warned):
    """Java reads a file as well, which nobody else can."""
    overrides = {"omero.jvmcfg.append": flags, "omero.db.pass": "x", "omero.jvmcfg.system_memory": "16000"}
    settings = omerogen.load(overrides=overrides)
    rules = [problem.rule for problem in rendering.render("jvm", settings, {}).warnings]
    assert rules == ["secret-on-command-line"] * warned
    argfile = {"format": "argfile", "service": "blitz"}
    assert rendering.render("jvm", settings, argfile).warnings == ()
