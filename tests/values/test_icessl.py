"""What IceSSL takes in Glacier2's router."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.icessl import CIPHERS, PROTOCOLS, IceText


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("tls1", ("tls1",)),
        ("tls1_2", ("tls1_2",)),
        ("TLS1_2,TLS1_3", ("TLS1_2", "TLS1_3")),
        ("tls1_0 tls1_1", ("tls1_0", "tls1_1")),
        (" tls1_2 , tls1_3 ,", ("tls1_2", "tls1_3")),
        ("TLSv1_2", ("TLSv1_2",)),
        ("TLSv1", ("TLSv1",)),
    ],
)
def test_protocols(text, words):
    """Case, commas and spaces are free, as they are for Ice."""
    assert PROTOCOLS.parse(text) == words
    assert PROTOCOLS.parse(formatted(PROTOCOLS, words)) == words


@pytest.mark.parametrize(
    "text",
    [
        "tls9",
        "TLS1.2",
        "tls1_4",
        "tls2",
        "ssl",
        "ssl2",
        "tls1_2;tls1_3",
        "tls1-2",
        "tls1_",
        "true",
        "all",
        "tls12",
    ],
)
def test_invalid_protocol(text):
    """The router ends at a protocol that it does not recognise."""
    with pytest.raises(Invalid, match="not a protocol|unknown protocol"):
        PROTOCOLS.parse(text)


@pytest.mark.parametrize("text", ["ssl3", "SSL3", "SSLv3", "tls1_2,ssl3"])
def test_ssl_3_is_gone(text):
    """IceSSL knows the word, but the router ends because OpenSSL does not speak it."""
    with pytest.raises(Invalid, match="SSL 3"):
        PROTOCOLS.parse(text)


@given(st.lists(st.sampled_from(["tls1", "tls1_0", "TLS1_1", "Tls1_2", "tlsv1_3"])).map(tuple))
def test_protocols_survive_the_round_trip(words):
    """Protocols stay in their order and case."""
    assert PROTOCOLS.parse(formatted(PROTOCOLS, words)) == words


@pytest.mark.parametrize(
    "text",
    [
        "ADH:!LOW:!MD5:!EXP:!3DES:@STRENGTH",
        "HIGH",
        "HIGH:!DH",
        "ECDHE+AESGCM:-SHA1",
        "HIGH@SECLEVEL=0",
        "DEFAULT:@SECLEVEL=0",
        "TLS_AES_256_GCM_SHA384",
        "HIGH, MEDIUM LOW",
        "",
    ],
)
def test_cipher_lists(text):
    """The characters of OpenSSL's own grammar; OpenSSL judges the names."""
    assert CIPHERS.parse(f" {text} ") == text
    assert CIPHERS.parse(formatted(CIPHERS, text)) == text


@pytest.mark.parametrize(
    "text", ["HIGH;LOW", "HIGH\nLOW", "(HIGH)", '"HIGH"', "HIGH/LOW", "HIGH:ü", "$HIGH", "<x>", "HIGH\0"]
)
def test_invalid_cipher_list(text):
    """Other characters are in no cipher's name."""
    with pytest.raises(Invalid, match="not a cipher list"):
        CIPHERS.parse(text)


@pytest.mark.parametrize(
    "text", ["", "certs", "/OMERO/certs", "secret 'x' \"y\" <&> ü", "tab\tinside", " spaces ", "${x}"]
)
def test_texts_of_one_line(text):
    """Any text that passes through IceGrid whole is taken as it is."""
    assert IceText().parse(text) == text
    assert IceText().parse(formatted(IceText(), text)) == text


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\0", "\x01", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\ufffe", "\uffff"]
)
def test_characters_that_icegrid_cuts_a_text_at(character):
    """A line break ends a value in IceGrid, and XML cannot hold other control characters."""
    with pytest.raises(Invalid, match="control character"):
        IceText().parse(f"a{character}b")


def test_passwords_are_secret():
    """A secret text says so in its name too."""
    assert IceText(secret=True).secret
    assert IceText(secret=True).name == "secret string"
    assert not IceText().secret
    assert IceText().name == "string"


@given(st.text(st.characters(exclude_categories=["C"])))
def test_texts_survive_the_round_trip(text):
    """Every printable text is taken."""
    assert IceText().parse(formatted(IceText(), text)) == text


def test_letters_that_only_look_like_tls_are_refused():
    """A long s folds to s in Unicode, but not for the router; plain tls is one of its words."""
    assert PROTOCOLS.parse("tls, TLSv1_2") == ("tls", "TLSv1_2")
    with pytest.raises(Invalid):
        PROTOCOLS.parse("tl\u017f1_2")
