"""The statements in which two configurations differ, in the order of yours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omerogen.comparing.nginx.explained import reason
from omerogen.comparing.nginx.facts import HTTP, SERVER, Fact, Key, Meaning
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.recognising import Web


class Differing(NamedTuple):
    """One difference: what it is about, the statement of each side, and the documented reason, if any.

    ``order`` is true where both have the same directives in another order.
    """

    key: Key
    yours: Fact | None
    ours: Fact | None
    reason: str = ""

    @property
    def place(self) -> Directive | None:
        """The directive of yours."""
        return self.yours.directive if self.yours else None


def differing(web: Web, yours: Meaning, ours: Meaning, *, merged: bool = True) -> list[Differing]:
    """All differences. A location or server that one side lacks is one difference, not one for each line.

    With ``merged``, so is a directive that several blocks inherit.
    """
    found = [*_missing_blocks(yours, ours), *_statements(yours, ours), *_orders(yours, ours)]
    return sorted(_merged(web, found) if merged else found, key=_place)


def _place(one: Differing) -> tuple[bool, str, int]:
    directive = one.place
    return (directive is None, directive.file if directive else "", directive.line if directive else 0)


def _missing_blocks(yours: Meaning, ours: Meaning) -> Iterator[Differing]:
    for context, block in yours.contexts.items():
        if context not in ours.contexts:
            key = Key(context, block.name)
            yield _difference(key, Fact(block.text, block.text, block), None)
    for context, block in ours.contexts.items():
        if context not in yours.contexts:
            key = Key(context, block.name)
            yield _difference(key, None, Fact(block.text, block.text, block))


def _statements(yours: Meaning, ours: Meaning) -> Iterator[Differing]:
    both = {*yours.facts, *ours.facts}
    for key in sorted(both):
        if (key.context in yours.contexts) != (key.context in ours.contexts):
            continue
        mine, other = yours.facts.get(key), ours.facts.get(key)
        if (mine and mine.value) != (other and other.value):
            yield _difference(key, mine, other)


def _difference(key: Key, yours: Fact | None, ours: Fact | None) -> Differing:
    why = reason(key, yours.value if yours else None, ours.value if ours else None)
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
            facts = (Fact(" ".join(order), " ".join(order), directive) for order in (mine, theirs))
            yield Differing(Key(context, f"order of {group}"), *facts)


def _merged(web: Web, found: list[Differing]) -> list[Differing]:
    """A directive that is inherited by several blocks is one difference, in the block that sets it."""
    groups: dict[object, list[Differing]] = {}
    for one in found:
        sides = (one.yours and (one.yours.value, one.yours.directive), one.ours and one.ours.value)
        is_own = one.yours is None and (one.ours is None or one.ours.directive.block is not None)
        same: object = (one.key.context, one.key) if is_own else (one.key.directive, one.key.key, sides)
        groups.setdefault(same, []).append(one)
    merged = []
    for group in groups.values():
        first = group[0]
        if len(group) > 1:
            first = first._replace(key=first.key._replace(context=_level(web, group)))
        why = {one.reason for one in group}
        merged.append(first._replace(reason=why.pop() if len(why) == 1 else ""))
    return merged


def _level(web: Web, group: list[Differing]) -> str:
    directive = group[0].place
    if directive is not None and directive in web.http:
        return HTTP
    return SERVER if directive is None or directive in web.server.inside else group[0].key.context
