"""nginx configurations as trees, with their includes followed. crossplane finds the words."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from glob import glob, has_magic
from typing import NamedTuple

from omerogen.comparing.nginx.spelling import usual
from omerogen.model import Location, Problem, SourceError, UsageError, warning
from omerogen.sources import file_and_status
from omerogen.values.patterns import Pattern

#: The block that crossplane reads by Lua's own rules.
LUA = "_by_lua_block"
#: More files than any nginx includes, and blocks nested deeper than in any.
_MOST_FILES, _DEEPEST = 200, 50
_BARE = Pattern(r"""[^\s;{}"'#\\$][^\s;{}"'\\]*|\$[A-Za-z0-9_][^\s;{}"'\\]*""")
_MARKS = frozenset("{};")
#: What stands for bytes that are not UTF-8.
NOT_UTF8 = "\ufffd"
#: A word of a file: text, line, whether it was quoted.
_Token = tuple[str, int, bool]


class Directive(NamedTuple):
    """A directive with its arguments, unquoted; ``block`` is None where it has none."""

    name: str
    args: tuple[str, ...] = ()
    block: tuple[Directive, ...] | None = None
    file: str = ""
    line: int = 0

    @property
    def inside(self) -> tuple[Directive, ...]:
        """The directives of the block."""
        return self.block or ()

    @property
    def text(self) -> str:
        """The directive on one line, as nginx reads it; quotes only where they are needed."""
        head = " ".join([self.name, *map(quoted, self.args)])
        if self.name.endswith(LUA):
            return f"{self.name} {{ … }}"
        if self.block is None:
            return f"{head};"
        return " ".join([head, "{", *(one.text for one in self.block), "}"])

    @property
    def place(self) -> Location:
        """The file and the line."""
        return Location.file(self.file, self.line)

    def all(self, *names: str) -> Iterator[Directive]:
        """The directives of these names in the block and in the blocks in it."""
        for directive in self.inside:
            if directive.name in names:
                yield directive
            yield from directive.all(*names)


class Parsed(NamedTuple):
    """A configuration: its directives, what of it could not be read, and the text of its own file."""

    directives: tuple[Directive, ...]
    notes: tuple[Problem, ...]
    text: str


def quoted(word: str) -> str:
    """A word as nginx reads it back."""
    if _BARE.fullmatch(word):
        return word
    escaped = word.replace('"', '\\"')
    return f'"{escaped}"'


def parse_text(text: str, name: str) -> tuple[Directive, ...]:
    """The directives of a text; an ``include`` in it is a directive as any other. Raises `SourceError`."""
    return _Reader(name, lambda directive: (directive,)).directives(name, text)


def parse_file(path: str) -> Parsed:
    """The directives of a file and of those that it includes.

    What cannot be included is a note. Raises `SourceError` for the file itself and for syntax errors.
    """
    following = _Following(path)
    text = following.text(path)
    return Parsed(following.read(path, text), tuple(following.notes), text)


class _Following:
    """Follows includes from one file."""

    def __init__(self, path: str) -> None:
        self.folders = _folders(path)
        self.notes: list[Problem] = []
        self.open: list[str] = []
        self.count = 0

    def text(self, path: str) -> str:
        """The text of a file; nginx itself refuses a byte order mark, which is left out here."""
        data, _ = file_and_status(path, "this is not an nginx configuration")
        if b"\0" in data:
            message = "is not a text file"
            raise SourceError.at(Location.file(path), message, "name an nginx configuration")
        if data.startswith(b"\xef\xbb\xbf"):
            advice = "save the file as UTF-8 without it"
            message = "begins with a byte order mark, which nginx does not accept"
            self.notes.append(warning(Location.file(path, 1), message, advice, "byte-order-mark"))
        text = data.decode("utf-8-sig", errors="replace")
        if NOT_UTF8 in text and NOT_UTF8.encode() not in data:
            message = f"has bytes that are not UTF-8, shown as {NOT_UTF8}: no line with them is adopted"
            self.notes.append(warning(Location.file(path), message, "save the file as UTF-8", "not-utf-8"))
        return text

    def read(self, path: str, text: str) -> tuple[Directive, ...]:
        """The directives of a file, those of included files among them."""
        self.count += 1
        self.open.append(os.path.realpath(path))
        found = _Reader(path, self._included).directives(path, text)
        self.open.pop()
        return found

    def _included(self, directive: Directive) -> tuple[Directive, ...]:
        if directive.name != "include" or len(directive.args) != 1:
            return (directive,)
        pattern = directive.args[0]
        paths = self._paths(pattern)
        if not paths and not has_magic(pattern):
            self._leave_out(directive, "no such file")
        return tuple(one for path in paths for one in self._file(directive, path))

    def _paths(self, pattern: str) -> list[str]:
        """The files of an include: a relative name is below nginx's folder, or beside the file."""
        for folder in self.folders:
            if found := sorted(glob(os.path.join(folder, pattern))):
                return found
        return []

    def _file(self, directive: Directive, path: str) -> tuple[Directive, ...]:
        if os.path.realpath(path) in self.open:
            self._leave_out(directive, "it includes itself")
            return ()
        if self.count >= _MOST_FILES:
            self._leave_out(directive, f"these are more than {_MOST_FILES} files")
            return ()
        try:
            return self.read(path, self.text(path))
        except SourceError as error:
            syntax = [problem for problem in error.problems if problem.location.line]
            if syntax:
                raise
            self._leave_out(directive, error.problems[0].message)
            return ()

    def _leave_out(self, directive: Directive, reason: str) -> None:
        message = f"include {directive.args[0]} was not followed: {reason}"
        advice = "what it sets is not compared"
        self.notes.append(warning(directive.place, message, advice, "include-not-followed"))


def _folders(path: str) -> list[str]:
    """The folders that a relative include may be below: that of nginx.conf first, then the file's own."""
    own = os.path.dirname(os.path.abspath(path))
    found, folder = [], own
    while True:
        if os.path.exists(os.path.join(folder, "nginx.conf")):
            found.append(folder)
        above = os.path.dirname(folder)
        if above == folder:
            return [*found, own]
        folder = above


class _Reader:
    """Builds the tree from words; ``included`` gives the directives in place of each one."""

    def __init__(self, path: str, included: Callable[[Directive], tuple[Directive, ...]]) -> None:
        self.path = path
        self.included = included

    def directives(self, path: str, text: str) -> tuple[Directive, ...]:
        tokens = iter(_tokens(path, text))
        return tuple(self._block(tokens, depth=0, opened=0))

    def _block(self, tokens: Iterator[_Token], depth: int, opened: int) -> Iterator[Directive]:
        words: list[str] = []
        line = last = 1
        if depth > _DEEPEST:
            self._fail(opened, f"has more than {_DEEPEST} blocks in each other", "split the file")
        for word, at, is_quoted in tokens:
            last = at
            if is_quoted or word not in _MARKS:
                line = line if words else at
                words.append(word)
                continue
            if word == "}":
                if words:
                    self._fail(line, f"{_shown(words)} is not ended by ;", "add the ;")
                if not depth:
                    self._fail(at, "unexpected }", "take it out")
                return
            if not words:
                self._fail(at, f"unexpected {word}", "take it out")
            block = tuple(self._block(tokens, depth + 1, line)) if word == "{" else None
            name, *args = words
            spelt = tuple(args) if name.endswith(LUA) else usual(name, tuple(args))
            yield from self.included(Directive(name, spelt, block, self.path, line))
            words = []
        if words:
            self._fail(line, f"{_shown(words)} is not ended by ;", "add the ;")
        if depth:
            self._fail(
                opened, f"the block is not closed before the end of the file, line {last}", "add the }"
            )

    def _fail(self, line: int, message: str, advice: str) -> None:
        raise SourceError.at(Location.file(self.path, line), message, advice)


def _shown(words: Iterable[str]) -> str:
    """The directive that a message is about: its name alone, as arguments may be secrets."""
    name = next(iter(words))
    return name if name.isidentifier() else "a directive"


def _tokens(path: str, text: str) -> list[_Token]:
    """The words of a text with their lines, as crossplane has them, without comments."""
    try:
        import crossplane
    except ImportError:
        message = "crossplane is not installed"
        raise UsageError.at(Location.command("compare"), message, "pip install 'omerogen[compare]'") from None
    descriptor = os.memfd_create("omerogen")  # in memory: it may hold secrets
    with open(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        try:
            tokens = list(crossplane.lex(f"/proc/self/fd/{file.fileno()}"))
        except crossplane.errors.NgxParserSyntaxError as error:
            advice = "nginx -t names the place"
            message = f"syntax error: {error.strerror}"
            raise SourceError.at(Location.file(path, error.lineno), message, advice) from None
    return [token for token in tokens if token[2] or not token[0].startswith("#")]
