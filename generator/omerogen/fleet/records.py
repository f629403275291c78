"""What is known of the last build of a site, so that one of which nothing has changed is not built again.

A record says that these inputs make these files: the options, the contents of all files that were read, the
facts of the machine that were looked at, and the code. Records are in a folder of the user's caches, not
beside the files: they are no part of a build, and a user who may write into its folder cannot forge one. A
record that is lost or out of date costs the time of a build; its result is the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from omerogen.deploy import dirfd, journal, transaction
from omerogen.deploy.write import MOST
from omerogen.derive.host import Host
from omerogen.model import Location, Place, Problem, Severity
from omerogen.model.file_reads import FileReads, digest
from omerogen.model.version import __version__
from omerogen.sites import manifest
from omerogen.sites.folders import BuildResult
from omerogen.templating.environment import templates_folder

if TYPE_CHECKING:
    from omerogen.fleet.building import Run
    from omerogen.fleet.plan import Planned

_PACKAGE = os.path.dirname(os.path.dirname(__file__))
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
#: No record is larger.
_MOST = 2**20


def usual_folder(environ: Mapping[str, str]) -> str | None:
    """The folder for records: ``omerogen`` in the user's folder of caches; None without one."""
    home = environ.get("HOME", "")
    caches = environ.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else "")
    return os.path.join(caches, "omerogen") if os.path.isabs(caches) else None


def code() -> str:
    """A hash of all that makes files of properties: omerogen, its templates, Python."""
    every = hashlib.sha256(repr((__version__, sys.version)).encode())
    for top in (_PACKAGE, str(templates_folder())):
        for folder, folders, names in os.walk(top):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                present = os.stat(os.path.join(folder, name))
                every.update(repr((folder, name, present.st_size, present.st_mtime_ns)).encode())
    return every.hexdigest()


def key(code: str, site: Planned, run: Run) -> str:
    """A hash of what is asked for: all inputs but the contents of files and the facts of the machine."""
    from omerogen import sources
    from omerogen.settings.options import ENV

    parts = [sources.divided(source) for source, _ in site.sources]
    files = [sources.files_of(path) if not form else [path] for form, path in parts]
    environ = sorted((run.environ or {}).items()) if ENV.parse(site.site.options.get(ENV.name)) else ()
    wanted = (
        site,
        files,
        sorted(run.overrides.items()),
        run.above,
        environ,
        run.usual_omerodir,
        run.usual_profile,
    )
    return digest(repr((code, os.getcwd(), os.geteuid(), wanted, run.force)).encode(errors="surrogateescape"))


class Known(NamedTuple):
    """The content of a record.

    ``reads`` are the hashes of the files that were read, by path; ``facts`` those of the machine;
    ``manifest`` is the hash of manifest.json, which has those of all files.
    """

    key: str
    reads: Mapping[str, str]
    facts: Mapping[str, str]
    manifest: str
    paths: tuple[str, ...]
    warnings: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    def is_of(self, key: str, folder: str, host: Host) -> bool:
        """Whether the same would be built again, and the folder holds it."""
        return (
            self.key == key
            and all(_content(path) == hash_ for path, hash_ in self.reads.items())
            and self.facts == host.known(self.facts)
            and _holds(folder, self.manifest)
        )

    def built(self, folder: str) -> BuildResult:
        """The result of a build that changes nothing."""
        return BuildResult(folder, (), self.paths, (), warnings=self.warnings, notes=self.left_out)


class Record:
    """The record of one folder."""

    def __init__(self, path: str, folder: str) -> None:
        self._path = path
        self._folder = folder

    def read(self) -> Known | None:
        """What is known of the folder; None if nothing is, or another user may have written it."""
        try:
            data, status = dirfd.look(self._path, most=_MOST)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            known = json.loads(data)
            paths = tuple(known["paths"])
            problems = (tuple(map(_problem, known[name])) for name in ("warnings", "left_out", "notes"))
            return Known(known["key"], known["reads"], known["facts"], known["manifest"], paths, *problems)
        except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return None

    def write(
        self, key: str, reads: FileReads, host: Host, built: BuildResult, notes: Iterable[Problem]
    ) -> None:
        """Keep what is known after a build, if it can be known."""
        if None in reads.values():
            return  # as standard input, or a file that root read with the rights of its owner
        manifest_ = _content(os.path.join(self._folder, manifest.NAME))
        facts = host.known()
        if manifest_ is None or facts is None:
            return
        paths = tuple(sorted((*built.unchanged, *built.changed)))
        known = Known(key, reads, facts, manifest_, paths, built.warnings, built.notes, tuple(notes))  # type: ignore[arg-type]
        beside = f"{self._path}.{os.getpid()}"
        with suppress(OSError):  # then the next build takes longer
            os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
            handle = os.open(
                beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(known._asdict(), file)
            os.replace(beside, self._path)


def find(records: str, folder: str) -> Record:
    """The record of a folder."""
    name = digest(os.path.realpath(folder).encode(errors="surrogateescape"))
    return Record(os.path.join(records, f"{name[:40]}.json"), folder)


def _content(path: str) -> str | None:
    try:
        return digest(dirfd.look(path, most=_MOST)[0])
    except OSError:
        return None


def _holds(folder: str, hash_: str) -> bool:
    """Whether a folder has the manifest of this hash and its files, and no build was interrupted there."""
    try:
        tree = dirfd.Tree(os.open(folder, _FOLDER), folder)
        try:
            text = tree.look(manifest.NAME, MOST)[0]
            if digest(text) != hash_ or tree.status(transaction.STAGE) or tree.status(journal.NAME):
                return False
            return all(_is_as_built(tree, path, entry) for path, entry in manifest.parsed(text).files.items())
        finally:
            tree.close()
    except OSError:
        return False


def _is_as_built(tree: dirfd.Tree, path: str, entry: Mapping[str, Any]) -> bool:
    data, status = tree.look(path, MOST)
    is_open = entry["private"] and status.st_mode & 0o077
    return digest(data) == entry["sha256"] and not is_open


def _problem(parts: list[Any]) -> Problem:
    """A problem, of the lists that JSON makes of it."""
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
