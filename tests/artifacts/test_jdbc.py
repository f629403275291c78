"""The database URL and the properties that go with it, hostile values included."""

from __future__ import annotations

import json

import javaproperties
import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen.artifacts import rendering
from omerogen.model import OmerogenError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0$"), max_size=40)


def url(**db: str) -> str:
    """The URL of a site; ``host="x"`` is ``omero.db.host``."""
    return omerogen.render("jdbc", load(**db)).removesuffix("\n")


def load(**db: str):
    """The settings of a site."""
    return omerogen.load(overrides={f"omero.db.{name}": value for name, value in db.items()})


@pytest.mark.parametrize(
    ("db", "expected"),
    [
        ({}, "jdbc:postgresql://localhost:5432/omero?ApplicationName=OMERO.Server"),
        ({"host": "::1"}, "jdbc:postgresql://[::1]:5432/omero?ApplicationName=OMERO.Server"),
        ({"host": "[::1]", "port": "1"}, "jdbc:postgresql://[::1]:1/omero?ApplicationName=OMERO.Server"),
        ({"name": "a/b?c d"}, "jdbc:postgresql://localhost:5432/a%2Fb%3Fc%20d?ApplicationName=OMERO.Server"),
        (
            {"properties": "ssl=true&sslmode=verify-full"},
            "jdbc:postgresql://localhost:5432/omero?ApplicationName=OMERO.Server&ssl=true&sslmode=verify-full",
        ),
        (
            {"properties": "&options=-c%20a=b+c&"},
            "jdbc:postgresql://localhost:5432/omero?ApplicationName=OMERO.Server&options=-c%20a%3Db%20c",
        ),
        ({"url": "jdbc:postgresql:omero"}, "jdbc:postgresql:omero"),
        (
            {"url": "jdbc:postgresql://a:1,b,[::1]:2/${omero.db.name}"},
            "jdbc:postgresql://a:1,b,[::1]:2/omero",
        ),
        ({"url": "jdbc:p6spy:postgresql://${omero.db.host}/x?"}, "jdbc:p6spy:postgresql://localhost/x"),
        ({"url": "jdbc:postgresql://h/a%2Fb?tcpKeepAlive"}, "jdbc:postgresql://h/a%2Fb?tcpKeepAlive="),
    ],
)
def test_the_url_is_what_its_template_means(db, expected):
    """Properties in their places, encoded for the driver, nothing dangling."""
    assert url(**db) == expected


@pytest.mark.parametrize(
    ("db", "said"),
    [
        ({"host": "a/b"}, "omero.db.host 'a/b' is not a host"),
        ({"host": "user@h"}, "omero.db.host 'user@h' is not a host"),
        ({"port": "65536"}, "omero.db.port '65536' is out of range"),
        ({"properties": "a=100%"}, "omero.db.properties has a % without"),
        ({"properties": "a b=1"}, "omero.db.properties has a parameter with an unsupported name"),
        ({"url": "jdbc:oracle:thin:@h"}, "omero.db.url is not a URL for PostgreSQL's driver"),
        ({"url": "http://h/x"}, "omero.db.url is not a URL for PostgreSQL's driver"),
        ({"url": "jdbc:postgresql://h/a/b"}, "omero.db.url has a / in the name of the database"),
        ({"url": "jdbc:postgresql://h/${nope}"}, "omero.db.url refers to a property that has no value"),
        ({"url": "jdbc:postgresql://h/a%zz"}, "omero.db.url has a % without"),
    ],
)
def test_what_the_driver_would_misread_is_refused(db, said):
    """With the name of the property that is wrong."""
    with pytest.raises(OmerogenError) as caught:
        url(**db)
    assert said in str(caught.value)


@given(TEXT, TEXT)
def test_values_cannot_become_syntax(name, omero_name):
    """Whatever the database and OMERO are called, the URL has one database and one parameter."""
    settings = omerogen.load(overrides={"omero.db.name": name, "omero.name": omero_name})
    parts = rendering.context("jdbc", settings, {}).parts
    assert parts.database == name
    assert parts.parameters == (("ApplicationName", f"OMERO.{omero_name}"),)
    written = omerogen.render("jdbc", settings).strip()
    assert written.isascii()
    assert (written.count("?"), written.count("&"), written.count("/")) == (1, 0, 3)


@given(TEXT, TEXT)
def test_connection_properties_are_what_java_reads(user, password):
    """User and password as they are, in Java's format and in JSON; never in the URL."""
    settings = omerogen.load(overrides={"omero.db.user": user, "omero.db.pass": password})
    written = omerogen.render("jdbc", settings, format="properties")
    assert written.isascii()
    assert javaproperties.loads(written) == {"user": user, "password": password}
    described = json.loads(omerogen.render("jdbc", settings, format="json"))
    assert (described["user"], described["password"]) == (user, password)
    assert described["url"] == omerogen.render("jdbc", settings).strip()


@pytest.mark.parametrize(
    "db",
    [
        {"url": "jdbc:postgresql://h/db?user=me&password=canary&ssl=true"},
        {"properties": "user=me&password=canary&ssl=true"},
    ],
)
def test_a_password_is_taken_out_of_the_url(db):
    """URLs are logged: what a URL says of user and password goes where these belong, and that is reported."""
    settings = load(**db)
    assert "canary" not in url(**db)
    assert "ssl=true" in url(**db)
    assert rendering.context("jdbc", settings, {}).connection == {"user": "me", "password": "canary"}
    assert "user, password" in str(rendering.render("jdbc", settings, {}).warnings[0])


def test_only_the_connection_properties_are_private():
    """The URL may be read by all; the file with the password by its owner alone."""
    settings = omerogen.load()
    assert not rendering.render("jdbc", settings, {}).private
    assert rendering.render("jdbc", settings, {"format": "properties"}).private


@pytest.mark.parametrize(
    "overrides",
    [
        {"omero.db.url": "jdbc:postgresql://h/d?x=${omero.db.pass}"},
        {"omero.db.properties": "x=${omero.db.pass}"},
        {"omero.db.url": "jdbc:postgresql://h/${omero.db.pass}"},
    ],
)
def test_no_secret_gets_into_the_url_by_reference(overrides):
    """Except as a password, which is taken out."""
    settings = omerogen.load(overrides={"omero.db.pass": "canary", **overrides})
    with pytest.raises(OmerogenError, match="puts a secret into the URL"):
        omerogen.render("jdbc", settings)
    password = omerogen.load(overrides={"omero.db.url": "jdbc:postgresql://h/d?password=${omero.db.pass}"})
    assert omerogen.render("jdbc", password) == "jdbc:postgresql://h/d\n"


@pytest.mark.parametrize(
    "db", [{"name": "a\ue000b"}, {"properties": "x=%EE%80%80"}, {"properties": "x=\ue000"}]
)
def test_no_character_is_taken_for_a_secret(db):
    """A character for private use is one that a site may use: the mark of a secret is none."""
    assert "%EE%80%80" in url(**db)
