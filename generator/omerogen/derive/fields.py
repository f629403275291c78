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
from omerogen.model import Input, Note, Problem, unobserved
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


class Items(list[T]):
    """The members of a field, and for each the inputs that it alone was made of."""

    def __init__(self, members: Iterable[tuple[T, frozenset[Input]]]) -> None:
        pairs = tuple(members)
        super().__init__(member for member, _ in pairs)
        self.reads = tuple(reads for _, reads in pairs)


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
        self._open: list[set[Input]] = []
        self._aside: set[Input] = set()

    def check(self) -> None:
        """Raise the problems that prevent this artifact, before anything is printed."""

    def warnings(self) -> list[Problem]:
        """Warnings: the artifact can be made all the same."""
        return []

    def each(self, members: Iterable[M], make: Callable[[M], T | None]) -> Items[T]:
        """The result of ``make`` for each member, with the inputs that it read; None is left out."""
        made = []
        for member in members:
            with self._reading() as reads:
                value = make(member)
            if value is not None:
                made.append((value, frozenset(reads)))
        return Items(made)

    def made_of(self, name: str, printed: object) -> AbstractSet[Input]:
        """The inputs of a part of a field that is printed: of its item alone, where items are known."""
        return _reads_of_item(self._values.get(name), printed) or self.reads.get(name, frozenset())

    def observe(self, name: str, compute: Callable[[], T]) -> T:
        """The result of ``compute``, once for each name; its inputs are recorded under the name."""
        if name in self._values:
            self._note(*self.reads[name])
        else:
            with self._reading() as self.reads[name]:
                self._values[name] = compute()
        value: T = self._values[name]
        return value

    def aside(self, compute: Callable[[], T]) -> T:
        """The result of a check or warning: it reads inputs, but none of them is printed."""
        with self._reading() as reads:
            try:
                return compute()
            finally:
                self._aside |= reads

    @contextmanager
    def _reading(self) -> Iterator[set[Input]]:
        """The inputs that the block reads."""
        reads: set[Input] = set()
        self._open.append(reads)
        try:
            yield reads
        finally:
            self._open.pop()
            self._note(*reads)

    def _note(self, *reads: Input) -> None:
        if self._open:
            self._open[-1].update(reads)

    @property
    def inputs(self) -> frozenset[Input]:
        """All inputs that were read so far."""
        return self.printed | self._aside

    @property
    def printed(self) -> frozenset[Input]:
        """The inputs of fields alone, without those that only a check or a warning has read."""
        return frozenset().union(*self.reads.values())


def _reads_of_item(value: object, printed: object) -> frozenset[Input] | None:
    """The inputs of the innermost item that has this very object in it; None if no item has."""
    if isinstance(value, Items):
        for member, reads in zip(value, value.reads, strict=True):
            if _contains(member, printed):
                return _reads_of_item(member, printed) or reads
        return None
    found = (_reads_of_item(part, printed) for part in _parts(value) if _contains(part, printed))
    return next(filter(None, found), None)


def _contains(value: object, printed: object) -> bool:
    return value is printed or any(_contains(part, printed) for part in _parts(value))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, (tuple, list)) else ()


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
