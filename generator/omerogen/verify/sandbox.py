"""A sandbox for one artifact and one program: its input and its run."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.model import Problem
from omerogen.settings import Settings, redact
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable

#: A program that has not answered by then is ended.
SECONDS = 30
#: Where programs are that only root has on its PATH.
_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class NotRun(Exception):
    """Why a program could not be run."""


class Result(NamedTuple):
    """``accepted``, ``refused`` or ``not run``; the remark says what was checked or why not; the output."""

    program: str
    state: str
    remark: str
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        return f"{self.program}: {self.state} ({self.remark})"


class Finished(NamedTuple):
    """A program that ended: its exit status and all it printed."""

    status: int
    output: str


class Sandbox:
    """The input of a program; ``remarks`` list what was not validated."""

    def __init__(self, settings: Settings, options: Mapping[str, Any], folder: Path) -> None:
        self.settings = settings
        self.options = options
        self.folder = folder
        self.remarks: list[str] = []

    def without_secrets(self, output: str) -> str:
        """The output of a program, without any secret that it was given."""
        known = redact.secrets(self.settings.entries())
        return redact.scrub(output, known, _written)

    def options_of(self, artifact: str, **more: Any) -> dict[str, Any]:
        """The options that this artifact takes."""
        return artifacts.get(artifact).own({**self.options, **more})

    def fields(self, artifact: str) -> Any:
        """The fields of the artifact, as they are for the site."""
        return rendering.context(artifact, self.settings, self.options_of(artifact))

    def write(self, artifact: str, name: str, substitutes: Mapping[str, Any], **options: Any) -> Path:
        """The artifact with these substitutes for its fields, as a file of the temporary folder."""
        own = self.options_of(artifact, **options)
        made = rendering.render(artifact, self.settings, own, substitutes)
        return self._keep(name, made.text)

    def write_public(self, artifact: str, name: str) -> Path:
        """The artifact without its secrets, for a program that others can query; checked with them."""
        rendering.render(artifact, self.settings, self.options_of(artifact))
        made = rendering.render(artifact, redact.settings(self.settings), self.options_of(artifact))
        return self._keep(name, made.text)

    def _keep(self, name: str, text: str) -> Path:
        path = self.folder / name
        opener = partial(os.open, mode=0o600)  # in a folder of our own, but it may hold secrets
        with open(path, "w", encoding="utf-8", newline="", opener=opener) as file:
            file.write(text)
        return path

    def run(self, command: Sequence[str | Path], **more: Any) -> Finished:
        """Run a program to its end in the temporary folder, with nothing to read and a time limit."""
        options = {"cwd": self.folder, "env": environment(), "timeout": SECONDS, **more}
        try:
            done = subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
                **options,
            )
        except subprocess.TimeoutExpired:
            raise NotRun(f"{Path(command[0]).name} did not answer within {SECONDS} s") from None
        except OSError as error:
            raise NotRun(f"{command[0]} cannot be started: {error.strerror}") from None
        return Finished(done.returncode, done.stdout.decode(errors="replace"))


def _written(secret: str) -> Iterator[str]:
    """A secret as the artifacts write it: a program may quote a line of its file."""
    for rule in escape.LANGUAGES.values():
        with contextlib.suppress(Unwritable):
            yield rule(secret).strip("\"'")


def find(*programs: str) -> str:
    """The path of the first of these programs that is installed; `NotRun` if none is."""
    path = os.pathsep.join([os.defpath, *_FOLDERS])
    for program in programs:
        if found := shutil.which(program) or shutil.which(program, path=path):
            return found
    raise NotRun(f"{' or '.join(programs)} is not installed")


def environment() -> dict[str, str]:
    """A bare environment in UTF-8: variables of this process must not change what a program does."""
    return {"PATH": os.pathsep.join([os.defpath, *_FOLDERS]), "LC_ALL": "C.UTF-8"}


def free_port() -> int:
    """A port of loopback that is not in use."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """As many different free ports."""
    with contextlib.ExitStack() as probes:
        sockets = [probes.enter_context(socket.socket()) for _ in range(count)]
        for probe in sockets:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in sockets]


def certificate(sandbox: Sandbox) -> tuple[Path, Path]:
    """A throw-away certificate and its key."""
    paths = sandbox.folder / "certificate.pem", sandbox.folder / "key.pem"
    command = [find("openssl"), *"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost".split()]
    done = sandbox.run([*command, "-out", paths[0], "-keyout", paths[1]])
    if done.status:
        raise NotRun("openssl made no certificate")
    return paths
