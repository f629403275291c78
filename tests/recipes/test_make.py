"""The rules, run by make; in place of nginx's reload a line is added to a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.ansible import OMEROGEN
from support.files import EXAMPLES
from support.programs import accepted, find, run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the rules and a site."""
    shutil.copy(EXAMPLES / "make/Makefile", tmp_path)
    shutil.copy(EXAMPLES / "site.config.xml", tmp_path)
    return tmp_path


def made(site: Path, *targets: str) -> list[str]:
    """The words that run make there."""
    return [find("make"), "-C", str(site), f"OMEROGEN={OMEROGEN}", "RELOAD=echo reloaded >> log", *targets]


def change(site: Path, old: str, new: str) -> None:
    path = site / "site.config.xml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def reloads(site: Path) -> int:
    return (site / "log").read_text().count("reloaded")


def test_the_second_run_does_nothing(site: Path) -> None:
    accepted(made(site))
    assert (site / "out/nginx/omero.conf").exists()
    before = sorted((path, path.stat().st_mtime_ns) for path in site.rglob("*") if path.is_file())
    assert "Nothing to be done" in accepted(made(site))
    assert before == sorted((path, path.stat().st_mtime_ns) for path in site.rglob("*") if path.is_file())
    assert reloads(site) == 1


def test_nginx_is_reloaded_for_its_own_changes(site: Path) -> None:
    accepted(made(site))
    change(site, 'name="omero.db.user" value="omero"', 'name="omero.db.user" value="other"')
    accepted(made(site))
    assert reloads(site) == 1
    change(site, 'value="/omero"', 'value="/other"')
    accepted(made(site))
    assert reloads(site) == 2
    assert "/other" in (site / "out/nginx/omero.conf").read_text()


def test_a_wrong_property_stops_make(site: Path) -> None:
    """It is tried again at the next run."""
    change(site, 'value="/omero"', 'value="other"')
    for _ in range(2):
        done = run(made(site))
        assert done.returncode == 2
        assert "omero.web.prefix" in done.stderr
    assert not (site / "log").exists()


def test_a_reviewer_sees_what_is_stale(site: Path) -> None:
    accepted(made(site))
    accepted(made(site, "check"))
    change(site, 'value="/omero"', 'value="/other"')
    done = run(made(site, "check"))
    assert done.returncode == 2
    assert "nginx/omero.conf" in done.stdout + done.stderr


def test_what_was_removed_is_built_again(site: Path) -> None:
    """And omerogen.toml is a source, too."""
    accepted(made(site))
    shutil.rmtree(site / "out")
    accepted(made(site))
    assert (site / "out/nginx/omero.conf").exists()
    (site / "omerogen.toml").write_text('upstream = "127.0.0.1:4999"\n')
    accepted(made(site))
    assert "127.0.0.1:4999" in (site / "out/nginx/omero.conf").read_text()
    assert "Nothing to be done" in accepted(made(site))
