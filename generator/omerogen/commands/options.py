"""Options of artifacts as arguments of the command line, and back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from omerogen.options import Option


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add an argument for each option; its value is checked later, by the option itself."""
    group = parser.add_argument_group("options")
    for option in options:
        group.add_argument(
            option.flag,
            dest=option.name,
            help=option.help,
            metavar=option.metavar or "|".join(getattr(option.kind, "words", ())) or "VALUE",
            nargs="+" if option.many else None,
            action="extend" if option.many else "store",
        )


def given(parsed: argparse.Namespace, options: Iterable[Option]) -> dict[str, Any]:
    """What the user gave for each option, None for nothing."""
    return {option.name: getattr(parsed, option.name) for option in options}


def add_names(parser: argparse.ArgumentParser, flag: str, **keywords: Any) -> None:
    """Add an argument that takes names of properties: shells complete those."""
    parser.add_argument(flag, metavar="NAME", **keywords)
