"""Stand-ins for Ice and for OMERO's client library, which need a compiler: modules that have any name.

What reads config.xml is OMERO's own; all else is only there to be imported. A session to a server
cannot be opened with these.
"""

from __future__ import annotations

import re
import sys
import types
from importlib.machinery import ModuleSpec, PathFinder
from typing import ClassVar

_STOOD_IN = re.compile(
    r"(?:Ice|IcePy|IceImport|Ice_\w+|Glacier2|omero|omero_ext|omero_version|omero_marshal|omero_model_\w+"
    r"|omero_\w+_ice|omero_\w+I)(?:\.|$)"
)
_OWN = ("omero.config", "omero_ext.path", "omero.util.concurrency")


class _AnyType(type):
    """A class with any attribute, and any member."""

    def __getattr__(cls, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return _made(name)

    def __getitem__(cls, _: object) -> object:
        return cls

    def __iter__(cls) -> object:
        return iter(())


def _made(name: str) -> _AnyType:
    base = (Exception,) if name.endswith(("Exception", "Error")) else (object,)
    # An instance may be a decorator.
    called = {"__init__": lambda self, *_, **__: None, "__call__": lambda self, *given, **_: given[0]}
    return _AnyType(name, base, called)


class _Module(types.ModuleType):
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if self.__name__ == "omero_version":
            return "5.6.0"
        return _made(name)


class _Finder:
    """Finds a stand-in for each of these modules, and for all below them."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        if name in _OWN:
            parent = name.rpartition(".")[0]
            folders = [f"{entry}/{parent.replace('.', '/')}" for entry in sys.path]
            return PathFinder.find_spec(name, folders)
        if _STOOD_IN.match(name):
            return ModuleSpec(name, _Finder, is_package=True)
        return None

    @staticmethod
    def create_module(spec: ModuleSpec) -> types.ModuleType:
        return _Module(spec.name)

    @staticmethod
    def exec_module(module: types.ModuleType) -> None:
        """There is nothing to run."""
        if module.__name__ == "omero_marshal":
            module.OME_SCHEMA_URL = ""  # type: ignore[attr-defined]


sys.meta_path.insert(0, _Finder)
