"""What nginx answers with the options of real sites: ports, IPv6, websockets, ACME, a redirected root."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import omerogen
from support.nginx_answers import Echo, asked, served, whole
from support.programs import (
    find,
    free_port,
    give_to_ordinary_user,
    run,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def echo() -> Iterator[Echo]:
    """The application and the router in one."""
    with closing(Echo()) as server:
        yield server


def test_both_ports_answer_as_asked(folder: Path, certificate: tuple[Path, Path], echo: Echo) -> None:
    """Over IPv4 and IPv6: challenges by HTTP, all else by TLS; / leads to the prefix."""
    place = give_to_ordinary_user(folder / "both")
    http, https = free_port(), free_port()
    (place / "acme/.well-known/acme-challenge").mkdir(parents=True)
    (place / "acme/.well-known/acme-challenge/token").write_text("challenge")
    files = {name: place / f"{name}.pem" for name in ("certificate", "certificate_key")}
    for target, source in zip(files.values(), certificate, strict=True):
        target.write_bytes(source.read_bytes())
    settings = omerogen.load(overrides={"omero.web.prefix": "/omero", "omero.client.icetransports": "ssl,ws"})
    text = omerogen.render(
        "nginx",
        settings,
        tls="nginx",
        servername=["x.org"],
        http=http,
        https=https,
        listen=["127.0.0.1", "::1"],
        http2=True,
        default_server=True,
        acme_root=str(place / "acme"),
        hsts="60",
        redirect_root=True,
        upstream=f"127.0.0.1:{echo.port}",
        websockets=True,
        websockets_upstream=f"127.0.0.1:{echo.port}",
        **{name: str(file) for name, file in files.items()},
    )
    key = base64.b64encode(b"0123456789abcdef").decode()
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}")
    with served(place, text, http):
        for host in ("127.0.0.1", "::1"):
            challenge = asked((host, http), "/.well-known/acme-challenge/token")
            assert challenge.startswith("HTTP/1.1 200")
            assert challenge.endswith("challenge")
            leading = asked((host, http), "/omero/x")
            large = asked((host, http), "/omero/x", "Content-Length: 2000000", "Connection: close")
            assert large.startswith("HTTP/1.1 301")  # whatever is sent: OMERO.web has no limit either
            assert f"Location: https://x.org:{https}/omero/x" in leading
            root = asked((host, https), "/", tls=True)
            assert "HTTP/1.1 302" in root
            assert "Location: /omero/\r\n" in root
            assert "Strict-Transport-Security: max-age=60" in root
            assert asked((host, https), "/omero/", tls=True, host="other.org").endswith("web\n")
            assert asked((host, https), "/omero-ws", *upgrade, tls=True).endswith("hello")
    websocket = echo.requests[-1]
    assert websocket.startswith("GET /omero-ws HTTP/1.1")
    assert "Connection: upgrade" in websocket
    assert f"Sec-WebSocket-Key: {key}" in websocket


def test_a_location_passes_websockets_on(folder: Path, echo: Echo) -> None:
    """Without a map, which a location cannot have."""
    place = give_to_ordinary_user(folder / "alone")
    http = free_port()
    settings = omerogen.load(overrides={"omero.client.icetransports": "ws"})
    text = omerogen.render(
        "nginx", settings, layout="location", websockets="/w", websockets_upstream=f"127.0.0.1:{echo.port}"
    )
    with served(place, f"server {{ listen 127.0.0.1:{http}; {text} }}", http):
        answer = asked(("127.0.0.1", http), "/w", "Upgrade: websocket", "Connection: Upgrade")
    assert answer.endswith("hello")


#: Starts nginx on a network of its own, and asks it over HTTP and TLS.
ALONE = """
import http.client, ssl, subprocess, sys, time
from pathlib import Path
from omerogen.verify import namespaces

folder, program, text, *files = sys.argv[1:]
files = {name: Path(name).read_bytes() for name in files}
if not namespaces.enter(folder).complete:
    sys.exit("no namespaces")
for name, content in files.items():
    text = text.replace(name, f"{folder}/{Path(name).name}")
    Path(folder, Path(name).name).write_bytes(content)
Path(folder, "nginx.conf").write_text(text)
start = [program, "-e", "stderr", "-c", f"{folder}/nginx.conf", "-g", "daemon off;", "-p", folder]
nginx = subprocess.Popen(start)
try:
    for attempt in range(100):
        time.sleep(0.05)
        try:
            plain = http.client.HTTPConnection("127.0.0.1", timeout=10)
            plain.request("GET", "/x", headers={"Host": "x.org"})
            break
        except OSError:
            continue
    answer = plain.getresponse()
    print(answer.status, answer.headers["Location"])
    secure = http.client.HTTPSConnection("[::1]", timeout=10, context=ssl._create_unverified_context())
    secure.request("GET", "/static/no", headers={"Host": "x.org"})
    print(secure.getresponse().status)
finally:
    nginx.terminate()
    nginx.wait()
"""


def test_the_usual_ports_are_those_of_browsers(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Port 80 leads to 443, over either family, on a network of their own."""
    files = {"certificate": str(certificate[0]), "certificate_key": str(certificate[1])}
    both = {"tls": "nginx", "listen": ["*", "[::]"], "servername": ["x.org"]}
    text = omerogen.render("nginx", omerogen.load(), **both, **files)
    written = whole(tmp_path, text, "user root;")
    done = run([sys.executable, "-c", ALONE, tmp_path, find("nginx"), written, *files.values()])
    if "no namespaces" in done.stderr:
        pytest.skip("this system does not allow namespaces")
    assert done.stdout == "301 https://x.org/x\n404\n", done.stderr
