"""Django starts with the settings module, and keeps a session with it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from omerogen.consumers.trial import NotRun, Trial, find
from omerogen.errors import Problem

_ARTIFACT = "django"
_PROBE = Path(__file__).parent / "try_settings.py"
#: Where an installation of OMERO.web has its Python, from its OMERO directory.
_PYTHONS = ("../venv3/bin/python", "../venv/bin/python", "venv3/bin/python", "venv/bin/python")


def verify(trial: Trial) -> Iterator[Problem]:
    """What Django has against the settings."""
    python = _python(trial)
    stand_ins = {"omerodir": str(trial.folder)}  # where the module makes its key
    trial.write(_ARTIFACT, "omerogen_trial_settings.py", stand_ins)
    # Isolated: the folder of the probe has a module named django, this one.
    done = trial.run([python, "-I", _PROBE, trial.folder])
    try:
        answer = json.loads(done.output.splitlines()[-1])
    except (IndexError, ValueError):
        said = done.output.strip().splitlines() or ["it ended without a word"]
        yield Problem("django", said[-1], "see omerogen django")
        return
    trial.remarks += [f"Django {answer['version']}", *answer["remarks"]]
    for message in answer["problems"]:
        yield Problem("django", message, "see omerogen django")


def _python(trial: Trial) -> str:
    """A Python that has Django: ours, or OMERO.web's."""
    beside = [str(Path(trial.settings.omerodir, python)) for python in _PYTHONS]
    installed = [python for python in beside if Path(python).exists()]
    for python in (*installed, sys.executable, find("python3")):
        if trial.run([python, "-c", "import django"]).status == 0:
            return python
    raise NotRun(f"no Python here has Django: looked into {', '.join([*_PYTHONS, 'our own, python3'])}")
