"""``CONFIG_…`` variables, as OMERO's container images take them."""

from __future__ import annotations

from collections.abc import Mapping

from omerogen.model import Location
from omerogen.sources.assignments import Assignment, legal, set_to

_PREFIX = "CONFIG_"


def read(environ: Mapping[str, str]) -> list[Assignment]:
    """``CONFIG_omero_db_host=db`` sets ``omero.db.host``; ``__`` is an underscore."""
    return [
        set_to(_property_name(variable), text, Location.variable(legal(variable)))
        for variable, text in sorted(environ.items())
        if variable.startswith(_PREFIX)
    ]


def _property_name(variable: str) -> str:
    parts = variable.removeprefix(_PREFIX).split("__")
    return "_".join(part.replace("_", ".") for part in parts)
