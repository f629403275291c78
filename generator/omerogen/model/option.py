"""Options, which are not properties: one definition for the command line, Python and the site file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from omerogen.model.errors import UsageError, collect
from omerogen.model.location import Location
from omerogen.model.problem import Problem
from omerogen.values.base import NOT_TEXT, Invalid, ValueType, is_text
from omerogen.values.numbers import BOOL


class Option(NamedTuple):
    """A choice that is not a property: ``--max-body-size 2m``, or ``max_body_size="2m"``.

    - ``default``: a text of the kind, None for no value.
    - ``many``: takes several values, ``again`` each with its own flag.
    - ``of_file``: selects one file of an artifact; ``build`` sets it itself.
    - ``is_path``: a relative one in a site file is relative to the file.
    - ``short``: a second flag; ``alone``: the value of the flag without one; ``none``: that for "without".
    - ``other_key``: a second name of it in a site file.
    """

    name: str
    kind: ValueType[Any]
    default: str | None
    help: str
    metavar: str = ""
    many: bool = False
    of_file: bool = False
    again: bool = False
    is_path: bool = False
    short: str = ""
    alone: str = ""
    none: str = ""
    other_key: str = ""

    @property
    def is_switch(self) -> bool:
        """Whether the flag alone means true."""
        return self.kind is BOOL

    @property
    def key(self) -> str:
        """The option in a site file."""
        return self.name.replace("_", "-")

    @property
    def keys(self) -> tuple[str, ...]:
        """All names of it in a site file."""
        return (self.key, self.other_key) if self.other_key else (self.key,)

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return f"--{self.key}"

    @property
    def off(self) -> Any:
        """What a caller gives to have none, whatever a site file has; None if that cannot be said."""
        return False if self.is_switch or self.alone else self.none or None

    def problems(self, given: Any) -> list[Problem]:
        """Problems of the given values."""
        return collect(partial(self.parse, given))

    def is_default(self, values: Mapping[str, Any]) -> bool:
        """Whether typed options have their default value."""
        return bool(values[self.name] == self.parse(None))

    def parse(self, given: Any) -> Any:
        """The typed value of what a caller gave; None gives the default."""
        if self.alone and isinstance(given, bool):
            given = self.alone if given else None
        if given is None:
            given = self.default
        if given is None:
            return () if self.many else None
        if given is self.default:
            return _default(self)
        return self._parsed(given)

    def _parsed(self, given: Any) -> Any:
        if not self.many:
            return self._of_one(given)
        if isinstance(given, str):
            words = [given] if self.again else given.split()
        elif isinstance(given, Iterable):
            words = [*given]
        else:
            raise self._refused(given, "is not a list")
        if not words:
            raise self._refused(given, "is empty")
        return tuple(map(self._of_one, words))

    def _of_one(self, given: Any) -> Any:
        try:
            return self.kind.parse(_text(given))
        except Invalid as error:
            raise self._refused(given, error.safe_message, error.advice) from None

    def _refused(self, given: Any, message: str, advice: str = "") -> UsageError:
        advice = advice or f"give {self.kind.doc}"
        return UsageError.at(Location.flag(self.flag), f"{_quoted(given)} {message}", advice)


@lru_cache(maxsize=256)
def _default(option: Option) -> Any:
    return option._parsed(option.default)


def _quoted(given: Any) -> str:
    """The given value for a message: ``NAME=VALUE`` may be a --set that lost its flag."""
    if isinstance(given, list):
        return f"[{', '.join(map(_quoted, given))}]"
    name, equals, _ = given.partition("=") if isinstance(given, str) else ("", "", "")
    return repr(f"{name}=…" if equals else given)


def _text(given: Any) -> str:
    """The text of what a caller gave; odd locales make surrogates of bytes that are not UTF-8."""
    text = str(given).lower() if isinstance(given, bool) else str(given)
    if not is_text(text):
        raise Invalid(*NOT_TEXT)
    return text
