"""The statements in which two configurations differ, in the order of yours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omerogen.comparing.nginx.explained import reason
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.recognising import Web
from omerogen.comparing.nginx.statements import ENTRY, HANDLER, HTTP, SERVER, Fact, Key, Meaning

_ORDER_OF = "order of "


class Differing(NamedTuple):
    """One difference: what it is about, the statement of each side, and the documented reason, if any.

    ``merged`` are the keys of all blocks that inherit it, if there are several.
    """

    key: Key
    yours: Fact | None
    ours: Fact | None
    reason: str = ""
    merged: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """What it is about, in each block that inherits it."""
        return self.merged or (self.key,)

    @property
    def is_order(self) -> bool:
        """Whether both have the same directives, in another order."""
        return self.key.directive.startswith(_ORDER_OF)

    @property
    def place(self) -> Directive | None:
        """The directive of yours."""
        return self.yours.directive if self.yours else None


def differing(yours: Meaning, ours: Meaning, *, merged: bool = True) -> list[Differing]:
    """All differences. A location or server that one side lacks is one difference, not one for each line.

    With ``merged``, so is a directive that several blocks inherit.
    """
    found = [*_missing_blocks(yours, ours), *_statements(yours, ours), *_orders(yours, ours)]
    return sorted(_merged(yours.web, ours.web, found) if merged else found, key=_place)


def _place(one: Differing) -> tuple[bool, str, int]:
    directive = one.place
    return (directive is None, directive.file if directive else "", directive.line if directive else 0)


def _missing_blocks(yours: Meaning, ours: Meaning) -> Iterator[Differing]:
    for context, block in yours.contexts.items():
        if context not in ours.contexts:
            key = Key(context, block.name)
            yield _difference(yours, key, Fact(block.text, block.text, block), None)
    for context, block in ours.contexts.items():
        if context not in yours.contexts:
            key = Key(context, block.name)
            yield _difference(yours, key, None, Fact(block.text, block.text, block))


def _statements(yours: Meaning, ours: Meaning) -> Iterator[Differing]:
    both = {*yours.facts, *ours.facts}
    for key in sorted(both):
        if (key.context in yours.contexts) != (key.context in ours.contexts):
            continue
        mine, other = yours.facts.get(key), ours.facts.get(key)
        if (mine and mine.value) != (other and other.value):
            yield _difference(yours, key, mine, other)


def _difference(whole: Meaning, key: Key, yours: Fact | None, ours: Fact | None) -> Differing:
    values = (yours.value if yours else None, ours.value if ours else None)
    why = reason(whole.web, key, *values)
    return Differing(key, yours, ours, why)


def _orders(yours: Meaning, ours: Meaning) -> Iterator[Differing]:
    """Groups of the same directives in another order, where the first that matches decides."""
    for place, members in yours.orders.items():
        others = ours.orders.get(place, ())
        common = set(members) & set(others)
        mine = tuple(one for one in members if one in common)
        theirs = tuple(one for one in others if one in common)
        if mine != theirs:
            context, group = place
            directive = yours.contexts.get(context, Directive(group))
            facts = [Fact(" ".join(order), " ".join(order), directive) for order in (mine, theirs)]
            yield Differing(Key(context, f"{_ORDER_OF}{group}"), facts[0], facts[1])


def _merged(yours: Web, ours: Web, found: list[Differing]) -> list[Differing]:
    """A directive that several blocks inherit is one difference, in the block that has it."""
    groups: dict[object, list[Differing]] = {}
    at_once = yours.handler is yours.entry
    for one in found:
        values = (one.yours and one.yours.value, one.ours and one.ours.value)
        directive = one.yours.directive if one.yours else one.ours and one.ours.directive
        is_outer = directive in ours.server.inside
        if one.yours is None and at_once and one.key.context in (ENTRY, HANDLER) and not is_outer:
            directive = yours.entry
        groups.setdefault((one.key.directive, one.key.key, values, directive, one.reason), []).append(one)
    return [_in_block(yours if group[0].yours else ours, group) for group in groups.values()]


def _in_block(web: Web, group: list[Differing]) -> Differing:
    """The first of several, in the block that they inherit from."""
    first = group[0]
    fact = first.yours or first.ours
    if len(group) == 1 or fact is None:
        return first
    levels = {HTTP: web.http, SERVER: web.server.inside}
    level = (context for context, block in levels.items() if fact.directive in block)
    key = first.key._replace(context=next(level, first.key.context))
    return first._replace(key=key, merged=tuple(one.key for one in group))
