"""All artifacts of a site as files, and a manifest that says what each was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omerogen import __version__, artifacts, manifest, product
from omerogen.artifacts.base import Artifact
from omerogen.errors import NotApplicable, OmerogenError, Problem
from omerogen.host import Host
from omerogen.manifest import NONE, Manifest
from omerogen.options import Option
from omerogen.settings import Settings
from omerogen.write import Output


class Build(NamedTuple):
    """The files to write, the paths of those that this site has no use for, and what to tell the user."""

    outputs: tuple[Output, ...]
    manifest: Manifest
    left_out: tuple[str, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def build(
    settings: Settings,
    options: Mapping[str, Any],
    only: Iterable[str] = (),
    earlier: Manifest = NONE,
) -> Build:
    """Make the artifacts ``only``, or all; `OmerogenError` with all that is wrong in any of them.

    ``options`` are those of `options`; each artifact takes its own. ``earlier`` is the manifest
    of the build before: its entries of other artifacts are kept, and its files that these
    artifacts do not have any more are left out.
    """
    outputs: list[Output] = []
    left_out: list[str] = []
    warnings: list[Problem] = []
    notes: list[Problem] = []
    # Of all secrets, also those that only OMERO reads: a whole build is the check of a site.
    problems = [] if only else settings.unreadable()
    host = Host(str(options.get("host_root") or "/"))  # one look at the machine for all files
    made_now = list(only) or list(artifacts.ARTIFACTS)
    entries = {path: entry for path, entry in earlier.files.items() if entry["artifact"] not in made_now}
    for name in made_now:
        artifact = artifacts.get(name)
        try:
            for file, made in _files(artifact, settings, options, host):
                outputs.append(Output(file, made.text, made.private))
                warnings += made.warnings
                entries[file] = manifest.entry(name, made, settings)
        except NotApplicable as reason:
            notes += reason.problems
            left_out += [file.path for file in artifact.files(settings, options)]
        except OmerogenError as error:
            problems += error.problems
    if problems:
        raise OmerogenError(dict.fromkeys(problems))
    left_out += [path for path in earlier.files if path not in entries and path not in left_out]
    told = Manifest(__version__, entries)
    outputs.append(Output(manifest.NAME, str(told), private=False))
    return Build(tuple(outputs), told, tuple(left_out), tuple(dict.fromkeys(warnings)), tuple(notes))


def _files(
    artifact: Artifact, settings: Settings, options: Mapping[str, Any], host: Host
) -> Iterable[tuple[str, product.Product]]:
    for file in artifact.files(settings, options):
        yield (
            file.path,
            product.make(artifact.name, settings, {**artifact.own(options), **file.options}, host=host),
        )


def options() -> tuple[Option, ...]:
    """The options of all artifacts, but those that tell one file of an artifact from another."""
    every = (option for name in artifacts.ARTIFACTS for option in artifacts.get(name).options)
    return tuple({option.name: option for option in every if not option.of_file}.values())
