"""Django starts with the settings module, and keeps a session with it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from omerogen.derive.installed import VENVS
from omerogen.model import Location, Problem
from omerogen.settings import Settings
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Finished, Sandbox

_ARTIFACT = "django"
_PROBE = Path(__file__).parent / "django_probe.py"
#: Where an installation of OMERO.web has its Python, from its OMERO directory.
PYTHONS = tuple(f"{venv}/bin/python" for venv in VENVS)


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that Django reports."""
    python = _python(sandbox)
    substitutes = {"omerodir": str(sandbox.folder)}  # where the module makes its key
    sandbox.write(_ARTIFACT, "omerogen_tried_settings.py", substitutes)
    fence = () if sandbox.namespaces.complete else ("fenced",)
    done = _run(sandbox, python, _PROBE, *fence)
    try:
        answer = json.loads(done.output.splitlines()[-1])
    except (IndexError, ValueError):
        lines = done.output.strip().splitlines() or [f"exited with status {done.status}"]
        yield _problem(lines[-1], sandbox.settings)
        return
    sandbox.remarks += [f"Django {answer['version']}", *answer["remarks"]]
    for message in answer["problems"]:
        yield _problem(message, sandbox.settings)


def _problem(message: str, settings: Settings) -> Problem:
    """What Django says, with the properties that it is likely to be about."""
    names = tuple(_named(message, settings))
    advice = f"see {', '.join(names)}" if names else "see the properties omero.web.*"
    return Problem(Location.program("django"), message, advice, properties=names)


def _named(message: str, settings: Settings) -> Iterator[str]:
    """The properties whose setting the message names, or whose value has a word that it quotes."""
    words = set(re.findall(r"\w+", message))
    quoted = set(re.findall(r"""['"]([\w.-]{3,})['"]""", message))
    for name in settings.names_set("omero.web."):
        entry = settings.resolved(name)
        value = "" if entry.holds_secret else entry.raw or ""
        if entry.property.django in words or any(word in value for word in quoted):
            yield name


def _python(sandbox: Sandbox) -> Path:
    """A Python that has Django: ours, or OMERO.web's."""
    beside = [Path(sandbox.settings.omerodir, python).absolute() for python in PYTHONS]
    installed = [python for python in beside if python.exists()]
    for python in (*installed, Path(sys.executable), Path(find("python3"))):
        if _run(sandbox, python, "-c", "import django").status == 0:
            return python
    raise NotRun(f"no Python here has Django: looked into {', '.join([*PYTHONS, 'our own, python3'])}")


def _run(sandbox: Sandbox, python: Path, *arguments: str | Path) -> Finished:
    """Run Python, isolated, since the folder of the probe has a module named django, this one.

    As root with the rights of the owner of its environment, whose packages it imports.
    """
    return sandbox.run([python, "-I", "-B", *arguments], python.parent)
