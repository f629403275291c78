"""Files of a folder of templates, read with no more rights than their owner has."""

from __future__ import annotations

import os

from omerogen.deploy.dirfd import Tree
from omerogen.model import Location, SourceError
from omerogen.secrets import rights
from omerogen.sources import LARGEST_FILE, checked, file_and_status


def read(folder: str, path: str, advice: str) -> tuple[bytes, os.stat_result]:
    """The bytes and the status of the file ``path`` below ``folder``; raises `SourceError`.

    Where another user owns the folder or a part of the path, root follows no link out of the folder, and
    reads with that user's rights: the result goes to them. ``advice`` is for a file that is too large.
    """
    whole = os.path.join(folder, path)
    owner = rights.ROOT
    try:
        owner = _other_owner(folder, path)
        if owner == rights.ROOT:
            return file_and_status(whole, advice)
        top, real = os.path.realpath(folder), os.path.realpath(whole)
        if os.path.commonpath([top, real]) != top:
            message = f"leads out of the folder, which root does not follow for another user (uid {owner})"
            raise SourceError.at(Location.file(whole), message, "copy the file into the folder")
        with rights.of(owner):
            tree = Tree(os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), top)
            try:  # without a link: one may have come since the path was resolved
                data, status = tree.look(os.path.relpath(real, top), LARGEST_FILE + 1)
            finally:
                tree.close()
    except OSError as error:
        whose = f" with the rights of uid {owner}" if owner else ""
        message = f"cannot be read{whose}: {error.strerror}"
        raise SourceError.at(Location.file(whole), message, "name a folder that its owner may read") from None
    return checked(whole, data, status, advice)


def _other_owner(folder: str, path: str) -> int:
    """The first other user that owns the folder, or a part of the path, where this is root."""
    places = [folder]
    for part in path.split("/"):
        places.append(os.path.join(places[-1], part))
    owners = [os.stat(folder), *map(os.lstat, places[1:])]
    return next(filter(None, map(rights.other_owner, owners)), rights.ROOT)
