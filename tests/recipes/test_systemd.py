"""The unit: verified by systemd beside the generated one; its command is run without systemd."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from pathlib import Path

import pytest

import omerogen as package
from support.ansible import OMEROGEN
from support.files import EXAMPLES
from support.programs import environment, find, run
from support.recipes import replaced

UNIT = EXAMPLES / "systemd/omerogen.service"
KEY = "k3y-" * 16


def directives() -> dict[str, list[str]]:
    """The values of each directive of the unit."""
    found = defaultdict(list)
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found[name].append(value)
    return found


def test_systemd_accepts_it_beside_the_generated_unit(tmp_path: Path) -> None:
    """It complains of programs alone that are not installed."""
    settings = package.load(omerodir="/opt/omero/web/omero-web")
    generated = tmp_path / "omero-web.service"
    generated.write_text(package.render("systemd", settings, deployed_to="/run/omero-web"))
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text())
    done = run([find("systemd-analyze"), "verify", unit, generated])
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "omero" in line]
    assert all(line.endswith("is not executable: No such file or directory") for line in lines), lines
    assert "PYTHONPATH=/run/omero-web/django" in generated.read_text()


@pytest.fixture
def places(tmp_path: Path) -> dict[str, object]:
    """What systemd puts in place of specifiers, and folders of the machine, for a site and its secret."""
    (tmp_path / "credentials").mkdir()
    [credential] = directives()["LoadCredential"]
    (tmp_path / "credentials" / credential.partition(":")[0]).write_text(f"{KEY}\n")
    (tmp_path / "run/omero-web").mkdir(parents=True)
    (tmp_path / "site.yaml").write_text("omero.web.prefix: /omero\n")
    return {
        "%d": tmp_path / "credentials",
        "%t": tmp_path / "run",
        "/etc/omero/site.yaml": tmp_path / "site.yaml",
        "/opt/omerogen/bin/omerogen": OMEROGEN,
    }


def started(places: dict[str, object]) -> tuple[int, str]:
    """Run what the unit runs; its exit status and what the journal would have."""
    [command] = directives()["ExecStart"]
    variables = dict(value.split("=", 1) for value in directives()["Environment"])
    variables = {name: value.replace("%d", str(places["%d"])) for name, value in variables.items()}
    words = shlex.split(replaced(command, {old: new for old, new in places.items() if old != "%d"}))
    assert KEY not in f"{words}{variables}"
    done = run(words, env=environment(**variables))
    return done.returncode, done.stdout + done.stderr


def test_the_secret_comes_from_the_credential(places: dict[str, object], tmp_path: Path) -> None:
    """Into a file that only its owner can read, and into no variable, argument or line of the journal."""
    status, journal = started(places)
    assert status == 0, journal
    assert KEY not in journal
    settings = tmp_path / "run/omero-web/django/omeroweb_settings.py"
    assert KEY in settings.read_text()
    assert settings.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "run/omero-web/gunicorn/gunicorn.conf.py").exists()


def test_the_unit_fails_for_a_wrong_property(places: dict[str, object], tmp_path: Path) -> None:
    """And OMERO.web, which requires it, does not start."""
    (tmp_path / "site.yaml").write_text("omero.web.prefix: omero\n")
    status, journal = started(places)
    assert status == 2
    assert "omero.web.prefix" in journal
    assert directives()["RequiredBy"] == directives()["Before"] == ["omero-web.service"]
