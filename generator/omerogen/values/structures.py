"""The JSON values that OMERO's properties have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omerogen.values.json import (
    ANYTHING,
    DOTTED_NAME,
    OBJECT,
    TEXT,
    Complaint,
    Either,
    ListOf,
    Number,
    Object,
    Row,
    Text,
    loads,
)


class AdditionalSettings(ListOf["list[Any]"]):
    """``[[NAME, value], …]``; a single ``[NAME, value]``, as OMERO's text has it, is taken too."""

    _name = Text("the name of a Django setting, in capitals", r"[A-Z][A-Z0-9_]*")

    def __init__(self) -> None:
        super().__init__(Row(self._name, ANYTHING, doc="a pair of [NAME, value]"))

    def parse(self, text: str) -> list[list[Any]]:
        value = loads(text)
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            text = f"[{text}]"
        return super().parse(text)

    def schema(self) -> dict[str, Any]:
        pair = {"type": "array", "prefixItems": [self._name.form()], "minItems": 2, "maxItems": 2}
        return {"anyOf": [super().schema(), pair]}


class _Origin(Text):
    """A text that Python can take apart as a URL, as Django does with it."""

    def complaints(self, value: Any, where: str = "") -> Iterator[Complaint]:
        from urllib.parse import urlsplit  # late: few sites have origins

        yield from super().complaints(value, where)
        try:
            urlsplit(str(value))
        except ValueError:
            yield Complaint(where, f"is not {self.doc}")


_server = Row(
    TEXT,
    Either(
        Number("a port from 1 to 65535", whole=True, low=1, high=65535), Text("its digits", "[1-9][0-9]{0,4}")
    ),
    TEXT,
    optional=1,
    doc="a list of [host, port, name]",
)
_plugin = Row(TEXT, TEXT, TEXT, doc="a list of [label, include, div id]")
_link = Row(
    TEXT,
    Either(TEXT, OBJECT),
    OBJECT,
    optional=1,
    doc="a list of [label, link] or [label, link, {attributes}]",
)
_static_dir: Either[str | list[Any]] = Either(TEXT, Row(TEXT, TEXT, doc="a pair of [prefix, path]"))

TEXTS = ListOf(TEXT)
ORIGINS = ListOf(_Origin("an origin such as https://omero.example.org"))
APPS = ListOf(DOTTED_NAME)
ADMINS = ListOf(Row(TEXT, TEXT, doc='a pair such as ["Full Name", "me@example.org"]'))
SERVER_LIST = ListOf(_server, "json-list of [host, port, name]")
MIDDLEWARE = ListOf(
    Object(
        'a mapping such as {"index": 1, "class": "a.Middleware"}',
        {"index": Number("a number"), "class": DOTTED_NAME},
    )
)
OPEN_WITH = ListOf(Row(TEXT, TEXT, OBJECT, optional=1, doc="a list of [name, url, {options}]"))
TOP_LINKS = ListOf(_link)
PLUGINS = ListOf(_plugin)
METADATA_PANES = ListOf(
    Object(
        'a mapping such as {"name": "tag", "label": "Tags", "index": 1}',
        {"name": TEXT, "label": TEXT, "index": Number("a number")},
    )
)
STATIC_DIRS = ListOf(_static_dir)
PROXY_HEADER = Either(
    Row(doc="an empty list"),
    Row(
        Text("a name such as HTTP_X_FORWARDED_PROTO", "HTTP_[A-Z][A-Z0-9_]*"),
        TEXT,
        doc='a pair such as ["HTTP_X_FORWARDED_PROTO", "https"]',
    ),
    name="json-list",
)
CACHES = Object(
    "a mapping of cache names to settings",
    others=Object('a mapping with a "BACKEND"', {"BACKEND": DOTTED_NAME}),
)
DATABASES = Object(
    "a mapping of database names to settings",
    others=Object('a mapping with an "ENGINE"', optional={"ENGINE": DOTTED_NAME}),
)
TEXT_BY_NAME = Object("a mapping of names to texts", others=TEXT)
LOGIN_REDIRECT = Object(
    "a mapping with redirect, viewname, args, query_string",
    optional={
        "redirect": ListOf(TEXT),
        "viewname": TEXT,
        "args": ListOf(ANYTHING),
        "kwargs": OBJECT,
        "query_string": Either(TEXT, OBJECT),
    },
)
ADDITIONAL_SETTINGS = AdditionalSettings()
