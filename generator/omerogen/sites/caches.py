"""Files in the folder of the user's caches: what an earlier run found out, for as long as that is true.

Nobody else can read or forge them. One that is lost, damaged or out of date costs time, and nothing else.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from omerogen.deploy import dirfd
from omerogen.derive.host import Host
from omerogen.model import Location, Place, Problem, Severity
from omerogen.model.file_reads import FileReads, digest
from omerogen.model.version import __version__
from omerogen.templating.folder import templates_folder

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
#: No file that counts is larger.
_MOST = 2**20


def usual_folder(environ: Mapping[str, str]) -> str | None:
    """The folder: ``omerogen`` in the user's folder of caches; None without one. A home is not made.

    Nor has root one in the home of another user, as with ``sudo -E``: that user could write there no more.
    """
    home = environ.get("HOME", "")
    caches = environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if os.path.isdir(home) else "")
    if not os.path.isabs(caches):
        return None
    folder = os.path.join(caches, "omerogen")
    present = next((path for path in (folder, caches, home) if os.path.exists(path)), None)
    is_own = present is None or os.stat(present).st_uid == os.geteuid()
    return folder if is_own else None


def working_folder() -> str:
    """The folder that relative paths are below; empty if it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def code() -> str:
    """A hash of all that makes files of properties: omerogen, its templates, Python."""
    every = (__version__, sys.version, _stamps(_PACKAGE), _stamps(templates_folder()))
    return digest(repr(every).encode(errors="surrogateescape"))


def _stamps(folder: str) -> list[tuple[str, int, int, int]]:
    """The path, size and times of each file below a folder: their contents would take too long."""
    folders, stamps = [folder], []
    for below in folders:
        with os.scandir(below) as entries:
            for entry in entries:
                if not entry.is_dir():
                    present = entry.stat()
                    stamps.append((entry.path, present.st_size, present.st_mtime_ns, present.st_ctime_ns))
                elif entry.name != "__pycache__":
                    folders.append(entry.path)
    return sorted(stamps)


def read(path: str) -> Any:
    """The content of a file; None if there is none, or another user may have written it."""
    try:
        data, status = dirfd.look(path, most=_MOST)
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return None
        return json.loads(data)
    except (OSError, ValueError, RecursionError):
        return None


def write(path: str, content: Any) -> None:
    """Keep a content as JSON. Where the file cannot be written, later runs take longer, and nothing is said.

    The file is overwritten in place: if omerogen is killed meanwhile, it is not JSON, and `read` ignores it.
    """
    data = json.dumps(content).encode()
    with suppress(OSError):
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        with open(os.open(path, flags, 0o600), "wb", buffering=0) as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)


def basis(reads: FileReads, host: Host) -> dict[str, Any] | None:
    """What something was made of, to be kept with it; None if that cannot be compared later.

    It cannot where standard input was read, or a file by root with the rights of its owner.
    """
    facts = host.known()
    if None in reads.values() or facts is None:
        return None
    # Root reads the files that a source names with the rights of its owners.
    owners = {path: _owners(path) for path in reads} if os.geteuid() == 0 else {}
    return {"reads": reads, "owners": owners, "facts": facts}


def holds(basis: Mapping[str, Any], host: Host) -> bool:
    """Whether the files and the facts of the machine are still the same."""
    try:
        owners, facts = basis["owners"], basis["facts"]
        same = all(_content(path) == hash_ for path, hash_ in basis["reads"].items())
        return (
            same
            and all(_owners(path) == found for path, found in owners.items())
            and facts == host.known(facts)
        )
    except (KeyError, TypeError, AttributeError):
        return False


def _content(path: str) -> str | None:
    try:
        return digest(dirfd.look(path, most=_MOST)[0])
    except OSError:
        return None


def _owners(path: str) -> list[int]:
    """The owners of a file and of a link that leads to it; none if it is gone."""
    try:
        return [os.lstat(path).st_uid, os.stat(path).st_uid]
    except OSError:
        return []


def problems(lists: Iterable[Any]) -> tuple[Problem, ...]:
    """Problems, of the lists that JSON makes of them."""
    return tuple(map(_problem, lists))


def _problem(parts: list[Any]) -> Problem:
    location, message, advice, rule, properties, severity, also, meant = parts
    locations = [Location(Place(kind), *rest) for kind, *rest in (location, *also)]
    return Problem(
        locations[0],
        message,
        advice,
        rule,
        tuple(properties),
        Severity(severity),
        tuple(locations[1:]),
        meant,
    )
