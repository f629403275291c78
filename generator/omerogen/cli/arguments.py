"""Options of artifacts as arguments of the command line, and back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial
from typing import Any

from omerogen.derive.options import Option
from omerogen.model import Problem, collect


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add an argument for each option; its value is checked later, by the option itself."""
    options = tuple(options)
    parser.set_defaults(options=options)
    group = parser.add_argument_group("artifact options")
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
    """The given value of each option, None if not given."""
    return {option.name: getattr(parsed, option.name) for option in options}


def wrong(parsed: argparse.Namespace) -> list[Problem]:
    """Problems of the given options, whatever the properties are."""
    options: tuple[Option, ...] = getattr(parsed, "options", ())
    return collect(*(partial(option.parse, getattr(parsed, option.name)) for option in options))


def add_names(parser: argparse.ArgumentParser, flag: str, **keywords: Any) -> None:
    """Add an argument that takes names of properties: shells complete those."""
    parser.add_argument(flag, metavar="NAME", **keywords)
