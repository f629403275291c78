"""What is filled in is taken by the registry for every case, and runs on a node."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

import omerogen
from omerogen.deploy.write import write
from omerogen.rewriting import fill
from support.grids import Installation, handshake, identity, log_in, ports
from support.installation import SHIPPED

pytestmark = pytest.mark.slow

#: The registry of Ice 3.7 keeps its data elsewhere than that of 3.6, which the files are for.
ICE_37 = (
    "--IceGrid.Registry.LMDB.Path=var/registry",
    "--IceGrid.InstanceName=IceGrid",
    "--IceGrid.Registry.Discovery.Enabled=0",
    "--Ice.Warn.UnknownProperties=0",
)
HOSTILE = {
    "omero.glacier2.IceSSL.Hard": "a'b\"&<>;#=x $ $$ ${ \\n ]]> --> &amp;",
    "a.b.blitz": "<property name=\"x\" value='y'/> $${x ünï ☃ 😀",
    "a.c.blitz": r"\1 \g<0> back\slash",
    "a.d.pixeldata": " spaces ",
    "omero.jvmcfg.append": "'-Da=<&>\"${ x' -Db=$$",
}
CASES: dict[str, dict[str, str]] = {
    "defaults": {},
    "prefix": {"omero.ports.prefix": "1"},
    "ports": {
        f"omero.ports.{what}": str(7000 + place) for place, what in enumerate(("ssl", "tcp", "registry"))
    },
    "transports": {"omero.client.icetransports": "wss,ws,tcp,ssl"},
    "master host": {"omero.master.host": "om.example.org"},
    "IPv6": {"omero.master.host": "::1"},
    "Ice's host": {"Ice.Default.Host": "10.0.0.2"},
    "tables": {"omero.tables.module": "omero_tables.run"},
    "flags": {"omero.jvmcfg.append": "-Da -Db='x y'", "omero.jvmcfg.heap_dump": "tmp"},
    "hostile": HOSTILE,
    **{
        descriptors: {"omero.server.nodedescriptors": descriptors, "omero.master.host": "m"}
        for descriptors in (
            "master:Blitz-0",
            "master:Blitz-0,Tables-0 worker1:Processor-0,PixelData-1",
            "worker1:Blitz-0,Blitz-1,Indexer-0 worker2:Storm,DropBox",
            "master: a:Tables-0 b:Tables-1 c:Tables-2",
            "master:Processor-0,Processor-11,PixelData-9999",
            "omero-2.example.org:Storm",
        )
    },
}
#: Changes that make the files those of another release: path, old, new.
RELEASES = {
    "5.6": [],
    "before the line for IceSSL": [
        ("grid/templates.xml", "@omero.glacier2.icessl@", '<property name="IceSSL.Ciphers" value="ADH"/>')
    ],
    "before the transports": [
        (
            "grid/default.xml",
            "@omero.client.endpoints@",
            "ssl -p ${ROUTERPORT}:tcp -p @omero.ports.prefix@@omero.ports.tcp@",
        ),
        ("grid/default.xml", "@omero.master.host@", "@Ice.Default.Host@"),
    ],
    "before the tables": [("grid/templates.xml", "@omero.tables.module@", "runTables")],
    "with carriage returns": [("grid/templates.xml", "\n", "\r\n"), ("grid/default.xml", "\n", "\r\n")],
}


class Server(Installation):
    """An OMERO directory whose templates are filled in."""

    def fill(self, site: dict[str, str], release: str = "5.6") -> Path:
        """Fill in the templates of a release below ``etc``, beside the site's config.xml; the application."""
        templates = self.folder / "etc/templates"
        shutil.rmtree(self.folder / "etc", ignore_errors=True)
        shutil.copytree(SHIPPED, templates)
        for path, old, new in RELEASES[release]:
            data = (templates / path).read_bytes()
            assert old.encode() in data
            (templates / path).write_bytes(data.replace(old.encode(), new.encode()))
        settings = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000", **site})
        write(str(self.folder / "etc"), fill(str(templates), settings, {}).files)
        self._write_config(site)
        return self.folder / "etc/grid/default.xml"

    def _write_config(self, site: dict[str, str]) -> None:
        """The file of properties as OMERO writes it: it includes the server templates."""
        rows = "".join(
            f"<property name={quoteattr(name)} value={quoteattr(value)}/>"
            for name, value in site.items()
            if "${" not in value
        )
        active = f'<properties id="__ACTIVE__">{rows}</properties><include file="templates.xml"/>'
        path = self.folder / "etc/grid/config.xml"
        path.write_text(f"<icegrid>{active}</icegrid>", encoding="utf-8")


@pytest.fixture(scope="module")
def server(folder: Path, certificate: tuple[Path, Path]) -> Iterator[Server]:
    chosen = ports()
    made = Server(folder / "omero", chosen["omero.ports.registry"])
    made.ssl = int(chosen["omero.ports.ssl"])
    icessl = {**identity(made.folder, certificate, "a b&c"), "Protocols": "tls1_2"}
    made.site = {**chosen, **{f"omero.glacier2.IceSSL.{name}": value for name, value in icessl.items()}}
    made.fill(made.site)
    configuration = made.folder / "master.cfg"  # other cases write etc anew while the node runs
    shutil.copyfile(made.folder / "etc/master.cfg", configuration)
    with made.node("master", configuration, *ICE_37):
        yield made


@pytest.fixture
def empty(server: Server) -> Iterator[Server]:
    """The server, without an application before and after."""
    yield server
    server.admin("application remove OMERO")


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("case", CASES)
def test_the_registry_takes_every_case(server: Server, case: str, release: str) -> None:
    """Of every release: each placeholder, each kind of descriptor, hostile values."""
    site = CASES[case]
    application = server.fill(site, release)
    # No user needs to run what is only to be judged.
    application.write_text(application.read_text().replace('name="master"', 'name="judged"'))
    add, remove = f"application add '{application}'", "application remove OMERO"
    servers = set(server.admin(add, "server list", remove).split())
    nodes = omerogen.load(overrides=site)["omero.server.nodedescriptors"]
    named = [server_id(*found) for node in nodes or () for found in node.servers]
    assert {"OMERO.Glacier2", *(named or ("Blitz-0", "Tables-0", "OMERO.IceStorm"))} <= servers


def server_id(template: str, instance: int | None) -> str:
    """What the registry calls an instance of a template."""
    return f"{template}-{instance}" if instance is not None else template.replace("Storm", "OMERO.IceStorm")


def test_the_registry_takes_the_target_too(empty: Server) -> None:
    """A node that runs only where somebody asks for it."""
    empty.admin(f"application add '{empty.fill({})}' repo")
    assert "Repository-1" in empty.admin("server list")


def test_a_node_runs_what_is_filled_in(empty: Server) -> None:
    """Blitz has its flags and properties unchanged, and a client gets in over TLS."""
    site = {**empty.site, **HOSTILE}
    empty.admin(f"application add '{empty.fill(site)}'")
    told = empty.told("Blitz-0")
    assert told["arguments"][:3] == ["-Xmx2400m", '-Da=<&>"${ x', "-Db=$$"]
    assert {name: told["properties"][name] for name in ("a.b", "a.c")} == {
        "a.b": HOSTILE["a.b.blitz"],
        "a.c": HOSTILE["a.c.blitz"],
    }
    assert empty.told("PixelData-0")["properties"]["a.d"] == HOSTILE["a.d.pixeldata"]
    assert empty.told("Tables-0")["arguments"][:2] == ["-m", "runTables"]
    found = empty.properties("OMERO.Glacier2")
    assert found["IceSSL.Hard"] == HOSTILE["omero.glacier2.IceSSL.Hard"]
    assert handshake(empty.ssl, "tls1_2")
    assert log_in(empty.ssl) == "SSLConnectionInfo 600"
