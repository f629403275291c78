"""The files of the tests, the facts that the catalog is compared with, and what a command did."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from omerogen import artifacts

DATA = Path(__file__).parent.parent / "data"
SITE = DATA / "site.config.xml"
FACTS = DATA / "properties.tsv"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def facts() -> list[dict[str, str]]:
    """The facts about OMERO that the catalog is compared with, a mapping for each property."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def words_of(artifact: str, options: Mapping[str, str]) -> tuple[str, ...]:
    """The words that print an artifact with these options."""
    known = {option.name: option for option in artifacts.get(artifact).options}
    words = (
        (known[name].flag, *(text.split() if known[name].many else () if known[name].is_switch else [text]))
        for name, text in options.items()
    )
    return (artifact, *chain.from_iterable(words))


class Result(NamedTuple):
    """What a command did: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """Messages to the user, without the one that no file was given."""
        return [line for line in self.err.splitlines() if not line.startswith("omerogen: no -c FILE")]
