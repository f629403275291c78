"""``omerogen jvm``, ``nginx`` and the other artifacts: print one."""

from __future__ import annotations

import argparse

from omerogen import artifacts
from omerogen.commands import Load, Outcome
from omerogen.commands.options import add_options, given


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's own options."""
    add_options(parser, artifacts.get(name).options)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The artifact's text."""
    from omerogen import product

    options = given(parsed, artifacts.get(parsed.command).options)
    made = product.make(parsed.command, settings(), options)
    return Outcome(made.text, warnings=made.warnings)
