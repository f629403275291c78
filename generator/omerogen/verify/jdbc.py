"""PostgreSQL's driver reads the URL, and finds in it what the properties say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from omerogen.derive.jdbc_url import JdbcUrl
from omerogen.model import Location, Problem
from omerogen.verify.process import NotRun, find
from omerogen.verify.sandbox import Sandbox

_ARTIFACT = "jdbc"
_PROBE = Path(__file__).parent / "ParseUrl.java"
_DEFAULT_PORT = 5432
#: Where Debian, Red Hat and an OMERO.server have the driver.
_FOLDERS = ("/usr/share/java", "lib/server")


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """How the driver's reading differs from the properties."""
    import javaproperties

    site = sandbox.fields(_ARTIFACT)
    if site.parts.subprotocol != "postgresql":
        raise NotRun(f"{site.parts.subprotocol} is read by another driver first")
    program, jar = find("java"), _driver(sandbox)
    # Java 11 and newer run a source file, if they have their compiler.
    done = sandbox.run([program, "-XX:-UsePerfData", "-cp", jar, _PROBE, site.url], jar)
    if "compiler" in done.output or "Error: Could not find or load" in done.output:
        raise NotRun("this java has no compiler for the probe: it needs a JDK")
    if done.status:
        yield Problem(Location.program("jdbc"), "the driver does not read the URL", "see omero.db.url")
        return
    found = javaproperties.loads(done.output)
    for name, meant in _meant(site.parts, site.public_parameters).items():
        if found.get(name) != meant:
            message = f"the driver reads a different {name}"
            yield Problem(Location.program("jdbc"), message, "see omero.db.url")


def _driver(sandbox: Sandbox) -> Path:
    folders = [Path(sandbox.settings.omerodir, folder).absolute() for folder in _FOLDERS]
    for folder in folders:
        for jar in sorted(folder.glob("postgresql*.jar")):
            return jar
    raise NotRun(f"postgresql.jar is not in {' or '.join(map(str, folders))}")


def _meant(parts: JdbcUrl, parameters: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The properties that the driver should find, under its names."""
    servers = {
        "PGHOST": ",".join(server.host.in_url for server in parts.servers),
        "PGPORT": ",".join(str(server.port or _DEFAULT_PORT) for server in parts.servers),
    }
    return {
        **(servers if parts.servers else {}),
        **({"PGDBNAME": parts.database} if parts.database else {}),
        **dict(parameters),
    }
