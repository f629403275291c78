"""systemd verifies the unit without a word but for programs that are not installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import strategies as st

import omerogen
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable
from support.programs import find, generated, run

pytestmark = pytest.mark.slow


SIGNS = st.sampled_from(list("%i$x{}\"\\'\\ ;#=~@-:!+"))
LETTERS = st.characters(codec="utf-8", categories=["L", "P", "S"])
TEXTS = st.text(st.one_of(SIGNS, LETTERS), min_size=1, max_size=12)


def complaints(folder: Path, pattern: str, lines: list[str]) -> list[str]:
    """What systemd repeats of the lines of a unit that it complains of."""
    path = folder / "tried.service"
    path.write_text("[Service]\nType=oneshot\n" + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    done = run([find("systemd-analyze"), "verify", path])
    return re.findall(pattern, done.stderr, re.MULTILINE)


def test_a_word_arrives_as_it_is(tmp_path: Path) -> None:
    """systemd repeats an assignment without a name, its quotes and specifiers resolved."""
    texts = [text.strip() or "x" for text in generated(TEXTS, 200)]
    lines = ["ExecStart=/x", *("Environment=" + escape.unit(f"=<{text}") for text in texts)]
    read = complaints(tmp_path, "Invalid environment assignment, ignoring: =<(.*)$", lines)
    assert read == texts


def test_a_program_arrives_as_it_is(tmp_path: Path) -> None:
    """systemd repeats the path of a program that is not there; a quote in it is refused first."""
    for text in generated(TEXTS, 40):
        path = f"/none/x{text}y"
        try:
            line = f"ExecStart={escape.unit(escape.UnitProgram(path))}"
        except Unwritable:
            assert set(text) & set("\"'\\")
            continue
        [read] = complaints(tmp_path, "Command (.*) is not executable", [line])
        assert read == re.sub("/+", "/", path).replace("/./", "/")


@pytest.mark.parametrize(
    ("options", "omerodir"),
    [
        ({}, None),
        ({"venv": "/srv/v env", "deployed_to": "/srv/g%n$x", "user": "www-data"}, "/srv/o %x"),
        ({"deployed_to": "/srv/ü"}, '/srv/$o "q"'),
    ],
)
def test_the_unit_is_taken(options: dict[str, str], omerodir: str | None, tmp_path: Path) -> None:
    """With any path."""
    settings = omerogen.load(omerodir=omerodir)
    path = tmp_path / "omero-web.service"
    path.write_text(omerogen.render("systemd", settings, **options), encoding="utf-8")
    done = run([find("systemd-analyze"), "verify", path])
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "omero-web.service" in line]
    assert all("is not executable: No such file or directory" in line for line in lines), lines


def test_the_unit_leaves_little_to_an_intruder(tmp_path: Path) -> None:
    """By the measure of systemd itself, from 0 (nothing) to 10 (everything)."""
    path = tmp_path / "omero-web.service"
    path.write_text(omerogen.render("systemd", omerogen.load()), encoding="utf-8")
    done = run([find("systemd-analyze"), "security", "--offline=true", "--threshold=30", path])
    assert done.returncode == 0, done.stdout[-300:]


def test_the_consumer_says_what_is_not_here(omerogen):
    """And finds what systemd does not know."""
    result = omerogen("check", "--with-consumers", "systemd", "nginx")
    assert (
        "systemd: accepted (without what is not here: Command /opt/omero/web/venv3/bin/python" in result.err
    )
    assert "nginx: accepted" in result.err
