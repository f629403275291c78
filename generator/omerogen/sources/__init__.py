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
from omerogen.sources.assignments import LIST_OPERATIONS, Assignment, Report

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


def read(path: str, profile: str | None, report: Report) -> list[Assignment]:
    """The assignments of the file ``path``, in its order.

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
    assignments: list[Assignment] = module.read(path, file_and_mode(path)[0], profile, report)
    lists = sum(assignment.operation in LIST_OPERATIONS for assignment in assignments)
    for found, most, what in (
        (len(assignments), MOST_CHANGES, f"sets more than {MOST_CHANGES} properties"),
        (lists, MOST_LIST_CHANGES, f"appends and removes more than {MOST_LIST_CHANGES} times"),
    ):
        if found > most:
            raise SourceError.at(location, what, "this is not a file of properties")
    return assignments


def file_and_mode(path: str, advice: str = "this is not a file of properties") -> tuple[bytes, int]:
    """The bytes and the permissions of a regular file of a size that a person may have written.

    ``advice`` is for a larger one. Raises `SourceError`.
    """
    try:
        # Opening a pipe would otherwise wait for its writer.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise SourceError.at(Location.file(path), "is not a file", "name a file you may read")
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be read: {reason}"
        raise SourceError.at(Location.file(path), message, "name a file you may read") from None
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**10
        raise SourceError.at(Location.file(path), f"is larger than {limit} KiB", advice)
    return data, stat.S_IMODE(mode)
