"""The record of a build for the next one: hashes, the properties of each file, and the version.

So that the next build can distinguish differences from edits by hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.deploy import dirfd
from omerogen.deploy.write import DIFFERS, LEFT_OVER, MOST, FileChange
from omerogen.derive.options import HOST_ROOT
from omerogen.model import OMERODIR, Input, Location, RenderedFile, WriteError
from omerogen.model.version import __version__
from omerogen.settings import Settings
from omerogen.settings.options import RELEASE, WEB_RELEASE
from omerogen.settings.settings import DEFAULT_OMERODIR

#: Why a file differs that is not as a build has left it.
EDITED = "edited by hand"
NAME = "manifest.json"
#: Folders have plain names; that of a file may be a node's.
_PATH = re.compile(r"(?:[a-z0-9]{1,64}/){0,4}[A-Za-z0-9][A-Za-z0-9._-]{0,200}")

_NAME = re.compile(r"[\w.-]+", re.ASCII)
_VERSION = re.compile(r"[\w.+-]{1,40}", re.ASCII)
#: More names than these are counted.
_SHOWN = 5


class Manifest(NamedTuple):
    """The version that wrote a folder, and by path what it knew of each file.

    An entry has ``sha256`` of the text, the ``artifact``, the ``properties`` that were read for
    it, whether it is ``private``, ``inputs``: a short hash of each value that a source set, but
    of secret ones, and of each option that was given; and the ``options`` themselves, but defaults.
    """

    version: str
    files: Mapping[str, Mapping[str, Any]]

    @property
    def is_private(self) -> bool:
        """Whether it has the hash of a private file, which would allow offline guessing."""
        return any(entry.get("private") for entry in self.files.values())

    def __str__(self) -> str:
        """The text of the file, a line for each entry: Python takes long to indent JSON."""
        files = (f"{json.dumps(path)}: {json.dumps(self.files[path])}" for path in sorted(self.files))
        return f'{{"version": {json.dumps(self.version)}, "files": {{\n' + ",\n".join(files) + "\n}}\n"


def read(folder: str) -> Manifest:
    """The manifest of an earlier build; an empty one if it cannot be read."""
    try:
        return parsed(dirfd.look(os.path.join(folder, NAME), most=MOST)[0])
    except OSError:
        return NONE


def refuse_unreadable(folder: str) -> None:
    """Raise `WriteError` for a manifest that this user may not read: all files would count as others'."""
    try:
        dirfd.look(os.path.join(folder, NAME), most=MOST)
    except PermissionError as error:
        place = Location.file(os.path.join(folder, NAME))
        advice = "run as the user who built it, or give this user permission to read it"
        raise WriteError.at(place, f"cannot be read: {error.strerror}", advice) from None
    except OSError:
        pass  # it is missing, or no file: see `is_foreign`


def parsed(text: bytes) -> Manifest:
    """The manifest of a text; an empty one if it is not one."""
    try:
        known = json.loads(text)
        files = {
            path: entry
            for path, entry in known["files"].items()
            if entry["artifact"] in artifacts.ARTIFACTS
            and isinstance(entry["sha256"], str)
            and _is_ours(path)
        }
        version = str(known.get("version", ""))
        return Manifest(version if _VERSION.fullmatch(version) else "", files)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return NONE


def is_foreign(folder: str) -> bool:
    """Whether another program wrote a file of that name, as a web application's; a damaged one is ours."""
    try:
        known = json.loads(dirfd.look(os.path.join(folder, NAME), most=MOST)[0])
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(known, dict) and known != {} and not known.keys() & {"version", "files"}


#: Nothing is known of an earlier build.
NONE = Manifest("", {})


def _is_ours(path: str) -> bool:
    """Whether a build may have written a path of a manifest, which may have been edited by hand."""
    return bool(_PATH.fullmatch(path)) and path != NAME and ".." not in path.split("/")


def entries(files: Iterable[RenderedFile], settings: Settings) -> dict[str, dict[str, Any]]:
    """The entries of the files of a site, by path."""
    hashes: dict[str, str] = {}  # most properties are in several files
    return {file.path: _entry(file, settings, hashes) for file in files}


def _entry(file: RenderedFile, settings: Settings, hashes: dict[str, str]) -> dict[str, Any]:
    properties = file.properties
    found = [
        entry
        for entry in settings.assigned(properties)
        if not entry.origin.is_default and not entry.holds_secret  # somebody could try passwords
    ]
    for entry in found:
        if entry.property.name not in hashes:
            # Interpolated properties are listed by their own names.
            hashes[entry.property.name] = _short(entry.raw if entry.expanded else entry.text)
    given = [option for option in artifacts.get(file.artifact).options if not option.is_default(file.options)]
    options = {option.flag: file.options[option.name] for option in given}
    if OMERODIR in file.inputs and settings.omerodir != DEFAULT_OMERODIR:
        options["--omerodir"] = settings.omerodir
    named = ((RELEASE, settings.releases.server), (WEB_RELEASE, settings.releases.web))
    options |= {option.flag: release for option, release in named if Input.option(option.name) in file.inputs}
    of_properties = {entry.property.name: hashes[entry.property.name] for entry in found}
    return {
        "sha256": digest(file.text),
        "artifact": file.artifact,
        "properties": properties,
        "private": file.private,
        "inputs": {**of_properties, **{flag: _short(value) for flag, value in options.items()}},
        "options": {option.name: _recorded(option.name, file.options[option.name]) for option in given},
    }


def _short(value: Any) -> str:
    """A short hash of an input."""
    return digest(repr(value))[:12]


def _recorded(name: str, value: Any) -> Any:
    """A value of an option as it means the same in any working folder."""
    return os.path.abspath(value) if name == HOST_ROOT.name else _plain(value)


def _plain(value: Any) -> Any:
    """A value of an option as JSON has it."""
    if isinstance(value, (tuple, list)):
        return [_plain(member) for member in value]
    return value if isinstance(value, (str, int)) else str(value)


def digest(content: str | bytes) -> str:
    """The hash of the content of a file, as entries have it."""
    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def edited(
    folder: str, old: Manifest, files: Iterable[RenderedFile], removed: Iterable[str]
) -> Iterator[str]:
    """The files that are about to be others, or to go away, and are not as a build has left them."""
    wanted = {**{file.path: file.text for file in files}, **dict.fromkeys(removed, "")}
    wanted.pop(NAME, None)
    if not os.path.lexists(folder):  # as it is while a new one is filled
        return
    for path, text in wanted.items():
        with suppress(OSError):  # of writing it
            present = dirfd.look(os.path.join(folder, path), most=MOST)[0]
            known = old.files.get(path, {}).get("sha256")
            if present != text.encode() and digest(present) != known:
                yield path


def why(found: FileChange, old: Manifest, new: Manifest) -> str:
    """The reason why a file differs; empty if unknown."""
    if found.path == NAME and old.version not in ("", new.version):
        return _other_version(old)
    before, after = old.files.get(found.path), new.files.get(found.path)
    if found.kind not in (DIFFERS, LEFT_OVER) or before is None:
        return ""
    reasons = [EDITED] if digest(found.present) != before["sha256"] else []
    if after is not None and after["sha256"] != before["sha256"]:
        changed = [*_changes(before.get("inputs"), after["inputs"])]
        secret = after["private"]
        if old.version != new.version:
            changed += [_other_version(old), *(["a secret may have changed too"] if secret else [])]
        reasons += changed or [f"{'a secret or ' if secret else ''}the machine changed"]
    return "; ".join(reasons)


def _changes(before: object, inputs: Mapping[str, str]) -> Iterator[str]:
    """The inputs of a file that changed, as far as there are hashes of them."""
    if not isinstance(before, dict):
        yield "properties or options changed"
        return
    known = filter(_NAME.fullmatch, {*before, *inputs})
    changed = sorted(name for name in known if before.get(name) != inputs.get(name))
    options = [name for name in changed if name.startswith("--")]
    properties = [name for name in changed if name not in options]
    for kind, names in (("properties", properties), ("options", options)):
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            yield f"{kind} changed: {', '.join(names[:_SHOWN])}{more}"


def _other_version(old: Manifest) -> str:
    return f"written by omerogen {old.version or 'of another version'}, this is {__version__}"
