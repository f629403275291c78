"""One writer at a time: a lock on a folder, which its process gives back however it ends."""

from __future__ import annotations

import errno
import time

from omerogen.model import Location, WriteError

#: How long a build waits for another one in the same folder.
PATIENCE_SECONDS = 15.0
#: How a file system says that it locks no directories.
_NO_LOCKS = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


def lock(descriptor: int, folder: str) -> None:
    """Lock a folder, waiting for a build that is about to end; `WriteError` for one that is not."""
    import fcntl

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                message = f"is locked by another build, for more than {PATIENCE_SECONDS:g} s"
                raise WriteError.at(Location.file(folder), message, "wait for it, or end it") from None
            time.sleep(0.02)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return None
            raise
