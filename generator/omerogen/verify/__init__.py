"""The programs that read what is written, asked whether they take it.

Offline and in a temporary folder: where this machine is not the site's, a field is
replaced by a stand-in (a free port, a throw-away certificate), and so is a secret where
others could ask the program for it; all else is the very text that the command prints.
One module a program, each with ``verify(sandbox)``: the problems it has with its artifact;
raises `NotRun` where it cannot be asked.
"""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from omerogen.model.errors import NotApplicable, OmerogenError, Problem, UsageError
from omerogen.settings.settings import Settings
from omerogen.verify.sandbox import NotRun, Result, Sandbox


class Consumer(NamedTuple):
    """A program: what it is asked, and the artifacts that it reads."""

    question: str
    artifacts: tuple[str, ...]


#: The programs by name, which is that of their module.
CONSUMERS = {
    "nginx": Consumer("tests the configuration", ("nginx",)),
    "java": Consumer("starts with the flags", ("jvm",)),
    "icegrid": Consumer("takes the application, and a router its IceSSL properties", ("glacier2", "icegrid")),
    "jdbc": Consumer("the driver reads the URL as it is meant", ("jdbc",)),
    "django": Consumer("starts with the settings and keeps a session", ("django",)),
}


def readers_of(names: Iterable[str]) -> list[str]:
    """The programs that read any of these artifacts; of all for none."""
    wanted = set(names)
    return [name for name, consumer in CONSUMERS.items() if not wanted or wanted & {*consumer.artifacts}]


def verify(settings: Settings, options: Mapping[str, Any], names: Iterable[str] = ()) -> list[Result]:
    """Ask the programs ``names``, or all; ``options`` are those of ``build``."""
    wanted = list(names) or list(CONSUMERS)
    if unknown := [name for name in wanted if name not in CONSUMERS]:
        advice = f"there are: {', '.join(CONSUMERS)}"
        raise UsageError(
            [Problem(name.partition("=")[0], "there is no such program", advice) for name in unknown]
        )
    with _ending_in_order():
        return [_verdict(name, settings, options) for name in wanted]


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Who is told to end takes along the programs that run, and the folders with what they were given."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only there can signals be waited for
        return
    # What is ignored, as after nohup, or handled by a program that has us in it, stays so.
    ours = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: object) -> NoReturn:  # noqa: ARG001 - as signals are handled
    raise SystemExit(128 + number)


def _verdict(name: str, settings: Settings, options: Mapping[str, Any]) -> Result:
    consumer = import_module(f"omerogen.verify.{name}")
    try:
        scratch = tempfile.TemporaryDirectory(prefix="omerogen-")
    except OSError as error:
        return Result(name, "not run", f"there is no temporary folder: {error.strerror}")
    with scratch as folder:
        sandbox = Sandbox(settings, options, Path(folder))
        try:
            problems = tuple(_discreet(problem, sandbox) for problem in consumer.verify(sandbox))
        except NotRun as reason:
            return Result(name, "not run", sandbox.without_secrets(str(reason)))
        except NotApplicable as reason:
            return Result(name, "not run", reason.problems[0].message)
        except OmerogenError as error:
            return Result(name, "refused", "omerogen cannot make it", error.problems)
        state = "refused" if problems else "accepted"
        remarks = sandbox.without_secrets("; ".join(sandbox.remarks))
        return Result(name, state, remarks or CONSUMERS[name].question, problems)


def _discreet(problem: Problem, sandbox: Sandbox) -> Problem:
    """What a program has against its artifact, without the secrets that it repeats."""
    place, message = map(sandbox.without_secrets, (problem.place, problem.message))
    return problem._replace(place=place, message=message)
