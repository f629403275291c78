"""Random sites, changes of one property at a time, and what a source map says of the lines that change."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import omerogen
from omerogen import artifacts, catalog
from omerogen.artifacts import ARTIFACTS, rendering
from omerogen.derive.host import Host
from omerogen.model import RenderedFile, properties_of
from omerogen.values.base import Invalid

#: Texts of which nearly every property accepts some; those with a list of choices bring their own.
TEXTS = [
    *"true false 7 70 2000 /x/y /x/ x.example.org x X x@example.org [] -Xmx1g -Da=b 1g a=b (a=b)".split(),
    *"tls1_2 ssl MD5-128 -read UTC tmp https://x.example.org/ ldap://x.example.org:389".split(),
    *('["x"]', '[["x", 1]]', '[["x", 4064, "n"]]', '[["x", "y"]]', '[["x", "y", "z"]]', '{"a": "b"}'),
    *('[["x", "y", {"a": "b"}]]', '["HTTP_X_FORWARDED_PROTO", "https"]', '[["class", "X", "b"]]'),
    *("", "0 0 3 * * ?", '["add_header X-A b;"]', '{"default": {"BACKEND": "x"}}', "UNIX required"),
    "master:Blitz-0,Tables-0",
]
#: More texts for what decides about others: the lines of nginx, heaps, transports, nodes, the URL.
MORE = {
    "omero.web.nginx_server_extra_config": (
        '["listen 8080;"]',
        '["listen 443 ssl;", "ssl_certificate /a;", "ssl_certificate_key /b;"]',
        '["server_tokens on;", "ssl_session_timeout 1h;", "ssl_session_cache none;"]',
        '["ssl_protocols TLSv1.3;", "ssl_ciphers A;", "ssl_session_tickets on;"]',
        '["ssl_prefer_server_ciphers on;"]',
        '["listen 80 default_server;"]',
        '["listen 443;"]',
        '["listen 80;", "listen 443 ssl;", "add_header Strict-Transport-Security x;"]',
        '["location /x { return 204; }"]',
    ),
    "omero.client.icetransports": ("ssl,tcp", "ssl,tcp,wss", "ssl,ws,wss"),
    "omero.server.nodedescriptors": (
        "master:Blitz-0,Indexer-0,Processor-0 web:Tables-0,DropBox",
        "master:Blitz-0,Blitz-1,Indexer-0 b:PixelData-0",
        "master:Indexer-0 b:Blitz-0",
    ),
    "omero.web.application_server.host": ("0.0.0.0", "::", "10.1.2.3"),  # noqa: S104 - nothing is bound
    "omero.web.prefix": ("/omero", "/a-b/c"),
    "omero.web.static_url": ("/omero/static/", "https://cdn.example.org/s/"),
    "omero.web.wsgi_worker_class": ("gevent", "sync"),
    "omero.web.wsgi_args": ("--reuse-port -w 3",),
    "omero.web.session_serializer": (
        "django.contrib.sessions.serializers.PickleSerializer",
        "django.contrib.sessions.serializers.JSONSerializer",
    ),
    "omero.web.django_additional_settings": ('[["STORAGES", {}]]', '[["X", 1], ["Y", {"a": 2}]]'),
    "omero.web.debug": ("true", "false"),
    "omero.db.properties": ("ssl=true", "a=b&user=u", "sslpassword=p&user=q", "password=z"),
    "omero.db.url": ("jdbc:postgresql://h/d?password=p", "jdbc:postgresql://${omero.db.host}/x"),
    "omero.ports.prefix": ("1", "2"),
}
_JVM = {
    "percent": ("1", "10", "30", "99"),
    "strategy": ("manual", "percent"),
    "heap_size": ("1g", "700m", "500g"),
    "system_memory": ("2000", "4000", "16000", "64000", "9000000"),
    "max_system_memory": ("1000", "3000", "8000"),
    "min_system_memory": ("1000", "2000", "90000"),
    "heap_dump": ("tmp", "cwd", "off"),
    "append": ("-Da=b", "-Xss2m -XX:+UseG1GC", "-Xmx500g"),
}
#: Names that the catalog does not have: a plugin's, a service's own, one of Ice, one that refers to others.
UNKNOWN = {
    "omero.web.x.y": ("1", "a b"),
    "omero.x": ("${omero.db.host}-${omero.db.name}", "${omero.web.x.y}", "plain"),
    "omero.x.blitz": ("1", "${omero.x}"),
    "omero.db.host.indexer": ("i", "j"),
    "omero.glacier2.IceSSL.CertFile": ("a.p12", "b.p12"),
    "omero.glacier2.IceSSL.Trace.Security": ("1", "2"),
}
FILES = [{}, {"tls": "nginx", "certificate": "/c.pem", "certificate_key": "/k.pem"}, {"tls": "proxy"}]
OPTIONS: list[dict[str, Any]] = [
    *FILES,
    {"layout": "standalone", "http": "8080"},
    {"layout": "location"},
    {"websockets": True, "redirect_root": True, "acme_root": "/acme"},
    {
        "servername": "a.example.org b.example.org",
        "tls": "nginx",
        "certificate": "/c",
        "certificate_key": "/k",
    },
    {"listen": "* [::]", "http2": True, "tls": "nginx", "certificate": "/c", "certificate_key": "/k"},
    {"ice": "3.7"},
    {"node": "master"},
    {"upstream": "web:4080"},
]
#: Other ways to print an artifact than as a file of a build.
PRINTED: list[tuple[str, dict[str, str]]] = [
    ("jvm", {"format": "json"}),
    ("jvm", {"format": "omero"}),
    ("jvm", {"service": "blitz"}),
    ("jdbc", {"format": "json"}),
]


@cache
def pool(name: str) -> tuple[str, ...]:
    """Legal texts for a property."""
    row = catalog.find(name)
    if row is None:
        return UNKNOWN[name]
    own = MORE.get(name) or _JVM.get(name.removeprefix("omero.jvmcfg.").partition(".")[0], ())
    if not name.startswith("omero.jvmcfg.") and name not in MORE:
        own = ()
    choices = [text for text in row.kind.schema().get("enum", ()) if isinstance(text, str)]
    legal = []
    for text in dict.fromkeys([*own, *choices, *TEXTS]):
        with contextlib.suppress(Invalid):
            row.kind.parse(text)
            legal.append(text)
    # Also the default: a property that is set to it is set.
    return tuple(dict.fromkeys([*legal[: max(5, len(own) + 1)], *filter(None, [row.default])]))


NAMES = [name for name in (*catalog.PROPERTIES, *UNKNOWN) if name in UNKNOWN or pool(name)]


class Site(NamedTuple):
    """Properties, options, and the memory of a machine in MB."""

    overrides: dict[str, str]
    options: dict[str, Any]
    host: Host


class Change(NamedTuple):
    """One property of a site gets another text, or is unset."""

    name: str
    text: str | None

    def of(self, overrides: dict[str, str]) -> dict[str, str]:
        others = {name: text for name, text in overrides.items() if name != self.name}
        return others if self.text is None else {**others, self.name: self.text}


def host(folder: Path, total_mb: int) -> Host:
    """A machine with that much memory."""
    proc = folder / str(total_mb) / "proc"
    proc.mkdir(parents=True, exist_ok=True)
    (proc / "meminfo").write_text(f"MemTotal: {total_mb * 1000 // 1.024:.0f} kB\n")
    return Host(str(proc.parent))


def site(rng: random.Random, hosts: list[Host]) -> Site:
    """Few properties or many."""
    names = rng.sample(NAMES, rng.choice((0, 3, 10, 40)))
    return Site({name: rng.choice(pool(name)) for name in names}, rng.choice(OPTIONS), rng.choice(hosts))


def files(
    overrides: dict[str, str], site: Site, *, traced: bool = False, only: Iterable[str] = tuple(ARTIFACTS)
) -> dict[str, RenderedFile]:
    """The files of a site and the other ways to print an artifact, by path, but those that are refused."""
    found: dict[str, RenderedFile] = {}
    try:
        settings = omerogen.load(overrides=overrides)
    except omerogen.OmerogenError:
        return found
    for name in only:
        artifact = artifacts.get(name)
        own = artifact.own(site.options)
        with contextlib.suppress(omerogen.OmerogenError):
            for file in artifact.files(settings, own):
                given = {**own, **file.options}
                found[file.path] = rendering.render(
                    name, settings, given, host=site.host, path=file.path, traced=traced
                )
        for printed, given in PRINTED:
            if printed == name:
                with contextlib.suppress(omerogen.OmerogenError):
                    found[f"{name} {given}"] = rendering.render(
                        name, settings, {**own, **given}, host=site.host, traced=traced
                    )
    return found


def missed(name: str, before: RenderedFile, after: RenderedFile) -> list[str]:
    """Lines that come or go with a change of a property, and do not name it in the map that they are in."""
    counts = [Counter(line.text for line in file.lines) for file in (before, after)]
    found = []
    for file, gone in ((before, counts[0] - counts[1]), (after, counts[1] - counts[0])):
        naming = Counter(line.text for line in file.lines if name in properties_of(line.inputs))
        found += [text for text, count in gone.items() if naming[text] < count]
    return found


def changes(rng: random.Random, overrides: dict[str, str]) -> Iterator[Change]:
    """A change that there may be, without end."""
    while True:
        name = rng.choice(NAMES)
        text = rng.choice((None, *pool(name)))
        if text != overrides.get(name):
            yield Change(name, text)
