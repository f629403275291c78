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
from importlib import import_module
from pathlib import PurePath

from omerogen.model import Location, SourceError
from omerogen.secrets import rights
from omerogen.sources.assignments import LIST_OPERATIONS, Assignment, Keys, Report

#: The module that reads a file, by the end of its name.
READERS = {
    ".xml": "config_xml",
    ".omero": "omero_commands",
    ".properties": "java_properties",
    ".json": "json_file",
    ".yaml": "yaml_file",
    ".yml": "yaml_file",
}

#: No site comes near these; more is not a file of properties. Each is read in a second or two at the most.
LARGEST_FILE = 256 * 1024
MOST_CHANGES = 5000
#: Each of them repeats the list so far.
MOST_LIST_CHANGES = 500


def read(path: str, profile: str | None, report: Report, keys: Keys | None = None) -> list[Assignment]:
    """The assignments of the file ``path``, in its order; with ``keys`` of these members of YAML and JSON.

    ``profile`` is the profile of a config.xml to use, if its own choice is not wanted. ``report`` is
    called with problems of members of the file, and with members that are skipped. Raises `SourceError` for a
    file that cannot be read any further.
    """
    location = Location.file(path)
    reader = READERS.get(PurePath(path).suffix.lower())
    if reader is None:
        message, advice = "unknown file format", f"name it *{', *'.join(READERS)}"
        raise SourceError.at(location, message, advice)
    module = import_module(f"omerogen.sources.{reader}")
    data, status = file_and_status(path)
    if keys and keys.names and hasattr(module, "read_below"):
        assignments: list[Assignment] = module.read_below(path, data, keys, report)
    else:
        assignments = module.read(path, data, profile, report)
    if owner := rights.other_owner(status):
        assignments = [assignment._replace(owner=owner) for assignment in assignments]
    lists = sum(assignment.operation in LIST_OPERATIONS for assignment in assignments)
    for found, most, what in (
        (len(assignments), MOST_CHANGES, f"sets more than {MOST_CHANGES} properties"),
        (lists, MOST_LIST_CHANGES, f"appends and removes more than {MOST_LIST_CHANGES} times"),
    ):
        if found > most:
            raise SourceError.at(location, what, "this is not a file of properties")
    return assignments


def file_and_status(
    path: str, advice: str = "this is not a file of properties"
) -> tuple[bytes, os.stat_result]:
    """The bytes and the status of a regular file of a size that a person may have written.

    ``advice`` is for a larger one. Root follows a link with the rights of its owner. Raises `SourceError`.
    """
    try:
        with rights.of(_owner_of_link(path)):
            # Opening a pipe would otherwise wait for its writer.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            data = file.read(LARGEST_FILE + 1) if stat.S_ISREG(status.st_mode) else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be read: {reason}"
        raise SourceError.at(Location.file(path), message, "name a file you may read") from None
    return checked(path, data, status, advice)


def checked(path: str, data: bytes, status: os.stat_result, advice: str) -> tuple[bytes, os.stat_result]:
    """The same bytes and status; raises `SourceError` if the file is too large, or is not one."""
    if not stat.S_ISREG(status.st_mode):
        raise SourceError.at(Location.file(path), "is not a file", "name a file you may read")
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**10
        raise SourceError.at(Location.file(path), f"is larger than {limit} KiB", advice)
    return data, status


def _owner_of_link(path: str) -> int:
    """The owner of a symbolic link; `rights.ROOT` for all else, and for all users but root."""
    status = os.lstat(path)
    return rights.other_owner(status) if stat.S_ISLNK(status.st_mode) else rights.ROOT
