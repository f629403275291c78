"""The application of a whole server: services, nodes, properties, and what it cannot hand over."""

from __future__ import annotations

import json

import pytest
from lxml import etree

import omerogen
from omerogen.artifacts import rendering
from omerogen.derive import grid
from omerogen.model import NotApplicable, OmerogenError
from support.fleets import files

MEMORY = {"omero.jvmcfg.system_memory": "16000"}


def document(**options: str):
    """Parse the application of these overrides: names with dots by ``overrides``."""
    overrides = options.pop("overrides", {})
    settings = omerogen.load(overrides={**MEMORY, **overrides})
    return etree.fromstring(omerogen.render("icegrid", settings, **options).encode())


def refusal(overrides: dict[str, str]) -> str:
    """What is reported where the application cannot be made."""
    with pytest.raises(NotApplicable) as caught:
        rendering.render("icegrid", omerogen.load(overrides={**MEMORY, **overrides}), {})
    return str(caught.value)


def test_there_is_a_template_for_every_service():
    """Those of OMERO's, each with its own; Glacier2 and IceStorm among them."""
    found = {template.get("id") for template in document().iter("server-template")}
    assert found == {f"{name}Template" for name in (*grid.SERVICES, "Glacier2")}


def test_one_node_runs_everything_by_default():
    """The usual set, with the router first."""
    (node,) = document().iter("node")
    assert node.get("name") == "master"
    found = [
        (server.get("template").removesuffix("Template"), server.get("index"))
        for server in node.iter("server-instance")
    ]
    assert found == [
        *(("Glacier2", None), ("Blitz", "0"), ("Indexer", "0"), ("DropBox", None), ("MonitorServer", None)),
        *(("FileServer", None), ("Storm", None), ("PixelData", "0"), ("Processor", "0"), ("Tables", "0")),
    ]


def test_descriptors_say_what_runs_where():
    """Master first, with the router; the others by name; several instances of a service."""
    descriptors = "w2:Blitz-1,Blitz-2 master:Blitz-0 w1:Processor-3,Storm"
    root = document(overrides={"omero.server.nodedescriptors": descriptors, "omero.master.host": "m"})
    found = {
        node.get("name"): [
            f"{server.get('template').removesuffix('Template')}-{server.get('index')}" for server in node
        ]
        for node in root.iter("node")
    }
    assert found == {
        "master": ["Glacier2-None", "Blitz-0"],
        "w1": ["Processor-3", "Storm-None"],
        "w2": ["Blitz-1", "Blitz-2"],
    }
    assert list(found) == ["master", "w1", "w2"]


@pytest.mark.parametrize(
    ("descriptors", "said"),
    [
        ("master:Nothing-0", "unknown service 'Nothing' (there are: Blitz, Indexer, DropBox"),
        ("master:Blitz", "'Blitz' is not an instance of Blitz (write Blitz-0)"),
        ("master:Storm-0", "'Storm-0' is not an instance of Storm (write Storm)"),
        ("master:Blitz-0 w:Blitz-0", "'Blitz-0' is named twice (give each instance its own number)"),
        ("master:Storm w:Storm", "'Storm' is named twice (name it on one node)"),
        ("w:Glacier2", "Glacier2 runs on master always (leave it out)"),
    ],
)
def test_unsupported_descriptors_are_reported(descriptors, said):
    """At the place where they were set, before the registry refuses them."""
    told = refusal({"omero.server.nodedescriptors": descriptors})
    assert f"--set: omero.server.nodedescriptors: {said}" in told


def test_services_get_what_the_site_sets():
    """But what is OMERO.web's, and what became flags, the router's or the nodes'."""
    overrides = {
        "omero.db.pass": "x",
        "omero.web.debug": "true",
        "omero.jvmcfg.percent": "20",
        "omero.glacier2.IceSSL.Password": "x",
        "omero.plugin": "1",
        "Ice.IPv6": "0",
    }
    profile = document(overrides=overrides).find("application/properties[@id='Profile']")
    found = {row.get("name") for row in profile}
    assert found == {"omero.db.pass", "omero.plugin", "Ice.IPv6"}


def test_references_are_resolved():
    """A service gets values, not names of other properties."""
    overrides = {"omero.data.dir": "/data", "omero.managed.dir": "${omero.data.dir}/managed/"}
    root = document(overrides=overrides)
    rows = {row.get("name"): row.get("value") for row in root.iter("property")}
    assert rows["omero.managed.dir"] == "/data/managed/"
    options = [option.text for option in root.iter("option")]
    assert "-Domero.logbase=/data/managed/" in options


@pytest.mark.parametrize("value", [r"a\=b", r"a\ b", "\ta", "a\t", "$$${${"])
def test_values_that_icegrid_would_change_leave_the_application_out(value, omerogen, tmp_path):
    """With the property's name; the other artifacts are built, and ``check`` finds it."""
    site = ("--set", f"omero.db.name={value}", *("--set", "omero.jvmcfg.system_memory=16000"))
    assert omerogen("icegrid", *site).status == 2
    result = omerogen("build", *site, "-o", tmp_path / "out")
    assert result.status == 0
    assert "--set: omero.db.name has " in result.err
    assert "left out" in result.err
    assert not (tmp_path / "out/icegrid/application.xml").exists()
    assert (tmp_path / "out/icegrid/glacier2.xml").exists()
    assert "[not-for-icegrid]" in omerogen("check", *site).out
    assert omerogen("build", *site, "-o", tmp_path / "strict", "--strict").status == 2
    assert not (tmp_path / "strict").exists()


def test_a_value_that_icegrid_would_change_takes_no_application_away(omerogen, tmp_path):
    """A slip in a value is not a wish to do without; nothing is written until the files are removed."""
    site = ("-o", tmp_path / "out", "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen("build", *site).status == 0
    present = files(tmp_path / "out")
    slip = (*site, "--set", "omero.db.name=a\tb\t", "--set", "omero.web.prefix=/x")
    for looking in ((), ("--check",)):
        result = omerogen("build", *slip, *looking)
        assert result.status == 2
        assert "--set: omero.db.name has " in result.err
        paths = "icegrid/application.xml, icegrid/internal.cfg, icegrid/nodes/master.cfg"
        assert f"; or remove {paths} from {tmp_path / 'out'})" in result.err
        assert files(tmp_path / "out") == present
    for path in paths.split(", "):
        (tmp_path / "out" / path).unlink()
    result = omerogen("build", *slip, "--format", "json")
    assert result.status == 0
    assert "omero.db.name has " in json.loads(result.out)["warnings"][0]


def test_values_for_one_service_are_checked_too():
    """Also where the property itself is OMERO.web's."""
    assert "omero.web.x.blitz has a backslash" in refusal({"omero.web.x.blitz": r"a\=b"})


def test_a_module_is_a_name():
    """Python takes it as a word of its own."""
    for module in ("-c", "a b", "", "a;b"):
        assert "omero.tables.module" in refusal({"omero.tables.module": module or " "})


def test_a_master_on_loopback_is_reported():
    """Other machines cannot reach it."""
    site = {**MEMORY, "omero.server.nodedescriptors": "master:Blitz-0 worker1:Tables-0"}
    (warning,) = rendering.render("icegrid", omerogen.load(overrides=site), {}).warnings
    assert "worker1 cannot reach the master at 127.0.0.1 from another machine (set omero.master.host)" in str(
        warning
    )
    elsewhere = {**site, "omero.master.host": "om.example.org"}
    assert rendering.render("icegrid", omerogen.load(overrides=elsewhere), {}).warnings == ()


# Nodes


def lines(file: str, **overrides: str) -> dict[str, str]:
    """The properties of a configuration file."""
    settings = omerogen.load(
        overrides={**MEMORY, **{name.replace("__", "."): v for name, v in overrides.items()}}
    )
    text = omerogen.render("icegrid", settings, file=file)
    rows = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in rows}


def test_master_has_the_registry():
    """On the master's host, at the registry's port with its prefix."""
    found = lines("nodes/master.cfg", omero__master__host="om.example.org", omero__ports__prefix="1")
    assert found["IceGrid.Registry.Client.Endpoints"] == "tcp -h om.example.org -p 14061"
    assert found["Ice.Default.Locator"] == "IceGrid/Locator:tcp -h om.example.org -p 14061"
    assert (found["IceGrid.Node.CollocateRegistry"], found["IceGrid.Node.Name"]) == ("1", "master")


def test_other_nodes_find_it():
    """They have no registry, and listen wherever their machine is reached."""
    found = lines(
        "nodes/worker1.cfg", omero__master__host="m", omero__server__nodedescriptors="worker1:Tables-0"
    )
    assert found == {
        "Ice.Default.Locator": "IceGrid/Locator:tcp -h m -p 4061",
        "IceGrid.Node.Name": "worker1",
        "IceGrid.Node.Endpoints": "tcp",
        "IceGrid.Node.Data": "var/worker1",
        "Ice.StdOut": "var/log/worker1.out",
        "Ice.StdErr": "var/log/worker1.err",
    }


def test_a_registry_port_that_cannot_be_is_reported():
    """As the router's ports are."""
    with pytest.raises(OmerogenError, match="omero.ports.prefix makes port 74061 of omero.ports.registry"):
        lines("internal.cfg", omero__ports__prefix="7")


def test_the_files_of_nodes_come_and_go(omerogen, tmp_path):
    """A node that was removed from the grid leaves no file; ``--node`` writes one."""
    words = ("build", "-o", tmp_path, "--only", "icegrid", "--set", "omero.master.host=m")
    memory = ("--set", "omero.jvmcfg.system_memory=16000")

    def build(descriptors: str, *more: str) -> set[str]:
        result = omerogen(*words, *memory, "--set", f"omero.server.nodedescriptors={descriptors}", *more)
        assert result.status == 0, result.err
        return {path.name for path in (tmp_path / "icegrid/nodes").iterdir()}

    assert build("a:Tables-0 b:Blitz-0") == {"master.cfg", "a.cfg", "b.cfg"}
    assert build("a:Tables-0") == {"master.cfg", "a.cfg"}
    assert build("a:Tables-0", "--node", "a") == {"a.cfg"}


def test_the_folder_of_the_command_is_that_of_build(omerogen, tmp_path):
    """``icegrid -o DIR`` writes what ``build`` puts below ``icegrid/``."""
    memory = ("--set", "omero.jvmcfg.system_memory=16000")
    omerogen("build", *memory, "-o", tmp_path / "out", "--only", "icegrid")
    omerogen("icegrid", *memory, "-o", tmp_path / "grid")
    assert {
        str(path.relative_to(tmp_path / "grid")): path.read_text()
        for path in (tmp_path / "grid").rglob("*")
        if path.is_file()
    } == {
        str(path.relative_to(tmp_path / "out/icegrid")): path.read_text()
        for path in (tmp_path / "out/icegrid").rglob("*")
        if path.is_file()
    }


def test_the_command_removes_former_nodes(omerogen, tmp_path):
    """But nothing that another user has put there."""
    words = ("icegrid", "-o", tmp_path, "--set", "omero.jvmcfg.system_memory=16000")
    omerogen(*words, "--set", "omero.server.nodedescriptors=w:Tables-0", "--set", "omero.master.host=m")
    (tmp_path / "nodes/mine.cfg").write_text("# mine")
    assert omerogen(*words, "--check").status == 1
    omerogen(*words)
    assert {path.name for path in (tmp_path / "nodes").iterdir()} == {"master.cfg", "mine.cfg"}
    assert omerogen(*words, "--check").status == 0


def test_a_flag_that_xml_cannot_hold_is_reported_with_its_property(omerogen):
    """Not as a choice of the command line."""
    result = omerogen("icegrid", "--set", "omero.jvmcfg.append.blitz=-Da -Dx=\x01")
    assert "--set: omero.jvmcfg.append.blitz: XML cannot hold a control character" in result.err


def test_a_folder_of_images_reaches_every_service():
    """What the site says of it is not overridden."""
    root = document(overrides={"omero.repo.dir": "/mine"})
    rows = [row for row in root.iter("property") if row.get("name") == "omero.repo.dir"]
    assert [row.get("value") for row in rows] == ["/mine"]


def test_standard_output_is_the_application(omerogen):
    """Without a folder; other files by ``--file``."""
    assert omerogen("icegrid").out.startswith("<?xml")
    assert omerogen("icegrid", "--file", "internal.cfg").out.endswith("@OMERO.IceStorm.TopicManager\n")
    result = omerogen("icegrid", "--file", "nothing")
    assert result.problems == [
        "--file: there is no 'nothing' (there are: application.xml, internal.cfg, nodes/NAME.cfg)"
    ]


def test_icestorm_is_that_of_the_release_of_ice(omerogen):
    """OMERO runs with 3.6 by default."""
    assert "IceStormService,36:createIceStorm" in omerogen("icegrid").out
    assert "IceStormService,37:createIceStorm" in omerogen("icegrid", "--ice", "3.7").out


@pytest.mark.parametrize(
    ("given", "comment"),
    [
        ("omero.jvmcfg.system_memory=16000", "a part of 16000 MB, omero.jvmcfg.system_memory,"),
        ("omero.x=y", "the memory of the machine that this was written on,"),
        ("omero.jvmcfg.heap_size.pixeldata=2g", ""),
    ],
)
def test_a_heap_for_other_nodes_names_the_memory_it_is_a_part_of(given, comment, omerogen):
    """Theirs may be another; a heap that the site sets is a part of none."""
    nodes = "omero.server.nodedescriptors=master:Blitz-0 worker:PixelData-0"
    printed = omerogen("icegrid", "--set", nodes, "--set", given).out
    assert ("The heap is a part of" in printed) == bool(comment)
    assert comment in " ".join(printed.split())
    assert "The heap is a part of" not in omerogen("icegrid", "--set", given).out
