"""Whole outputs of whole sites, looked at by eye when they change.

A case is a folder of ``golden/`` with a file ``arguments``, one a line, and what
``omerogen build`` made of them. ``make golden`` writes them anew.

Four cases show every file whole. The others have ``NAME.diff`` for each file that differs from
that of the defaults, with one line of context, and whole files only where the defaults have none.
So a case shows at once what is its own, and a new property does not change all of them.
"""

from __future__ import annotations

import json
import shutil
from difflib import unified_diff
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())
WHOLE = ("defaults", "site", "grid", "hostile")
MANIFEST = "manifest.json"


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


def lines(path: str, text: str) -> list[str]:
    """What is compared of a long file: its lines; of a manifest the properties, but no hashes."""
    if path != MANIFEST:
        return text.splitlines()
    entries = json.loads(text)["files"].items()
    return [
        f"{file} ({entry['artifact']}): {name}" for file, entry in entries for name in entry["properties"]
    ]


def difference(path: str, before: str, after: str) -> str:
    """The lines of a file that differ from those of the defaults; without numbers, which move."""
    changes = list(unified_diff(lines(path, before), lines(path, after), n=1, lineterm=""))
    return "".join("@@\n" if line.startswith("@@ ") else f"{line}\n" for line in changes[2:])


def kept(case: str, built: dict[str, str], defaults: dict[str, str]) -> dict[str, str]:
    """The files that a case keeps, given those of the defaults."""
    if case in WHOLE:
        return built
    own = {path: text for path, text in built.items() if path not in defaults}
    differences = {
        f"{path}.diff": difference(path, before, built.get(path, "")) for path, before in defaults.items()
    }
    return own | {path: text for path, text in differences.items() if text}


def write(folder: Path, texts: dict[str, str]) -> None:
    """Put these files into a folder, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_a_site_is_built_as_it_was_before(case, omerogen, tmp_path, monkeypatch, request):
    """``build`` writes exactly the golden files of a case, and says nothing of a problem."""
    monkeypatch.chdir(Path(__file__).parent)

    def built(site: str) -> dict[str, str]:
        result = omerogen("build", "-o", tmp_path / site, *arguments(site))
        assert result.status == 0, result.err
        here = f"{Path(__file__).parent}/"  # in manifest.json
        return {path: text.replace(here, "") for path, text in files(tmp_path / site).items()}

    found = kept(case, built(case), built("defaults"))
    expected = GOLDEN / case / "out"
    if request.config.getoption("--update-golden"):
        write(expected, found)
    assert found == files(expected)


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
