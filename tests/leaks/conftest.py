"""A search, and a folder for what is written on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from support.searching import Search


@pytest.fixture
def search() -> Search:
    """A search."""
    return Search()


@pytest.fixture
def scratch(tmp_path, monkeypatch, omerogen) -> Path:  # noqa: ARG001 - which sets the folder too
    """A folder for what the tool writes on the way."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
