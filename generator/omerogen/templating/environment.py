"""The Jinja2 environment: a context's fields through a template, escaped for its language.

A template's language is the suffix before ``.j2``. All that an expression prints
goes through that language's rule of `escape`; a template cannot forget it, and
one that tries to do more than `rules` allow does not load. Text that is
printed as it is needs both: a place that is declared there, and a field that gives `Raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from omerogen.model import Line
from omerogen.templating import escape
from omerogen.templating.rules import AS_IT_IS, INDENT, CheckedCode, language

if TYPE_CHECKING:
    from omerogen.templating.tracing import Observer


def render(template: str, fields: Mapping[str, Any]) -> str:
    """The text of ``template``, such as ``nginx/server.conf.j2``, with these names to print."""
    return _environment(language(template)).get_template(template).render(fields)


def trace(template: str, fields: Mapping[str, Any], observer: Observer) -> tuple[str, tuple[Line, ...]]:
    """The same text, and the origin of each of its lines; ``observer`` notes what the fields read.

    `Unwritable` has the inputs of the value that cannot be written.
    """
    from omerogen.templating import tracing

    trace = tracing.Trace(observer)
    environment = _environment(language(template), traced=True)
    marked = environment.get_template(template).render({**fields, tracing.TRACE: trace})
    return tracing.plain(marked), tuple(trace.lines(marked))


def templates_folder() -> Path:
    """Where the templates are: in the package when installed, two folders up in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent.parent / "templates"


class _Environment(Environment):
    code_generator_class = CheckedCode


class _AsItIs(str):
    """Text that has come through a raw place."""

    __slots__ = ()


@cache
def _environment(language: str, *, traced: bool = False) -> Environment:
    code: type[CheckedCode] = CheckedCode
    printed, indented = _printed(escape.LANGUAGES[language]), _indented
    if traced:
        from omerogen.templating import instrument, tracing

        code, printed, indented = instrument.TracedCode, tracing.marked(printed), tracing.indented
    environment = _Environment(
        loader=FileSystemLoader(templates_folder()),
        undefined=StrictUndefined,
        finalize=printed,
        autoescape=False,  # finalize escapes, for languages that are not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.code_generator_class = code
    environment.filters = {AS_IT_IS: _as_it_is, INDENT: indented}
    return environment


def _printed(rule: Callable[[Any], str]) -> Callable[[Any], str]:
    """The text that an expression prints of a value, by the rule of the language."""

    def printed(value: Any) -> str:
        if isinstance(value, _AsItIs):
            return str(value)
        if isinstance(value, escape.Raw):
            raise TypeError("raw text, at a place that prints values")
        return rule(value)

    return printed


def _as_it_is(value: Any) -> _AsItIs:
    """Text that a field has checked and marked as `Raw`."""
    if not isinstance(value, escape.Raw):
        raise TypeError("a value, at a place that prints raw text")
    return _AsItIs(value)


def _indented(text: str, width: int) -> str:
    """The lines of ``text`` moved to the right; only a line break ends a line, as in all of our languages.

    Jinja2's own filter also breaks lines at the separators of Unicode, which values may hold.
    """
    return "\n".join(" " * width + line if line else line for line in text.split("\n"))
