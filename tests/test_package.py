"""The package as users get it: a wheel in a clean environment renders everything."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import omerogen

ROOT = Path(__file__).parent.parent


def test_the_version_is_in_one_place():
    """The command, the package and what is installed agree."""
    version = run_python("-m", "omerogen", "--version")
    assert version == f"omerogen {omerogen.__version__}\n"
    written = [path for path in tracked() if f'"{omerogen.__version__}"' in path.read_text(errors="replace")]
    assert [path.name for path in written if path.suffix in (".py", ".toml")] == ["version.py"]


def tracked() -> list[Path]:
    """The files of the package, and how it is built."""
    return [ROOT / "pyproject.toml", *(ROOT / "generator").rglob("*.py")]


def run_python(*arguments: str, **options) -> str:
    """Run this Python; what it printed."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, timeout=300, capture_output=True, text=True, **options).stdout


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
        "catalog/history.tsv",
        "catalog/releases.tsv",
        "cli/completions/omerogen.bash",
        "py.typed",
        "verify/ParseUrl.java",
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
    assert len(done.stderr.splitlines()) == 16
    golden = ROOT / "tests/golden/site/out"
    for path in golden.rglob("*"):
        if path.is_file():
            assert (tmp_path / "out" / path.relative_to(golden)).read_bytes() == path.read_bytes()
    completion = [str(tmp_path / "venv/bin/omerogen"), "completion", "bash"]
    assert subprocess.run(completion, check=True, timeout=60, capture_output=True).stdout


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_wheel_has_the_version(wheel):
    """In its name, and in its metadata."""
    metadata = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("/METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    assert f"\nVersion: {omerogen.__version__}\n" in text
    assert wheel.name.startswith(f"omerogen-{omerogen.__version__}-")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_sdist_has_all_that_its_tests_need(tmp_path):
    """Unpacked and read-only it generates its files and collects its tests; what is run there is there."""
    build = "import sys; from hatchling.build import build_sdist; print(build_sdist(sys.argv[1]))"
    backend = tmp_path / "backend"
    run_python("-m", "pip", "install", "--quiet", "--target", str(backend), "hatchling")
    environment = {**os.environ, "PYTHONPATH": str(backend)}
    name = run_python("-c", build, str(tmp_path), cwd=ROOT, env=environment).splitlines()[-1]
    with tarfile.open(tmp_path / name) as archive:
        archive.extractall(tmp_path, filter="data")
    tree = tmp_path / name.removesuffix(".tar.gz")
    for needed in (
        "tools/generate.py",
        "benchmarks/startup.py",
        "tests/programs.sh",
        "Makefile",
        "CHANGELOG.md",
    ):
        assert (tree / needed).is_file(), needed
    environment = {**os.environ, "PYTHONPATH": str(tree / "generator"), "PYTHONDONTWRITEBYTECODE": "1"}
    run_python("tools/generate.py", "--check", cwd=tree, env=environment)
    collect = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    run_python(*collect, cwd=tree, env=environment)
    assert files_of(tree) == files_of(ROOT)


def files_of(tree: Path) -> set[Path]:
    """The files that tests are, and what they need."""
    files = (path.relative_to(tree) for path in (tree / "tests").rglob("*") if path.is_file())
    return {path for path in files if "__pycache__" not in path.parts}
