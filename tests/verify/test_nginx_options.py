"""For any options and lines of a site: nginx takes what is printed, alone and beside a second site."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import omerogen
from support.programs import find, run
from support.texts import tally

pytestmark = pytest.mark.slow

EXTRA, PREFIX = "omero.web.nginx_server_extra_config", "omero.web.prefix"
#: As many as take some ten seconds; OPTIONS_EXAMPLES=2000 is for a long search.
EXAMPLES = int(os.environ.get("OPTIONS_EXAMPLES", "250"))
ALL = "0.0.0.0"  # noqa: S104 - nothing is bound for longer than nginx -t
TEMPORARY = "client_body proxy fastcgi uwsgi scgi".split()
FILES = ("certificate", "certificate_key")
#: Why a site may be refused: an option does nothing, or what it says is said already.
RIGHT = re.compile(
    r"--[a-z0-9-]+: has no effect with"
    r"|--listen: \S+ is the same as "
    rf"|--(?:acme-root|redirect-root|websockets): (?:{EXTRA}|--websockets) already defines the location "
    rf"|--set: {EXTRA} binds \S+ beside a listen for all addresses"
    rf"|--set: {EXTRA} also defines the location /\S* of omero"
)
Draw = Callable[[st.SearchStrategy[Any]], Any]


class Site(NamedTuple):
    """What a site asks for; ``certificate`` and ``certificate_key`` stand for the names of the files."""

    properties: dict[str, str]
    options: dict[str, Any]
    lines: list[str]


class Judge:
    """``nginx -t`` in a folder of its own, with a throw-away certificate."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path]) -> None:
        self.folder = folder
        self.files = dict(zip(FILES, map(str, certificate), strict=True))
        (folder / "omero/var/log").mkdir(parents=True)

    def rendered(self, site: Site) -> str:
        """The configuration of a site; raises `OmerogenError` if it is refused."""
        lines = [re.sub(r"FILE\((\w+)\)", lambda found: self.files[found[1]], line) for line in site.lines]
        properties = {**site.properties, EXTRA: json.dumps(lines)} if lines else site.properties
        loaded = omerogen.load(overrides=properties, omerodir=self.folder / "omero")
        options = {name: self.files.get(name, value) for name, value in site.options.items()}
        return omerogen.render("nginx", loaded, **options)

    def complaints(self, text: str) -> str:
        """What nginx says against a whole configuration; nothing if it takes it."""
        path = self.folder / "nginx.conf"
        path.write_text(text, encoding="utf-8")
        done = run([find("nginx"), "-e", "stderr", "-t", "-q", "-c", path, "-p", f"{self.folder}/"])
        return done.stderr + done.stdout if done.returncode else ""

    def whole(self, *texts: str, layout: str) -> str:
        """Sites side by side in one http block, those of layout ``location`` in one server block."""
        if layout == "standalone":
            [text] = texts
            return text
        inner = "\n".join(texts)
        inner = f"server {{ listen 34000; {inner} }}" if layout == "location" else inner
        folders = "".join(f"{name}_temp_path {self.folder}/{name};" for name in TEMPORARY)
        start = f"pid {self.folder}/pid; error_log stderr; events {{}}"
        return f"{start} http {{ access_log off; {folders}\n{inner}\n}}"


@pytest.fixture(scope="module")
def judge(certificate: tuple[Path, Path]) -> Iterator[Judge]:
    with tempfile.TemporaryDirectory(prefix="omerogen-") as folder:
        yield Judge(Path(folder), certificate)


#: One address each, in all the ways to write it.
ADDRESSES = (
    ("{0}", "*:{0}", "0.0.0.0:{0}", '"{0}"', "'*:{0}'", "{0}-{0}", "*:{0}-{0}"),
    ("[::]:{0}", "[0::0]:{0}", "[0:0:0:0:0:0:0:0]:{0}"),
    ("127.0.0.1:{0}",),
    ("[::1]:{0}", "[0::1]:{0}"),
)
#: What sites write behind it.
PARAMETERS = ("default_server", "backlog=511", "reuseport", "http2", "deferred", "so_keepalive=on", "bind")
#: Lines that a server block takes once each.
ONCE = (
    ["server_tokens on;", "server_tokens off;"],
    ["ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.3;"],
    ["ssl_ciphers HIGH:!aNULL:!MD5;", "ssl_ciphers 'ECDHE-RSA-AES128-GCM-SHA256:!aNULL';"],
    ["ssl_prefer_server_ciphers on;"],
    ["ssl_session_timeout 10m;"],
    ["ssl_session_cache shared:{name}:1m;", "ssl_session_cache builtin:1000 shared:{name}:10m;"],
    ["ssl_session_tickets on;"],
    ["client_max_body_size 2g;", "client_max_body_size 0;"],
    ["proxy_read_timeout 300s;"],
    ["proxy_buffering off;"],
    ["gzip on; gzip_types text/css application/json; gzip_min_length 1k;"],
    ["keepalive_timeout 65;"],
    ["real_ip_header X-Forwarded-For; set_real_ip_from 10.0.0.0/8; real_ip_recursive on;"],
    ["root /srv/www;"],
    ["index index.html;"],
    ["absolute_redirect off;"],
)
#: Those that it takes again and again.
OFTEN = (
    "add_header X-Frame-Options SAMEORIGIN;",
    "add_header Strict-Transport-Security 'max-age=63072000; includeSubDomains' always;",
    "add_header Content-Security-Policy \"default-src 'self'; img-src *\" always;",
    "error_page 404 /404.html;",
    "error_page 500 502 503 504 /50x.html;",
    "access_log /dev/null combined;",
    "error_log /dev/null warn;",
    "server_name more.example.org *.more.example.org;",
    "if ($scheme = http) { return 301 https://$host$request_uri; }",
    "if ($request_method !~ ^(GET|HEAD|POST)$ ) { return 405; }",
    "rewrite ^/old/(.*)$ /new/$1 permanent;",
    "set $site omero;",
    "proxy_set_header X-Real-IP $remote_addr;",
    "allow 10.0.0.0/8; deny all;",
    "# a comment; with { marks",
)
#: Locations of a site; with some options or properties, some of them are ours.
LOCATIONS = (
    "location /robots.txt { return 200 'User-agent: *'; }",
    "location = /favicon.ico { access_log off; log_not_found off; }",
    "location ~ /\\.ht { deny all; }",
    "location ~* \\.(?:png|css)$ { expires 7d; }",
    "location /iviewer { proxy_pass http://127.0.0.1:34088; }",
    "location ^~ /.well-known/acme-challenge/ { root /var/www/certbot; }",
    "location /.well-known/acme-challenge/ { root /var/www/certbot; }",
    "location = /omero-ws { return 404; }",
    "location = / { return 302 /omero/; }",
    "location =/ { return 302 /omero/; }",
    "location / { root /srv/www; }",
    "location /omero { return 404; }",
    "location ^~ /static/ { root /srv; }",
    "location = /50x.html { root /usr/share/nginx/html; }",
)


def some(items: Any, most: int = 4) -> st.SearchStrategy[list[Any]]:
    """A few of these, each once."""
    return st.lists(st.sampled_from(items), max_size=most, unique_by=str)


def rarely(draw: Draw) -> bool:
    return bool(draw(st.integers(0, 11)) == 11)


def own_listens(draw: Draw, ports: dict[str, int], *, modest: bool) -> list[str]:
    """Listen lines, each for another address and port: TLS where that port has it."""
    places = draw(some([(address, name) for address in ADDRESSES for name in ports], 3))
    lines = []
    for address, name in places:
        parameters = [] if modest else draw(some(PARAMETERS, 2))
        if "[" in address[0] and not modest and rarely(draw):
            parameters.append("ipv6only=off")
        has_tls = "https" in name and (modest or not rarely(draw))
        words = [draw(st.sampled_from(address)).format(ports[name]), *(["ssl"] if has_tls else [])]
        lines.append(f"listen {' '.join([*words, *parameters])};")
    return lines


def own_lines(draw: Draw, ports: dict[str, int], *, modest: bool) -> list[str]:
    """A site's own lines, in any order."""
    once = [draw(st.sampled_from(lines)).format(name=f"own{ports['http']}") for lines in draw(some(ONCE, 3))]
    listens = own_listens(draw, ports, modest=modest) if draw(st.booleans()) else []
    lines = [*once, *listens, *draw(some(OFTEN, 3)), *draw(some(LOCATIONS, 1))]
    return list(draw(st.permutations(lines)))


def server_options(draw: Draw, ports: dict[str, int], *, modest: bool) -> dict[str, Any]:
    """The options of a server block, which a location does not have."""
    tls = draw(st.sampled_from([None, "none", "nginx", "nginx", "proxy"]))
    addresses = ["*", "127.0.0.1", "::1", "[::1]", "[::]", "::", ALL, "localhost"]
    optional: dict[str, st.SearchStrategy[Any]] = {
        "listen": st.lists(st.sampled_from(addresses), min_size=1, max_size=2, unique=True),
        "acme_root": st.sampled_from(["/var/www/certbot", "/srv/a b"]),
        "default_server": st.just(not modest),
    }
    of_tls = {"http2": st.just(True), "hsts": st.sampled_from(["off", "0", "63072000"])}
    chosen = draw(st.fixed_dictionaries({}, optional={**optional, **(of_tls if tls == "nginx" else {})}))
    https = {"https": ports["https"]} if tls == "nginx" else {}
    return {"http": ports["http"], "tls": tls, **https, **chosen}


def certificates(draw: Draw, options: dict[str, Any], lines: list[str]) -> tuple[dict[str, Any], list[str]]:
    """A certificate and its key by the options, the site's own lines or both, where TLS is asked for."""
    if options.get("tls") != "nginx" and not any(" ssl" in line for line in lines):
        return {}, []
    own = draw(some(FILES))
    given_files = [name for name in FILES if name not in own or draw(st.booleans())]
    return dict.fromkeys(given_files, ""), [f"ssl_{name} FILE({name});" for name in own]


@st.composite
def sites(draw: Draw, layout: str, names: list[str], prefixes: list[str], base: int, modest: bool) -> Site:
    """A site whose ports follow ``base``; a modest one may share the addresses of another."""
    ports = {"http": base, "https": base + 1, "other": base + 2, "other https": base + 3}
    prefix = draw(st.sampled_from(prefixes))
    properties = {
        PREFIX: prefix,
        "omero.web.static_url": f"{prefix}/static/",
        "omero.web.application_server.port": str(base + 5),
        "omero.web.application_server.max_requests": draw(st.sampled_from(["0", "500"])),
        "omero.web.application_server.host": draw(st.sampled_from(["127.0.0.1", ALL, "::"])),
        "omero.client.icetransports": draw(st.sampled_from(["ssl,ws", "ssl,tcp,wss"])),
    }
    of_all = {
        "servername": st.permutations(names).map(lambda order: order[: 1 + len(prefix) % len(order)]),
        "max_body_size": st.sampled_from(["0", "512k", "2G"]),
        "upstream": st.sampled_from(["127.0.0.1:34080", "[::1]:34080", "localhost:34080"]),
    }
    options = draw(st.fixed_dictionaries({"layout": st.just(layout)}, optional=of_all))
    shares_paths = modest and layout == "location"
    if draw(st.booleans()):
        paths = [f"{prefix}/ws", f"{prefix}/", *([] if shares_paths else [True, "/"])]
        options["websockets"] = draw(st.sampled_from(paths))
        if draw(st.booleans()):
            options["websockets_upstream"] = "[::1]:34065"
    if (prefix or rarely(draw)) and not shares_paths and draw(st.booleans()):
        options["redirect_root"] = True
    lines: list[str] = []
    if layout != "location":
        options |= server_options(draw, ports, modest=modest)
        lines = own_lines(draw, ports, modest=modest) if draw(st.integers(0, 3)) else []
        given_files, own_files = certificates(draw, options, lines)
        options, lines = {**options, **given_files}, [*lines, *own_files]
    if rarely(draw):
        stray = {"hsts": "60"}, {"https": 34009}, {"http2": True}, {"certificate": ""}
        options |= draw(st.sampled_from(stray))
    return Site(properties, options, lines)


NAMES = ["a.example.org", "*.a.example.org", "www.a.example.*", ".a.example.net"]
OTHER_NAMES = ["b.example.org", "*.b.example.org", "b-2.example.org"]


@st.composite
def pairs(draw: Draw) -> tuple[Site, Site | None]:
    """A site, and one that differs from it in its names, its ports or, for locations, its paths."""
    layout = draw(st.sampled_from(["server"] * 4 + ["location", "standalone"]))
    prefixes, others = ["", "/omero", "/a/b-c"], ["/other", "/om-ero"]
    by_ports = draw(st.booleans())
    first = draw(sites(layout, NAMES, prefixes, 34001, modest=not by_ports and layout == "server"))
    if layout == "server" and rarely(draw):
        first.options["default_server"] = True
    if layout == "standalone":
        return first, None
    if by_ports and layout == "server":
        return first, draw(sites(layout, NAMES, prefixes, 34021, modest=False))
    return first, draw(sites(layout, OTHER_NAMES, others, 34001, modest=True))


def test_nginx_takes_what_is_printed_for_any_options_and_lines(judge: Judge) -> None:
    """Alone and beside a second site; a refusal names an option or the lines of the site itself."""
    count: Counter[str] = Counter()

    def printed(site: Site) -> str:
        count["tried"] += 1
        try:
            return judge.rendered(site)
        except omerogen.OmerogenError as error:
            count["refused"] += 1
            assert all(map(RIGHT.match, str(error).splitlines())), error
            return ""

    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    @given(pairs())
    def try_one(pair: tuple[Site, Site | None]) -> None:
        layout = pair[0].options["layout"]
        texts = [text for site in pair if site and (text := printed(site))]
        for chosen in {tuple(texts), *((text,) for text in texts)} - {()}:
            assert not judge.complaints(judge.whole(*chosen, layout=layout)), pair
        for text in texts:  # nginx would send both, and browsers heed the first
            assert text.lower().count("strict-transport-security") <= 1, pair
        count["beside"] += len(texts) == 2

    try_one()
    tally("nginx' options and own lines", count["tried"], count["refused"])
    assert count["refused"] < count["tried"] / 4, count
    assert count["beside"] > EXAMPLES / 3, count
