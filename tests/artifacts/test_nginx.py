"""nginx: each field of its configuration, and the blocks they stand in."""

from __future__ import annotations

import json

import pytest

import omerogen
from omerogen.artifacts import rendering
from omerogen.model import NotApplicable, OmerogenError

TLS = {"tls": "nginx", "certificate": "/c.pem", "certificate_key": "/k.pem"}


def fields(options=None, **web):
    """The fields of a site; ``prefix="/x"`` is ``omero.web.prefix``."""
    overrides = {f"omero.web.{name.replace('__', '.')}": value for name, value in web.items()}
    return rendering.context("nginx", omerogen.load(overrides=overrides), options or {})


def text(options=None, **web) -> str:
    """The configuration of a site."""
    overrides = {f"omero.web.{name.replace('__', '.')}": value for name, value in web.items()}
    return omerogen.render("nginx", omerogen.load(overrides=overrides), **(options or {}))


@pytest.mark.parametrize(
    ("prefix", "suffix", "location"),
    [
        ("", "", "/"),
        ("/", "", "/"),
        ("/omero", "_omero", "/omero"),
        ("/omero/", "_omero", "/omero"),
        ("/om-e_ro", "_om-e_5fro", "/om-e_ro"),
        ("/a/b.c", "_a_2fb_2ec", "/a/b.c"),
    ],
)
def test_the_prefix_names_everything(prefix, suffix, location):
    """Upstream and named locations carry the prefix."""
    site = fields(prefix=prefix)
    assert site.upstream_name == f"omeroweb{suffix}"
    assert site.maintenance_location == f"@maintenance{suffix}"
    assert site.proxy_location == f"@proxy_to_app{suffix}"
    assert site.application_location == location


@pytest.mark.parametrize("line", ["proxy_pass http://omeroweb_o/x;", "try_files /none @proxy_to_app_o;"])
def test_names_that_own_lines_use_are_those_of_omero(line):
    """Otherwise a server name, which OMERO's text does not have in them, is a part of all names."""
    row = {"nginx_server_extra_config": json.dumps([f"location /x {{ {line} }}"]), "prefix": "/o"}
    site = fields({"servername": "a.example.org"}, **row)
    names = {site.upstream_name: "omeroweb_o", site.proxy_location: "@proxy_to_app_o"}
    for name, of_omero in names.items():
        assert name == (of_omero if of_omero in line else f"{of_omero}.a.example.org")


def test_a_deprecated_prefix_is_a_prefix():
    """Nginx and Django agree on it."""
    assert fields(force_script_name="/old").application_location == "/old"


@pytest.mark.parametrize(
    ("host", "port", "application"),
    [
        ("127.0.0.1", "4080", "127.0.0.1:4080"),
        ("::1", "81", "[::1]:81"),
        ("[::1]", "81", "[::1]:81"),
        ("app_1", "1", "app_1:1"),
    ],
)
def test_the_application_is_where_the_properties_say(host, port, application):
    """IPv6 addresses get brackets."""
    site = fields(application_server__host=host, application_server__port=port)
    assert site.application == application
    assert site.proxy_target == "http://omeroweb"


def test_a_location_has_no_upstream_to_name():
    """It goes to the application itself, and contains location blocks alone."""
    assert fields({"layout": "location"}).proxy_target == "http://127.0.0.1:4080"
    written = text({"layout": "location"})
    assert "upstream" not in written
    assert "server {" not in written


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/static/", "/static/"),
        ("/omero/static", "/omero/static/"),
        ("https://cdn.example.org/s/", None),
        ("//cdn.example.org/s/", None),
    ],
)
def test_static_files_are_served_for_local_urls(url, location):
    """Both sides end in a slash, so that siblings of the folder are out of reach; a CDN's are not ours."""
    site = fields(static_url=url, static_root="/srv/static")
    assert site.static_location == location
    assert site.static_folder == "/srv/static/"
    assert ("alias" in text(static_url=url)) is (location is not None)


@pytest.mark.parametrize(
    ("options", "ports"),
    [
        (TLS, (80, 443)),
        ({**TLS, "layout": "standalone"}, (8080, 8443)),
        ({**TLS, "http": "81", "https": 444}, (81, 444)),
    ],
)
def test_ports_have_defaults_for_each_layout(options, ports):
    """An ordinary user cannot take the low ones; Django knows the same port."""
    site = fields(options)
    assert (site.http_port, site.https_port) == ports
    suffix = "" if ports[1] == 443 else f":{ports[1]}"
    django = {name: value for name, value in options.items() if name in ("layout", "tls", "https")}
    text = omerogen.render("django", omerogen.load(), servername="a.example.org", **django)
    assert f"CSRF_TRUSTED_ORIGINS = ['https://a.example.org{suffix}']" in text


def test_a_standalone_nginx_keeps_everything_below_the_omero_directory():
    """An ordinary user may write there, and nowhere else."""
    site = rendering.context("nginx", omerogen.load(omerodir="/home/o"), {"layout": "standalone"})
    paths = [site.pid_file, site.error_log, site.access_log, *site.temporary_folders.values()]
    assert all(path.startswith("/home/o/var/") for path in paths)


@pytest.mark.parametrize(
    ("options", "header", "scheme", "headers"),
    [
        ({}, None, "$scheme", ["X-Forwarded-Proto"]),
        ({"tls": "proxy"}, None, "$http_x_forwarded_proto", ["X-Forwarded-Proto"]),
        (TLS, None, "$scheme", ["X-Forwarded-Proto"]),
        (TLS, "HTTP_X_PROTO_OMERO", "$scheme", ["X-Forwarded-Proto", "X-Proto-Omero"]),
        ({}, "HTTP_X_FORWARDED_PROTO", "$http_x_forwarded_proto", ["X-Forwarded-Proto"]),
        ({"tls": "none"}, "HTTP_X_FORWARDED_PROTO", "$scheme", ["X-Forwarded-Proto"]),
    ],
)
def test_the_scheme_comes_from_the_tls_terminator(options, header, scheme, headers):
    """Nginx where it terminates TLS; the proxy in front where a site has one, said or not."""
    web = {"secure_proxy_ssl_header": f'["{header}", "https"]'} if header else {}
    assert fields(options, **web).scheme_headers == headers
    for name in headers:
        assert f"proxy_set_header {name} {scheme};" in text(options, **web)


def test_tls_brings_a_certificate_a_redirect_and_hsts():
    """One answer, all that follows from it."""
    written = text({**TLS, "servername": ["a.example.org", "b.example.org"], "https": 8443})
    assert "listen 8443 ssl;" in written
    assert "ssl_certificate /c.pem;" in written
    assert "ssl_certificate_key /k.pem;" in written
    assert "return 301 https://$host:8443$request_uri;" in written
    assert "Strict-Transport-Security" in written
    assert written.count("server_name a.example.org b.example.org;") == 2
    assert "return 301 https://$host$request_uri;" in text(TLS)


def test_without_tls_nothing_of_it_is_there():
    """No certificate, no redirect, no promise to browsers."""
    for options in ({}, {"tls": "proxy"}):
        assert not {"ssl", "301", "Strict-Transport-Security"} & set(text(options).split())


def test_a_sites_own_lines_go_into_the_server_block():
    """As they are, in their order; a location alone has no server block, and says so."""
    lines = '["client_body_timeout 5s;", "location /x {", "  return 404;", "}"]'
    assert "    client_body_timeout 5s;\n    location /x {\n      return 404;\n    }\n" in text(
        nginx_server_extra_config=lines
    )
    alone = fields({"layout": "location"}, nginx_server_extra_config=lines)
    assert "has no effect with --layout location" in str(alone.warnings()[0])


@pytest.mark.parametrize("server", ["wsgi", "development"])
def test_nginx_is_only_for_wsgi_servers(server):
    """An error that says so; ``build`` leaves the file out."""
    with pytest.raises(NotApplicable, match=f"omero.web.application_server is {server}"):
        fields(application_server=server)


@pytest.mark.parametrize("substitutes", [None, {}, {"certificate": "/trial.pem"}])
def test_substitutes_do_not_bypass_the_check(substitutes):
    """What is tried by a program is checked as what is printed, however many fields have stand-ins."""
    with pytest.raises(OmerogenError, match="needs a certificate"):
        rendering.render("nginx", omerogen.load(), {"tls": "nginx"}, substitutes)


@pytest.mark.parametrize(
    ("options", "web", "said"),
    [
        ({"http": 4080}, {}, "--http: 4080 is the port of the application"),
        ({"tls": "nginx"}, {}, "needs a certificate"),
        ({**TLS, "https": 80}, {}, "--https: is the port of --http"),
        ({"nope": 1}, {}, "nginx: nope: unknown option"),
        ({"layout": "x"}, {}, "--layout: 'x'"),
        ({}, {"static_url": "/"}, "omero.web.static_url is where the application is"),
        ({}, {"static_url": "/o/", "prefix": "/o"}, "omero.web.static_url is where the application is"),
        ({}, {"prefix": "/öme"}, "omero.web.prefix '/öme' has a letter that gunicorn"),
        ({}, {"static_root": "/a$b"}, "omero.web.static_root: a literal $ is not supported"),
        ({}, {"prefix": "/a b"}, "omero.web.prefix '/a b' has a character"),
        ({}, {"nginx_server_extra_config": '["}"]'}, "closes a block"),
    ],
)
def test_what_cannot_work_is_refused(options, web, said):
    """Before nginx would, and with the name of what is wrong."""
    with pytest.raises(OmerogenError) as caught:
        text(options, **web)
    assert said in str(caught.value)


def test_fields_know_what_they_read():
    """Dependencies are observed, those of the fields that a field asks for included."""
    site = fields()
    assert site.proxy_location == "@proxy_to_app"
    assert site.suffix == ""
    named = {"omero.web.prefix", "omero.web.force_script_name", "servername"}
    assert {name for _, name in site.reads["suffix"]} == named
    assert site.reads["proxy_location"] == site.reads["suffix"]
    assert site.upstream_name == "omeroweb"
    assert site.reads["upstream_name"] >= site.reads["suffix"]


@pytest.mark.parametrize(
    ("options", "trusted", "sent"),
    [
        ({}, "false", False),
        ({"tls": "none"}, "true", True),
        (TLS, "true", True),
        ({"tls": "proxy"}, "true", False),
    ],
)
def test_browsers_cannot_choose_the_host_that_django_trusts(options, trusted, sent):
    """Nginx sets X-Forwarded-Host where Django reads it, unless a proxy in front does."""
    written = text(options, use_x_forwarded_host=trusted)
    assert ("proxy_set_header X-Forwarded-Host $http_host;" in written) is sent


def test_a_directive_of_the_site_replaces_the_default():
    """nginx takes most directives once: a site that already hides its version keeps its line."""
    own = '["server_tokens build;", "ssl_protocols TLSv1.3;"]'
    written = text(TLS, nginx_server_extra_config=own)
    assert "    server_tokens build;\n    ssl_protocols TLSv1.3;\n" in written
    assert (written.count("server_tokens"), written.count("ssl_protocols")) == (2, 1)


PAIRS = [
    (prefix, name)
    for prefix in ("", "/a-b", "/ab", "/a/b", "/a_b", "/a.b", "/_", "/__", "/a_2fb", "/.a", "/a.c.org")
    for name in (None, "a.org", "b.org", "*.a.org", "a.c.org", "_", "[::1]", "c.org")
]


def test_different_sites_have_different_names():
    """For any pair of first server name and prefix: two sites in one nginx do not clash."""
    suffixes = [
        fields({"servername": [name, "other.org"]} if name else {}, prefix=prefix).suffix
        for prefix, name in PAIRS
    ]
    assert len(set(suffixes)) == len(PAIRS)


@pytest.mark.parametrize(
    ("options", "web", "said"),
    [
        ({"https": "443"}, {}, "--https: has no effect without TLS"),
        ({"certificate": "/c"}, {}, "--certificate: has no effect without TLS"),
        ({"tls": "proxy", "hsts": "1"}, {}, "--hsts: has no effect without TLS"),
        ({"http2": True}, {}, "--http2: has no effect without TLS"),
        ({"layout": "location", "http": "81"}, {}, "--http: has no effect with --layout location"),
        ({"layout": "location", "default_server": True}, {}, "--default-server: has no effect with"),
        ({"redirect_root": True}, {}, "--redirect-root: has no effect without omero.web.prefix"),
        ({"websockets_upstream": "a:1"}, {}, "--websockets-upstream: has no effect without --websockets"),
        (
            {"redirect_root": True},
            {"prefix": "/a", "nginx_server_extra_config": '["location = / { return 204; }"]'},
            "--redirect-root: omero.web.nginx_server_extra_config already defines the location = /",
        ),
        ({"websockets": True}, {}, "--websockets: omero.client.icetransports has neither ws nor wss"),
    ],
)
def test_an_option_without_effect_is_an_error(options, web, said):
    """What nobody sees is not done."""
    with pytest.raises(OmerogenError, match=said):
        text(options, **web)


@pytest.mark.parametrize(
    ("given", "more", "target"),
    [
        ("ssl,tcp,ws,wss", {}, "http://127.0.0.1:4065"),
        ("wss", {"omero.ports.prefix": "1"}, "https://127.0.0.1:14066"),
        ("ws", {"omero.master.host": "::1", "omero.ports.ws": "99"}, "http://[::1]:99"),
        ("ws", {"Ice.Default.Host": "grid.example.org"}, "http://grid.example.org:4065"),
    ],
)
def test_websockets_lead_to_the_router(given, more, target):
    """To the transport without TLS, if there is one."""
    settings = omerogen.load(overrides={"omero.client.icetransports": given, **more})
    written = omerogen.render("nginx", settings, websockets=True)
    assert "location = /omero-ws {\n" in written
    assert f"proxy_pass {target};" in written
    other = omerogen.render("nginx", settings, websockets="/ws", websockets_upstream="router:1")
    assert "location = /ws {" in other
    assert f"proxy_pass {target.partition(':')[0]}://router:1;" in other


@pytest.mark.parametrize(
    ("upstream", "more", "scheme"),
    [
        ("router:4065", {}, "http"),
        ("router:4066", {}, "https"),
        ("router:14066", {"omero.ports.prefix": "1"}, "https"),
        ("router:443", {}, "http"),
    ],
)
def test_a_router_elsewhere_has_its_transports_there(upstream, more, scheme):
    """The variables of a host with OMERO.web alone do not have them; the port tells."""
    settings = omerogen.load(overrides=more)
    written = omerogen.render("nginx", settings, websockets=True, websockets_upstream=upstream)
    assert f"proxy_pass {scheme}://{upstream};" in written
    without = omerogen.load(overrides={"omero.client.icetransports": "ssl,tcp"})
    with pytest.raises(omerogen.ArtifactError, match="neither ws nor wss"):
        omerogen.render("nginx", without, websockets=True, websockets_upstream=upstream)


@pytest.mark.parametrize(("host", "reached"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])  # noqa: S104
def test_an_application_on_all_addresses_is_reached_over_loopback(host, reached):
    """And the text says so; another address is given by --upstream."""
    written = text(application_server__host=host)
    assert f"server {reached}:4080 fail_timeout=0;" in written
    assert "listens on all addresses" in written
    assert "server web:4080 fail_timeout=0;" in text({"upstream": "web:4080"}, application_server__host=host)


def test_own_lines_that_terminate_tls_say_the_scheme():
    """nginx knows it then, and what the client sends does not count."""
    lines = '["listen 443 ssl;", "ssl_certificate /c.pem;", "ssl_certificate_key /k.pem;"]'
    header = '["HTTP_X_FORWARDED_PROTO", "https"]'
    written = text(nginx_server_extra_config=lines, secure_proxy_ssl_header=header)
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in written
    assert "$http_x_forwarded_proto" not in written
    assert "Strict-Transport-Security" not in written
    plain = text({"tls": "proxy"}, nginx_server_extra_config='["listen 81;"]')
    assert "proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;" in plain


def test_a_listen_without_ssl_in_place_of_tls_is_warned_of():
    """nginx would speak plain HTTP on the port for TLS."""
    warnings = text(TLS, nginx_server_extra_config='["listen 443;"]').warnings
    assert [warning.rule for warning in warnings] == ["own-listen-without-tls"]


def test_a_socket_beside_the_one_for_all_addresses_is_refused():
    """nginx -t takes it, but binds both at its start, and the system refuses the second."""
    lines = '["listen 127.0.0.1:80 backlog=9;"]'
    with pytest.raises(OmerogenError, match="nginx does not start"):
        text(nginx_server_extra_config=lines)
    assert "listen 127.0.0.1:80 backlog=9;" in text(
        {"listen": ["127.0.0.2"]}, nginx_server_extra_config=lines
    )
    assert "listen 80;" in text(nginx_server_extra_config='["listen [::1]:80 backlog=9;"]')
