"""A search, and a folder for what is written on the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from omerogen.verify import namespaces
from omerogen.verify.namespaces import Namespaces
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


@pytest.fixture
def unfenced(monkeypatch) -> None:
    """Programs that may write, so that the test hears of what they are given."""
    monkeypatch.setattr(namespaces, "enter", lambda _: Namespaces())
