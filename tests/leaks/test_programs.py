"""No program that is asked is given a secret where others see it, nor repeats one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from omerogen.verify import guard
from omerogen.verify.namespaces import Namespaces
from support.canaries import Cage, site, source
from support.searching import arrange

RECORDER = """#!/bin/sh
{{ tr '\\0' '\\n' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$$/environ; }} >> {log}
echo 'Registry.Client ready Glacier2.Client ready'
exit {status}
"""
PROGRAMS = ("java", "nginx", "icegridregistry", "icegridadmin", "glacier2router", "openssl", "python3")


@pytest.mark.usefixtures("scratch", "unfenced")
@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("command", ["check", "build"])
def test_no_program_is_given_a_canary_where_others_see_it(
    command, status, omerogen, tmp_path, monkeypatch, search
):
    """Arguments and environments of all programs that are asked, whether they accept or refuse."""
    log, folder, omerodir = tmp_path / "log", tmp_path / "bin", tmp_path / "omero"
    folder.mkdir()
    (omerodir / "lib/server").mkdir(parents=True)
    (omerodir / "lib/server/postgresql.jar").touch()
    (omerodir / "venv3/bin").mkdir(parents=True)
    for path in [*(folder / name for name in PROGRAMS), omerodir / "venv3/bin/python"]:
        path.write_text(RECORDER.format(log=log, status=status))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    arguments, _ = arrange("--env", tmp_path, monkeypatch, Cage())
    asked = ("--with-consumers",) if command == "check" else ("--verify", "-o", str(tmp_path / "out"))
    result = omerogen(command, *asked, "--omerodir", omerodir, *arguments)
    search.result((command,), result)
    seen = log.read_text(errors="replace")
    for program in PROGRAMS[:3] if status else (*PROGRAMS[:-1],):
        assert f"/{program}" in seen
    assert f"{omerodir}/venv3/bin/python" in seen
    search.text("arguments and environments", seen)


SAYS = """#!/bin/sh
for file in "$@"; do file=${{file#@}}; test -f "$file" && cat "$file"; done
find . -type f ! -name log ! -name output -exec cat {{}} + 2>/dev/null | tr '\\n' ' '
echo 'Registry.Client ready'
case "$*" in *"import django"*) exit 0;; esac
exit 1
"""


@pytest.mark.usefixtures("scratch", "unfenced")
def test_what_programs_say_is_searched_too(omerogen, tmp_path, monkeypatch, search):
    """One that repeats the whole file that it was given, in the message by which it refuses."""
    folder = tmp_path / "bin"
    folder.mkdir()
    omerodir = tmp_path / "omero"
    (omerodir / "venv3/bin").mkdir(parents=True)
    for path in [*(folder / name for name in PROGRAMS), omerodir / "venv3/bin/python"]:
        path.write_text(SAYS.format())
        path.chmod(0o755)
    (folder / "openssl").write_text("#!/bin/sh\n")  # without a certificate the router would not be asked
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    consumers = ("java", "nginx", "icegrid", "django")
    for form in ("text", "json"):
        command = ("check", "--format", form, "--omerodir", omerodir, "--with-consumers", *consumers)
        result = omerogen(*command, *arguments)
        assert result.status == 1
        search.result(("check",), result)
    refused = [found for found in json.loads(result.out)["findings"] if found["id"].startswith("refused-by")]
    assert {found["id"].rpartition("-")[2] for found in refused} == set(consumers)
    hidden = {found["id"].rpartition("-")[2] for found in refused if "********" in found["message"]}
    assert hidden >= {"java", "nginx", "django"}


@pytest.mark.slow
@pytest.mark.usefixtures("scratch")
def test_the_real_programs_show_no_canary(omerogen, tmp_path, monkeypatch, search):
    """Those that are installed, with their arguments and environments as they are started."""
    started = []
    real = subprocess.Popen.__init__

    def recording(process, arguments, *more, **options):
        started.append(json.dumps([list(map(str, arguments)), dict(options.get("env") or os.environ)]))
        real(process, arguments, *more, **options)

    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    monkeypatch.setattr(subprocess.Popen, "__init__", recording)

    def here(work):
        folder = tmp_path / f"scratch{len(started)}"
        folder.mkdir()
        return work(folder, Namespaces())

    monkeypatch.setattr(guard, "guarded", here)  # in this process, to see what is started
    out = ("-o", str(tmp_path / "out"))
    for command in (("check", "--with-consumers"), ("build", "--verify", *out)):
        search.result(command, omerogen(*command, *arguments))
    assert started
    search.text("arguments and environments", "\n".join(started))
    search.folder(tmp_path / "out")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("jdbc",), 0),
        (("check",), 0),
        (("explain", "omero.db.pass"), 0),
        (("jdbc", "--set", "omero.db.port=${omero.db.pass}"), 2),
    ],
)
def test_real_processes_show_no_canary(command, status, tmp_path, search):
    """As they are started by an administrator."""
    cage = Cage()
    arguments, variables = source("--env", site(cage, tmp_path), tmp_path)
    environment = {**{k: v for k, v in os.environ.items() if k != "OMERODIR"}, **variables}
    done = subprocess.run(
        [sys.executable, "-m", "omerogen", *command, *arguments],
        env=environment,
        capture_output=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode in (status, 1), done.stderr
    search.text((*command, "stdout"), done.stdout.decode())
    search.text((*command, "stderr"), done.stderr.decode())
