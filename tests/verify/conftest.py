"""Folders, certificates, virtual environments and compiled probes that several tests share."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.programs import JDBC_DRIVER, accepted, find, give_to_ordinary_user, missing, run
from support.texts import TALLY

#: Releases of Django that OMERO.web is run with, and what stands beside Django in both.
DJANGOS = ("4.2", "5.2")
_BESIDE_DJANGO = ("gunicorn", "django-pipeline", "concurrent-log-handler")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of round trips: what arrives otherwise than it was written fails its test."""
    if TALLY:
        terminalreporter.write_sep("-", "round trips")
        terminalreporter.write_line(f"{'target':42} {'texts':>6} {'refused':>8}")
    for target, numbers in sorted(TALLY.items()):
        terminalreporter.write_line(f"{target:42} {numbers['tried']:6} {numbers['refused']:8}")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that an ordinary user may write into, gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="omerogen-"))
    made.chmod(0o755)
    yield give_to_ordinary_user(made)
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A throw-away certificate for localhost, and its key."""
    made = Path(tmp_path_factory.mktemp("certificate"))
    paths = made / "cert.pem", made / "key.pem"
    request = [find("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    accepted([*request, "-subj", "/CN=localhost", "-out", paths[0], "-keyout", paths[1]])
    return paths


@pytest.fixture(scope="session")
def djangos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Release of Django to the folder of the programs of its virtual environment."""
    made = tmp_path_factory.mktemp("django")
    with ThreadPoolExecutor() as pool:
        folders = pool.map(lambda release: _environment(made / release, release), DJANGOS)
        return dict(zip(DJANGOS, folders, strict=True))


def _environment(folder: Path, release: str) -> Path:
    accepted([sys.executable, "-m", "venv", "--without-pip", folder])
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet"]
    done = run([*pip, "--disable-pip-version-check", f"django=={release}.*", *_BESIDE_DJANGO], timeout=110)
    if done.returncode:
        missing(f"Django {release} ({done.stderr.strip()})")
    return folder / "bin"


@pytest.fixture(scope="session")
def java() -> str:
    """The path of java."""
    return find("java")


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory, java: str) -> list[str]:
    """The command that runs Probe.java, compiled."""
    if not JDBC_DRIVER.exists():
        missing(str(JDBC_DRIVER))
    made = tmp_path_factory.mktemp("probe")
    source = Path(__file__).parent.parent / "support/Probe.java"
    accepted([find("javac"), "-encoding", "UTF-8", "-cp", JDBC_DRIVER, "-d", made, source])
    return [java, "-Xshare:auto", "-cp", f"{made}:{JDBC_DRIVER}", "Probe"]
