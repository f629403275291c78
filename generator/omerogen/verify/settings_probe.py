"""Run by the Python of OMERO.web: prints the settings of its module, and those of ours in the file ``ours``.

Arguments: the module, a folder to look for it in after all others, ``fenced`` where the disk is writable.
One line of JSON: the values of each by name, and the version of Django. Settings that have Django's own
default are left out. Imports nothing of omerogen.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import runpy
import sys
import warnings
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def plain(value: Any) -> Any:
    """A value as JSON has it: sequences are lists, and what JSON has not is ``{"python:TYPE": TEXT}``."""
    from django.utils.functional import Promise

    if isinstance(value, Promise):
        return _lazy(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if isinstance(value, os.PathLike):
        return str(value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    kind = "dict with keys that are not texts" if kind == "dict" else kind
    return {f"python:{kind}": _text(value)}


def _lazy(value: Any) -> Any:
    """A text that Django translates when it is shown: here it is not, as that needs its applications."""
    parts: Any = getattr(value, "_args", None) or getattr(value, "_proxy____args", ())
    return " ".join(part for part in parts if isinstance(part, str))


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return [[plain(key), plain(member)] for key, member in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(member) for member in value), key=repr)
    if isinstance(value, re.Pattern):
        return value.pattern if not value.flags & ~re.UNICODE else str(value)
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    return _ADDRESS.sub("", str(value))


def settings(names: dict[str, Any]) -> dict[str, Any]:
    """The settings among the names of a module, without those that have Django's default."""
    from django.conf import global_settings

    absent = object()
    return {
        name: plain(value)
        for name, value in names.items()
        if name.isupper() and not name.startswith("_")
        if plain(getattr(global_settings, name, absent)) != plain(value) or not hasattr(global_settings, name)
    }


def main() -> None:
    """Import the module, then run ours, which may replace what OMERO.web has read."""
    warnings.simplefilter("ignore")
    module, folder, *fenced = sys.argv[1:]
    if fenced:
        beside = os.path.join(os.path.dirname(__file__), "django_probe.py")
        runpy.run_path(beside)["fence"](os.path.realpath(os.getcwd()))
    sys.path.append(folder)
    try:
        import django

        yours = settings(dict(vars(importlib.import_module(module))))
    except BaseException as error:  # noqa: BLE001 - whatever is raised is the answer
        answer: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"}
    else:
        ours = settings(runpy.run_path("ours.py", run_name="omerogen_ours"))
        answer = {"yours": yours, "ours": ours, "version": django.get_version()}
    print("\n" + json.dumps(answer))  # noqa: T201


if __name__ == "__main__":
    main()
