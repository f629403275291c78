"""nginx tests its configuration: ``nginx -t``, on free ports, with a throw-away certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from omerogen.model import Location, Problem
from omerogen.secrets.patterns import cleared_line
from omerogen.templating.escape import Raw
from omerogen.values.nginx import tokens
from omerogen.verify.sandbox import NotRun, Sandbox, certificate, find, free_port, free_ports

_ARTIFACT = "nginx"
#: Messages of nginx about things that only the site has: hosts, certificates, folders, addresses.
_ELSEWHERE = re.compile(
    r"host not found|cannot load|No such file|Permission denied|Cannot assign|could not be resolved"
)
#: Directives whose first argument is a file that nginx -t creates, and arguments that are not files.
_WRITES = re.compile(r"access_log|error_log|\w+_temp_path")
_NO_FILE = re.compile(r"""["']?(?:off["']?$|stderr["']?$|syslog:|memory:)""")
_COMPLAINT = re.compile(
    r"\[(?:emerg|crit|alert)\] (?:[0-9]+#[0-9]+: )?(.*?)(?: in (\S+):([0-9]+))?$", re.MULTILINE
)


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that nginx has with the configuration."""
    program = find("nginx")
    site = sandbox.fields(_ARTIFACT)
    layout = site.options["layout"]
    temporary = {name: str(sandbox.folder / name) for name in site.temporary_folders}
    extra_lines = [*map(Raw, _harmless(sandbox, "\n".join(site.extra_lines)).split("\n"))]
    named = {"temporary_folders": temporary, "extra_lines": extra_lines}
    substitutes = {**_substitutes(sandbox, tls=site.terminates_tls), **named}
    path = sandbox.write(_ARTIFACT, "site.conf", substitutes)
    whole = path if layout == "standalone" else _wrapped(sandbox, path, temporary, alone=layout == "location")
    done = sandbox.run([program, "-e", "stderr", "-t", "-q", "-c", whole, "-p", f"{sandbox.folder}/"])
    if done.status:
        yield from _complaints(path, done.output, [str(line).strip() for line in extra_lines])


def _harmless(sandbox: Sandbox, lines: str) -> str:
    """The site's own lines, writing into the temporary folder: a log that nginx makes would be root's."""
    made, end, directive = "", 0, ""
    for token in tokens(lines):
        word = token.group()
        if token.lastgroup == "mark":
            directive = ""
        elif not directive:
            directive = word.strip("\"'")
        elif _WRITES.fullmatch(directive) and not _NO_FILE.match(word):
            made += f"{lines[end : token.start()]}{sandbox.folder}/{directive}"
            end, directive = token.end(), "of a file"
    return made + lines[end:]


def _substitutes(sandbox: Sandbox, *, tls: bool) -> dict[str, object]:
    """Values for the fields that name things of the site."""
    files = certificate(sandbox) if tls else ("", "")
    application, http, https = free_ports(3)
    return {
        "application": f"127.0.0.1:{application}",
        "http_port": http,
        "https_port": https,
        "certificate": str(files[0]),
        "certificate_key": str(files[1]),
        "pid_file": str(sandbox.folder / "nginx.pid"),
        "error_log": str(sandbox.folder / "error.log"),
        "access_log": str(sandbox.folder / "access.log"),
    }


def _wrapped(sandbox: Sandbox, path: Path, temporary: Mapping[str, str], *, alone: bool) -> Path:
    """A configuration around one that is for inclusion."""
    folders = "".join(f"{name}_temp_path {folder};\n" for name, folder in temporary.items())
    include = f"include {path};"
    inner = f"server {{ listen 127.0.0.1:{free_port()}; {include} }}" if alone else include
    whole = sandbox.folder / "nginx.conf"
    whole.write_text(
        f"pid {sandbox.folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{folders}{inner}\n}}\n"
    )
    return whole


def _complaints(path: Path, output: str, own_lines: list[str]) -> Iterator[Problem]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for message, file, line in _COMPLAINT.findall(output):
        text = lines[int(line) - 1].strip() if file == str(path) else ""
        named = [name for name in re.findall('"([^"]+)"', message) if any(name in own for own in own_lines)]
        if _ELSEWHERE.search(message) and (text in own_lines or named):
            raise NotRun(f"omero.web.nginx_server_extra_config needs something that is not here: {message}")
        place = Location.program("nginx", cleared_line(text))
        yield Problem(place, message, "see the property that this line follows from")
    if not _COMPLAINT.search(output):
        yield Problem(
            Location.program("nginx"), output.strip() or "failed without a message", "run nginx -t by hand"
        )
