"""What is installed on this machine: Python packages of a virtual environment, components of OMERO.server.

Folders are listed and small files are read; no program is run. What is not known for sure is None.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Version: TypeAlias = tuple[int, ...]

#: Where the virtual environment of an OMERO is, from its OMERO directory.
VENVS = ("../venv3", "../venv", "venv3", "venv")
#: Files of site-packages with Python code that adds no folder to the search path.
_HARMLESS = frozenset(("distutils-precedence.pth", "_virtualenv.pth"))
#: Modules that Python imports at start and that may add folders to the search path.
_CUSTOMIZED = frozenset(("sitecustomize", "usercustomize"))
_MOST_BYTES = 65536


class Environment(NamedTuple):
    """A virtual environment: its folder, its site-packages and the names of the files in there."""

    venv: str
    packages: str
    files: frozenset[str]

    @property
    def pip(self) -> str:
        """The path of its pip."""
        return os.path.join(self.venv, "bin", "pip")

    def version(self, distribution: str) -> Version | None:
        """The release of an installed distribution; None for a pre-release, or if there are several."""
        name = distribution.replace("-", "[-_.]")
        pattern = re.compile(rf"{name}-([^-]+)(?:-py[0-9.]+)?\.(?:dist|egg)-info", re.IGNORECASE)
        found = {match[1] for match in map(pattern.fullmatch, self.files) if match}
        return parse_version(found.pop()) if len(found) == 1 else None

    def modules(self, folders: Iterable[str]) -> frozenset[str] | None:
        """The modules that can be imported from it and from ``folders``; None if there may be others."""
        try:
            paths = self._paths_of_pth_files()
            if paths is None or self._has_packages_of_the_system():
                return None
            listed = (self.files, *map(_names, (*paths, *folders)))
        except OSError:
            return None
        found = frozenset(name.partition(".")[0] for names in listed for name in names)
        return None if found & _CUSTOMIZED else found

    def _has_packages_of_the_system(self) -> bool:
        text = _text(os.path.join(self.venv, "pyvenv.cfg"))
        return re.search(r"(?m)^include-system-site-packages\s*=\s*false\s*$", text) is None

    def _paths_of_pth_files(self) -> list[str] | None:
        """The folders that .pth files add, as editable installs have; None if they run code to do so."""
        paths: list[str] = []
        for name in self.files - _HARMLESS:
            if name.endswith(".pth"):
                lines = [line.strip() for line in _text(os.path.join(self.packages, name)).splitlines()]
                if any(line.startswith(("import ", "import\t")) for line in lines):
                    return None
                paths += (os.path.join(self.packages, line) for line in lines if line and line[0] != "#")
        return paths


def environment(omerodir: str, venv: str | None, package: str) -> Environment | None:
    """The virtual environment with a package: ``venv``, or if that is not given one of `VENVS`."""
    venvs = [venv] if venv else [os.path.normpath(os.path.join(omerodir, path)) for path in VENVS]
    return next(filter(None, (_with_package(path, package) for path in venvs)), None)


def _with_package(venv: str, package: str) -> Environment | None:
    """A virtual environment, if it has the package for exactly one version of Python."""
    library = os.path.join(venv, "lib")
    try:
        pythons = sorted(name for name in os.listdir(library) if re.fullmatch(r"python3\.[0-9]+", name))
        folders = [os.path.join(library, name, "site-packages") for name in pythons]
        found = [Environment(venv, folder, _names(folder)) for folder in folders]
    except OSError:
        return None
    having = [one for one in found if package in one.files]
    return having[0] if len(having) == 1 else None


def component(omerodir: str, name: str) -> Version | None:
    """The release of a component of OMERO.server, such as omero-model, from the manifest of its jar."""
    import zipfile
    import zlib

    path = os.path.join(omerodir, "lib", "server", f"{name}.jar")
    if not os.path.isfile(path):  # a pipe would make us wait
        return None
    try:
        with zipfile.ZipFile(path) as jar, jar.open("META-INF/MANIFEST.MF") as file:
            manifest = file.read(_MOST_BYTES).decode(errors="replace")
    except (OSError, KeyError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    version = re.search(r"(?m)^Implementation-Version: *(\S+)\s*$", manifest)
    return parse_version(version[1]) if version else None


def server(omerodir: str) -> Version | None:
    """The release of OMERO.server, which only the name of its folder has: OMERO.server-5.6.10-ice36."""
    name = os.path.basename(os.path.realpath(omerodir))
    found = re.fullmatch(r"OMERO\.server-([0-9.]+)(?:-.*)?", name)
    return parse_version(found[1]) if found else None


def parse_version(text: str) -> Version | None:
    """The numbers of a release; None for anything else, such as a pre-release."""
    return tuple(map(int, text.split("."))) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})+", text) else None


def _names(folder: str) -> frozenset[str]:
    """The names in a folder; none if it does not exist."""
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _text(path: str) -> str:
    """The text of a small file; empty if it is not a file."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(_MOST_BYTES)
