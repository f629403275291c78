"""Errors in a command line, in the format of every other message, without possible secrets.

argparse stops at its first complaint, in sentences that repeat words which may be values. Here its
checks are overridden where the argument in question is still at hand, and a complaint is
``PLACE: what is wrong (what to do)``, with all options that do not exist.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from omerogen.artifacts import ARTIFACTS
from omerogen.cli.registry import printable
from omerogen.model import Location, Problem, UsageError
from omerogen.sources import READERS, suffix
from omerogen.values.patterns import Pattern

#: The part of an option that may be shown: anything after it may be a value.
_OPTION = Pattern(r"--[A-Za-z-]+|-[A-Za-z]")
_NUMBER = Pattern(r"-\d+|-\d*\.\d+")
#: A word that is shown though it is none of those that it may be.
_PLAIN_WORD = Pattern(r"[a-z]+(?:-[a-z]+)*")
#: The width of what is no terminal.
_COLUMNS = 80
#: How close a misspelt word is to the one that was meant: jmv to jvm.
_NEAR = 0.6


def columns() -> int:
    """The width of the terminal, as `shutil` has it, which takes long to import."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(1).columns or _COLUMNS
    except OSError:
        return _COLUMNS


class Formatter(argparse.HelpFormatter):
    """argparse's help, which it lays out for each option that is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns() - 2)


class Raw(Formatter, argparse.RawDescriptionHelpFormatter):
    """The same, with the lines of examples as they are."""


class Parser(argparse.ArgumentParser):
    """argparse's parser; invalid arguments are a `UsageError`, for a command as for the program."""

    #: Arguments that a command needs; argparse takes them for optional while it parses.
    _required: tuple[argparse.Action, ...] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse ``args``; unknown arguments are errors here, as no other parser follows."""
        self._words: list[str] = list(args or ())
        self._required = tuple(action for action in self._actions if action.required)
        parsed, strays = self._parse_optional_all(args, namespace)
        if missing := [action for action in self._required if getattr(parsed, action.dest) is None]:
            self._refuse(self._about_missing(missing))
        if strays:
            raise UsageError(self._about_strays(strays))
        return parsed, strays

    def _parse_optional_all(self, args: Any, namespace: Any) -> Any:
        """Parse as if nothing were required: argparse names missing arguments only in a sentence."""
        self._require(False)
        try:
            return super().parse_known_args(args, namespace)
        finally:
            self._require(True)

    def format_help(self) -> str:
        """The help, which argparse formats while parsing: required options are not in brackets."""
        self._require(True)
        return super().format_help()

    def _require(self, required: bool) -> None:
        for action in self._required:
            action.required = required

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuse a value that is not among the choices of an argument."""
        if action.choices is not None and value not in action.choices:
            about = self._about_command if self._is_whole else self._about_choice
            self._refuse(about(action, str(value)))

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        """How many words an option takes; refuse one that has none."""
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            self._refuse(self._about_no_value(action))

    def error(self, message: str) -> NoReturn:  # noqa: ARG002 - it may quote a secret
        """Refuse everything else that argparse refuses."""
        for word in self._words_before_dashes():
            name, equals, _ = word.partition("=")
            action = self._option_string_actions.get(name)
            if equals and action and action.nargs == 0:
                flag = Location.flag(_name(action))
                self._refuse(Problem(flag, "does not take a value", "remove the value"))
        self._refuse(self._about_command_line("invalid arguments", f"{self.prog} --help shows how"))

    def _refuse(self, problem: Problem) -> NoReturn:
        """Raise a problem, and the options that do not exist."""
        words = [word for word in self._words_before_dashes() if word.startswith("--")]
        unknown = [self._about_option(word) for word in words if self._is_unknown(word)]
        if unknown and self._is_whole:
            raise UsageError(unknown)  # the next word was taken for a command
        raise UsageError([*unknown, problem])

    @property
    def _is_whole(self) -> bool:
        """Whether this is the parser of the whole command line, not that of a command."""
        return self._subparsers is not None

    @property
    def _command(self) -> str:
        return self.prog.rpartition(" ")[2]

    def _words_before_dashes(self) -> list[str]:
        """The arguments that may be options: not those after ``--`` or with a space."""
        end = self._words.index("--") if "--" in self._words else None
        return [word for word in self._words[:end] if " " not in word]

    def _is_unknown(self, word: str) -> bool:
        """Whether a word is an option, and none of this parser's."""
        name = word.partition("=")[0]
        if not word.startswith("-") or word in ("-", "--") or _NUMBER.fullmatch(word):
            return False
        known = self._option_string_actions
        return name not in known and (name.startswith("--") or name[:2] not in known)

    def _about_strays(self, strays: Iterable[str]) -> Iterator[Problem]:
        """Problems of arguments that no option takes."""
        previous = dict(zip(self._words[1:], self._words, strict=False))
        for word in strays:
            before = previous.get(word, "")
            if word.startswith("-") and word != "--":
                yield self._about_option(word)
            elif word != "--" and (_is_file(word) or "=" in before or not self._is_unknown(before)):
                yield self._about_word(word)  # any other is the value of an option that does not exist

    def _about_option(self, word: str) -> Problem:
        """An option that does not exist, with one that is close to it."""
        name = word.partition("=")[0]
        match = _OPTION.match(name)
        shown = match[0] if match else "-"
        known = [option for option in self._option_string_actions if option.startswith("--")]
        near = [option for option in known if option.startswith(shown)] or _near(shown, known)
        whole = f"--{shown.removeprefix('--no-')}"
        if shown.startswith("--no-") and whole in known:
            advice = f"{whole} takes {self._option_string_actions[whole].metavar}"
        elif near and shown == name and len(shown) > 2:
            advice = f"did you mean {near[0]}?"
        elif self._is_whole:
            advice = "options follow the command"
        else:
            advice = f"{self.prog} --help lists them"
        flag = Location.flag(shown if shown == name else f"{shown}…")
        return Problem(flag, f"unknown option of {self._command}", advice)

    def _about_word(self, word: str) -> Problem:
        """An argument that no option takes; shown only if it cannot be a secret."""
        name, equals, _ = word.partition("=")
        options = self._option_string_actions
        if "--set" in options and equals and _is_property(name):
            advice = "give properties with --set NAME=VALUE"
            return Problem(Location.property(f"{name}=…"), "is not an option", advice)
        if "--config" in options and not equals and _is_file(word):
            return Problem(Location.file(printable(word)), "is not an option", "give files with -c FILE")
        if "--only" in options and word in ARTIFACTS:
            return Problem(Location.artifact(word), "is not an option", "name artifacts with --only")
        message = "unexpected argument, not shown as it may be a secret"
        return self._about_command_line(message, f"{self.prog} --help lists the options")

    def _about_command_line(self, message: str, advice: str) -> Problem:
        return Problem(Location.command(self._command), message, advice)

    def _about_missing(self, missing: list[argparse.Action]) -> Problem:
        names = ", ".join(map(_name, missing))
        advice = f"there are: {_choices(missing[0])}" if self._is_whole else f"{self.prog} --help shows how"
        verb = "is" if len(missing) == 1 else "are"
        return self._about_command_line(f"{names} {verb} missing", advice)

    def _about_no_value(self, action: argparse.Action) -> Problem:
        option = _name(action)
        value = action.metavar or "|".join(action.choices or ()) or action.dest.upper()
        return Problem(Location.flag(option), "needs a value", f"write {option}={value}")

    def _about_choice(self, action: argparse.Action, word: str) -> Problem:
        shown = f"{word!r} is" if _PLAIN_WORD.fullmatch(word) else "is"
        message, advice = f"{shown} not a valid choice", f"give one of {_choices(action)}"
        return Problem(Location.flag(_name(action)), message, advice)

    def _about_command(self, action: argparse.Action, word: str) -> Problem:
        commands = list(action.choices or ())
        if _is_file(word) and "=" not in word:
            shown = printable(word)
            advice = f"name one first, such as omerogen check -c {shown}"
            return Problem(Location.file(shown), "is not a command", advice)
        if near := _near(word, commands):
            advice = f"did you mean {near[0]}?"
            return Problem(Location.command(printable(word)), "unknown command", advice)
        there_are = f"there are: {', '.join(commands)}"
        if _PLAIN_WORD.fullmatch(word):
            return Problem(Location.command(word), "unknown command", there_are)
        return self._about_command_line("the first argument is not a command", there_are)


def _name(action: argparse.Action) -> str:
    """The user's name of an argument: its long option, or its metavar."""
    return action.option_strings[-1] if action.option_strings else str(action.metavar or action.dest)


def _choices(action: argparse.Action) -> str:
    return ", ".join(map(str, action.choices or ()))


def _is_file(word: str) -> bool:
    """Whether a word is a file, or named like one."""
    return suffix(word) in READERS or os.path.exists(word)


def _is_property(name: str) -> bool:
    """Whether a word is the name of a property: a secret may have a ``=`` in it too."""
    from omerogen import catalog

    return catalog.find(name) is not None


def _near(word: str, words: Iterable[str]) -> list[str]:
    """The one of ``words`` that is close to ``word``, if one is."""
    from difflib import get_close_matches

    return get_close_matches(word, list(words), n=1, cutoff=_NEAR)
