"""Sources of many sites."""

from __future__ import annotations

from pathlib import Path


def write_source(folder: Path, name: str, *, port: object = 4080) -> Path:
    """A source with the port of the application server, and memory that is not this machine's."""
    path = folder / f"sites/{name}.properties"
    lines = (
        f"omero.web.application_server.port={port}",
        "omero.db.pass=secret",
        "omero.jvmcfg.system_memory=16000",
    )
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def files(folder: Path) -> dict[str, str]:
    """The text of each file below a folder, by its path there."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in found}
