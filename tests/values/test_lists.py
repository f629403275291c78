"""Words and pairs divided by commas, and the nodes of a grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen import catalog
from omerogen.values.base import Invalid
from omerogen.values.lists import NODE_DESCRIPTORS, PAIRS, WORDS, Csv, Node, Server

TRANSPORTS = catalog.PROPERTIES["omero.client.icetransports"].kind
CHECKSUMS = catalog.PROPERTIES["omero.checksum.supported"].kind
PATH_RULES = catalog.PROPERTIES["omero.fs.repo.path_rules"].kind
BINARY_ACCESS = catalog.PROPERTIES["omero.policy.binary_access"].kind
TYPE_ORDER = catalog.PROPERTIES["omero.client.ui.tree.type_order"].kind

words = st.text(st.characters(exclude_characters=",", exclude_categories=["Z", "C"]), min_size=1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("  ", ()),
        ("INSERT", ("INSERT",)),
        ("INSERT,UPDATE,REINDEX,DELETE", ("INSERT", "UPDATE", "REINDEX", "DELETE")),
        (" a , b ", ("a", "b")),
        ("a,\n  b", ("a", "b")),
        ("two  words,one", ("two words", "one")),
        ("a,a", ("a", "a")),
        ("/omero/figure_scripts/Movie_Figure.py", ("/omero/figure_scripts/Movie_Figure.py",)),
    ],
)
def test_words_divided_by_commas(text, found):
    """Spaces around the words do not count; an empty text is an empty list."""
    assert WORDS.parse(text) == found


@pytest.mark.parametrize("text", [",", "a,", ",a", "a,,b", "a, ,b", " , ", "a,b,", ",,,"])
def test_words_are_separated_by_commas(text):
    """A comma too many is most often a word that was forgotten."""
    with pytest.raises(Invalid, match="empty part"):
        WORDS.parse(text)


@given(st.lists(words).map(tuple))
def test_words_survive_the_round_trip(value):
    """Whatever the words are, they are read back as they were written."""
    assert WORDS.parse(formatted(WORDS, value)) == value


GOOD_CHOICES = [
    (TRANSPORTS, "ssl,tcp"),
    (TRANSPORTS, "ssl, tcp"),
    (TRANSPORTS, "ssl"),
    (TRANSPORTS, "ssl,tcp,wss,ws"),
    (TRANSPORTS, " ws "),
    (CHECKSUMS, "SHA1-160, MD5-128, Murmur3-128, Murmur3-32, CRC-32, Adler-32, File-Size-64"),
    (CHECKSUMS, "File-Size-64"),
    (PATH_RULES, "Windows required, UNIX required"),
    (PATH_RULES, "Windows optional,UNIX optional,local required,local optional"),
    (PATH_RULES, "local  required"),
    (BINARY_ACCESS, "-read,+write,+image,-plate"),
    (BINARY_ACCESS, "-read,-write,-image,-plate"),
    (BINARY_ACCESS, "+read, +write, +image"),
    (BINARY_ACCESS, "-read"),
    (BINARY_ACCESS, ""),
    (TYPE_ORDER, "tagset, tag, project, dataset, screen, plate, acquisition, image"),
    (TYPE_ORDER, "false"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD_CHOICES)
def test_lists_of_the_glossary(kind, text):
    """Each list that OMERO's glossary shows, or describes, is one; its order stays."""
    value = kind.parse(text)
    assert value == tuple(" ".join(word.split()) for word in text.split(",") if word.strip())
    assert kind.parse(formatted(kind, value)) == value


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (TRANSPORTS, "", "is empty"),
        (TRANSPORTS, "   ", "is empty"),
        (TRANSPORTS, "ssl,udp", "'udp'"),
        (TRANSPORTS, "SSL", "'SSL'"),
        (TRANSPORTS, "ssl;tcp", "'ssl;tcp'"),
        (TRANSPORTS, "ssl tcp", "'ssl tcp'"),
        (TRANSPORTS, "ssl,ssl", "twice"),
        (TRANSPORTS, "ssl,", "empty part"),
        (CHECKSUMS, "", "is empty"),
        (CHECKSUMS, "MD5", "'MD5'"),
        (CHECKSUMS, "SHA1-160,sha1-160", "'sha1-160'"),
        (PATH_RULES, "", "is empty"),
        (PATH_RULES, "Windows", "'Windows'"),
        (PATH_RULES, "Linux required", "'Linux required'"),
        (PATH_RULES, "Windows required UNIX required", "'Windows required UNIX required'"),
        (BINARY_ACCESS, "read", "'read'"),
        (BINARY_ACCESS, "+read +write", "'+read +write'"),
        (BINARY_ACCESS, "+well", "'+well'"),
        (BINARY_ACCESS, "+ read", "'+ read'"),
        (BINARY_ACCESS, "true", "'true'"),
    ],
)
def test_words_that_a_list_does_not_know(kind, text, problem):
    """A list of choices names the word that is none of them."""
    with pytest.raises(Invalid) as caught:
        kind.parse(text)
    assert problem in caught.value.problem


def test_only_some_lists_name_each_word_once():
    """Two equal transports would share a port; an algorithm named twice does no harm."""
    with pytest.raises(Invalid, match="names one word twice"):
        Csv("a", "b", name="letters", unique=True).parse("a, b,a")
    assert Csv("a", "b", name="letters").parse("a,a") == ("a", "a")


def test_the_word_instead_of_a_list_is_documented():
    """That false stands for no order at all is in the text for the reference."""
    assert TYPE_ORDER.doc == "words, divided by commas, or the word false"


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", ()),
        ("name=cn", (("name", "cn"),)),
        ("omeName=cn, firstName=givenName", (("omeName", "cn"), ("firstName", "givenName"))),
        ("cn", (("cn", ""),)),
        ("name=cn,", (("name", "cn"),)),
        ("name=cn;mail=mail:x=y z=", (("name", "cn"), ("mail", "mail"), ("x", "y"), ("z", ""))),
        ("a=b=c", (("a", "b=c"),)),
        ("omeName=sAMAccountName,email=mail", (("omeName", "sAMAccountName"), ("email", "mail"))),
    ],
)
def test_pairs_as_in_ldap_mappings(text, pairs):
    """OMERO divides at commas, semicolons, colons and spaces; what has no = maps to nothing."""
    assert PAIRS.parse(text) == pairs
    assert PAIRS.parse(formatted(PAIRS, pairs)) == pairs


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("master:Blitz-0,Tables-0", (Node("master", (Server("Blitz", 0), Server("Tables", 0))),)),
        (
            "master:Blitz-0,Tables-0 worker1:Processor-0",
            (
                Node("master", (Server("Blitz", 0), Server("Tables", 0))),
                Node("worker1", (Server("Processor", 0),)),
            ),
        ),
        (
            "  master:DropBox \n w-2.lan:PixelData-12 ",
            (Node("master", (Server("DropBox", None),)), Node("w-2.lan", (Server("PixelData", 12),))),
        ),
        ("master:", (Node("master", ()),)),
        ("", ()),
    ],
)
def test_nodes_and_their_services(text, nodes):
    """NODE:SERVICE-INDEX words, with the index left out or not."""
    assert NODE_DESCRIPTORS.parse(text) == nodes
    assert NODE_DESCRIPTORS.parse(formatted(NODE_DESCRIPTORS, nodes)) == nodes


@pytest.mark.parametrize(
    "text",
    [
        "Blitz-0",
        ":Blitz-0",
        "master Blitz-0",
        "master:Blitz-x",
        "master:Blitz--1",
        "master:Blitz-0-1",
        "master:-0",
        "master:0",
        "master:Blitz:0",
        "mas/ter:Blitz-0",
        "m" * 101 + ":Blitz-0",
        "-n:Blitz-0",
        "master:<Blitz>",
        "master:Blitz-0, Tables-0",
        "master:Blitz-0 master:Tables-0",
    ],
)
def test_invalid_node(text):
    """A node needs a name, its services are names with an index, and no node comes twice."""
    with pytest.raises(Invalid):
        NODE_DESCRIPTORS.parse(text)


services = st.sampled_from(["Blitz", "Tables", "PixelData", "a_1"])
servers = st.builds(Server, services, st.none() | st.integers(0, 9999))
names = st.sampled_from(["master", "w-1", "w2.lan", "0_"])
by_name = st.dictionaries(names, st.lists(servers, max_size=3).map(tuple))


@given(by_name.map(lambda found: tuple(Node(*item) for item in found.items())))
def test_nodes_survive_the_round_trip(value):
    """Nodes, their services and the order of both are read back as they were written."""
    assert NODE_DESCRIPTORS.parse(formatted(NODE_DESCRIPTORS, value)) == value
