"""A property with the assignments that its sources made, and the value that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from omerogen import catalog
from omerogen.model import DEFAULT, Input, Problem, Property, SettingsError
from omerogen.secrets import files
from omerogen.secrets.patterns import Hide, cleared, cleared_flags, cleared_line, cleared_lines, hidden
from omerogen.secrets.shapes import is_secret_name
from omerogen.settings.interpolation import Unresolvable
from omerogen.sources.assignments import Assignment
from omerogen.values.base import Invalid, ValueType
from omerogen.values.java import JvmWords
from omerogen.values.nginx import NginxLines

#: Of a value that was not parsed yet: None is a value.
_NOT_PARSED = ...
#: How much of a wrong value a message shows.
_SHOWN = 60


class ResolvedProperty:
    """A property with all that is known of its value.

    - ``layers``: the assignments that sources made, from the lowest to the one that won; a default
      comes first.
    - ``winner``: the effective one, the last, or the default if the last unset the property; ``raw`` is its
      text, as in its source, and ``origin`` its place.
    - ``text``: the winning text, interpolated; None without any. That of a secret that is kept in
      a file is read when it is first used.
    - ``file``: the path of that file; ``owners``: the users whose sources name it, as root.
    - ``expanded``: the names of the properties that the interpolation put into it.
    - ``made_of_secret``: whether one of these is a secret, or holds one.
    - ``refusals``: problems of the text before it is parsed; ``reads``: the inputs of the value.
    """

    __slots__ = (
        "_holds_secret",
        "_is_set",
        "_text",
        "_value",
        "expanded",
        "file",
        "layers",
        "made_of_secret",
        "origin",
        "owners",
        "property",
        "raw",
        "reads",
        "refusals",
        "successor",
        "winner",
    )

    def __init__(self, row: Property[Any], layers: list[Assignment]) -> None:
        self.property = row
        self.layers = layers
        self.winner = _winner(layers)
        self.raw = self.winner.text if self.winner else None
        self.origin = self.winner.location if self.winner else DEFAULT
        #: The type that a deprecated property has too, since it may count in its successor's place.
        self.successor: ValueType[Any] | None = None
        self.file: str | None = None
        self.owners: frozenset[int] = frozenset()
        self.expanded: tuple[str, ...] = ()
        self.made_of_secret = False
        self.refusals: tuple[Problem, ...] = ()
        self.reads: tuple[Input, ...] = ()
        self._text: str | None = None
        self._value: Any = _NOT_PARSED
        self._holds_secret: bool | None = None
        self._is_set: bool | None = None

    @property
    def text(self) -> str | None:
        """The text that counts. Raises `SettingsError` if it is in a file that cannot be read."""
        if self._text is None and self.file is not None:
            try:
                self._text = files.read(self.file, self.owners)
            except Invalid as error:
                raise SettingsError(self._about_file(error)) from None
        return self._text

    @text.setter
    def text(self, text: str | None) -> None:
        self._text = text

    @property
    def text_so_far(self) -> str | None:
        """The text, if no file has to be read for it."""
        return self._text

    @property
    def value(self) -> Any:
        """The typed value, parsed when it is first used. Raises `SettingsError` if it is refused."""
        if self._value is _NOT_PARSED:
            if self.refusals:
                raise SettingsError(self.refusals)
            text = self.text
            try:
                self._value = None if text is None else self._parsed(text)
            except Invalid as error:
                about = self._about_value if self.file is None else self._about_file
                raise SettingsError(about(error)) from None
        return self._value

    def _parsed(self, text: str) -> Any:
        value = self.property.kind.parse(text)
        return self.successor.parse(text) if self.successor and text else value

    @property
    def is_set(self) -> bool:
        """Whether a source set it: an empty text for an optional type does not."""
        if self._is_set is None:
            self._is_set = not self.origin.is_default and (self.file is not None or self._has_value())
        return self._is_set

    def _has_value(self) -> bool:
        try:
            return self.value is not None
        except SettingsError:
            return True

    def check(self) -> None:
        """Raise `SettingsError` if the value is refused."""
        _ = self.value

    @property
    def is_below_omerodir(self) -> bool:
        """Whether the value is a default that depends on the OMERO directory."""
        return bool(self.property.below_omerodir) and self.origin.is_default

    @property
    def is_in_file(self) -> bool:
        """Whether it is a secret that is kept in a file; for all others ``file:`` is a text like any."""
        return (self.raw or "").startswith(files.PREFIX) and is_named_secret(self.property)

    @property
    def is_secret(self) -> bool:
        """Whether the whole value is a secret, or was made of one."""
        if self.property.secret or self.made_of_secret:
            return True
        return self.layers != [] and is_named_secret(self.property)

    @property
    def holds_secret(self) -> bool:
        """Whether a secret is in the value: the whole of it, or a part of it."""
        if self._holds_secret is None:
            self._holds_secret = self.is_secret or (
                (not self.origin.is_default or self.expanded != ())
                and any(self.cleared(shown) != shown for shown in {self.raw, self._text} if shown)
            )
        return self._holds_secret

    def cleared(self, shown: str, hide: Hide = hidden) -> str:
        """``shown``, one of its texts, with ``hide`` of each secret in it."""
        return _CLEARING.get(type(self.property.kind), cleared)(shown, hide)

    def refuse(self, error: Unresolvable | Invalid) -> None:
        """Refuse the value for what is wrong with its references, or with the path of its file."""
        if isinstance(error, Unresolvable):
            self.refusals = (self._about_reference(error),)
        else:
            self.refusals = (self._about_value(error),)

    def _problem(self, message: str, advice: str, rule: str = "invalid-value") -> Problem:
        name = self.property.name
        return Problem(self.origin, f"{name} {message}", advice, rule, (name,))

    def _about_file(self, error: Invalid) -> Problem:
        """The problem with the file, without any of its content."""
        where = "its file" if self.made_of_secret else self.file
        return self._problem(f"from {where} {error.safe_message}", error.advice, "unreadable-secret")

    def _about_value(self, error: Invalid) -> Problem:
        """The problem with a value; it is shortened, and not quoted where it may contain a secret."""
        raw = self.raw or ""
        if self.holds_secret:
            return self._problem(cleared_line(error.safe_message), error.advice)
        if not self.property.kind.showable:
            return self._problem(cleared_line(error.problem), error.advice)
        shown = raw if len(raw) <= _SHOWN else raw[:_SHOWN] + "…"
        return self._problem(f"{shown!r} {error.problem}", error.advice)

    def _about_reference(self, error: Unresolvable) -> Problem:
        """The problem with a reference, which may be a part of a secret, or was put together from one."""
        missing = error.missing
        written = missing is not None and f"${{{missing}}}" in (self.raw or "")
        if missing is None or catalog.find(missing) or (written and not self.holds_secret):
            return self._problem(error.problem, error.advice)
        advice = "correct the reference; put a secret that contains ${ into a file, as file:/PATH"
        return self._problem("refers to a property that has no value", advice)


def _winner(layers: Sequence[Assignment]) -> Assignment | None:
    if layers and layers[-1].value is not None:
        return layers[-1]
    return layers[0] if layers and layers[0].location.is_default else None


#: The last part of a property that is for one service alone, as OMERO's templates have them.
_SERVICES = frozenset(
    "blitz indexer pixeldata repository tables dropbox testdropbox processor fileserver monitorserver"
    " glacier2 storm web".split()
)
#: How secrets are found in the texts of a type, where that is not as in any text.
_CLEARING: dict[type[ValueType[Any]], Callable[[str, Hide], str]] = {
    JvmWords: cleared_flags,
    NginxLines: cleared_lines,
}


def is_named_secret(row: Property[Any]) -> bool:
    """Whether a property is a secret by the catalog or, where the catalog does not know it, by its name."""
    if row.secret or row.status != "unknown":
        return row.secret
    *_, before, last = ("", *row.name.split("."))
    if is_secret_name(last) or (last.lower() in _SERVICES and is_secret_name(before)):
        return True
    near = catalog.near_miss(row.name)
    return bool(near and catalog.describe(near).secret)
