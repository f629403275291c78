"""The rights of another user, for root: who writes a configuration must not read through it what root may.

Only an effective root switches, and only where it has the capability: all others have one user's rights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

ROOT = 0


def is_root() -> bool:
    """Whether this process has the rights of root."""
    return os.geteuid() == ROOT


def other_owner(status: os.stat_result) -> int:
    """The owner of a file if it is not this user and this user is root, else `ROOT` for no one else."""
    return status.st_uid if os.geteuid() == ROOT else ROOT


def owner_of(path: str) -> int:
    """The owner of a file if it is not this user and this user is root, else `ROOT`."""
    try:
        return other_owner(os.stat(path)) if is_root() else ROOT
    except OSError:
        return ROOT


@contextmanager
def of(user: int) -> Iterator[None]:
    """Access files in the block with the rights of a user, all groups included; of root as this process."""
    if user == ROOT or os.geteuid() != ROOT:
        yield
        return
    before = os.getgroups(), os.getegid()
    try:
        own, groups = groups_of(user)
        os.setgroups(groups)
        os.setegid(own)
        os.seteuid(user)
    except PermissionError:  # a container without CAP_SETUID, whose root is not above others' rights
        _restore(*before)
        yield
        return
    try:
        yield
    finally:
        _restore(*before)


def _restore(groups: list[int], own: int) -> None:
    os.seteuid(ROOT)
    try:
        os.setegid(own)
        os.setgroups(groups)
    except PermissionError:
        pass


def groups_of(user: int) -> tuple[int, list[int]]:
    """The primary group of a user, and all groups."""
    import pwd

    try:
        entry = pwd.getpwuid(user)
    except KeyError:  # as in containers
        return user, [user]
    return entry.pw_gid, os.getgrouplist(entry.pw_name, entry.pw_gid)
