"""Commands are run for what changed: once each, also where a run was killed in between."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from support.builds import BUILD, CHANGED, written_by_hand
from support.files import EXAMPLES


@pytest.fixture
def out(omerogen, tmp_path) -> Path:
    """The folder that a build of the site wrote."""
    assert omerogen(*BUILD, "-o", tmp_path / "out").status == 0
    return tmp_path / "out"


def test_a_command_is_run_when_a_file_changed(omerogen, out, tmp_path):
    """Of any artifact, or of the one that is named; not when nothing changed."""
    log = tmp_path / "log"

    def run(*more: str) -> list[str]:
        log.write_text("")
        commands = ("--reload", f"echo any >> {log}", "--reload", f"nginx=echo nginx >> {log}")
        again = ("--reload", f"jdbc=A=1; echo jdbc$A >> {log}")
        assert omerogen(*BUILD, "-o", out, *commands, *again, *more).status == 0
        return log.read_text().split()

    assert run() == []
    assert run("--set", "omero.db.host=other") == ["any", "jdbc1"]
    assert run("--set", "omero.db.host=other") == []
    assert run("--set", "omero.db.host=other", *CHANGED) == ["any", "nginx"]
    assert run("--set", "omero.web.application_server=development") == ["any", "nginx", "jdbc1"]


def test_a_command_knows_the_folder(omerogen, out, tmp_path):
    """Whose files changed: several sites have the same command."""
    command = f'printf %s "$OMEROGEN_FOLDER" > {tmp_path}/log'
    assert omerogen(*BUILD, "-o", out, *CHANGED, "--reload", command).status == 0
    assert (tmp_path / "log").read_text() == str(out)


def test_looking_runs_nothing(omerogen, out, tmp_path):
    """Neither with ``--check`` nor with ``--diff``: they say which commands would be run."""
    command = f"touch {tmp_path}/run"
    for flag in ("--check", "--diff"):
        for artifact, is_due in (("nginx=", True), ("icegrid=", False), ("", True)):
            result = omerogen(*BUILD, "-o", out, *CHANGED, flag, "--reload", artifact + command)
            where = f"--reload {artifact[:-1]}".rstrip()
            assert (f"{where}: would be run\n" in result.err) == is_due
        assert "unknown artifact" in omerogen(*BUILD, "-o", out, flag, "--reload", "ngnix=x").err
    assert not (tmp_path / "run").exists()


def test_a_command_that_fails_is_reported(omerogen, out):
    """The files are written all the same; exit 1, and the others are run."""
    result = omerogen(
        *BUILD, "-o", out, *CHANGED, "--reload", "nginx=echo heard; exit 3", "--reload", "echo too"
    )
    assert result.status == 1
    assert (
        "--reload nginx: the command ended with 3 (the files are written; the next build runs it again)"
        in result.err
    )
    assert (out / "nginx/omero.conf").read_text().count("/x")


def test_what_no_build_is_known_to_have_written_stays(omerogen, tmp_path):
    """A site without nginx has no use for such a file, but it may be somebody's own."""
    out = tmp_path / "out"
    (out / "nginx").mkdir(parents=True)
    (out / "nginx/omero.conf").write_text("mine")
    result = omerogen(*BUILD, "-o", out, "--set", "omero.web.application_server=development")
    assert result.status == 0
    assert (out / "nginx/omero.conf").read_text() == "mine"
    assert f"{out}/nginx/omero.conf" not in result.err


def test_a_command_is_run_for_what_goes_away(omerogen, out, tmp_path):
    """Also where the run that took it away was killed, and no manifest tells of it any more."""
    gone = ("--set", "omero.web.application_server=development", "-o", out)
    run = ("--reload", f"nginx=touch {tmp_path}/run")
    written_by_hand(out, "nginx/omero.conf")
    result = omerogen(*BUILD, *gone)
    assert f"{out}/nginx/omero.conf: had been edited by hand; the edits were overwritten" in result.err
    (out / ".omerogen-changed").write_text("somebody\nnginx/omero.conf\njdbc/url.txt\n")
    assert omerogen(*BUILD, *gone, *run).status == 0
    assert (tmp_path / "run").exists()
    assert (out / ".omerogen-changed").read_text().splitlines()[1:] == [
        "jdbc/url.txt"
    ]  # for who is to hear of it


@pytest.mark.parametrize("planted", ["link", "folder", "pipe", "large", "odd"])
def test_a_word_of_what_changed_that_is_none_is_refused_or_ignored(planted, omerogen, out, tmp_path):
    """It is named; nothing of it reaches a terminal, and not all of it is read."""
    path = out / ".omerogen-changed"
    if planted == "link":
        path.symlink_to("/etc/passwd")
    elif planted == "folder":
        path.mkdir()
    elif planted == "pipe":
        os.mkfifo(path)
    elif planted == "large":
        with path.open("wb") as file:
            file.truncate(2**40)
    else:
        path.write_text("x\nnginx/\x1b]0;owned\x07\n")
    result = omerogen(*BUILD, "-o", out, *CHANGED, "--reload", f"touch {tmp_path}/run")
    if planted in ("large", "odd"):
        assert (result.status, (tmp_path / "run").exists(), "\x1b" in result.err) == (0, True, False)
    else:
        assert result.status == 2
        assert f"{path}: " in result.err


def test_a_command_that_failed_is_run_again(omerogen, out, tmp_path):
    """By the next build, with the command that it is given, though nothing has changed; others are not."""
    counting = f"echo x >> {tmp_path}/count"
    hooks = ("--reload", "nginx=false", "--reload", f"django={counting}")
    assert omerogen(*BUILD, "-o", out, *CHANGED, *hooks).status == 1
    again = omerogen(*BUILD, "-o", out, *CHANGED, "--reload", f"nginx=touch {tmp_path}/again", *hooks[2:])
    assert (again.status, f"{out}/nginx/omero.conf" in again.err) == (0, True)
    assert (tmp_path / "again").exists()
    assert (tmp_path / "count").read_text() == "x\n"
    assert "up to date" in omerogen(*BUILD, "-o", out, *CHANGED, *hooks).err


def test_of_two_runs_each_forgets_its_own(omerogen, out, tmp_path):
    """The word of one that was killed stays, though another ends after it began."""
    word = out / ".omerogen-changed"
    killed = f"cp {word} {tmp_path}/kept; printf 'other\\nnginx/omero.conf\\n' > {word}"
    assert omerogen(*BUILD, "-o", out, *CHANGED, "--reload", killed).status == 0
    kept = (tmp_path / "kept").read_text().splitlines()[1:]
    assert kept == ["django/omeroweb_settings.py", "gunicorn/gunicorn.conf.py", "nginx/omero.conf"]
    assert omerogen(*BUILD, "-o", out, *CHANGED, "--reload", f"touch {tmp_path}/run").status == 0
    assert (tmp_path / "run").exists()


def test_a_journal_that_cannot_be_cleared_is_reported(omerogen, out):
    """With the files that are new, and what it leads to."""
    breaking = f"rm {out}/.omerogen-changed; mkdir {out}/.omerogen-changed"
    result = omerogen(*BUILD, "-o", out, *CHANGED, "--reload", breaking)
    assert result.status == 1
    assert f"{out}/nginx/omero.conf\n" in result.err
    assert f"{out}/.omerogen-changed: cannot be removed: Is a directory (remove it: else" in result.err


@pytest.fixture
def _interruptible():
    """SIGINT interrupts, also where the tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
def test_who_was_stopped_before_the_command_ran_runs_it_the_next_time(omerogen, tmp_path, monkeypatch):
    """The files are new then, but nobody has heard of it; once is enough."""
    out, log = tmp_path / "out", tmp_path / "log"
    omerogen(*BUILD, "-o", out)
    words = (
        *BUILD,
        "-o",
        out,
        *CHANGED,
        "--reload",
        f"nginx=echo heard >> {log}",
        "--reload",
        f"jdbc=rm {log}",
    )
    with monkeypatch.context() as patch:
        patch.setattr("omerogen.sites.hooks.Hook.run", lambda *_: os.kill(os.getpid(), signal.SIGINT))
        assert omerogen(*words).status == 130
    looked = omerogen(*words, "--check")
    assert looked.status == 0
    assert "--reload nginx: would be run\n" in looked.err
    for _ in range(2):
        assert omerogen(*words).status == 0
        assert log.read_text() == "heard\n"
    assert not list(out.glob(".omerogen*"))


@pytest.mark.slow
def test_a_command_that_hangs_or_dies_is_reported(omerogen, out, tmp_path, monkeypatch):
    """With all that it has started: nothing is left running."""
    monkeypatch.setattr("omerogen.sites.hooks.SECONDS", 0.3)
    slow = f"(sleep 1; touch {tmp_path}/late) & sleep 60"
    result = omerogen(*BUILD, "-o", out, *CHANGED, "--reload", slow, "--reload", "nginx=kill -9 $$")
    assert result.status == 1
    assert "--reload: the command did not end within 0.3 s" in result.err
    assert "--reload nginx: the command was ended by SIGKILL" in result.err
    time.sleep(1.2)
    assert not (tmp_path / "late").exists()


def test_a_command_for_no_artifact_is_refused(omerogen, tmp_path):
    """A slip is not taken for a variable of the shell."""
    result = omerogen(*BUILD, "-o", tmp_path / "out", "--reload", "nignx=nginx -s reload")
    assert result.status == 2
    assert "--reload nignx: unknown artifact (there are: jvm, nginx" in result.err


@pytest.mark.parametrize("command", ["", "  ", "nginx=", "nginx= "])
def test_a_command_that_is_none_is_refused_before_anything_is_written(command, omerogen, tmp_path):
    """Exit 2."""
    result = omerogen(*BUILD, "-o", tmp_path / "out", "--reload", command)
    assert result.status == 2
    assert "--reload: has no command (give CMD, or ARTIFACT=CMD)" in result.err
    assert not (tmp_path / "out").exists()


def test_filling_in_templates_runs_a_command_too(omerogen, tmp_path):
    """Whatever changed below ``etc``."""
    words = ("rewrite", "--templates", EXAMPLES / "OMERO.server/etc/templates", "-o", tmp_path / "etc")
    run = ("--reload", f"touch {tmp_path}/run", "--set", "omero.jvmcfg.system_memory=16000")
    omerogen(*words, *run)
    assert (tmp_path / "run").exists()
    (tmp_path / "run").unlink()
    omerogen(*words, *run)
    assert not (tmp_path / "run").exists()
