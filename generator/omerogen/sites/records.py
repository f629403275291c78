"""What is known of the last build of a site, so that one of which nothing has changed is not built again.

A record says that these inputs make these files: the options, the contents of all files that were read, the
facts of the machine that were looked at, and the code. Records are in a folder of the user's caches, so
that the output folder holds only what was built, and whoever may write into it cannot forge a record. When a
record is lost or out of date, the site is built; its files are the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omerogen.deploy import dirfd, journal, preflight, transaction
from omerogen.deploy.write import MOST
from omerogen.derive.host import Host
from omerogen.model import Problem, WriteError
from omerogen.model.file_reads import FileReads, digest
from omerogen.sites import caches, manifest
from omerogen.sites.folders import BuildResult

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def key(*given: object) -> str:
    """A hash of what is asked for: all inputs but the contents of files and the facts of the machine."""
    return digest(repr((caches.working_folder(), os.geteuid(), given)).encode(errors="surrogateescape"))


class Known(NamedTuple):
    """The content of a record.

    ``basis`` is as `caches.basis` gives it; ``manifest`` is the hash of manifest.json, which has those of
    all files.
    """

    key: str
    basis: Mapping[str, Any]
    manifest: str
    paths: tuple[str, ...]
    warnings: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def is_of(self, key: str, folder: str, host: Host) -> bool:
        """Whether the same would be built again, and the folder holds it."""
        return self.key == key and caches.holds(self.basis, host) and _holds(folder, self.manifest)

    def built(self, folder: str) -> BuildResult:
        """The result of a build that changes nothing."""
        return BuildResult(folder, (), self.paths, (), warnings=self.warnings, notes=self.left_out)


class Record:
    """The record of one folder."""

    def __init__(self, path: str, folder: str) -> None:
        self._path = path
        self._folder = folder

    def read(self) -> Known | None:
        """What is known of the folder; None if nothing is."""
        known = caches.read(self._path)
        try:
            problems = (caches.problems(known[name]) for name in ("warnings", "left_out", "notes"))
            return Known(known["key"], known["basis"], known["manifest"], tuple(known["paths"]), *problems)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            return None

    def write(
        self, key: str, reads: FileReads, host: Host, built: BuildResult, notes: Iterable[Problem] = ()
    ) -> None:
        """Keep what is known after a build, if it can be known."""
        basis = caches.basis(reads, host)
        if basis is None:
            return
        try:
            manifest_ = digest(dirfd.look(os.path.join(self._folder, manifest.NAME), most=MOST)[0])
        except OSError:
            return
        paths = tuple(sorted((*built.unchanged, *built.changed)))
        known = Known(key, basis, manifest_, paths, built.warnings, built.notes, tuple(notes))
        caches.write(self._path, known._asdict())


def find(records: str, folder: str) -> Record | None:
    """The record of a folder; None for one that is below a working folder which is gone."""
    try:
        name = digest(os.path.realpath(folder).encode(errors="surrogateescape"))
    except OSError:
        return None
    return Record(os.path.join(records, f"{name[:40]}.json"), folder)


def _holds(folder: str, hash_: str) -> bool:
    """Whether a folder has the manifest of this hash and its files, as a build leaves them."""
    try:
        preflight.refuse_link(folder)
        tree = dirfd.Tree(os.open(folder, _FOLDER), folder)
        try:
            text, status = tree.look(manifest.NAME, MOST)
            known = manifest.parsed(text)
            is_ours = digest(text) == hash_ and not (known.is_private and status.st_mode & 0o077)
            if not is_ours or tree.status(transaction.STAGE) or tree.status(journal.NAME):
                return False
            files = known.files
            preflight.refuse(tree, (*files, manifest.NAME))
            return all(_is_as_built(tree, path, entry) for path, entry in files.items())
        finally:
            tree.close()
    except (OSError, WriteError):
        return False


def _is_as_built(tree: dirfd.Tree, path: str, entry: Mapping[str, Any]) -> bool:
    data, status = tree.look(path, MOST)
    is_open = entry["private"] and status.st_mode & 0o077
    return manifest.digest(data) == entry["sha256"] and not is_open
