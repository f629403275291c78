"""``omerogen build``: every artifact into a folder."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from functools import partial

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.cli import writing
from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome, refuse_warnings
from omerogen.deploy.write import Difference, Plan
from omerogen.model.errors import ArtifactError, Problem, collect
from omerogen.settings.settings import Settings
from omerogen.sites import building, hooks, manifest
from omerogen.sites.building import Build


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The folder, what to write, and the options of all artifacts."""
    add = parser.add_argument
    add("-o", "--output", metavar="DIR", default="out", help="the folder to write into (out)")
    help_only = "these artifacts alone, divided by spaces or commas"
    add("--only", metavar="ARTIFACT", nargs="+", action="extend", help=help_only)
    writing.arguments(parser)
    add(
        "--verify",
        action="store_true",
        help="ask the programs that are installed before anything is replaced",
    )
    add_options(parser, building.options())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """Write the files that change, or tell how they differ from what would be written."""
    only = _names(parsed.only or ())
    read = settings(_slips(parsed, only))
    built = building.build(read, given(parsed, building.options()), only)
    refuse_warnings([*built.warnings, *filter(_counts, built.notes)], strict=parsed.strict)
    left_out = [f"{note} - left out" for note in built.notes]
    if parsed.verify:
        left_out += _verified(parsed, read, only)
    return writing.outcome(parsed, _Site(parsed.output, built), left_out, built.warnings)


def _names(given: Iterable[str]) -> list[str]:
    """The names of ``--only a b``, ``--only a,b`` or both, each once."""
    names = (name.strip() for word in given for name in word.split(","))
    return list(dict.fromkeys(filter(None, names)))


def _slips(parsed: argparse.Namespace, only: Iterable[str]) -> list[Problem]:
    """What is wrong with the command, whatever the properties are."""
    problems = collect(*(partial(artifacts.get, name) for name in only), partial(hooks.parse, parsed.reload))
    if parsed.only is not None and not only:
        problems.append(Problem("--only", "names no artifact", f"there are: {', '.join(ARTIFACTS)}"))
    if not parsed.output:
        problems.append(Problem("--output", "names no folder", "leave it out, or give a folder"))
    return problems


class _Site(writing.Target):
    """The folder of a build, and what an earlier one left there."""

    def __init__(self, folder: str, built: Build) -> None:
        super().__init__(folder)
        self._built = built

    def plan(self) -> Plan:
        self._earlier = manifest.read(self.folder)
        plan, self._manifest = self._built.onto(self._earlier)
        self._lost = tuple(manifest.by_hand(self.folder, self._earlier, plan))
        return plan

    def lost(self) -> Sequence[str]:
        return self._lost

    def why(self, found: Difference) -> str:
        return manifest.why(found, self._earlier, self._manifest)

    def artifacts_of(self, changed: Collection[str]) -> set[str]:
        files = {**self._earlier.files, **self._manifest.files}
        # One that a killed run took away is in no manifest any more; most are in a folder of that name.
        found = {files[path]["artifact"] if path in files else path.split("/")[0] for path in changed}
        return found & ARTIFACTS.keys()


def _counts(note: Problem) -> bool:
    """Whether an artifact is left out for a reason that somebody could mend."""
    return bool(note.rule)


def _verified(parsed: argparse.Namespace, settings: Settings, only: list[str]) -> list[str]:
    """Ask the programs that read what is built; what each said. `ArtifactError` if one refuses."""
    from omerogen import verify

    verdicts = verify.verify(settings, given(parsed, building.options()), verify.readers_of(only))
    if problems := [problem for verdict in verdicts for problem in verdict.problems]:
        raise ArtifactError(problems)
    return list(map(str, verdicts))
