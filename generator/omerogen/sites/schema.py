"""The JSON Schema of a site file, for editors: made from the options and the catalog."""

from __future__ import annotations

from typing import Any

from omerogen.artifacts import ARTIFACTS
from omerogen.model.option import Option
from omerogen.reporting import reference
from omerogen.rules import registry
from omerogen.sites.hooks import ANY
from omerogen.sites.options import of_sites

_TEXT = {"type": "string", "minLength": 1}


def json_schema() -> dict[str, Any]:
    """A schema (draft 2020-12) for ``omerogen.toml``."""
    properties = reference.json_schema(reference.rows())
    own = {
        **{key: _option(option) for option in of_sites() for key in option.keys},
        "properties": {"description": "Properties, as with --set.", "$ref": "#/$defs/properties"},
        "waive": {
            "description": "Findings that are meant to be: the id of a rule and the reason.",
            "type": "object",
            "properties": {
                name: {"description": one.title, **_TEXT} for name, one in registry.rules().items()
            },
            "additionalProperties": _TEXT,
        },
        "reload": {
            "description": "Shell commands that run when files of an artifact changed.",
            "type": "object",
            "properties": dict.fromkeys((*ARTIFACTS, ANY), _TEXT),
            "additionalProperties": False,
        },
    }
    site = {"type": "object", "properties": own, "additionalProperties": False}
    several = {
        "type": "object",
        "additionalProperties": site,
        "description": "Sites by name, each over these keys.",
    }
    return {
        "$schema": properties.pop("$schema"),
        "title": "omerogen.toml, the site file of omerogen",
        "type": "object",
        "properties": {**own, "sites": several},
        "additionalProperties": False,
        # TOML reads a.b = 1 without quotes as a table in a table.
        "$defs": {"properties": {**properties, "additionalProperties": True, "propertyNames": True}},
    }


def _option(option: Option) -> dict[str, Any]:
    described: dict[str, Any] = {"description": option.help}
    if option.is_switch:
        return {**described, "type": "boolean"}
    one = option.kind.schema()
    if option.alone:
        return {**described, "anyOf": [one, {"type": "boolean"}]}
    return {**described, **({"anyOf": [{"type": "array", "items": one}, one]} if option.many else one)}
