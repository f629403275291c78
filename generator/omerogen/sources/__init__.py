"""Sources of properties, read into assignments: set, unset, append.

>>> sources.read("site.omero", None, print)
[Assignment(Operation.SET, "omero.db.host", "db", Location.file("site.omero", 3)), ...]

One module a format, each with ``read(path, data, profile, report) -> list[Assignment]``; only
the one that a file needs is imported. Texts are as in the source: lists and mappings are
JSON, and nothing is checked against the type of its property. Reading never changes a file and takes no lock.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from importlib import import_module

from omerogen.model import Location, Problem, Severity, SourceError, note
from omerogen.model.file_reads import note_read
from omerogen.secrets import rights
from omerogen.sources.assignments import LIST_OPERATIONS, Assignment, Report, is_legal
from omerogen.sources.keys import Keys

#: The module that reads a file, by the end of its name.
READERS = {
    ".xml": "config_xml",
    ".omero": "omero_commands",
    ".properties": "java_properties",
    ".json": "json_file",
    ".yaml": "yaml_file",
    ".yml": "yaml_file",
}

#: The module of each format, for ``FORMAT:PATH``.
FORMATS = {
    "xml": "config_xml",
    "omero": "omero_commands",
    "properties": "java_properties",
    "json": "json_file",
    "yaml": "yaml_file",
    "env": "environment",
}
STANDARD_INPUT = "-"

#: No site comes near these; more is not a file of properties. Each is read in a second or two at the most.
LARGEST_FILE = 256 * 1024
MOST_CHANGES = 5000
#: Each of them repeats the list so far.
MOST_LIST_CHANGES = 500


def has_keys(source: str) -> bool:
    """Whether a source may have members that ``--key`` names."""
    form, path = divided(source)
    reader = FORMATS[form[:-1]] if form else READERS.get(suffix(path))
    return reader in ("json_file", "yaml_file")


def read(path: str, profile: str | None, report: Report, keys: Keys | None = None) -> list[Assignment]:
    """The assignments of the file ``path``, in its order.

    With ``keys`` of these members of a YAML or JSON file, if it has any of them.
    ``profile`` is the profile of a config.xml to use, if its own choice is not wanted. ``report`` is
    called with problems of members of the file, and with members that are skipped. Raises `SourceError` for a
    file that cannot be read any further.
    """
    reader, name = _reader(path)
    location = Location.file(name)
    module = import_module(f"omerogen.sources.{reader}")
    data, status = file_and_status(name)
    found: list[Problem] = []

    def noting(problem: Problem) -> None:
        found.append(problem)
        report(problem)

    assignments: list[Assignment] = []
    own = Keys(keys.given if keys else ())
    if keys and own.names and hasattr(module, "read_below"):
        try:
            assignments = module.read_below(name, data, own, noting)
        except SourceError:
            keys.found.update(own.names)  # it may have them
            raise
    if keys and (own.found or not keys.shared):
        keys.found |= own.found
    else:  # the members are those of another source
        assignments = module.read(name, data, profile, noting)
        assignments = _refuse_without_properties(location, assignments, found)
        if not (assignments or found):
            report(note(location, "sets no property"))
    if owner := rights.other_owner(status):
        assignments = [assignment._replace(owner=owner) for assignment in assignments]
    lists = sum(assignment.operation in LIST_OPERATIONS for assignment in assignments)
    for number, most, what in (
        (len(assignments), MOST_CHANGES, f"sets more than {MOST_CHANGES} properties"),
        (lists, MOST_LIST_CHANGES, f"appends and removes more than {MOST_LIST_CHANGES} times"),
    ):
        if number > most:
            raise SourceError.at(location, what, "this is not a file of properties")
    return assignments


def _refuse_without_properties(
    location: Location, assignments: list[Assignment], found: Iterable[Problem]
) -> list[Assignment]:
    """The same assignments; raises `SourceError` if a source that is not empty sets nothing.

    Nothing is built from the defaults because a source was not understood.
    """
    found = list(found)
    if any("." in assignment.name or not is_legal(assignment.name) for assignment in assignments):
        return assignments
    if any(problem.severity is Severity.ERROR for problem in found):
        return []
    if assignments:
        raise SourceError.at(
            location, "sets no property: no name in it has a dot", "write whole names, such as omero.db.host"
        )
    if found and all(problem.severity is Severity.NOTE for problem in found):
        first = found[0]
        raise SourceError.at(location, "sets no property", f"{first.location.place}: {first.message}")
    return assignments


def files_of(source: str) -> list[str]:
    """The files of a source: of a folder its ``*.omero`` files, sorted, as OMERO's images load them.

    Raises `SourceError` for a folder without any.
    """
    if not os.path.isdir(source):
        return [source]
    try:
        names = sorted(name for name in os.listdir(source) if name.endswith(".omero") and name[0] != ".")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise SourceError.at(Location.file(source), message, "name a folder you may read") from None
    if not names:
        raise SourceError.at(Location.file(source), "is a folder without *.omero files", "name a file")
    return [os.path.join(source, name) for name in names]


def divided(source: str) -> tuple[str, str]:
    """``FORMAT:`` and the path after it; an empty text and all of it without a format, or if it is a file."""
    kind, colon, path = source.partition(":")
    if colon and kind in FORMATS and not os.path.exists(source):
        return f"{kind}:", path
    return "", source


def _reader(source: str) -> tuple[str, str]:
    """The module that reads a file, and the path of the file: by its name, or by ``FORMAT:PATH``."""
    form, path = divided(source)
    if form:
        return FORMATS[form[:-1]], path
    reader = READERS.get(suffix(source))
    if reader is None:
        advice = f"name it *{', *'.join(READERS)}, or write {'|'.join(FORMATS)}:PATH"
        raise SourceError.at(Location.file(source), "unknown file format", advice)
    return reader, source


def suffix(path: str) -> str:
    """The end of the name of a file by which its format is known, such as ``.xml``."""
    return os.path.splitext(path.rstrip("/"))[1].lower()


def file_and_status(
    path: str, advice: str = "this is not a file of properties", most: int = LARGEST_FILE
) -> tuple[bytes, os.stat_result]:
    """The bytes and the status of a regular file of a size that a person may have written.

    ``advice`` is for one of more bytes than ``most``. Root follows a link with the rights of its owner.
    Raises `SourceError`.
    """
    if path == STANDARD_INPUT:
        note_read(path, None)
        return checked("standard input", sys.stdin.buffer.read(most + 1), os.fstat(0), advice, most)
    try:
        owner = _owner_of_link(path)
        with rights.of(owner):
            # Opening a pipe would otherwise wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            data = file.read(most + 1) if stat.S_ISREG(status.st_mode) else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be read: {reason}"
        raise SourceError.at(Location.file(path), message, "name a file you may read") from None
    note_read(path, data if owner == rights.other_owner(status) == rights.ROOT else None)
    return checked(path, data, status, advice, most)


def checked(
    path: str, data: bytes, status: os.stat_result, advice: str, most: int = LARGEST_FILE
) -> tuple[bytes, os.stat_result]:
    """The same bytes and status; raises `SourceError` if the file is too large, or is not one."""
    if not stat.S_ISREG(status.st_mode) and path != "standard input":
        raise SourceError.at(Location.file(path), "is not a file", "name a file you may read")
    if len(data) > most:
        limit = most // 2**10
        raise SourceError.at(Location.file(path), f"is larger than {limit} KiB", advice)
    return data, status


def _owner_of_link(path: str) -> int:
    """The owner of a symbolic link; `rights.ROOT` for all else, and for all users but root."""
    status = os.lstat(path)
    return rights.other_owner(status) if stat.S_ISLNK(status.st_mode) else rights.ROOT
