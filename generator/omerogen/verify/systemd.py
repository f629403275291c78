"""systemd verifies the unit of OMERO.web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omerogen.model import Location, Problem
from omerogen.verify import namespaces
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Sandbox

_UNIT = "omerogen-tried.service"
#: What is only on the site's machine: programs, the user.
_ELSEWHERE = re.compile(r"Command .* is not executable|Failed to (?:resolve|find) user|Unknown user")


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that systemd has with the unit."""
    program = find("systemd-analyze")
    if sandbox.namespaces.complete:  # it has a separate temporary folder, whatever TMPDIR says
        namespaces.overlay("/tmp", str(sandbox.folder / "tmp"), str(sandbox.folder.parent))  # noqa: S108
    path = sandbox.write("systemd", _UNIT, {})
    done = sandbox.run([program, "verify", f"./{path}"])
    if done.status and _UNIT not in done.output:
        raise NotRun(done.output.strip() or f"systemd-analyze exited with status {done.status}")
    for line in done.output.splitlines():
        if found := _ELSEWHERE.search(line):
            sandbox.remarks.append(f"without what is not here: {found[0]}")
        elif _UNIT in line:  # other units of this machine may have their own
            yield Problem(
                Location.program("systemd"),
                line.partition(": ")[2] or line,
                "see omero.web.wsgi_args, --user and --venv",
            )
