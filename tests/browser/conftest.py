"""Reports in a browser: one browser for all tests, a fresh page for each, which must not complain."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import omerogen
from support import programs
from support.browsers import Visit, chromium
from support.files import SITE
from support.hostile import ACCEPTED, REFUSED

SIZE = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def program() -> str:
    """The browser, and what drives it."""
    for module in ("playwright", "axe_playwright_python", "pygments"):
        if find_spec(module) is None:
            programs.missing(module)
    return programs.find("chromium")


@pytest.fixture(scope="session")
def browser(program: str) -> Iterator[Any]:
    """A browser."""
    with chromium(program) as made:
        yield made


@pytest.fixture(scope="session")
def context(browser: Any) -> Any:
    """What all pages share."""
    return browser.new_context(viewport=SIZE)


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a site, of two with 300 hostile properties, and of one in which artifacts are missing."""
    folder = tmp_path_factory.mktemp("reports")
    sites = {
        "site": omerogen.load(SITE),
        "hostile": omerogen.load(overrides=ACCEPTED),
        "wrong": omerogen.load(overrides=REFUSED),
        "refused": omerogen.load(
            overrides={"omero.db.port": "<b>x", "omero.web.application_server": "development"}
        ),
    }
    paths = {name: folder / f"{name}.html" for name in sites}
    for name, settings in sites.items():
        paths[name].write_text(omerogen.report(settings).html, encoding="utf-8")
    return paths


@pytest.fixture
def visit(context: Any, reports: dict[str, Path]) -> Iterator[Any]:
    """Open a report; it complains of nothing, and nothing but the file is loaded."""
    visits = []

    def open_report(name: str = "site") -> Any:
        visits.append((Visit(context, reports[name]), reports[name].as_uri()))
        return visits[-1][0].ready()

    yield open_report
    for visited, address in visits:
        visited.page.close()
        assert visited.complaints == []
        assert {request.partition("#")[0] for request in visited.requests} == {address}
