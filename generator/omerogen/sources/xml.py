"""XML, parsed without reading other files, and with errors that do not quote its content."""

from __future__ import annotations

from lxml import etree

from omerogen.sources.elements import Malformed

#: The meaning of libxml2's names for frequent mistakes.
_REASONS = {
    "ERR_ATTRIBUTE_NOT_FINISHED": "a quote is not closed",
    "ERR_DOCUMENT_EMPTY": "it does not begin with a tag",
    "ERR_ENTITYREF_SEMICOL_MISSING": "an unescaped &: write &amp;",
    "ERR_GT_REQUIRED": "a tag is not closed, or a value has a quote, which is written &quot;",
    "ERR_LT_IN_ATTRIBUTE": "a value has a <, which is written &lt;",
    "ERR_NAME_REQUIRED": "an unescaped &: write &amp;",
    "ERR_TAG_NAME_MISMATCH": "a tag is closed by another",
    "ERR_TAG_NOT_FINISHED": "a tag is not closed",
    "ERR_UNDECLARED_ENTITY": "an unescaped &: write &amp;",
}


def parse(data: bytes, *, strip_cdata: bool = True) -> etree._Element:
    """The root of a document. A document type is refused: with it come entities, which may read files."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=strip_cdata
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"is not XML: {_reason(error)}", error.lineno or 1) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("has a document type, which OMERO never writes")
    return root


def _reason(error: etree.XMLSyntaxError) -> str:
    """The reason, by libxml2's name for it: its sentences quote the file."""
    last = getattr(error.error_log, "last_error", None)
    name = str(getattr(last, "type_name", ""))
    return _REASONS.get(name) or name.removeprefix("ERR_").replace("_", " ").lower() or "it cannot be read"
