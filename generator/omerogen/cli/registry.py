"""The commands, one module each: how a command takes its arguments, and what it gives.

A command prints nothing: it gives an `Outcome`, and `omerogen.cli` prints that. Only
the module of the command that is run is imported. Each has

- ``arguments(parser, name)``: adds the command's own arguments;
- ``run(parsed, settings)``: the outcome; ``settings()`` reads the properties, for
  those commands that need them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType
from typing import NamedTuple, Protocol

from omerogen.artifacts import ARTIFACTS
from omerogen.model import Problem
from omerogen.settings import Settings

DONE, FOUND, BAD = 0, 1, 2


class Load(Protocol):
    """Reads the properties; their problems are raised together with ``problems``."""

    def __call__(self, problems: Iterable[Problem] = ()) -> Settings: ...


class Outcome(NamedTuple):
    """Result of a command: text for standard output, messages and warnings, the exit status.

    ``is_diff`` marks the text as a unified diff, which is coloured on terminals. ``render`` makes a text for
    people, of the width of their terminal (0 for none) and whether it has colours.

    ``has_written``: files were written before the text is printed.

    ``parts`` are outcomes that are printed one after the other, as they come; the highest exit status counts.
    ``total`` of them, which ``is_last`` marks, are steps of the progress bar. ``progress`` is a message where
    there is no bar.
    """

    text: str = ""
    messages: tuple[object, ...] = ()
    warnings: tuple[Problem, ...] = ()
    status: int = DONE
    is_diff: bool = False
    render: Callable[[int, bool], str] | None = None
    parts: Iterable[Outcome] = ()
    total: int = 0
    progress: str = ""
    is_last: bool = False
    has_written: bool = False


class Command(NamedTuple):
    """A command's help, its module here, whether it reads properties, and whether it warns of them.

    ``check`` does not: warnings are what it finds. ``of_sites``: one that takes all sites of a file at once.
    """

    help: str
    module: str
    reads_properties: bool = True
    says_warnings: bool = True
    of_sites: bool = False

    def load(self) -> ModuleType:
        """The module, imported now."""
        return import_module(f"omerogen.cli.{self.module}")


def printable(text: str) -> str:
    """A text on one line of a terminal: line breaks and commands to the terminal are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def json_text(value: object) -> str:
    """A result as other programs read it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


COMMANDS = {
    **{name: Command(f"print {what}", "artifact") for name, what in ARTIFACTS.items()},
    "jvm": Command(f"print {ARTIFACTS['jvm']}, explain or plot them", "jvm"),
    "icegrid": Command(f"print {ARTIFACTS['icegrid']}, or write it with its nodes' files", "icegrid"),
    "rewrite": Command("fill in an installed OMERO's grid templates", "rewrite"),
    "build": Command("write every artifact into a folder, of one site or of many", "build", of_sites=True),
    "check": Command(
        "report problems; optionally validate with the installed programs", "check", says_warnings=False
    ),
    "explain": Command(
        "show the origin of a value or of a line, and the lines that a value reaches", "explain"
    ),
    "impact": Command("show the lines that properties would change, and write nothing", "impact"),
    "upgrade": Command("show what a change of release means for the site", "upgrade", says_warnings=False),
    "compare": Command(
        "show how a configuration in use differs in meaning from ours, and what would reproduce it", "compare"
    ),
    "report": Command(
        "write the site as a page: findings, properties, files and their lines", "report", says_warnings=False
    ),
    "properties": Command("list the properties that OMERO has", "properties"),
    "init": Command("write a site file after a look around", "init", reads_properties=False),
    "completion": Command("print the completion script for a shell", "completion", reads_properties=False),
}
