"""Time and memory grow with the input, and no faster: the worst inputs at two sizes."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import re
import time
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from omerogen import catalog, sources
from omerogen.deploy import dirfd, lock
from omerogen.model import OmerogenError
from omerogen.secrets import patterns, shapes
from omerogen.settings.loading import load
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable
from omerogen.values import shell
from omerogen.values.base import Invalid

SMALL = 8 * 1024
LARGE = 4 * SMALL
#: Four times as much takes about four times as long, and sixteen times where it is quadratic.
TOO_MUCH = 12
#: Seconds; less is noise.
NOISE = 0.03
#: Texts that, repeated, made one expression or another go over them again and again.
UNITS = (
    *(
        "$",
        "${",
        "$${",
        "${a}",
        "{",
        "[",
        "(",
        "(a=",
        "(&",
        '"',
        "'",
        "\\",
        "\\=",
        " ",
        "\t",
        "\n",
        "a ",
        "a=",
    ),
    *(
        "=",
        "&",
        "#",
        "://",
        "http://",
        "//",
        "/",
        "@",
        "a:b@",
        "a:b@$",
        ":",
        "-D",
        "'-Dx",
        "a.",
        "a,",
        "cn=a,",
    ),
    *("(cn=*)", "a|", "^", "?", "pass", "password ", "password=", "--password x ", "secret_", "key: ", "1"),
    *("authorization: ", "Bearer a ", "set $token ", "<property name=", "é", "%4", "true,", '["a",', '{"a":'),
    *("master:B ", "B-0,", ";", "{}", "a b;", "\\\n", "x+"),
)


def seconds(work: Callable[[], object]) -> float:
    """The least of two runs; errors for users are an answer as any other."""
    least = float("inf")
    for _ in range(2):
        re.purge()  # Python keeps expressions that it has compiled
        gc.disable()  # it goes over all that other tests have made
        start = time.process_time()
        with contextlib.suppress(Invalid, OmerogenError, Unwritable, ValueError):
            work()
        least = min(least, time.process_time() - start)
        gc.enable()
        if least < NOISE:
            break
    return least


def grows_too_fast(work: Callable[[str], object], small: str, large: str) -> str:
    """How much longer the larger one takes, if that is out of proportion, and again: machines are shared."""
    for _ in range(4):
        longer = seconds(partial(work, large))
        ratio = longer / max(seconds(partial(work, small)), NOISE / TOO_MUCH)
        if longer < NOISE or ratio < TOO_MUCH:
            return ""
    return f"{ratio:.0f} times as long"


def too_slow(work: Callable[[str], object], *around: str) -> dict[str, str]:
    """The units that take too long when they are repeated."""
    before, after = around or ("", "")
    found = {}
    for unit in UNITS:
        small, large = ((unit * (size // len(unit) + 1))[:size] for size in (SMALL, LARGE))
        if grown := grows_too_fast(work, before + small + after, before + large + after):
            found[unit] = grown
    return found


KINDS = {type(row.kind).__name__ + row.kind.name: row.kind for row in catalog.PROPERTIES.values()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_value_of_any_kind_is_parsed_in_one_go(kind):
    """Or refused."""
    assert too_slow(kind.parse) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "search",
    [patterns.cleared, patterns.cleared_line, patterns.cleared_flags, shapes.is_secret_name, shell.split],
)
def test_secrets_are_searched_for_in_one_go(search):
    """In texts, lines, flags and names."""
    assert too_slow(search) == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", escape.LANGUAGES)
def test_a_value_is_written_in_one_go(language):
    """In every language."""
    assert too_slow(escape.LANGUAGES[language]) == {}


@pytest.mark.slow
def test_references_are_replaced_in_one_go():
    """In a value of any property."""
    assert too_slow(lambda text: load(overrides={"omero.x": text}).text("omero.x")) == {}


AROUND = {
    ".xml": ("<icegrid><properties id='default'>", "</properties></icegrid>"),
    ".omero": ("config set a ", "\n"),
    ".properties": ("a=", "\n"),
    ".yaml": ("a: ", "\n"),
    ".json": ('{"a": "', '"}'),
}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", AROUND)
@pytest.mark.parametrize("is_value", [True, False], ids=["value", "file"])
def test_a_file_is_read_in_one_go(suffix, is_value, tmp_path):
    """Whatever is in it, as a value or as the file."""
    path = tmp_path / f"a{suffix}"

    def read(text: str) -> Any:
        path.write_text(text, encoding="utf-8")
        return sources.read(str(path), None, lambda _: None)

    assert too_slow(read, *(AROUND[suffix] if is_value else ())) == {}


def lines(number: int) -> dict[str, str]:
    """Files of many members, by the end of their name and what they are many of."""
    several = range(number)
    nodes = " ".join(f"n{i}:Blitz-{i}" for i in several)
    return {
        "a.properties": "a=\\\n" + "b\\\n" * number * 4,
        "b.properties": "".join(f"omero.a{i}=b\n" for i in several),
        "c.omero": f"config set omero.server.nodedescriptors 'master:Blitz-0 {nodes}'\n",
        "d.omero": "config set omero.server.nodedescriptors 'master:"
        + "Blitz-0," * number * 4
        + "Tables-0'\n",
        "e.yaml": "".join(f"omero.a{i}.blitz: x ${{omero.a{i + 1}}}\n" for i in several),
        "f.json": '{"omero.web.nginx_server_extra_config": [' + '"a b;",' * number * 4 + '"c;"]}',
    }


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "icegrid", "nginx", "rewrite"])
@pytest.mark.parametrize("name", lines(1))
def test_a_command_takes_its_time_by_the_size_of_the_site(name, command, omerogen, tmp_path):
    """Many properties, nodes, services, lines."""
    path = tmp_path / name
    templates = Path(__file__).parent.parent / "examples/OMERO.server/etc/templates"
    more = ("--templates", templates, "-o", tmp_path / "out") if command == "rewrite" else ()

    def run(size: str) -> None:
        path.write_text(lines(int(size))[name])
        omerogen(command, "-c", path, "--set", "omero.jvmcfg.system_memory=16000", *more)

    assert grows_too_fast(run, "1000", "4000") == ""


@pytest.fixture
def locked(tmp_path) -> Iterator[Path]:
    """A folder that another process has locked."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield tmp_path
    os.close(descriptor)


def test_a_lock_that_is_not_given_back_ends_in_a_message(locked, omerogen, monkeypatch):
    """After some seconds, and nothing is written."""
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.1)
    result = omerogen("build", "--only", "jvm", "-o", locked, "--set", "omero.jvmcfg.system_memory=16000")
    assert result.status == 2
    assert f"{locked}: is locked by another build, for more than 0.1 s (wait for it, or end it)" in result.err
    assert list(locked.iterdir()) == []


def test_a_small_file_takes_little_memory(tmp_path):
    """Not as much as the largest that would be read."""
    (tmp_path / "a").write_text("x")
    tracemalloc.start()
    try:
        assert dirfd.look(str(tmp_path / "a"), most=2**26)[0] == b"x"
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
