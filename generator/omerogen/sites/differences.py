"""Changes of files as unified diffs that anybody may see: secrets are hidden, also those that a file has now.

Those are not known any more. So of a line that goes away from a private file, only words are shown that
the new text has too, and nothing but the name where the same setting has a secret there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from omerogen.artifacts import rendering
from omerogen.deploy.write import FileChange
from omerogen.model import OmerogenError
from omerogen.secrets.patterns import HIDDEN, cleared_line
from omerogen.settings import Settings, redact

#: What a line sets: a name before ``=`` or ``:``, in quotes or not.
_WORD = re.compile(r"[^\W_]{3,}")
_SETS = re.compile(r"""\s*(["']?[\w.-]+["']?)\s*[=:]""")


def public(change: FileChange) -> str:
    """The diff of a change; that of a private file is not shown."""
    if change.file is None:
        return ""
    if change.file.private:
        return f"{change.path} is not shown, since it may hold secrets\n"
    before = [cleared_line(line) for line in change.present.splitlines()]
    return "".join(_unified(change, before, [cleared_line(line) for line in change.file.text.splitlines()]))


def shown(settings: Settings, change: FileChange) -> str:
    """The diff of a change of a file that was made from these settings."""
    file = change.file
    if file is None or not file.private:
        return public(change)
    if not file.artifact:  # the manifest, which has hashes alone
        return ""
    try:
        clear = rendering.render(file.artifact, redact.settings(settings), file.given).text.splitlines()
    except OmerogenError:
        return public(change)
    lines = file.text.splitlines()
    if len(clear) != len(lines):
        return public(change)
    return "".join(_unified(change, _before(change, lines, clear), clear))


def _before(change: FileChange, lines: Sequence[str], clear: Sequence[str]) -> list[str]:
    """The lines that are there now, without their secrets."""
    same = {line for line, shown in zip(lines, clear, strict=True) if line == shown}
    secret = {_name(line) for line, shown in zip(lines, clear, strict=True) if line != shown}
    words = {word for line in clear for word in _WORD.findall(line)}

    def shown_line(line: str) -> str:
        if line in same:
            return line
        name = _name(line)
        if name and name in secret:
            return f"{line[: line.index(name) + len(name)]} {HIDDEN}"
        return _WORD.sub(lambda found: found[0] if found[0] in words else HIDDEN, cleared_line(line))

    return [shown_line(line) for line in change.present.splitlines()]


def _name(line: str) -> str:
    found = _SETS.match(line)
    return found[1] if found else ""


def _unified(change: FileChange, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """A unified diff of the texts, which shows these lines in their place."""
    from difflib import SequenceMatcher

    old, new = change.present.splitlines(), (change.file.text if change.file else "").splitlines()
    yield f"--- {f'a/{change.path}' if change.present else '/dev/null'}\n+++ b/{change.path}\n"
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}\n" for line in after[new_start:new_end])
                continue
            yield from (f"-{line}\n" for line in before[start:end])
            yield from (f"+{line}\n" for line in after[new_start:new_end])


def _range(start: int, end: int) -> str:
    """The lines of a hunk as diff counts them."""
    length = end - start
    return str(start + 1) if length == 1 else f"{start + 1 if length else start},{length}"
