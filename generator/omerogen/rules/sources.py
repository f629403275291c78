"""Rules about what the sources say, whatever it is for."""

from __future__ import annotations

import os
from collections.abc import Iterator

from omerogen.model import Place
from omerogen.rules.registry import ERROR, Breach, View, rule
from omerogen.settings.interpolation import ICEGRID_VARIABLES
from omerogen.values.patterns import Pattern

#: A ``${`` after an even number of ``$``: IceGrid takes it for one of its variables.
_VARIABLE = Pattern(r"(?<!\$)(?:\$\$)*\$\{([^}]*)\}?")


@rule(
    "variable-of-icegrid",
    ERROR,
    "IceGrid takes a value for one of its variables",
    bad="",
    good="omero.x=$${omero.data.dir}/x",
    reference="https://doc.zeroc.com/ice/3.6/ice-services/icegrid/icegrid-xml-reference",
)
def variable_of_icegrid(site: View) -> Iterator[Breach]:
    """OMERO.server includes its config.xml in the application of IceGrid.

    There `${NAME}` is a variable of IceGrid, and an unknown one stops the deployment: the server does not
    start. Write `$${NAME}`, which reaches OMERO as `${NAME}`. IceGrid reads only a config.xml with
    templates.xml beside it, not that of a web host.
    """
    for name in site.settings.names_set():
        entry = site.settings.resolved(name)
        origin, raw = entry.origin, entry.raw or ""
        unknown = {found[1] for found in _VARIABLE.finditer(raw)} - ICEGRID_VARIABLES
        if unknown and origin.kind is Place.FILE and _is_of_a_server(origin.name):
            message = (
                f"{name} has ${{…}}, which IceGrid takes for one of its variables: the server does not start"
            )
            yield Breach(message, "write $${…} in its place", (name,))


def _is_of_a_server(path: str) -> bool:
    folder, name = os.path.split(os.path.abspath(path))
    return name == "config.xml" and os.path.exists(os.path.join(folder, "templates.xml"))
