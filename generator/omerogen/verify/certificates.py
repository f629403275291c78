"""Certificates as openssl reads them: the one of the router, and that of nginx."""

from __future__ import annotations

import os
import re
import subprocess
import time
from functools import cache
from typing import NamedTuple

from omerogen.verify.process import find

_SECONDS, _DAY = 10, 24 * 60 * 60
_PEM = b"-----BEGIN"
_ENDS = re.compile(r"^notAfter=(.+)$", re.MULTILINE)


class Unreadable(Exception):
    """Why a file is not a certificate that can be read."""


class Certificate(NamedTuple):
    """The first certificate of a file: PEM text, and when it ends in seconds since 1970."""

    pem: str
    ends: float

    @property
    def days_left(self) -> float:
        """Negative after its end."""
        return (self.ends - time.time()) / _DAY

    @property
    def last_day(self) -> str:
        """In UTC, as 2027-01-31."""
        return time.strftime("%Y-%m-%d", time.gmtime(self.ends))

    def is_for(self, host: str) -> bool:
        """Whether a client that looks for ``host`` takes it, by its names and wildcards."""
        return "does match" in _openssl(("x509", "-noout", "-checkhost", host), self.pem)


def read(path: str, password: str = "") -> Certificate:
    """The certificate of a PEM file, or of a PKCS#12 bundle with that password.

    Raises `Unreadable`, `OSError`, and `NotRun` without openssl.
    """
    return _read(path, password, os.stat(path).st_mtime_ns)


@cache
def _read(path: str, password: str, changed: int) -> Certificate:  # noqa: ARG001 - a renewed one is another
    from ssl import cert_time_to_seconds

    with open(path, "rb") as file:
        content = file.read(2**20)
    pem = content.decode("ascii", "replace") if _PEM in content else _unpacked(path, password)
    ends = _ENDS.search(_openssl(("x509", "-noout", "-enddate"), pem))
    if not ends:
        raise Unreadable("has no certificate")
    return Certificate(pem, cert_time_to_seconds(ends[1]))


def _unpacked(path: str, password: str) -> str:
    """The password goes by standard input, where other users cannot see it."""
    words = ("pkcs12", "-in", path, "-nokeys", "-clcerts", "-passin", "stdin")
    # OpenSSL 3 reads the ciphers of older bundles only on request.
    for more in ((), ("-legacy",)):
        found = _openssl((*words, *more), f"{password}\n")
        if "-----BEGIN CERTIFICATE" in found:
            return found
    raise Unreadable("cannot be opened with the password")


def _openssl(words: tuple[str, ...], given: str) -> str:
    """What it prints; nothing if it fails or hangs."""
    try:
        done = subprocess.run(
            [find("openssl"), *words],
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
