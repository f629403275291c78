"""The composition: read by parsers of the format; its nginx runs on what its own command builds."""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.ansible import OMEROGEN, tool
from support.files import EXAMPLES
from support.nginx_answers import Echo, asked, served
from support.programs import accepted, environment, free_port, give_to_ordinary_user, listening, run
from support.recipes import documents, replaced

COMPOSE = EXAMPLES / "compose/compose.yaml"
STATIC = "/opt/omero/web/static"
UPGRADE = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nginx may read as an ordinary user, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="omerogen-") as name:
        Path(name).chmod(0o755)
        yield give_to_ordinary_user(Path(name))


def services() -> dict[str, Any]:
    """The services by their names."""
    [composition] = documents("compose/compose.yaml")
    return dict(composition["services"])


@pytest.mark.slow  # needs .venv/tools
def test_the_schema_of_compose_accepts_it() -> None:
    accepted([tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", COMPOSE])


@pytest.mark.slow  # needs .venv/tools
def test_podman_compose_resolves_it(tmp_path: Path) -> None:
    """Its parser reads variables, secrets and dependencies; podman itself is replaced."""
    podman = tmp_path / "podman"
    podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
    podman.chmod(stat.S_IRWXU)
    command = [tool("podman-compose"), "--podman-path", podman, "-f", COMPOSE, "config"]
    resolved = yaml.safe_load(accepted(command, env=environment(HOME=str(tmp_path))))
    assert resolved["services"].keys() == services().keys()


def test_no_secret_is_in_a_variable_or_an_argument() -> None:
    """They are files of compose's own; the one of PostgreSQL is named by a variable that its image reads."""
    variables = (EXAMPLES / "compose/site.env").read_text()
    assert not [word for word in ("pass", "secret__key", "token") if f"_{word}" in variables.lower()]
    for service in services().values():
        names = [name.lower() for name in service.get("environment", {})]
        assert all(name.endswith("_file") for name in names if "pass" in name or "secret" in name)
    targets = {one["target"] for one in services()["omero-server"]["secrets"]}
    assert targets == {"omero.db.pass", "rootpass"}


def build(folder: Path, application: int, router: int) -> str:
    """Run the command of nginx-config with other folders and addresses; what it built."""
    command = services()["nginx-config"]["command"]
    places = {
        "/etc/omero": folder / "built",
        "omero-web:4080": f"127.0.0.1:{application}",
        "omero-server:4065": f"127.0.0.1:{router}",
    }
    words = json.loads(replaced(json.dumps(command), places))
    variables = (EXAMPLES / "compose/site.env").read_text()
    lines = replaced(variables, {STATIC: folder / "static"}).splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    accepted([OMEROGEN, *words], env=environment(**given))
    include = (EXAMPLES / "compose/nginx.conf").read_text()
    return replaced(include, {"/etc/omero": folder / "built"})


def test_nginx_reaches_the_other_containers(folder: Path) -> None:
    """Pages and websockets go to stand-ins for OMERO.web and OMERO's router, static files are nginx's own."""
    (folder / "static").mkdir()
    (folder / "static/page.css").write_text("body {}")
    with closing(Echo()) as web, closing(Echo()) as router:
        text = build(folder, web.port, router.port)
        port = free_port()
        built = folder / "built/nginx/omero.conf"
        whole = replaced(built.read_text(), {"listen 80;": f"listen 127.0.0.1:{port};"})
        shutil.move(built, f"{built}.80")
        built.write_text(whole)
        with served(folder, text, port):
            assert listening(port)()
            address = ("127.0.0.1", port)
            assert asked(address, "/omero/webclient/").endswith("web\n")
            assert asked(address, "/omero-ws", *UPGRADE).endswith("hello")
            assert asked(address, "/omero/static/page.css").endswith("body {}")
    assert [request.split()[1] for request in (*web.requests, *router.requests)] == [
        "/omero/webclient/",
        "/omero-ws",
    ]


def test_a_wrong_property_stops_nginx_config(tmp_path: Path) -> None:
    """Compose does not start nginx then, as its condition is that this container succeeds."""
    assert services()["nginx"]["depends_on"] == {
        "nginx-config": {"condition": "service_completed_successfully"}
    }
    words = json.loads(
        replaced(json.dumps(services()["nginx-config"]["command"]), {"/etc/omero": tmp_path / "built"})
    )
    done = run([OMEROGEN, *words], env=environment(CONFIG_omero_web_prefix="omero"))
    assert (done.returncode, (tmp_path / "built").exists()) == (2, False)
    assert "omero.web.prefix" in done.stderr
