"""The command line: arguments, exit codes, and the only place that prints.

Artifacts go to standard output, in UTF-8 whatever the locale; everything said to a
person goes to standard error. Exit status: 0 done; 1 a check found something; 2 bad
input or usage, and nothing was written.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from omerogen import __version__, artifacts
from omerogen.artifacts.base import Option
from omerogen.errors import OmerogenError, Problem, SettingsError, UsageError
from omerogen.settings import Settings, load

DONE, FOUND, BAD = 0, 1, 2


class Command(NamedTuple):
    """A command: its help, how it adds its arguments, what it does."""

    help: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Settings], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        parsed = _parser(arguments).parse_args(arguments)
        return _COMMANDS[parsed.command].run(parsed, _settings(parsed))
    except OmerogenError as error:
        for problem in error.problems:
            _say(problem)
        return BAD
    except BrokenPipeError:
        # Whoever reads our output has enough of it; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return 130


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the command that is named gets its arguments, the others cost imports."""
    parser = argparse.ArgumentParser(
        "omerogen",
        description="Derives the configurations that must agree with the properties of an OMERO server.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"omerogen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="omerogen")
    for name, command in _COMMANDS.items():
        added = commands.add_parser(name, help=command.help, description=command.help, allow_abbrev=False)
        if name in arguments:
            _add_sources(added)
            command.arguments(added)
    return parser


def _add_sources(parser: argparse.ArgumentParser) -> None:
    """Where the properties come from: the same for every command."""
    group = parser.add_argument_group("properties")
    add = group.add_argument
    add("-c", "--config", metavar="FILE", action="append", default=[], help="a config.xml; a later one wins")
    add("--profile", metavar="NAME", help="the profile of config.xml ($OMERO_CONFIG, else the active one)")
    add("--set", metavar="NAME=VALUE", action="append", default=[], help="set a property; wins over all")
    add("--env", action="store_true", help="take CONFIG_… variables of the environment")
    add("--omerodir", metavar="DIR", help="the OMERO directory ($OMERODIR, else /opt/omero/web/OMERO.web)")
    add("--strict", action="store_true", help="take warnings for errors")


def _settings(parsed: argparse.Namespace) -> Settings:
    """The settings that the arguments and the environment ask for."""
    omerodir = parsed.omerodir or os.environ.get("OMERODIR") or None
    files = parsed.config or _installed_config()
    settings = load(
        *files,
        profile=parsed.profile or os.environ.get("OMERO_CONFIG") or None,
        overrides=_overrides(parsed.set),
        environ=os.environ if parsed.env else None,
        omerodir=omerodir,
    )
    _warn(settings.warnings, parsed.strict)
    return settings


def _installed_config() -> list[str]:
    """The config.xml of the OMERO that the environment names, if it has one."""
    omerodir = os.environ.get("OMERODIR")
    path = os.path.join(omerodir, "etc/grid/config.xml") if omerodir else ""
    if path and os.path.exists(path):
        return [path]
    _say("omerogen: no -c FILE and no $OMERODIR/etc/grid/config.xml: these are the defaults")
    return []


def _overrides(flags: Iterable[str]) -> dict[str, str]:
    problems = []
    overrides = {}
    for flag in flags:
        name, equals, value = flag.partition("=")
        if not equals:
            problems.append(Problem("--set", f"{name!r} has no value", "write NAME=VALUE"))
        overrides[name] = value
    if problems:
        raise UsageError(problems)
    return overrides


def _add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    group = parser.add_argument_group("options")
    for option in options:
        group.add_argument(
            option.flag,
            dest=option.name,
            help=option.help,
            metavar=option.metavar or "|".join(getattr(option.kind, "words", ())) or "VALUE",
            nargs="+" if option.many else None,
        )


def _given(parsed: argparse.Namespace, options: Iterable[Option]) -> dict[str, Any]:
    return {option.name: getattr(parsed, option.name) for option in options}


def _artifact_command(name: str, help_text: str) -> Command:
    """A command that prints one artifact."""

    def arguments(parser: argparse.ArgumentParser) -> None:
        _add_options(parser, artifacts.get(name).options)

    def run(parsed: argparse.Namespace, settings: Settings) -> int:
        from omerogen import product

        made = product.make(name, settings, _given(parsed, artifacts.get(name).options))
        _warn(made.warnings, parsed.strict)
        _print(made.text)
        return DONE

    return Command(f"print {help_text}", arguments, run)


def _build_arguments(parser: argparse.ArgumentParser) -> None:
    from omerogen import build

    add = parser.add_argument
    add("-o", "--output", metavar="DIR", default="out", help="the folder to write into (out)")
    add("--only", metavar="NAME,…", help="these artifacts alone")
    add("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    add("--diff", action="store_true", help="write nothing; show how files differ")
    _add_options(parser, build.options())


def _build(parsed: argparse.Namespace, settings: Settings) -> int:
    """Write every artifact, or tell how the files differ from what would be written."""
    from omerogen import build, write

    only = [name for name in (parsed.only or "").split(",") if name]
    built = build.build(settings, _given(parsed, build.options()), only)
    _warn(built.warnings, parsed.strict)
    for note in built.notes:
        _say(f"{note} - left out")
    if not (parsed.check or parsed.diff):
        changed = write.write(parsed.output, built.outputs, built.left_out)
        for path in changed:
            _say(os.path.join(parsed.output, path))
        if not changed:
            _say(f"{parsed.output}: up to date")
        return DONE
    differences = write.compare(parsed.output, built.outputs, built.left_out)
    if parsed.diff:
        _print("".join(difference.diff for difference in differences))
    for line in write.summary(differences):
        _say(f"{parsed.output}/{line}")
    return FOUND if parsed.check and differences else DONE


def _warn(warnings: Iterable[Problem], strict: bool) -> None:
    """Say warnings; with ``--strict`` they are errors."""
    warnings = list(warnings)
    if strict and warnings:
        raise SettingsError(warnings)
    for warning in warnings:
        _say(f"warning: {warning}")


def _print(text: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _say(message: object) -> None:
    print(message, file=sys.stderr)


_COMMANDS = {
    **{name: _artifact_command(name, help_text) for name, help_text in artifacts.ARTIFACTS.items()},
    "build": Command("write every artifact into a folder", _build_arguments, _build),
}
