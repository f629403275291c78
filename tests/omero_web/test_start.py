"""OMERO.web starts from what omerogen writes, and answers behind the generated nginx."""

from __future__ import annotations

import json

import pytest

from support.omero_web import started

pytestmark = pytest.mark.slow

SERVERS = [["one.example.org", 4064, "One"], ["two.example.org", 14064, "Two"]]


def site(port: int, **more: str) -> dict:
    """The properties of a small site with a plugin."""
    return {
        "omero.web.server_list": SERVERS,
        "omero.web.apps": ["omero_iviewer", "omero_figure"],
        "omero.web.application_server.port": port,
        "omero.web.wsgi_workers": 1,
        **more,
    }


@pytest.mark.parametrize("prefix", ["", "/omero"])
@pytest.mark.parametrize("worker", ["sync", "gevent"])
def test_pages_and_static_files_are_there(omero_web, installed, ports, prefix, worker):
    """With and without a prefix, by threads and by greenlets."""
    properties = site(ports[0], **{"omero.web.wsgi_worker_class": worker})
    if prefix:
        properties |= {"omero.web.prefix": prefix, "omero.web.static_url": f"{prefix}/static/"}
    made = installed(properties, http=ports[1])
    with started(omero_web, made, ports[1]) as up:
        login = up.browser.get(f"{prefix}/webclient/login/")
        assert login.status == 200
        assert "One" in login.body
        listed = json.loads(up.browser.get(f"{prefix}/api/v0/servers/").body)
        assert [server["host"] for server in listed["data"]] == ["one.example.org", "two.example.org"]
        assert f'"{prefix}/static/' in login.body
        assert up.browser.get(f"{prefix}/static/webgateway/css/ome.login.css").status == 200
        assert up.browser.get(f"{prefix}/figure/").status in (200, 302)
        if prefix:
            assert up.browser.get("/webclient/login/").status == 404
        assert not list((made.omerodir / "etc/grid").iterdir())


def test_a_start_without_script_name_works_and_says_so(omero_web, installed, ports):
    """As where Gunicorn is started by hand: otherwise each page below the prefix would be 404."""
    made = installed(site(ports[0], **{"omero.web.prefix": "/omero"}), http=ports[1])
    conf = made.built / "gunicorn/gunicorn.conf.py"
    conf.write_text(conf.read_text().replace("'SCRIPT_NAME=/omero'", ""))
    with started(omero_web, made, ports[1]) as up:
        assert up.browser.get("/omero/webclient/login/").status == 200
        assert up.log.read_text().count("SCRIPT_NAME is not set: it is taken from omero.web.prefix") == 1
