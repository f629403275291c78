"""A look around this machine, for the values of a site file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from omerogen.catalog.web_security import WEB_SECURE_PROXY_SSL_HEADER
from omerogen.catalog.web_server import WEB_APPLICATION_SERVER_PORT
from omerogen.model import OmerogenError
from omerogen.settings import Settings
from omerogen.settings.loading import load
from omerogen.sites import nginx_reader
from omerogen.sites.nginx_reader import Directive

#: Where OMERO is usually installed.
OMERODIRS = ("/opt/omero/server/OMERO.server", "/opt/omero/web/omero-web", "/opt/omero/web/OMERO.web")
NGINX = "/etc/nginx/nginx.conf"
_PROGRAMS = ("nginx", "java", "icegridregistry", "gunicorn")


class Tls(NamedTuple):
    """Where TLS is terminated, how that was found, and names and files of the server block."""

    kind: str
    reason: str
    names: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    port: str = ""
    is_known: bool = True


class Survey(NamedTuple):
    """The results: paths are empty where nothing was found."""

    omerodir: str
    config: str
    tls: Tls
    programs: tuple[str, ...]
    problems: tuple[str, ...] = ()


def survey(omerodir: str, nginx: str) -> Survey:
    """Look for an OMERO, its properties, its nginx and the programs; nothing is run."""
    folder = omerodir or next(filter(os.path.isdir, OMERODIRS), "")
    config = os.path.join(folder, "etc/grid/config.xml") if folder else ""
    config = config if os.path.exists(config) else ""
    problems = []
    try:
        settings = load(*filter(None, [config]), omerodir=folder or None)
    except OmerogenError as error:
        problems += error.lines()
        settings = load()
    programs = tuple(filter(shutil.which, _PROGRAMS))
    return Survey(folder, config, _tls(settings, nginx), programs, tuple(problems))


def _tls(settings: Settings, nginx: str) -> Tls:
    try:
        servers = [*nginx_reader.read(nginx).all("server")]
    except OmerogenError:
        servers = []
    ours = [server for server in servers if server.block and _is_of(settings, server)]
    for server in ours:
        listen = next((one for one in server.all("listen") if "ssl" in one.words), None)
        if listen:
            return Tls(
                "nginx",
                f"{listen.file}:{listen.line} listens with TLS",
                _names(server),
                _value(server, "ssl_certificate"),
                _value(server, "ssl_certificate_key"),
                _port(listen),
            )
    names = next(filter(None, map(_names, ours)), ())
    try:
        header = settings[WEB_SECURE_PROXY_SSL_HEADER]
    except OmerogenError:
        header = None
    if header:
        return Tls("proxy", f"{WEB_SECURE_PROXY_SSL_HEADER.name} is set", names)
    if ours:
        return Tls("none", f"{ours[0].file}:{ours[0].line} listens without TLS", names)
    return Tls("none", f"no server block for OMERO.web was found in {nginx}", is_known=False)


def _is_of(settings: Settings, server: Directive) -> bool:
    """Whether a server block is for OMERO.web: it passes to its port, or speaks of it."""
    try:
        port = str(settings[WEB_APPLICATION_SERVER_PORT])
    except OmerogenError:
        port = str(WEB_APPLICATION_SERVER_PORT.default)
    passed = " ".join(word for one in server.all("proxy_pass") for word in one.words[1:])
    files = " ".join(word for name in ("root", "alias") for one in server.all(name) for word in one.words[1:])
    return f":{port}" in passed or "omero" in (passed + files).lower()


def _names(server: Directive) -> tuple[str, ...]:
    names = (name for one in server.all("server_name") for name in one.words[1:])
    return tuple(name for name in names if name not in ("_", "$hostname"))


def _value(server: Directive, name: str) -> str:
    return next((one.words[1] for one in server.all(name) if len(one.words) > 1), "")


def _port(listen: Directive) -> str:
    port = listen.words[1].rpartition(":")[2] if len(listen.words) > 1 else ""
    return port if port.isdigit() and port != "443" else ""


def site_file(found: Survey) -> str:
    """The text of a site file; suggestions are comments."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Survey) -> Iterator[str]:
    yield "# The site, for all omerogen commands in this folder. Options of the command line win."
    yield "# For completion in an editor, run omerogen init --schema > omerogen.schema.json, and begin this"
    yield "# file with the line #:schema ./omerogen.schema.json"
    yield ""
    yield "# The properties, later files over earlier ones; paths are relative to this file."
    if found.config:
        yield f"config = [{_text(found.config)}]"
    else:
        yield '# config = ["site.yaml"]'
    for problem in found.problems:
        yield f"#   {_comment(problem)}"
    yield "# env = true                   # also CONFIG_… variables"
    yield (
        f"omerodir = {_text(found.omerodir)}" if found.omerodir else '# omerodir = "/opt/omero/web/omero-web"'
    )
    yield '# output = "out"               # where omerogen build writes'
    if found.programs:
        yield f"# verify = true                # validate with {', '.join(found.programs)} before each build"
    yield ""
    yield from _tls_lines(found.tls)
    yield ""
    yield "# Properties over those of the sources, as with --set. Not for passwords: use file:/PATH."
    yield "[properties]"
    yield '# "omero.web.prefix" = "/omero"'
    yield ""
    yield "# Findings of omerogen check that are meant to be, by the id in brackets, each with its reason."
    yield "[waive]"
    yield ""
    yield "# Commands for the shell, when files of an artifact changed; any = … for all of them."
    yield "[reload]"
    yield '# nginx = "nginx -t && nginx -s reload"'


def _tls_lines(tls: Tls) -> Iterator[str]:
    yield "# Where TLS is terminated: none, nginx (this one), or proxy (in front of nginx)."
    yield f"# {_comment(tls.reason)}"
    yield f"tls = {_text(tls.kind)}" if tls.is_known else '# tls = "nginx"'
    names = ", ".join(map(_text, tls.names))
    yield f"servername = [{names}]" if names else '# servername = ["omero.example.org"]'
    for key, value in (("https", tls.port), ("certificate", tls.certificate), ("certificate-key", tls.key)):
        if value:
            yield f"{key} = {value if value.isdigit() else _text(value)}"


def _text(text: str) -> str:
    """A TOML string: as in JSON, which leaves one control character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
