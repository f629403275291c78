"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import omerogen as package
from consumers.programs import find

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = [
    (block.splitlines()[0].removeprefix("$ omerogen "), block.partition("\n")[2])
    for block in re.findall(r"```console\n(\$ omerogen .*?)```", README, re.DOTALL)
]


def shown(output: str) -> str:
    """A regular expression for an output in which ``…`` on a line stands for any lines."""
    lines = [".*?" if line == "…" else re.escape(line) + "\n" for line in output.splitlines()]
    return "".join(lines)


@pytest.mark.parametrize(
    ("command", "output"),
    [
        pytest.param(
            *example, id=example[0].split()[0], marks=[pytest.mark.slow] * ("consumers" in example[0])
        )
        for example in EXAMPLES
    ],
)
def test_commands_print_what_the_readme_shows(command, output, omerogen, monkeypatch, tmp_path):
    """Each ``$ omerogen …`` of the README, run as it stands; standard error stands before standard output."""
    if "--with-consumers" in command:
        for program in ("nginx", "javac", "icegridregistry", "glacier2router"):
            find(program)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    result = omerogen(*shlex.split(command))
    assert "Traceback" not in result.err
    assert re.fullmatch(shown(output), result.err + result.out, re.DOTALL)


def test_the_first_two_commands_are_make_out_and_make_test():
    """What a newcomer types first."""
    assert re.findall(r"^\$ (make \w+)", README, re.MULTILINE)[:2] == ["make out", "make test"]


def test_the_python_example_runs(monkeypatch):
    """Each line gives what stands behind it."""
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    names = {"omerogen": package}
    for line in example.splitlines():
        code, _, expected = line.partition("  # ")
        if not expected:
            exec(code, names)  # noqa: S102 - the README's own code
        elif "…" not in expected:
            assert repr(eval(code, names)) == expected  # noqa: S307 - the README's own code
        else:
            start = expected.strip("'…")
            assert eval(code, names).startswith(start)  # noqa: S307 - the README's own code


def test_the_example_site_is_the_one_that_is_tested():
    """``make out`` builds what the golden files show."""
    assert (ROOT / "examples/site.config.xml").read_bytes() == (
        ROOT / "tests/data/site.config.xml"
    ).read_bytes()
