"""Rules about OMERO.web."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from omerogen.catalog.web_security import WEB_CSRF_TRUSTED_ORIGINS
from omerogen.rules.registry import WARNING, Breach, View, rule

_USUAL_PORTS = {"https": 443, "http": 80}


@rule(
    "origin-never-matches",
    WARNING,
    "a trusted origin is not one that a browser sends",
    bad='omero.web.csrf_trusted_origins=["https://omero.example.org/"]',
    good='omero.web.csrf_trusted_origins=["https://omero.example.org"]',
    reference="https://docs.djangoproject.com/en/5.2/ref/settings/#csrf-trusted-origins",
)
def origin_never_matches(site: View) -> Iterator[Breach]:
    """A browser sends an origin as scheme, host and a port other than the usual one, in lower case.

    Django compares it with these texts. One with a slash at its end, with a path, in upper case or with
    the usual port never matches, so that forms are refused, the login too. One without a scheme is taken
    for https.
    """
    for origin in site.settings[WEB_CSRF_TRUSTED_ORIGINS]:
        sent = _as_sent(origin)
        if sent != origin:
            row = WEB_CSRF_TRUSTED_ORIGINS.name
            message = f"{row} has {origin!r}, which no browser sends: Django refuses the login"
            yield Breach(message, f"write {sent!r}", (row,))


def _as_sent(origin: str) -> str:
    """The origin as a browser sends it; one without a scheme stays as it is."""
    parts = urlsplit(origin)
    if not parts.scheme or not parts.netloc:
        return origin.rstrip("/").lower() if "/" not in origin.rstrip("/") else origin
    host, colon, port = parts.netloc.rpartition(":")
    usual = colon and port == str(_USUAL_PORTS.get(parts.scheme.lower()))
    return f"{parts.scheme}://{host if usual else parts.netloc}".lower()
