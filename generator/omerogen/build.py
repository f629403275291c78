"""All artifacts of a site as files, and a manifest that says what each was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omerogen import artifacts, product
from omerogen.artifacts.base import Artifact
from omerogen.errors import NotApplicable, OmerogenError, Problem
from omerogen.host import Host
from omerogen.options import Option
from omerogen.settings import Settings
from omerogen.write import Output

MANIFEST = "manifest.json"


class Build(NamedTuple):
    """The files to write, the paths of those that this site has no use for, and what to tell the user."""

    outputs: tuple[Output, ...]
    left_out: tuple[str, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def build(
    settings: Settings,
    options: Mapping[str, Any],
    only: Iterable[str] = (),
    manifest: Mapping[str, Any] | None = None,
) -> Build:
    """Make the artifacts ``only``, or all; `OmerogenError` with all that is wrong in any of them.

    ``options`` are those of `options`; each artifact takes its own. ``manifest`` is that of
    an earlier build, as `read_manifest` gives it: its entries of other artifacts are kept.
    """
    outputs: list[Output] = []
    left_out: list[str] = []
    warnings: list[Problem] = []
    notes: list[Problem] = []
    # Of all secrets, also those that only OMERO reads: a whole build is the check of a site.
    problems = [] if only else settings.unreadable()
    host = Host(str(options.get("host_root") or "/"))  # one look at the machine for all files
    made_now = list(only) or list(artifacts.ARTIFACTS)
    entries = {path: entry for path, entry in (manifest or {}).items() if entry["artifact"] not in made_now}
    for name in made_now:
        artifact = artifacts.get(name)
        try:
            for file, made in _files(artifact, settings, options, host):
                outputs.append(Output(file, made.text, made.private))
                warnings += made.warnings
                entries[file] = {
                    "sha256": hashlib.sha256(made.text.encode()).hexdigest(),
                    "artifact": name,
                    "properties": list(made.properties),
                }
        except NotApplicable as reason:
            notes += reason.problems
            left_out += [file.path for file in artifact.files]
        except OmerogenError as error:
            problems += error.problems
    if problems:
        raise OmerogenError(dict.fromkeys(problems))
    files = {path: entries[path] for path in sorted(entries)}
    outputs.append(Output(MANIFEST, json.dumps({"files": files}, indent=2) + "\n", private=False))
    return Build(tuple(outputs), tuple(left_out), tuple(dict.fromkeys(warnings)), tuple(notes))


def read_manifest(folder: str) -> dict[str, Any]:
    """The entries of the manifest of an earlier build, by path; none if there is none that can be read."""
    try:
        files = json.loads(Path(folder, MANIFEST).read_text(encoding="utf-8"))["files"]
        return {path: entry for path, entry in files.items() if entry["artifact"] in artifacts.ARTIFACTS}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _files(
    artifact: Artifact, settings: Settings, options: Mapping[str, Any], host: Host
) -> Iterable[tuple[str, product.Product]]:
    for file in artifact.files:
        yield (
            file.path,
            product.make(artifact.name, settings, {**artifact.own(options), **file.options}, host=host),
        )


def options() -> tuple[Option, ...]:
    """The options of all artifacts, but those that tell one file of an artifact from another."""
    found: dict[str, Option] = {}
    for artifact in map(artifacts.get, artifacts.ARTIFACTS):
        fixed = {name for file in artifact.files for name in file.options}
        found |= {option.name: option for option in artifact.options if option.name not in fixed}
    return tuple(found.values())
