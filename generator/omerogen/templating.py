"""The Jinja2 environment: a context's fields through a template, escaped for its language.

A template's language is the suffix before ``.j2``. Whatever an expression prints
goes through that language's rule of `omerogen.escape`; a template cannot forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from omerogen import escape

#: Language of a template, by the suffix of what it makes.
_LANGUAGES: dict[str, Callable[[Any], str]] = {
    ".args": escape.argfile,
    ".cfg": escape.ice_config,
    ".conf": escape.nginx,
    ".json": escape.json,
    ".properties": escape.java_properties,
    ".py": escape.python,
    ".sh": escape.shell,
    ".url": escape.url,
    ".xml": escape.icegrid,
}


def render(template: str, fields: Mapping[str, Any]) -> str:
    """The text of ``template``, such as ``nginx/server.conf.j2``, with these names to print."""
    language = PurePosixPath(template).with_suffix("").suffix
    return _environment(language).get_template(template).render(fields)


def templates_folder() -> Path:
    """Where the templates are: beside the package when installed, two folders up in a checkout."""
    package = Path(__file__).parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent.parent / "templates"


@cache
def _environment(language: str) -> Environment:
    rule = _LANGUAGES[language]

    def printed(value: Any) -> str:
        return str(value) if isinstance(value, escape.Raw) else rule(value)

    return Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        finalize=printed,
        autoescape=False,  # noqa: S701 - finalize escapes, for languages that are not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
