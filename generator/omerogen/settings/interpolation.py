"""``${name}`` in a value is replaced by the value of that property.

It is nested both ways: the replacement is interpolated in its turn, and
``${omero.${x}}`` is read from the inside. ``omero.web.*`` is not interpolated:
OMERO.web takes its values as they are. ``$${name}`` is the same: IceGrid hands it on as ``${name}``.
``@{dn}`` and ``$host`` mean nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add
from typing import NamedTuple

from omerogen.values.patterns import Pattern

_NAME = Pattern(r"[A-Za-z0-9._-]+")
_BRACES = Pattern(r"\$?\$\{|\}")
#: Variables of IceGrid's own: it fills them in, not OMERO.
ICEGRID_VARIABLES = frozenset(
    "OMERO_HOME OMERO_ETC OMERO_JARS OMERO_LOGS OMERO_TMP OMERO_LOGFILE PYTHON JAVA ROUTERPORT"
    " INSECUREROUTER SEP TABLES_MODULE".split()
)
#: Bounds that no site comes near, against texts that double themselves.
DEEPEST = 50
LONGEST = 2**20
#: The same for all values of a site together.
LONGEST_TOGETHER = 2**23

#: OMERO.web reads its own properties, and knows no interpolation.
LITERAL_PREFIX = "omero.web."


class Unresolvable(ValueError):
    """A reference to a missing property, or to itself; the message shows the chain.

    ``culprits`` are the properties whose own text is wrong, not those that refer to them.
    ``missing`` is the name that matches no property: it may be a part of a secret.
    """

    def __init__(
        self, problem: str, advice: str, culprits: tuple[str, ...] = (), missing: str | None = None
    ) -> None:
        super().__init__(problem, advice, culprits, missing)
        self.problem = problem
        self.advice = advice
        self.culprits = culprits
        self.missing = missing

    def __str__(self) -> str:
        return self.problem


class Resolved(NamedTuple):
    """A text with nothing left to replace, and the names it was made of, in order."""

    text: str
    names: tuple[str, ...]


class Resolver:
    """Replaces references; ``raw`` gives the text of a property, None if it has no value.

    ``content`` returns the replacement of a reference, given the property's name and text.
    """

    def __init__(
        self, raw: Callable[[str], str | None], content: Callable[[str, str], str] = lambda _, text: text
    ) -> None:
        self._raw = raw
        self._content = content
        self._done: dict[str, Resolved] = {}
        self._length = 0

    def value(self, name: str, chain: tuple[str, ...] = ()) -> Resolved:
        """The resolved text of a property that has one; ``chain`` is what led to it."""
        if name in self._done:
            return self._done[name]
        if name in chain:
            raise Unresolvable(
                f"refers to itself: {_path(chain, name)}", "break the circle", chain[chain.index(name) :]
            )
        if len(chain) > DEEPEST:
            raise Unresolvable(f"refers to {name} over more than {DEEPEST} others", "write the value itself")
        text = self._raw(name)
        if text is None:
            advice = f"set {name}" if _NAME.fullmatch(name) else "take it out, or name a property"
            message = f"refers to a property that has no value: {_path(chain, name)}"
            raise Unresolvable(message, advice, chain[-1:], name)
        literal = name.startswith(LITERAL_PREFIX)
        self._done[name] = Resolved(text, ()) if literal else self.text(text, (*chain, name))
        return self._done[name]

    def text(self, text: str, chain: tuple[str, ...] = ()) -> Resolved:
        """``text`` with all references replaced; a ``${`` that is never closed is plain text."""
        if "${" not in text:
            return Resolved(text, ())
        levels = [""]  # the text so far, and that of each reference that is open, innermost last
        openers: list[str] = []
        names: list[str] = []
        for piece in _pieces(text):
            if piece.endswith("${"):
                levels.append("")
                openers.append(piece)
            elif piece == "}" and len(levels) > 1:
                name, opener = levels.pop(), openers.pop()
                if name in ICEGRID_VARIABLES:
                    levels[-1] += f"{opener}{name}}}"
                    continue
                value = self.value(name, chain)
                names += [name, *value.names]
                levels[-1] += self._content(name, value.text)
            else:
                levels[-1] += piece
            if len(levels[-1]) > LONGEST:
                raise Unresolvable(f"grows beyond {LONGEST} characters", "refer to fewer properties")
        resolved = levels[0] + "".join(map(add, openers, levels[1:]))
        self._length += len(resolved)
        if self._length > LONGEST_TOGETHER:
            grown = f"and others grow beyond {LONGEST_TOGETHER} characters"
            raise Unresolvable(grown, "refer to fewer properties")
        return Resolved(resolved, tuple(dict.fromkeys(names)))


def _path(chain: tuple[str, ...], name: str) -> str:
    return " -> ".join((*chain, name))


def _pieces(text: str) -> Iterator[str]:
    """The braces and the text between them, one by one: errors are mostly found at the first."""
    at = 0
    while brace := _BRACES.search(text, at):
        yield text[at : brace.start()]
        yield brace.group()
        at = brace.end()
    yield text[at:]
