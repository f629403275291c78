"""The package as users get it: a wheel in a clean environment renders everything."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, timeout=300, capture_output=True)
    [path] = folder.glob("*.whl")
    return path


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_wheel_has_templates_and_nothing_generic(wheel):
    """Everything is below ``omerogen/``; templates, completion scripts and types ride along."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "omerogen",
        wheel.name.split("-py3")[0] + ".dist-info",
    }
    for needed in (
        "templates/nginx/server.conf.j2",
        "cli/completions/omerogen.bash",
        "py.typed",
        "consumers/ParseUrl.java",
    ):
        assert f"omerogen/{needed}" in names


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_wheel_builds_a_site_in_a_clean_environment(wheel, tmp_path):
    """With nothing but its declared dependencies, far from the checkout."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    python = tmp_path / "venv/bin/python"
    install = [str(python), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(install, check=True, timeout=300, capture_output=True)
    config = tmp_path / "config.xml"
    config.write_bytes((ROOT / "tests/data/site.config.xml").read_bytes())
    build = [str(tmp_path / "venv/bin/omerogen"), "build", "-c", str(config)]
    done = subprocess.run(build, cwd=tmp_path, check=True, timeout=60, capture_output=True, text=True)
    assert len(done.stderr.splitlines()) == 14
    golden = ROOT / "tests/golden/site/out"
    for path in golden.rglob("*"):
        if path.is_file():
            assert (tmp_path / "out" / path.relative_to(golden)).read_bytes() == path.read_bytes()
    completion = [str(tmp_path / "venv/bin/omerogen"), "completion", "bash"]
    assert subprocess.run(completion, check=True, timeout=60, capture_output=True).stdout
