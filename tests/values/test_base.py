"""The kinds that others are built from: any text, one of a few words, or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen import catalog
from omerogen.values.base import (
    FAMILY_PREFIX,
    SECRET,
    STRING,
    Choice,
    Invalid,
    Nullable,
    ValueType,
    any_case_pattern,
    unset_if_none,
)
from omerogen.values.numbers import PORT

REFERRAL = Choice("ignore", "follow", "throw")
PROTOCOL = Choice("ssl3", "tls1", "tls1_2", any_case=True)
VERIFY_PEER = Choice("0", "1", "2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "default",
        "  with spaces around  ",
        ":ou:",
        ":attribute:memberOf",
        ":filtered_attribute:memberOf",
        ":dn_attribute:memberOf",
        ":filtered_dn_attribute:memberOf",
        ":query:(member=@{dn})",
        ":bean:myNewUserGroupMapperBean",
        "(owner=@{dn})",
        "(int8and(permissions, %s) = %s)",
        "maximumSize=1000",
        "pässwörd; rm -rf / #'\"",
    ],
)
def test_a_string_is_taken_as_it_is(text):
    """Plain properties, such as OMERO's new_user_group, keep every character."""
    assert STRING.parse(text) == text
    assert SECRET.parse(text) == text


@given(st.text())
def test_every_string_survives_the_round_trip(text):
    """Formatting a text and parsing it again gives it back."""
    assert STRING.parse(formatted(STRING, text)) == text


def test_only_secrets_are_secret():
    """A secret kind says so, also when it may be left out."""
    assert SECRET.secret
    assert Nullable(SECRET).secret
    assert unset_if_none(SECRET).secret
    assert not STRING.secret
    assert not Nullable(STRING).secret
    assert not FAMILY_PREFIX.secret


def test_a_kind_must_say_how_it_parses():
    """The base class has no parser of its own."""
    with pytest.raises(NotImplementedError):
        ValueType().parse("text")


def test_a_kind_shows_itself_by_its_name():
    """Debuggers see which kind they have before them."""
    assert repr(SECRET) == "<secret string>"
    assert repr(Nullable(PORT)) == "<port, optional>"


@pytest.mark.parametrize("text", ["", " ", "\t", "\n", "\u2003 "])
def test_an_empty_text_means_not_set(text):
    """An optional value that is empty, or blank, is none at all."""
    assert Nullable(PORT).parse(text) is None


@pytest.mark.parametrize(("value", "text"), [(None, ""), (25, "25"), (65535, "65535")])
def test_an_optional_value_is_formatted_by_its_kind(value, text):
    """None becomes the empty text; everything else is written as its kind writes it."""
    assert formatted(Nullable(PORT), value) == text
    assert Nullable(PORT).parse(text) == value


@pytest.mark.parametrize("text", ["0", "x", "-1", "65536", "25 25", "none", "null", "None"])
def test_an_optional_value_is_still_checked(text):
    """Being optional does not make a wrong text right."""
    with pytest.raises(Invalid):
        Nullable(PORT).parse(text)


def test_optional_kinds_name_themselves():
    """The names and texts of the reference tell that a value may be missing, and how."""
    assert Nullable(PORT).name == "port, optional"
    assert unset_if_none(PORT).name == "port, unset if none"
    assert Nullable(PORT).doc.endswith(", or empty for none")


def test_an_invalid_text_comes_with_advice():
    """A refusal says what is wrong, and apart from that what would be right."""
    with pytest.raises(Invalid) as caught:
        REFERRAL.parse("folow")
    assert str(caught.value) == caught.value.problem
    assert "ignore, follow, throw" in caught.value.advice
    assert "folow" not in str(caught.value) + caught.value.advice


@pytest.mark.parametrize("text", ["ignore", "follow", "throw", " follow ", "\tthrow\n"])
def test_an_enum_takes_its_words(text):
    """Spaces around a word do not count."""
    assert REFERRAL.parse(text) == text.strip()
    assert REFERRAL.parse(formatted(REFERRAL, text.strip())) == text.strip()


@pytest.mark.parametrize(
    "text", ["", " ", "Ignore", "FOLLOW", "ignore,follow", "ignor", "throws", "0", "true"]
)
def test_an_enum_refuses_other_words(text):
    """A word of another case, a part of one, or two at once are not among the words."""
    with pytest.raises(Invalid):
        REFERRAL.parse(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [("tls1", "tls1"), ("TLS1", "tls1"), ("Tls1_2", "tls1_2"), ("SSL3", "ssl3"), (" tlS1 ", "tls1")],
)
def test_an_enum_of_any_case_gives_its_own_spelling(text, word):
    """However it was written, what comes out is the word as OMERO's text has it."""
    assert PROTOCOL.parse(text) == word


@pytest.mark.parametrize("text", ["", "tls", "tls9", "TLS1.2", "tls1_22", "ssl", "ssl 3", "tls1,tls1_2"])
def test_an_enum_of_any_case_refuses_other_words(text):
    """Any case does not mean any spelling."""
    with pytest.raises(Invalid):
        PROTOCOL.parse(text)


GOOD_CHOICES = {
    "Ice.IPv6": "0 1",
    "omero.glacier2.IceSSL.ProtocolVersionMax": "tls1_0 TLS1_1 tls1_2 tls1_3 tls1 ssl3",
    "omero.glacier2.IceSSL.VerifyPeer": "0 1 2",
    "omero.jvmcfg.heap_dump": "off on cwd tmp",
    "omero.jvmcfg.strategy": "percent manual",
    "omero.ldap.referral": "ignore follow throw",
    "omero.search.locking_strategy": "native simple none",
    "omero.web.application_server": "wsgi-tcp wsgi development",
    "omero.web.csrf_cookie_samesite": "Lax Strict None",
    "omero.web.html_meta_referrer": "origin-when-crossorigin origin no-referrer strict-origin same-origin",
    "omero.web.plate_layout": "expand trim shrink",
    "omero.web.session_engine": "omeroweb.filesessionstore django.contrib.sessions.backends.cached_db",
    "omero.web.wsgi_worker_class": "sync gevent",
    "omero.web.x_frame_options": "SAMEORIGIN DENY",
}


@pytest.mark.parametrize("name", GOOD_CHOICES)
def test_choices_take_all_words_of_the_glossary(name):
    """What OMERO's glossary lists as a choice is one."""
    kind = catalog.PROPERTIES[name].kind
    for word in GOOD_CHOICES[name].split():
        assert kind.parse(word).lower() == word.lower()


BAD_CHOICES = {
    "Ice.IPv6": "2 true yes",
    "omero.glacier2.IceSSL.VerifyPeer": "3 -1 no 00",
    "omero.jvmcfg.heap_dump": "yes true temp OFF",
    "omero.jvmcfg.strategy": "fixed 50% adaptive",
    "omero.web.application_server": "gunicorn wsgi_tcp fastcgi fastcgi-tcp",
    "omero.web.csrf_cookie_samesite": "lax none Secure",
    "omero.web.html_meta_referrer": "origin-only never always",
    "omero.web.plate_layout": "Expand fit true",
    "omero.web.session_engine": "db file signed_cookies django.contrib.sessions.backends",
    "omero.web.x_frame_options": "sameorigin ALLOW ALLOW-FROM",
}


@pytest.mark.parametrize("name", BAD_CHOICES)
def test_choices_refuse_what_the_glossary_does_not_list(name):
    """A word that OMERO would not know is found before the server starts."""
    for word in BAD_CHOICES[name].split():
        with pytest.raises(Invalid):
            catalog.PROPERTIES[name].kind.parse(word)


def test_a_schema_of_digits_takes_numbers_too():
    """In a YAML file the choice 0|1|2 is usually written without quotes."""
    assert VERIFY_PEER.schema() == {"enum": ["0", "1", "2", 0, 1, 2]}
    assert REFERRAL.schema() == {"enum": ["ignore", "follow", "throw"]}


@given(st.sampled_from(["true", "tls1_2", "ß"]), st.data())
def test_the_pattern_for_any_case_takes_each_mixture(word, data):
    """Every letter may be large or small, and spaces may stand around; nothing else may."""
    mixed = "".join(
        data.draw(st.sampled_from([c.lower(), c.upper()[:1]])) if c.isascii() else c for c in word
    )
    pattern = any_case_pattern([word, "other"])
    assert re.search(pattern, f" {mixed} ")
    assert not re.search(pattern, f"x{mixed}")
    assert not re.search(pattern, f"{mixed}x")
