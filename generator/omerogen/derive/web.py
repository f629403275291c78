"""How OMERO.web is served, for every artifact that has a part in it."""

from __future__ import annotations

from omerogen.catalog.web_server import WEB_APPLICATION_SERVER, WEB_PREFIX
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


class PrefixFields(Context):
    """The field that all who serve OMERO.web agree on."""

    @field
    def prefix(self) -> str:
        """The path of OMERO.web without its trailing slash; empty at the top."""
        return str(self.settings[self.settings.effective_name(WEB_PREFIX)] or "").rstrip("/")
