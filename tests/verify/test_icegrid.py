"""IceGrid deploys the Glacier2 template, and the router speaks what the properties say."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from lxml import etree

import omerogen
from support.grids import TRANSPORTS, admin, handshake, identity, ports
from support.programs import (
    as_ordinary_user,
    environment,
    find,
    free_port,
    give_to_ordinary_user,
    listening,
    running,
)
from support.texts import SPECIAL, distinct, tally, texts

pytestmark = pytest.mark.slow

FAMILY = "omero.glacier2.IceSSL."
HARD_VALUES = (
    *("a'b\"&<>", "<property name=\"x\" value='y'/>", "]]> --> &amp; &#10;", " lead and trail ", "a=b;c"),
    *("back\\slash \\n \\t \\", "\\\\a\\\\\\ ", "# hash=eq", "x # y", "\\# =\\ ", "$", "$$", "x$", "$x"),
    *("${", "$${", "$$${", "$$$${", "$${x $$$", "ünï ☃ 😀", "\u00a0nbsp\u00a0", "a\u2028b\u0085c", "-"),
)


class Grid:
    """A registry and a node in one program."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.endpoint = f"tcp -h 127.0.0.1 -p {port}"
        loopback = "tcp -h 127.0.0.1"
        self.configuration = {
            "IceGrid.InstanceName": "IceGrid",
            "IceGrid.Registry.Client.Endpoints": self.endpoint,
            "IceGrid.Registry.Server.Endpoints": loopback,
            "IceGrid.Registry.Internal.Endpoints": loopback,
            "IceGrid.Registry.LMDB.Path": give_to_ordinary_user(folder / "registry"),
            "IceGrid.Registry.LMDB.MapSize": 10,
            "IceGrid.Registry.PermissionsVerifier": "IceGrid/NullPermissionsVerifier",
            "IceGrid.Registry.AdminPermissionsVerifier": "IceGrid/NullPermissionsVerifier",
            "IceGrid.Registry.Discovery.Enabled": 0,
            "IceGrid.Node.Name": "node",
            "IceGrid.Node.CollocateRegistry": 1,
            "IceGrid.Node.Data": give_to_ordinary_user(folder / "node"),
            "IceGrid.Node.Output": folder,
            "IceGrid.Node.Endpoints": loopback,
            "Ice.Default.Locator": f"IceGrid/Locator:{self.endpoint}",
            "Ice.PrintAdapterReady": 1,
        }

    def admin(self, command: str) -> str:
        """What icegridadmin answers."""
        return admin(self.endpoint, command)

    def add(self, document: str, *, instance: bool = True) -> None:
        """Add the application of a document, with an instance of its template on the node."""
        tree = etree.fromstring(document.encode())
        if instance:
            node = etree.SubElement(tree[0], "node", name="node")
            etree.SubElement(node, "server-instance", template="Glacier2Template")
        path = self.folder / "application.xml"
        path.write_bytes(etree.tostring(tree))
        self.admin(f"application add '{path}'")

    def properties(self) -> dict[str, str]:
        """The properties inside the router that the node started, once it is up."""
        deadline = time.monotonic() + 20
        while not (state := self.admin("server state Glacier2")).startswith("active ("):
            assert time.monotonic() < deadline, state
            time.sleep(0.02)
        return dict(re.findall(r"^([^=\n]+)=(.*)$", self.admin("server properties Glacier2"), re.MULTILINE))


@pytest.fixture(scope="module")
def grid(folder: Path) -> Iterator[Grid]:
    port = free_port()
    grid = Grid(folder, port)
    file = folder / "grid.cfg"
    file.write_text("".join(f"{name}={value}\n" for name, value in grid.configuration.items()))
    log = folder / "grid.log"
    command = as_ordinary_user(find("icegridnode"), "--nowarn", f"--Ice.Config={file}")
    with running(command, log, lambda: "IceGrid.Node ready" in log.read_text(), cwd=folder):
        yield grid


@pytest.fixture
def empty_grid(grid: Grid) -> Iterator[Grid]:
    """The grid, without an application before and after."""
    yield grid
    grid.admin("application remove OMERO")


def document(values: Mapping[str, str], **more: str) -> str:
    """The Glacier2 document for values of IceSSL.X, by X."""
    overrides = {FAMILY + name: value for name, value in values.items()}
    return omerogen.render("glacier2", omerogen.load(overrides={**overrides, **more}))


def values_described(text: str) -> dict[str, str]:
    """IceSSL.X to its value, from the answer of a describe command."""
    return dict(re.findall(r"^ +IceSSL\.(\S+) = `(.*)'$", text, re.MULTILINE))


def test_registry_takes_the_document_as_it_is(empty_grid: Grid) -> None:
    """The registry accepts the document alone, and has the template afterwards."""
    empty_grid.add(document({}), instance=False)
    described = empty_grid.admin("server template describe OMERO Glacier2Template")
    assert values_described(described) == {
        "Ciphers": "ADH:!LOW:!MD5:!EXP:!3DES:@STRENGTH",
        "ProtocolVersionMax": "tls1_1",
        "Protocols": "tls1",
        "VerifyPeer": "0",
    }


def test_hard_values_reach_the_router(empty_grid: Grid) -> None:
    """Quotes, spaces, backslashes, dollars and braces are the same in the router that the grid starts."""
    hard = {f"Hard{place}": value for place, value in enumerate(HARD_VALUES)}
    empty_grid.add(document(hard, **ports()))
    found = empty_grid.properties()
    assert {name: found[f"IceSSL.{name}"] for name in hard} == hard


def test_generated_values_reach_the_router(empty_grid: Grid) -> None:
    """What omerogen takes for an IceSSL property is the same in the router, whatever it is."""
    printable = (text for text in SPECIAL if text.isprintable())
    values = distinct(texts(special=(*printable, "$", "${", "$${", "{", "\\", "=", " ", "\t")))
    wanted = {}
    for place, text in enumerate(values):
        try:
            omerogen.load(overrides={f"{FAMILY}Any": text}).text(f"{FAMILY}Any")
        except omerogen.OmerogenError as error:
            assert f"{FAMILY}Any" in str(error)
        else:
            wanted[f"Any{place}"] = text
    tally("XML, IceGrid and its router", len(values), len(values) - len(wanted))
    empty_grid.add(document(wanted, **ports()))
    described = values_described(empty_grid.admin("server describe Glacier2"))
    assert {name: described[name] for name in wanted} == wanted
    found = empty_grid.properties()
    assert {name: found.get(f"IceSSL.{name}", "") for name in wanted} == wanted


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_endpoints_of_every_transport_are_bound(
    empty_grid: Grid, certificate: tuple[Path, Path], host: str
) -> None:
    """The router listens on the port of each transport, in the grid, with a certificate."""
    chosen = ports()
    transports = {"omero.client.icetransports": ",".join(TRANSPORTS), "omero.master.host": host}
    values = {**identity(empty_grid.folder, certificate, "a b$${c # =\\"), "Protocols": "tls1_2"}
    empty_grid.add(document(values, **chosen, **transports))
    assert empty_grid.properties()["Glacier2.Server.Endpoints"].startswith("tcp -h ")
    assert all(listening(int(chosen[f"omero.ports.{transport}"]))() for transport in TRANSPORTS)
    assert handshake(int(chosen["omero.ports.ssl"]), "tls1_2")
    assert handshake(int(chosen["omero.ports.wss"]), "tls1_2")


def router(values: Mapping[str, str], port: int) -> list[str]:
    """The command for a router that has the IceSSL values of our document, and no OMERO after it."""
    document_ = document(values, **{"omero.ports.ssl": str(port)})
    rows = etree.fromstring(document_.encode()).iter("property")
    icessl = {row.get("name"): row.get("value") for row in rows if row.get("name").startswith("IceSSL.")}
    return plain_router(icessl, port)


def plain_router(icessl: Mapping[str, str], port: int) -> list[str]:
    """The command for a router with these properties."""
    own = {
        "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
        "Ice.PrintAdapterReady": "1",
        "Glacier2.InstanceName": "OMERO.Glacier2",
        "Glacier2.PermissionsVerifier": "OMERO.Glacier2/NullPermissionsVerifier",
        "Glacier2.Client.Endpoints": f"ssl -h 127.0.0.1 -p {port}",
    }
    escaped = {name: re.sub(r"([\\#= ])", r"\\\1", value) for name, value in {**own, **icessl}.items()}
    words = (f"--{name}={value}" for name, value in escaped.items())
    return [find("glacier2router"), "--nowarn", *words]


@pytest.mark.parametrize(
    ("protocols", "spoken"),
    [
        ("tls1_2", {"tls1_2"}),
        ("TLS1_3", {"tls1_3"}),
        ("tls1_2, TLSv1_3", {"tls1_2", "tls1_3"}),
        ("tls1_1 tls1_2", {"tls1_2"}),
    ],
)
def test_router_speaks_the_protocols_of_the_property(
    folder: Path, certificate: tuple[Path, Path], protocols: str, spoken: set[str]
) -> None:
    """A handshake works with each protocol of the property, and with no other."""
    port = free_port()
    values = {**identity(folder, certificate, "a # b"), "Protocols": protocols}
    with running(router(values, port), folder / "router.log", listening(port)):
        assert {name for name in ("tls1_2", "tls1_3") if handshake(port, name)} == spoken


def starts(command: list[str], folder: Path, port: int) -> bool:
    """Whether the router comes up; what it does not like ends it."""
    try:
        with running(command, folder / "router.log", listening(port), env=environment()):
            return True
    except AssertionError:
        return False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("Protocols", protocols)
            for protocols in ("ssl3", "SSLv3", "tls9", "TLS1.2", "tls1_2,tls", "tls1_4")
        ),
        *(("VerifyPeer", value) for value in ("3", "-1")),
    ],
)
def test_what_the_router_refuses_is_refused_first(folder: Path, name: str, value: str) -> None:
    """Omerogen names the property that would end the router."""
    port = free_port()
    if starts(plain_router({f"IceSSL.{name}": value}, port), folder, port):
        return
    with pytest.raises(omerogen.OmerogenError, match=FAMILY + name):
        document({name: value})


@pytest.mark.parametrize(
    "values",
    [
        *(
            {"Protocols": value}
            for value in ("", "tls1", "TLS1_0", "tlsv1", "TLSv1_2", " tls1_2 ,, tls1_3 ", "tls1_3,tls1_3")
        ),
        *({"VerifyPeer": value} for value in ("0", "1", "2", " 1 ")),
        *({"ProtocolVersionMax": value} for value in ("ssl3", "tls1", "TLS1_2", "tls1_3")),
        *({"Ciphers": value} for value in ("HIGH", "ADH:@SECLEVEL=0", "ALL:!aNULL:!eNULL", " HIGH ")),
    ],
    ids=str,
)
def test_what_omerogen_takes_starts_the_router(folder: Path, values: dict[str, str]) -> None:
    """No legal value of the four properties that are always there ends the router."""
    port = free_port()
    assert starts(router(values, port), folder, port), (folder / "router.log").read_text()


HANDSHAKES = [
    ({}, "warning", "answers by none of TLS 1.0"),
    ({"Ciphers": "HIGH:ADH:@SECLEVEL=0"}, "", "the router answers by TLS 1.0"),
    ({"Ciphers": "HIGH:ADH:@SECLEVEL=0", "Protocols": "tls1_2"}, "", "the router answers by TLS 1.2"),
    ({"Ciphers": "ADH", "Protocols": "tls1_2"}, "warning", "answers by none of TLS 1.2"),
    ({"CertFile": "s.p12", "Protocols": "TLS1_2"}, "error", "answers by none of TLS 1.2"),
    ({"CertFile": "s.p12", "Protocols": "TLS1_2,TLS1_3"}, "", "by TLS 1.3, not by TLS 1.2"),
    ({"CertFile": "s.p12", "Protocols": "TLS1_2,TLS1_3", "Ciphers": "HIGH"}, "", "by TLS 1.2, TLS 1.3"),
    ({"CertFile": "s.p12", "VerifyPeer": "2"}, "", "no handshake was tried"),
]


@pytest.mark.parametrize(("icessl", "severity", "said"), HANDSHAKES)
def test_a_router_is_judged_by_a_handshake(icessl, severity, said, omerogen):
    """One with each protocol that is configured; what starts may still answer nobody."""
    given = [f"--set=omero.glacier2.IceSSL.{name}={value}" for name, value in icessl.items()]
    result = omerogen("check", "--with-consumers", "icegrid", *given, "--format", "json")
    answer = json.loads(result.out)
    found = [one for one in answer["findings"] if one["id"] == "refused-by-icegrid"]
    assert [one["severity"] for one in found] == [severity] * bool(severity)
    assert answer["consumers"][0]["state"] == ("refused" if severity == "error" else "accepted")
    assert said in answer["consumers"][0]["remark"] + "".join(one["message"] for one in found)


def test_one_cause_has_one_finding(omerogen):
    """A rule says why no client can connect: the program's answer is not said again."""
    given = ("--set", "omero.glacier2.IceSSL.Ciphers=HIGH", "--format", "json")
    found = json.loads(omerogen("check", "--with-consumers", "icegrid", *given).out)["findings"]
    errors = [one["id"] for one in found if one["severity"] == "error"]
    assert errors == ["router-without-certificate"]
