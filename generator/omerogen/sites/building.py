"""Builds a site: every artifact, and a manifest with the inputs of each."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.deploy.write import Contents, FileChange
from omerogen.derive.host import Host
from omerogen.model import (
    ArtifactError,
    Input,
    Location,
    NotApplicable,
    OmerogenError,
    Problem,
    RenderedFile,
    SettingsError,
    Severity,
    UsageError,
    WriteError,
    refuse_warnings,
    unique,
)
from omerogen.model.version import __version__
from omerogen.settings import Settings
from omerogen.sites import differences, folders, hooks, manifest
from omerogen.sites.folders import BuildResult, Target
from omerogen.sites.manifest import Manifest
from omerogen.sites.options import of_builds

if TYPE_CHECKING:
    from omerogen.verify.sandbox import Result


def build(
    settings: Settings,
    folder: str,
    options: Mapping[str, Any],
    *,
    only: Iterable[str] = (),
    dry_run: bool = False,
    reload: Iterable[str] = (),
    verify: bool = False,
    strict: bool = False,
    force: bool = False,
    host: Host | None = None,
) -> BuildResult:
    """Write the artifacts ``only``, or all, into ``folder``; `OmerogenError` with all that is wrong.

    ``options`` are those of `of_builds`; each artifact takes its own. With ``strict`` warnings are errors.
    Nothing is written if anything is wrong, nor in a ``dry_run``. Files that no build has written are
    replaced only with ``force``. ``host`` is this machine, if it has been looked at already.
    """
    refuse_unknown(options)
    only = tuple(only)
    commands = hooks.parse(reload)
    site = _Site(settings, folder, options, only, host, force=force or dry_run)
    left_out = (note for note in site.notes if note.severity is Severity.WARNING)
    refuse_warnings([*site.warnings, *left_out], strict=strict)
    programs = _verified(settings, options, only) if verify else ()
    result = folders.compare(site) if dry_run else folders.apply(site, commands)
    shown = partial(differences.shown, settings)
    return result._replace(warnings=site.warnings, notes=site.notes, programs=programs, shown=shown)


def render(
    settings: Settings,
    options: Mapping[str, Any],
    only: Iterable[str] = (),
    host: Host | None = None,
    *,
    traced: bool = False,
) -> tuple[list[RenderedFile], list[Problem]]:
    """The files of the artifacts ``only``, or of all, and why some were left out.

    With ``traced`` their lines know their origins. `OmerogenError` with all that is wrong in any of them.
    """
    files, notes, errors = render_what_can_be(settings, options, only, host, traced=traced)
    if errors:
        kind = type(errors[0]) if len({*map(type, errors)}) == 1 else OmerogenError
        raise kind(unique(problem for error in errors for problem in error.problems))
    return files, notes


def render_what_can_be(
    settings: Settings,
    options: Mapping[str, Any],
    only: Iterable[str] = (),
    host: Host | None = None,
    *,
    traced: bool = False,
) -> tuple[list[RenderedFile], list[Problem], list[OmerogenError]]:
    """The same with all that is wrong as the third result, beside the files of all other artifacts."""
    only = tuple(only)
    files: list[RenderedFile] = []
    notes: list[Problem] = []
    # Of all values, also those that only OMERO reads: a whole build is the check of a site.
    errors: list[OmerogenError] = []
    if not only and (refused := settings.refused()):
        errors.append(SettingsError(refused))
    host = host or Host.of(options)  # one look at the machine for all files
    for name in only or artifacts.ARTIFACTS:
        try:
            files += rendering.files(name, settings, options, host, traced=traced)
        except NotApplicable as reason:
            notes += reason.problems
        except OmerogenError as error:
            errors.append(error)
    return files, notes, errors


def refuse_unknown(given: Iterable[str]) -> None:
    """Raise `UsageError` for names of options that no artifact has: they would have no effect."""
    known = [option.name for option in of_builds()]
    if unknown := sorted(set(given).difference(known)):
        there_are = f"there are: {', '.join(known)}"
        raise UsageError(Problem(Location.flag(name), "unknown option", there_are) for name in unknown)


def _verified(settings: Settings, options: Mapping[str, Any], only: Sequence[str]) -> tuple[Result, ...]:
    """Validate with the programs that read the files; the results. `ArtifactError` if one refuses."""
    from omerogen import verify

    results = tuple(verify.verify(settings, options, verify.readers_of(only)))
    problems = [problem for result in results for problem in result.problems]
    if errors := [problem for problem in problems if problem.severity is Severity.ERROR]:
        raise ArtifactError(errors)
    return results


class _Site(Target):
    """The folder of a build, and the manifest of the one before."""

    def __init__(
        self,
        settings: Settings,
        folder: str,
        options: Mapping[str, Any],
        only: Sequence[str],
        host: Host | None,
        *,
        force: bool,
    ) -> None:
        self._force = force
        files, notes = render(settings, options, only, host)
        super().__init__(folder, files)
        self.notes = tuple(notes)
        inputs = frozenset[Input]().union(*(file.inputs for file in files))
        elsewhere = rendering.refused_elsewhere(settings, inputs) if only else []
        self.warnings = tuple(dict.fromkeys([*(w for file in files for w in file.warnings), *elsewhere]))
        self._names = only or tuple(artifacts.ARTIFACTS)
        self._entries = manifest.entries(files, settings)

    def contents(self) -> Contents:
        """Files of other artifacts stay; those that these artifacts do not have any more go away."""
        self._earlier = manifest.read(self.folder)
        earlier = self._earlier.files
        kept = {path: entry for path, entry in earlier.items() if entry["artifact"] not in self._names}
        self._manifest = Manifest(__version__, {**kept, **self._entries})
        removed = [path for path in earlier if path not in self._manifest.files]
        self._keep_what_is_refused(
            path for path in removed if os.path.lexists(os.path.join(self.folder, path))
        )
        private = self._manifest.is_private
        files = [*self.files, RenderedFile(manifest.NAME, str(self._manifest), private=private)]
        self._edited = tuple(manifest.edited(self.folder, self._earlier, files, removed))
        if not self._force:
            self._keep_files_of_others()
        return files, removed

    def _keep_files_of_others(self) -> None:
        """Raise `WriteError` for each that a build would replace."""
        manifest.refuse_unreadable(self.folder)
        advice = "move it away, or add --force to replace it"
        problems = [
            Problem(Location.file(os.path.join(self.folder, path)), "omerogen did not write it", advice)
            for path in self.foreign()
        ]
        if problems:
            raise WriteError(problems)

    def _keep_what_is_refused(self, leaving: Iterable[str]) -> None:
        """Raise `ArtifactError` for files that would go away because a value is not for their artifact.

        A slip in a value is not a wish to do without them; where there are none, they are left out. The
        rule of such a note is ``not-for-`` and the artifact.
        """
        refused: dict[str, list[str]] = {}
        for path in leaving:
            refused.setdefault(f"not-for-{self._earlier.files[path]['artifact']}", []).append(path)
        problems = []
        for note in self.notes:
            if paths := refused.get(note.rule):
                advice = f"{note.advice}; or remove {', '.join(paths)} from {self.folder}"
                problems.append(note._replace(severity=Severity.ERROR, advice=advice))
        if problems:
            raise ArtifactError(problems)

    def foreign(self) -> Sequence[str]:
        found = [path for path in self._edited if path not in self._earlier.files]
        return [*found, manifest.NAME] if manifest.is_foreign(self.folder) else found

    def edited(self) -> Sequence[str]:
        return self._edited

    def why(self, change: FileChange) -> str:
        return manifest.why(change, self._earlier, self._manifest)

    def artifacts_of(self, paths: Collection[str]) -> set[str]:
        files = {**self._earlier.files, **self._manifest.files}
        # One that a killed run took away is in no manifest any more; most are in a folder of that name.
        found = {files[path]["artifact"] if path in files else path.split("/")[0] for path in paths}
        return found & artifacts.ARTIFACTS.keys()
