"""nginx tests its configuration: ``nginx -t``, on free ports, with a throw-away certificate.

The site's own lines may include files that name logs, which nginx would create, and hosts, which it would
look up. So it runs where it can do neither; each host and each folder of a log then gets a stand-in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from omerogen.model import Location, Problem
from omerogen.secrets.patterns import cleared_directives
from omerogen.templating.escape import Raw
from omerogen.templating.escape import nginx as nginx_word
from omerogen.verify import namespaces
from omerogen.verify.nginx_stand_ins import StandIns, words
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Finished, Sandbox, free_port

_ARTIFACT = "nginx"
_SITE, _WHOLE = "site.conf", "nginx.conf"
#: Messages of nginx about things that only the site has: hosts, certificates, folders, addresses.
_ELSEWHERE = re.compile(
    r"host not found|cannot load|No such file|Permission denied|Cannot assign|could not be resolved"
    r"|Read-only file system"
)
#: Messages about what another part of the http block defines: variables, formats of logs, zones.
_CONTEXT = re.compile(
    r'unknown "\w+" variable|unknown log format|(?:zone|cache) "[^"]*" is unknown'
    r"|zero size shared memory zone|unknown (?:limit_req|limit_conn|cache) zone"
)
#: Directives that bring other files, or hosts that nginx looks up when it tests.
_NEEDS_NAMESPACES = re.compile(
    r"include|listen|resolver|set_real_ip_from|ssl_(?:stapling|ocsp)\w*|\w+_pass|(?:js|perl|lua)_\w*"
)
_COMPLAINT = re.compile(
    r"\[(?:emerg|crit|alert)\] (?:[0-9]+#[0-9]+: )?(.*?)(?: in (\S+):([0-9]+))?$", re.MULTILINE
)
_UNKNOWN_HOST = re.compile(r'host not found in (?:[\w ]+ )?"(?:\w+://)?([^"/:]+)')
_UNWRITABLE = re.compile(r'"(/[^"]*)/[^"/]*" failed \(30: ')
#: More stand-ins than any site needs.
_MOST_STAND_INS = 100
_HOSTS = "/etc/hosts"


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that nginx has with the configuration."""
    program = find("nginx")
    site = sandbox.fields(_ARTIFACT)
    layout = site.options["layout"]
    if not sandbox.namespaces.complete:
        _refuse_other_files(site.extra_lines)
        if sandbox.options.get("http_context"):
            raise NotRun("--http-context is tried only where this user may have namespaces")
    temporary = {name: name for name in site.temporary_folders}
    stand_ins = StandIns(sandbox, site)
    extra_lines = [*map(Raw, stand_ins.in_lines("\n".join(site.extra_lines)).split("\n"))]
    substitutes = {**stand_ins.of_fields(), "temporary_folders": temporary, "extra_lines": extra_lines}
    path = sandbox.write(_ARTIFACT, _SITE, substitutes)
    whole = path if layout == "standalone" else _wrapped(sandbox, path, temporary, alone=layout == "location")
    sandbox.remarks += stand_ins.remarks()
    done = _tested(sandbox, [program, *"-e stderr -t -q -p ./ -c".split(), whole])
    if done.status:
        yield from _complaints(sandbox, done.output, [str(line).strip() for line in extra_lines])


def _refuse_other_files(lines: list[str]) -> None:
    """Without namespaces, nginx could write and reach what these lines name; raises `NotRun`."""
    for directive, _, token in words("\n".join(lines)):
        if _NEEDS_NAMESPACES.fullmatch(directive) or "syslog:" in token.group():
            message = f"omero.web.nginx_server_extra_config has {directive}, by which nginx may reach out"
            raise NotRun(f"{message}; it is tried only where this user may have namespaces")


def _tested(sandbox: Sandbox, command: list[str]) -> Finished:
    """The result of nginx once hosts are known and folders of logs can be written."""
    seen: set[str] = set()
    done = sandbox.run(command)
    while done.status and len(seen) < _MOST_STAND_INS and _stand_in(sandbox, done.output, seen):
        done = sandbox.run(command)
    return done


def _stand_in(sandbox: Sandbox, output: str, seen: set[str]) -> bool:
    """Replace the host or the folder that nginx complains of; whether it was a new one."""
    for pattern, replace, remark in (
        (_UNKNOWN_HOST, _add_host, "the address of {}"),
        (_UNWRITABLE, _add_folder, "files in {}"),
    ):
        found = pattern.search(output)
        name = found[1] if found else ""
        if name and name not in seen and sandbox.namespaces.complete and replace(sandbox, name, len(seen)):
            seen.add(name)
            sandbox.remarks.append(f"with a stand-in for {remark.format(name)}")
            return True
    return False


def _add_host(sandbox: Sandbox, name: str, _: int) -> bool:
    hosts = sandbox.folder / "hosts"
    known = hosts if hosts.exists() else Path(_HOSTS)
    hosts.write_bytes(known.read_bytes() + f"\n127.0.0.1 {name}\n".encode())
    return namespaces.replace_file(_HOSTS, str(hosts))


def _add_folder(sandbox: Sandbox, name: str, count: int) -> bool:
    return os.path.isdir(name) and namespaces.overlay(name, str(sandbox.folder / f"overlay{count}"))


def _wrapped(sandbox: Sandbox, path: str, temporary: Mapping[str, str], *, alone: bool) -> str:
    """A configuration around one that is for inclusion; its name."""
    folders = "".join(f"{name}_temp_path {folder};\n" for name, folder in temporary.items())
    include = f"include {path};"
    inner = f"server {{ listen 127.0.0.1:{free_port()}; {include} }}" if alone else include
    if context := sandbox.options.get("http_context"):
        inner = f"include {nginx_word(os.path.abspath(context))};\n{inner}"
    return sandbox.keep(
        _WHOLE,
        f"pid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{inner}\n}}\n",
    )


def _complaints(sandbox: Sandbox, output: str, own_lines: list[str]) -> Iterator[Problem]:
    lines = (sandbox.folder / _SITE).read_text(encoding="utf-8").splitlines()
    for message, file, line in _COMPLAINT.findall(output):
        ours = os.path.normpath(file) == _SITE
        text = lines[int(line) - 1].strip() if ours else ""
        elsewhere = not ours and os.path.normpath(file) != _WHOLE
        named = any(name in own for own in own_lines for name in re.findall('"([^"]+)"', message))
        if _ELSEWHERE.search(message) and (text in own_lines or named or elsewhere):
            raise NotRun(f"omero.web.nginx_server_extra_config needs something that is not here: {message}")
        if _CONTEXT.search(message) and not sandbox.options.get("http_context"):
            where = "the site's own lines need what its http block has"
            raise NotRun(f"{where}: {message}; give it with --http-context FILE")
        place = Location.program("nginx", cleared_directives(text))
        yield Problem(place, message, "see the property that this line follows from")
    if not _COMPLAINT.search(output):
        yield Problem(
            Location.program("nginx"), output.strip() or "failed without a message", "run nginx -t by hand"
        )
