"""The files that something was made of: what reads one notes it, so that a change can be seen later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

#: By path, the hash of the content that was read; None where it cannot be compared with what this user reads.
FileReads = dict[str, "str | None"]

_open: list[FileReads] = []


@contextmanager
def noting() -> Iterator[FileReads]:
    """The files that are read in the block, by this process."""
    reads: FileReads = {}
    _open.append(reads)
    try:
        yield reads
    finally:
        _open.remove(reads)


def note_read(path: str, content: bytes | None) -> None:
    """Note that a file was read; without its content if that was with the rights of another user."""
    for reads in _open:
        reads[path] = None if content is None else digest(content)


def digest(content: bytes) -> str:
    """The hash by which contents are compared."""
    try:  # hashlib would load OpenSSL, which takes as long as reading a site
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b(content, digest_size=32).hexdigest()
