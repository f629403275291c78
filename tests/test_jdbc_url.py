"""The JDBC URL: values stay values, whatever is in them."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen import catalog
from omerogen.derive.jdbc_url import JdbcUrl, Server, parse
from omerogen.values.base import Invalid
from omerogen.values.network import HostName

TEMPLATE = catalog.PROPERTIES["omero.db.url"].default
VALUES = {
    "omero.db.host": "localhost",
    "omero.db.port": "5432",
    "omero.db.name": "omero",
    "omero.name": "Server",
    "omero.db.properties": "",
}
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
hosts = st.sampled_from(["db", "db.example.org", "10.0.0.1", "::1", "2001:db8::5"]).map(HostName)
names = st.from_regex(r"[A-Za-z0-9._-]{1,9}", fullmatch=True)


def url(template=TEMPLATE, **values):
    """The URL as a text; host, port and name are those of omero.db, server is omero.name."""
    full = {"server": "omero.name"}
    given_values = {full.get(key, f"omero.db.{key}"): value for key, value in values.items()}
    return str(parse(template, {**VALUES, **given_values}.__getitem__))


def test_the_default_url():
    """Without further properties no & is left at the end."""
    assert url() == "jdbc:postgresql://localhost:5432/omero?ApplicationName=OMERO.Server"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"host": "::1"}, "//[::1]:5432/omero?ApplicationName=OMERO.Server"),
        ({"host": "[2001:db8::5]"}, "//[2001:db8::5]:5432/omero?ApplicationName=OMERO.Server"),
        ({"port": "15432"}, "//localhost:15432/omero?ApplicationName=OMERO.Server"),
        ({"name": "a/b"}, "//localhost:5432/a%2Fb?ApplicationName=OMERO.Server"),
        ({"name": "a?user=x"}, "//localhost:5432/a%3Fuser%3Dx?ApplicationName=OMERO.Server"),
        ({"name": "50%"}, "//localhost:5432/50%25?ApplicationName=OMERO.Server"),
        ({"name": "a%2Fb"}, "//localhost:5432/a%252Fb?ApplicationName=OMERO.Server"),
        ({"name": "a+b c"}, "//localhost:5432/a%2Bb%20c?ApplicationName=OMERO.Server"),
        ({"name": "größe"}, "//localhost:5432/gr%C3%B6%C3%9Fe?ApplicationName=OMERO.Server"),
        ({"name": ""}, "//localhost:5432/?ApplicationName=OMERO.Server"),
        ({"server": "A&ssl=false"}, "//localhost:5432/omero?ApplicationName=OMERO.A%26ssl%3Dfalse"),
        ({"server": "A=B#C;D"}, "//localhost:5432/omero?ApplicationName=OMERO.A%3DB%23C%3BD"),
        ({"server": "1+1"}, "//localhost:5432/omero?ApplicationName=OMERO.1%2B1"),
        ({"properties": "ssl=true&a=b"}, "//localhost:5432/omero?ApplicationName=OMERO.Server&ssl=true&a=b"),
        ({"properties": "&ssl=true&"}, "//localhost:5432/omero?ApplicationName=OMERO.Server&ssl=true"),
        (
            {"properties": "o=-c%20x%3D1+y"},
            "//localhost:5432/omero?ApplicationName=OMERO.Server&o=-c%20x%3D1%20y",
        ),
        ({"properties": "b=1&a=2&b=3"}, "//localhost:5432/omero?ApplicationName=OMERO.Server&b=1&a=2&b=3"),
        ({"properties": "ssl"}, "//localhost:5432/omero?ApplicationName=OMERO.Server&ssl="),
    ],
)
def test_values_are_encoded_for_the_driver(values, expected):
    """A name or value is one whatever it holds; omero.db.properties alone is decoded as a query string."""
    assert url(**values) == f"jdbc:postgresql:{expected}"


@pytest.mark.parametrize(
    "values",
    [
        {"host": "db/omero"},
        {"host": "db:5433"},
        {"host": "user@db"},
        {"host": "db1,db2"},
        {"host": ""},
        {"host": "fe80::1%eth0"},
        {"host": "db?ssl=false"},
        {"port": "0"},
        {"port": "5432/other"},
        {"port": ""},
        {"port": "x"},
        {"properties": "a=%"},
        {"properties": "a=%zz"},
        {"properties": "a b=c"},
        {"properties": "=x"},
    ],
)
def test_values_that_no_url_can_hold(values):
    """A host or port is not a way into the rest of the URL, and broken parameters are refused."""
    with pytest.raises(Invalid):
        url(**values)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("jdbc:postgresql://db/omero", "jdbc:postgresql://db/omero"),
        ("  jdbc:postgresql://db:5433/omero\n", "jdbc:postgresql://db:5433/omero"),
        ("jdbc:postgresql://db1:5432,db2/omero", "jdbc:postgresql://db1:5432,db2/omero"),
        ("jdbc:postgresql://[::1]:1,[::2]/omero", "jdbc:postgresql://[::1]:1,[::2]/omero"),
        ("jdbc:postgresql://[::1]/omero", "jdbc:postgresql://[::1]/omero"),
        ("jdbc:postgresql:omero", "jdbc:postgresql:omero"),
        ("jdbc:postgresql:omero?ssl=true", "jdbc:postgresql:omero?ssl=true"),
        ("jdbc:postgresql:///omero", "jdbc:postgresql:omero"),
        ("jdbc:postgresql://db/omero?", "jdbc:postgresql://db/omero"),
        ("jdbc:postgresql://db/omero?&&a=1&&", "jdbc:postgresql://db/omero?a=1"),
        ("jdbc:postgresql://db/omero?a=b?c=d/e", "jdbc:postgresql://db/omero?a=b%3Fc%3Dd%2Fe"),
        ("jdbc:postgresql://db/a%2Fb+c?x=%26+y", "jdbc:postgresql://db/a%2Fb%20c?x=%26%20y"),
        (
            "jdbc:postgresql://db/x_${omero.db.name}?a=%25${omero.name}",
            "jdbc:postgresql://db/x_omero?a=%25Server",
        ),
        ("jdbc:postgresql://db/omero?${omero.db.properties}", "jdbc:postgresql://db/omero"),
        ("jdbc:log4jdbc:postgresql://db/omero", "jdbc:log4jdbc:postgresql://db/omero"),
    ],
)
def test_templates_of_ones_own(template, expected):
    """A written-out URL is read as the driver reads it, and written in one form."""
    assert url(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        "",
        "postgresql://db/omero",
        "jdbc:mysql://db/omero",
        "jdbc:postgresql",
        "jdbc:postgresql//db/omero",
        "JDBC:postgresql://db/omero",
        "jdbc:postgresql://db?ssl=true",
        "jdbc:postgresql://db/a/b",
        "jdbc:postgresql:////omero",
        "jdbc:postgresql://user:secret@db/omero",
        "jdbc:postgresql://db:0/omero",
        "jdbc:postgresql://db:99999/omero",
        "jdbc:postgresql://db/omero?a=%",
        "jdbc:postgresql://db/50%",
        "jdbc:postgresql://db/omero?a b=c",
        "jdbc:postgresql://db/omero?=c",
        "jdbc:postgresql://db/omero?${omero.name}=x",
        "jdbc:postgresql://db/omero?a=${omero.name",
        "jdbc:postgresql://db/omero?a=${x${y}}",
    ],
)
def test_invalid_url(template):
    """Other drivers, a second slash, users, impossible ports, broken % and open references."""
    with pytest.raises(Invalid):
        url(template)


def test_an_unknown_reference_is_for_the_caller():
    """Whatever the function for values raises goes through."""
    with pytest.raises(KeyError, match=r"no\.such"):
        url("jdbc:postgresql://db/${no.such}")


def test_the_parts_of_a_url():
    """Parts are decoded, and a server without a port leaves it to the driver."""
    parts = parse("jdbc:postgresql://[::1]:5,b/a%2Fb?x=%26&y", VALUES.__getitem__)
    assert parts.subprotocol == "postgresql"
    assert parts.servers == (Server(HostName("::1"), 5), Server(HostName("b"), None))
    assert parts.database == "a/b"
    assert parts.parameters == (("x", "&"), ("y", ""))


@given(
    host=hosts, port=st.integers(1, 65535), name=plain, server=plain, pairs=st.lists(st.tuples(names, plain))
)
def test_hostile_values_change_nothing_but_themselves(host, port, name, server, pairs):
    """Read as the driver reads it, the URL has the very values that were put in."""
    from omerogen.values.network import QUERY_STRING

    properties = formatted(QUERY_STRING, pairs)
    text = url(host=host, port=str(port), name=name, server=server, properties=properties)
    place, _, query = text.removeprefix("jdbc:postgresql://").partition("?")
    address, _, database = place.partition("/")
    assert address == f"{host.in_url}:{port}"
    assert unquote_plus(database) == name
    assert "/" not in database
    parameters = [piece.split("=") for piece in query.split("&")]
    expected = [("ApplicationName", f"OMERO.{server}"), *pairs]
    assert [(key, unquote_plus(value)) for key, value in parameters] == expected


urls = st.builds(
    JdbcUrl,
    st.sampled_from(["postgresql", "log4jdbc:postgresql", "p6spy.x:a-b:postgresql"]),
    st.lists(st.builds(Server, hosts, st.none() | st.integers(1, 65535)), max_size=3).map(tuple),
    plain,
    st.lists(st.tuples(names, plain), max_size=4).map(tuple),
)


@given(urls)
def test_urls_survive_the_round_trip(value):
    """What is written is read back, part by part."""
    assert parse(str(value), {}.__getitem__) == value


def test_no_host_is_this_machine():
    """As the driver reads it."""
    assert (
        str(parse("jdbc:postgresql://:5432/db", lambda name: name)) == "jdbc:postgresql://localhost:5432/db"
    )
