"""A property with the texts that its sources gave it, and the one that counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from omerogen.model.errors import Problem, SettingsError
from omerogen.model.location import DEFAULT, Origin
from omerogen.model.property import Property
from omerogen.secrets import files
from omerogen.values.base import Invalid

#: Of an entry whose text was not parsed yet: None is a value. Unlike an object of our own, it is itself
#: again in a copy or a pickle of the settings.
_NOT_PARSED = ...


class Layer(NamedTuple):
    """The text that one source gave a property, as it stood there; None where it took the others back."""

    text: str | None
    origin: Origin


_NOTHING = Layer(None, DEFAULT)


class ResolvedProperty:
    """A property with all that is known of its value.

    - ``layers``: the texts that sources gave it, from the lowest to the one that won.
    - ``text``: the winning one, interpolated; None without any. That of a secret that is
      kept in a file is read when it is first asked for.
    - ``file``: the path of that file.
    - ``expanded``: the names of the properties that the interpolation put into it.
    - ``made_of_secret``: whether one of these is a secret, or holds one.
    - ``rank``: the place of the last layer among all that sources said: source, line, number.
    """

    __slots__ = ("_text", "_value", "expanded", "file", "layers", "made_of_secret", "property", "rank")

    def __init__(self, row: Property[Any], layers: list[Layer]) -> None:
        self.property = row
        self.layers = layers
        self.file: str | None = None
        self.expanded: tuple[str, ...] = ()
        self.made_of_secret = False
        self.rank = (0, 0, 0)
        self._text: str | None = None
        self._value: Any = _NOT_PARSED

    @property
    def text(self) -> str | None:
        """The text that counts. Raises `SettingsError` if it is in a file that cannot be read."""
        if self._text is None and self.file is not None:
            try:
                self._text = files.read(self.file)
            except Invalid as error:
                raise self._refusal(error) from None
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
        """The typed value; parsed when it is first asked for, since most defaults never are."""
        if self._value is _NOT_PARSED:
            text = self.text
            try:
                self._value = None if text is None else self.property.kind.parse(text)
            except Invalid as error:
                if self.file is None:
                    raise
                raise self._refusal(error) from None
        return self._value

    def _refusal(self, error: Invalid) -> SettingsError:
        """What is wrong with the file, without what is in it."""
        name = self.property.name
        where = "its file" if self.made_of_secret else self.file
        message = f"{name} from {where} {error.safe_message}"
        return SettingsError(Problem(self.origin.where, message, error.advice, properties=(name,)))

    def parse_as(self, row: Property[Any]) -> None:
        """Take the text for a value of another property's kind."""
        self._value = None if self.text is None else row.kind.parse(self.text)

    @property
    def winner(self) -> Layer:
        """The layer that counts: the last, or the default if the last took back what was set."""
        last = self.layers[-1] if self.layers else _NOTHING
        if last.text is not None:
            return last
        return self.layers[0] if self.layers and self.layers[0].origin == DEFAULT else _NOTHING

    @property
    def raw(self) -> str | None:
        """The text of the layer that counts, as it stood there."""
        return self.winner.text

    @property
    def origin(self) -> Origin:
        """Where the value that counts was set."""
        return self.winner.origin

    @property
    def is_set(self) -> bool:
        """Whether somebody set it: an empty text for an optional kind does not."""
        return self.origin != DEFAULT and (self.file is not None or self.value is not None)
