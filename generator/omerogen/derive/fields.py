"""The values that a template prints: named fields, each a small function of its inputs.

A field is computed when it is first read. Its inputs are recorded, those of the fields that it
reads included: properties, options, facts of the machine, the OMERO directory. So tests read
a field and not a text, and the origin of a line is observed, not declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, overload

from omerogen.derive import usual
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

    def of(self, names: Iterable[str]) -> dict[str, Any]:
        """The values of these options, which are not noted as read; None for those that there are not."""
        return {name: self._values.get(name) for name in names}

    def include(self, values: Mapping[str, Any]) -> bool:
        """Whether these options have these values, which are not noted as read."""
        return self.of(values) == values


class _WithItems(frozenset[Input]):
    """The inputs of a field that made or read `Items`."""

    __slots__ = ()


class _OfMembers(_WithItems):
    """The inputs of all members of `Items`, which the block that made them did not read itself."""

    __slots__ = ()


_KINDS_WITH_ITEMS = frozenset({_WithItems, _OfMembers})
#: What was read in a block, in order.
_Log: TypeAlias = "list[Iterable[Input]]"


def _union(log: _Log) -> frozenset[Input]:
    return frozenset[Input]().union(*log)


def _has_items(log: _Log) -> bool:
    return not _KINDS_WITH_ITEMS.isdisjoint(map(type, log))


def _reads(log: _Log) -> frozenset[Input]:
    """All of a log as the reads of a field."""
    return _WithItems(_union(log)) if _has_items(log) else _union(log)


def _apart_from(value: object, log: _Log) -> frozenset[Input]:
    """What was read for a value, apart from the inputs of the `Items` in it."""
    if not _has_items(log):
        return _union(log)
    direct = _union([reads for reads in log if not isinstance(reads, _OfMembers)])
    return direct | (_union(log) - inputs_within(value))


class Context:
    """The fields of one artifact; ``reads`` has the inputs that each one read so far.

    ``substitutes`` are values for fields, in place of those that would be computed: a free
    port or a throw-away certificate, for a trial on a machine that is not the site's.

    With ``traced`` the inputs of each member of `Items` are known, which takes its time; else they are
    those of the field.
    """

    #: Whether the fields depend on nothing but inputs: then usual values are kept for other sites.
    is_pure = True

    def __init__(
        self,
        settings: Settings,
        host: Host,
        options: Mapping[str, Any],
        substitutes: Mapping[str, Any] | None = None,
        *,
        traced: bool = True,
    ) -> None:
        self._traced = traced
        self._noted: _Log = []
        note = self._noted.append
        self.settings = settings.observed(note)
        self.host = host.observed(note)
        self.options = Options(options, note)
        self.reads: dict[str, frozenset[Input]] = {name: frozenset() for name in substitutes or {}}
        self._substitutes = substitutes
        self._values: dict[str, Any] = dict(substitutes or {})
        self._begun: list[int] = []
        self._aside: set[Input] = set()
        self._asides = 0
        self._printed: set[str] = set(self.reads)
        #: The inputs whose values are not the usual ones; None where no value is known to be usual.
        self._own_inputs = settings.own if self.is_pure and not substitutes else None

    def with_options(self: C, options: Mapping[str, Any]) -> C:
        """The fields of the same artifact with other options; those that read none of these are kept."""
        other = type(self)(self.settings, self.host, options, traced=self._traced)
        before = self.options.of(options)
        changed = {Input.option(name) for name, value in options.items() if value != before[name]}
        kept = [name for name, reads in self.reads.items() if name in self._values and not reads & changed]
        other.reads = {name: self.reads[name] for name in kept}
        other._values = {name: self._values[name] for name in kept}
        return other

    def again(self: C) -> C:
        """The same fields, to be computed again and traced."""
        return type(self)(self.settings, self.host, self.options.of(self.options), self._substitutes)

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
        """The same without those that are None: what it reads also decides whether there is one.

        ``make`` is a method of the context.
        """
        method = make.__func__  # type: ignore[attr-defined]

        def made(member: M) -> tuple[T, ...]:
            value = self._member((type(self), self._traced, method, member), lambda: make(member))
            return () if value is None else (value,)

        return self.all_of(members, made)

    def all_of(self, members: Iterable[M], make: Callable[[M], Iterable[T]]) -> Items[T]:
        """The same of all results of ``make``, which are any number for a member."""
        if not self._traced:
            return Items(value for member in members for value in make(member))
        found: list[T] = []
        own: list[frozenset[Input]] = []
        every: _Log = []
        hold_items = False
        try:
            for member in members:
                mark = len(self._noted)
                try:
                    values = tuple(make(member))
                finally:
                    log = self._since(mark)
                    every += log
                    hold_items = hold_items or _has_items(log)
                found += values
                own += [_apart_from(values, log)] * len(values)
        finally:
            reads = _OfMembers(_union(every))
            self._noted.append(reads)
        items = Items(found, tuple(own), reads, reads)
        items.hold_items = hold_items
        return items

    def observe(self: C, name: str, compute: Callable[[C], T]) -> T:
        """The result of ``compute``, once for each name; its inputs are recorded under the name."""
        if not self._asides:
            self._printed.add(name)
        try:
            if name not in self._values:
                self._compute(name, compute)
            found: T = self._values[name]
            return found
        finally:
            self._noted.append(self.reads[name])

    def _compute(self: C, name: str, compute: Callable[[C], Any]) -> None:
        key = type(self), self._traced, name
        own = self._own_inputs
        if own is not None and (known := usual.find(key, self.options, own)):
            self._values[name], self.reads[name] = known.value, known.reads
            return
        mark = len(self._noted)
        try:
            value = self._values[name] = compute(self)
        finally:
            log = self._since(mark)
            self.reads[name] = _reads(log)
        if self._traced and isinstance(value, Items):
            value.common = _apart_from(value, log)
        if own is not None:
            usual.keep(key, value, self.reads[name], self.options, own)

    def _member(self, key: object, compute: Callable[[], T]) -> T:
        """The result of ``compute``, or the usual one."""
        own = self._own_inputs
        if own is None:
            return compute()
        if known := usual.find(key, self.options, own):
            self._noted.append(known.reads)
            found: T = known.value
            return found
        mark = len(self._noted)
        value = compute()
        usual.keep(key, value, _reads(self._noted[mark:]), self.options, own)
        return value

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

    def end(self) -> frozenset[Input]:
        """The inputs that were read since the last `begin`."""
        return _union(self._since(self._begun.pop()))

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
        return context.observe(self._name, self._compute)


def fields_of(context: type[Context]) -> list[str]:
    """The names of all fields of an artifact."""
    return [name for name in dir(context) if isinstance(getattr(context, name), field)]
