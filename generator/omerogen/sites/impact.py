"""The lines that would change if properties were set: none of them is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import Any, NamedTuple

from omerogen.catalog import history
from omerogen.model import Line, OmerogenError, Problem, RenderedFile, properties_of, unique
from omerogen.settings import Settings
from omerogen.sites import building, origins


class LineChange(NamedTuple):
    """A line that would change; ``before`` or ``after`` is None for one that would come or go.

    - ``line``: its number after the change; of one that goes, the number before it.
    - ``line_before``: the number before it; None of one that comes.
    - ``properties``: those of the changed ones that it depends on; all, where the whole file comes or goes.
    """

    line: int
    before: str | None
    after: str | None
    properties: tuple[str, ...]
    line_before: int | None = None


class ImpactResult(NamedTuple):
    """The changed lines of each file by its path, without secrets.

    - ``appearing``, ``disappearing``: files that only one of the two builds has.
    - ``notes``: why artifacts are left out after the change; ``warnings`` are those that it adds.
    - ``wrong_before``: what is wrong with the site as it is, so that some of its files cannot be compared;
      ``wrong_after`` the same after a change that may be wrong.
    """

    artifacts: Mapping[str, tuple[LineChange, ...]]
    appearing: tuple[str, ...] = ()
    disappearing: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    wrong_before: tuple[Problem, ...] = ()
    wrong_after: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "artifacts": {
                path: [change._asdict() for change in changes] for path, changes in self.artifacts.items()
            },
            "appearing": list(self.appearing),
            "disappearing": list(self.disappearing),
            "notes": list(map(str, self.notes)),
            "warnings": list(map(str, self.warnings)),
            "wrong_before": list(map(str, self.wrong_before)),
        }


def impact(before: Settings, after: Settings, options: Mapping[str, Any]) -> ImpactResult:
    """What a build of ``after`` would change in one of ``before``; ``options`` are those of `building.build`.

    Raises `OmerogenError` if ``after`` is refused. Of ``before`` the files count that can be made.
    """
    building.refuse_unknown(options)
    made, notes = building.render(after, options, traced=True)
    return _compared(before, after, options, (made, notes, []))


def impact_of_what_can_be(before: Settings, after: Settings, options: Mapping[str, Any]) -> ImpactResult:
    """The same for files that can be made, before and after; the rest is in ``wrong_after``."""
    building.refuse_unknown(options)
    return _compared(before, after, options, building.render_what_can_be(after, options, traced=True))


def _compared(
    before: Settings,
    after: Settings,
    options: Mapping[str, Any],
    made: tuple[list[RenderedFile], list[Problem], list[OmerogenError]],
) -> ImpactResult:
    files, old_notes, errors = building.render_what_can_be(before, options, traced=True)
    old = _built(before, files)
    made_files, notes, wrong = made
    new = _built(after, made_files)
    changed = {name for name in _names(before, after) if _texts(before, name) != _texts(after, name)}
    found = {
        path: _changes(old.get(path), new.get(path), changed) for path in sorted(old.keys() | new.keys())
    }
    old_warnings = {warning for built in old.values() for warning in built.file.warnings}
    new_warnings = dict.fromkeys(warning for built in new.values() for warning in built.file.warnings)
    return ImpactResult(
        {path: lines for path, lines in found.items() if lines},
        tuple(sorted(new.keys() - old.keys())),
        tuple(sorted(old.keys() - new.keys())),
        tuple(note for note in notes if note not in old_notes),
        tuple(warning for warning in new_warnings if warning not in old_warnings),
        tuple(unique(problem for error in errors for problem in error.problems)),
        tuple(unique(problem for error in wrong for problem in error.problems)),
    )


class _Built(NamedTuple):
    """A traced file, and its lines as anybody may see them."""

    file: RenderedFile
    shown: tuple[Line, ...]


def _built(settings: Settings, files: Iterable[RenderedFile]) -> dict[str, _Built]:
    shown = ((file, origins.public_lines(settings, file, origins.again(file))) for file in files)
    return {file.path: _Built(file, lines) for file, lines in shown}


def _names(*every: Settings) -> set[str]:
    """The properties that may differ: those that are set, and those with other defaults in other releases."""
    by_release = history.names() if len({settings.releases for settings in every}) > 1 else ()
    return {*by_release, *(entry.property.name for settings in every for entry in settings.entries())}


def _texts(settings: Settings, name: str) -> tuple[str | None, bool]:
    """What of a property can make a difference: its text, and whether it is set."""
    entry = settings.resolved(name)
    return entry.raw, entry.is_set


def _changes(
    before: _Built | None, after: _Built | None, changed: AbstractSet[str]
) -> tuple[LineChange, ...]:
    """The lines that differ, in order; all of a file that only one of the builds has."""
    if before and after:
        same = before.file.text == after.file.text
        return () if same else tuple(_pairs(_lines(before, changed), _lines(after, changed)))
    built = before or after
    if built is None:
        return ()
    texts = [line.text for line in built.shown]
    return tuple(
        LineChange(
            at,
            text if before else None,
            text if after else None,
            tuple(sorted(changed)),
            at if before else None,
        )
        for at, text in enumerate(texts, 1)
    )


class _Marked(NamedTuple):
    """A line of a file: its own text and the public one, and the changed properties that it names."""

    text: str
    shown: str
    names: tuple[str, ...]


def _lines(built: _Built, changed: AbstractSet[str]) -> list[_Marked]:
    return [
        _Marked(line.text, shown.text, tuple(sorted(properties_of(line.inputs) & changed)))
        for line, shown in zip(built.file.lines, built.shown, strict=True)
    ]


def _pairs(old: Sequence[_Marked], new: Sequence[_Marked]) -> Iterator[LineChange]:
    """Lines that come and go, in pairs where one takes the place of another.

    A line that names no changed property does not change: so a closing brace of a block that goes is not
    taken for that of another block.
    """
    from difflib import SequenceMatcher

    old_keys, new_keys = ([(line.text, bool(line.names)) for line in lines] for lines in (old, new))
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone = list(enumerate(old[start:end], start + 1))
        come = list(enumerate(new[new_start:new_end], new_start + 1))
        for left, right in zip_longest(gone, come):
            lines = [line for _, line in filter(None, (left, right))]
            names = {name for line in lines for name in line.names}
            number = (right or left or (0,))[0]
            texts = (left and left[1].shown, right and right[1].shown)
            yield LineChange(number, *texts, tuple(sorted(names)), left and left[0])
