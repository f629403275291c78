"""``compare nginx``: differences in meaning, each with what reproduces it."""

from __future__ import annotations

import json
import pickle
import re
import shlex
import sys
import tempfile
from pathlib import Path

import pytest

import omerogen as interface
from omerogen.model import OmerogenError, SourceError
from support.files import DATA
from support.nginx_answers import Echo, asked, served
from support.programs import free_port, give_to_ordinary_user

FILES = DATA / "nginx"
#: A server as omerogen writes it, but for what differs deliberately: small changes are made to it.
PLAIN = interface.render("nginx", interface.load())
HANDLER = "proxy_redirect off;"
SERVER = "server_name $hostname;"


def written(folder, text):
    path = folder / "theirs.conf"
    path.write_text(text)
    return str(path)


def meant(folder, text, settings=None, **options):
    """The differences that are not deliberate, by directive: yours, ours."""
    result = interface.compare("nginx", settings or interface.load(), written(folder, text), **options)
    return {one.directive: (one.yours, one.ours) for one in result.differences if not one.explained}


def changed(old, new):
    assert old in PLAIN
    return PLAIN.replace(old, new)


def adopted(result, folder):
    """The settings of the files that the adoption is written to."""
    (folder / "omerogen.toml").write_text(f'config = ["adopted.omero"]\n{result.adoption.toml}')
    (folder / "adopted.omero").write_text(result.adoption.omero)
    return interface.load(site=folder / "omerogen.toml")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layout": "standalone"},
        {"layout": "location"},
        {
            "tls": "nginx",
            "certificate": "/c.pem",
            "certificate_key": "/k.pem",
            "servername": "a.example.org b.example.org",
            "acme_root": "/acme",
            "listen": "* [::]",
            "http2": True,
            "hsts": "600",
        },
        {"tls": "proxy", "http": "8081", "default_server": True, "max_body_size": "2m"},
        {"upstream": "web:4081"},
    ],
    ids=str,
)
def test_our_own_text_is_the_same_and_comes_back(options, tmp_path):
    """With the options nothing differs; without them, the adoption gives the same text again."""
    properties = {"omero.web.prefix": "/omero", "omero.web.static_url": "/omero/static/"}
    settings = interface.load(overrides=properties)
    text = interface.render("nginx", settings, **options)
    path = written(tmp_path, text)
    assert not interface.compare("nginx", settings, path, **options).differences
    fresh = interface.compare("nginx", interface.load(), path)
    assert not fresh.adoption.remaining
    again = adopted(fresh, tmp_path)
    assert not interface.compare("nginx", again, path).differences


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("listen 80;", "listen *:80;"),
        ("listen 80;", "listen 0.0.0.0:80;"),
        ("listen 80;", ""),
        (SERVER, "server_name '$hostname';"),
        (SERVER, f"{SERVER} # a comment ; }}"),
        (SERVER, f"{SERVER} client_max_body_size 10m;"),
        (SERVER, f"{SERVER} proxy_read_timeout 60; keepalive_timeout 75s;"),
        ("sendfile on;", '"sendfile" ON;'),
        (HANDLER, f"proxy_read_timeout 1m; proxy_buffering on; {HANDLER}"),
        (HANDLER, f"{HANDLER} proxy_set_header Connection close;"),
        ("server 127.0.0.1:4080 fail_timeout=0;", "server 127.0.0.1:4080;"),
        ("omeroweb", "another_name"),
        ("@proxy_to_app", "@app"),
        ("@maintenance", "@down"),
        ("location /static/ {", "location ^~ /static/ {"),
        ("location /static/ {", "location ^~/static/ {"),
        ("$http_host", "${http_host}"),
        ("Host $http_host;", 'Host "${http_host}";'),
        ("alias /opt/omero/web/OMERO.web/var/static/;", "root /opt/omero/web/OMERO.web/var;"),
        ("\n", "\r\n"),
    ],
)
def test_what_makes_no_difference(old, new, tmp_path):
    """Other words for the same meaning."""
    result = interface.compare("nginx", interface.load(), written(tmp_path, changed(old, new)))
    assert not result.differences


NEITHER = "cannot be expressed"
APPLICATION = "server 127.0.0.1:4080 fail_timeout=0;"
DIFFERENT = [
    (
        HANDLER,
        f"{HANDLER} proxy_read_timeout 5m;",
        "proxy_read_timeout",
        "5m",
        None,
        "proxy_read_timeout 5m;",
    ),
    (SERVER, f"{SERVER} gzip on;", "gzip", "on", None, "gzip on;"),
    (SERVER, f"{SERVER} keepalive_timeout 65;", "keepalive_timeout", "65", None, "keepalive_timeout 65;"),
    (SERVER, "server_name x.org;", "server_name", "x.org", "$hostname", "--servername x.org"),
    ("listen 80;", "listen 8081;", "listen", None, "*:80", "--http 8081"),
    ("size 0;", "size 1g;", "client_max_body_size", "1g", "0", "--max-body-size 1g"),
    (":4080", ":90", "proxy_pass", "http://127.0.0.1:90", "http://127.0.0.1:4080", "server.port 90"),
    ("location / {", "location /omero {", "location", "/omero", "/", "omero.web.prefix /omero"),
    ("location / {", "location / { allow 10.0.0.1; deny all;", "deny", "all", None, NEITHER),
    ("Host $http_host", "Host $host", "proxy_set_header", "Host $host", "Host $http_host", NEITHER),
    (SERVER, f"{SERVER} a_module x 'a b';", "a_module", 'x "a b"', None, 'a_module x \\"a b\\";'),
    (SERVER, f"{SERVER} set_by_lua_block $x {{ r }}", "set_by_lua_block", '$x " r "', None, NEITHER),
    (SERVER, f"{SERVER} root /srv/www;", "root", "/srv/www", None, '"root /srv/www;"'),
    (APPLICATION, "server 127.0.0.1:4080; keepalive 8;", "keepalive", "8", None, NEITHER),
    (
        APPLICATION,
        "server 10.0.0.1:80; server 10.0.0.2:80;",
        "proxy_pass",
        "http://{10.0.0.1:80, 10.0.0.2:80}",
        "http://127.0.0.1:4080",
        NEITHER,
    ),
    ('try_files ""', 'keepalive_timeout 0; try_files ""', "keepalive_timeout", "0", None, NEITHER),
]


@pytest.mark.parametrize(("old", "new", "directive", "yours", "ours", "fix"), DIFFERENT)
def test_what_makes_a_difference(old, new, directive, yours, ours, fix, tmp_path):
    """The values of both, and the option, property or line."""
    result = interface.compare("nginx", interface.load(), written(tmp_path, changed(old, new)))
    found = [one for one in result.differences if one.directive == directive]
    assert (yours, ours) in [(one.yours and one.yours.strip('"'), one.ours) for one in found] or (
        yours,
        ours,
    ) in [(one.yours, one.ours) for one in found]
    assert any(fix in one.fix for one in found), [one.fix for one in found]
    if "cannot" not in fix:
        assert not [one for one in result.adoption.remaining if not one.explained]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("location ~ \\.js$ { expires 1d; }", "location ~\\.js$ { expires 24h; }"),
        ("access_log /x combined buffer=32k flush=1m;", "access_log /x combined buffer=32K flush=60s;"),
        ("return 301 https://$host$request_uri;", "return 301 https://${host}${request_uri};"),
        ("if ($http_x = abc) { return 403; }", 'if ($http_x = "abc") { return 403; }'),
        ("if ($http_x ~* ^(a|b)$) { return 403; }", "if ( $http_x  ~*  '^(a|b)$' ) { return 403; }"),
        ("proxy_cache_valid 200 1d;", "proxy_cache_valid 200 24h;"),
        ("resolver 127.0.0.1 valid=60s;", "resolver 127.0.0.1 valid=1m;"),
    ],
)
def test_lines_in_another_spelling(one, other, tmp_path):
    """Of the site's own lines, which are compared as all others."""
    settings = interface.load(overrides={"omero.web.nginx_server_extra_config": json.dumps([one])})
    assert meant(tmp_path, changed(SERVER, f"{SERVER} {other}"), settings) == {}


FIRST, SECOND = "location ~ /a { return 403; }", "location ~ ^/ab { return 401; }"
TWICE = ["proxy_cookie_path /a /b;", "proxy_cookie_path /ab /c;"]


@pytest.mark.parametrize(
    ("lines", "group"),
    [
        ([FIRST, SECOND], "regular expressions"),
        ([f"location /x {{ {FIRST} {SECOND} }}"], "regular expressions"),
        (TWICE, "proxy_cookie_path"),
        (["sub_filter aa b;", "sub_filter a c;"], "sub_filter"),
    ],
)
def test_the_first_that_matches_decides(lines, group, tmp_path):
    """So the order is a difference, and the adoption has that of the file."""
    settings = interface.load(overrides={"omero.web.nginx_server_extra_config": json.dumps(lines)})
    swapped = [*lines[::-1]] if len(lines) > 1 else [f"location /x {{ {SECOND} {FIRST} }}"]
    result = interface.compare(
        "nginx", settings, written(tmp_path, changed(SERVER, "\n".join([SERVER, *swapped])))
    )
    assert {one.directive for one in result.differences if not one.explained} >= {f"order of {group}"}
    assert not [one for one in result.adoption.remaining if not one.explained]
    assert json.loads(result.adoption.properties["omero.web.nginx_server_extra_config"]) == swapped


def test_a_line_is_not_appended_behind_one_that_would_match_first(tmp_path):
    """Then it is the adoption as a whole that means the same."""
    settings = interface.load(overrides={"omero.web.nginx_server_extra_config": json.dumps([SECOND])})
    text = changed(SERVER, f"{SERVER}\n{FIRST}\n{SECOND}")
    result = interface.compare("nginx", settings, written(tmp_path, text))
    (found,) = [one for one in result.differences if not one.explained]
    assert found.fix == "the options and properties of --adopt together"
    assert json.loads(result.adoption.properties["omero.web.nginx_server_extra_config"]) == [FIRST, SECOND]


def test_files_of_a_root_by_hand_are_not_those_of_omero_s_text(tmp_path):
    """There try_files finds what somebody put there, as the challenges of a certificate."""
    text = changed('try_files ""', "try_files $uri").replace(SERVER, f"{SERVER} root /srv/www;")
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    (left,) = [one for one in result.adoption.remaining if not one.explained]
    assert (left.directive, left.expressible) == ("try_files", False)
    assert "add a location for the files" in left.fix


def test_an_inherited_line_is_not_adopted_for_others_to_inherit(tmp_path):
    """What counts for OMERO.web alone would change another application."""
    other = "location /other/ { proxy_pass http://127.0.0.1:1; }"
    text = changed(HANDLER, f"{HANDLER} proxy_intercept_errors on;").replace(SERVER, f"{SERVER} {other}")
    adoption = interface.compare("nginx", interface.load(), written(tmp_path, text)).adoption
    assert json.loads(adoption.properties["omero.web.nginx_server_extra_config"]) == [other]
    assert [one.directive for one in adoption.remaining if not one.explained] == ["proxy_intercept_errors"]


@pytest.mark.parametrize(
    "location",
    [
        "location / {{ location /omero {{ {0} }} }}",
        "location ~ ^/omero(/|$) {{ {0} }}",
        "location /omero {{ if ($request_method = GET) {{ {0} }} }}",
        "location @app {{ {0} }} location /omero {{ error_page 418 = @app; return 418; }}",
    ],
)
def test_forms_that_are_not_compared_are_said(location, tmp_path):
    """The address is right: to set another would not help."""
    passes = location.format("proxy_pass http://127.0.0.1:4080;")
    path = written(tmp_path, f"server {{ listen 80; server_name x.org;\n{passes} }}")
    with pytest.raises(SourceError, match=r"theirs\.conf:2: passes requests to OMERO\.web, in a form that"):
        interface.compare("nginx", interface.load(), path)


def test_options_that_have_to_go_are_named(tmp_path, monkeypatch):
    """Of the site file that is there; what is adopted is written beside them."""
    monkeypatch.chdir(tmp_path)
    site = tmp_path / "omerogen.toml"
    site.write_text('tls = "nginx"\ncertificate = "/c"\ncertificate-key = "/k"\nhttp2 = true\n')
    result = interface.compare("nginx", interface.load(site=site), written(tmp_path, PLAIN))
    assert result.adoption.toml == "# take out: tls, certificate, certificate-key, http2\n"


def test_http_3_is_beside_the_port_of_tcp(tmp_path):
    """A listen for QUIC takes the place of none."""
    tls = "listen 443 ssl; ssl_certificate /c; ssl_certificate_key /k; http3 on; listen 443 quic reuseport;"
    text = changed("listen 80;", tls)
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    lines = json.loads(result.adoption.properties["omero.web.nginx_server_extra_config"])
    assert sorted(lines) == ["http3 on;", "listen 443 quic reuseport;"]
    assert {one.context for one in result.adoption.remaining if not one.explained} == {"server (redirect)"}
    made = interface.render("nginx", adopted(result, tmp_path), servername="$hostname")
    assert "    listen 443 ssl" in made
    assert made.count("listen 443 quic reuseport;") == 1


def test_what_has_to_come_after_a_line_with_a_secret(tmp_path):
    """It is to be appended after that: before it, it would let in who has no secret."""
    lines = ["gzip on;", "set $token S3CRETS3CRET;", "if ($http_x_t != $token) { return 403; }"]
    text = changed(SERVER, "\n".join([SERVER, *lines]))
    adoption = interface.compare("nginx", interface.load(), written(tmp_path, text)).adoption
    first, secret, after = adoption.omero.splitlines()
    assert json.loads(shlex.split(first)[-1]) == ["gzip on;"]
    assert "is not shown: append it" in secret
    assert after.startswith("# then, as the order counts: config append -- ")
    assert "if ($http_x_t != $token) { return 403; }" in after
    assert "S3CRET" not in adoption.omero


def test_a_target_with_a_variable_behind_its_port(tmp_path):
    """It is the path."""
    text = changed("proxy_pass http://omeroweb;", "proxy_pass http://127.0.0.1:4080$request_uri;")
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    assert "http://127.0.0.1:4080$request_uri" in [one.yours for one in result.differences]


def test_a_line_that_keeps_yours_does(tmp_path):
    """A deliberate difference has one only where it helps: ours for 502 hides all other error pages."""
    text = changed(SERVER, f"{SERVER} error_page 404 /x.html;")
    text = text.replace("error_page 502 @maintenance;", "").replace("recursive_error_pages on;", "")
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    assert [one.fix for one in result.differences if one.explained == "error-pages"]
    assert not [one for one in result.differences if one.explained == "error-pages" and "keep" in one.fix]


def test_the_order_of_rules_counts(tmp_path):
    """Of allow and deny, and of rewrite and return; not of others."""
    lines = ["allow 10.0.0.0/8;", "deny all;", "gzip on;"]
    settings = interface.load(overrides={"omero.web.nginx_server_extra_config": json.dumps(lines)})
    same = changed(SERVER, f"{SERVER} gzip on; allow 10.0.0.0/8; deny all;")
    assert not meant(tmp_path, same, settings)
    other = changed(SERVER, f"{SERVER} deny all; allow 10.0.0.0/8; gzip on;")
    assert "order of access" in meant(tmp_path, other, settings)


@pytest.mark.parametrize(
    ("name", "differences", "remaining"),
    [
        ("certbot.conf", 18, []),
        ("proxy.conf", 13, []),
        ("websockets.conf", 6, ["map", "proxy_set_header", "expires"]),
        ("locations.include", 5, []),
        ("system/nginx.conf", 5, []),
        ("system/conf.d/omero.conf", 5, []),
        ("several.conf", 2, []),
    ],
)
def test_files_of_deployments(name, differences, remaining, tmp_path):
    """Adopted and compared again, all but what cannot be expressed is the same."""
    path = str(FILES / name)
    result = interface.compare("nginx", interface.load(), path)
    assert len([one for one in result.differences if not one.explained]) == differences
    assert [one.directive for one in result.adoption.remaining if not one.explained] == remaining
    again = interface.compare("nginx", adopted(result, tmp_path), path)
    left = [one for one in again.differences if not one.explained]
    assert [one.directive for one in left] == remaining
    assert all(one.fix.startswith("cannot be expressed") for one in left)
    assert not again.adoption.properties


def test_each_fix_alone(tmp_path):
    """A property that is proposed makes the difference go away."""
    path = written(
        tmp_path, changed("127.0.0.1:4080", "127.0.0.1:4085").replace("location / {", "location /o {")
    )
    result = interface.compare("nginx", interface.load(), path)
    for one in [one for one in result.differences if one.expressible]:
        words = shlex.split(one.fix)
        assert words[:4] == ["omero", "config", "set", "--"]
        after = interface.compare("nginx", interface.load(overrides={words[4]: words[5]}), path)
        assert (one.directive, one.context) not in [
            (each.directive, each.context) for each in after.differences
        ]


def test_locations_in_locations_count(tmp_path):
    """They are said, in the location that they are in."""
    nested = r"location ~ \.php$ { deny all; }"
    text = PLAIN.replace(HANDLER, f"{HANDLER} {nested}").replace("sendfile on;", f"sendfile on; {nested}")
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    found = [(one.context, one.directive, one.expressible) for one in result.differences if one.yours]
    assert found == [
        ("location /static/", "location", False),
        ("location @proxy_to_app", "location", False),
    ]


ACME = """
server {
    listen 80; server_name a.example.org;
    location /.well-known/acme-challenge/ { root /acme; }
    location / { return 301 https://$host$request_uri; }
}
server {
    listen 443 ssl; server_name a.example.org;
    ssl_certificate /c.pem; ssl_certificate_key /k.pem;
    ssl_certificate /c2.pem; ssl_certificate_key /k2.pem;
    client_max_body_size 1m;
    location /static/ { alias /static/; add_header X-A b; }
    location / { proxy_pass http://127.0.0.1:4080; proxy_set_header Host $http_host; add_header X-A b; }
}
"""


def test_what_a_tls_server_has_is_adopted(tmp_path):
    """The limit that is nginx' own too, the folder of an ACME client, and a header of two locations, once."""
    result = interface.compare("nginx", interface.load(), written(tmp_path, ACME))
    adoption = result.adoption
    assert (adoption.options["max-body-size"], adoption.options["acme-root"]) == ("1m", "/acme")
    assert adoption.properties["omero.web.nginx_server_extra_config"] == '["add_header X-A b;"]'
    left = [one.directive for one in adoption.remaining if not one.explained]
    assert left == ["ssl_certificate", "ssl_certificate_key"]  # ours has one of each


@pytest.mark.parametrize(
    "lines",
    [
        ["deny 127.0.0.1;", "allow all;"],
        ["allow 127.0.0.1;", "deny all;", "allow 10.0.0.0/8;", "deny 1.2.3.4;"],
        ["set $m 0;", "if ($arg_a) { set $m 1; }", "if ($arg_b) { set $m 0; }", "if ($m) { return 503; }"],
        ["if ($arg_z) { return 410; }", "rewrite ^/old(.*)$ /new$1;", "rewrite ^/new/x$ /y redirect;"],
    ],
)
def test_lines_whose_order_counts_are_adopted_together(lines, tmp_path):
    """Half of them could let in everybody."""
    text = changed(SERVER, " ".join([SERVER, *lines]))
    adoption = interface.compare("nginx", interface.load(), written(tmp_path, text)).adoption
    assert json.loads(adoption.properties["omero.web.nginx_server_extra_config"]) == lines
    assert not [one for one in adoption.remaining if not one.explained]


def test_half_of_the_rules_of_access_is_not_adopted(tmp_path):
    """Those of one location are no lines of the server block, which all locations inherit."""
    text = changed(HANDLER, f"{HANDLER} allow 10.0.0.0/8; deny all;").replace(
        SERVER, f"{SERVER} deny 1.1.1.1;"
    )
    adoption = interface.compare("nginx", interface.load(), written(tmp_path, text)).adoption
    assert not adoption.properties
    assert {one.directive for one in adoption.remaining if not one.explained} == {"allow", "deny"}


@pytest.mark.parametrize("parameter", ["down", "max_conns=1"])
def test_parameters_of_the_only_server_of_an_upstream(parameter, tmp_path):
    """Those without effect on it say nothing."""
    text = changed("fail_timeout=0", f"max_fails=3 weight=2 {parameter}")
    assert meant(tmp_path, text) == {
        "proxy_pass": (f"http://127.0.0.1:4080 {parameter}", "http://127.0.0.1:4080")
    }
    assert meant(tmp_path, changed("fail_timeout=0", "max_fails=3 weight=2")) == {}


def test_what_only_nginx_knows_becomes_no_property(tmp_path):
    """An address in a variable is none that Gunicorn can bind."""
    text = changed("proxy_pass http://omeroweb;", "proxy_pass http://$up;")
    text = text.replace(SERVER, f"{SERVER} set $up 127.0.0.1:4080;")
    result = interface.compare("nginx", interface.load(), written(tmp_path, text))
    assert [one.yours for one in result.differences if one.directive == "proxy_pass"] == ["http://$up"]
    assert not [name for name in result.adoption.properties if "application_server" in name]


def test_a_default_server_that_redirects(tmp_path):
    """Ours redirects its own names alone: that it does so for all others is said, not dropped."""
    tls = "listen 443 ssl; ssl_certificate /c; ssl_certificate_key /k;"
    text = changed("listen 80;", tls).replace(SERVER, "server_name a.org;")
    text += "server { listen 80 default_server; return 301 https://$host$request_uri; }"
    adoption = interface.compare("nginx", interface.load(), written(tmp_path, text)).adoption
    assert (adoption.options["tls"], adoption.options["servername"]) == ("nginx", ["a.org"])
    left = [(one.context, one.yours, one.ours) for one in adoption.remaining if not one.explained]
    assert [context for context, *_ in left] == ["server (redirect)"] * 2, left


def test_bytes_that_are_not_utf_8_are_said(tmp_path, omerogen):
    """A line with them is not adopted: it would be another."""
    path = tmp_path / "theirs.conf"
    path.write_bytes(PLAIN.replace(SERVER, f'{SERVER} add_header X-A "J\xfc";').encode("latin-1"))
    result = omerogen("compare", "nginx", path, "--adopt")
    assert "has bytes that are not UTF-8" in result.err
    assert "add_header" not in result.out


NAMED = """
upstream images {{ server 127.0.0.1:{app}; }}
server {{
    listen {port}; server_name a.example.org;
    location /static/ {{ alias /nowhere/; }}
    location / {{ try_files $uri @app; }}
    location @app {{ proxy_pass http://images; proxy_set_header Host $http_host; }}
    location /api-slow {{ proxy_pass http://images/slow; }}
    location /login {{ try_files /none @app; }}
}}
"""


@pytest.mark.slow
def test_lines_that_are_adopted_lead_to_the_same_place(tmp_path):
    """They have the names that ours has; nginx gives the same answers with both texts."""
    app, port = Echo(), free_port()
    theirs = NAMED.format(app=app.port, port=port)
    result = interface.compare("nginx", interface.load(), written(tmp_path, theirs))
    assert not [one for one in result.adoption.remaining if not one.explained]
    ours = str(interface.render("nginx", adopted(result, tmp_path)))
    for text in (theirs, ours):
        with tempfile.TemporaryDirectory() as name:  # pytest's own are private
            folder = give_to_ordinary_user(Path(name))
            with served(folder, text, port):
                for path in ("/", "/login", "/api-slow"):
                    answer = asked(("127.0.0.1", port), path, "Connection: close", host="a.example.org")
                    assert answer.endswith("web\n")
    asked_for = [request.split()[1] for request in app.requests]
    assert asked_for == ["/", "/login", "/slow"] * 2
    app.close()


def test_own_locations_inherit(tmp_path):
    """What a further location takes from the server block is adopted with it."""
    own = "proxy_set_header X-A b; location /api-x { proxy_pass http://127.0.0.1:9; }"
    result = interface.compare(
        "nginx", interface.load(), written(tmp_path, changed(SERVER, f"{SERVER} {own}"))
    )
    assert "proxy_set_header X-A b;" in result.adoption.omero
    assert not [one for one in result.adoption.remaining if not one.explained]


def test_several_servers(omerogen):
    """One is chosen, by its name if it is given; the others are named."""
    path = FILES / "several.conf"
    first = omerogen("compare", "nginx", path)
    assert "several.conf:9: server b.example.org is another OMERO.web: not compared" in first.err
    second = omerogen("compare", "nginx", path, "--servername", "b.example.org")
    assert "several.conf:4: server a.example.org is another OMERO.web" in second.err
    assert "--max-body-size 5g" in second.out
    blog = omerogen("compare", "nginx", FILES / "certbot.conf")
    assert "certbot.conf:41: server blog.example.org does not serve OMERO.web: not compared" in blog.err


def test_the_command(omerogen, tmp_path):
    """Exit status, text, JSON; the lines of both files, which load."""
    path = FILES / "proxy.conf"
    text = omerogen("compare", "nginx", path)
    assert text.status == 1
    assert "--servername _" in text.out
    as_json = json.loads(omerogen("compare", "nginx", path, "--format", "json", "--adopt").out)
    assert {"directive", "context", "yours", "ours", "fix"} <= as_json["differences"][0].keys()
    assert 'tls = "proxy"' in as_json["adopt"]["omerogen.toml"]
    lines = omerogen("compare", "nginx", path, "--adopt").out.splitlines()
    assert "config set -- omero.web.prefix /omero" in lines
    own = tmp_path / "own.conf"
    own.write_text(omerogen("nginx").out)
    same = omerogen("compare", "nginx", own)
    assert (same.status, same.out) == (0, f"{own}: no difference in meaning\n")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "has no server or location that passes requests to OMERO.web"),
        (b"server { listen 80; server_name blog; }", ":1: server blog does not pass requests to OMERO.web"),
        (b"server {\n listen 80\n}", ":2: listen is not ended by ;"),
        (b"server {\n listen 80;\n", ":2: syntax error"),
        (b"server {\n }}\n", ":2: syntax error: unexpected"),
        (b"\x00\x01binary", "is not a text file"),
        (b"a {" * 400 + b"}" * 400, "blocks in each other"),
        (b"x " * 300_000, "is larger than"),
    ],
)
def test_files_that_cannot_be_compared(data, message, tmp_path, omerogen):
    """Say where and why, with status 2."""
    path = tmp_path / "odd.conf"
    path.write_bytes(data)
    result = omerogen("compare", "nginx", path)
    assert result.status == 2
    assert message in result.err
    assert not result.out
    assert omerogen("compare", "nginx", tmp_path).status == 2


def test_includes(tmp_path, omerogen):
    """One that cannot be followed is said; a mark of byte order too."""
    folder = tmp_path / "nginx"
    (folder / "conf.d").mkdir(parents=True)
    (folder / "nginx.conf").write_text("events {}")
    (folder / "headers.conf").write_text("proxy_read_timeout 7s;")
    (folder / "conf.d/omero.conf").write_bytes(
        b"\xef\xbb\xbfserver { include missing.conf; include conf.d/omero.conf; include none/*.conf;\n"
        b"location / { proxy_pass http://127.0.0.1:4080; include headers.conf; } }"
    )
    result = omerogen("compare", "nginx", folder / "conf.d/omero.conf")
    assert "omero.conf:1: include missing.conf was not followed: no such file" in result.err
    assert "omero.conf:1: include conf.d/omero.conf was not followed: it includes itself" in result.err
    assert "none" not in result.err
    assert "begins with a byte order mark" in result.err
    assert "proxy_read_timeout 7s;" in result.out


def test_secrets_are_hidden(tmp_path, omerogen):
    """In differences, fixes and adopted lines, which name the place instead."""
    line = 'proxy_set_header Authorization "Basic c2VjcmV0OmNhbmFyeQ==";'
    text = changed(SERVER, f"{SERVER}\n location /api/x {{ {line} proxy_pass http://127.0.0.1:9; }}")
    path = written(tmp_path, text)
    for more in ((), ("--adopt",), ("--format", "json", "--adopt")):
        result = omerogen("compare", "nginx", path, *more)
        assert "c2VjcmV0OmNhbmFyeQ" not in result.out + result.err
    adoption = omerogen("compare", "nginx", path, "--adopt").out
    assert re.search(
        r"^# a line with a secret is not shown: append it .*theirs\.conf:\d+$", adoption, re.MULTILINE
    )


def test_a_missing_parser_names_the_extra(tmp_path, monkeypatch, omerogen):
    """As for the page and the plot."""
    monkeypatch.setitem(sys.modules, "crossplane", None)
    result = omerogen("compare", "nginx", written(tmp_path, PLAIN))
    assert result.status == 2
    assert "pip install 'omerogen[compare]'" in result.err


def test_the_result_pickles():
    """So that process pools work."""
    result = interface.compare("nginx", interface.load(), str(FILES / "certbot.conf"))
    assert pickle.loads(pickle.dumps(result)) == result


def test_other_kinds_and_files_are_errors(omerogen):
    """Exceptions of omerogen in Python, status 2 on the command line."""
    with pytest.raises(OmerogenError, match="cannot be compared"):
        interface.compare("apache", interface.load(), "x")
    with pytest.raises(SourceError, match="No such file"):
        interface.compare("nginx", interface.load(), "/nowhere.conf")
    assert omerogen("compare", "django", "x", "--adopt").status == 2
