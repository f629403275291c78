"""The collection, installed for the tests of this folder."""

from __future__ import annotations

import pytest

from support.ansible import Ansible


@pytest.fixture(scope="session")
def ansible(tmp_path_factory) -> Ansible:
    """Ansible with the collection."""
    return Ansible(tmp_path_factory.mktemp("ansible"))
