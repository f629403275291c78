"""The values that a template prints: named fields, each a small function of its inputs.

A field is computed when it is first read. Its inputs are recorded, those of the fields that it
reads included: properties, options, facts of the machine, the OMERO directory. So tests read
a field and not a text, and the origin of a line is observed, not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any, Generic, TypeVar, overload

from omerogen.derive.host import Host
from omerogen.model import Input, Items, Note, Problem, inputs_within, unobserved
from omerogen.settings import Settings

T = TypeVar("T")
M = TypeVar("M")
C = TypeVar("C", bound="Context")

#: Attributes of a context that are not fields.
_TAKEN = ("settings", "host", "options", "reads")


class Options(Mapping[str, Any]):
    """The typed options of an artifact; ``note`` is called for each one that is read."""

    def __init__(self, values: Mapping[str, Any], note: Note = unobserved) -> None:
        self._values = values
        self._note = note

    def __getitem__(self, name: str) -> Any:
        self._note(Input.option(name))
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _Reads:
    """The inputs that a block read; ``direct`` are those that no member of `Items` read in it."""

    def __init__(self) -> None:
        self.every: set[Input] = set()
        self.direct: set[Input] = set()

    def apart_from(self, value: object) -> frozenset[Input]:
        """What was read for a value, apart from the inputs of the `Items` in it."""
        return frozenset(self.direct | (self.every - inputs_within(value)))


class Context:
    """The fields of one artifact; ``reads`` has the inputs that each one read so far.

    ``substitutes`` are values for fields, in place of those that would be computed: a free
    port or a throw-away certificate, for a trial on a machine that is not the site's.
    """

    def __init__(
        self,
        settings: Settings,
        host: Host,
        options: Mapping[str, Any],
        substitutes: Mapping[str, Any] | None = None,
    ) -> None:
        self.settings = settings.observed(self._note)
        self.host = host.observed(self._note)
        self.options = Options(options, self._note)
        self.reads: dict[str, AbstractSet[Input]] = {name: set() for name in substitutes or {}}
        self._values: dict[str, Any] = dict(substitutes or {})
        self._open: list[_Reads] = []
        self._aside: set[Input] = set()

    def check(self) -> None:
        """Raise the problems that prevent this artifact, before anything is printed."""

    def warnings(self) -> list[Problem]:
        """Warnings: the artifact can be made all the same."""
        return []

    def each(self, members: Iterable[M], make: Callable[[M], T]) -> Items[T]:
        """The result of ``make`` for each member, with the inputs that it read."""
        items = self.all_of(members, lambda member: (make(member),))
        items.deciding = frozenset()
        return items

    def some(self, members: Iterable[M], make: Callable[[M], T | None]) -> Items[T]:
        """The same without those that are None: what it reads also decides whether there is one."""

        def made(member: M) -> tuple[T, ...]:
            value = make(member)
            return () if value is None else (value,)

        return self.all_of(members, made)

    def all_of(self, members: Iterable[M], make: Callable[[M], Iterable[T]]) -> Items[T]:
        """The same of all results of ``make``, which are any number for a member."""
        found: list[tuple[T, frozenset[Input]]] = []
        every: set[Input] = set()
        for member in members:
            with self._reading() as reads:
                try:
                    values = tuple(make(member))
                finally:
                    every |= reads.every
            found += [(value, reads.apart_from(values)) for value in values]
        return Items(found, frozenset(every), frozenset(every))

    def observe(self, name: str, compute: Callable[[], T]) -> T:
        """The result of ``compute``, once for each name; its inputs are recorded under the name."""
        try:
            if name not in self._values:
                with self._reading() as reads:
                    self.reads[name] = reads.every
                    value = self._values[name] = compute()
                if isinstance(value, Items):
                    value.common = reads.apart_from(value)
            found: T = self._values[name]
            return found
        finally:
            self._note(*self.reads[name])

    def aside(self, compute: Callable[[], T]) -> T:
        """The result of a check or warning: it reads inputs, but none of them is printed."""
        self.begin()
        try:
            return compute()
        finally:
            self._aside |= self.end()

    def begin(self) -> None:
        """Begin to note the inputs that are read, until `end` returns them."""
        self._open.append(_Reads())

    def end(self) -> set[Input]:
        """The inputs that were read since the last `begin`."""
        return self._open.pop().every

    @contextmanager
    def _reading(self) -> Iterator[_Reads]:
        """The inputs that the block reads; the block around it reads them too, but not directly."""
        reads = _Reads()
        self._open.append(reads)
        try:
            yield reads
        finally:
            self._open.pop()
            if self._open:
                self._open[-1].every |= reads.every

    def _note(self, *reads: Input) -> None:
        if self._open:
            self._open[-1].every.update(reads)
            self._open[-1].direct.update(reads)

    @property
    def inputs(self) -> frozenset[Input]:
        """All inputs that were read so far."""
        return self.printed | self._aside

    @property
    def printed(self) -> frozenset[Input]:
        """The inputs of fields alone, without those that only a check or a warning has read."""
        return frozenset().union(*self.reads.values())


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
        return context.observe(self._name, lambda: self._compute(context))


def fields_of(context: type[Context]) -> list[str]:
    """The names of all fields of an artifact."""
    return [name for name in dir(context) if isinstance(getattr(context, name), field)]
