"""The files that lines are named of: of a build, a printed artifact, a filled-in template, a source."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import ARTIFACTS
from omerogen.artifacts.rendering import render
from omerogen.deploy import dirfd
from omerogen.deploy.write import MOST
from omerogen.derive.host import Host
from omerogen.model import Location, OmerogenError, Place, Problem, RenderedFile, SourceError, UsageError
from omerogen.settings import Settings
from omerogen.settings.resolved import ResolvedProperty
from omerogen.sites import manifest
from omerogen.sites.manifest import Manifest
from omerogen.sites.named_lines import Lines

#: A file of a build is at most so many folders below the one with the manifest.
_DEEPEST = 4


class Found(NamedTuple):
    """A file that omerogen can make.

    - ``make``: makes it of settings, with the origins of its lines.
    - ``origins``: where its options were given.
    - ``text``: the text of the present file, None of one that is printed or not there.
    - ``written``: the hash of the text that a build has written, where that is known.
    - ``private``: whether the present file is not for everybody.
    - ``remark``: what is to be said of it.
    """

    make: Callable[[Settings], RenderedFile]
    host: Host
    origins: Mapping[str, Location]
    text: str | None = None
    written: str | None = None
    private: bool = False
    remark: str = ""


def not_ours(file: str) -> Problem:
    """The problem with a file that no build writes, no artifact is, and no source."""
    advice = "name one below the output folder, such as out/nginx/omero.conf:12, nginx:12, or a source of -c"
    return Problem(Location.file(file), "is not a file that omerogen wrote", advice)


def set_at(settings: Settings, where: Lines) -> list[str]:
    """The properties that these lines of a source set, by name; none if it is not a source.

    Raises `SourceError` if it is one, and these lines set none.
    """
    file = os.path.abspath(where.file)
    places = list(_places(settings.entries(), file))
    found = sorted({name for name, line in places if where.first <= line <= where.last})
    if places and not found:
        location = Location.file(where.file, where.first)
        raise SourceError.at(location, "sets no property", "name a line that sets one")
    return found


def _places(entries: list[ResolvedProperty], file: str) -> Iterator[tuple[str, int]]:
    """The properties that a file sets, each with the line."""
    for entry in entries:
        for layer in entry.layers:
            location = layer.location
            if location.kind is Place.FILE and os.path.abspath(location.name) == file:
                yield entry.property.name, location.line or 0


def find(settings: Settings, path: str, templates: str = "") -> Found | None:
    """The file of that name; None if omerogen does not write it.

    A file of a build has the options that it was built with, all others those of the site file.
    ``templates`` are those that it was filled in from. Raises `UsageError` if it cannot be read.
    """
    if templates:
        return _of_templates(settings, path, templates)
    if path in ARTIFACTS:
        return _printed(settings, path, "", {})
    return _of_build(path) or _of_build(os.path.realpath(path)) or _by_path(settings, path)


def _of_build(path: str) -> Found | None:
    """A present file that the manifest of a folder above it has."""
    if not os.path.isfile(path):
        return None
    for folder, below in _tails(path):
        known: Manifest = manifest.read(folder)
        entry = known.files.get(below)
        if entry is not None:
            break
    else:
        return None
    recorded = entry.get("options")
    artifact = str(entry["artifact"])
    given = artifacts.get(artifact).own(recorded if isinstance(recorded, dict) else {})
    host = Host.of(given)
    record = Location.file(os.path.join(folder, manifest.NAME))
    text, private = _read(path)
    return Found(
        lambda settings: render(artifact, settings, given, host=host, path=below, traced=True),
        host,
        dict.fromkeys(given, record),
        text,
        str(entry["sha256"]),
        private or bool(entry.get("private")),
    )


def _by_path(settings: Settings, path: str) -> Found | None:
    """A file that a build would write, known by its path below the folder of the build."""
    for _, below in _tails(path):
        artifact = below.split("/")[0]
        if artifact not in ARTIFACTS or "/" not in below:
            continue
        try:
            files = artifacts.get(artifact).files(settings, settings.site.options)
        except OmerogenError:
            continue
        options = next((file.options for file in files if file.path == below), None)
        if options is None:
            continue
        found = _printed(settings, artifact, below, options)
        if not os.path.lexists(path):
            return found._replace(remark="the file does not exist; this is what a build would write")
        text, private = _read(path)
        remark = f"not listed in a readable {manifest.NAME}; the options of its build are unknown"
        return found._replace(text=text, private=private, remark=remark)
    return None


def _tails(path: str) -> Iterator[tuple[str, str]]:
    """Each folder above a file, as far as builds go, and the path of the file below it."""
    parts = os.path.abspath(path).split("/")
    for depth in range(1, min(_DEEPEST + 2, len(parts))):
        yield "/".join(parts[:-depth]) or "/", "/".join(parts[-depth:])


def _printed(settings: Settings, artifact: str, path: str, options: Mapping[str, str]) -> Found:
    """An artifact with the options of the site file, and those that make one file of it."""
    site = settings.site
    given = {**artifacts.get(artifact).own(site.options), **options}
    host = Host.of(given)
    given_at = {name: Location.file(site.path, line) for name, line in site.lines.items()}
    return Found(
        lambda made_of: render(artifact, made_of, given, host=host, path=path, traced=True), host, given_at
    )


def _of_templates(settings: Settings, path: str, templates: str) -> Found | None:
    """A file that was filled in from a template; ``path`` is that of either."""
    from omerogen import rewriting

    given: dict[str, Any] = {
        name: value for name, value in settings.site.options.items() if name in ("node", "host_root")
    }
    host = Host.of(given)
    whole = os.path.abspath(path)
    paths = [file.path for file in rewriting.fill(templates, settings, given).files]
    own = next((one for one in paths if whole.endswith(f"/{one}")), None)
    if own is None:
        return None

    def make(made_of: Settings) -> RenderedFile:
        files = rewriting.fill(templates, made_of, given, traced=True).files
        return next(file for file in files if file.path == own)

    is_template = whole == os.path.abspath(os.path.join(templates, own))
    text, private = _read(path) if os.path.isfile(path) and not is_template else (None, False)
    return Found(make, host, {}, text, private=private)


def _read(path: str) -> tuple[str, bool]:
    """The text of a present file, and whether it is not for everybody."""
    try:
        data, status = dirfd.look(path, most=MOST)
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise UsageError.at(Location.file(path), message, "name a file that you may read") from None
    return data.decode(errors="replace"), not status.st_mode & stat.S_IROTH
