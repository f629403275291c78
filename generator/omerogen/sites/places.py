"""Lines of a build's files or of a printed artifact: ``out/nginx/omero.conf:12``, ``nginx:12-14``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.artifacts.rendering import holds_secret
from omerogen.deploy import dirfd
from omerogen.deploy.write import MOST
from omerogen.derive.host import Host
from omerogen.model import Line, Location, OmerogenError, Problem, RenderedFile, UsageError, ranges
from omerogen.reporting.line_origin import LineOrigin, line_origin
from omerogen.secrets.patterns import HIDDEN, cleared_line
from omerogen.settings import Settings
from omerogen.sites import manifest, origins

#: A file and a line of it, or several.
_PLACE = re.compile(r"(.+):([0-9]{1,9})(?:-([0-9]{1,9}))?", re.DOTALL)
#: A file of a build is at most so many folders below the one with the manifest.
_DEEPEST = 4


class Place(NamedTuple):
    """Lines of a file, from ``first`` to ``last``."""

    file: str
    first: int
    last: int


class _Found(NamedTuple):
    """A file that omerogen can render: its artifact, path and options.

    ``text`` is that of the present file, and ``entry`` that of the manifest; None for one that is printed.
    """

    artifact: str
    path: str
    given: Mapping[str, Any]
    origins: dict[str, Location]
    text: str | None = None
    entry: Mapping[str, Any] | None = None


def place(text: str) -> Place | None:
    """The place that an argument names: ``FILE:LINE`` or ``FILE:FIRST-LAST``; None if it names none."""
    found = _PLACE.fullmatch(text)
    if not found:
        return None
    first = int(found[2])
    return Place(found[1], first, int(found[3] or first))


def explain_text(settings: Settings, text: str) -> list[LineOrigin]:
    """The origins of the lines that a text names; `UsageError` if it names none of ours."""
    where = place(text)
    found = explain(settings, where) if where else None
    if found is None:
        raise UsageError(not_ours(where.file if where else text))
    return found


def not_ours(file: str) -> Problem:
    """The problem with a file that no build has written, and no artifact is."""
    advice = "name one below the output folder, such as out/nginx/omero.conf:12, or an artifact: nginx:12"
    return Problem(Location.file(file), "is not a file that omerogen wrote", advice)


def set_at(settings: Settings, where: Place) -> list[str]:
    """The properties that these lines of a source set, in the order of their names."""
    found = {
        entry.property.name
        for entry in settings.entries()
        for layer in entry.layers
        if layer.location.name == where.file and where.first <= (layer.location.line or 0) <= where.last
    }
    return sorted(found)


def explain(settings: Settings, where: Place) -> list[LineOrigin] | None:
    """The origin of each line of a place; None if it is not in a file of ours.

    A file of a build has the options that it was built with, an artifact those of the site file.
    Raises `UsageError` if the file has no such line, `OmerogenError` if it cannot be made.
    """
    found = _of_build(where.file) or _printed(settings, where.file)
    if found is None:
        return None
    host = Host(str(found.given.get("host_root") or "/"))
    file = origins.trace(found.artifact, settings, found.given, host, found.path)
    present = file.text if found.text is None else found.text
    now = _lines(file.text)
    texts = now if present == file.text else _lines(present)
    if not 1 <= where.first <= where.last <= len(texts):
        message = f"has no line {max(where.first, where.last)}"
        raise UsageError.at(Location.file(where.file), message, f"it has {len(texts)} lines")
    numbers = {at: at for at in range(len(now))} if texts is now else _same(texts, now)
    others = ranges(at + 1 for at in range(len(texts)) if at not in numbers)
    remark = _remark(file, found, present, others)
    asked = [numbers[at] for at in range(where.first - 1, where.last) if at in numbers]
    shown = _shown(settings, file, host, asked)
    result = []
    for at in range(where.first - 1, where.last):
        if at in numbers:
            origin = line_origin(settings, file, shown[numbers[at]], host, found.origins)
        else:
            text = HIDDEN if file.private else cleared_line(texts[at])
            origin = LineOrigin(where.file, at + 1, text, file.artifact, is_ours=False)
        result.append(origin._replace(file=where.file, line=at + 1, remark=remark, other_lines=others))
    return result


def _shown(settings: Settings, file: RenderedFile, host: Host, asked: Iterable[int]) -> Mapping[int, Line]:
    """The lines that were asked for, by number and without secrets."""
    lines = {at: file.lines[at] for at in asked}
    if any(holds_secret(settings, line.inputs) for line in lines.values()):
        every = origins.public_lines(settings, file, host)
        return {at: every[at] for at in lines}
    return {at: origins.public_line(line) for at, line in lines.items()}


def _of_build(path: str) -> _Found | None:
    """A present file that the manifest of a folder above it has."""
    if not os.path.isfile(path):
        return None
    parts = os.path.abspath(path).split("/")
    for depth in range(1, _DEEPEST + 2):
        folder, below = "/".join(parts[:-depth]) or "/", "/".join(parts[-depth:])
        entry = manifest.read(folder).files.get(below)
        if entry is not None:
            break
    else:
        return None
    try:
        text = dirfd.look(path, most=MOST)[0].decode(errors="replace")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise UsageError.at(Location.file(path), message, "name a file that you may read") from None
    recorded = entry.get("options")
    given = artifacts.get(entry["artifact"]).own(recorded if isinstance(recorded, dict) else {})
    record = Location.file(os.path.join(folder, manifest.NAME))
    return _Found(entry["artifact"], below, given, dict.fromkeys(given, record), text, entry)


def _printed(settings: Settings, name: str) -> _Found | None:
    """An artifact as its command prints it, or a file that a build would write."""
    options = settings.site.options
    if name in ARTIFACTS:
        return _with_options(settings, name, "", artifacts.get(name).own(options))
    # Most files are in a folder of the name of their artifact.
    first = name.split("/")[0]
    for artifact in sorted(ARTIFACTS, key=lambda artifact: artifact != first) if "/" in name else ():
        own = artifacts.get(artifact).own(options)
        try:
            files = artifacts.get(artifact).files(settings, own)
        except OmerogenError:
            continue
        for file in files:
            if file.path == name:
                return _with_options(settings, artifact, name, {**own, **file.options})
    return None


def _with_options(settings: Settings, artifact: str, path: str, given: Mapping[str, Any]) -> _Found:
    site = settings.site
    lines = {name: Location.file(site.path, line) for name, line in site.lines.items()}
    return _Found(artifact, path, given, lines)


def _lines(text: str) -> list[str]:
    """Lines as `Line` has them: only a line feed ends one."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def _same(present: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """The lines of a present file that are the same now, with their places there."""
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, present, now, autojunk=False).get_matching_blocks()
    return {old + at: new + at for old, new, size in blocks for at in range(size)}


def _remark(file: RenderedFile, found: _Found, present: str, others: Sequence[tuple[int, int]]) -> str:
    """What is to be said of a file that is not as it would be written now; empty for any other."""
    if found.entry is None or present == file.text:
        return ""
    written = found.entry["sha256"]
    was_edited, has_changed = manifest.digest(present) != written, manifest.digest(file.text) != written
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in others)
    lines = f"{'line' if shown.isdecimal() else 'lines'} {shown or 'that were removed'}"
    if was_edited and has_changed:
        return f"edited since the build, and properties, options or the machine have changed: {lines}"
    if was_edited:
        return f"edited since the build: {lines}"
    return f"properties, options or the machine have changed since the build: {lines}"
