"""OMERO's own nginx configurations, from the templates in the releases of omero-web.

The templates are AGPL: they are downloaded from PyPI into ``.cache``, which git ignores, and never committed.
``tests/data/omero-web-templates.tsv`` has the hash of each template in each release.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support.files import DATA
from support.programs import run

_CACHE = Path(__file__).parent.parent.parent / ".cache/omero-web"
_HASHES = DATA / "omero-web-templates.tsv"
KINDS = {"nginx": "server", "nginx-development": "standalone", "nginx-location": "location"}
OMERODIR = "/opt/omero/web/OMERO.web"
EXTRA = "omero.web.nginx_server_extra_config"


def hashes() -> dict[str, dict[str, str]]:
    """By release of omero-web, the hash of the template of each kind."""
    with _HASHES.open(encoding="utf-8", newline="") as file:
        return {row.pop("release"): row for row in csv.DictReader(file, delimiter="\t")}


def distinct() -> list[str]:
    """The first release with each template that differs from all earlier ones, and the newest release."""
    first: dict[tuple[str, str], str] = {}
    for release, kinds in hashes().items():
        for kind in kinds.items():
            first.setdefault(kind, release)
    return [*dict.fromkeys([*first.values(), list(hashes())[-1]])]


@cache
def templates(release: str) -> dict[str, str]:
    """The templates of a release by kind, as they were when their hashes were noted."""
    wheel = _CACHE / f"omero_web-{release}-py3-none-any.whl"
    if not wheel.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
        done = run([*pip, "--dest", _CACHE, f"omero-web=={release}"], timeout=120)
        if done.returncode or not wheel.exists():
            stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            stop(f"omero-web {release} cannot be downloaded from PyPI: {done.stderr.strip()[-200:]}")
    with zipfile.ZipFile(wheel) as archive:
        texts = {kind: archive.read(f"omeroweb/templates/{kind}.conf.template") for kind in KINDS}
    for kind, text in texts.items():
        assert hashlib.sha256(text).hexdigest().startswith(hashes()[release][kind])
    return {kind: text.decode() for kind, text in texts.items()}


def filled(
    template: str,
    kind: str,
    properties: dict[str, Any],
    *,
    http: int | None = None,
    servername: str = "$hostname",
    max_body_size: str = "0",
) -> str:
    """A template with the values of these properties and options, as ``omero web config`` fills it in."""
    prefix = properties.get("omero.web.prefix", "").rstrip("/")
    host = properties.get("omero.web.application_server.host", "127.0.0.1")
    port = properties.get("omero.web.application_server.port", "4080")
    marks = (f"# <<<<< {EXTRA}", f"# {EXTRA} >>>>>")
    lines = properties.get(EXTRA, [])
    return template % {
        "ROOT": OMERODIR,
        "STATIC_ROOT": properties.get("omero.web.static_root", f"{OMERODIR}/var/static"),
        "STATIC_URL": properties.get("omero.web.static_url", "/static/").rstrip("/"),
        "NGINX_SERVER_EXTRA_CONFIG": "\n".join([marks[0], *lines, marks[1]]) if lines else "",
        "HTTPPORT": http or (8080 if kind == "nginx-development" else 80),
        "MAX_BODY_SIZE": max_body_size,
        "SERVERNAME": servername,
        "FORCE_SCRIPT_NAME": prefix or "/",
        "PREFIX_NAME": "_" + re.sub(r"\W+", "", prefix) if prefix else "",
        "FASTCGI_EXTERNAL": f"{host}:{port}",
    }
