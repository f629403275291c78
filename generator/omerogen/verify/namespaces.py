"""Linux namespaces of one process: no network but loopback, and no file to write outside a scratch folder.

Called through libc, since Python has ``os.unshare`` only from 3.12 on, and nothing for mounts. They are
a fence around programs that the site's own configuration leads astray, not a jail: root keeps its rights.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
from functools import cache
from typing import NamedTuple

_NEW_MOUNTS, _NEW_USERS, _NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
_BIND, _RECURSIVE, _PRIVATE, _NO_SUID, _NO_DEVICES = 0x1000, 0x4000, 0x40000, 0x2, 0x4
#: mount_setattr(2) has this number on all architectures, since Linux 5.12; glibc wraps it since 2.36.
_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE, _READ_ONLY = 442, -100, 0x8000, 0x1
_SET_INTERFACE_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41
_SCRATCH = b"mode=0711,size=256m"


class Namespaces(NamedTuple):
    """The namespaces that the system allowed: ``network`` reaches nobody, ``files`` changes nothing."""

    network: bool = False
    files: bool = False

    @property
    def complete(self) -> bool:
        """Whether a program can neither reach nor change anything."""
        return self.network and self.files


def enter(folder: str) -> Namespaces:
    """Move this process into new namespaces, with an empty ``folder`` as the one to write into.

    An ordinary user needs a user namespace for that, which not every system allows.
    """
    if not hasattr(_libc(), "unshare"):
        return Namespaces()
    ordinary = os.geteuid() != 0
    try:
        _unshare(_NEW_NETWORK | _NEW_MOUNTS | (_NEW_USERS if ordinary else 0))
        if ordinary:
            _keep_ids(os.geteuid(), os.getegid())
    except OSError:
        return Namespaces()
    return Namespaces(_has_loopback(), _is_read_only(folder))


def overlay(path: str, scratch: str, keep: str = "") -> bool:
    """Make a folder writable without changing it: writes go to ``scratch``.

    ``keep`` is a folder below it with a separate mount, which stays where it is.
    """
    above, work = os.path.join(scratch, "above"), os.path.join(scratch, "work")
    try:
        for folder in (scratch, above, work):
            os.mkdir(folder)
        kept = os.open(keep, os.O_PATH) if keep.startswith(f"{path}/") else None
        below = os.open(path, os.O_RDONLY | os.O_DIRECTORY)  # its name may have a comma
        try:
            layers = f"lowerdir=/proc/self/fd/{below},upperdir={_escaped(above)},workdir={_escaped(work)}"
            _mount("overlay", path, "overlay", 0, os.fsencode(layers))
        finally:
            os.close(below)
        if kept is not None:
            _mount(f"/proc/self/fd/{kept}", keep, "", _BIND | _RECURSIVE)
            os.close(kept)
    except OSError:
        return False
    return True


def replace_file(path: str, new: str) -> bool:
    """Show the content of ``new`` in place of a file."""
    try:
        _mount(new, path, "", _BIND)
    except OSError:
        return False
    return True


def _has_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            request = struct.pack("16sh14x", b"lo", _UP_AND_RUNNING)
            fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, request)
    except OSError:
        return False
    return True


def _is_read_only(folder: str) -> bool:
    try:
        _mount("none", "/", "", _RECURSIVE | _PRIVATE)
        attributes = struct.pack("4Q", _READ_ONLY, 0, 0, 0)
        _check(
            _libc().syscall(
                _MOUNT_SETATTR, _AT_FDCWD, b"/", _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
            )
        )
        _mount("tmpfs", folder, "tmpfs", _NO_SUID | _NO_DEVICES, _SCRATCH)
    except OSError:
        return False
    return True


def _keep_ids(user: int, group: int) -> None:
    """The same user and group inside as outside."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _unshare(flags: int) -> None:
    _check(_libc().unshare(flags))


def _mount(source: str, target: str, kind: str, flags: int, data: bytes | None = None) -> None:
    names = (os.fsencode(source), os.fsencode(target), kind.encode())
    _check(_libc().mount(*names, ctypes.c_ulong(flags), data))


def _escaped(path: str) -> str:
    return "".join(f"\\{c}" if c in "\\,:" else c for c in path)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno() or errno.EPERM
        raise OSError(number, os.strerror(number))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
