"""Runs playbooks with the collection of `ansible/`, and programs of the environment `.venv/tools`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from support.files import EXAMPLES
from support.programs import environment, missing, run

TOOLS = Path(sys.prefix) / "tools" / "bin"
OMEROGEN = Path(sys.prefix) / "bin" / "omerogen"
COLLECTION = EXAMPLES.parent / "ansible"


def tool(name: str) -> str:
    """The path of a program of the environment; the test is skipped without it, and fails on CI."""
    path = TOOLS / name
    return str(path) if path.exists() else missing(f"{name} (make .venv/tools/installed)")


class Played(NamedTuple):
    """The end of a playbook: its status, everything that Ansible printed, and the result of each task."""

    status: int
    output: str
    results: list[dict[str, Any]]

    def __getitem__(self, key: tuple[str, str] | str) -> Any:
        """The result of a task by its name, on the host that is named before it, or on the only one."""
        host, task = key if isinstance(key, tuple) else ("", key)
        found = [
            one["result"]
            for one in self.results
            if one["task"].rpartition(" : ")[2] == task and host in ("", one["host"])
        ]
        assert len(found) == 1, f"{key} ran {len(found)} times:\n{self.output}"
        return found[0]

    def changed(self) -> list[str]:
        """The tasks that changed something, or would in check mode."""
        return [one["task"].rpartition(" : ")[2] for one in self.results if one["result"].get("changed")]


class Ansible:
    """Ansible with a folder of its own, in which the collection is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.collection = folder / "ansible_collections" / "omerogen" / "omero"
        unwanted = shutil.ignore_patterns("__pycache__", "output")
        shutil.copytree(COLLECTION, self.collection, ignore=unwanted)
        home = folder / "home"
        home.mkdir()
        self.environment = environment(
            HOME=str(home),
            ANSIBLE_HOME=str(home / ".ansible"),
            ANSIBLE_REMOTE_TMP=str(home / "remote"),
            ANSIBLE_COLLECTIONS_PATH=str(folder),
            ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parent / "callbacks"),
            ANSIBLE_CALLBACKS_ENABLED="results",
            ANSIBLE_FORKS="2",
            NO_COLOR="1",
            PATH=os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)]),
        )

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one of Ansible's programs."""
        options = {"env": self.environment, "timeout": 240, **options}
        return run([tool(str(command[0])), *command[1:]], **options)

    def play(
        self,
        playbook: str | Path,
        *arguments: str,
        hosts: Mapping[str, Mapping[str, Any]] | None = None,
        **variables: Any,
    ) -> Played:
        """Run a playbook, a text or a file, on hosts with their variables: by default on this machine."""
        folder = self.folder / "plays"
        folder.mkdir(exist_ok=True)
        path = playbook
        if isinstance(playbook, str):
            path = folder / "playbook.yml"
            path.write_text(playbook)
        own = {"ansible_connection": "local", "ansible_python_interpreter": str(TOOLS / "python")}
        common = {**own, "omerogen_executable": str(OMEROGEN), **variables}
        inventory = {"all": {"hosts": dict(hosts or {"localhost": {}}), "vars": common}}
        (folder / "hosts.json").write_text(json.dumps(inventory))
        log = folder / "results.jsonl"
        log.write_text("")
        done = self.run(
            "ansible-playbook", "-i", folder / "hosts.json", path, *arguments,
            env={**self.environment, "RESULTS": str(log)}, cwd=folder,
        )  # fmt: skip
        results = [json.loads(line) for line in log.read_text().splitlines()]
        return Played(done.returncode, done.stdout + done.stderr, results)


def files_of(folder: Path) -> Iterator[Path]:
    """All files below a folder."""
    return (path for path in folder.rglob("*") if path.is_file())
