"""Validation of the artifacts with the programs that read them.

Without a network and in a temporary folder, which nothing outlives (see `guard` and `namespaces`): where
this machine is not the site's, a field is replaced by a stand-in (a free port, a throw-away certificate),
and so is a secret where others could read it from the program; all else is the text that the command
prints. One module a program, each with ``verify(sandbox)``: the problems it has with its artifact;
raises `NotRun` where it cannot run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from omerogen.model import Location, NotApplicable, OmerogenError, Problem, Severity, UsageError
from omerogen.settings import Settings
from omerogen.verify import guard
from omerogen.verify.namespaces import Namespaces
from omerogen.verify.process import NotRun
from omerogen.verify.sandbox import Result, Sandbox


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
    "gunicorn": Program("reads its configuration", ("gunicorn",)),
    "systemd": Program("loads the unit", ("systemd",)),
}


def readers_of(names: Iterable[str]) -> list[str]:
    """The programs that read any of these artifacts; of all for none."""
    wanted = set(names)
    return [name for name, program in PROGRAMS.items() if not wanted or wanted & {*program.artifacts}]


def verify(settings: Settings, options: Mapping[str, Any], names: Iterable[str] = ()) -> list[Result]:
    """Validate with the programs ``names``, or with all; ``options`` are those of ``build``."""
    wanted = list(names) or list(PROGRAMS)
    if unknown := [name for name in wanted if name not in PROGRAMS]:
        advice = f"there are: {', '.join(PROGRAMS)}"
        raise UsageError(
            Problem(Location.program(name.partition("=")[0]), "unknown program", advice) for name in unknown
        )

    def each(folder: Path, namespaces: Namespaces) -> list[Result]:
        return [_result(name, settings, options, folder / name, namespaces) for name in wanted]

    try:
        return guard.guarded(each)
    except OSError as error:
        reason = f"cannot make a temporary folder: {error.strerror}"
    except guard.Lost:
        reason = "it was killed"
    return [Result(name, "not run", reason) for name in wanted]


def _result(
    name: str, settings: Settings, options: Mapping[str, Any], folder: Path, namespaces: Namespaces
) -> Result:
    module = import_module(f"omerogen.verify.{name}")
    sandbox = Sandbox(settings, options, folder, namespaces)
    try:
        folder.mkdir(0o700)
        problems = tuple(_redacted(problem, name, sandbox) for problem in module.verify(sandbox))
    except NotRun as reason:
        return Result(name, "not run", sandbox.without_secrets(str(reason)))
    except OSError as error:
        return Result(name, "not run", f"cannot use its temporary folder: {error.strerror}")
    except NotApplicable as reason:
        return Result(name, "not run", reason.problems[0].message)
    except OmerogenError as error:
        # As check reports it without the program: one finding for one cause.
        rule = f"no-{PROGRAMS[name].artifacts[0]}"
        problems = tuple(found if found.rule else found._replace(rule=rule) for found in error.problems)
        return Result(name, "refused", "omerogen cannot render it", problems)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    state = "refused" if errors else "accepted"
    remarks = sandbox.without_secrets("; ".join(dict.fromkeys(sandbox.remarks)))
    return Result(name, state, remarks or PROGRAMS[name].question, problems)


def _redacted(problem: Problem, program: str, sandbox: Sandbox) -> Problem:
    """The errors of a program, without secrets that it quotes."""
    location = problem.location._replace(detail=sandbox.without_secrets(problem.location.detail))
    message, rule = sandbox.without_secrets(problem.message), f"refused-by-{program}"
    return problem._replace(location=location, message=message, rule=rule)
