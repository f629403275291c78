"""A ``.omero`` file: ``omero`` commands, one a line, as Ansible roles write them.

``config set``, ``append``, ``remove``, ``drop`` and ``def`` count; other commands
are skipped with a note. ``drop`` takes back what this file set before for that
profile: other files are not profiles of OMERO.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from omerogen.model import Location, SourceError, note, warning
from omerogen.model.file_reads import note_read
from omerogen.secrets import rights
from omerogen.sources.assignments import Assignment, Operation, Report, decoded, legal, lines_of, reporting
from omerogen.values import shell
from omerogen.values.patterns import Pattern

_DEFAULT_PROFILE = "default"
_LIST_OPERATIONS = {"append": Operation.APPEND, "remove": Operation.REMOVE}
#: Commands of ``config`` that only read.
_READING = frozenset("get list keys all help lock parse path version upgrade edit".split())

_CERTIFICATES = {
    "omero.glacier2.IceSSL.DefaultDir": "DATA/certs",
    "omero.glacier2.IceSSL.CertFile": "server.p12",
    "omero.glacier2.IceSSL.CAs": "server.pem",
    "omero.glacier2.IceSSL.Password": "secret",
    "omero.glacier2.IceSSL.Ciphers": "HIGH!DHE",
    "omero.glacier2.IceSSL.ProtocolVersionMax": "TLS1_3",
    "omero.glacier2.IceSSL.Protocols": "TLS1_2,TLS1_3",
    "omero.certificates.commonname": "localhost",
    "omero.certificates.owner": "/L=OMERO/O=OMERO.server",
    "omero.certificates.key": "server.key",
}
_LARGEST_VALUE = 64 * 1024

#: The commands of ``omero`` itself.
_COMMANDS = frozenset(
    "admin certificates chgrp chmod chown cmd config db delete download duplicate errors export fs group"
    " help hql import jvmcfg ldap load login logout metadata node obj perf plugins quit render script"
    " search server sessions shell submit sudo tag testengine transfer upload user version wait web".split()
)
#: An option that has nothing of a value in it.
_OPTION = Pattern(r"-[a-z]|--[a-z]+(?:-[a-z]+)*")


def read(path: str, data: bytes, profile: str | None, report: Report) -> list[Assignment]:
    """The assignments to ``profile``, else to the one that is active at the end of the file.

    Commands before any ``config def`` are for the profile in use: ``profile``, else ``default``.
    """
    script = _Script(path, profile or _DEFAULT_PROFILE, report)
    for line, text in enumerate(lines_of(decoded(path, data)), 1):
        with reporting(report):
            script.run(line, text)
    return script.profiles.get(profile or script.active, [])


class _Script:
    """The assignments of each profile so far."""

    def __init__(self, path: str, active: str, report: Report) -> None:
        self.path = path
        self.active = active
        self.report = report
        self.profiles: dict[str, list[Assignment]] = {}
        self.owner = rights.owner_of(path)

    def run(self, line: int, text: str) -> None:
        """One line of the file."""
        try:
            words = shell.split(_without_comment(text))
        except ValueError:
            raise self._error(line, "has a quote that is not closed", "close it on the same line") from None
        if words[:1] == ["omero"]:
            words = words[1:]
        elif words and words[0].endswith("/omero"):
            message = "begins with the omero command, where omero load stops"
            self.report(warning(Location.file(self.path, line), message, "remove it", "command-in-file"))
            words = words[1:]
        if not words:
            return
        if words[0] == "certificates" and set(words[1:]) <= {"-v", "--verbose"}:
            self._certificates(line)
            return
        if words[0] != "config" or words[1:2] == []:
            self._skip(line, words)
        else:
            self._config(line, words[1], words[2:])

    def _config(self, line: int, command: str, words: list[str]) -> None:
        if command == "set" and words[:1] in (["-f"], ["--file"]):
            self._set_from_file(line, words[1:])
            return
        if command == "load":
            self._load(line, words)
            return
        options, words = _options(words)
        if command in ("set", *_LIST_OPERATIONS):
            unknown = [option for option in options if option not in ("--report", "--set")]
            if unknown:
                option = unknown[0] if _OPTION.fullmatch(unknown[0]) else "-…"
                raise self._error(
                    line, f"config {command} has the option {option}", "write -- before a value"
                )
            self._change(line, command, words, adds="--set" in options)
        elif command in ("drop", "def") and len(words) == 1:
            if command == "drop":
                self.profiles.pop(words[0], None)
            else:
                self.active = words[0]
        elif command in _READING or command == "def":
            self._skip(line, ["config", command])
        else:
            raise self._error(line, f"config {command} is not understood", "use set, append, remove, drop")

    def _change(self, line: int, command: str, words: list[str], *, adds: bool) -> None:
        most = 2
        least = 1 if command == "set" else most
        if not least <= len(words) <= most:
            form = "NAME VALUE" if least == most else "NAME [VALUE]"
            raise self._error(
                line, f"config {command} has {len(words)} words", f"write config {command} {form}, quoted"
            )
        if command == "set" and len(words) == 1 and "=" in words[0]:
            message = "config set NAME=VALUE sets nothing in OMERO either"
            raise self._error(line, message, "write config set NAME VALUE")
        operation = _LIST_OPERATIONS.get(command, Operation.SET if len(words) == most else Operation.UNSET)
        if adds and operation is Operation.APPEND:
            operation = Operation.ADD
        text = words[1] if len(words) == most else ""
        assignment = Assignment(operation, words[0], text, Location.file(self.path, line))
        self.profiles.setdefault(self.active, []).append(assignment)

    def _certificates(self, line: int) -> None:
        """Set what the plugin omero-certificates sets, where it is empty so far."""
        earlier = self._values()
        data = earlier.get("omero.data.dir") or "/OMERO"
        for name, text in _CERTIFICATES.items():
            if not earlier.get(name):
                self._set(line, name, text.replace("DATA", posixpath.normpath(data)), Operation.FILL)

    def _set(self, line: int, name: str, text: str, operation: Operation = Operation.SET) -> None:
        assignment = Assignment(operation, name, text, Location.file(self.path, line))
        self.profiles.setdefault(self.active, []).append(assignment)

    def _set_from_file(self, line: int, words: list[str]) -> None:
        """``config set -f FILE NAME``: the content of a file, white space at its end cut."""
        if len(words) != 2:
            raise self._error(line, "config set -f does not have FILE NAME", "write config set -f FILE NAME")
        _, text = self._content(line, "config set -f", words[0])
        self._set(line, words[1], text.rstrip())

    def _load(self, line: int, words: list[str]) -> None:
        """``config load FILE``: ``NAME=VALUE`` lines, where a different earlier value needs ``-q``."""
        quiet = not {"-q", "--quiet"}.isdisjoint(words)
        files = [word for word in words if word not in ("-q", "--quiet")]
        if not files or any(file.startswith("-") for file in files):
            raise self._error(line, "config load does not have FILE alone", "write config load [-q] FILE")
        for file in files:
            path, text = self._content(line, "config load", file)
            for number, name, value in _loaded(text):
                earlier = self._values().get(name, value)
                place = Location.file(path, number)
                if earlier != value and not quiet:
                    message = f"{legal(name)} is set to another value before"
                    raise SourceError.at(place, message, "take one of them out, or write config load -q")
                assignment = Assignment(Operation.SET, name, value, place)
                self.profiles.setdefault(self.active, []).append(assignment)

    def _values(self) -> dict[str, str | None]:
        """The values that this file has set so far."""
        return {found.name: found.value for found in self.profiles.get(self.active, ())}

    def _content(self, line: int, command: str, name: str) -> tuple[str, str]:
        """The path and the text of a file that a command names, relative to the folder of this one."""
        path = os.path.join(os.path.dirname(self.path), name)
        try:
            with rights.of(self.owner), open(path, "rb") as file:
                data = file.read(_LARGEST_VALUE + 1)
            note_read(path, data if self.owner == rights.ROOT else None)
            text = data.decode()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise self._error(line, f"{command} cannot read its file: {reason}", "correct the path") from None
        if len(text) > _LARGEST_VALUE:
            raise self._error(line, f"{command} has a file that is too large", "name another file")
        return path, text

    def _skip(self, line: int, words: list[str]) -> None:
        command = " ".join(words[: 2 if words[0] == "config" else 1])
        if words[0] not in _COMMANDS:
            command = "what is not a command"  # but perhaps the rest of a value, and a secret one
        self.report(note(Location.file(self.path, line), f"{command} is skipped: it sets no property"))

    def _error(self, line: int, message: str, advice: str) -> SourceError:
        return SourceError.at(Location.file(self.path, line), message, advice)


def _loaded(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and value of each ``NAME=VALUE`` line; a backslash at its end continues it."""
    before = ""
    for number, line in enumerate(lines_of(text), 1):
        whole = before + line.strip()
        before = ""
        if whole.endswith("\\"):
            before = whole[:-1]
        elif whole and not whole.startswith("#"):
            name, _, value = whole.partition("=")
            yield number, name, value.strip()


def _options(words: list[str]) -> tuple[list[str], list[str]]:
    """Options and arguments; after ``--``, and after the property's name, everything is an argument."""
    options: list[str] = []
    for place, word in enumerate(words):
        if word == "--":
            return options, words[place + 1 :]
        if not word.startswith("-"):
            rest = words[place + 1 :]
            return options, [word, *(rest[1:] if rest[:1] == ["--"] else rest)]
        options.append(word)
    return options, []


def _without_comment(line: str) -> str:
    """The line up to a ``#`` that begins a word and is not quoted, as a shell reads it."""
    for place, character in _unquoted(line):
        if character == "#" and (place == 0 or line[place - 1].isspace()):
            return line[:place]
    return line


def _unquoted(line: str) -> Iterator[tuple[int, str]]:
    """The characters outside quotes and not after a backslash, with their places."""
    quote = ""
    escaped = False
    for place, character in enumerate(line):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            yield place, character
