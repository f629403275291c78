"""The values that a template prints: named fields, each a small function of its inputs.

A field is computed when it is first read. Its inputs are recorded, those of the fields that it
reads included: properties, options, facts of the machine, the OMERO directory. So tests read
a field and not a text, and the origin of a line is observed, not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, overload

from omerogen.derive.host import Host
from omerogen.model import Input, Items, Note, Problem, inputs_within, unobserved
from omerogen.settings import Settings

T = TypeVar("T")
M = TypeVar("M")
C = TypeVar("C", bound="Context")

#: Attributes of a context that are not fields.
_TAKEN = ("settings", "host", "options", "reads")


class Options(Mapping[str, Any]):
    """The typed options of an artifact; ``note`` is called with each one that is read."""

    def __init__(self, values: Mapping[str, Any], note: Note = unobserved) -> None:
        self._values = values
        self._note = note

    def __getitem__(self, name: str) -> Any:
        self._note((Input.option(name),))
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _WithItems(frozenset[Input]):
    """The inputs of a field that made or read `Items`."""

    __slots__ = ()


class _OfMembers(_WithItems):
    """The inputs of all members of `Items`, which the block that made them did not read itself."""

    __slots__ = ()


#: What was read in a block, in order.
_Log: TypeAlias = "list[Iterable[Input]]"


def _union(log: _Log) -> frozenset[Input]:
    return frozenset[Input]().union(*log)


def _apart_from(value: object, log: _Log) -> frozenset[Input]:
    """What was read for a value, apart from the inputs of the `Items` in it."""
    if not any(isinstance(reads, _WithItems) for reads in log):
        return _union(log)
    direct = _union([reads for reads in log if not isinstance(reads, _OfMembers)])
    return direct | (_union(log) - inputs_within(value))


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
        self._noted: _Log = []
        note = self._noted.append
        self.settings = settings.observed(note)
        self.host = host.observed(note)
        self.options = Options(options, note)
        self.reads: dict[str, frozenset[Input]] = {name: frozenset() for name in substitutes or {}}
        self._values: dict[str, Any] = dict(substitutes or {})
        self._begun: list[int] = []
        self._aside: set[Input] = set()
        self._asides = 0
        self._printed: set[str] = set(self.reads)

    def with_options(self: C, options: Mapping[str, Any]) -> C:
        """The fields of the same artifact with other options; those that read none of these are kept."""
        other = type(self)(self.settings, self.host, options)
        changed = {Input.option(name) for name, value in options.items() if value != self.options[name]}
        kept = [name for name, reads in self.reads.items() if name in self._values and not reads & changed]
        other.reads = {name: self.reads[name] for name in kept}
        other._values = {name: self._values[name] for name in kept}
        return other

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
        every: _Log = []
        try:
            for member in members:
                mark = len(self._noted)
                try:
                    values = tuple(make(member))
                finally:
                    log = self._since(mark)
                    every += log
                found += [(value, _apart_from(values, log)) for value in values]
        finally:
            reads = _OfMembers(_union(every))
            self._noted.append(reads)
        return Items(found, reads, reads)

    def observe(self, name: str, compute: Callable[[], T]) -> T:
        """The result of ``compute``, once for each name; its inputs are recorded under the name."""
        if not self._asides:
            self._printed.add(name)
        try:
            if name not in self._values:
                mark = len(self._noted)
                try:
                    value = self._values[name] = compute()
                finally:
                    log = self._since(mark)
                    has_items = any(isinstance(reads, _WithItems) for reads in log)
                    self.reads[name] = _WithItems(_union(log)) if has_items else _union(log)
                if isinstance(value, Items):
                    value.common = _apart_from(value, log)
            found: T = self._values[name]
            return found
        finally:
            self._noted.append(self.reads[name])

    def aside(self, compute: Callable[[], T]) -> T:
        """The result of a check or warning: it reads inputs, but none of them is printed."""
        self.begin()
        self._asides += 1
        try:
            return compute()
        finally:
            self._asides -= 1
            self._aside |= self.end()

    def begin(self) -> None:
        """Begin to note the inputs that are read, until `end` returns them."""
        self._begun.append(len(self._noted))

    def end(self) -> set[Input]:
        """The inputs that were read since the last `begin`."""
        return set(_union(self._since(self._begun.pop())))

    def _since(self, mark: int) -> _Log:
        """What was read since the log had this length; it is taken out of the log."""
        read = self._noted[mark:]
        del self._noted[mark:]
        return read

    @property
    def inputs(self) -> frozenset[Input]:
        """All inputs that were read so far."""
        return self.printed | self._aside

    @property
    def printed(self) -> frozenset[Input]:
        """The inputs of fields alone, without those that only a check or a warning has read."""
        return frozenset().union(*(self.reads[name] for name in self._printed if name in self.reads))


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
