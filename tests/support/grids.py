"""Grids on loopback: a registry and nodes, stand-ins for OMERO's services, and who asks them."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.programs import (
    STANDINS,
    accepted,
    as_ordinary_user,
    environment,
    find,
    free_port,
    give_to_ordinary_user,
    missing,
    run,
    running,
)

TRANSPORTS = ("ssl", "tcp", "ws", "wss")
DEBIAN_PYTHON = Path("/usr/bin/python3")
_ICE_FOR_PYTHON = Path("/usr/lib/python3/dist-packages/Ice")


def need_ice_for_python() -> None:
    """Skip without Ice for Debian's Python, in which the stand-ins are written."""
    if not _ICE_FOR_PYTHON.exists():
        missing("python3-zeroc-ice")


def ports() -> dict[str, str]:
    """Free ports for the registry and all transports."""
    return {f"omero.ports.{what}": str(free_port()) for what in (*TRANSPORTS, "registry")}


def admin(endpoint: str, *commands: str) -> str:
    """What icegridadmin answers."""
    locator = f"--Ice.Default.Locator=IceGrid/Locator:{endpoint}"
    words = [word for command in commands for word in ("-e", command)]
    return accepted([find("icegridadmin"), "-u", "x", "-p", "x", locator, *words])


def identity(folder: Path, certificate: tuple[Path, Path], password: str) -> dict[str, str]:
    """The IceSSL values for the certificate and its key, in one file with this password."""
    made = folder / "server.p12"
    words = [find("openssl"), "pkcs12", "-export", "-in", certificate[0], "-inkey", certificate[1]]
    accepted([*words, "-out", made, "-passout", f"pass:{password}"])
    made.chmod(0o644)
    return {"CertFile": str(made), "Password": password, "Ciphers": "HIGH"}


def handshake(port: int, protocol: str) -> bool:
    """Whether a client that speaks only this protocol gets through."""
    client = [find("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", f"-{protocol}"]
    return bool(re.search(r"^New, TLSv", run(client).stdout, re.MULTILINE))


def log_in(port: int, password: str = "omero") -> str:  # noqa: S107 - of a stand-in
    """A session by way of the router over TLS: the kind of connection and the session's timeout."""
    client = [DEBIAN_PYTHON, STANDINS / "omero/client", f"ssl -h 127.0.0.1 -p {port}", password]
    return run(client).stdout.strip()


class Installation:
    """An OMERO directory with stand-ins for its services."""

    def __init__(self, folder: Path, registry: str) -> None:
        need_ice_for_python()
        self.folder = folder
        self.endpoint = f"tcp -h 127.0.0.1 -p {registry}"
        for made in ("", "bin", "told", "var", "var/log", "var/registry"):
            give_to_ordinary_user(folder / made)
        for program in ("java", "python"):
            (folder / "bin" / program).symlink_to(STANDINS / "omero/server")

    @contextmanager
    def node(self, name: str, configuration: Path, *more: str) -> Iterator[None]:
        """A node that is started in the OMERO directory with ``more`` words, while the block runs."""
        give_to_ordinary_user(self.folder / "var" / name)
        path = f"{self.folder}/bin{os.pathsep}{os.environ['PATH']}"
        told = environment(PATH=path, STANDIN_TELLS=str(self.folder / "told"))
        log = self.folder / f"{name}.log"
        ready = ["--Ice.PrintAdapterReady=1", "--Ice.StdOut=", "--Ice.StdErr="]
        command = as_ordinary_user(
            find("icegridnode"), "--nowarn", f"--Ice.Config={configuration}", *ready, *more
        )
        with running(
            command, log, lambda: "IceGrid.Node ready" in log.read_text(), cwd=self.folder, env=told
        ):
            yield

    def admin(self, *commands: str) -> str:
        """What icegridadmin answers."""
        return admin(self.endpoint, *commands)

    def wait_until_active(self, server: str) -> None:
        """Wait until the node has started a server."""
        deadline = time.monotonic() + 20
        while not (state := self.admin(f"server state {server}")).startswith("active ("):
            assert time.monotonic() < deadline, f"{server} is {state}"
            time.sleep(0.02)

    def properties(self, server: str) -> dict[str, str]:
        """The properties inside a server's process, which only tells those that it reads."""
        self.wait_until_active(server)
        lines = self.admin(f"server properties {server}")
        return dict(re.findall(r"^([^=\n]+)=(.*)$", lines, re.MULTILINE))

    def told(self, server: str) -> Mapping[str, Any]:
        """What a stand-in was started with: ``arguments``, ``properties``, ``folder``."""
        self.wait_until_active(server)
        found: Mapping[str, Any] = json.loads((self.folder / f"told/{server}.json").read_text("utf-8"))
        return found
