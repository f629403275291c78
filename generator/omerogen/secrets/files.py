"""``file:/run/secrets/x`` as the value of a secret: the content of this file.

So that containers and systemd can pass a secret without writing it into a file of
properties, a variable or a command line. The content is used as it is, except
for one line break at its end. No message quotes any of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from omerogen.model.file_reads import note_read
from omerogen.secrets import rights
from omerogen.values.base import NOT_TEXT, Invalid, is_text

PREFIX = "file:"
#: No secret has a tenth of this; more is another file.
LARGEST = 64 * 1024
_ADVICE = "mount the secret, or correct the path"


def is_reference(text: str) -> bool:
    """Whether a text names an absolute path in this way, and so is not a secret itself."""
    return text.startswith(("file:/", "file:${")) and "\n" not in text


def path(text: str) -> str:
    """The path that ``file:/PATH`` or ``file:///PATH`` names; `Invalid` for anything but an absolute one."""
    name = text.removeprefix(PREFIX)
    if name.startswith("///"):
        name = name[2:]
    if not name.startswith("/") or name.startswith("//") or len(name) == 1:
        raise Invalid(
            "begins with file: but does not name an absolute path",
            "write file:/run/secrets/NAME; a secret that begins with file: goes into such a file",
        )
    return name


def read(name: str, owners: Iterable[int] = ()) -> str:
    """The content of the file; `Invalid` if it is not usable as a secret, without quoting it.

    As root, it is read with the rights of each of ``owners``, the users who wrote its name.
    """
    data = b""
    for owner in sorted({*owners} - {rights.ROOT}) or [rights.ROOT]:
        data = _bytes(name, owner)
    if len(data) > LARGEST:
        raise Invalid(f"is larger than {LARGEST // 1024} KiB", "name the file that holds the secret alone")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("is not UTF-8", "save the file as UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if not text.strip():
        raise Invalid("is empty", "put the secret into the file")
    if not is_text(text):
        raise Invalid(*NOT_TEXT)
    return text


def _bytes(name: str, owner: int) -> bytes:
    try:
        # Opening a pipe would otherwise wait for its writer. Links are followed: Kubernetes uses them.
        with rights.of(owner):
            descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                data = file.read(LARGEST + 1)
                note_read(name, data if owner == rights.ROOT else None)
                return data
    except IsADirectoryError:
        pass
    except OSError as error:
        whose = f" with the rights of uid {owner}, whose file names it" if owner else ""
        advice = "let that user read it, or name it in a file of root's" if owner else _ADVICE
        raise Invalid(f"cannot be read{whose}: {error.strerror or 'it failed'}", advice) from None
    raise Invalid("is not a file", "name the file that holds the secret")
