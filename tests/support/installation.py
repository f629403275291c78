"""An installed OMERO's templates for tests, and what they look like when they are filled in.

``examples/OMERO.server`` is an OMERO directory in the format of release 5.6, with every
placeholder; the oddities of other releases are changes of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

import omerogen
from omerogen.model import OmerogenError
from omerogen.rewriting import fill
from support.files import EXAMPLES

SHIPPED = EXAMPLES / "OMERO.server/etc/templates"
MEMORY = {"omero.jvmcfg.system_memory": "16000"}

# Instances of services, by the attributes that they have on a node.
ROUTER = {
    "template": "Glacier2Template",
    "client-endpoints": "ssl -p 4064:tcp -p 4063",
    "server-endpoints": "tcp -h 127.0.0.1",
}
BLITZ = {"template": "BlitzTemplate", "index": "0", "config": "default"}
INDEXER = {"template": "IndexerTemplate", "index": "0"}
STORM, DROPBOX = {"template": "StormTemplate"}, {"template": "DropBoxTemplate"}
PIXELDATA, PROCESSOR, TABLES = (
    {"template": f"{name}Template", "index": "0", "dir": ""} for name in ("PixelData", "Processor", "Tables")
)


def filled(overrides: dict[str, str], templates: Path = SHIPPED, **options: str) -> dict[str, str]:
    """The text of each file, by its path below ``etc``."""
    settings = omerogen.load(overrides={**MEMORY, **overrides})
    return {output.path: output.text for output in fill(str(templates), settings, options).files}


def refusal(overrides: dict[str, str], templates: Path = SHIPPED) -> str:
    """What is reported where the files cannot be filled in."""
    with pytest.raises(OmerogenError) as caught:
        filled(overrides, templates)
    return str(caught.value)


def tree(text: str) -> etree._Element:
    """A parsed document."""
    return etree.fromstring(text.encode())


def options(text: str, service: str) -> list[str]:
    """The options of a service's server, but those of targets."""
    return [
        option.text
        for option in tree(text).findall(f"server-template[@id='{service}Template']/server/option")
    ]


def properties(text: str, service: str) -> dict[str, str]:
    """The properties of a service's server."""
    rows = tree(text).findall(f"server-template[@id='{service}Template']/server/properties/property")
    return {row.get("name"): row.get("value") for row in rows}


def nodes(text: str) -> dict[str, list[dict[str, str]]]:
    """The attributes of the instances on each node of the application."""
    return {
        node.get("name"): [dict(server.attrib) for server in node.iter("server-instance")]
        for node in tree(text).findall("application/node")
    }
