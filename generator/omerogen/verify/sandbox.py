"""A sandbox for one artifact and one program: its input and its run."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.model import Problem
from omerogen.secrets import rights
from omerogen.settings import Settings, redact
from omerogen.templating import escape
from omerogen.templating.escape import Unwritable
from omerogen.values.json import dumps
from omerogen.verify.namespaces import Namespaces
from omerogen.verify.process import NotRun, find, start

#: A program that has not answered by then is ended.
SECONDS = 30
#: More of a program's output is not read.
_MOST_OUTPUT = 2**20


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
    """The input of a program; ``remarks`` list what was not validated.

    Programs run in ``folder`` and get the names of its files relative to it: its own path may have spaces,
    quotes, or characters that a language cannot write. ``namespaces`` are those that they run in.
    """

    def __init__(
        self, settings: Settings, options: Mapping[str, Any], folder: Path, namespaces: Namespaces
    ) -> None:
        self.settings = settings
        self.options = options
        self.folder = folder
        self.namespaces = namespaces
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

    def write(self, artifact: str, name: str, substitutes: Mapping[str, Any], **options: Any) -> str:
        """The artifact with these substitutes for its fields, as a file of the folder; its name."""
        own = self.options_of(artifact, **options)
        made = rendering.render(artifact, self.settings, own, substitutes)
        return self.keep(name, made.text)

    def write_public(self, artifact: str, name: str) -> str:
        """The artifact without its secrets, for a program that others can query; checked with them."""
        rendering.render(artifact, self.settings, self.options_of(artifact))
        made = rendering.render(artifact, redact.settings(self.settings), self.options_of(artifact))
        return self.keep(name, made.text)

    def keep(self, name: str, text: str) -> str:
        """Write a file of the folder; its name."""
        opener = partial(os.open, mode=0o600)  # in a private folder, but it may hold secrets
        with open(self.folder / name, "w", encoding="utf-8", newline="", opener=opener) as file:
            file.write(text)
        return name

    def run(self, command: Sequence[str | Path], code: Path | None = None) -> Finished:
        """Run a program to its end in the folder, with nothing to read and a time limit.

        Root runs it with the rights of the owner of ``code``, which the program loads.
        """
        with open(self.folder / "output", "w+b") as output:
            process = start(command, self.folder, output, self._hand_over(code))
            try:
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                raise NotRun(f"{Path(command[0]).name} did not answer within {SECONDS} s") from None
            finally:
                process.kill()
                process.wait()
            output.seek(0)
            return Finished(status, output.read(_MOST_OUTPUT).decode(errors="replace"))

    def _hand_over(self, code: Path | None) -> int:
        """Give the folder to the owner of ``code``, if this is root and that is another user."""
        owner = rights.other_owner(code.stat()) if code else rights.ROOT
        if owner != rights.ROOT:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)
        return owner


def _written(secret: str) -> Iterator[str]:
    """A secret as the artifacts write it, also within JSON: a program may quote a line of its file."""
    within_json = dumps(secret)[1:-1]
    for rule in escape.LANGUAGES.values():
        for text in dict.fromkeys((secret, within_json)):
            with contextlib.suppress(Unwritable):
                yield rule(text).strip("\"'")


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


def certificate(sandbox: Sandbox) -> tuple[str, str]:
    """A throw-away certificate and its key; their names."""
    names = "certificate.pem", "key.pem"
    command = [find("openssl"), *"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost".split()]
    done = sandbox.run([*command, "-out", names[0], "-keyout", names[1]])
    if done.status:
        raise NotRun("openssl made no certificate")
    return names
