"""The collection, installed for the tests of this folder; and ansible-test, which runs beside them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.ansible import TOOLS, Ansible, tool


@pytest.fixture(scope="session")
def ansible(tmp_path_factory) -> Ansible:
    """Ansible with the collection."""
    return Ansible(tmp_path_factory.mktemp("ansible"))


@pytest.fixture(scope="session", autouse=True)
def _early(request):
    """Start ansible-test before all tests of this folder, if it is to be run: it takes as long as they do."""
    if any("sanity" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("sanity")


@pytest.fixture(scope="session")
def sanity(tmp_path_factory) -> Iterator[tuple[set[str], subprocess.Popen[bytes], Path]]:
    """The names of all sanity tests, the process that runs them, and its log."""
    folder = tmp_path_factory.mktemp("sanity")
    own = Ansible(folder)
    tests = own.run("ansible-test", "sanity", "--list-tests", cwd=own.collection).stdout.split()
    _offer_pip(Path(own.environment["HOME"]) / ".ansible/test/cache", folder)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    command = [tool("ansible-test"), "sanity", "--local", "--python", version]
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=own.collection, env=own.environment, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield {*tests}, process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _offer_pip(cache: Path, folder: Path) -> None:
    """Let ansible-test use the pip of the tools in its environments, in place of one that it downloads."""
    [packages] = TOOLS.parent.glob("lib/python*/site-packages")
    (folder / "pip").mkdir()
    (folder / "pip/pip").symlink_to(packages / "pip")
    cache.mkdir(parents=True)
    script = "import pathlib, sysconfig\n"
    script += f"pathlib.Path(sysconfig.get_path('purelib'), 'pip.pth').write_text({str(folder / 'pip')!r})\n"
    source = (packages / "ansible_test/_internal/python_requirements.py").read_text()
    [version] = re.findall(r"pip='([0-9.]+)'", source)
    (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(script)
