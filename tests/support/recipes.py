"""Recipes of `examples/`, read with what a machine of tests has in place of a site's folders and programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from support.ansible import OMEROGEN
from support.files import EXAMPLES

__all__ = ["OMEROGEN", "RECIPES", "documents", "replaced"]

RECIPES = EXAMPLES


def documents(path: str) -> list[Any]:
    """The documents of a YAML file of `examples/`."""
    return list(yaml.safe_load_all((RECIPES / path).read_text(encoding="utf-8")))


def replaced(text: str, places: Mapping[str, object]) -> str:
    """A text with other places; each one must occur in it, so that no replacement is forgotten."""
    for old, new in places.items():
        assert old in text, f"{old} is not in {text}"
        text = text.replace(old, str(new))
    return text
