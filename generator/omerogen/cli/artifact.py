"""``omerogen jvm``, ``nginx`` and the other artifacts: print one."""

from __future__ import annotations

import argparse

from omerogen import artifacts, render
from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import Load, Outcome


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's own options."""
    add_options(parser, artifacts.get(name).options)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The artifact's text."""
    options = given(parsed, artifacts.get(parsed.command).options)
    text = render(parsed.command, settings(), **options)
    return Outcome(text, warnings=tuple(text.warnings))
