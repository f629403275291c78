"""Writes what is made from the code and the facts: references, completion scripts, the history of releases.

``python tools/generate.py`` writes them anew; ``--check`` writes nothing and exits 1 if one is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import history
import shtab

from omerogen import catalog
from omerogen.artifacts import ARTIFACTS
from omerogen.cli import program
from omerogen.cli.completion import SHELLS, script_path
from omerogen.cli.registry import COMMANDS
from omerogen.reporting import reference
from omerogen.sites import findings

ROOT = Path(__file__).parent.parent


def generated() -> dict[Path, str]:
    """Every generated file and its text."""
    rows = reference.rows()
    catalog_folder = ROOT / "generator/omerogen/catalog"
    return {
        catalog_folder / "history.tsv": history.history(),
        catalog_folder / "releases.tsv": history.releases(),
        ROOT / "docs/properties.md": reference.markdown(rows),
        ROOT / "docs/rules.md": findings.reference(),
        ROOT / "docs/properties.schema.json": json.dumps(reference.json_schema(rows), indent=2) + "\n",
        **{script_path(shell): _completion(shell) for shell in SHELLS},
    }


def _completion(shell: str) -> str:
    parser = program.parser(filled=COMMANDS)
    for command in _commands(parser):
        for action in command._actions:
            _complete(action)
    names = " ".join(
        sorted([*catalog.PROPERTIES, *(near for family in catalog.FAMILIES for near in family.near)])
    )
    script: str = shtab.complete(parser, shell, preamble=_PREAMBLES[shell].replace("NAMES", names))
    return script + "\n"


def _commands(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    actions = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return list(actions[0].choices.values())


def _complete(action: argparse.Action) -> None:
    """Tell shtab what an argument completes to, by what its help calls the value."""
    metavar = str(action.metavar or "")
    words = list(ARTIFACTS) if metavar == "ARTIFACT" else metavar.split("|")
    if action.metavar in _COMPLETERS:
        action.complete = _COMPLETERS[action.metavar]  # type: ignore[attr-defined]
    elif len(words) > 1:
        action.choices = words


_COMPLETERS = {
    "FILE": shtab.FILE,
    "DIR": shtab.DIRECTORY,
    "NAME": {"bash": "_omerogen_names", "zsh": "_omerogen_names"},
    "NAME=VALUE": {"bash": "_omerogen_assignments", "zsh": "_omerogen_assignments"},
}
_PREAMBLES = {
    "bash": """
_omerogen_properties="NAMES"
_omerogen_names() { compgen -W "$_omerogen_properties" -- "$1"; }
_omerogen_assignments() { compopt -o nospace 2>/dev/null; compgen -S = -W "$_omerogen_properties" -- "$1"; }
""",
    "zsh": """
_omerogen_properties=(NAMES)
_omerogen_names() { compadd -- $_omerogen_properties }
_omerogen_assignments() { compadd -S = -- $_omerogen_properties }
""",
}


def main() -> int:
    """Write the files, or with ``--check`` tell which are stale."""
    check = "--check" in sys.argv[1:]
    texts = generated()
    stale = [path for path in texts if not path.exists() or path.read_text("utf-8") != texts[path]]
    for path in stale:
        print(path.relative_to(ROOT))
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
