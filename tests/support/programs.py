"""Programs for tests: found or skipped, started on loopback, stopped by their process id."""

from __future__ import annotations

import glob
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

STANDINS = Path(__file__).parent / "standins"
JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
_ORDINARY_USER = 65534
_LIMIT = 60
_FOLDERS = ["/usr/sbin", "/sbin", *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]


def find(program: str) -> str:
    """The path of a program; the test is skipped without it, and fails on CI."""
    path = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *_FOLDERS]))
    return path or missing(program)


def missing(what: str) -> Any:
    """Skip for want of something, or fail where everything should be there."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{what} is not installed here")


def environment(**more: str) -> dict[str, str]:
    """Our environment with a UTF-8 locale, without what would change how programs behave."""
    unwanted = ("PYTHON", "DJANGO", "OMERO", "CONFIG_", "JAVA_TOOL", "JDK_JAVA", "_JAVA", "LC_", "LANG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


def run(command: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, within the time limit, with nothing to read."""
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    options = {"env": environment(), "timeout": _LIMIT, "capture_output": True, **options}
    return subprocess.run([str(word) for word in command], text=True, encoding="utf-8", **options)


def accepted(command: Sequence[str | Path], **options: Any) -> str:
    """Run a program that must succeed; what it printed."""
    done = run(command, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def as_ordinary_user(*command: str | Path) -> list[str]:
    """The command for somebody who is not root, which PostgreSQL refuses and nginx' workers are not."""
    user = ("--reuid", _ORDINARY_USER, "--regid", _ORDINARY_USER, "--clear-groups")
    prefix = (find("setpriv"), *user) if os.geteuid() == 0 else ()
    return [str(word) for word in (*prefix, *command)]


def give_to_ordinary_user(folder: Path) -> Path:
    """The folder, open to the user of `as_ordinary_user`."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, _ORDINARY_USER, _ORDINARY_USER)
    return folder


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listening(port: int) -> Callable[[], bool]:
    """The question whether somebody listens there, for `running`."""

    def answer() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return answer


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], bool],
    *,
    stop: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program while the block runs, from when it is ready; what it says goes to ``log``."""
    words = [str(word) for word in command]
    options = {"env": environment(), **options}
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options
        )
    try:
        deadline = time.monotonic() + 20
        while not ready():
            ended = process.poll() is not None
            assert not ended and time.monotonic() < deadline, f"{words}\n{log.read_text(errors='replace')}"  # noqa: PT018
            time.sleep(0.01)
        yield process
    finally:
        _end(process, stop)


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """Stop a program; one that has just started may lose the first signal."""
    for _ in range(50):
        process.send_signal(stop)
        try:
            process.wait(0.2)
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()


def generated(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """Values of a strategy, for a program that is asked about all of them at once."""
    found = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


class Answer(NamedTuple):
    """What a web server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: str


class Browser:
    """Enough of a browser: it keeps cookies, names its origin, and trusts every certificate."""

    def __init__(self, origin: str, port: int) -> None:
        self.origin = origin
        self.host = origin.partition("://")[2]
        self.port = port
        self.speaks_tls = origin.startswith("https:")
        self.cookies: dict[str, str] = {}

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, "", dict(headers or {}))

    def post(
        self, path: str, form: str | Iterator[bytes], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a form, with the origin that a browser names."""
        own = {"Origin": self.origin, "Referer": self.origin + path}
        own["Content-Type"] = "application/x-www-form-urlencoded"
        return self._ask("POST", path, form, {**own, **(headers or {})})

    def log_in(self, path: str) -> Answer:
        """Fetch the form at ``path`` and send it back with its token."""
        token = re.search(r"name=.csrfmiddlewaretoken. value=.(\w+)", self.get(path).body)
        assert token, "the page has no form"
        return self.post(path, f"csrfmiddlewaretoken={token[1]}&user=ada")

    def _ask(self, method: str, path: str, body: str | Iterator[bytes], headers: dict[str, str]) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if self.speaks_tls:
            trusting = ssl._create_unverified_context()  # noqa: S323 - a throw-away certificate
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trusting)
        try:
            connection.request(method, path, body or None, {"Host": self.host, **headers})
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()
