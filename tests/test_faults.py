"""Nothing around the values ends in an internal error, or loses an exit status or an output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from omerogen.cli.registry import COMMANDS

pytestmark = pytest.mark.slow

MEMORY = "--set omero.jvmcfg.system_memory=16000"
OMEROGEN = f"{sys.executable} -m omerogen"


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash in which ``omerogen`` is this one."""
    script = f'omerogen() {{ {OMEROGEN} "$@"; }}\n{line}'
    environment = {**os.environ, **variables}
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=folder, env=environment, capture_output=True, check=False, timeout=60
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert "internal error" not in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    return done


PRINTING = [
    "--help",
    "--version",
    "jvm --help",
    *(f"{name} {MEMORY}" for name in ("jvm", "nginx", "icegrid", "django", "jdbc", "glacier2")),
    "check --set omero.db.port=x",
    "check --set omero.db.port=x --format json",
    "explain omero.db.host",
    "properties",
    f"build --check --diff -o out {MEMORY} --set omero.web.prefix=/x",
    "completion bash",
    "init --schema",
    "",
]


@pytest.mark.parametrize("output", [">&-", ">/dev/full"])
@pytest.mark.parametrize("command", PRINTING)
def test_output_that_is_lost_is_an_error(command, output, tmp_path):
    """With a message and exit status 2, whatever the command is."""
    shell(f"omerogen build -o out {MEMORY}", tmp_path)
    done = shell(f"omerogen {command} {output}", tmp_path)
    assert done.returncode == 2
    assert b"standard output: cannot be written: " in done.stderr


def test_files_that_are_written_are_not_said_to_be_none(tmp_path):
    """Status 2 is that nothing was written: of a build whose result cannot be printed that is not true."""
    command = f"omerogen build {MEMORY} --only jvm --format json -o out"
    assert shell(f"{command} --check >/dev/full", tmp_path).returncode == 2
    assert shell(f"{command} >/dev/full", tmp_path).returncode == 1
    assert (tmp_path / "out/jvm/flags.txt").exists()


@pytest.mark.parametrize("errors", ["2>&-", "2>/dev/full", "<&-", "<&- 2>&-"])
@pytest.mark.parametrize("command", PRINTING)
def test_messages_that_are_lost_change_no_status(command, errors, tmp_path):
    """Nor the output."""
    usual = shell(f"omerogen {command}", tmp_path)
    done = shell(f"omerogen {command} {errors}", tmp_path)
    assert (done.returncode, done.stdout) == (usual.returncode, usual.stdout)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("check --set omero.db.port=x", 1),
        ("check", 0),
        ("properties", 0),
        ("--help", 0),
        ("nginx --http x", 2),
    ],
)
def test_a_reader_that_goes_away_changes_no_status(command, status, tmp_path):
    """As in ``omerogen check | head -1``."""
    done = shell(f"(sleep 0.1; omerogen {command}; echo status $? >&2) | true", tmp_path)
    assert f"status {status}" in done.stderr.decode()


def test_hooks_run_with_closed_descriptors(tmp_path):
    """Their output goes nowhere, and into no file of ours."""
    build = f"omerogen build -o out --only jvm {MEMORY}"
    shell(f"{build} --reload 'echo said; echo said >&2; touch ran' <&- >&- 2>&-", tmp_path)
    assert (tmp_path / "ran").exists()
    assert not any(b"said" in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    failed = shell(f"{build} --set omero.jvmcfg.percent.blitz=20 --reload 'exit 3' 2>&-", tmp_path)
    assert failed.returncode == 1


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"LC_ALL": "C.UTF-8"},
        {"LC_ALL": "en_US.ISO-8859-1", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=str,
)
def test_output_and_messages_are_utf8_in_any_locale(variables, tmp_path):
    """Values, names of files, and the form of an error."""
    shown = shell("omerogen explain omero.x --set omero.x=é", tmp_path, **variables)
    assert "omero.x = é".encode() in shown.stdout
    (tmp_path / "é.omero").write_text("config set omero.db.port x\n")
    wrong = shell("omerogen jdbc -c é.omero", tmp_path, **variables)
    assert "é.omero:1: omero.db.port 'x' is not a whole number".encode() in wrong.stderr
    built = shell(f"omerogen build -o é --only jvm {MEMORY}", tmp_path, **variables)
    assert "é/jvm/flags.txt".encode() in built.stderr


ODD = [
    "\\xff",
    "a\\tb",
    "a\\nb",
    "\\xc2\\xa0",
    "\\xf0\\x9f\\x98\\x80",
    "-",
    "--",
    "",
    "a\\x01b",
    "$(x)",
    "%s",
    "*",
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_of_files_and_folders(name, tmp_path):
    """Not UTF-8, with tabs and line breaks, empty: each command works, or refuses in a line."""
    for line in (
        f"omerogen jdbc -c $'{name}.omero'",
        f"omerogen build {MEMORY} -o $'out/{name}'",
        f"omerogen build {MEMORY} -o out2 --omerodir $'/x{name}'",
        f"omerogen check --omerodir $'/x{name}'",
        f"omerogen nginx --site $'{name}.toml'",
        f"omerogen jvm --host-root $'/{name}'",
        f"omerogen init -o $'{name}.toml'",
        f"omerogen rewrite --templates $'{name}' -o out3",
        f"omerogen explain $'omero.{name}'",
        f"omerogen jdbc --profile $'{name}'",
        f"omerogen nginx --set $'{name}' --set $'a{name}=b'",
        f"omerogen properties $'{name}'",
    ):
        assert_ends_well(line, tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_odd_words(command, tmp_path):
    """The same as an argument of any command."""
    for name in ("\\xff", "a\\nb", "--", ""):
        assert_ends_well(f"omerogen {command} $'{name}'", tmp_path)


def assert_ends_well(line, folder):
    """A command ends with one of our statuses, and not too many messages."""
    done = shell(line, folder)
    assert done.returncode in (0, 1, 2), line
    assert len(done.stderr.decode(errors="replace").splitlines()) <= 40, done.stderr


SCALARS = [
    *(".inf", "-.inf", ".nan", "!!set {a, b}", "!!omap [a: 1]", "!!timestamp x", "!!timestamp 2026-99-99"),
    *("!!int abc", "!!int ''", "!!int '1:99'", "!!int _", "!!float x", "!!float .", "!!binary '#'", "-", "~"),
    *(
        "!!binary aGk=",
        "!!bool maybe",
        "!!python/object:os.system x",
        "!foo bar",
        "1e99999",
        "190:20:30",
        "=",
    ),
    *("190:20:30.5", "0b12", "0o17", "017", "0x1F", '"\\ud800"', "*x", "&x", "!!null x", "!!str [a]", "? x"),
    *("!!map [a]", "!!merge <<", "!!value =", "2026-01-01", "2026-01-01 10:00:00", "1_000", "9" * 5000),
    *("!!pairs [a: 1]", "{? a}", "[[[]]]", "<<: x"),
]


@pytest.mark.parametrize("scalar", SCALARS)
def test_odd_scalars_are_texts_or_refused(scalar, omerogen, tmp_path):
    """With their line, as a value and as a name."""
    path = tmp_path / "a.yaml"
    for text in (f"omero.a: b\nomero.x: {scalar}\n", f"omero.a: b\n{scalar}: x\n"):
        path.write_text(text)
        result = omerogen("explain", "omero.a", "-c", path)
        assert "internal error" not in result.err
        assert result.status in (0, 2)
        if result.status:
            assert f"{path}" in result.err


@pytest.mark.parametrize("value", ["\u00a05", "5\u2003", "+5", " 5 ", "05", "\u20095\u00a0"])
def test_a_whole_number_is_handed_on_in_its_plain_form(value, omerogen):
    """To Java, which reads it more strictly than we do, and to all others."""
    assert (
        'name="omero.threads.max_threads" value="5"'
        in omerogen("icegrid", "--set", f"omero.threads.max_threads={value}", *MEMORY.split()).out
    )
    assert "//localhost:5/" in omerogen("jdbc", "--set", f"omero.db.port={value}").out
    assert "PAGE = 5 " in omerogen("django", "--set", f"omero.web.page_size={value}").out
