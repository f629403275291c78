"""The command line: arguments, exit codes, and the only place that prints.

Artifacts go to standard output, in UTF-8 whatever the locale; all messages to the
person goes to standard error. Exit status: 0 done; 1 a check found something; 2 bad
input or usage, and nothing was written.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Container, Iterable, Sequence
from functools import partial
from typing import Any

from omerogen.cli import examples, progress, reading
from omerogen.cli.arguments import fill
from omerogen.cli.registry import BAD, COMMANDS, DONE, FOUND, Outcome, printable
from omerogen.cli.usage import Formatter, Parser, Raw, columns
from omerogen.model import (
    Location,
    OmerogenError,
    Problem,
    refuse_warnings,
    where_raised,
)
from omerogen.model.version import __version__
from omerogen.settings import Settings
from omerogen.settings.site import NO_SITES

#: Characters that would be commands to a terminal, as in the name of a file.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
#: Nobody reads more messages of one run than this.
MOST_SAID = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _fill_descriptors()
    try:
        return _run(parse(arguments or ["--help"]))
    except OmerogenError as error:
        for line in error.lines()[:MOST_SAID]:
            _say(line)
        if len(error.problems) > MOST_SAID:
            _say(f"omerogen: and {len(error.problems) - MOST_SAID} more")
        return BAD
    except _NoOutput as error:
        message = f"cannot be written: {error}"
        _say(Problem(Location.command("standard output"), message, "nothing of it can be relied on"))
        return error.status
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a traceback would show values, and secrets among them
        _say(f"omerogen: internal error: {where_raised(error)} (please report it)")
        return BAD


def _run(parsed: argparse.Namespace) -> int:
    command = COMMANDS[parsed.command]
    files = reading.sites(parsed) if command.reads_properties else NO_SITES
    if command.of_sites and (files.are_several or parsed.sites):
        return _print_parts(command.load().run_all(parsed, files, _say))
    site, parsed.site_properties = files.one[:2]
    parsed.site = site = fill(parsed, site)
    try:
        outcome: Outcome = command.load().run(parsed, partial(_settings, parsed))
    except OmerogenError as error:
        raise type(error)(map(site.placed, error.problems)) from None
    _warn(outcome.warnings, strict=getattr(parsed, "strict", False))
    return _print_outcome(outcome)


def _print_outcome(outcome: Outcome) -> int:
    """Print the messages and the text; the exit status."""
    for message in outcome.messages:
        _say(message)
    text = outcome.render(_width(), _in_colours()) if outcome.render else outcome.text
    try:
        _print(_coloured(text) if outcome.is_diff and _in_colours() else text)
    except _NoOutput as error:
        error.status = FOUND if outcome.has_written else BAD
        raise
    return outcome.status


def _print_parts(outcome: Outcome) -> int:
    """Print outcomes as they come, above a progress bar if this is a terminal; the highest exit status."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    status, done = DONE, 0
    for part in outcome.parts:
        done += part.is_last
        if on_terminal:
            _draw(progress.CLEAR)
        elif part.progress:
            _say(part.progress)
        status = max(status, _print_outcome(part))
        if on_terminal and done < outcome.total:
            _draw(progress.bar(done, outcome.total, columns()))
    return status


def _draw(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def _fill_descriptors() -> None:
    """Open the standard descriptors that are closed: a file opened later would take the place of one."""
    for standard in (0, 1, 2):
        try:
            os.fstat(standard)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _in_colours() -> bool:
    """Whether standard output is a terminal, and neither NO_COLOR nor TERM turns colours off."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int:
    """The width of the terminal on standard output; 0 without one."""
    return columns() if sys.stdout is not None and sys.stdout.isatty() else 0


def _coloured(diff: str) -> str:
    """A unified diff in git's colours; control characters of the files are escaped."""
    lines = (printable(line) for line in diff.split("\n"))
    return "\n".join(f"{_COLOURS[line[0]]}{line}\x1b[m" if line[:1] in _COLOURS else line for line in lines)


#: Of the lines of a diff, by how they begin: red, green, cyan.
_COLOURS = {"-": "\x1b[31m", "+": "\x1b[32m", "@": "\x1b[36m"}


class _NoOutput(Exception):
    """Standard output is closed or full; the exit status of that."""

    status = BAD


def _print(text: str) -> None:
    """Write an artifact to standard output, whole or not at all as far as that can be known.

    A reader that closes the pipe is not an error: the exit status is that of the command.
    """
    if not text:
        return
    if sys.stdout is None:
        raise _NoOutput("it is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python would try to write the rest once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise _NoOutput(error.strerror) from None


class _CommandLine(Parser):
    """The parser of the command line and of each command, whose help is an output as any other."""

    def _print_message(self, message: str, _: object = None) -> None:
        _print(message)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line, by the parser of the command that it begins with: all others cost time."""
    name, *rest = arguments
    if name not in COMMANDS:
        return parser(filled=arguments).parse_args(arguments)
    command = _CommandLine(f"omerogen {name}", **_layout(name))
    _fill(command, name)
    return command.parse_args(rest, argparse.Namespace(command=name))


def parser(filled: Container[str]) -> argparse.ArgumentParser:
    """The parser with all commands; those that are ``filled`` have their arguments, which costs imports."""
    whole = _CommandLine(
        "omerogen",
        description="Derives the configurations that must agree with the properties of an OMERO server.",
        allow_abbrev=False,
        formatter_class=Formatter,
    )
    whole.add_argument("--version", action="version", version=f"omerogen {__version__}")
    # Without prog, argparse would make a help text to find it.
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="omerogen")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.help, **_layout(name))
        if name in filled:
            _fill(added, name)
    return whole


def _layout(name: str) -> dict[str, Any]:
    """How the parser of a command is made."""
    return {"description": COMMANDS[name].help, "allow_abbrev": False, "formatter_class": Raw}


def _fill(parser: argparse.ArgumentParser, name: str) -> None:
    """Add the arguments of a command to its parser."""
    command = COMMANDS[name]
    parser.epilog = examples.epilog(name)
    command.load().arguments(parser, name)
    if command.reads_properties:
        reading.add_sources(parser)


def _settings(parsed: argparse.Namespace, problems: Iterable[Problem] = ()) -> Settings:
    """The settings from the arguments and the environment, with their notes and warnings printed.

    What is wrong with them is raised with ``problems``, those of the command.
    """
    settings = reading.settings(parsed, problems, _say)
    for note in settings.notes:
        _say(note)
    if COMMANDS[parsed.command].says_warnings:
        _warn(settings.warnings, strict=parsed.strict)
    return settings


def _warn(warnings: Iterable[Problem], *, strict: bool) -> None:
    """Say warnings; with ``--strict`` they are errors."""
    warnings = list(warnings)
    refuse_warnings(warnings, strict=strict)
    for warning in warnings:
        _say(f"warning: {warning}")


def _say(message: object) -> None:
    """Print a message; if standard error is closed, the exit status has to suffice."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.flush()
        text = reading.utf8(str(message)).translate(_CONTROLS)
        sys.stderr.buffer.write(f"{text}\n".encode(errors="backslashreplace"))
        sys.stderr.buffer.flush()
    except OSError:
        # Python would try to write the rest once more at its end, and change the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
