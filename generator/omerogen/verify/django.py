"""Django starts with the settings module, and keeps a session with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from omerogen.model import Location, Problem
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Sandbox

_ARTIFACT = "django"
_PROBE = Path(__file__).parent / "django_probe.py"
#: Where an installation of OMERO.web has its Python, from its OMERO directory.
_PYTHONS = ("../venv3/bin/python", "../venv/bin/python", "venv3/bin/python", "venv/bin/python")


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that Django reports."""
    python = _python(sandbox)
    substitutes = {"omerodir": str(sandbox.folder)}  # where the module makes its key
    sandbox.write(_ARTIFACT, "omerogen_tried_settings.py", substitutes)
    # Isolated: the folder of the probe has a module named django, this one.
    done = sandbox.run([python, "-I", "-B", _PROBE, *(() if sandbox.namespaces.complete else ("fenced",))])
    try:
        answer = json.loads(done.output.splitlines()[-1])
    except (IndexError, ValueError):
        lines = done.output.strip().splitlines() or [f"exited with status {done.status}"]
        yield Problem(Location.program("django"), lines[-1], "see omerogen django")
        return
    sandbox.remarks += [f"Django {answer['version']}", *answer["remarks"]]
    for message in answer["problems"]:
        yield Problem(Location.program("django"), message, "see omerogen django")


def _python(sandbox: Sandbox) -> str:
    """A Python that has Django: ours, or OMERO.web's."""
    beside = [str(Path(sandbox.settings.omerodir, python).absolute()) for python in _PYTHONS]
    installed = [python for python in beside if Path(python).exists()]
    for python in (*installed, sys.executable, find("python3")):
        if sandbox.run([python, "-I", "-B", "-c", "import django"]).status == 0:
            return python
    raise NotRun(f"no Python here has Django: looked into {', '.join([*_PYTHONS, 'our own, python3'])}")
