"""An IceGrid registry takes the application, and a router starts with its IceSSL properties.

They get no secrets, since they listen on this machine for any client.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from omerogen.catalog.glacier2 import ICESSL_PREFIX
from omerogen.model import Location, NotApplicable, Problem, Severity
from omerogen.values.icessl import has_anonymous
from omerogen.verify.handshake import PLACE, answers
from omerogen.verify.process import NotRun, find, start
from omerogen.verify.sandbox import SECONDS, Sandbox, certificate, free_port

_ARTIFACT = "glacier2"
#: IceSSL properties that need no file of the site: the router judges these.
_JUDGED = ("Ciphers", "Protocols", "ProtocolVersionMax", "ProtocolVersionMin", "VerifyPeer", "VerifyDepthMax")
_PASSWORD = "throw-away"  # noqa: S105 - of a certificate that lives for a second


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that the registry has with the document, and the router with the properties."""
    registry, admin = find("icegridregistry"), find("icegridadmin")
    paths = list(_documents(sandbox))
    port = free_port()
    configuration = _registry_configuration(sandbox, port)
    command = [registry, "--nowarn", f"--Ice.Config={configuration}"]
    with _may_end(), _running(sandbox, command, "Registry.Client ready"):
        locator = f"--Ice.Default.Locator=IceGrid/Locator:tcp -h 127.0.0.1 -p {port}"
        for path in paths:
            words = ["-e", f"application add '{path}'", "-e", "application remove OMERO"]
            done = sandbox.run([admin, "-u", "x", "-p", "x", locator, *words])
            if done.status:
                output = " ".join(done.output.split())
                yield Problem(Location.program("icegrid", path), output, "see omero.glacier2.IceSSL.*")
    try:
        yield from _router_problems(sandbox)
    except NotRun as reason:
        sandbox.remarks.append(f"no router was started, since {reason}")


def _documents(sandbox: Sandbox) -> Iterator[str]:
    """The router's template, and the application where the site can have ours; without secrets."""
    yield sandbox.write_public(_ARTIFACT, "glacier2.xml")
    try:
        yield sandbox.write_public("icegrid", "application.xml")
    except NotApplicable as reason:
        sandbox.remarks.append(f"without the application: {reason.problems[0].message}")


def _registry_configuration(sandbox: Sandbox, port: int) -> str:
    (sandbox.folder / "registry").mkdir()
    loopback = "tcp -h 127.0.0.1"
    return _written(
        sandbox,
        "registry.cfg",
        {
            "IceGrid.InstanceName": "IceGrid",
            "IceGrid.Registry.Client.Endpoints": f"{loopback} -p {port}",
            "IceGrid.Registry.Server.Endpoints": loopback,
            "IceGrid.Registry.Internal.Endpoints": loopback,
            "IceGrid.Registry.LMDB.Path": "registry",
            "IceGrid.Registry.LMDB.MapSize": "10",
            "IceGrid.Registry.PermissionsVerifier": "IceGrid/NullPermissionsVerifier",
            "IceGrid.Registry.AdminPermissionsVerifier": "IceGrid/NullPermissionsVerifier",
            "IceGrid.Registry.Discovery.Enabled": "0",
            "Ice.PrintAdapterReady": "1",
        },
    )


def _router_problems(sandbox: Sandbox) -> Iterator[Problem]:
    """Start a router with the site's IceSSL properties, and shake hands with it by each of its protocols.

    It exits at once if it refuses them, but starts also where no client can connect.
    """
    program, port = find("glacier2router"), free_port()
    site = dict(sandbox.fields(_ARTIFACT).icessl_properties)
    judged = {f"IceSSL.{name}": site[f"IceSSL.{name}"] for name in _JUDGED if f"IceSSL.{name}" in site}
    configuration = _written(
        sandbox,
        "router.cfg",
        {
            **judged,
            **_certificate(sandbox, site),
            "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
            "Glacier2.InstanceName": "OMERO.Glacier2",
            "Glacier2.PermissionsVerifier": "OMERO.Glacier2/NullPermissionsVerifier",
            "Glacier2.Client.Endpoints": f"ssl -h 127.0.0.1 -p {port}",
            "Ice.PrintAdapterReady": "1",
        },
    )
    command = [program, f"--Ice.Config={configuration}"]
    try:
        with _running(sandbox, command, "Glacier2.Client ready"):
            if judged.get("IceSSL.VerifyPeer") == "2":
                sandbox.remarks.append("no handshake was tried: the router asks for a client's certificate")
                return
            found = answers(sandbox, port, judged)
    except _Ended as ended:
        yield Problem(Location.program("glacier2router"), str(ended), "see omero.glacier2.IceSSL.*")
        return
    if found.taken:
        silent = f", not by {', '.join(found.refused)}" if found.refused else ""
        sandbox.remarks.append(f"the router answers by {', '.join(found.taken)}{silent}")
    else:
        yield _unreachable(sandbox, site, found.refused)


def _unreachable(sandbox: Sandbox, site: Mapping[str, str], protocols: Iterable[str]) -> Problem:
    """No handshake is possible; a warning where an OpenSSL before 1.1 would serve anonymous ciphers."""
    names = tuple(sandbox.settings.names_set(ICESSL_PREFIX))
    message = f"no client can connect: the router answers by none of {', '.join(protocols)}"
    ciphers = "omero config set omero.glacier2.IceSSL.Ciphers HIGH"
    advice = ciphers if site.get("IceSSL.CertFile") else "give it a certificate, as omero certificates does"
    may_serve = has_anonymous(site.get("IceSSL.Ciphers", "")) and not site.get("IceSSL.CertFile")
    severity = Severity.WARNING if may_serve else Severity.ERROR
    return Problem(PLACE, message, advice, "", names, severity)


def _certificate(sandbox: Sandbox, site: Mapping[str, str]) -> dict[str, str]:
    """The certificate of the site, a throw-away one where it is not here; none where the site has none."""
    own = site.get("IceSSL.CertFile")
    if not own:
        return {}
    folder = site.get("IceSSL.DefaultDir", "")
    path = os.path.join(folder, own)
    if os.path.isabs(path) and os.access(path, os.R_OK):
        return {"IceSSL.CertFile": path, "IceSSL.Password": site.get("IceSSL.Password", "")}
    sandbox.remarks.append(f"with a throw-away certificate in place of {own}")
    names, bundle = certificate(sandbox), "server.p12"
    export = [find("openssl"), *"pkcs12 -export -passout".split(), f"pass:{_PASSWORD}"]
    sandbox.run([*export, "-in", names[0], "-inkey", names[1], "-out", bundle])
    return {"IceSSL.DefaultDir": ".", "IceSSL.CertFile": bundle, "IceSSL.Password": _PASSWORD}


def _written(sandbox: Sandbox, name: str, properties: dict[str, str]) -> str:
    """A configuration file of Ice; its values are ours, or have been checked."""
    text = "".join(
        f"{name}={value.replace(chr(92), chr(92) * 2).replace('#', chr(92) + '#')}\n"
        for name, value in properties.items()
    )
    return sandbox.keep(name, text)


class _Ended(Exception):
    """A program that ended before it was ready; its output."""


@contextmanager
def _may_end() -> Iterator[None]:
    """A registry that does not start says nothing about the application."""
    try:
        yield
    except _Ended as ended:
        raise NotRun(f"the registry ended at once: {ended}") from None


@contextmanager
def _running(sandbox: Sandbox, command: list[str], ready: str) -> Iterator[None]:
    """A program while the block runs, from when it says that it is ready."""
    log = sandbox.folder / "log"
    with log.open("wb") as output:
        process = start(command, sandbox.folder, output)
    try:
        _wait(process, log, ready)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, ready: str) -> None:
    deadline = time.monotonic() + SECONDS
    while ready not in log.read_text(errors="replace"):
        if process.poll() is not None and ready not in log.read_text(errors="replace"):
            raise _Ended(" ".join(log.read_text(errors="replace").split()))
        if time.monotonic() > deadline:
            raise NotRun(f"{Path(str(process.args[0])).name} was not ready within {SECONDS} s")  # type: ignore[index]
        time.sleep(0.02)
