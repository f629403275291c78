"""Booleans, whole numbers, ports and the digits before them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.numbers import BOOL, INT, MEGABYTES, PERCENT, PORT, POSITIVE, PREFIX, Digits, Int

DIGITS = Digits()


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "tRuE", "1", "t", "T", " true ", "\ttrue\n"])
def test_true_has_three_spellings(text):
    """OMERO reads true, 1 and t, in any case and with spaces around, as true."""
    assert BOOL.parse(text) is True


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "0", "f", "F", " false", "f "])
def test_false_has_three_spellings(text):
    """The same goes for false, 0 and f."""
    assert BOOL.parse(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "2",
        "-1",
        "01",
        "0.0",
        "truee",
        "tru",
        "true,false",
        "None",
        "ｔ",
    ],
)
def test_other_words_are_not_booleans(text):
    """OMERO would take each of these silently for false."""
    with pytest.raises(Invalid, match="neither true nor false"):
        BOOL.parse(text)


@given(st.booleans())
def test_booleans_survive_the_round_trip(value):
    """A boolean is written as OMERO's texts write it, and read back."""
    assert formatted(BOOL, value) in ("true", "false")
    assert BOOL.parse(formatted(BOOL, value)) is value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("5000", 5000),
        ("-1", -1),
        ("+7", 7),
        (" 42 ", 42),
        ("007", 7),
        ("86400000", 86_400_000),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0" * 50 + "1", 1),
    ],
)
def test_whole_numbers(text, number):
    """Signs, zeros in front and spaces around are fine, up to what a Java long holds."""
    assert INT.parse(text) == number


NOT_WHOLE = [
    "",
    " ",
    "x",
    "1.5",
    "1e3",
    "0x10",
    "1_000",
    "1,000",
    "1 000",
    "--1",
    "+",
    "٣",
    "²",
    "1h",
    "NaN",
    "None",
]


@pytest.mark.parametrize("text", NOT_WHOLE)
def test_invalid_whole_number(text):
    """Fractions, exponents, separators, units and digits of other scripts are refused."""
    with pytest.raises(Invalid, match="not a whole number"):
        INT.parse(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "1" * 5000, "-" + "9" * 20])
def test_numbers_too_large_for_java_are_out_of_range(text):
    """Where OMERO's long ends, so do we, however many digits there are."""
    with pytest.raises(Invalid, match="out of range"):
        INT.parse(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_survive_the_round_trip(number):
    """Each number that a Java long holds is read back as it was written."""
    assert INT.parse(formatted(INT, number)) == number


@pytest.mark.parametrize(
    ("kind", "lowest", "highest"),
    [(PORT, 1, 65535), (PERCENT, 0, 100), (POSITIVE, 1, 2**63 - 1), (MEGABYTES, 0, 2**63 - 1)],
)
def test_bounds_belong_to_the_range(kind, lowest, highest):
    """Ports, percentages, counts and sizes include both of their bounds and nothing beyond."""
    assert kind.parse(str(lowest)) == lowest
    assert kind.parse(str(highest)) == highest
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises(Invalid, match="out of range"):
            kind.parse(str(beyond))


@pytest.mark.parametrize(
    "text", ["", "http", "80/tcp", "-25", "0", "65536", "25.0", "4064,4063", "0x50", "1" * 100]
)
def test_invalid_port(text):
    """Names of services and lists of ports are none either."""
    with pytest.raises(Invalid):
        PORT.parse(text)


@pytest.mark.parametrize(
    ("kind", "doc"),
    [
        (INT, "a whole number"),
        (POSITIVE, "a whole number of 1 or more"),
        (PORT, "a whole number from 1 to 65535"),
        (Int(-1, 5, unit="ms"), "a whole number from -1 to 5 (ms)"),
    ],
)
def test_numbers_document_their_bounds(kind, doc):
    """The reference says what the bounds are, and the unit."""
    assert kind.doc == doc


def test_megabytes_are_decimal():
    """The error for a wrong value defines MB."""
    with pytest.raises(Invalid) as caught:
        MEGABYTES.parse("4GB")
    assert "1,000,000 bytes" in caught.value.advice


@pytest.mark.parametrize("text", ["1", "2", "10", "50", "99999", " 1 "])
def test_digits_before_port_numbers(text):
    """A prefix keeps its digits: it is put before a port number, not added to it."""
    assert DIGITS.parse(text) == text.strip()
    assert DIGITS.parse(formatted(DIGITS, text.strip())) == text.strip()


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "x", "1x", "100000", "1 2", "١"])
def test_invalid_prefix_of_ports(text):
    """A zero in front would make an octal-looking port, and a sign none at all."""
    with pytest.raises(Invalid, match="prefix for port numbers"):
        DIGITS.parse(text)


def test_the_prefix_may_be_empty():
    """Without a prefix the ports stay what they are."""
    assert PREFIX.parse("") is None
    assert PREFIX.parse("1") == "1"


@pytest.mark.parametrize(
    ("kind", "accepted", "refused"),
    [
        (BOOL, [True, False, 0, 1, "T", " false ", "1"], ["yes", "", 2, None, [], "truee"]),
        (PORT, [1, 4064, 65535, "4064", " 25 "], [0, 65536, 1.5, True, "x", "", None]),
        (PERCENT, [0, 100, "15"], [-1, 101, "15%", False]),
        (PREFIX, [0, 1, "1", "01", "", "99999"], [-1, 100000, "x", None]),
    ],
)
def test_schemas_take_json_numbers_and_texts(kind, accepted, refused):
    """In a YAML or JSON file a value may be itself or its text."""
    validator = Draft202012Validator(kind.schema())
    assert [value for value in accepted if not validator.is_valid(value)] == []
    assert [value for value in refused if validator.is_valid(value)] == []
