"""Templates that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.installation import SHIPPED


@pytest.fixture
def copy(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the templates, with changes ``(path, old, new)``."""

    def make(*changes: tuple[str, str, str]) -> Path:
        folder = tmp_path / "templates"
        shutil.copytree(SHIPPED, folder)
        for path, old, new in changes:
            data = (folder / path).read_bytes()
            assert old.encode() in data
            (folder / path).write_bytes(data.replace(old.encode(), new.encode()))
        return folder

    return make
