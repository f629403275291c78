"""Where properties are kept, read into changes: what to set, to remove, to append.

One module a format, each with ``read(path, data, profile) -> Reading``; only
the one that a file needs is imported. Reading never changes a file and takes no lock.
"""

from __future__ import annotations

import os
import stat
from importlib import import_module
from pathlib import PurePath

from omerogen.model.errors import Problem, SourceError
from omerogen.sources.assignments import LIST_OPERATIONS, Reading

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


def read(path: str, profile: str | None = None) -> Reading:
    """The changes that the file ``path`` makes, in its order.

    ``profile`` is the profile of a config.xml to use, if its own choice is not wanted.
    Raises `SourceError` with all that is wrong in the file.
    """
    reader = READERS.get(PurePath(path).suffix.lower())
    if reader is None:
        raise SourceError(
            Problem(path, "the format of this file is not known", f"name it *{', *'.join(READERS)}")
        )
    module = import_module(f"omerogen.sources.{reader}")
    reading: Reading = module.read(path, file_bytes(path), profile)
    lists = sum(change.operation in LIST_OPERATIONS for change in reading.changes)
    for found, most, what in (
        (len(reading.changes), MOST_CHANGES, f"sets more than {MOST_CHANGES} properties"),
        (lists, MOST_LIST_CHANGES, f"appends and removes more than {MOST_LIST_CHANGES} times"),
    ):
        if found > most:
            raise SourceError(Problem(path, what, "this is not a file of properties"))
    return reading


def file_bytes(path: str, advice: str = "this is not a file of properties") -> bytes:
    """The bytes of a regular file of a size that a person may have written. Raises `SourceError`.

    ``advice`` is for who named a larger one.
    """
    return file_and_mode(path, advice)[0]


def file_and_mode(path: str, advice: str) -> tuple[bytes, int]:
    """The same, and the file's permissions."""
    try:
        # Not to wait for somebody to write into a pipe.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise SourceError(Problem(path, "is not a file", "name a file you may read"))
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(Problem(path, f"cannot be read: {reason}", "name a file you may read")) from None
    if len(data) > LARGEST_FILE:
        limit = LARGEST_FILE // 2**10
        raise SourceError(Problem(path, f"is larger than {limit} KiB", advice))
    return data, stat.S_IMODE(mode)
