"""How OMERO.web is served, for every artifact that has a part in it."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER,
    WEB_DJANGO_ADDITIONAL_SETTINGS,
    WEB_PREFIX,
    WEB_WSGI_ARGS,
    WEB_WSGI_WORKERS,
)
from omerogen.derive.fields import Context, field
from omerogen.model import NotApplicable, Severity
from omerogen.settings import Settings


def check_application_server(settings: Settings, what: str) -> None:
    """Raise `NotApplicable` unless Gunicorn serves OMERO.web; ``what`` is then not generated."""
    server = settings[WEB_APPLICATION_SERVER]
    if server != "wsgi-tcp":
        raise NotApplicable.at(
            settings.origin(WEB_APPLICATION_SERVER),
            f"{WEB_APPLICATION_SERVER.name} is {server}: no {what} is generated",
            "set it to wsgi-tcp for one",
            properties=(WEB_APPLICATION_SERVER.name,),
            severity=Severity.NOTE,
        )


def gunicorn_argument(settings: Settings, *flags: str) -> str | None:
    """The last value of a flag, such as ``-w`` or ``--workers``, in `omero.web.wsgi_args`; None without one.

    Gunicorn's arguments override the properties.
    """
    words = (settings[WEB_WSGI_ARGS] or "").split()
    found = None
    for word, following in zip_longest(words, words[1:]):
        flag, equals, value = word.partition("=")
        if flag in flags:
            found = value if equals else following
        elif word[:2] in flags:  # as in -w4
            found = word[2:]
    return found


def workers(settings: Settings) -> int:
    """How many processes Gunicorn starts."""
    given = gunicorn_argument(settings, "-w", "--workers")
    return int(given) if given and given.isdecimal() else settings[WEB_WSGI_WORKERS]


def additional_setting(settings: Settings, name: str) -> Any:
    """A setting in `omero.web.django_additional_settings`, which override all properties, or None."""
    return next((value for key, value in settings[WEB_DJANGO_ADDITIONAL_SETTINGS] if key == name), None)


class PrefixFields(Context):
    """The field that all who serve OMERO.web agree on."""

    @field
    def prefix(self) -> str:
        """The path of OMERO.web without its trailing slash; empty at the top."""
        return str(self.settings[self.settings.effective_name(WEB_PREFIX)] or "").rstrip("/")
