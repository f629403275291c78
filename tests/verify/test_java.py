"""JVMs start with the argument files, with the heap they say and the words they hold."""

from __future__ import annotations

import base64
import re
import shlex
from pathlib import Path

import pytest

import omerogen
from support.programs import accepted, run
from support.texts import distinct, tally, texts

pytestmark = pytest.mark.slow

SERVICES = ("blitz", "indexer", "pixeldata", "repository")
APPEND = "omero.jvmcfg.append"
HEAP_SIZE = "omero.jvmcfg.heap_size"
#: Collectors round a heap up to a whole number of their regions, which are 32 MiB at the most.
LARGEST_REGION = 32 * 2**20
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
HARD_WORDS = (
    *("", " ", "a b", " lead and trail ", "'single'", '"double"', "a'b\"c", "#", "a#b", "# x", "@file"),
    *("back\\slash", "\\", "\\\\", "end\\", "C:\\new\\table", "\\n", "\\u0041", "a\\ b", "\t", "a\tb", "\f"),
    *(
        "a\nb",
        "\r\n",
        "\n",
        "ünï ☃ 😀",
        "$HOME",
        "$$x",
        "%PATH%",
        "*",
        "~",
        "a=b",
        ",;|&<>()[]{}!`^",
    ),
    *("\u00a0", "\u2028", "\u3000x", "-", "--", "\x01\x1f", "\x0b", "x" * 5000),
)


def argfile(folder: Path, service: str, overrides: dict[str, str]) -> Path:
    """The argument file of one JVM."""
    settings = omerogen.load(overrides={"omero.jvmcfg.system_memory": "8000", **overrides})
    path = folder / f"{service}.args"
    path.write_text(omerogen.render("jvm", settings, service=service, format="argfile"), newline="")
    return path


def heap(java: str, path: Path) -> int:
    """The size of the heap that a JVM with this file has, in bytes."""
    answer = accepted([java, f"@{path}", "-XX:+PrintFlagsFinal", "-version"])
    found = re.search(r"\bMaxHeapSize\s*=\s*(\d+)", answer)
    assert found, answer
    return int(found[1])


def assert_heap(size: int, flag: str) -> None:
    """The heap is what the flag says, but for the collector's rounding up."""
    number, unit = re.fullmatch(
        r"-(?:Xmx|XX:MaxHeapSize=)(\d+)([kmgt]?)", flag.lower(), re.IGNORECASE
    ).groups()
    wanted = int(number) * UNITS[unit]
    assert wanted <= size < wanted + LARGEST_REGION


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("system_memory", ["1000", "4000", "16000", "48000"])
def test_jvm_has_the_computed_heap(java: str, tmp_path: Path, service: str, system_memory: str) -> None:
    """The heap of the JVM is the one computed for the machine's memory."""
    overrides = {"omero.jvmcfg.system_memory": system_memory}
    flag = omerogen.jvm_flags(omerogen.load(overrides=overrides))[service][0]
    assert_heap(heap(java, argfile(tmp_path, service, overrides)), flag)


@pytest.mark.parametrize(
    "size",
    [
        *("3", "3m", "3072k", "2500.7", "512m", "1G", "4g", "1T", "32t", "1048576K", " 7m "),
        *("-Xmx777m", "-Xmx1g", "-Xmx4194304", "-Xmx4194305", "-XX:MaxHeapSize=64m", "007m"),
    ],
)
def test_jvm_takes_the_heap_sizes_that_omerogen_takes(java: str, tmp_path: Path, size: str) -> None:
    """Heap sizes at the bounds of what is legal start a JVM with that heap."""
    overrides = {HEAP_SIZE: size}
    flag = omerogen.jvm_flags(omerogen.load(overrides=overrides))["blitz"][0]
    assert_heap(heap(java, argfile(tmp_path, "blitz", overrides)), flag)


@pytest.mark.parametrize(
    "size",
    [
        *("0", "1", "2m", "0m", "-800m", "2GB", "0.5g", "512b", "1p", "1,5g", "5 g", "1e3", "m"),
        *("-Xmx", "-Xmx0", "-Xmx2GB", "-Xmx-1m", "-Xmx1024", "-Xmx999999t", "9223372036854775808k", "½g"),
    ],
)
def test_heap_that_java_refuses_is_refused_first(java: str, size: str) -> None:
    """Omerogen names the property where java would not start."""
    flag = size if size.startswith("-X") else f"-Xmx{size}m" if size.isdecimal() else f"-Xmx{size}"
    assert run([java, flag, "-version"]).returncode != 0
    with pytest.raises(omerogen.OmerogenError, match=HEAP_SIZE.replace(".", r"\.")):
        omerogen.jvm_flags(omerogen.load(overrides={HEAP_SIZE: size}))


@pytest.mark.parametrize("flag", ["-XX:MaxRAMPercentage=12.5", "-XX:MaxRAMPercentage=100"])
def test_other_flags_in_place_of_a_heap_start_a_jvm(java: str, tmp_path: Path, flag: str) -> None:
    """A heap size that is a flag of another kind starts a JVM."""
    assert heap(java, argfile(tmp_path, "indexer", {HEAP_SIZE: flag}))


@pytest.mark.parametrize("mode", ["on", "cwd", "tmp"])
def test_heap_dump_flags_are_taken(java: str, tmp_path: Path, mode: str) -> None:
    """The JVM dumps its heap when it runs out of memory."""
    path = argfile(tmp_path, "pixeldata", {"omero.jvmcfg.heap_dump": mode})
    answer = accepted([java, f"@{path}", "-XX:+PrintFlagsFinal", "-version"])
    assert re.search(r"\bHeapDumpOnOutOfMemoryError\s*=\s*true", answer)


def system_properties(probe: list[str], path: Path) -> dict[str, str]:
    """The properties whose names begin with ``p.`` in a JVM with this file."""
    java, *rest = probe
    answer = accepted([java, f"@{path}", *rest, "system"])
    pairs = (pair.split(":") for pair in answer.split(" "))
    coded = ((base64.b64decode(name).decode(), base64.b64decode(value).decode()) for name, value in pairs)
    return {name: value for name, value in coded if name.startswith("p.")}


def assert_words_arrive(probe: list[str], folder: Path, values: list[str]) -> None:
    """``-Dp.N=VALUE`` for all values arrive in one JVM as they are."""
    wanted = {f"p.{place}": value for place, value in enumerate(values)}
    words = shlex.join(f"-D{name}={value}" for name, value in wanted.items())
    path = argfile(folder, "repository", {APPEND: words})
    found = system_properties(probe, path)
    changed = {value: found.get(name) for name, value in wanted.items() if found.get(name) != value}
    assert not changed
    assert len(found) == len(wanted)


def test_hard_words_arrive(probe: list[str], tmp_path: Path) -> None:
    """Quotes, spaces, line breaks, # and backslashes are the same in the JVM."""
    assert_words_arrive(probe, tmp_path, list(HARD_WORDS))


def test_generated_words_arrive(probe: list[str], tmp_path: Path) -> None:
    """Any text arrives unchanged in the JVM."""
    values = distinct(texts().filter(lambda text: "${" not in text))
    assert_words_arrive(probe, tmp_path, values)
    tally("Java argfile, java", len(values))
