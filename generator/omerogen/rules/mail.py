"""Rules about mail."""

from __future__ import annotations

from collections.abc import Iterator

from omerogen.catalog.mail import MAIL_CONFIG, MAIL_HOST
from omerogen.rules.registry import WARNING, Breach, View, rule


@rule(
    "mail-without-host",
    WARNING,
    "mail is on, without a server for it",
    bad="omero.mail.config=true",
    good="omero.mail.config=true\nomero.mail.host=mail.example.org",
)
def mail_without_host(site: View) -> Iterator[Breach]:
    """OMERO then sends mail to this machine, which needs a mail server for that."""
    if site.settings[MAIL_CONFIG] and not site.settings.is_set(MAIL_HOST):
        message = f"{MAIL_CONFIG.name} is true, and {MAIL_HOST.name} is not set"
        yield Breach(message, f"omero config set {MAIL_HOST.name} mail.example.org", (MAIL_CONFIG.name,))
