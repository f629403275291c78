"""Where templates print: each expression stands where the rule of its language makes it one value.

A template is walked along all of its ways, loops twice, with the mode that a reader of its
language is in: plain text, a quoted text, a comment, a tag. An expression is one odd character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from jinja2 import nodes

from omerogen.templating import compiler

EXPRESSION = "\ue000"
SPACES = " \t\n"


class State(NamedTuple):
    """The mode of a reader, and the last few characters that it has seen."""

    mode: str
    seen: str


class Language(NamedTuple):
    """How a reader goes on, and where it takes an expression for one value.

    ``before`` and ``after`` are the characters that may stand next to one; ``not_before``
    and ``not_after`` those that may not, for languages in which all others may.
    """

    step: Callable[[State, str], str]
    start: str = "plain"
    modes: tuple[str, ...] = ("plain",)
    before: str = ""
    after: str = ""
    not_before: str = ""
    not_after: str = ""

    def complaints(self, state: State, character: str) -> Iterator[str]:
        """What is wrong with ``character`` here, if it or the one before it is an expression."""
        last = state.seen[-1:] or "\n"
        if character == EXPRESSION:
            if state.mode not in self.modes:
                yield f"stands in {state.mode}"
            if last in self.not_before or (self.before and last not in self.before):
                yield f"stands behind {last!r}"
        if last == EXPRESSION and (
            character in self.not_after or (self.after and character not in self.after)
        ):
            yield f"stands before {character!r}"


def words(quotes: str, comment: str) -> Callable[[State, str], str]:
    """Bare words, quoted ones with backslashes, and comments to the end of the line."""

    def step(state: State, character: str) -> str:
        mode = state.mode
        if mode == "comment":
            return "plain" if character == "\n" else mode
        if mode.endswith("\\"):
            return mode[:-1]
        if mode in quotes:
            return f"{mode}\\" if character == "\\" else "plain" if character == mode else mode
        if character == comment and (state.seen[-1:] or "\n") in SPACES:
            return "comment"
        return character if character in quotes else mode

    return step


def xml(state: State, character: str) -> str:
    """Text, tags, quoted attributes, comments and processing instructions."""
    mode, seen = state.mode, state.seen + character
    if mode == "tag":
        for opening, inside in (("<!--", "comment"), ("<?", "instruction"), ("<![", "section")):
            if seen.endswith(opening):
                return inside
        return {'"': '"', "'": "'", ">": "text"}.get(character, mode)
    if mode in ("'", '"'):
        return "tag" if character == mode else mode
    if mode == "text":
        return "tag" if character == "<" else mode
    closing = {"comment": "-->", "instruction": "?>", "section": "]]>"}[mode]
    return "text" if seen.endswith(closing) else mode


def html(state: State, character: str) -> str:
    """The same, with the names of tags: in a script or a style nothing is a value."""
    mode, seen = state.mode, state.seen + character
    if mode == "raw":
        return "tag" if seen.endswith("</") else mode
    if mode.startswith("<"):  # the name of a tag
        if character.isalnum():
            return mode + character
        if character == ">" and mode in ("<script", "<style"):
            return "raw"
        mode = "tag"
    if mode == "text" and character == "<":
        return "<"
    return xml(State(mode, state.seen), character)


def lines(state: State, character: str) -> str:
    """``name=value`` lines, and comments."""
    if character == "\n":
        return "name"
    if state.mode == "name" and character == "#" and (state.seen[-1:] or "\n") == "\n":
        return "comment"
    return "value" if state.mode == "name" and character == "=" else state.mode


LANGUAGES = {
    ".args": Language(words("\"'", "#"), before=SPACES, after=SPACES),
    ".cfg": Language(lines, "name", ("value",), not_before="\\" + EXPRESSION),
    ".conf": Language(words("\"'", "#"), before=SPACES, after=SPACES + ";"),
    # Values beside each other are texts beside each other; unquoted ones in tags are refused by their mode.
    ".html": Language(html, "text", ("text", '"'), not_before="&"),
    ".json": Language(words('"', ""), before=SPACES + "[{,:", after=SPACES + "]},:"),
    ".properties": Language(lines, "name", ("name", "value"), not_before="\\" + EXPRESSION),
    ".py": Language(
        words("\"'", "#"), modes=("plain", "comment"), before=SPACES + "([{=,:", after=SPACES + ")]},:"
    ),
    ".service": Language(words('"', "#"), before=SPACES + "=", after=SPACES),
    ".sh": Language(words("\"'", "#"), before=SPACES + "=", after=SPACES + "="),
    ".url": Language(words("", ""), before=SPACES, after=SPACES),
    # IceGrid's variables begin with ${, which no value and the text around it may make together.
    ".xml": Language(xml, "text", ("text", '"'), not_before="$" + EXPRESSION, not_after="{"),
}


class Reader:
    """Walks a template; ``complaints`` are what it found, with the line."""

    def __init__(self, source: Callable[[str], str], language: Language) -> None:
        self.source = source
        self.language = language
        self.complaints: list[str] = []

    def read(self, template: str) -> list[str]:
        """What is wrong with the places of the expressions in a template; it ends in plain text, too."""
        ends = self._body(self._tree(template).body, {State(self.language.start, "")})
        modes = {state.mode for state in ends} - {self.language.start}
        return self.complaints + [f"ends in {mode}" for mode in modes]

    def _tree(self, template: str) -> nodes.Template:
        return compiler.parsed(template, self.source(template))

    def _body(self, body: Iterable[nodes.Node], states: set[State], last: bool | None = None) -> set[State]:
        """The states after a block; ``last`` tells whether a loop is in its last round."""
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    text = part.data if isinstance(part, nodes.TemplateData) else EXPRESSION
                    states = {self._text(state, text, part.lineno) for state in states}
            elif isinstance(node, nodes.If):
                states = self._branches(node, states, last)
            elif isinstance(node, nodes.For):
                states = self._loop(node, states)
            elif isinstance(node, nodes.Include):
                states = self._body(self._tree(node.template.value).body, states)
            else:
                states = self._body(node.body, states, last)
        return states

    def _text(self, state: State, text: str, line: int) -> State:
        for character in text:
            found = self.language.complaints(state, character)
            self.complaints += [f"{line}: an expression {complaint}" for complaint in found]
            mode = state.mode if character == EXPRESSION else self.language.step(state, character)
            state = State(mode, (state.seen + character)[-4:])
        return state

    def _branches(self, node: nodes.If, states: set[State], last: bool | None) -> set[State]:
        """Both ways, but ``not loop.last`` is known."""
        asks = nodes.Not(nodes.Getattr(nodes.Name("loop", "load"), "last", "load"))
        known = not last if last is not None and node.test == asks else None
        taken = self._body(node.body, states, last) if known in (None, True) else set()
        passed = self._body(node.else_, states, last) if known in (None, False) else set()
        for other in node.elif_:
            passed |= self._body(other.body, states, last)
        return taken | passed

    def _loop(self, node: nodes.For, states: set[State]) -> set[State]:
        ends, seen = set(states), set[State]()
        while states - seen:
            seen |= states
            ends |= self._body(node.body, states, last=True)
            states = self._body(node.body, states, last=False)
        return ends
