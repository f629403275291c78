"""All artifacts of a site as files, and a manifest that says what each was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.artifacts.base import Artifact
from omerogen.deploy.write import Output, Plan
from omerogen.derive.host import Host
from omerogen.derive.options import Option
from omerogen.model.errors import NotApplicable, OmerogenError, Problem
from omerogen.model.version import __version__
from omerogen.settings.settings import Settings
from omerogen.sites import manifest
from omerogen.sites.manifest import Manifest


class Build(NamedTuple):
    """The files of the artifacts ``names``, what to tell of them, and what to tell the user."""

    names: tuple[str, ...]
    outputs: tuple[Output, ...]
    entries: Mapping[str, Mapping[str, Any]]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def onto(self, earlier: Manifest) -> tuple[Plan, Manifest]:
        """What becomes of a folder that an ``earlier`` build wrote, and its manifest then.

        Files of other artifacts stay; those that these artifacts do not have any more go away.
        """
        kept = {path: entry for path, entry in earlier.files.items() if entry["artifact"] not in self.names}
        whole = Manifest(__version__, {**kept, **self.entries})
        gone = tuple(path for path in earlier.files if path not in whole.files)
        # Who may not read a file may not try secrets against its hash either.
        output = Output(manifest.NAME, str(whole), private=True)
        return Plan((*self.outputs, output), gone), whole


def build(settings: Settings, options: Mapping[str, Any], only: Iterable[str] = ()) -> Build:
    """Make the artifacts ``only``, or all; `OmerogenError` with all that is wrong in any of them.

    ``options`` are those of `options`; each artifact takes its own.
    """
    names = tuple(only) or tuple(artifacts.ARTIFACTS)
    outputs: list[Output] = []
    entries: dict[str, dict[str, Any]] = {}
    warnings: list[Problem] = []
    notes: list[Problem] = []
    # Of all secrets, also those that only OMERO reads: a whole build is the check of a site.
    problems = [] if only else settings.unreadable()
    host = Host.of(options)  # one look at the machine for all files
    for name in names:
        artifact = artifacts.get(name)
        try:
            for file, made in _files(artifact, settings, options, host):
                outputs.append(Output(file, made.text, made.private))
                warnings += made.warnings
                entries[file] = manifest.entry(made, settings)
        except NotApplicable as reason:
            notes += reason.problems
        except OmerogenError as error:
            problems += error.problems
    if problems:
        raise OmerogenError(dict.fromkeys(problems))
    return Build(
        names,
        tuple(outputs),
        entries,
        warnings=tuple(dict.fromkeys(warnings)),
        notes=tuple(notes),
    )


def _files(
    artifact: Artifact, settings: Settings, options: Mapping[str, Any], host: Host
) -> Iterable[tuple[str, rendering.Product]]:
    for file in artifact.files(settings, options):
        yield (
            file.path,
            rendering.make(artifact.name, settings, {**artifact.own(options), **file.options}, host=host),
        )


def options() -> tuple[Option, ...]:
    """The options of all artifacts, but those that tell one file of an artifact from another."""
    every = (option for name in artifacts.ARTIFACTS for option in artifacts.get(name).options)
    return tuple({option.name: option for option in every if not option.of_file}.values())
