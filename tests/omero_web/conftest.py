"""The real OMERO.web: with Ice where ``make test-omero`` has compiled it, else with stand-ins for it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import omerogen
from support.omero_web import Installed, OmeroWeb
from support.programs import accepted, free_port, missing, run

#: The folder of a virtual environment with all of OMERO.web (see install.sh).
REAL = os.environ.get("OMERO_WEB")
#: OMERO.web, its plugins, and what they need besides Ice.
_WITHOUT_ICE = (
    "omero-py==5.23.0 omero-web==5.33.2 omero-iviewer omero-figure omero-mapr omero-fpbioimage omero-parade"
    " omero-gallery omero-signup omero-forms omero-webtest omero-autotag omero-tagsearch"
).split()
_BESIDES = (
    "django==5.2.* gunicorn gevent concurrent-log-handler django-pipeline django-cors-headers whitenoise"
    " django-redis Pillow pytz portalocker packaging importlib-resources numpy PyYAML requests appdirs"
    " future setuptools"
).split()
_BUILT = ("django", "gunicorn", "nginx", "systemd")


@pytest.fixture(scope="session")
def omero_web(tmp_path_factory: pytest.TempPathFactory) -> OmeroWeb:
    """The real OMERO.web."""
    if REAL:
        return OmeroWeb(Path(REAL).absolute() / "bin", is_whole=True)
    folder = Path(tmp_path_factory.mktemp("omero_web"))
    accepted([sys.executable, "-m", "venv", "--without-pip", folder])
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet"]
    for words in (("--no-deps", *_WITHOUT_ICE), _BESIDES):
        done = run([*pip, "--disable-pip-version-check", *words], timeout=280)
        if done.returncode:
            missing(f"OMERO.web ({done.stderr.strip()[-300:]})")
    return OmeroWeb(folder / "bin", is_whole=False)


@pytest.fixture
def installed(tmp_path: Path) -> Any:
    """Makes an OMERO directory with what is built from these properties."""

    def install(properties: dict[str, Any], name: str = "omero", **options: Any) -> Installed:
        omerodir, source, built = (tmp_path / end for end in (name, f"{name}.json", f"{name}-built"))
        for folder in ("etc/grid", "var/log"):
            (omerodir / folder).mkdir(parents=True)
        source.write_text(json.dumps(properties))
        settings = omerogen.load(source, omerodir=omerodir)
        omerogen.build(settings, str(built), only=_BUILT, **options)
        return Installed(omerodir, built, settings)

    return install


@pytest.fixture
def ports() -> tuple[int, int]:
    """A port for OMERO.web, and one for nginx."""
    return free_port(), free_port()
