"""The README's promise, kept: a new artifact is three places, in a copy of the checkout that has one more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COPIED = ("generator", "templates", "tests", "fuzz", "tools", "docs", "examples", "pyproject.toml")
#: The tests that go through all artifacts, whichever there are.
NAMES = (
    "architecture build check cli drift reload explain fuzz golden inputs properties public secret_files"
    " templates"
)
TESTS = [f"tests/test_{name}.py" for name in NAMES.split()]
TESTS += ["tests/sources/test_formats.py", "tests/leaks/test_commands.py"]

MODULE = '''"""Where the database is, in a sentence."""

from __future__ import annotations

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.database import DB_HOST
from omerogen.derive.fields import Context, field
from omerogen.derive.options import format_option


class GreetingContext(Context):
    """Fields of a sentence."""

    @field
    def database(self) -> str:
        """The host of the database."""
        return self.settings.text(DB_HOST)


ARTIFACT = Artifact(
    "greeting",
    GreetingContext,
    lambda options: f"greeting/hello.{options['format']}.j2",
    always(File("greeting/hello.properties")),
    options=(format_option("properties", "json"),),
    examples=({}, {"format": "json"}),
)
'''
TEMPLATES = {"properties": "hello={{ greeting.database }}\n", "json": "{{ greeting.database }}\n"}
LINE = '    "greeting": "where the database is",\n'


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of this checkout with the artifact ``greeting``: a module, its templates, a line."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        whole = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        whole(ROOT / name, copy / name)
    package = copy / "generator/omerogen"
    (package / "artifacts/greeting.py").write_text(MODULE, encoding="utf-8")
    (copy / "templates/greeting").mkdir()
    for suffix, text in TEMPLATES.items():
        (copy / f"templates/greeting/hello.{suffix}.j2").write_text(text, encoding="utf-8")
    listed = package / "artifacts/__init__.py"
    before, brace, after = listed.read_text(encoding="utf-8").partition("\n}\n")
    listed.write_text(f"{before}\n{LINE}}}\n{after}" if brace else "", encoding="utf-8")
    return copy


def run(checkout: Path, *arguments: str) -> str:
    """Run Python with the copy's package, and no other's; what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "generator")}
    environment.pop("OMERODIR", None)
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=checkout,
        env=environment,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_command_and_its_file_follow(checkout):
    """With its options, the sources, a place in the help, and what it was made of in the manifest."""
    omerogen = ("-m", "omerogen")
    override = ("--set", "omero.db.host=here")
    assert run(checkout, *omerogen, "greeting", *override) == "hello=here\n"
    assert run(checkout, *omerogen, "greeting", "--format", "json", *override) == '"here"\n'
    assert "print where the database is" in run(checkout, *omerogen, "--help")
    run(checkout, *omerogen, "build", "-o", "out", *override)
    assert (checkout / "out/greeting/hello.properties").read_text() == "hello=here\n"
    entry = json.loads((checkout / "out/manifest.json").read_text())["files"]["greeting/hello.properties"]
    assert (entry["artifact"], entry["properties"]) == ("greeting", ["omero.db.host"])
    assert "greeting" in run(checkout, *omerogen, "explain", "omero.db.host")


@pytest.mark.slow
def test_its_tests_follow(checkout):
    """After ``make docs golden`` all that goes through every artifact takes it, and no test was touched."""
    pytest_ = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
    run(checkout, "-m", "omerogen.templating.precompile")
    run(checkout, "tools/generate.py")
    run(checkout, *pytest_, "tests/test_golden.py", "--update-golden")
    assert (
        checkout / "tests/golden/site/out/greeting/hello.properties"
    ).read_text() == "hello=db.example.org\n"
    run(checkout, *pytest_, "-m", "not slow", *TESTS)
