"""Derives the release history of the catalog from the facts in ``tests/data``.

``releases.tsv`` has a line for each property and component, the history only what differs from the catalog:
which release added or removed a property, and the defaults that the catalog no longer has. It is small, so
that reading it costs little. `tools/generate.py` writes it. ``computed-defaults.tsv`` has the defaults that
``releases.tsv`` calls computed, as the packages of omero-web on PyPI compute them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from omerogen import catalog
from omerogen.catalog.history import EMPTY, NEW_DEFAULT, PRESENT, REMOVED, SAME, SERVER, WEB, WEB_PREFIX
from omerogen.model import Property
from omerogen.values.base import Invalid

_DATA = Path(__file__).parent.parent / "tests/data"
#: How the documentation and the packages write that a property has no default, or an empty one.
_NOTHING = frozenset(("", "None", "null", EMPTY))
#: Of a default that the code of OMERO.web computes.
_COMPUTED = "(computed)"
_COMMA = re.compile(r"\s*,\s*")

Fact = dict[str, str]


def facts(name: str) -> list[Fact]:
    """The rows of a file of facts, by the names of its columns."""
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def history() -> str:
    """The table ``history.tsv``: name, component, release, change, default."""
    lines = ["name\tcomponent\trelease\tchange\tdefault"]
    for name, rows in groupby(facts("releases.tsv"), lambda row: row["name"]):
        lines += ("\t".join(row) for row in _of_property(name, rows))
    return "".join(f"{line}\n" for line in lines)


def releases() -> str:
    """The table ``releases.tsv``: component, Django, releases from the oldest to the newest."""
    lines = ["component\tdjango\treleases"]
    rows = facts("component-releases.tsv")
    for (component, django), group in groupby(rows, lambda row: (row["component"], row["django"])):
        lines.append(f"{component}\t{django}\t{' '.join(row['release'] for row in group)}")
    return "".join(f"{line}\n" for line in lines)


def _of_property(name: str, rows: Iterable[Fact]) -> Iterator[tuple[str, ...]]:
    """The lines of a property: none, if all releases have it with the default of the catalog.

    Properties of the server are in OMERO.web's table too if it reads them: it does not decide about them.
    """
    found = [
        (name, row["component"], row["release"], row["change"], _default(name, row))
        for row in _with_computed(name, rows)
        if name.startswith(WEB_PREFIX) or row["component"] != WEB
    ]
    if any(
        change != PRESENT or (component in (SERVER, WEB) and default != SAME)
        for _, component, _, change, default in found
    ):
        yield from found


def _with_computed(name: str, rows: Iterable[Fact]) -> Iterator[Fact]:
    """The rows of a property, with the defaults that OMERO.web computes where they are known."""
    known = [fact for fact in facts("computed-defaults.tsv") if fact["name"] == name]
    for row in rows:
        if row["component"] != WEB or row["default"] != _COMPUTED or not known:
            yield row
            continue
        for place, fact in enumerate(known):
            change = NEW_DEFAULT if place else row["change"]
            yield {**row, "release": fact["release"], "change": change, "default": fact["default"]}


def _default(name: str, row: Fact) -> str:
    """The default as the history has it: `SAME` where it means the same as the catalog's."""
    text, known = row["default"], catalog.find(name)
    own = known.default if known else None
    if text == _COMPUTED or row["change"] == REMOVED:
        return SAME
    if known is None or text == own or (text in _NOTHING and not own):
        return SAME
    if text in _NOTHING:
        return EMPTY
    return SAME if own is not None and _mean_the_same(known, text, own) else text


def _mean_the_same(row: Property[Any], one: str, other: str) -> bool:
    """Whether two texts are the same value, or differ in the space after commas, which documentation adds."""
    if _COMMA.sub(",", one) == _COMMA.sub(",", other):
        return True
    try:
        return bool(row.kind.parse(one) == row.kind.parse(other))
    except Invalid:
        return False  # it refers to other properties
