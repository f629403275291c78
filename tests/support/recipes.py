"""Recipes of `examples/`, with the folders and programs of a test in place of a site's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from support.files import EXAMPLES


def documents(path: str) -> list[Any]:
    """The documents of a YAML file of `examples/`."""
    return list(yaml.safe_load_all((EXAMPLES / path).read_text(encoding="utf-8")))


def replaced(text: str, places: Mapping[str, object]) -> str:
    """A text with other places; each one must occur in it, so that no replacement is forgotten."""
    for old, new in places.items():
        assert old in text, f"{old} is not in {text}"
        text = text.replace(old, str(new))
    return text
