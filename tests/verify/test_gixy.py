"""A static analyser looks at every layout, with and without TLS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import omerogen

pytestmark = pytest.mark.slow

WRAPS = {
    "server": "events {{}}\nhttp {{ include {file}; }}\n",
    "standalone": "include {file};\n",
    "location": "events {{}}\nhttp {{ server {{ listen 80; server_name a.example.org; server_tokens off;"
    " include {file}; }} }}\n",
}
TLS = {"none": {}, "proxy": {}, "nginx": {"certificate": "/c.pem", "certificate_key": "/k.pem"}}


def findings(text: str, layout: str, folder: Path) -> set[str]:
    """The checks with a finding of medium severity or higher."""
    (folder / "site.conf").write_text(text)
    whole = folder / "nginx.conf"
    whole.write_text(WRAPS[layout].format(file=folder / "site.conf"))
    command = [Path(sys.executable).parent / "gixy", "-f", "json", whole]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return {found["plugin"] for found in json.loads(done.stdout) if found["severity"] in ("MEDIUM", "HIGH")}


@pytest.mark.parametrize("layout", WRAPS)
@pytest.mark.parametrize("tls", TLS)
@pytest.mark.parametrize("prefix", ["", "/omero"])
def test_all_findings_are_waived_ones(layout, tls, prefix, tmp_path):
    """A waiver stands with its reason where the finding is, and none stands without its finding."""
    settings = omerogen.load(
        overrides={"omero.web.prefix": prefix, "omero.web.static_url": f"{prefix}/static/"}
    )
    files = {} if layout == "location" else TLS[tls]
    text = omerogen.render("nginx", settings, layout=layout, tls=tls, **files)
    waived = set(re.findall(r"# Waived for gixy: (\w+), since", text))
    assert findings(text, layout, tmp_path) == waived == {"host_spoofing"}
