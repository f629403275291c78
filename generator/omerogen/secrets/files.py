"""``file:/run/secrets/x`` as the value of a secret: the content of this file.

So that containers and systemd can pass a secret without writing it into a file of
properties, a variable or a command line. The content is used as it is, except
for one line break at its end. No message quotes any of it.
"""

from __future__ import annotations

import os
import stat

from omerogen.values.base import NOT_TEXT, Invalid, is_text

PREFIX = "file:"
#: No secret has a tenth of this; more is another file.
LARGEST = 64 * 1024


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


def read(name: str) -> str:
    """The content of the file; `Invalid` if it is not usable as a secret, without quoting it."""
    data = _bytes(name)
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


def _bytes(name: str) -> bytes:
    try:
        # Opening a pipe would otherwise wait for its writer. Links are followed: Kubernetes uses them.
        with open(name, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(LARGEST + 1)
    except IsADirectoryError:
        pass
    except OSError as error:
        raise Invalid(
            f"cannot be read: {error.strerror or 'it failed'}", "mount the secret, or correct the path"
        ) from None
    raise Invalid("is not a file", "name the file that holds the secret")
