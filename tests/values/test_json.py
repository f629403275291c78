"""Values written as JSON, and the shapes that they are checked by."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fuzz.formats import formatted
from omerogen.values import structures as kinds
from omerogen.values.base import Invalid
from omerogen.values.json import (
    ANYTHING,
    DOTTED_NAME,
    TEXT,
    Either,
    ListOf,
    Number,
    Object,
    Row,
    Text,
    dumps,
    loads,
)

#: Good and bad values of each kind; the good ones include all examples of OMERO's glossary.
TABLE = Path(__file__).parents[1] / "data" / "json-values.tsv"
FIVE = [f"[{place}] is not a text" for place in range(5)]
KINDS = (
    "TEXTS APPS ADMINS SERVER_LIST MIDDLEWARE OPEN_WITH TOP_LINKS PLUGINS METADATA_PANES STATIC_DIRS"
    " PROXY_HEADER CACHES DATABASES TEXT_BY_NAME LOGIN_REDIRECT ADDITIONAL_SETTINGS"
).split()
NOT_JSON = [
    "",
    "x",
    "[",
    "['a']",
    "[1,]",
    "{a: 1}",
    "[NaN]",
    "[Infinity]",
    "[-Infinity]",
    "nul",
    "[] []",
    "// x",
    "[" * 10**5,
]


def rows(verdict):
    """Each kind with each of its texts that are good, or bad."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = [(row["kind"], row["text"]) for row in table if row["verdict"] == verdict]
    return [pytest.param(getattr(kinds, name), text, id=f"{name}-{text[:40]}") for name, text in found]


@pytest.mark.parametrize(("kind", "text"), rows("good"))
def test_good_values(kind, text):
    """The value is what JSON makes of the text, survives the round trip, and fits the schema either way."""
    value = kind.parse(text)
    assert value == json.loads(text)
    assert kind.parse(formatted(kind, value)) == value
    validator = Draft202012Validator(kind.schema())
    assert validator.is_valid(value)
    assert validator.is_valid(text)


@pytest.mark.parametrize(("kind", "text"), rows("bad"))
def test_bad_values(kind, text):
    """Legal JSON of another shape is refused, and the place is named; the schema refuses it as well."""
    with pytest.raises(Invalid, match="is invalid: |has the wrong JSON type"):
        kind.parse(text)
    value = json.loads(text)
    if not isinstance(value, str) and "1e999" not in text and "\\n" not in text:
        assert not Draft202012Validator(kind.schema()).is_valid(value)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_not_json(name):
    """Single quotes, commas at the end, NaN and a hundred thousand brackets are refused alike."""
    for text in NOT_JSON:
        with pytest.raises(Invalid, match="is not JSON"):
            getattr(kinds, name).parse(text)


@pytest.mark.parametrize("text", ['["X", 1e999]', '[["X", 1e999]]'])
def test_one_additional_setting_is_checked_as_in_a_list(text):
    """A number that Python reads as infinite is refused with its place, as in every JSON value."""
    with pytest.raises(Invalid) as caught:
        kinds.ADDITIONAL_SETTINGS.parse(text)
    assert caught.value.problem == "is invalid: [0][1] is not a finite number"


def test_one_additional_setting_needs_no_list():
    """OMERO's own example is a pair without the list around it."""
    assert kinds.ADDITIONAL_SETTINGS.parse('["CUSTOM_KEY", "CUSTOM_VALUE"]') == [
        ["CUSTOM_KEY", "CUSTOM_VALUE"]
    ]
    assert Draft202012Validator(kinds.ADDITIONAL_SETTINGS.schema()).is_valid(["CUSTOM_KEY", "CUSTOM_VALUE"])


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (kinds.TEXTS, "{}", "has the wrong JSON type"),
        (kinds.TEXTS, '["a", 1]', "is invalid: [1] is not a text"),
        (
            kinds.MIDDLEWARE,
            '[{"index": 1, "class": 5}]',
            "is invalid: [0].class is not a dotted Python name",
        ),
        (kinds.MIDDLEWARE, '[{"index": 1, "class": "a"}, {"index": 2}]', 'is invalid: [1] has no "class"'),
        (
            kinds.MIDDLEWARE,
            '[{"index": "x", "class": 5}, {}]',
            "is invalid: [0].index is not a number; [0].class is not a dotted Python name;"
            ' [1] has no "index"; [1] has no "class"',
        ),
        (
            kinds.CACHES,
            '{"a": {}, "b c": {}, "d": {"BACKEND": 1}}',
            'is invalid: .a has no "BACKEND"; .… has no "BACKEND"; .d.BACKEND is not a dotted Python name',
        ),
        (
            kinds.CACHES,
            '{"default": {"BACKEND": "a", "x": [1, 1e999]}}',
            "is invalid: .default.x[1] is not a finite number",
        ),
        (kinds.LOGIN_REDIRECT, '{"redirect": ["a", 1]}', "is invalid: .redirect[1] is not a text"),
        (kinds.TEXTS, json.dumps([1] * 8), f"{'is invalid: ' + '; '.join(FIVE)}; and 3 more"),
    ],
)
def test_complaints_say_where_and_what(kind, text, said):
    """All that is wrong with a value in one line, bounded, which does not repeat what stands there."""
    assert not kind.showable
    with pytest.raises(Invalid) as caught:
        kind.parse(text)
    assert caught.value.problem == said


simple = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
anything = st.recursive(
    simple, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(anything)
def test_all_json_values_survive_the_round_trip(value):
    """What JSON can hold fits the shape of anything, and is read back as it was written."""
    assert list(ANYTHING.complaints(value)) == []
    assert loads(dumps(value)) == value


SHAPES = [
    TEXT,
    Text("letters", "[a-z]+"),
    DOTTED_NAME,
    Number("a number"),
    Number("a fraction", low=0, high=1),
    ListOf(TEXT),
    Row(TEXT, Number("a number"), optional=1, doc="a row"),
    Row(doc="an empty row"),
    Object("a mapping", {"a": TEXT}, {"b": Number("a number")}, others=TEXT),
    Either(TEXT, ListOf(TEXT)),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.doc)
@given(value=anything | st.dictionaries(st.sampled_from("abc"), simple) | st.lists(simple, max_size=3))
def test_shapes_and_their_schemas_agree(shape, value):
    """What a shape has no complaint about is what its JSON Schema takes."""
    assume(
        "\\n" not in json.dumps(value)
    )  # Python's $ also matches before a line break, that of JSON Schema does not
    takes = Draft202012Validator(shape.form()).is_valid(value)
    assert takes == (not any(shape.complaints(value)))


@pytest.mark.parametrize("levels", [65, 500, 100_000])
def test_nesting_has_bounds(levels):
    """Python's own parser would refuse the settings module."""
    with pytest.raises(Invalid):
        loads("[" * levels + "]" * levels)
    assert loads("[" * 60 + "]" * 60)


def test_half_a_character_is_refused():
    """UTF-8 cannot hold a lone surrogate."""
    with pytest.raises(Invalid, match="surrogate"):
        loads('["\\ud800"]')
    assert loads('["\\ud83d\\ude00"]') == ["😀"]
