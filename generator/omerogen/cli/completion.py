"""``omerogen completion bash``: the script that completes commands, options and property names.

The scripts are made by ``make docs`` from the commands themselves and ship with the package.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from omerogen.cli.registry import Load, Outcome

SHELLS = ("bash", "zsh")


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The shell."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:  # noqa: ARG001 - completes without reading
    """The script."""
    return Outcome(script_path(parsed.shell).read_text(encoding="utf-8"))


def script_path(shell: str) -> Path:
    """Where the script of a shell is."""
    return Path(__file__).parent / "completions" / f"omerogen.{shell}"
