"""The systemd unit that runs OMERO.web with the generated settings, as a user without further rights."""

from __future__ import annotations

import posixpath

from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.web_server import WEB_LOGDIR, WEB_STATIC_ROOT
from omerogen.derive.fields import Context, field
from omerogen.derive.web import check_application_server
from omerogen.model.option import Option
from omerogen.templating.escape import UnitArgument, UnitPath, UnitProgram
from omerogen.values.text import PATH, USER

_USER = Option("user", USER, "omero-web", "the user that OMERO.web runs as (omero-web)", "USER")
_VENV = Option(
    "venv", PATH, "/opt/omero/web/venv3", "OMERO.web's virtual environment (/opt/omero/web/venv3)", "DIR"
)
_DEPLOYED_TO = Option(
    "deployed_to", PATH, "/etc/omero/web", "the folder of the build on the machine (/etc/omero/web)", "DIR"
)


class SystemdContext(Context):
    """Fields of the unit."""

    def check(self) -> None:
        """Refuse what does not run Gunicorn."""
        check_application_server(self.settings, "unit")

    @field
    def user(self) -> str:
        """The user that OMERO.web runs as."""
        return str(self.options["user"])

    @field
    def working_directory(self) -> UnitPath:
        """The OMERO directory."""
        return UnitPath(self.settings.omerodir)

    @field
    def omerodir(self) -> str:
        """The variable that names the OMERO directory."""
        return f"OMERODIR={self.settings.omerodir}"

    @field
    def python_path(self) -> str:
        """The variable that names the folder of the settings module."""
        return f"PYTHONPATH={self._deployed('django')}"

    @field
    def python(self) -> UnitProgram:
        """OMERO.web's Python."""
        return self._program("python")

    @field
    def gunicorn(self) -> UnitProgram:
        """OMERO.web's Gunicorn."""
        return self._program("gunicorn")

    @field
    def configuration(self) -> UnitArgument:
        """Gunicorn's configuration."""
        return UnitArgument(self._deployed("gunicorn/gunicorn.conf.py"))

    @field
    def writable(self) -> list[str]:
        """The folders that OMERO.web writes into; with a ``-``, so that systemd ignores missing ones."""
        var = posixpath.join(self.settings.omerodir, "var")
        outside = (self.settings.path(row) for row in (WEB_LOGDIR, WEB_STATIC_ROOT))
        paths = dict.fromkeys((var, *(path for path in outside if not path.startswith(f"{var}/"))))
        return [f"-{path}" for path in paths]

    def _program(self, name: str) -> UnitProgram:
        return UnitProgram(posixpath.join(str(self.options["venv"]), "bin", name))

    def _deployed(self, path: str) -> str:
        return posixpath.join(str(self.options["deployed_to"]), path)


ARTIFACT = Artifact(
    "systemd",
    SystemdContext,
    lambda options: "systemd/omero-web.service.j2",
    always(File("systemd/omero-web.service")),
    options=(_USER, _VENV, _DEPLOYED_TO),
    examples=({}, {"user": "web", "venv": "/srv/v env", "deployed_to": "/srv/g%n$x"}),
)
