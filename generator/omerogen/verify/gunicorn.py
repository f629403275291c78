"""Gunicorn reads its configuration, and takes from it what the properties say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from omerogen.model import Location, Problem
from omerogen.verify.django import PYTHONS
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Sandbox

_ARTIFACT = "gunicorn"
#: An application, since OMERO.web's is not what is tried here.
_APPLICATION = "def application(environ, start_response):\n    return []\n"


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that Gunicorn has with the configuration."""
    program = _program(sandbox)
    site = sandbox.fields(_ARTIFACT)
    if site.arguments and not sandbox.namespaces.complete:
        raise NotRun("omero.web.wsgi_args may run code; it is tried only where this user may have namespaces")
    sandbox.keep("omerogen_tried.py", _APPLICATION)
    path = sandbox.write(_ARTIFACT, "gunicorn.conf.py", {})
    words = ("--print-config", "--pythonpath", ".", "--config", path, "omerogen_tried:application")
    done = sandbox.run([program, *words], program)
    if done.status:
        lines = done.output.strip().splitlines() or [f"exited with status {done.status}"]
        yield Problem(Location.program("gunicorn"), lines[-1], "see omero.web.wsgi_args")
        return
    read = dict(re.findall(r"^(\w+)\s+= (.*)$", done.output, re.MULTILINE))
    if not site.arguments and read.get("bind") != str([site.bound_to]):
        message = f"listens on {read.get('bind')}, not on {site.bound_to}"
        yield Problem(Location.program("gunicorn"), message, "see omero.web.application_server.*")


def _program(sandbox: Sandbox) -> Path:
    """OMERO.web's own Gunicorn, that beside our Python, or that on the PATH."""
    beside = [Path(sandbox.settings.omerodir, python).absolute().parent / "gunicorn" for python in PYTHONS]
    own = [*beside, Path(sys.executable).parent / "gunicorn"]
    return next(filter(Path.exists, own), None) or Path(find("gunicorn"))
