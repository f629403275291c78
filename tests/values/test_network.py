"""Hosts, URLs, paths below a URL, mail addresses and query strings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.network import HOST, LDAP_SERVERS, MAIL_ADDRESS, QUERY_STRING, STATIC_URL, URL, URL_PATH

plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize(
    "text",
    [
        *"localhost 127.0.0.1 0.0.0.0 db.example.org db.example.org. DB-1 omero_db".split(),
        *"::1 2001:db8::5 ::ffff:10.0.0.1 xn--bcher-kva.example".split(),
        "a" * 63,
    ],
)
def test_hosts(text):
    """Names and addresses, of Docker's containers too, which have underscores."""
    assert HOST.parse(text) == text
    assert HOST.parse(f" {text} ") == text
    assert HOST.parse(formatted(HOST, HOST.parse(text))) == text


@pytest.mark.parametrize(
    "text",
    [
        *"db:5432 http://db db/omero user@db a,b -db db- a..b .a bücher.example db;x".split(),
        *"[::1 ::1] :::1 12345:: fe80::1%eth0 [::1]:5432 ${omero.db.host}".split(),
        *["", " ", "db example", "db\nx", "a" * 64, ".".join(["abcdefgh"] * 29)],
    ],
)
def test_invalid_host(text):
    """A port, a scheme, a path, a user, a list or a zone does not belong to a host."""
    with pytest.raises(Invalid):
        HOST.parse(text)


def test_ipv6_has_brackets_only_in_urls():
    """Brackets around an address are taken off, and put on again before a port."""
    assert HOST.parse("[::1]") == "::1"
    assert HOST.parse("[::1]").in_url == "[::1]"
    assert HOST.parse("127.0.0.1").in_url == "127.0.0.1"


@given(st.ip_addresses().map(str))
def test_all_addresses_are_hosts(address):
    """Each address is a host, and is read back as it was written."""
    assert HOST.parse(formatted(HOST, HOST.parse(address))) == address


@pytest.mark.parametrize(
    "text",
    [
        "http://qa.openmicroscopy.org.uk",
        "https://your_domain/prefix/",
        "HTTPS://Example.org",
        "http://localhost:4080/omero?x=1&y=%20#z",
        "http://[2001:db8::5]:8080/",
        "http://user:pass@proxy.example.org/",
        "https://bücher.example/",
        "http://127.0.0.1",
    ],
)
def test_urls(text):
    """Absolute URLs of the web, as for omero.client.web.host."""
    assert URL.parse(f" {text} ") == text
    assert URL.parse(formatted(URL, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.org",
        "/omero",
        "//example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "http:example.org",
        "http://",
        "http:///path",
        "http://:80/",
        "http://example.org:0",
        "http://example.org:99999",
        "http://example.org:port",
        "http://exa mple.org",
        "http://example.org/a b",
        'http://example.org/"x"',
        "http://example.org/<x>",
        "http://example.org/{x}",
        "http://exa\tmple.org/",
        "http://example.org/\\x",
        "http://[::1",
    ],
)
def test_invalid_url(text):
    """Other schemes, no host, impossible ports and characters that end a URL in HTML or nginx."""
    with pytest.raises(Invalid, match="not a URL"):
        URL.parse(text)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("ldap://localhost:389", ("ldap://localhost:389",)),
        ("ldaps://ldap.example.org", ("ldaps://ldap.example.org",)),
        ("ldap://a  ldaps://b:636 ", ("ldap://a", "ldaps://b:636")),
        ("ldap://[::1]:389", ("ldap://[::1]:389",)),
        ("LDAP://a/dc=example,dc=org", ("LDAP://a/dc=example,dc=org",)),
    ],
)
def test_ldap_urls(text, urls):
    """One or more servers of a directory, with spaces between them."""
    assert LDAP_SERVERS.parse(text) == urls
    assert LDAP_SERVERS.parse(formatted(LDAP_SERVERS, urls)) == urls


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "localhost",
        "localhost:389",
        "http://localhost",
        "ldap:localhost",
        "ldap://",
        "ldap://a b",
        "ldap://a:0",
        "ldap://a ldap://b:x",
    ],
)
def test_invalid_ldap_urls(text):
    """Each word must be a URL of ldap or ldaps, and there must be one."""
    with pytest.raises(Invalid):
        LDAP_SERVERS.parse(text)


GOOD_PATHS = ["/", "/omero", "/om-e_ro", "/a/b/c/", "/~me/x.y", "/a:b@c,d=e+f!(g)*&h", "/[x]"]


@pytest.mark.parametrize("text", GOOD_PATHS)
def test_paths_of_urls(text):
    """A prefix starts with a slash, and ends in one or not."""
    assert URL_PATH.parse(f" {text}") == text
    assert URL_PATH.parse(formatted(URL_PATH, text)) == text


def test_only_the_prefix_must_be_ascii():
    """gunicorn refuses other letters in SCRIPT_NAME; static files may have them."""
    assert STATIC_URL.parse("/größe") == "/größe/"
    with pytest.raises(Invalid, match="gunicorn"):
        URL_PATH.parse("/größe")


BAD_PATHS = (
    "omero omero/ /a;b /a{b /a}b /$host /a%20b /a?b /a#b /a'b /a\"b /a\\b /a//b /a/../b /./a /..".split()
)
BAD_PATHS += ["", "/a b", "/a\nb", "/a\u00a0b", "/a\u200bb"]


@pytest.mark.parametrize("text", [*BAD_PATHS, "//cdn.example.org/", "https://example.org/omero"])
def test_invalid_path_of_a_url(text):
    """Nothing that nginx reads as its own syntax, and nothing that a server would rewrite."""
    with pytest.raises(Invalid):
        URL_PATH.parse(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("/static/", "/static/"),
        ("/static", "/static/"),
        ("/", "/"),
        ("http://static.example.org/", "http://static.example.org/"),
        ("https://static.example.org/omero", "https://static.example.org/omero/"),
        ("//cdn.example.org", "//cdn.example.org/"),
    ],
)
def test_static_urls_end_in_a_slash(text, url):
    """Static files are below a path or on another server; Django wants a slash at the end."""
    assert STATIC_URL.parse(text) == url
    assert STATIC_URL.parse(formatted(STATIC_URL, url)) == url


@pytest.mark.parametrize(
    "text", [*BAD_PATHS, "ftp://example.org/", "http://", "//", "https://exa mple.org/", "static/"]
)
def test_invalid_static_url(text):
    """Neither a path nor a URL of the web."""
    with pytest.raises(Invalid):
        STATIC_URL.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "omero@localhost",
        "omero@example.org",
        "OMERO Server <omero@example.org>",
        "<omero@example.org>",
        '"Doe, Jane" <jane@example.org>',
        "first.last+omero@mail.example.org",
    ],
)
def test_mail_addresses(text):
    """An address alone, or after a name."""
    assert MAIL_ADDRESS.parse(f" {text} ") == text
    assert MAIL_ADDRESS.parse(formatted(MAIL_ADDRESS, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "omero",
        "@example.org",
        "omero@",
        "a@b@c",
        "a@b c@d",
        "Name a@b",
        "<a@b> Name",
        "a@b\nBcc: c@d",
        "N\n<a@b>",
        "<a@b",
        "a b@c",
    ],
)
def test_invalid_mail_address(text):
    """Above all no second line, which would be another header."""
    with pytest.raises(Invalid):
        MAIL_ADDRESS.parse(text)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ssl=true", (("ssl", "true"),)),
        ("ssl=true&sslmode=require", (("ssl", "true"), ("sslmode", "require"))),
        ("b=1&a=2&b=3", (("b", "1"), ("a", "2"), ("b", "3"))),
        ("&ssl=true&&", (("ssl", "true"),)),
        ("ssl", (("ssl", ""),)),
        ("ssl=", (("ssl", ""),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a=%26%3D%25+%2B%20", (("a", "&=% + "),)),
        ("a=%C3%BC", (("a", "ü"),)),
        ("a=ü?/;#", (("a", "ü?/;#"),)),
        (" a=1 ", (("a", "1"),)),
        ("", ()),
        ("&", ()),
    ],
)
def test_query_strings(text, pairs):
    """Names with decoded values, in their order; & too many are passed over."""
    assert QUERY_STRING.parse(text) == pairs
    assert QUERY_STRING.parse(formatted(QUERY_STRING, pairs)) == pairs


@pytest.mark.parametrize(
    "text",
    [
        "=x",
        "a=%",
        "a=%2",
        "a=%zz",
        "a b=c",
        "%61=b",
        "ü=x",
        "a=1&=2",
        "a=%00",
        "a=%FF",
        "a=\0",
        "a;b",
        "a=1&b[]=2",
    ],
)
def test_invalid_query_string(text):
    """Names are not decoded by the driver, so they are plain; values are decoded as UTF-8."""
    with pytest.raises(Invalid):
        QUERY_STRING.parse(text)


def test_query_strings_are_not_shown():
    """A parameter may be a password, so that no message repeats the text."""
    assert not QUERY_STRING.showable
    with pytest.raises(Invalid) as caught:
        QUERY_STRING.parse("sslpassword=hunter2%")
    assert "hunter2" not in caught.value.problem + caught.value.advice


@given(st.lists(st.tuples(st.from_regex(r"[A-Za-z0-9._-]{1,9}", fullmatch=True), plain)).map(tuple))
def test_query_strings_survive_the_round_trip(pairs):
    """Values may hold anything but a NUL."""
    assert QUERY_STRING.parse(formatted(QUERY_STRING, pairs)) == pairs


def test_an_ldap_url_may_leave_its_host_to_dns():
    """Java then asks DNS; but what stands there must be a host."""
    assert LDAP_SERVERS.parse("ldap:///dc=x ldaps://[::1]:636") == ("ldap:///dc=x", "ldaps://[::1]:636")
    for text in ("ldap://a,ldap://b", "ldap://a;x", "ldap://h:0"):
        with pytest.raises(Invalid):
            LDAP_SERVERS.parse(text)
