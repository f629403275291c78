"""What is wrong with a command line, in the words of every other message, and without what may be a secret.

argparse stops at its first complaint, and repeats words that may be values. Here its
complaint is put as ``PLACE: what is wrong (what to do)``, with all options that do not exist.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Any, NoReturn

from omerogen.artifacts import ARTIFACTS
from omerogen.cli.registry import printable
from omerogen.model.errors import Problem, UsageError
from omerogen.sources import READERS
from omerogen.values.patterns import Pattern

#: As much of an option as is shown of it: what stands behind that may be a value.
_OPTION = Pattern(r"--[A-Za-z-]+|-[A-Za-z]")
_NUMBER = Pattern(r"-\d+|-\d*\.\d+")
#: A word that is shown though it is none of those that it may be.
_PLAIN_WORD = Pattern(r"[a-z]+(?:-[a-z]+)*")
#: How close a misspelt word is to the one that was meant: jmv to jvm.
_NEAR = 0.6


class Parser(argparse.ArgumentParser):
    """argparse's; what it does not understand is a `UsageError`, for a command as for the whole."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse ``args``; nobody is left to know what this parser does not."""
        self._words: list[str] = list(args or ())
        parsed, strays = super().parse_known_args(args, namespace)
        if strays:
            raise UsageError(self._about_strays(strays))
        return parsed, strays

    def error(self, message: str) -> NoReturn:
        """Raise what argparse complains of, and the options that do not exist."""
        words = [word for word in self._words_before_dashes() if word.startswith("--")]
        unknown = [self._about_option(word) for word in words if self._is_unknown(word)]
        if unknown and self._is_whole:
            raise UsageError(unknown)  # what stands behind them was taken for a command
        raise UsageError([*unknown, self._about(message)])

    @property
    def _is_whole(self) -> bool:
        """Whether this is the parser of the whole command line, not that of a command."""
        return " " not in self.prog

    @property
    def _command(self) -> str:
        return self.prog.rpartition(" ")[2]

    def _words_before_dashes(self) -> list[str]:
        """The words that may be options: behind ``--`` none is, and with a space none is."""
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
        """What is wrong with words that nothing takes."""
        behind = dict(zip(self._words[1:], self._words, strict=False))
        for word in strays:
            before = behind.get(word, "")
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
        if near and shown == name and len(shown) > 2:
            advice = f"did you mean {near[0]}?"
        elif self._is_whole:
            advice = "options go behind the command"
        else:
            advice = f"{self.prog} --help lists them"
        place = shown if shown == name else f"{shown}…"
        return Problem(place, f"there is no such option of {self._command}", advice)

    def _about_word(self, word: str) -> Problem:
        """A word that no option takes; it is shown where it is certain that it is no secret."""
        name, equals, _ = word.partition("=")
        options = self._option_string_actions
        if "--set" in options and equals and _is_property(name):
            return Problem(f"{name}=…", "is no option", "give properties with --set NAME=VALUE")
        if "--config" in options and not equals and _is_file(word):
            return Problem(printable(word), "is no option", "give files with -c FILE")
        if "--only" in options and word in ARTIFACTS:
            return Problem(word, "is no option", "name artifacts with --only")
        message = "a word belongs to no option; it is not repeated, since it may be a secret"
        return Problem(self._command, message, f"{self.prog} --help lists the options")

    def _about(self, message: str) -> Problem:
        """argparse's complaint in our words."""
        for pattern, told in _COMPLAINTS:
            if match := pattern.fullmatch(message):
                return told(self, *match.groups())
        return Problem(self._command, "is not called so", f"{self.prog} --help shows how")

    def _about_missing(self, names: str) -> Problem:
        advice = f"there are: {self._choices(names)}" if self._is_whole else f"{self.prog} --help shows how"
        return Problem(self._command, f"{names} is missing", advice)

    def _about_no_value(self, name: str) -> Problem:
        option, action = self._action(name)
        value = action.metavar or "|".join(action.choices or ()) or action.dest.upper()
        return Problem(option, "needs a value", f"write {option}={value}")

    def _about_choice(self, name: str, quoted: str) -> Problem:
        word = quoted[1:-1]
        place, action = self._action(name)
        if self._is_whole:
            return self._about_command(word, list(action.choices or ()))
        shown = f"{word!r} is" if _PLAIN_WORD.fullmatch(word) else "is"
        return Problem(place, f"{shown} not one of the words it may be", f"give one of {self._choices(name)}")

    def _about_command(self, word: str, commands: list[str]) -> Problem:
        if _is_file(word) and "=" not in word:
            shown = printable(word)
            return Problem(shown, "is no command", f"name one first, such as omerogen check -c {shown}")
        if near := _near(word, commands):
            return Problem(printable(word), "there is no such command", f"did you mean {near[0]}?")
        place, what = (
            (word, "there is no such command")
            if _PLAIN_WORD.fullmatch(word)
            else (self._command, "the first word is no command")
        )
        return Problem(place, what, f"there are: {', '.join(commands)}")

    def _about_no_choice(self, name: str) -> Problem:
        return Problem(self._action(name)[0], "takes no value", "leave out what follows it")

    def _action(self, name: str) -> tuple[str, argparse.Action]:
        """An argument by the name that argparse has for it, and our name for it: its long option."""
        for action in self._actions:
            if name in ("/".join(action.option_strings), action.metavar, action.dest):
                return (action.option_strings or [name])[-1], action
        raise KeyError(name)

    def _choices(self, name: str) -> str:
        return ", ".join(map(str, self._action(name)[1].choices or ()))


#: What argparse says, and what we say then; where it says anything else, a part of that may be a value.
_COMPLAINTS: tuple[tuple[Pattern, Callable[..., Problem]], ...] = (
    (Pattern(r"the following arguments are required: (.*)"), Parser._about_missing),
    (Pattern(r"argument (\S+): expected .*", re.DOTALL), Parser._about_no_value),
    (
        Pattern(r"argument (\S+): invalid choice: ('.*'|\".*\") \(choose from .*", re.DOTALL),
        Parser._about_choice,
    ),
    (Pattern(r"argument (\S+): ignored explicit argument .*", re.DOTALL), Parser._about_no_choice),
)


def _is_file(word: str) -> bool:
    """Whether a word is a file, or named like one."""
    return PurePath(word).suffix.lower() in READERS or os.path.exists(word)


def _is_property(name: str) -> bool:
    """Whether a word is the name of a property: a secret may have a ``=`` in it too."""
    from omerogen import catalog

    return catalog.find(name) is not None


def _near(word: str, words: Iterable[str]) -> list[str]:
    """The one of ``words`` that is close to ``word``, if one is."""
    from difflib import get_close_matches

    return get_close_matches(word, list(words), n=1, cutoff=_NEAR)
