"""OMERO's own nginx text of every release: only documented differences, and the properties come back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import omerogen
from support import omero_nginx
from support.omero_nginx import EXTRA, KINDS, OMERODIR

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parent.parent.parent / "docs/compare.md"
RELEASES = list(omero_nginx.hashes()) if os.environ.get("OMERO_WEB_RELEASES") else omero_nginx.distinct()

#: Lines of sites, each whole or a block over several members.
LINES = (
    ["listen 443 ssl;", "ssl_certificate /etc/ssl/c.pem;", "ssl_certificate_key /etc/ssl/k.pem;"],
    ["if ($scheme = http) {", "    return 301 https://$host$request_uri;", "}"],
    ["location /robots.txt { return 200 'User-agent: *'; }"],
    ["proxy_read_timeout 300s;"],
    ["add_header X-Frame-Options SAMEORIGIN always;"],
    ["client_header_timeout 1m;", "# a comment ;"],
    ["location ^~ /docs/ {", "  alias /srv/docs/;", "  autoindex on;", "}"],
    ["server_tokens on;"],
    ["location /iviewer-data/ { proxy_pass http://127.0.0.1:9000; }"],
    ["root /srv/www;", "location /other { try_files $uri =404; }"],
    ["error_page 404 /404.html;", "location = /404.html { root /srv/errors; internal; }"],
)
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing is bound here
SEGMENT = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,8}", fullmatch=True)
PATHS = st.lists(SEGMENT, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "omero.web.prefix": PATHS,
        "omero.web.application_server.host": st.sampled_from(
            [ANY_ADDRESS, "localhost", "10.1.2.3", "web.example.org"]
        ),
        "omero.web.application_server.port": st.integers(1025, 65535).map(str),
        "omero.web.static_url": PATHS.map(lambda path: f"{path}/"),
        "omero.web.static_root": PATHS.map(lambda path: f"/srv{path}"),
        EXTRA: st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique_by=str).map(
            lambda groups: [line for group in groups for line in group]
        ),
    },
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "http": st.integers(81, 1024),
        "servername": st.sampled_from(["omero.example.org", "a.example.org"]),
        "max_body_size": st.sampled_from(["10m", "1g", "512k"]),
    },
)


def compared(path, settings_or_none=None, **options):
    return omerogen.compare("nginx", settings_or_none or omerogen.load(), str(path), **options)


def again(result, path):
    """The comparison with what the adoption says, through the files that it would be written to."""
    folder = Path(path).parent
    (folder / "omerogen.toml").write_text(f'config = ["adopted.omero"]\n{result.adoption.toml}')
    (folder / "adopted.omero").write_text(result.adoption.omero)
    return omerogen.load(site=folder / "omerogen.toml")


def check(text, kind, properties, options, folder):
    """Whether the properties come back, and all that is left is documented."""
    path = folder / "theirs.conf"
    path.write_text(text)
    result = compared(path)
    assert result.adoption is not None
    assert not [one for one in result.adoption.remaining if not one.explained], text
    assert not [one for one in result.differences if not one.explained and not one.expressible], text
    there = omerogen.load(overrides=properties, omerodir=OMERODIR)
    here = omerogen.load(overrides=dict(result.adoption.properties), omerodir=OMERODIR)
    named = {*properties, *result.adoption.properties} - ({EXTRA} if kind == "nginx-location" else set())
    for name in named:
        assert here[name] == there[name], name
    expected = {key.replace("_", "-"): value for key, value in options.items()}
    if kind != "nginx":  # which have a fixed name, or no server
        expected.pop("servername", None)
    if kind == "nginx-development":
        expected["servername"] = "_"
    if kind == "nginx-location":
        expected = {}
    given = {key: value for key, value in result.adoption.options.items() if key != "layout"}
    given = {key: value[0] if isinstance(value, list) else value for key, value in given.items()}
    assert given == expected
    site = again(result, path)
    second = compared(path, site)
    assert not [one for one in second.differences if not one.explained]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("release", RELEASES)
def test_defaults(release, kind, tmp_path):
    """Without properties nothing has to be set; each difference has a section of the documentation."""
    text = omero_nginx.filled(omero_nginx.templates(release)[kind], kind, {})
    check(text, kind, {}, {}, tmp_path)
    result = compared(tmp_path / "theirs.conf")
    documented = DOCS.read_text()
    for one in result.differences:
        assert one.explained or one.directive == "server_name"
        assert not one.explained or f"`{one.explained}`" in documented
    assert not result.adoption.properties


@pytest.mark.parametrize("kind", KINDS)
@given(properties=PROPERTIES, options=OPTIONS)
@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_properties_come_back(kind, properties, options, tmp_path):
    """In each layout, with TLS and blocks among the site's own lines."""
    static = properties.get("omero.web.static_url", "/static/").rstrip("/")
    assume(static != properties.get("omero.web.prefix"))  # nginx refuses a duplicate location
    if kind == "nginx-development":
        options = {**options, **({"http": options["http"] + 8000} if "http" in options else {})}
    template = omero_nginx.templates(RELEASES[-1])[kind]
    overrides = {
        name: json.dumps(value) if isinstance(value, list) else value for name, value in properties.items()
    }
    check(omero_nginx.filled(template, kind, properties, **options), kind, overrides, options, tmp_path)


def test_a_site_that_has_the_properties_already(tmp_path):
    """Has nothing to adopt."""
    properties = {"omero.web.prefix": "/omero", EXTRA: '["proxy_read_timeout 300s;"]'}
    template = omero_nginx.templates(RELEASES[-1])["nginx"]
    path = tmp_path / "theirs.conf"
    path.write_text(
        omero_nginx.filled(template, "nginx", {**properties, EXTRA: ["proxy_read_timeout 300s;"]})
    )
    result = compared(path, omerogen.load(overrides=properties))
    assert all(one.explained for one in result.differences)
    assert not result.adoption.properties
    assert not result.adoption.options
