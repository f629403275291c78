"""IceGrid's template for the Glacier2 router, OMERO's front door."""

from __future__ import annotations

from omerogen.artifacts.base import Artifact, File, always
from omerogen.derive.grid.router import RouterFields

ARTIFACT = Artifact(
    "glacier2", RouterFields, lambda options: "icegrid/glacier2.xml.j2", always(File("icegrid/glacier2.xml"))
)
