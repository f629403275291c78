"""Paths, templates of paths, regular expressions, time zones and LDAP's own texts."""

from __future__ import annotations

import re
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.text import LDAP_FILTER, LDAP_NAME, PATH, REGEX, REPOSITORY_PATH, TIME_ZONE


@pytest.mark.parametrize(
    "text", ["/OMERO/", "/OMERO/ManagedRepository", "/path with spaces/ü", "var/log", "C:\\OMERO", "~/x"]
)
def test_paths_stay_as_they_were_written(text):
    """A path on the server need not exist here, and is not changed."""
    assert PATH.parse(f" {text} ") == text
    assert PATH.parse(formatted(PATH, text)) == text


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\t", "/a\n/b", "/a\0b", "/a\tb", "/a\x1b[0m", "/a\x7f", "/a\rb"]
)
def test_invalid_path(text):
    """Something must be there, and no control character in it."""
    with pytest.raises(Invalid):
        PATH.parse(text)


ELEMENTS = (
    "user userId group groupId year month monthname day time institution hash increment subdirs session"
    " sessionId perms thread"
).split()


@pytest.mark.parametrize("element", ELEMENTS)
def test_elements_of_repository_paths(element):
    """Each element of the glossary's table may be in a path."""
    assert REPOSITORY_PATH.parse(f"%{element}%") == f"%{element}%"


@pytest.mark.parametrize(
    "text",
    [
        "%user%_%userId%//%year%-%month%/%day%/%time%",
        "%user%/%time%",
        "imports/%year%/%monthname%",
        "%group%//%user%/%increment:3%",
        "%subdirs:2%/%time%",
        "no elements",
    ],
)
def test_repository_paths(text):
    """Text and elements, with // after what belongs to root."""
    assert REPOSITORY_PATH.parse(f" {text} ") == text
    assert REPOSITORY_PATH.parse(formatted(REPOSITORY_PATH, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "%",
        "%user",
        "user%",
        "%user%%",
        "%%",
        "%usr%",
        "%USER%",
        "%omero.name%",
        "%user %",
        "a\nb/%time%",
        "%user%\0",
    ],
)
def test_invalid_repository_path(text):
    """A % that is not closed, and an element that OMERO does not know."""
    with pytest.raises(Invalid):
        REPOSITORY_PATH.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "(?#This regular expression matches nothing)a^",
        "^/webgateway/(?!archived_files|download_as)",
        "^/(webadmin/myphoto/|webclient/(action|logout|annotate_(file|tags)))",
        "",
        "(?i)^/public",
        r"\d+\.\w",
        " ^/a ",
    ],
)
def test_regular_expressions(text):
    """What Python compiles is kept to the letter, and comes compiled."""
    assert REGEX.parse(text) == re.compile(text)
    assert formatted(REGEX, REGEX.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["(", ")", "[", "*", "a{2,1}", "(?P<n>", "(?P=n)", "\\", "a**", "(?<=a*)b", r"\g"]
)
def test_invalid_regular_expression(text):
    """What Python does not compile would end OMERO.web at its start."""
    with pytest.raises(Invalid, match="not a regular expression"):
        REGEX.parse(text)


@given(st.text())
def test_regular_expressions_survive_the_round_trip(text):
    """Any text compiles, and is given back as it was, or is refused."""
    try:
        pattern = REGEX.parse(text)
    except Invalid:
        return
    assert formatted(REGEX, pattern) == text
    assert REGEX.parse(formatted(REGEX, pattern)) == pattern


@pytest.mark.parametrize(
    "text", ["Europe/London", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "Asia/Kolkata"]
)
def test_time_zones(text):
    """Names of the tz database."""
    assert TIME_ZONE.parse(f" {text} ") == text
    assert TIME_ZONE.parse(formatted(TIME_ZONE, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/etc/localtime",
        "../London",
        "Europe/../UTC",
        "+01:00",
        "Europe London",
        "Europe/",
        "Lon\0don",
        "x" * 300 + "/",
    ],
)
def test_what_can_be_no_time_zone(text):
    """Offsets, and paths that leave the database, are refused on every machine."""
    with pytest.raises(Invalid, match="not a time zone"):
        TIME_ZONE.parse(text)


@pytest.mark.parametrize("text", ["Europe", "Europe/Atlantis", "GMT+1", "BST", "Mars/Phobos", "London"])
def test_what_the_database_does_not_have(text):
    """Where the machine has the database, it is asked."""
    with pytest.raises(Invalid, match="not a time zone"):
        TIME_ZONE.parse(text)


def test_a_machine_without_the_database_takes_what_looks_right(monkeypatch):
    """A container may have no tz database while the server has one."""

    def nothing(name):
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", nothing)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    assert TIME_ZONE.parse("Europe/Atlantis") == "Europe/Atlantis"
    with pytest.raises(Invalid):
        TIME_ZONE.parse("Europe Atlantis")


@pytest.mark.parametrize(
    "text",
    [
        "ou=example,o=com",
        "ou=example, o=com",
        "dc=example,dc=org",
        "cn=Doe\\, Jane,ou=people,o=example",
        "cn=a+sn=b,o=c",
        "2.5.4.3=x",
        "OU=Users and Groups,DC=example,DC=org",
        "cn=a\\41b",
        *"cn=#04024869 cn=a=b cn=Jürgen".split(),
    ],
)
def test_distinguished_names(text):
    """Java's LdapName takes each of these too."""
    assert LDAP_NAME.parse(f" {text}") == text
    assert LDAP_NAME.parse(formatted(LDAP_NAME, text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cn",
        "=x",
        "cn=a,",
        "cn=a,,o=b",
        ",cn=a",
        "cn=a\\",
        "people",
        "(cn=a)",
        "cn=a;;o=b",
        "cn=a\\zz",
        "cn=#zz",
        "ou_x=1",
        "ldap://a/cn=b",
    ],
)
def test_invalid_distinguished_name(text):
    """Each part has an attribute, =, and a value; what is special has a backslash before it."""
    with pytest.raises(Invalid, match="not a distinguished name"):
        LDAP_NAME.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "(objectClass=person)",
        "(objectClass=groupOfNames)",
        *"(member=@{dn}) (owner=@{dn}) objectClass=person".split(),
        "(&(objectClass=person)(mail=*))",
        "(|(a=b)(c=d)(e=f))",
        "(!(a=b))",
        "(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
        "(memberOf:1.2.840.113556.1.4.1941:=cn=omero,ou=groups,dc=example,dc=org)",
        "(cn:dn:2.4.6.8.10:=Dino)",
        "(cn:caseExactMatch:=x)",
        "(:dn:2.4.6:=x)",
        "(cn=a\\28b\\29)",
        "(cn=)",
        *"(age>=18) (age<=18) (cn~=jon) (cn;lang-de=x) (cn=*a*b*) (cn=Jürgen)".split(),
        "(& (a=b) (c=d))",
    ],
)
def test_ldap_filters(text):
    """Java's directory client takes each of these too; @{dn} is filled in by OMERO."""
    assert LDAP_FILTER.parse(f" {text} ") == text
    assert LDAP_FILTER.parse(formatted(LDAP_FILTER, text)) == text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "lacks a ("),
        ("person", "lacks a ("),
        ("()", "no comparison"),
        ("(=x)", "no comparison"),
        ("(a>b)", "no comparison"),
        ("((a=b))", "no comparison"),
        ("(a b=c)", "no comparison"),
        ("(a=b", "lacks a ) at character 5"),
        ("(a=b))", "text after its end, at character 6"),
        ("(&(a=b)(c=d)", "lacks a )"),
        ("&(a=b)(c=d)", "lacks a ("),
        ("!(a=b)", "lacks a ("),
        ("(!(a=b)(c=d))", "negates two things"),
        ("(&a=b)", "lacks a ("),
        ("(&(a=b)", "lacks a )"),
        ("(a=b)x", "text after its end"),
    ],
)
def test_invalid_ldap_filter(text, problem):
    """The complaint says where the filter goes wrong."""
    with pytest.raises(Invalid, match=re.escape(problem)):
        LDAP_FILTER.parse(text)


def test_a_filter_can_be_nested_only_so_deeply():
    """Thousands of parentheses are refused, and do not end the program."""
    with pytest.raises(Invalid, match="nested too deeply"):
        LDAP_FILTER.parse("(!" * 10_000 + "(a=b)" + ")" * 10_000)


comparison = st.from_regex(r"[a-z]{1,5}(=|>=|<=|~=)[a-z*]{0,5}", fullmatch=True).map("({})".format)
filters = st.recursive(
    comparison,
    lambda inner: (
        st.tuples(st.sampled_from("&|"), st.lists(inner, min_size=1, max_size=3)).map(
            lambda found: f"({found[0]}{''.join(found[1])})"
        )
        | inner.map("(!{})".format)
    ),
)


@given(filters)
def test_filters_may_be_nested(text):
    """Each filter that the grammar makes is taken, and not without its last character."""
    assert LDAP_FILTER.parse(text) == text
    with pytest.raises(Invalid):
        LDAP_FILTER.parse(text[:-1])


@pytest.mark.parametrize("text", ["(&)", "(|)", "(& (a=b) (c=d) )", "(a:dn:=1)", "(:1.2.3:=x)", "(a=\\2a)"])
def test_filters_that_java_takes(text):
    """Java's LDAP provider was asked."""
    assert LDAP_FILTER.parse(text) == text


@pytest.mark.parametrize("text", ["(a=\\)", "(a:dn=1)", "( a=b)", "( &(a=b))", "(a =b)", "(&(a=b)x)"])
def test_filters_that_java_refuses(text):
    """Java's LDAP provider was asked."""
    with pytest.raises(Invalid):
        LDAP_FILTER.parse(text)


@pytest.mark.parametrize("text", ['cn="a,b",o=x', "cn=a;o=b", "2.5.4.3=a", "cn=#0a1b"])
def test_names_that_java_takes(text):
    """Quoted values, semicolons, numbers for attributes, hexadecimal values."""
    assert LDAP_NAME.parse(text) == text


@pytest.mark.parametrize("text", ["%user%//", "//"])
def test_a_repository_path_has_a_directory_of_the_user(text):
    """What stands before // belongs to root."""
    with pytest.raises(Invalid):
        REPOSITORY_PATH.parse(text)
