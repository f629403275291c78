"""An IceGrid registry takes the application, and a router starts with its IceSSL properties.

They get no secrets, since they listen on this machine for any client.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omerogen.model import Location, NotApplicable, Problem
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
    """Start a router with the properties that can be checked here; it exits at once if it refuses them."""
    program, openssl = find("glacier2router"), find("openssl")
    site = dict(sandbox.fields(_ARTIFACT).icessl_properties)
    judged = {f"IceSSL.{name}": site[f"IceSSL.{name}"] for name in _JUDGED if f"IceSSL.{name}" in site}
    names = certificate(sandbox)
    bundle = "server.p12"
    export = [openssl, *"pkcs12 -export -passout".split(), f"pass:{_PASSWORD}"]
    sandbox.run([*export, "-in", names[0], "-inkey", names[1], "-out", bundle])
    configuration = _written(
        sandbox,
        "router.cfg",
        {
            **judged,
            "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
            "IceSSL.DefaultDir": ".",
            "IceSSL.CertFile": bundle,
            "IceSSL.Password": _PASSWORD,
            "Glacier2.InstanceName": "OMERO.Glacier2",
            "Glacier2.PermissionsVerifier": "OMERO.Glacier2/NullPermissionsVerifier",
            "Glacier2.Client.Endpoints": "ssl -h 127.0.0.1",
            "Ice.PrintAdapterReady": "1",
        },
    )
    try:
        with _running(sandbox, [program, f"--Ice.Config={configuration}"], "Glacier2.Client ready"):
            pass
    except _Ended as ended:
        yield Problem(Location.program("glacier2router"), str(ended), "see omero.glacier2.IceSSL.*")


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
