"""Commands of the user's that are run when files changed: reload nginx, restart OMERO.web."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from omerogen.artifacts import ARTIFACTS
from omerogen.model import Location, Problem, UsageError

#: A command that takes longer is ended, with all that it has started.
SECONDS = 600
#: In which a command finds the folder of the files.
VARIABLE = "OMEROGEN_FOLDER"


class Hook(NamedTuple):
    """A command for the shell, and the artifact whose changes it is for; all for an empty one."""

    artifact: str
    command: str

    def concerns(self, changed: Iterable[str]) -> bool:
        """Whether it is to be run when these artifacts changed."""
        return self.artifact in changed if self.artifact else any(changed)

    def run(self, folder: str) -> Problem | None:
        """Run it, with its output on standard error; return the problem if it fails.

        It knows the ``folder`` of the files that changed, from `VARIABLE`.
        """
        from omerogen.sites.loading import variables
        from omerogen.verify.process import statuses

        with statuses():
            return self._run({**variables(), VARIABLE: os.path.abspath(folder)})

    def _run(self, environ: Mapping[str, str]) -> Problem | None:
        import subprocess

        flag = Location.flag("--reload", self.artifact)
        try:
            process = subprocess.Popen(  # noqa: S602 - the command line is the user's
                self.command,
                shell=True,
                stdin=subprocess.DEVNULL,
                stdout=2,
                start_new_session=True,
                env=environ,
            )
        except OSError as error:
            return Problem(flag, f"the command cannot be run: {error.strerror}", _ADVICE)
        try:
            status = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return Problem(flag, f"the command did not end within {SECONDS} s", _ADVICE)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if status < 0:
            return Problem(flag, f"the command was ended by {signal.Signals(-status).name}", _ADVICE)
        return Problem(flag, f"the command ended with {status}", _ADVICE) if status else None


#: In a mapping, for commands that are run whatever changed.
ANY = "any"
#: Variables of a shell have capital letters.
_LIKE_AN_ARTIFACT = re.compile(r"[a-z][a-z0-9]*")
_ADVICE = "the files are written; the next build runs it again"


def commands(given: str | Iterable[str] | Mapping[str, str]) -> tuple[str, ...]:
    """``reload`` as Python takes it: a command, several, or a mapping like ``[reload]`` of a site."""
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Mapping):
        return tuple(given)
    for name in given:
        if name not in (*ARTIFACTS, ANY):
            there_are = f"there are: {', '.join((*ARTIFACTS, ANY))}"
            raise UsageError.at(Location.flag("--reload", ascii(name)), "unknown artifact", there_are)
    return tuple(command if name == ANY else f"{name}={command}" for name, command in given.items())


def parse(given: Iterable[str]) -> list[Hook]:
    """``CMD`` or ``ARTIFACT=CMD`` of each ``--reload``."""
    found = []
    for text in given:
        name, equals, command = text.partition("=")
        hook = Hook(name, command) if equals and name in ARTIFACTS else Hook("", text)
        if equals and not hook.artifact and _LIKE_AN_ARTIFACT.fullmatch(name):
            advice = f"there are: {', '.join(ARTIFACTS)}"
            raise UsageError.at(Location.flag("--reload", name), "unknown artifact", advice)
        if not hook.command.strip() or "\0" in hook.command:
            raise UsageError.at(Location.flag("--reload"), "has no command", "give CMD, or ARTIFACT=CMD")
        found.append(hook)
    return found
