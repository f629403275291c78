"""``omerogen init``: a commented site file after a look around."""

from __future__ import annotations

from pathlib import Path

import pytest

from omerogen.sites import survey

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

EXAMPLE = Path(__file__).parent.parent / "examples/OMERO.server"
CONFIG = """<icegrid><properties id="default"><property name="omero.config.version" value="5.1.0"/>
<property name="omero.web.application_server.port" value="4444"/>MORE</properties></icegrid>"""
HTTPS = """upstream app { server 127.0.0.1:4080; }
# a comment with { braces
server {
    listen [::]:443 ssl http2; listen 443 ssl;
    server_name omero.example.org "www.example.org" _;
    ssl_certificate /etc/ssl/a.pem;
    ssl_certificate_key "/etc/ssl/a b.key";
    location / { proxy_pass http://omeroweb; }
}
server { listen 80; return 301 https://$host$request_uri; }
"""


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty working folder, on a machine with neither OMERO nor nginx."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(survey, "OMERODIRS", ("/gone", *survey.OMERODIRS[1:2]))
    return tmp_path


def written(omerogen, *arguments: object) -> dict:
    """The values of the file that ``init`` writes, which all commands can read."""
    result = omerogen("init", *arguments)
    assert result.status == 0, result.err
    assert "omerogen.toml: written" in result.err
    text = Path("omerogen.toml").read_text(encoding="utf-8")
    assert omerogen("properties", "--only-set").status == 0
    return {key: value for key, value in tomllib.loads(text).items() if value != {}}


def nginx(folder: Path, *servers: str) -> Path:
    """A configuration of nginx with these servers in included files."""
    (folder / "nginx/sites").mkdir(parents=True)
    for number, server in enumerate(servers):
        (folder / f"nginx/sites/{number}.conf").write_text(server)
    (folder / "nginx/nginx.conf").write_text("events {}\nhttp { include sites/*.conf; include gone; }\n")
    return folder / "nginx/nginx.conf"


def test_an_empty_folder_gets_comments_to_fill_in(here, omerogen):
    """Nothing is known, and nothing is made up."""
    assert written(omerogen, "--nginx", here / "gone") == {}
    text = (here / "omerogen.toml").read_text()
    for suggestion in ("# config = ", "# tls = ", "# servername = ", "# nginx = "):
        assert suggestion in text
    assert "no server block for OMERO.web was found" in text


@pytest.mark.usefixtures("here")
def test_an_installed_omero_is_found(omerogen, monkeypatch):
    """By $OMERODIR or ``--omerodir``."""
    monkeypatch.setenv("OMERODIR", str(EXAMPLE))
    assert written(omerogen, "--nginx", "gone") == {"omerodir": str(EXAMPLE)}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("more", "tls"),
    [
        ("", {}),
        (
            """<property name="omero.web.secure_proxy_ssl_header" value='["HTTP_X", "https"]'/>""",
            {"tls": "proxy"},
        ),
    ],
)
def test_its_properties_are_read(more, tls, omerogen, tmp_path):
    """For the port of OMERO.web, and a proxy that they declare."""
    folder = tmp_path / "OMERO.web"
    (folder / "etc/grid").mkdir(parents=True)
    (folder / "etc/grid/config.xml").write_text(CONFIG.replace("MORE", more))
    found = written(omerogen, "--omerodir", folder, "--nginx", "gone")
    assert found == {"config": [f"{folder}/etc/grid/config.xml"], "omerodir": str(folder), **tls}


def test_tls_is_as_nginx_has_it(here, omerogen):
    """Names and certificate of the server block for OMERO.web, with its place."""
    other = "server { listen 443 ssl; server_name other; ssl_certificate /o.pem; root /var/www; }"
    found = written(omerogen, "--nginx", nginx(here, other, HTTPS))
    assert found == {
        "tls": "nginx",
        "servername": ["omero.example.org", "www.example.org"],
        "certificate": "/etc/ssl/a.pem",
        "certificate-key": "/etc/ssl/a b.key",
    }
    assert f"# {here}/nginx/sites/1.conf:4 listens with TLS" in (here / "omerogen.toml").read_text()


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("server { listen 80; location / { proxy_pass http://127.0.0.1:4080; } }", {"tls": "none"}),
        (
            "server { listen 8443 ssl; location / { proxy_pass http://127.0.0.1:4080; } }",
            {"tls": "nginx", "https": 8443},
        ),
        (
            "server { listen 80; server_name a; location /x/ { alias /opt/OMERO/static; } }",
            {"tls": "none", "servername": ["a"]},
        ),
        ("server { listen 80; root /var/www; }", {}),
        ("server { listen 80 'unclosed", {}),
        ("include *.conf; server { listen 80; proxy_pass http://omero; }", {"tls": "none"}),
    ],
)
def test_other_server_blocks(server, expected, here, omerogen):
    """Without TLS, on another port, broken, or including themselves."""
    assert written(omerogen, "--nginx", nginx(here, server)) == expected


def test_a_file_is_never_overwritten(here, omerogen):
    """Nor a link that leads nowhere."""
    (here / "omerogen.toml").write_text("mine")
    result = omerogen("init")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "omerogen.toml: exists, and is not overwritten (remove it, or name another file: -o FILE)\n"
    )
    assert (here / "omerogen.toml").read_text() == "mine"
    (here / "link").symlink_to("gone")
    assert omerogen("init", "-o", "link").status == 2
    assert not (here / "gone").exists()
    assert "gone/x: cannot be written" in omerogen("init", "-o", "gone/x").err
