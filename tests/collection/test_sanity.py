"""ansible-test sanity: all of its tests that run without a container."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.timeout(600)
def test_ansible_test_sanity(sanity):
    """Each test ran, in the Python of the tools, and accepted the collection."""
    tests, process, log = sanity
    assert process.wait(500) == 0, log.read_text()
    ran = {line.split('"')[1] for line in log.read_text().splitlines() if line.startswith("Running sanity")}
    assert ran == tests
    assert len(ran) >= 20
