"""Explains lines of files: where each came from, and which are not as omerogen would write them now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from omerogen.artifacts.rendering import holds_secret
from omerogen.model import Line, Location, OmerogenError, RenderedFile, UsageError, ranges, ranges_text
from omerogen.reporting.line_origin import LineOrigin, line_origin
from omerogen.secrets.patterns import HIDDEN, cleared_line
from omerogen.settings import Settings
from omerogen.sites import manifest, named_lines, origins, places
from omerogen.sites.named_lines import Lines
from omerogen.sites.places import Found


def explain(
    settings: Settings, where: Lines, *, templates: str = "", show_secrets: bool = False
) -> list[LineOrigin] | None:
    """The origin of each line of a place; None if omerogen does not write that file.

    A file of a build has the options that it was built with, all others those of the site file; ``templates``
    are those that it was filled in from. Raises `UsageError` if the file has no such line, and
    `OmerogenError` if what is to be printed cannot be made.
    """
    found = places.find(settings, where.file, templates)
    if found is None:
        return None
    try:
        file = found.make(settings)
    except OmerogenError as error:
        if found.text is None:
            raise
        return _without_origin(settings, where, found, error, show_secrets=show_secrets)
    now = _lines(file.text)
    texts = now if found.text is None else _lines(found.text)
    _check(where, texts)
    numbers, instead = ({at: at for at in range(len(now))}, {}) if texts == now else _same(texts, now)
    others = ranges(at + 1 for at in range(len(texts)) if at not in numbers)
    missing = len(now) - len(numbers) - len(instead)
    remark = "; ".join(filter(None, (found.remark, _remark(settings, file, found, others, missing))))
    known = {**numbers, **instead}
    asked = [known[at] for at in range(where.first - 1, where.last) if at in known]
    shown = _shown(settings, file, found, asked, show_secrets=show_secrets)
    is_private = file.private or found.private
    result = []
    for at in range(where.first - 1, where.last):
        origin = LineOrigin(where.file, at + 1, "", file.artifact)
        if at in known:
            origin = line_origin(
                settings, file, shown[known[at]], found.host, found.origins, show_secrets=show_secrets
            )._replace(file=where.file, line=at + 1)
        if at not in numbers:
            text = _of_others(texts[at], is_private=is_private, show_secrets=show_secrets)
            now_there = origin._replace(line=known[at] + 1) if at in known else None
            origin = LineOrigin(where.file, at + 1, text, file.artifact, is_ours=False, now=now_there)
        result.append(origin._replace(remark=remark, other_lines=others))
    return result


def explain_text(settings: Settings, text: str) -> list[LineOrigin]:
    """The origins of the lines that a text names; `UsageError` if omerogen does not write its file."""
    where = named_lines.lines(str(text))
    found = explain(settings, where) if where else None
    if found is None:
        raise UsageError(places.not_ours(where.file if where else str(text)))
    return found


def _check(where: Lines, texts: Sequence[str]) -> None:
    """Raise `UsageError` for lines that a file does not have."""
    for line in (where.first, where.last):
        if not 1 <= line <= len(texts):
            message = f"has no line {line}"
            raise UsageError.at(Location.file(where.file), message, f"it has {len(texts)} lines")


def _without_origin(
    settings: Settings, where: Lines, found: Found, error: OmerogenError, *, show_secrets: bool
) -> list[LineOrigin]:
    """Lines of a file that cannot be made any more, as with other properties than it was made of."""
    texts = _lines(found.text or "")
    _check(where, texts)
    reasons = "; ".join(f"{problem.location.place}: {problem.message}" for problem in error.problems)
    remark = "; ".join(
        filter(None, (found.remark, f"would not be written now: {reasons}{_no_source(settings)}"))
    )
    return [
        LineOrigin(
            where.file,
            at,
            _of_others(texts[at - 1], is_private=found.private, show_secrets=show_secrets),
            "",
            is_ours=False,
            remark=remark,
            other_lines=((1, len(texts)),),
        )
        for at in range(where.first, where.last + 1)
    ]


def _of_others(text: str, *, is_private: bool, show_secrets: bool) -> str:
    """A line that omerogen would not write: in a private file it may have any secret in it."""
    if show_secrets:
        return text
    return HIDDEN if is_private else cleared_line(text)


def _shown(
    settings: Settings, file: RenderedFile, found: Found, asked: Iterable[int], *, show_secrets: bool
) -> Mapping[int, Line]:
    """The lines that were asked for, by number; without secrets unless these are to be shown."""
    lines = {at: file.lines[at] for at in asked}
    if show_secrets or not any(holds_secret(settings, line.inputs) for line in lines.values()):
        return lines
    every = origins.public_lines(settings, file, found.make)
    return {at: every[at] for at in lines}


def _lines(text: str) -> list[str]:
    """Lines as `Line` has them: a line feed ends one, with or without a carriage return."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def _same(present: Sequence[str], now: Sequence[str]) -> tuple[dict[int, int], dict[int, int]]:
    """The lines of a present file that are the same now, with their places; and those in place of others."""
    from difflib import SequenceMatcher

    same: dict[int, int] = {}
    instead: dict[int, int] = {}
    for tag, old, old_end, new, new_end in SequenceMatcher(None, present, now, autojunk=False).get_opcodes():
        pairs = zip(range(old, old_end), range(new, new_end), strict=False)
        (same if tag == "equal" else instead).update(pairs)
    return same, instead


def _remark(
    settings: Settings, file: RenderedFile, found: Found, others: Sequence[tuple[int, int]], missing: int
) -> str:
    """What is to be said of a file that is not as it would be written now; empty for any other."""
    if found.text is None or found.text == file.text:
        return ""
    shown = ranges_text(others)
    lines = f"{'line' if shown.isdecimal() else 'lines'} {shown}" if shown else ""
    if missing:
        gone = "1 line is" if missing == 1 else f"{missing} lines are"
        lines = ", ".join(filter(None, (lines, f"{gone} missing")))
    if found.text.replace("\r\n", "\n") == file.text.replace("\r\n", "\n"):
        lines = "line ends"
    if found.written is None:
        return f"differs from what would be written now: {lines}"
    causes = []
    if manifest.digest(found.text) != found.written:
        causes.append("edited since the build")
    if manifest.digest(file.text) != found.written:
        causes.append("properties, options or the machine have changed since the build")
    return f"{', and '.join(causes)}: {lines}{_no_source(settings)}"


def _no_source(settings: Settings) -> str:
    """That no source of properties was given, where that may be why a file is another one."""
    return "" if settings.names_set() else " (no source of properties is given: add -c)"
