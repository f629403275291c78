"""Values of fields that are the same for most sites: computed once by a process that builds many.

What was read for a value is known, so that it is the value of every site that sets none of that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from omerogen.model import Input, InputKind

if TYPE_CHECKING:
    from omerogen.derive.fields import Options

#: How many values of a field or member are kept, each with other options.
_MOST = 8
#: Inputs that are a site's own whatever their value.
_OWN = (InputKind.HOST, InputKind.SELECTION)


class Usual(NamedTuple):
    """A value that nothing of a site had a part in, what was read for it, and the options among that."""

    value: Any
    reads: frozenset[Input]
    options: Mapping[str, Any]


_kept: dict[object, deque[Usual]] = {}


def find(key: object, options: Options, own: frozenset[Input]) -> Usual | None:
    """The usual value of a field or member with these options, unless one of ``own`` is read for it."""
    for usual in _kept.get(key, ()):
        if own.isdisjoint(usual.reads) and (not usual.options or options.include(usual.options)):
            return usual
    return None


def keep(key: object, value: Any, reads: frozenset[Input], options: Options, own: frozenset[Input]) -> None:
    """Keep a value, if it is a usual one."""
    if own.isdisjoint(reads) and {read.kind for read in reads}.isdisjoint(_OWN):
        given = options.of(read.name for read in reads if read.kind is InputKind.OPTION)
        _kept.setdefault(key, deque(maxlen=_MOST)).append(Usual(value, reads, given))


def forget() -> None:
    """Forget all values."""
    _kept.clear()
