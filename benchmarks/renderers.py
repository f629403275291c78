"""Other programs that render the same templates, and OMERO's own commands, where they are installed.

The others get the values of the fields from a file: they derive, check and escape nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import OMEROGEN, run, table
from omerogen import load
from omerogen.artifacts import get, rendering
from omerogen.derive.fields import fields_of
from omerogen.templating.folder import templates_folder

ROUNDS = 5
SITE = str(Path(__file__).parent.parent / "examples/site.config.xml")
#: Templates without includes, which all of these programs can render.
TEMPLATES = {
    "jvm": "jvm/services.sh.j2",
    "gunicorn": "gunicorn/gunicorn.conf.py.j2",
    "systemd": "systemd/omero-web.service.j2",
}
OMERO = ("config", "get"), ("web", "config", "nginx")


def rows() -> list[list[str]]:
    """The median time of each program for each template, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for artifact, template in TEMPLATES.items():
            data = Path(folder) / f"{artifact}.json"
            data.write_text(json.dumps({artifact: _values(artifact)}), encoding="utf-8")
            source = os.path.join(templates_folder(), template)
            for name, command in _commands(artifact, source, str(data), folder).items():
                found.append([f"{name}: {template}", _median(command)])
        omero = os.environ.get("OMERO") or shutil.which("omero")
        for words in OMERO if omero else ():
            found.append([f"omero {' '.join(words)}", _median([str(omero), *words])])
    return found


def text() -> str:
    """The table."""
    return table([f"median of {ROUNDS}", "ms"], rows())


def _commands(artifact: str, source: str, data: str, folder: str) -> dict[str, list[str]]:
    """The programs that are there, by name."""
    module = f"src={source} dest={folder}/{artifact}.out"
    others = {
        "jinjanator": ["jinjanate", source, data],
        "j2cli": ["j2", source, data],
        "ansible template": [
            "ansible",
            "localhost",
            "-c",
            "local",
            "-e",
            f"@{data}",
            "-m",
            "template",
            "-a",
            module,
        ],
    }
    there = {name: [path, *words[1:]] for name, words in others.items() if (path := _program(words[0]))}
    return {"omerogen": [*OMEROGEN, artifact, "-c", SITE], **there}


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ.get('PATH', '')}")


def _median(command: list[str]) -> str:
    return f"{statistics.median(run(command).seconds for _ in range(ROUNDS)) * 1000:.0f}"


def _values(artifact: str) -> dict[str, Any]:
    """The fields of an artifact as JSON has them."""
    context = rendering.context(artifact, load(SITE), {})
    return {name: _plain(getattr(context, name)) for name in fields_of(get(artifact).context)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(member) for name, member in value._asdict().items()}
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_plain, value))
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


if __name__ == "__main__":
    sys.stdout.write(text())
