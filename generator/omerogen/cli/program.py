"""The command line: arguments, exit codes, and the only place that prints.

Artifacts go to standard output, in UTF-8 whatever the locale; all messages to the
person goes to standard error. Exit status: 0 done; 1 a check found something; 2 bad
input or usage, and nothing was written.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from omerogen import catalog
from omerogen.cli import examples
from omerogen.cli.arguments import add_own, fill, wrong
from omerogen.cli.registry import BAD, COMMANDS, Outcome, printable, refuse_warnings
from omerogen.cli.usage import Parser
from omerogen.model import (
    SET_FLAG,
    Location,
    OmerogenError,
    Problem,
    SettingsError,
    SourceError,
    UsageError,
    as_error,
)
from omerogen.model.version import __version__
from omerogen.settings import Settings
from omerogen.settings.loading import load
from omerogen.settings.options import FILE, KEY, SOURCES
from omerogen.settings.site import NO_SITE, Site
from omerogen.sources.assignments import Assignment

#: Nobody reads more messages of one run than this.
MOST_SAID = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _fill_descriptors()
    try:
        return _run(parser(arguments).parse_args(arguments or ["--help"]))
    except OmerogenError as error:
        for line in error.lines()[:MOST_SAID]:
            _say(line)
        if len(error.problems) > MOST_SAID:
            _say(f"omerogen: and {len(error.problems) - MOST_SAID} more")
        return BAD
    except _NoOutput as error:
        message = f"cannot be written: {error}"
        _say(Problem(Location.command("standard output"), message, "nothing of it can be relied on"))
        return BAD
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a traceback would show values, and secrets among them
        module = f" {error.name}" if isinstance(error, ModuleNotFoundError) else ""
        what = f"{type(error).__name__}{module} at {_place_of(error)}"
        _say(f"omerogen: internal error: {what} (please report it)")
        return BAD


def _place_of(error: BaseException) -> str:
    """Where in our code an exception came about: module and line, the innermost last."""
    import traceback

    package = os.path.dirname(os.path.dirname(__file__))
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)
    ]
    if not frames:
        return "an unknown place"
    module = os.path.relpath(frames[-1].filename, package).removesuffix(".py").replace(os.sep, ".")
    return f"{module}:{frames[-1].lineno}"


def _run(parsed: argparse.Namespace) -> int:
    command = COMMANDS[parsed.command]
    site, parsed.site_properties = _site(parsed) if command.reads_properties else (NO_SITE, ())
    parsed.site = site = fill(parsed, site)
    try:
        outcome: Outcome = command.load().run(parsed, partial(_settings, parsed))
    except OmerogenError as error:
        raise type(error)(map(site.placed, error.problems)) from None
    _warn(outcome.warnings, strict=getattr(parsed, "strict", False))
    for message in outcome.messages:
        _say(message)
    _print(_coloured(outcome.text) if outcome.is_diff and _in_colours() else outcome.text)
    return outcome.status


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


def _coloured(diff: str) -> str:
    """A unified diff in git's colours; control characters of the files are escaped."""
    lines = (printable(line) for line in diff.split("\n"))
    return "\n".join(f"{_COLOURS[line[0]]}{line}\x1b[m" if line[:1] in _COLOURS else line for line in lines)


#: Of the lines of a diff, by how they begin: red, green, cyan.
_COLOURS = {"-": "\x1b[31m", "+": "\x1b[32m", "@": "\x1b[36m"}


class _NoOutput(Exception):
    """Standard output is closed or full."""


def _print(text: str) -> None:
    """Write an artifact to standard output, whole or not at all as far as that can be known.

    A reader that has read enough is no error: the exit status is that of the command.
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


def parser(arguments: Iterable[str]) -> argparse.ArgumentParser:
    """The parser. Only the commands that are named get their arguments: the others' cost imports."""
    whole = _CommandLine(
        "omerogen",
        description="Derives the configurations that must agree with the properties of an OMERO server.",
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"omerogen {__version__}")
    # Without prog, argparse would make a help text to find it.
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="omerogen")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.help, description=command.help, allow_abbrev=False)
        if name in arguments:
            added.epilog = examples.epilog(name)
            added.formatter_class = argparse.RawDescriptionHelpFormatter
            command.load().arguments(added, name)
            if command.reads_properties:
                _add_sources(added)
    return whole


def _add_sources(command: argparse.ArgumentParser) -> None:
    """Where the properties come from: the same for every command."""
    add_own(command, SOURCES, "property sources (later ones override earlier ones)", {KEY.name: _Key})
    command.set_defaults(keys=None)
    add = command.add_argument
    add("--set", metavar="NAME=VALUE", action="append", default=[], help="one property")
    add(
        "--site",
        metavar="FILE[:NAME]",
        help=f"a site file, or one of its sites ({FILE} of this folder)",
    )


def _settings(parsed: argparse.Namespace, problems: Iterable[Problem] = ()) -> Settings:
    """The settings from the arguments and the environment.

    What is wrong with them is raised with ``problems``, those of the command.
    """
    overrides, unset = _overrides(map(_utf8, parsed.set))
    problems = [*unset, *problems]
    try:
        settings = load(
            *(_with_keys(parsed) or _installed_config()),
            profile=parsed.profile or os.environ.get("OMERO_CONFIG") or None,
            overrides=overrides,
            environ={name: _utf8(value) for name, value in os.environ.items()} if parsed.env else None,
            omerodir=_utf8(parsed.omerodir or "") or None,
            usual_omerodir=_utf8(os.environ.get("OMERODIR", "")) or None,
            keys=parsed.key if parsed.keys is None else (),
            properties=parsed.site_properties,
            site=parsed.site,
        )
    except SettingsError as error:
        raise _refusal(parsed, [*error.problems, *problems]) from None
    if problems:
        raise _refusal(parsed, [*settings.problems(), *problems])
    for note in settings.notes:
        _say(note)
    if COMMANDS[parsed.command].says_warnings:
        _warn(settings.warnings, strict=parsed.strict)
    return settings


class _Key(argparse.Action):
    """``--key NAME`` belongs to the source before it."""

    def __call__(
        self, _: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: object = None
    ) -> None:
        del option
        if not namespace.config:
            raise UsageError.at(Location.flag("--key"), "has no -c before it", "write -c FILE --key NAME")
        keys = namespace.keys = list(namespace.keys or ())
        keys.append((len(namespace.config) - 1, values))


def _with_keys(parsed: argparse.Namespace) -> list[tuple[str, tuple[str, ...]]]:
    """The sources of the command line or the site file, each with its keys."""
    keys = parsed.keys or ()
    return [(path, tuple(key for at, key in keys if at == place)) for place, path in enumerate(parsed.config)]


def _site(parsed: argparse.Namespace) -> tuple[Site, tuple[Assignment, ...]]:
    """The site of the file that is given, or that is in this folder, if any; and its properties."""
    if parsed.site is None:
        try:
            owner = os.stat(FILE).st_uid
        except OSError:
            return NO_SITE, ()
        _refuse_other(owner)
    from omerogen.sites.loading import open_site

    found = open_site(FILE if parsed.site is None else parsed.site)
    return found.site, found.properties


def _refuse_other(owner: int) -> None:
    """Refuse a site file that another user left in this folder."""
    if owner not in (0, os.geteuid()):
        message = f"belongs to another user (uid {owner}), and could make this command run programs"
        raise SourceError.at(Location.file(FILE), message, f"name it to use it: --site {FILE}")


def _installed_config() -> list[str]:
    """The config.xml of the OMERO that the environment names, if it has one."""
    omerodir = os.environ.get("OMERODIR")
    path = os.path.join(omerodir, "etc/grid/config.xml") if omerodir else ""
    try:
        if path and os.stat(path):
            return [path]
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        return [path]  # it exists, and reading it reports the problem
    _say("omerogen: no -c FILE and no $OMERODIR/etc/grid/config.xml: using the defaults")
    return []


def _utf8(text: str) -> str:
    """A text of the command line or the environment as UTF-8, also where the locale is C."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeDecodeError:
        return text


def _refusal(parsed: argparse.Namespace, problems: Iterable[Problem]) -> SettingsError:
    """All that is wrong with the sources and with the command, in one run."""
    every = [*problems, *wrong(parsed)]
    return SettingsError(map(as_error, every) if parsed.strict else every)


def _overrides(flags: Iterable[str]) -> tuple[dict[str, str], list[Problem]]:
    """The assignments of ``--set``, and its problems."""
    problems = []
    overrides = {}
    for number, flag in enumerate(flags, 1):
        name, equals, value = flag.partition("=")
        if equals:
            overrides[name] = value
        else:
            problems.append(Problem(SET_FLAG, _without_value(flag, number), "write NAME=VALUE"))
    return overrides, problems


def _without_value(flag: str, number: int) -> str:
    """A ``--set`` without a value; only known names are certain not to be secrets."""
    name = re.split(r"[^A-Za-z0-9._-]", flag)[0]
    if catalog.find(name):
        return f"{name} has no value"
    return f"number {number} has no = in it; not shown, as it may be a secret"


def _warn(warnings: Iterable[Problem], *, strict: bool) -> None:
    """Say warnings; with ``--strict`` they are errors."""
    warnings = list(warnings)
    refuse_warnings(warnings, strict=strict)
    for warning in warnings:
        _say(f"warning: {warning}")


def _say(message: object) -> None:
    """Print a message; if standard error is closed, the exit status has to suffice."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
            sys.stderr.buffer.write(f"{_utf8(str(message))}\n".encode(errors="backslashreplace"))
            sys.stderr.buffer.flush()
