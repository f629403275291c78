"""config.xml is read by expat, and means what lxml reads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omerogen.sources import elements, xml
from omerogen.sources.elements import Element, Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)
NAMES = st.sampled_from(["a", "property", "x:y", "xmlns", "id", "ä"])
WHOLE = b"""<?xml version="1.0" encoding="utf-8"?>
<!-- a comment --><icegrid>
  <properties id="default"><property name="a" value="b&#10;&amp;\xc3\xa9"/></properties>
  <![CDATA[x]]>
</icegrid>
"""


def tree(element: Element) -> tuple:
    """An element as a value; lines are not compared, as lxml gives those of the end of a tag."""
    return element.tag, sorted(element.attributes.items()), [tree(child) for child in element.children]


def same(data: bytes) -> bool:
    """Whether both read the same, or refuse it for the same reason."""
    results = []
    for parse in (elements.parse, elements._by_lxml):
        try:
            results.append(tree(parse(data)))
        except Malformed as error:
            results.append((str(error), error.line))
    return results[0] == results[1]


@st.composite
def documents(draw) -> str:
    """Elements in elements, with odd names and any texts."""
    quoted = draw(TEXT).translate({ord(c): f"&#{ord(c)};" for c in "&<\"'"})
    attributes = "".join(f' {draw(NAMES)}="{quoted}"' for _ in range(draw(st.integers(0, 2))))
    tag = draw(NAMES)
    inner = "".join(draw(st.lists(st.one_of(st.just("<!-- c -->"), st.just("<b/>\r\n"), st.just("&lt;")))))
    return f"<{tag}{attributes}>{inner}</{tag}>"


@given(document=documents(), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_document_is_read_as_lxml_reads_it(document, encoding):
    """With namespaces, comments, CDATA, and in several encodings."""
    assert same(document.encode(encoding))


@given(start=st.integers(0, len(WHOLE)), end=st.integers(0, len(WHOLE)), new=st.binary(max_size=3))
def test_a_damaged_document_is_refused_as_lxml_refuses_it(start, end, new):
    """Cut out, doubled or overwritten at any place."""
    assert same(WHOLE[:start] + new + WHOLE[end:])


def test_a_document_type_is_refused():
    """Before any entity is expanded."""
    for data in (b"<!DOCTYPE a><a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a x="&b;"/>'):
        assert same(data)
        for parse in (elements.parse, xml.parse):
            try:
                parse(data)
            except Malformed as error:
                assert "document type" in str(error)
            else:
                raise AssertionError


def test_a_line_is_that_of_the_beginning_of_a_tag():
    """Of one that is written over several lines, too."""
    root = elements.parse(b'<icegrid>\n<properties\nid="a"/>\n</icegrid>')
    assert [child.line for child in root.children] == [2]
