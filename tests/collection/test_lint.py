"""The collection is as Ansible wants it: ansible-lint, ansible-doc, and a build that is complete."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from support.ansible import COLLECTION

pytestmark = pytest.mark.slow


def test_ansible_lint(ansible):
    """The profile for collections that are in production."""
    done = ansible.run("ansible-lint", "--offline", "--profile", "production", cwd=ansible.collection)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_collection_builds(ansible, tmp_path):
    """With all of its files, and nothing else."""
    done = ansible.run("ansible-galaxy", "collection", "build", ansible.collection, "--output-path", tmp_path)
    assert done.returncode == 0, done.stderr
    [built] = tmp_path.glob("omerogen-omero-*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name for name in archive.getnames() if Path(name).suffix}
    paths = (path for path in COLLECTION.rglob("*.*") if "__pycache__" not in path.parts)
    own = {str(path.relative_to(COLLECTION)) for path in paths}
    assert names == own - {"galaxy.yml"} | {"FILES.json", "MANIFEST.json"}


@pytest.mark.parametrize("name", ["omerogen_build", "omerogen_check", "omerogen_property"])
def test_ansible_doc(ansible, name):
    """Each plugin has a page with the parameters that they share."""
    kind = "lookup" if name == "omerogen_property" else "module"
    done = ansible.run("ansible-doc", "--type", kind, f"omerogen.omero.{name}")
    assert done.returncode == 0, done.stderr
    assert "role_variables" in done.stdout
