"""Value types: from text to a typed value, and back.

Every type documents itself: ``name`` is for the reference, ``doc`` describes
the legal values in a sentence. ``parse`` is the only way from text to value and
refuses a text that OMERO, or the program that reads the artifact, would fail on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from omerogen.values.patterns import Pattern

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


_NOT_CHARACTERS = Pattern("[\0\ud800-\udfff]")
#: The problem with a text that `is_text` refuses, and the advice.
NOT_TEXT = ("contains NUL or an unpaired surrogate", "remove it, or write it as UTF-8")


def is_text(text: str) -> bool:
    """Whether ``text`` has no NUL and no surrogate, which Python makes of a byte that is not UTF-8."""
    return _NOT_CHARACTERS.search(text) is None


class Invalid(ValueError):
    """A text that is not legal for its type: the problem, and advice.

    ``safe_message`` is ``problem`` without any part of the text.
    """

    def __init__(self, problem: str, advice: str = "", safe_message: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.safe_message = safe_message or problem


class ValueType(Generic[T_co]):
    """A kind of value. Subclasses give ``name``, ``doc``, ``parse`` and, if need be, ``schema``."""

    name: str = "string"
    doc: str = "any text"
    secret: bool = False
    #: Whether a message may show a wrong text; JSON and URLs may have secrets inside.
    showable: bool = True

    def parse(self, text: str) -> T_co:
        """The value of ``text``; `Invalid` if it has none."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the values in a JSON or YAML file of properties.

        There a text stays as it is and anything else becomes its JSON text.
        """
        return {"type": ["string", "number", "boolean"]}

    def __repr__(self) -> str:
        return f"<{self.name}>"


class String(ValueType[str]):
    """Any text, empty included."""

    def __init__(self, name: str = "string", doc: str = "any text", *, secret: bool = False):
        self.name = name
        self.doc = doc
        self.secret = secret

    def parse(self, text: str) -> str:
        return text


class Nullable(ValueType["T | None"], Generic[T]):
    """Another kind, or nothing: an empty text means "not set" and gives None."""

    def __init__(self, kind: ValueType[T], suffix: str = ", optional") -> None:
        self.kind = kind
        self.name = kind.name + suffix
        self.doc = kind.doc + ", or empty for none"
        self.secret = kind.secret
        self.showable = kind.showable

    def parse(self, text: str) -> T | None:
        return self.kind.parse(text) if text.strip() else None

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.kind.schema(), {"const": ""}]}


def unset_if_none(kind: ValueType[T]) -> Nullable[T]:
    """An optional type whose setting is left out while it has no value."""
    return Nullable(kind, ", unset if none")


class Choice(ValueType[str]):
    """One of a few words; ``any_case`` folds case to the spelling of ``words``."""

    def __init__(self, *words: str, name: str = "", any_case: bool = False) -> None:
        self.words = words
        self.name = name or "enum " + "|".join(words)
        self.doc = "one of " + ", ".join(words)
        self.any_case = any_case
        self._spelling = {self._fold(word): word for word in words}

    def _fold(self, text: str) -> str:
        return text.lower() if self.any_case else text

    def parse(self, text: str) -> str:
        word = self._spelling.get(self._fold(text.strip()))
        if word is None:
            raise Invalid("is not a valid choice", f"give {self.doc}")
        return word

    def schema(self) -> dict[str, Any]:
        if self.any_case:
            return {"type": "string", "pattern": any_case_pattern(self.words)}
        numbers = [int(word) for word in self.words if word.isdecimal()]
        return {"enum": [*self.words, *numbers]}


def any_case_pattern(words: Iterable[str]) -> str:
    """A regular expression, in the syntax of JSON Schema, for any of ``words`` in any case."""

    def letter(character: str) -> str:
        lower, upper = character.lower(), character.upper()
        return f"[{lower}{upper}]" if lower != upper else character

    return rf"^\s*({'|'.join(''.join(map(letter, word)) for word in words)})\s*$"


STRING = String()
SECRET = String(
    "secret string",
    "any text, or file:/PATH for the content of that file; hidden unless requested",
    secret=True,
)
FAMILY_PREFIX = String("prefix of a family: any omero.glacier2.IceSSL.X sets IceSSL.X", "not read itself")
