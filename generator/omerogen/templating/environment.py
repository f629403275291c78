"""Templates, and the fields of a context through them, escaped for their language.

A template's language is the suffix before ``.j2``. All that an expression prints
goes through that language's rule of `escape`; a template cannot forget it, and
one that tries to do more than `rules` allow does not load. Text that is
printed as it is needs both: a place that is declared there, and a field that gives `Raw`.

Templates are compiled when omerogen is installed: then Jinja2 is not imported. One that was changed since,
as the compiler may have been too, is compiled from its source.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from omerogen.model import Input, Line
from omerogen.templating import escape
from omerogen.templating.folder import templates_folder

if TYPE_CHECKING:
    from omerogen.templating.tracing import Observer

_MODULE_NAME = str.maketrans("/.-", "___")
#: What a compiled template is made by, and calls.
_COMPILER = ("compiler.py", "rules.py", "tracing.py")


class Template(NamedTuple):
    """The functions of a compiled template."""

    render: Callable[..., None]
    trace: Callable[..., None]


def render(template: str, fields: Mapping[str, Any]) -> str:
    """The text of ``template``, such as ``nginx/server.conf.j2``, with these names to print."""
    value = _printer(escape.LANGUAGES[language(template)])

    def include(name: str, out: Callable[[str], None], names: Mapping[str, Any]) -> None:
        load(name).render(out, names, value, _as_it_is, _indented, include)

    parts: list[str] = []
    include(template, parts.append, fields)
    return "".join(parts)


def trace(
    template: str, fields: Mapping[str, Any], observer: Observer, choice: frozenset[Input] = frozenset()
) -> tuple[str, tuple[Line, ...]]:
    """The same text, and the origin of each of its lines; ``observer`` notes what the fields read.

    ``choice`` are the inputs that chose the template. `Unwritable` has the inputs of the value that cannot
    be written.
    """
    from omerogen.templating import tracing

    value = _printer(escape.LANGUAGES[language(template)])
    trace = tracing.Trace(observer, value, _as_it_is)

    def include(name: str, out: Callable[[str], None], names: Mapping[str, Any]) -> None:
        load(name).trace(out, names, trace, tracing.indented, include)

    parts: list[str] = []
    include(template, parts.append, fields)
    marked = "".join(parts)
    return tracing.plain(marked), tuple(trace.lines(marked, choice))


def language(template: str) -> str:
    """The language of a template: ``.conf`` for ``nginx/server.conf.j2``."""
    return os.path.splitext(template.removesuffix(".j2"))[1]


@cache
def load(template: str) -> Template:
    """A template, as it was compiled when omerogen was installed, or else from its source."""
    with open(os.path.join(templates_folder(), template), encoding="utf-8") as file:
        source = file.read()
    try:
        module = import_module(f"omerogen.templating.compiled.{module_name(template)}")
    except ModuleNotFoundError:
        return compiled(template, source)
    if checksum(source) != module.CHECKSUM:
        return compiled(template, source)
    return Template(module.render, module.trace)


def checksum(source: str) -> int:
    """By which a compiled template is known to be that of this source, and by this compiler."""
    return zlib.crc32(source.encode(), _compiler_checksum())


@cache
def _compiler_checksum() -> int:
    sum_ = 0
    for name in _COMPILER:
        with open(os.path.join(os.path.dirname(__file__), name), "rb") as file:
            sum_ = zlib.crc32(file.read(), sum_)
    return sum_


def compiled(template: str, source: str) -> Template:
    """A template from its source; raises `rules.NotAllowed`."""
    from omerogen.templating import compiler

    names: dict[str, Any] = {}
    exec(compile(compiler.compiled(template, source), template, "exec"), names)  # noqa: S102 - our own code
    return Template(names["render"], names["trace"])


def module_name(template: str) -> str:
    """The name of the module that a template is compiled into."""
    return template.removesuffix(".j2").translate(_MODULE_NAME)


@cache
def _printer(rule: Callable[[Any], str]) -> Callable[[Any], str]:
    """What an expression prints of a value, by the rule of the language."""
    # Some two hundred texts are in the files of most sites; more entries would be those of one alone.
    plain = lru_cache(maxsize=512)(rule)
    typed = lru_cache(maxsize=512, typed=True)(rule)

    def printed(value: Any) -> str:
        if type(value) is str:  # what most are
            return plain(value)
        if not isinstance(value, str):
            return rule(value)
        if isinstance(value, escape.Raw):
            raise TypeError("raw text, at a place that prints values")
        return typed(value)

    return printed


def _as_it_is(value: Any) -> str:
    """Text that a field has checked and marked as `Raw`."""
    if not isinstance(value, escape.Raw):
        raise TypeError("a value, at a place that prints raw text")
    return str(value)


def _indented(text: str, width: int) -> str:
    """The lines of ``text`` moved to the right; only a line break ends a line, as in all of our languages.

    Jinja2's own filter also breaks lines at the separators of Unicode, which values may hold.
    """
    return "\n".join(" " * width + line if line else line for line in text.split("\n"))
