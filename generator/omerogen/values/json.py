"""Values written as JSON: lists and mappings, checked down to their members."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from omerogen.values.base import Invalid, ValueType
from omerogen.values.shapes import (
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
    Shape,
    Text,
)

#: Python's parser takes 200 levels of parentheses in all.
DEEPEST = 64

#: What is wrong with one value is one line.
_MOST_COMPLAINTS = 5

#: Shells and .omero files take quotes away, so that the JSON seems right to who wrote it.
_QUOTES = "texts go in double quotes; in a shell or a .omero file, '…' goes around the whole"


def no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def loads(text: str) -> Any:
    """The value of a JSON text; `Invalid` for everything that JSON or Python has no words for."""
    try:
        value = json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Invalid(f"is not JSON: {what}", _QUOTES) from None
    _check_writable(value, DEEPEST)
    return value


def _check_writable(value: Any, levels: int) -> None:
    """Refuse what no artifact can hold: Python reads no deeper nesting, UTF-8 has no half characters."""
    if not levels:
        raise Invalid(f"is nested deeper than {DEEPEST} levels", "write it flatter")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise Invalid("has half of a surrogate pair", "write the whole character")
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_writable(name, levels)
            _check_writable(item, levels - 1)
    elif isinstance(value, list):
        for item in value:
            _check_writable(item, levels - 1)


def dumps(value: Any) -> str:
    """The JSON text of a value, as ``omero config`` writes it."""
    return json.dumps(value, allow_nan=False)


class Json(ValueType[Any]):
    """A JSON list or mapping of one shape."""

    showable = False

    def __init__(self, name: str, shape: Shape, *, secret: bool = False) -> None:
        self.name = name
        self.shape = shape
        self.doc = shape.doc
        self.secret = secret

    def parse(self, text: str) -> Any:
        value = loads(text)
        if complaints := list(self.shape.complaints(value)):
            raise Invalid(_told(complaints), f"give {self.doc}")
        return value

    def format(self, value: Any) -> str:
        return dumps(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.shape.schema(), {"type": "string"}]}


def json_list(member: Shape, name: str = "json-list") -> Json:
    """A JSON list whose members are of one shape."""
    return Json(name, ListOf(member))


def json_object(shape: Shape) -> Json:
    """A JSON mapping of one shape."""
    return Json("json-object", shape)


def _told(complaints: list[Complaint]) -> str:
    """What is wrong, in one line: as much as that takes, and how much more there is."""
    if not complaints[0].where and len(complaints) == 1:
        return "is JSON of something else"
    more = len(complaints) - _MOST_COMPLAINTS
    rest = [f"and {more} more"] if more > 0 else []
    return f"is wrong: {'; '.join([*map(str, complaints[:_MOST_COMPLAINTS]), *rest])}"


class AdditionalSettings(Json):
    """``[[NAME, value], …]``; a single ``[NAME, value]``, as OMERO's text has it, is taken too."""

    _name = Text("the name of a Django setting, in capitals", r"[A-Z][A-Z0-9_]*")

    def __init__(self) -> None:
        pair = Row(self._name, ANYTHING, doc="a pair of [NAME, value]")
        super().__init__("json-list", ListOf(pair))

    def parse(self, text: str) -> Any:
        value = loads(text)
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            text = dumps([value])
        return super().parse(text)

    def schema(self) -> dict[str, Any]:
        pair = {"type": "array", "prefixItems": [self._name.schema()], "minItems": 2, "maxItems": 2}
        return {"anyOf": [super().schema(), pair]}


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
_static_dir = Either(TEXT, Row(TEXT, TEXT, doc="a pair of [prefix, path]"))

TEXTS = json_list(TEXT)
APPS = json_list(DOTTED_NAME)
ADMINS = json_list(Row(TEXT, TEXT, doc='a pair such as ["Full Name", "me@example.org"]'))
SERVER_LIST = json_list(_server, "json-list of [host, port, name]")
MIDDLEWARE = json_list(
    Object(
        'a mapping such as {"index": 1, "class": "a.Middleware"}',
        {"index": Number("a number"), "class": DOTTED_NAME},
    )
)
OPEN_WITH = json_list(Row(TEXT, TEXT, OBJECT, optional=1, doc="a list of [name, url, {options}]"))
TOP_LINKS = json_list(_link)
PLUGINS = json_list(_plugin)
METADATA_PANES = json_list(
    Object(
        'a mapping such as {"name": "tag", "label": "Tags", "index": 1}',
        {"name": TEXT, "label": TEXT, "index": Number("a number")},
    )
)
STATIC_DIRS = json_list(_static_dir)
PROXY_HEADER = Json(
    "json-list",
    Either(
        Row(doc="an empty list"),
        Row(
            Text("a name such as HTTP_X_FORWARDED_PROTO", "HTTP_[A-Z][A-Z0-9_]*"),
            TEXT,
            doc='a pair such as ["HTTP_X_FORWARDED_PROTO", "https"]',
        ),
    ),
)
CACHES = json_object(
    Object(
        "a mapping of cache names to settings",
        others=Object('a mapping with a "BACKEND"', {"BACKEND": DOTTED_NAME}),
    )
)
DATABASES = json_object(
    Object(
        "a mapping of database names to settings",
        others=Object('a mapping with an "ENGINE"', optional={"ENGINE": DOTTED_NAME}),
    )
)
TEXT_BY_NAME = json_object(Object("a mapping of names to texts", others=TEXT))
LOGIN_REDIRECT = json_object(
    Object(
        "a mapping with redirect, viewname, args, query_string",
        optional={
            "redirect": ListOf(TEXT),
            "viewname": TEXT,
            "args": ListOf(ANYTHING),
            "kwargs": OBJECT,
            "query_string": Either(TEXT, OBJECT),
        },
    )
)
ADDITIONAL_SETTINGS = AdditionalSettings()
