"""Texts that were made to break out, for round trips through the programs that read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

from hypothesis import strategies as st

from omerogen.templating.escape import Unwritable
from support.programs import generated

#: As many for each language.
COUNT = 2000
#: What is special to some language, or to several.
SPECIAL = (
    *" \t\n\r\f\v\"'`\\#$%&*;|<>()[]{}=:,.!?~^@/+-_0a",
    *("${", "$${", "$(", "{{", "{%", "%{", "]]>", "-->", "<!--", "&amp;", "&#10;", "'''", '"""', "--"),
    *("\\n", '\\"', "\\u0041", "\\\n", " #", "\x01", "\x1b[0m", "\x7f", "\x85", "\xa0", "\u2028", "\u2029"),
    *("\ufeff", "\u202e", "\u0130", "e\u0301", "\U0001f600", "\ufffe"),
)


@cache
def texts(exclude: str = "", special: tuple[str, ...] = SPECIAL, length: int = 12) -> st.SearchStrategy[str]:
    """All of Unicode but surrogates and NUL, which no source can hold, with much that is special."""
    anything = st.characters(exclude_categories=["Cs"], exclude_characters="\0" + exclude)
    hard = st.sampled_from([text for text in special if not set(text) & set(exclude)])
    pieces = st.lists(st.one_of(hard, hard, anything), max_size=length).map("".join)
    return st.one_of(pieces, st.text(anything, max_size=length))


#: Language to what was tried, and what of it was refused by name; anything else ends the test.
TALLY: dict[str, Counter[str]] = {}


def tally(target: str, tried: int, refused: int = 0, *, most: bool = True) -> None:
    """Note the numbers for the table; ``most`` texts should be such as can be written."""
    TALLY.setdefault(target, Counter()).update(tried=tried, refused=refused)
    assert refused < tried / 2 or not most


@cache
def distinct(given: st.SearchStrategy[str]) -> tuple[str, ...]:
    """`COUNT` texts or more, each once; to make them takes longer than most programs that read them."""
    values = tuple(dict.fromkeys(generated(given, COUNT + COUNT // 4)))
    assert len(values) >= COUNT
    return values


def written(target: str, rule: Callable[[str], str], given: st.SearchStrategy[str]) -> dict[str, str]:
    """Texts and what a rule writes for them; those that it refuses are counted."""
    found: dict[str, str] = {}
    values = distinct(given)
    refused = 0
    for value in values:
        try:
            found[value] = rule(value)
        except Unwritable:
            refused += 1
    tally(target, len(values), refused)
    return found
