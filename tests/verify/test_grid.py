"""The whole application on real nodes: what it starts, with which flags and properties, and who gets in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.grids import Installation, handshake, identity, log_in, ports

pytestmark = pytest.mark.slow

#: Values that a careless writer of XML, of IceGrid's variables or of Ice's files would change.
HARD = {
    "omero.db.pass": "a'b\"&<>;#=x $ $$ ${ \\n\\",
    "omero.db.name": "ünï ☃ 😀",
    "omero.hard.variable": "$${x",
    "omero.hard.markup": "]]> --> &amp; &#10; <property/>",
    "omero.hard.spaces": " lead and trail ",
    "omero.hard.end": "ends in \\",
}
FLAGS = ["-Da=x y", "-Db= ", "-Dc='\"&<>#ü☃", "-Dd=${ $${ \\= \\ \\", "-De=\t\t", "-Df=line\nbreak"]
DESCRIPTORS = "master:Blitz-0,Storm,DropBox worker1:Processor-0,PixelData-1 worker2:Blitz-7,Tables-3"


class Deployed(Installation):
    """The application that ``omerogen build`` wrote, on all of its nodes."""

    def __init__(self, folder: Path, chosen: dict[str, str]) -> None:
        super().__init__(folder, chosen["omero.ports.registry"])
        self.ports = {name.rpartition(".")[2]: int(port) for name, port in chosen.items()}


@pytest.fixture(scope="module")
def deployed(folder: Path, certificate: tuple[Path, Path]) -> Iterator[Deployed]:
    import omerogen
    from omerogen.deploy.write import write
    from omerogen.sites import building

    chosen = ports()
    grid = Deployed(folder / "omero", chosen)
    password = "p$${w \"&'<"  # noqa: S105 - of a throw-away certificate
    icessl = {
        **identity(grid.folder, certificate, password),
        "Protocols": "tls1_2,tls1_3",
        "VerifyDepthMax": "3",
    }
    site = {
        **chosen,
        **HARD,
        "omero.server.nodedescriptors": DESCRIPTORS,
        "omero.jvmcfg.system_memory": "16000",
        "omero.jvmcfg.append.blitz": "".join(f" {_quoted(flag)}" for flag in FLAGS),
        "omero.threads.max_threads": "50",
        "omero.threads.max_threads.blitz": "60",
        **{f"omero.glacier2.IceSSL.{name}": value for name, value in icessl.items()},
    }
    files, notes = building.render(omerogen.load(overrides=site), {"ice": "3.7"}, ["icegrid"])
    assert not notes
    write(str(grid.folder / "out"), files)
    with ExitStack() as nodes:
        for name in ("master", "worker1", "worker2"):
            nodes.enter_context(grid.node(name, grid.folder / f"out/icegrid/nodes/{name}.cfg"))
        grid.admin(f"application add '{grid.folder}/out/icegrid/application.xml'")
        yield grid


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word)


def test_every_service_runs_on_its_node(deployed: Deployed) -> None:
    """Each node starts what the descriptors say, and the router is on master."""
    where = {
        "Glacier2": "master",
        **dict.fromkeys(("Blitz-0", "OMERO.IceStorm", "DropBox"), "master"),
        **dict.fromkeys(("Processor-0", "PixelData-1"), "worker1"),
        **dict.fromkeys(("Blitz-7", "Tables-3"), "worker2"),
    }
    assert set(deployed.admin("server list").split()) == set(where)
    for server, node in where.items():
        deployed.wait_until_active(server)
        assert f"node = `{node}'" in deployed.admin(f"server describe {server}")


def test_a_client_gets_in_over_tls(deployed: Deployed) -> None:
    """By way of the router, Blitz' verifier and its session manager; not with a wrong password."""
    deployed.wait_until_active("Glacier2")
    deployed.wait_until_active("Blitz-0")
    assert handshake(deployed.ports["ssl"], "tls1_2")
    assert log_in(deployed.ports["ssl"]) == "SSLConnectionInfo 600"
    assert log_in(deployed.ports["ssl"], "wrong") == ""


@pytest.mark.parametrize("server", ["Glacier2", "Blitz-0", "Tables-3", "DropBox"])
def test_property_values_arrive_unchanged(deployed: Deployed, server: str) -> None:
    """Quotes, backslashes, ampersands, dollars and unicode are in the process what the site set."""
    found = deployed.properties(server) if server == "Glacier2" else deployed.told(server)["properties"]
    assert {name: found[name] for name in HARD} == HARD


def test_icessl_values_arrive_unchanged(deployed: Deployed) -> None:
    """The router has the password that opens its certificate, and what else was set."""
    found = deployed.properties("Glacier2")
    assert found["IceSSL.Password"] == "p$${w \"&'<"
    assert (found["IceSSL.VerifyDepthMax"], found["IceSSL.Protocols"]) == ("3", "tls1_2,tls1_3")


def test_flags_arrive_unchanged(deployed: Deployed) -> None:
    """Every word of the JVM's command line, whatever is in it."""
    arguments = deployed.told("Blitz-0")["arguments"]
    assert arguments[: len(FLAGS) + 1] == ["-Xmx2400m", *FLAGS]
    assert arguments[len(FLAGS) + 1 : -1] == [
        *("-Djava.awt.headless=true", "-Dlogback.configurationFile=etc/logback.xml"),
        *("-Domero.logfile=var/log/Blitz-0.log", "-Domero.logbase=/OMERO/ManagedRepository/"),
        *("-Domero.name=Blitz-0", "-cp", "lib/server/*:etc/", "ome.services.blitz.Entry"),
    ]
    assert deployed.told("Blitz-0")["folder"] == str(deployed.folder)


def test_python_services_run_their_modules(deployed: Deployed) -> None:
    """By name, as python runs a module."""
    modules = {"Processor-0": "runProcessor", "Tables-3": "runTables", "DropBox": "fsDropBox"}
    found = {server: deployed.told(server)["arguments"][:2] for server in modules}
    assert found == {server: ["-m", module] for server, module in modules.items()}


def test_a_service_gets_what_is_for_it_alone(deployed: Deployed) -> None:
    """``NAME.blitz`` is NAME in every Blitz, and nowhere else."""
    threads = {
        server: deployed.told(server)["properties"]["omero.threads.max_threads"]
        for server in ("Blitz-0", "Blitz-7", "PixelData-1")
    }
    assert threads == {"Blitz-0": "60", "Blitz-7": "60", "PixelData-1": "50"}


def test_the_registry_knows_the_services_by_their_objects(deployed: Deployed) -> None:
    """Those that OMERO looks up by identity or by type."""
    found = set(deployed.admin("object list").split())
    assert {
        "BlitzVerifier",
        "BlitzManager",
        "Processor-0",
        "Tables-3",
        "OMERO.IceStorm/TopicManager",
    } <= found
