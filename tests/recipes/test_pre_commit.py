"""The hooks, installed and run by pre-commit from a clone of this checkout, in the repository of a site."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.ansible import tool
from support.programs import accepted, environment, find, run
from support.recipes import OMEROGEN, RECIPES, replaced

pytestmark = pytest.mark.slow  # pre-commit makes a virtual environment

ROOT = RECIPES.parent
#: What the wheel is made of, and the hooks.
SOURCES = (
    "generator", "templates", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml",
)  # fmt: skip
SITE = {
    "omero.jvmcfg.system_memory": "16000",
    "omero.db.host": "db",
    "omero.db.pass": "file:/nowhere/pass",
}


def git(folder: Path, *words: str) -> CompletedProcess[str]:
    """Run git in a repository, without the settings of this machine."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    variables = environment(PRE_COMMIT_HOME=str(folder.parent / "hooks"), **own)
    variables["PATH"] = os.pathsep.join([str(OMEROGEN.parent), variables["PATH"]])
    return run([find("git"), *identity, *words], cwd=folder, env=variables, timeout=200)


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
    text = (RECIPES / "pre-commit/.pre-commit-config.yaml").read_text()
    config = replaced(text, {"https://git.example.org/omerogen": ours})
    (folder / ".pre-commit-config.yaml").write_text(config)
    (folder / "omerogen.toml").write_text('config = "site.properties"\n')
    write(folder, SITE)
    return folder


def write(folder: Path, properties: dict[str, str]) -> None:
    """Write the properties of the site."""
    lines = [f"{name}={value}\n" for name, value in properties.items()]
    (folder / "site.properties").write_text("".join(lines))


def test_pre_commit_reads_both_files() -> None:
    accepted([tool("pre-commit"), "validate-manifest", ROOT / ".pre-commit-hooks.yaml"])
    accepted([tool("pre-commit"), "validate-config", RECIPES / "pre-commit/.pre-commit-config.yaml"])


def test_commits_with_problems_are_stopped(site: Path) -> None:
    """A wrong property, then files that are out of date, then neither."""
