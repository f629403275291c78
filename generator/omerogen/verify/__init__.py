"""Validation of the artifacts with the programs that read them.

Offline and in a temporary folder: where this machine is not the site's, a field is
replaced by a stand-in (a free port, a throw-away certificate), and so is a secret where
others could read it from the program; all else is the text that the command prints.
One module a program, each with ``verify(sandbox)``: the problems it has with its artifact;
raises `NotRun` where it cannot run.
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

from omerogen.model import Location, NotApplicable, OmerogenError, Problem, UsageError
from omerogen.settings import Settings
from omerogen.verify.sandbox import NotRun, Result, Sandbox


class Program(NamedTuple):
    """A program: its check, and the artifacts that it reads."""

    question: str
    artifacts: tuple[str, ...]


#: The programs by name, which is that of their module.
PROGRAMS: dict[str, Program] = {
    "nginx": Program("tests the configuration", ("nginx",)),
    "java": Program("starts with the flags", ("jvm",)),
    "icegrid": Program("takes the application, and a router its IceSSL properties", ("glacier2", "icegrid")),
    "jdbc": Program("the driver reads the URL as it is meant", ("jdbc",)),
    "django": Program("starts with the settings and keeps a session", ("django",)),
}


def readers_of(names: Iterable[str]) -> list[str]:
    """The programs that read any of these artifacts; of all for none."""
    wanted = set(names)
    return [name for name, program in PROGRAMS.items() if not wanted or wanted & {*program.artifacts}]


def verify(settings: Settings, options: Mapping[str, Any], names: Iterable[str] = ()) -> list[Result]:
    """Ask the programs ``names``, or all; ``options`` are those of ``build``."""
    wanted = list(names) or list(PROGRAMS)
    if unknown := [name for name in wanted if name not in PROGRAMS]:
        advice = f"there are: {', '.join(PROGRAMS)}"
        raise UsageError(
            Problem(Location.program(name.partition("=")[0]), "unknown program", advice) for name in unknown
        )
    with _cleaning_up():
        return [_asked(name, settings, options) for name in wanted]


@contextmanager
def _cleaning_up() -> Iterator[None]:
    """On SIGTERM or SIGHUP, stop child processes and remove scratch folders."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only there can signals be waited for
        return
    # Signals that are ignored, as after nohup, or handled by an embedding program stay so.
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


def _asked(name: str, settings: Settings, options: Mapping[str, Any]) -> Result:
    module = import_module(f"omerogen.verify.{name}")
    try:
        scratch = tempfile.TemporaryDirectory(prefix="omerogen-")
    except OSError as error:
        return Result(name, "not run", f"cannot make a temporary folder: {error.strerror}")
    with scratch as folder:
        sandbox = Sandbox(settings, options, Path(folder))
        try:
            problems = tuple(_redacted(problem, name, sandbox) for problem in module.verify(sandbox))
        except NotRun as reason:
            return Result(name, "not run", sandbox.without_secrets(str(reason)))
        except NotApplicable as reason:
            return Result(name, "not run", reason.problems[0].message)
        except OmerogenError as error:
            return Result(name, "refused", "omerogen cannot render it", error.problems)
        state = "refused" if problems else "accepted"
        remarks = sandbox.without_secrets("; ".join(sandbox.remarks))
        return Result(name, state, remarks or PROGRAMS[name].question, problems)


def _redacted(problem: Problem, program: str, sandbox: Sandbox) -> Problem:
    """The errors of a program, without secrets that it quotes."""
    location = problem.location._replace(detail=sandbox.without_secrets(problem.location.detail))
    message, rule = sandbox.without_secrets(problem.message), f"refused-by-{program}"
    return problem._replace(location=location, message=message, rule=rule)
