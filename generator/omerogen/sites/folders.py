"""A folder and the files that it is to hold: compared or written, and the hooks that run afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from omerogen.deploy import write
from omerogen.deploy.write import LEFT_OVER, Contents, FileChange
from omerogen.model import Problem, RenderedFile, Severity, collect
from omerogen.sites import differences
from omerogen.sites.hooks import Hook
from omerogen.sites.manifest import EDITED

if TYPE_CHECKING:
    from omerogen.verify.sandbox import Result


class BuildResult(NamedTuple):
    """Result for a folder, or that of a dry run; paths are below the folder.

    - ``changed``, ``unchanged``, ``removed``: the files, by their change. Changes that an
      interrupted build made, and whose hooks did not run, are among them. ``artifacts``: those that
      the changed and removed files are of.
    - ``changes``: how files differ, in a dry run; ``reasons`` says why, by path, where that is known.
    - ``edited``: files that were replaced, or would be, though they had been edited since the last build.
    - ``warnings``, ``notes``: problems that did not prevent the build; why artifacts were left out.
    - ``programs``: the results of the programs.
    - ``failures``: hooks that failed, after everything was written.
    - ``pending``, ``foreign``: in a dry run, files of earlier builds whose hooks are to run, and those that
      omerogen did not write, which a build does not replace unless it is forced to. ``due``: the
      artifacts whose hooks a build would run. ``refused``: why a build by this user would be refused.
    - ``shown``: a change as a diff that anybody may see.
    """

    folder: str
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    changes: tuple[FileChange, ...] = ()
    reasons: Mapping[str, str] = MappingProxyType({})
    edited: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    programs: tuple[Result, ...] = ()
    failures: tuple[Problem, ...] = ()
    shown: Callable[[FileChange], str] = differences.public
    artifacts: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()

    @property
    def every_warning(self) -> tuple[Problem, ...]:
        """The warnings, also those of artifacts that were left out for a value."""
        return (*self.warnings, *(note for note in self.notes if note.severity is Severity.WARNING))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "changed": list(self.changed),
            "unchanged": list(self.unchanged),
            "removed": list(self.removed),
            "artifacts": list(self.artifacts),
            "warnings": list(map(str, self.every_warning)),
            "pending": list(self.pending),
            "foreign": list(self.foreign),
            "refused": list(map(str, self.refused)),
            "edited": list(self.edited),
        }


class Target:
    """A folder to write into, and its files."""

    def __init__(self, folder: str, files: Sequence[RenderedFile]) -> None:
        self.folder = folder
        self.files = files

    def contents(self) -> Contents:
        """The files to write and the paths to remove; called once the folder is locked."""
        return self.files, ()

    def why(self, change: FileChange) -> str:  # noqa: ARG002 - for those that know more
        """Why a file differs; empty if that is not known."""
        return ""

    def edited(self) -> Sequence[str]:
        """The files that were edited since the last build."""
        return ()

    def foreign(self) -> Sequence[str]:
        """The files to write that another program has written."""
        return ()

    def artifacts_of(self, paths: Collection[str]) -> set[str]:
        """The artifacts that these files are of."""
        return {file.artifact for file in self.files} if paths else set()


def compare(target: Target) -> BuildResult:
    """How the folder differs; nothing is written. Raises `WriteError`."""
    files, removed = target.contents()
    changes = write.compare(target.folder, files, removed)
    reasons = {change.path: reason for change in changes if (reason := change.remark or target.why(change))}
    gone = tuple(change.path for change in changes if change.kind == LEFT_OVER)
    changed = tuple(change.path for change in changes if change.kind != LEFT_OVER)
    unchanged = _others(files, changed)
    artifacts = tuple(sorted(target.artifacts_of([*changed, *gone])))
    pending = write.pending(target.folder)
    return BuildResult(
        target.folder,
        changed,
        unchanged,
        gone,
        tuple(changes),
        reasons,
        artifacts=artifacts,
        pending=pending,
        due=tuple(sorted(target.artifacts_of([*changed, *gone, *pending]))),
        foreign=tuple(target.foreign()),
        edited=tuple(path for path, reason in reasons.items() if reason.startswith(EDITED)),
        refused=write.refusals(target.folder, [*changed, *gone]) if changes else (),
    )


def apply(target: Target, hooks: Iterable[Hook] = ()) -> BuildResult:
    """Make the folder hold its files, all at once, and run the hooks of what changed.

    Raises `WriteError` if nothing was written.
    """
    hooks = tuple(hooks)
    contents: list[Contents] = []

    def current() -> Contents:
        contents[:] = [target.contents()]  # again, if somebody made the folder meanwhile
        return contents[0]

    def concerns(path: str) -> bool:
        return any(hook.concerns(target.artifacts_of([path])) for hook in hooks)

    written = write.write_locked(target.folder, current, concerns)
    files, _ = contents[0]
    kept = {file.path for file in files}
    concerned = target.artifacts_of(written.paths)
    failed = {
        hook: problem for hook in hooks if hook.concerns(concerned) and (problem := hook.run(target.folder))
    }
    again = [
        path for path in written.paths if any(hook.concerns(target.artifacts_of([path])) for hook in failed)
    ]
    failures = [*failed.values(), *collect(partial(write.acknowledge, target.folder, written, again))]
    return BuildResult(
        target.folder,
        tuple(path for path in written.paths if path in kept),
        _others(files, written.paths),
        tuple(path for path in written.paths if path not in kept),
        edited=tuple(target.edited()),
        failures=tuple(failures),
        artifacts=tuple(sorted(concerned)),
    )


def _others(files: Sequence[RenderedFile], paths: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({file.path for file in files}.difference(paths)))
