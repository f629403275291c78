"""What a template prints: named fields, each a small function of settings, host and options.

A field is computed when it is first asked for, and the properties it reads are
noted on the way, those of the fields that it asks for included. So tests ask for
a field and not for a text, and where a line comes from is observed, not written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar, overload

from omerogen.derive.host import Host
from omerogen.model.errors import Problem
from omerogen.settings.settings import Settings

T = TypeVar("T")
C = TypeVar("C", bound="Context")

#: What a context has besides its fields.
_TAKEN = ("settings", "host", "options", "reads")


class Context:
    """The fields of one artifact; ``reads`` tells which properties each one read so far.

    ``stand_ins`` are values for fields, in place of those that would be computed: a
    free port or a throw-away certificate, for a trial on a machine that is not the site's.
    """

    def __init__(
        self,
        settings: Settings,
        host: Host,
        options: Mapping[str, Any],
        stand_ins: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings.observed(self._note)
        self.host = host
        self.options = options
        self.reads: dict[str, set[str]] = {name: set() for name in stand_ins or {}}
        self._values: dict[str, Any] = dict(stand_ins or {})
        self._open: list[set[str]] = []

    def check(self) -> None:
        """Raise what stands in the way of this artifact, before anything is printed."""

    def warnings(self) -> list[Problem]:
        """What the user should know of, though the artifact can be made."""
        return []

    def _note(self, *names: str) -> None:
        if self._open:
            self._open[-1].update(names)

    @property
    def properties_read(self) -> set[str]:
        """The properties that all fields asked for so far have read."""
        return set().union(*self.reads.values())

    def _value(self, name: str, compute: Callable[[], Any]) -> Any:
        if name not in self._values:
            self._open.append(set())
            try:
                self._values[name] = compute()
            finally:
                self.reads[name] = self._open.pop()
        self._note(*self.reads[name])
        return self._values[name]


class field(Generic[C, T]):
    """Makes a method of a `Context` a named field: computed once, its reads noted."""

    def __init__(self, compute: Callable[[C], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        if name in _TAKEN:
            raise TypeError(f"a field cannot be named {name}: the context's own {name} would hide it")
        self._name = name

    @overload
    def __get__(self, context: None, owner: type) -> field[C, T]: ...
    @overload
    def __get__(self, context: C, owner: type) -> T: ...
    def __get__(self, context: C | None, owner: type) -> field[C, T] | T:
        if context is None:
            return self
        value: T = context._value(self._name, lambda: self._compute(context))
        return value
