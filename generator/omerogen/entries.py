"""A property with the texts that its sources gave it, and the one that counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from omerogen.origin import DEFAULT, Origin
from omerogen.properties import Property

_NOT_PARSED = object()


class Layer(NamedTuple):
    """The text that one source gave a property, as it stood there; None where it took the others back."""

    text: str | None
    origin: Origin


_NOTHING = Layer(None, DEFAULT)


class Entry:
    """A property with all that is known of its value.

    - ``layers``: the texts that sources gave it, from the lowest to the one that won.
    - ``text``: the winning one, interpolated; None without any.
    - ``expanded``: the names of the properties that the interpolation put into it.
    - ``rank``: the place of the last layer among all that sources said: source, line, number.
    """

    __slots__ = ("_value", "expanded", "layers", "property", "rank", "text")

    def __init__(self, row: Property[Any], layers: list[Layer]) -> None:
        self.property = row
        self.layers = layers
        self.text: str | None = None
        self.expanded: tuple[str, ...] = ()
        self.rank = (0, 0, 0)
        self._value: Any = _NOT_PARSED

    @property
    def value(self) -> Any:
        """The typed value; parsed when it is first asked for, since most defaults never are."""
        if self._value is _NOT_PARSED:
            self._value = None if self.text is None else self.property.kind.parse(self.text)
        return self._value

    def parse_as(self, row: Property[Any]) -> None:
        """Take the text for a value of another property's kind."""
        self._value = None if self.text is None else row.kind.parse(self.text)

    @property
    def winner(self) -> Layer:
        """The layer that counts: the last, or the default if the last took back what was set."""
        last = self.layers[-1] if self.layers else _NOTHING
        if last.text is not None:
            return last
        return self.layers[0] if self.layers and self.layers[0].origin is DEFAULT else _NOTHING

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
        return self.origin is not DEFAULT and self.value is not None
