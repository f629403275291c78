"""The artifacts, one module each. A new one is a module here, a template, and a line below."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from omerogen.model import Location, UsageError

if TYPE_CHECKING:
    from omerogen.artifacts.base import Artifact

#: Name of the artifact, which is its command and its module, and what it is.
ARTIFACTS = {
    "jvm": "the flags of OMERO's JVMs",
    "nginx": "nginx's configuration in front of OMERO.web",
    "glacier2": "IceGrid's template for the Glacier2 router",
    "icegrid": "the IceGrid application of a whole OMERO server",
    "jdbc": "the database URL and connection properties",
    "django": "OMERO.web's Django settings module",
    "gunicorn": "Gunicorn's configuration, which starts OMERO.web",
    "systemd": "the systemd unit that runs OMERO.web",
}


@cache
def get(name: str) -> Artifact:
    """The artifact of that name; only its own module is imported."""
    if name not in ARTIFACTS:
        raise UsageError.at(
            Location.artifact(name.partition("=")[0]),
            "unknown artifact",
            f"there are: {', '.join(ARTIFACTS)}",
        )
    artifact: Artifact = import_module(f"omerogen.artifacts.{name}").ARTIFACT
    return artifact
