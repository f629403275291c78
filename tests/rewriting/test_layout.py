"""What is not filled in stays as it is, to the last byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omerogen.rewriting.layout import Document
from support.installation import SHIPPED, filled


def test_only_what_is_filled_in_differs():
    """Alignment, line ends, quotes, blank lines, comments and the prolog are the file's own."""
    for path, text in filled({}).items():
        shipped = (SHIPPED / path).read_bytes().decode()
        changed = [line for line in shipped.splitlines() if line not in text.splitlines()]
        marks = ("@omero.", "MEMORY:", "REPLACEMENT:")
        assert all(any(mark in line for mark in marks) for line in changed), changed
        assert text.count("\r\n") == shipped.count("\r\n")
        assert text.endswith("\n") == shipped.endswith("\n")


XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(
    texts=st.lists(XML_TEXT, min_size=3, max_size=3),
    gap=st.sampled_from(["", " ", "\n\t", "  \n"]),
    quote=st.sampled_from("'\""),
)
def test_any_document_without_placeholders_stays_as_it_is(texts, gap, quote):
    """Whatever its texts, comments and the space inside its tags."""
    value, text, comment = texts
    value = "".join(f"&#{ord(c)};" if c in "&<'\"" else c for c in value)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    comment = comment.replace("-", "_")
    tag = f"<a{gap or ' '}b{gap}={gap}{quote}{value}{quote}{gap}/>"
    inside = f"\n{tag}{text}<!--{comment}--><c >{text}</c>"
    source = f"<?xml version='1.0'?>\n<!--{comment}-->\n<icegrid>{inside}</icegrid>\n<!-- end -->\n"
    assert str(Document(source.encode())) == source
