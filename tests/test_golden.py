"""Whole outputs of whole sites, looked at by eye when they change.

A case is a folder of ``golden/`` with a file ``arguments``, one a line, and what
``omerogen build`` made of them. ``make golden`` writes them anew.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder and its text."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def arguments(case: str) -> list[str]:
    """The command line of a case; paths in it are below ``tests/``."""
    return (GOLDEN / case / "arguments").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES)
def test_a_site_is_built_as_it_was_before(case, omerogen, tmp_path, monkeypatch, request):
    """``build`` writes exactly the golden files of a case, and says nothing of a problem."""
    monkeypatch.chdir(Path(__file__).parent)
    result = omerogen("build", "-o", tmp_path / "out", *arguments(case))
    assert result.status == 0, result.err
    expected = GOLDEN / case / "out"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        shutil.copytree(tmp_path / "out", expected, copy_function=shutil.copyfile)
    assert files(tmp_path / "out") == files(expected)


def test_there_are_cases_for_every_kind_of_site():
    """The cases that users asked for are there, so that none is lost by a rename."""
    needed = {
        "defaults",
        "site",
        "profile-default",
        "profile-staging",
        "small-machine",
        "prefix-tls",
        "unicode",
    }
    assert needed <= set(CASES)
