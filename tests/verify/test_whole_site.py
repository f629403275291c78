"""A site whose every text is hostile: all artifacts are what they are for a tame one, but for the values."""

from __future__ import annotations

import ast
import json
import shlex
from collections.abc import Callable
from functools import cache
from typing import Any

import javaproperties
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import omerogen
from fuzz.targets import RENDERINGS
from omerogen import artifacts, catalog
from omerogen.model import Property
from omerogen.templating import escape
from omerogen.templating.environment import language
from omerogen.values.base import Invalid
from omerogen.values.icessl import IceText
from support.nginx_reader import nginx_structure
from support.texts import TALLY, tally, texts
from test_escape import argfile_words

pytestmark = pytest.mark.slow

EXAMPLES = 200
#: So many texts a site; a property has one of them, in the first of these forms that its kind takes.
TEXTS_OF_A_SITE = 8
FORMS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f"/x{text}",
    lambda text: json.dumps([f"# {text}", f'add_header X "{text}";']),
    lambda text: json.dumps([text]),
    lambda text: json.dumps([[text, text]]),
    lambda text: json.dumps([[text, text, text]]),
    lambda text: json.dumps([["X_Y", {text: [text]}]]),
    lambda text: json.dumps({text: text}),
    lambda text: json.dumps({"default": {"BACKEND": "a.B", "ENGINE": "a.B", "X": text}}),
    lambda text: shlex.join([f"-Dx={text}"]),
    lambda text: f"x={text}",
)


def elements(text: str) -> list[tuple[str, list[str]]]:
    """The tags of an XML document, with their attributes."""
    return [(str(one.tag), sorted(map(str, one.attrib))) for one in etree.fromstring(text.encode()).iter()]


#: What a reader of each language sees of a text, apart from the values in it.
STRUCTURES: dict[str, Callable[[str], Any]] = {
    ".args": lambda text: len(argfile_words(text)),
    ".cfg": lambda text: [line.partition("=")[0] for line in text.split("\n")],
    ".conf": nginx_structure,
    ".json": lambda text: (bool(json.loads(text)), text.count("\n")),
    ".properties": lambda text: len(list(javaproperties.parse(text))),
    ".py": lambda text: [type(node) for node in ast.parse(text).body],
    # A backslash at the end of a line would take the next one in.
    ".service": lambda text: [(line.partition("=")[0], line.endswith("\\")) for line in text.split("\n")],
    ".sh": lambda text: len(shlex.split(text)),
    ".url": lambda text: len(text.split()),
    ".xml": elements,
}


#: The rule of each language, but every value is printed as ``x``.
TAME = {**dict.fromkeys(escape.LANGUAGES, lambda value: "x"), ".json": lambda value: '"x"'}


def first_legal(row: Property[Any], text: str) -> str | None:
    """The text in the first form that this property takes."""
    plain = text if row.name.startswith("omero.web.") else text.replace("${", "$ {")
    for form in FORMS:
        try:
            row.kind.parse(form(plain))
        except Invalid:
            continue
        return form(plain)
    return None


@cache
def rows() -> list[Property[Any]]:
    """The properties that take texts at all, and mean no other property or artifact."""
    found = [row for row in catalog.PROPERTIES.values() if row.status != "deprecated"]
    others = ("omero.web.application_server", "omero.db.url")
    return [row for row in found if row.name not in others and first_legal(row, "a b") is not None]


def hostile(own: list[str], shift: int) -> dict[str, str]:
    """A text for every property that takes one."""
    legal = {row.name: first_legal(row, own[(place + shift) % len(own)]) for place, row in enumerate(rows())}
    return {name: text for name, text in legal.items() if text is not None}


def handed_over(overrides: dict[str, str]) -> dict[str, str]:
    """Those that IceGrid can hand to a service as they are; a module of Python is a name."""

    def is_whole(text: str) -> bool:
        try:
            IceText().parse(text)
        except Invalid:
            return False
        return True

    kept = {name: text for name, text in overrides.items() if is_whole(text)}
    return {**kept, "omero.tables.module": "runTables"}


@settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
@given(
    own=st.lists(texts(), min_size=TEXTS_OF_A_SITE, max_size=TEXTS_OF_A_SITE),
    shift=st.integers(0, TEXTS_OF_A_SITE - 1),
)
def test_a_hostile_site_has_the_structure_of_a_tame_one(own: list[str], shift: int) -> None:
    """As many directives, elements, statements and words as if every value were an x; or an error."""
    overrides = hostile(own, shift)
    try:
        site = omerogen.load(overrides=overrides)
        grid = omerogen.load(overrides=handed_over(overrides))
    except omerogen.OmerogenError:
        tally("whole sites: properties", 1, 1, most=False)
        return
    tally("whole sites: properties", 1)
    for name, options in RENDERINGS:
        artifact = artifacts.get(name)
        suffix = language(artifact.template(artifact.parse_options(options)))
        try:
            chosen = grid if name == "icegrid" else site
            text = omerogen.render(name, chosen, **options)
        except omerogen.OmerogenError as error:
            assert error.problems
            tally(f"whole sites: {name}", 1, 1, most=False)
            continue
        tally(f"whole sites: {name}", 1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(escape, "LANGUAGES", TAME)
            expected = omerogen.render(name, chosen, **options)
        structure = STRUCTURES[suffix]
        assert structure(text) == structure(expected), (name, options)


def test_most_hostile_sites_are_built() -> None:
    """What was shown above was not shown of errors alone."""
    for numbers in [numbers for target, numbers in TALLY.items() if target.startswith("whole sites")]:
        assert numbers["refused"] < numbers["tried"] / 2
