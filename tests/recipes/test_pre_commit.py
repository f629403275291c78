"""The hooks, installed and run by pre-commit from a clone of this checkout, in the repository of a site."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.ansible import OMEROGEN, tool
from support.files import EXAMPLES
from support.programs import accepted, environment, find, run
from support.recipes import replaced

pytestmark = pytest.mark.slow  # pre-commit makes a virtual environment

ROOT = EXAMPLES.parent
#: What the wheel is made of, and the hooks.
SOURCES = "generator templates hatch_build.py pyproject.toml README.md LICENSE .pre-commit-hooks.yaml".split()


def variables(folder: Path) -> dict[str, str]:
    """The environment of git and pre-commit, without the settings of this machine."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return environment(PRE_COMMIT_HOME=str(folder.parent / "hooks"), **own)


def git(folder: Path, *words: str) -> CompletedProcess[str]:
    """Run git in a repository; making the environment of the hooks takes a while."""
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    return run([find("git"), *identity, *words], cwd=folder, env=variables(folder), timeout=200)


def committed(folder: Path, message: str) -> CompletedProcess[str]:
    """Commit everything."""
    git(folder, "add", "--all")
    return git(folder, "commit", "-m", message)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of a site with the hooks, and what its properties make."""
    place = tmp_path_factory.mktemp("pre-commit")
    ours, folder = place / "omerogen", place / "site"
    for made in (ours, folder):
        made.mkdir()
        assert git(made, "init").returncode == 0
    unwanted = shutil.ignore_patterns("__pycache__", "compiled")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, ours / name, ignore=unwanted)
        else:
            shutil.copy(source, ours)
    assert committed(ours, "omerogen").returncode == 0
    assert git(ours, "tag", "v0.1.0").returncode == 0
    text = (EXAMPLES / "pre-commit/.pre-commit-config.yaml").read_text()
    config = replaced(text, {"https://git.example.org/omerogen": ours})
    (folder / ".pre-commit-config.yaml").write_text(config)
    (folder / "omerogen.toml").write_text('config = "site.properties"\n')
    assert committed(folder, "A site").returncode == 0
    accepted([tool("pre-commit"), "install"], cwd=folder, env=variables(folder))
    return folder


def test_pre_commit_reads_both_files() -> None:
    accepted([tool("pre-commit"), "validate-manifest", ROOT / ".pre-commit-hooks.yaml"])
    accepted([tool("pre-commit"), "validate-config", EXAMPLES / "pre-commit/.pre-commit-config.yaml"])


def test_commits_with_problems_are_stopped(site: Path) -> None:
    """A property that is wrong, then a file that is out of date; nothing is committed. Then neither is."""
    (site / "site.properties").write_text("omero.web.prefix=omero\n")
    wrong = committed(site, "A wrong property")
    assert wrong.returncode == 1
    assert "error: site.properties:1: omero.web.prefix 'omero'" in wrong.stdout + wrong.stderr

    (site / "site.properties").write_text("omero.web.prefix=/omero\n")
    stale = committed(site, "A file that is missing")
    assert stale.returncode == 1
    assert re.search(r"^omerogen check\.+Passed$", stale.stderr, re.MULTILINE), stale.stderr
    assert "out/nginx/omero.conf: missing" in stale.stderr
    assert git(site, "log", "--format=%s").stdout == "A site\n"

    accepted([OMEROGEN, "build", "--only", "nginx"], cwd=site)
    accepted_commit = committed(site, "A prefix")
    assert accepted_commit.returncode == 0, accepted_commit.stderr
    assert git(site, "log", "--format=%s").stdout == "A prefix\nA site\n"
