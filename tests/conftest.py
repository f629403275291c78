"""What all tests share: the command line in this process, and a profile for hypothesis."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from omerogen import artifacts, cli

DATA = Path(__file__).parent / "data"
SITE = DATA / "site.config.xml"
FACTS = DATA / "properties.tsv"
EXAMPLES = Path(__file__).parent.parent / "examples"

# Machines are shared: an example that is slow once is no failure. The same examples every time.
settings.register_profile("tests", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("tests")


def facts() -> list[dict[str, str]]:
    """The facts about OMERO that the catalog is compared with, a mapping for each property."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def words_of(artifact: str, options: Mapping[str, str]) -> tuple[str, ...]:
    """The words that print an artifact with these options."""
    known = {option.name: option for option in artifacts.get(artifact).options}
    words = (
        (known[name].flag, *(text.split() if known[name].many else [text])) for name, text in options.items()
    )
    return (artifact, *chain.from_iterable(words))


class Result(NamedTuple):
    """What a command did: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """What was said to the user, but the line that there is no file."""
        return [line for line in self.err.splitlines() if not line.startswith("omerogen: no -c FILE")]


@pytest.fixture
def omerogen(monkeypatch, capsysbinary):
    """Run ``omerogen ARGUMENTS`` in this process, with no OMERO in its environment."""
    for name in [name for name in os.environ if name.startswith("CONFIG_")] + ["OMERODIR", "OMERO_CONFIG"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")  # noqa: S108 - the name alone; nothing is put there

    def run(*arguments: object) -> Result:
        capsysbinary.readouterr()
        try:
            status = cli.main(list(map(str, arguments)))
        except SystemExit as end:  # argparse ends the process by itself
            status = int(end.code or 0)
        out, err = capsysbinary.readouterr()
        return Result(status, out.decode(), err.decode())

    return run


@pytest.fixture
def quick_path(tmp_path):
    """A folder in memory if there is one: it takes hundreds of calls of fsync in no time."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder in it has a name of its own
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def pytest_addoption(parser):
    """``--update-golden`` writes the golden files anew: look at the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
