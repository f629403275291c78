"""The settings that an installed OMERO.web has, as its own Python sees them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from omerogen.model import Location, SourceError
from omerogen.secrets import rights
from omerogen.secrets.patterns import cleared_line
from omerogen.verify import guard, namespaces
from omerogen.verify.django import PYTHONS
from omerogen.verify.namespaces import Namespaces
from omerogen.verify.process import NotRun, find, start

_PROBE = Path(__file__).parent / "settings_probe.py"
_SECONDS = 60
_MOST_OUTPUT = 2**22


class Answer(NamedTuple):
    """The settings of both by name, as JSON has them; the version of Django, and the Python that has it."""

    yours: Mapping[str, Any]
    ours: Mapping[str, Any]
    version: str
    python: str


def ask(module: str, ours: str, omerodir: str, python: str = "") -> Answer:
    """The settings of ``module`` and of the text ``ours``, by the Python that OMERO.web is installed in.

    ``python`` is that of the OMERO directory unless it is given. Nothing is changed: it cannot write to the
    disk. Raises `SourceError` if the module cannot be imported.
    """
    found = shutil.which(python) if python else None
    pythons = [os.path.abspath(found) if found else python] if python else _pythons(omerodir)
    failures: list[str] = []
    for candidate in pythons:
        try:
            answer = guard.guarded(partial(_answer, candidate, module, ours, omerodir, os.getcwd()))
        except NotRun as reason:
            failures.append(str(reason))
            continue
        except (OSError, guard.Lost):
            failures.append(f"{candidate}: cannot be run in a temporary folder")
            continue
        if "error" not in answer:
            return Answer(answer["yours"], answer["ours"], answer["version"], candidate)
        failures.append(f"{candidate}: {answer['error']}")
    advice = "name the Python of OMERO.web: --python /opt/omero/web/venv3/bin/python"
    # The text of an exception may quote a value, and so a secret.
    why = cleared_line("; ".join(dict.fromkeys(failures)) or "no Python was found")
    message = f"cannot be imported: {why}"
    raise SourceError.at(Location.program("django", module), message, advice)


def _pythons(omerodir: str) -> list[str]:
    """The Python of the OMERO directory, else ours."""
    beside = [str(Path(omerodir, python).absolute()) for python in PYTHONS]
    return [python for python in beside if os.path.exists(python)] or [sys.executable]


def _answer(
    python: str, module: str, ours: str, omerodir: str, beside: str, folder: Path, fences: Namespaces
) -> dict[str, Any]:
    with open(folder / "ours.py", "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(ours)
    variables = [f"OMERODIR={omerodir}", f"DJANGO_SETTINGS_MODULE={module}"]
    fenced = () if fences.files else ("fenced",)
    command = [find("env"), *variables, python, "-I", "-B", str(_PROBE), module, beside, *fenced]
    if fences.files and os.path.isdir(var := os.path.join(omerodir, "var")):
        namespaces.overlay(var, str(folder / "overlay"))  # where OMERO.web makes a key and folders for logs
    owner = rights.other_owner(os.stat(python))
    if owner != rights.ROOT:
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner, -1)
    with open(folder / "output", "w+b") as output:
        process = start(command, folder, output, owner)
        try:
            process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            raise NotRun(f"{python} did not answer within {_SECONDS} s") from None
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        text = output.read(_MOST_OUTPUT).decode(errors="replace")
    try:
        answer: dict[str, Any] = json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        last = (text.strip().splitlines() or ["it printed nothing"])[-1]
        raise NotRun(f"{python}: {last}") from None
    return answer
