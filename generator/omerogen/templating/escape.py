"""One escaping rule for each language that templates are written in.

Every function takes a value and gives the text that means this value there, and
nothing else: never a directive, a tag, a flag or a statement. A value that a language cannot
write raises `Unwritable`. `Raw` is the one way round, for text that is checked
elsewhere to be whole directives of its language; templates print it at declared places alone.
"""

from __future__ import annotations

import json as _json
import math
import re
import shlex
from collections.abc import Callable
from typing import Any

from omerogen.model import Input
from omerogen.values.nginx import LONGEST_WORD
from omerogen.values.patterns import Pattern


class Unwritable(ValueError):
    """A value that the language cannot write; ``inputs`` are those of the value, where they are known."""

    def __init__(self, problem: str, inputs: frozenset[Input] = frozenset()) -> None:
        super().__init__(problem, inputs)
        self.problem = problem
        self.inputs = inputs

    def __str__(self) -> str:
        return self.problem


#: A row of ``$`` that IceGrid would read. Variables that OMERO's application and ours define are left to it.
_DOLLARS = Pattern(r"(?<!\$)(?!\$\{(?:OMERO_HOME|OMERO_ETC|OMERO_JARS|OMERO_LOGS|JAVA|PYTHON)\})\$+(?=\{)")


class Raw(str):
    """Text in the template's own language, printed as it is."""

    __slots__ = ()


class Variable(str):
    """The name of an nginx variable, printed with its ``$``."""

    __slots__ = ()


class Word(tuple[Any, ...]):
    """An nginx word made of texts, numbers and variables: quoted as a whole, or not at all."""

    __slots__ = ()


class Name(str):
    """A name of Python, dotted or not, printed as it is."""

    __slots__ = ()


def nginx(value: Any) -> str:
    """A word in an nginx configuration. nginx cannot represent a literal ``$``."""
    parts = value if isinstance(value, Word) else (value,)
    plain = "".join(_text_or_number(part) for part in parts if not isinstance(part, Variable))
    if "$" in plain:
        raise Unwritable("a literal $ is not supported, since nginx would take it for a variable")
    if re.search(r"[\0\r\n]", plain):
        raise Unwritable("nginx cannot read a value with a line break")
    if len(plain.encode()) > LONGEST_WORD:
        raise Unwritable(f"nginx cannot read a value of more than {LONGEST_WORD} bytes")
    after = (*parts[1:], "")
    written = "".join(
        _variable(part, following) if isinstance(part, Variable) else re.sub(r'(["\\])', r"\\\1", str(part))
        for part, following in zip(parts, after, strict=True)
    )
    is_bare = re.fullmatch(r"[\w./:@%+,=~*\[\]-]+", plain) or (not plain and len(written) > 0)
    return written if is_bare else f'"{written}"'


def _variable(name: Variable, following: Any) -> str:
    """A variable, in braces where the part that follows would go on with its name."""
    if not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise Unwritable("this is not a variable of nginx")
    goes_on = not isinstance(following, Variable) and re.match(r"\w", str(following), re.ASCII)
    return f"${{{name}}}" if goes_on else f"${name}"


def icegrid(value: Any) -> str:
    """The text of an XML attribute or element that IceGrid reads."""
    return xml(icegrid_text(value))


def icegrid_text(value: Any) -> str:
    """A text that IceGrid reads, before it becomes XML: ``${`` would be one of its variables.

    Of a row of ``$`` before ``{``, IceGrid makes half as many. Its own variables are left to it.
    """
    return _DOLLARS.sub(lambda dollars: dollars.group() * 2, _text_or_number(value))


#: What XML has no way to write. Python takes long to compile the opposite, a set of nearly all characters.
_NOT_XML = Pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml(value: Any) -> str:
    """Text inside an XML attribute or element; line breaks and tabs survive in both."""
    text = _text_or_number(value)
    if _NOT_XML.search(text):
        raise Unwritable("XML cannot hold a control character")
    return re.sub("[&<>\"'\t\n\r]", lambda match: f"&#{ord(match.group())};", text)


def ice_config(value: Any) -> str:
    """A value in a configuration file of Ice, which takes away spaces and tabs at either end."""
    text = _text_or_number(value)
    if re.search(r"[\0\r\n]|^ *\t|\t *$", text):
        raise Unwritable("Ice's configuration files have no line breaks, nor tabs at an end")
    escaped = re.sub(r"([\\#])", r"\\\1", text)
    return re.sub(r"^ +| +$", lambda spaces: spaces.group().replace(" ", r"\ "), escaped)


def argfile(value: Any) -> str:
    """An argument in a file for ``java @FILE``: quoted, with a backslash before special characters."""
    text = _text_or_number(value)
    if text and not re.search(r"""[\s"'#\\\x00-\x1f]""", text):
        return text
    escapes = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


def shell(value: Any) -> str:
    """A word for a POSIX shell."""
    return shlex.quote(_text_or_number(value))


def java_properties(value: Any) -> str:
    """A key or a value in Java's ``.properties`` format, in ASCII: the end of a key is escaped in both."""
    escapes = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f"} | {c: f"\\{c}" for c in "\\ =:#!"}

    def written(character: str) -> str:
        if " " <= character <= "~":
            return escapes.get(character, character)
        units = character.encode("utf-16-be")
        unicode = (rf"\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
        return escapes.get(character) or "".join(unicode)

    return "".join(map(written, _text_or_number(value)))


def url(value: Any) -> str:
    """A whole URL; its parts were percent-encoded before."""
    text = _text_or_number(value)
    if re.search(r"""[^!#-;=?-\[\]_a-z~]""", text):
        raise Unwritable("a URL cannot hold such a character")
    return text


#: Types whose values `repr` writes as Python reads them.
_AS_REPR = frozenset({str, int, bool, type(None)})


def python(value: Any) -> str:
    """A Python literal; a compiled regular expression is a call of ``re.compile``.

    Mappings are sorted: JSON's have no order, and equal values give equal texts.
    """
    if type(value) in _AS_REPR:  # what most are
        return repr(value)
    if isinstance(value, re.Pattern):
        return f"re.compile({value.pattern!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{python(k)}: {python(v)}" for k, v in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(python, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(python, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, float) and not math.isfinite(value):
        raise Unwritable("Python has no literal for an infinite number")
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Name):
        return _checked_name(value)
    if isinstance(value, str):
        return str.__repr__(value)
    raise TypeError(f"no Python literal for a {type(value).__name__}")


def _checked_name(name: Name) -> str:
    if not all(part.isidentifier() for part in name.split(".")):
        raise Unwritable("this is not a Python name")
    return str.__str__(name)


class UnitPath(str):
    """A path that is the whole of a line of a unit: systemd reads no quotes there."""

    __slots__ = ()


class UnitProgram(str):
    """The path of a program of a unit."""

    __slots__ = ()


class UnitArgument(str):
    """An argument of a program of a unit, in which systemd replaces ``$``."""

    __slots__ = ()


def unit(value: Any) -> str:
    """A word in a systemd unit, where ``%`` begins a specifier."""
    text = _text_or_number(value)
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise Unwritable("a unit cannot hold a line break or another control character")
    written = text.replace("%", "%%")
    if isinstance(value, UnitPath):
        if text != text.strip() or text.endswith("\\"):
            raise Unwritable("systemd cannot read a path with a space or backslash at an end")
        return written
    if isinstance(value, UnitProgram) and re.search(r"""["'\\]""", text):
        raise Unwritable("systemd runs no program with a quote or a backslash in its path")
    if isinstance(value, UnitArgument):
        written = written.replace("$", "$$")
    if re.fullmatch(r"[\w./:@%+,=~$-]+", written):
        return written
    return '"' + re.sub(r'(["\\])', r"\\\1", written) + '"'


def html(value: Any) -> str:
    """Text inside an HTML element, or in a quoted attribute of one; never in a script or a style."""
    text = _text_or_number(value)
    if re.search("[\0\ud800-\udfff]", text):
        raise Unwritable("HTML cannot hold NUL, nor half of a character")
    # A carriage return that is not escaped is read as a line feed.
    return re.sub("[&<>\"'\r]", lambda match: f"&#{ord(match.group())};", text)


def json(value: Any) -> str:
    """A JSON value, indented."""
    return _json.dumps(value, indent=2, ensure_ascii=False)


def _text_or_number(value: Any) -> str:
    """The plain text of a text or a whole number; anything else is a mistake in a template."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"a template prints a {type(value).__name__}, which is not a string")
    return str.__str__(value) if isinstance(value, str) else str(value)


#: The rule of each language, by the suffix of the file that a template makes.
LANGUAGES: dict[str, Callable[[Any], str]] = {
    ".args": argfile,
    ".cfg": ice_config,
    ".conf": nginx,
    ".html": html,
    ".json": json,
    ".properties": java_properties,
    ".py": python,
    ".service": unit,
    ".sh": shell,
    ".url": url,
    ".xml": icegrid,
}
