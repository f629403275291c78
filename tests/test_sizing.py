"""Whether all JVMs fit beside each other, and what would."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import omerogen
from omerogen.artifacts import rendering
from omerogen.model import OmerogenError

JVMCFG = "omero.jvmcfg."
SERVICES = ("blitz", "indexer", "pixeldata", "repository")


def site(system_memory: int = 16000, **overrides: str):
    """The fields of a site with that memory; ``append="x"`` is ``omero.jvmcfg.append``."""
    given_ = {JVMCFG + name.replace("__", "."): text for name, text in overrides.items()}
    return rendering.context(
        "jvm", omerogen.load(overrides={f"{JVMCFG}system_memory": str(system_memory), **given_}), {}
    )


def warning(system_memory: int, **overrides: str) -> str:
    """The warning for a site, or nothing."""
    return "".join(map(str, site(system_memory, **overrides).warnings()))


def test_a_sizing_adds_up():
    """Heaps, all else, what is needed, what is left: 100 + 64 + 32 + 20 MiB besides each heap."""
    sizing = site(16000).sizing
    assert (sizing.heaps_mib, sizing.non_heap_mib, sizing.needed_mb, sizing.left_mb) == (
        6400,
        648,
        7390,
        8610,
    )
    assert sizing.fits


@pytest.mark.parametrize(
    ("append", "region", "mib", "source"),
    [
        ("", "metaspace", 100, "estimate for the classes of OMERO and its libraries"),
        ("-XX:MaxMetaspaceSize=256m", "metaspace", 256, "-XX:MaxMetaspaceSize"),
        ("-XX:ReservedCodeCacheSize=48m", "code cache", 48, "-XX:ReservedCodeCacheSize"),
        ("-XX:MaxDirectMemorySize=1g", "direct memory", 1024, "-XX:MaxDirectMemorySize"),
        ("-Xss2m", "thread stacks", 40, "80 threads, from omero.threads.max_threads; a quarter of 2048 KiB"),
        ("-Xss512k", "thread stacks", 10, "80 threads, from omero.threads.max_threads; a quarter of 512 KiB"),
        ("-XX:MaxMetaspaceSize=1g -XX:MaxMetaspaceSize=2g", "metaspace", 2048, "-XX:MaxMetaspaceSize"),
        (
            "-XX:MaxMetaspaceSize=lots",
            "metaspace",
            100,
            "estimate for the classes of OMERO and its libraries",
        ),
    ],
)
def test_regions_outside_the_heap_say_what_they_are_taken_from(append, region, mib, source):
    """From the flag that bounds them, the last one, or from an estimate."""
    regions = {found.name: found for found in site(append=append).sizing.non_heap["blitz"]}
    assert (regions[region].mib, regions[region].source) == (mib, source)


@pytest.mark.parametrize(
    ("overrides", "heap"),
    [
        ({"heap_size__blitz": "4g"}, 4096),
        ({"append__blitz": "-Xmx3g"}, 3072),
        ({"append__blitz": "-Xmx3g -XX:MaxHeapSize=1g"}, 1024),
        ({"heap_size__blitz": "-XX:MaxRAMPercentage=50"}, 7629),
        ({"append__blitz": "-XX:MaxRAMPercentage=25"}, 2400),
        ({"append__blitz": "-XX:MaxRAMPercentage=inf"}, 2400),
        ({"heap_size__blitz": "-XX:MaxRAMPercentage=50", "append__blitz": "-XX:MaxRAMPercentage=10"}, 1525),
    ],
)
def test_the_heap_that_counts_is_the_one_java_takes(overrides, heap):
    """The last size, also one after OMERO's; a percentage only where there is not a size."""
    assert site(**overrides).sizing.jvms[0].heap_mib == heap


@pytest.mark.parametrize(
    ("system_memory", "warned"), [(1000, True), (2000, True), (2110, True), (2111, False), (16000, False)]
)
def test_small_machines_are_warned_of(system_memory, warned):
    """OMERO's floor gives three JVMs heaps of 1365 MiB; the warning has all numbers."""
    said = warning(system_memory)
    assert bool(said) is warned
    if warned:
        assert "the heaps take 1365 MiB and the JVMs about 648 MiB besides, 2111 MB in all" in said
        assert f"there are {system_memory} MB" in said


@pytest.mark.parametrize(
    ("system_memory", "overrides", "advice"),
    [
        (2100, {}, "set omero.jvmcfg.min_system_memory=2100"),
        (
            4000,
            {"percent": "40"},
            "set omero.jvmcfg.heap_size.blitz=1055m omero.jvmcfg.heap_size.indexer=1055m",
        ),
        (16000, {"heap_size__blitz": "20g"}, "set omero.jvmcfg.heap_size.blitz="),
        (4000, {"heap_size__blitz": "3g", "heap_size__indexer": "64m"}, "set omero.jvmcfg.heap_size.blitz="),
        (16000, {"append": "-Xmx20g"}, "take the heap out of omero.jvmcfg.append"),
        (500, {}, "add memory"),
    ],
)
def test_settings_that_would_fit_are_advised(system_memory, overrides, advice):
    """First a lower floor, then smaller heaps; where neither helps, memory."""
    assert advice in warning(system_memory, **overrides)


@given(
    st.integers(500, 100_000),
    st.fixed_dictionaries(
        {}, optional={f"percent__{service}": st.integers(1, 100).map(str) for service in SERVICES}
    ),
    st.sampled_from(["", "-Xss4m", "-XX:MaxMetaspaceSize=512m"]),
)
def test_whatever_is_advised_fits(system_memory, percents, append):
    """Advice is tried by the code that sizes; set as it is written, the warning is gone."""
    try:
        said = warning(system_memory, append=append, **percents)
    except OmerogenError:
        assume(False)
    _, found, advice = said.rpartition("(set ")
    if found:
        advised = dict(item.split("=") for item in advice.removesuffix(")").split())
        short = {name.removeprefix(JVMCFG).replace(".", "__"): text for name, text in advised.items()}
        assert warning(system_memory, **{"append": append, **percents, **short}) == ""


@given(st.integers(500, 1_000_000), st.integers(1, 100))
def test_no_heap_is_over_the_memory_without_the_warning(system_memory, percent):
    """Whatever the percentage: more heap than memory never passes silently."""
    fields = site(system_memory, percent=str(percent))
    if fields.sizing.heaps_mib * 1.048576 > system_memory:
        assert fields.warnings()


def test_a_service_with_less_memory_does_not_make_the_machine_smaller():
    """``system_memory.SERVICE`` sizes that service; what all fit into is the memory of the machine."""
    sizing = site(16000, system_memory__indexer="2000").sizing
    assert (sizing.total.total_mb, sizing.jvms[1].heap_mib, sizing.fits) == (16000, 341, True)


@pytest.mark.parametrize("append", ["-Xms20g", "-XX:InitialHeapSize=20g"])
def test_a_first_heap_above_the_heap_is_refused(append):
    """java refuses it."""
    with pytest.raises(
        OmerogenError, match="omero.jvmcfg.append sets a first heap above the 2400 MiB of blitz"
    ):
        site(append=append)
    assert site(append=f"{append} -Xmx20g").sizing


def test_a_bound_that_makes_a_heap_too_large_is_blamed():
    """Not the percentage, which nobody set."""
    with pytest.raises(OmerogenError) as caught:
        site(min_system_memory="9223372036854775807").jvms  # noqa: B018 - asking for it is the test
    assert {problem.properties for problem in caught.value.problems} == {("omero.jvmcfg.min_system_memory",)}


def test_a_guess_is_reported(omerogen, tmp_path):
    """A machine that tells nothing is warned of, also a mistyped ``--host-root``."""
    result = omerogen("jvm", "--host-root", tmp_path / "nowhere")
    assert "memory could not be detected; assuming OMERO's default of 4000 MB" in result.err
    assert omerogen("jvm", "--host-root", "").status == 2


def test_every_command_that_renders_flags_warns(omerogen, tmp_path):
    """jvm and build; an error with ``--strict``, a finding of ``check``."""
    small = ("--set", f"{JVMCFG}system_memory=1000")
    for command in (("jvm",), ("jvm", "--service", "blitz"), ("build", "-o", tmp_path)):
        warned = omerogen(*command, *small)
        assert warned.status == 0
        assert "the heaps take 1365 MiB" in warned.err
        refused = omerogen(*command, *small, "--strict")
        assert (refused.status, refused.out) == (2, "")
    found = omerogen("check", *small)
    assert found.status == 1
    assert "[memory-over-committed]" in found.out
