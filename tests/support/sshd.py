"""Hosts for Ansible: a server of ssh each, on loopback, that sees its own amount of memory."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.programs import accepted, find, free_port, listening, running

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/key.pub
PasswordAuthentication no
StrictModes no
UsePAM no
"""
#: Its own /proc/meminfo and /run, in a mount namespace that ends with the server.
_START = """
mount --bind {folder}/meminfo /proc/meminfo
mount -t tmpfs tmpfs /run
mkdir /run/sshd
exec {sshd} -D -e -f {folder}/sshd_config
"""


@contextmanager
def host(folder: Path, megabytes: int) -> Iterator[dict[str, Any]]:
    """Run a server; the variables by which Ansible reaches it. Only root can mount."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a host another /proc/meminfo")
    sshd, unshare, keygen = find("sshd"), find("unshare"), find("ssh-keygen")
    folder.mkdir()
    port = free_port()
    total = megabytes * 1_000_000 // 1024
    (folder / "meminfo").write_text(f"MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: 1 kB\n")
    (folder / "sshd_config").write_text(_CONFIG.format(port=port, folder=folder))
    for key in ("host_key", "key"):
        accepted([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / key])
    script = _START.format(folder=folder, sshd=sshd)
    command = [unshare, "--mount", "--propagation", "private", "sh", "-ec", script]
    # A connection runs in a session of its own, and ends by itself.
    with running(command, folder / "log", listening(port)):
        options = "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
        yield {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(folder / "key"),
            "ansible_ssh_args": f"{options} -o ControlMaster=no",
        }
