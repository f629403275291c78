"""What a build wrote, for the next one: hashes, the properties behind each file, and the version.

So that what differs can be told from what was changed by hand since then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from omerogen import __version__, artifacts, redact
from omerogen.product import Product
from omerogen.settings import Settings
from omerogen.write import Difference

NAME = "manifest.json"


class Manifest(NamedTuple):
    """The version that wrote a folder, and by path what it knew of each file.

    An entry has ``sha256`` of the text, the ``artifact``, the ``properties`` that were read for
    it, and ``inputs``, a hash of their values but of secret ones.
    """

    version: str
    files: Mapping[str, Mapping[str, Any]]

    def __str__(self) -> str:
        """The text of the file."""
        files = {path: self.files[path] for path in sorted(self.files)}
        return json.dumps({"version": self.version, "files": files}, indent=2) + "\n"

    def of(self, names: Iterable[str]) -> set[str]:
        """The paths of these artifacts."""
        wanted = set(names)
        return {path for path, entry in self.files.items() if entry["artifact"] in wanted}


def read(folder: str) -> Manifest:
    """The manifest of an earlier build; an empty one if there is none that can be read."""
    try:
        known = json.loads(Path(folder, NAME).read_text(encoding="utf-8"))
        files = {
            path: entry
            for path, entry in known["files"].items()
            if entry["artifact"] in artifacts.ARTIFACTS and _is_below(path)
        }
        return Manifest(str(known.get("version", "")), files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return NONE


#: Nothing is known of an earlier build.
NONE = Manifest("", {})


def _is_below(path: str) -> bool:
    """Whether a path of a manifest, which somebody may have written by hand, stays in the folder."""
    parts = path.split("/")
    return not {"", ".", ".."} & set(parts) and parts != [NAME]


def entry(artifact: str, made: Product, settings: Settings) -> dict[str, Any]:
    """What there is to know of a file."""
    values = {
        name: settings.text(name)
        for name in made.properties
        if not redact.holds_secret(settings.entry(name))  # a hash would let somebody try passwords
    }
    return {
        "sha256": _hash(made.text),
        "artifact": artifact,
        "properties": list(made.properties),
        "inputs": _hash(json.dumps(values)),
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def why(found: Difference, old: Manifest, new: Manifest) -> str:
    """Why a file differs from what it should be; empty where that cannot be told."""
    if found.path == NAME and old.version not in ("", new.version):
        return _other_version(old)
    before, after = old.files.get(found.path), new.files.get(found.path)
    if found.kind != "differs" or before is None or after is None:
        return ""
    reasons = []
    if _hash(found.present) != before.get("sha256"):
        reasons.append("edited by hand")
    if after["sha256"] != before.get("sha256"):
        same = before.get("inputs") == after["inputs"] and old.version != new.version
        reasons.append(_other_version(old) if same else "the properties or options changed")
    return ", ".join(reasons)


def _other_version(old: Manifest) -> str:
    return f"written by omerogen {old.version or 'of another version'}, this is {__version__}"
