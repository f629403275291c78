"""Placeholders get the values of a site, whatever they are, and descriptors say what nodes run."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import omerogen
from omerogen.model import OmerogenError
from support.installation import (
    BLITZ,
    DROPBOX,
    INDEXER,
    PIXELDATA,
    PROCESSOR,
    ROUTER,
    SHIPPED,
    STORM,
    TABLES,
    filled,
    nodes,
    options,
    properties,
    refusal,
    tree,
)


@pytest.mark.parametrize(
    ("path", "overrides", "said"),
    [
        ("grid/default.xml", {}, '"ROUTERPORT"    value="4064"'),
        ("grid/default.xml", {"omero.ports.prefix": "1"}, '"ROUTERPORT"    value="14064"'),
        ("grid/default.xml", {"omero.ports.ssl": "443"}, '"ROUTERPORT"    value="443"'),
        (
            "grid/default.xml",
            {"omero.ports.tcp": "99"},
            'value="OMERO.Glacier2/router:tcp -p 99 -h @omero.host@"',
        ),
        ("grid/default.xml", {}, 'client-endpoints="ssl -p 4064:tcp -p 4063"'),
        (
            "grid/default.xml",
            {"omero.client.icetransports": "wss,ssl", "omero.ports.prefix": "2"},
            'client-endpoints="wss -p 24066:ssl -p 24064"',
        ),
        ("grid/default.xml", {}, 'server-endpoints="tcp -h 127.0.0.1"'),
        (
            "grid/default.xml",
            {"omero.master.host": "om.example.org"},
            'server-endpoints="tcp -h om.example.org"',
        ),
        ("grid/default.xml", {"Ice.Default.Host": "10.0.0.2"}, 'server-endpoints="tcp -h 10.0.0.2"'),
        ("grid/default.xml", {"omero.master.host": "::1"}, 'server-endpoints="tcp -h &quot;::1&quot;"'),
        ("grid/windefault.xml", {"omero.ports.wss": "7"}, "tcp -p 4063:wss -p 7:ws -p 4065"),
        ("grid/windefault.xml", {"omero.ports.ws": "8", "omero.ports.prefix": "3"}, ":wss -p 34066:ws -p 38"),
        ("master.cfg", {}, "Client.Endpoints=tcp -h 127.0.0.1 -p 4061\n"),
        ("master.cfg", {"omero.ports.registry": "5"}, "Client.Endpoints=tcp -h 127.0.0.1 -p 5\n"),
        ("master.cfg", {"omero.ports.prefix": "1"}, "Client.Endpoints=tcp -h 127.0.0.1 -p 14061\n"),
        ("master.cfg", {"omero.master.host": "::1"}, 'IceGrid.Node.Endpoints=tcp -h "::1"\n'),
        ("master.cfg", {"omero.master.host": "m"}, "#IceGrid.Registry.SessionManager.Endpoints=tcp -h m\n"),
        ("internal.cfg", {"omero.master.host": "m"}, "IceGrid/Locator:tcp -h m -p 4061\n"),
        ("worker.cfg", {"Ice.Default.Host": "d"}, "IceGrid/Locator:tcp -h d -p 4061\n"),
        ("ice.config", {}, "omero.host=localhost\nomero.port=4064\n"),
        ("ice.config", {"omero.master.host": "m", "Ice.Default.Host": "d"}, "omero.host=m\n"),
        ("ice.config", {"Ice.Default.Host": "d"}, "omero.host=d\n"),
        ("ice.config", {"omero.master.host": "::1"}, "omero.host=::1\n"),
        (
            "ice.config",
            {},
            "## Ice.Default.Router=OMERO.Glacier2/router:tcp -p @omero.port@ -h @omero.host@\n",
        ),
        ("grid/templates.xml", {}, "<option>runTables</option>"),
        ("grid/templates.xml", {"omero.tables.module": "omero.other"}, "<option>omero.other</option>"),
        ("grid/templates.xml", {}, "and so is @omero.ports.ssl@ here."),
    ],
)
def test_a_placeholder_gets_its_value(path, overrides, said):
    """Each in each file that has it; comments of XML, and what clients fill in, stay."""
    assert said in filled(overrides)[path].replace("\r\n", "\n")


def test_no_placeholder_is_left():
    """But those of OMERO's clients, and words in a comment."""
    for path, text in filled({}).items():
        if path.endswith(".xml"):
            text = "".join(
                etree.tostring(element, encoding="unicode")
                for element in tree(text)
                if isinstance(element.tag, str)
            )
        rest = text.replace("@omero.host@", "").replace("@omero.port@", "")
        assert "@omero." not in rest
        assert "REPLACE" not in rest
        assert "MEMORY:" not in rest


@pytest.mark.parametrize(
    ("overrides", "service", "expected"),
    [
        ({}, "Blitz", ["-Xmx2400m"]),
        ({}, "Indexer", ["-Xmx1600m"]),
        ({}, "PixelData", ["-Xmx2400m"]),
        ({}, "Repository", ["-Xmx1600m"]),
        ({"omero.jvmcfg.heap_size.blitz": "1G"}, "Blitz", ["-Xmx1G"]),
        ({"omero.jvmcfg.append.indexer": "-Da -Db='x y'"}, "Indexer", ["-Xmx1600m", "-Da", "-Db=x y"]),
        ({"omero.jvmcfg.append": "-Da"}, "Repository", ["-Xmx1600m", "-Da"]),
        ({"omero.jvmcfg.heap_dump": "on"}, "Blitz", ["-Xmx2400m", "-XX:+HeapDumpOnOutOfMemoryError"]),
        ({"omero.jvmcfg.append.blitz": "-Da='<&\"${'"}, "Blitz", ["-Xmx2400m", '-Da=<&"$${']),
        ({"omero.jvmcfg.append.blitz": r"-Da='\1\g<0>'"}, "Blitz", ["-Xmx2400m", r"-Da=\1\g<0>"]),
    ],
)
def test_jvm_flags_replace_the_memory_option(overrides, service, expected):
    """The first in its place, the rest after it, what came after still after."""
    found = options(filled(overrides)["grid/templates.xml"], service)
    shipped = options((SHIPPED / "grid/templates.xml").read_text(), service)
    assert found == [*expected, *shipped[1:]]


@pytest.mark.parametrize(
    ("overrides", "service", "own"),
    [
        ({}, "Blitz", {}),
        ({"omero.threads.max_threads.blitz": "60"}, "Blitz", {"omero.threads.max_threads": "60"}),
        ({"omero.threads.max_threads.blitz": "60"}, "Indexer", {}),
        ({"a.b.blitz": "1", "a.c.blitz": "2", "z.blitz": "3"}, "Blitz", {"a.b": "1", "a.c": "2", "z": "3"}),
        ({"a.b.repository": "<&'\">"}, "Repository", {"a.b": "<&'\">"}),
        ({"a.b.pixeldata": "$${ ${ $"}, "PixelData", {"a.b": "$$$${ $${ $"}),
        ({"a.b.indexer": r"\1 \g<0>"}, "Indexer", {"a.b": r"\1 \g<0>"}),
        ({"omero.jvmcfg.percent.blitz": "20"}, "Blitz", {}),
        ({"a.b.blitz": "@omero.ports.ssl@"}, "Blitz", {"a.b": "@omero.ports.ssl@"}),
        (
            {"omero.throttling.method_time.error.indexer": "5"},
            "Indexer",
            {"omero.throttling.method_time.error": "5"},
        ),
    ],
)
def test_properties_of_a_service_replace_the_placeholder(overrides, service, own):
    """All that a site sets as ``NAME.SERVICE``; without any the placeholder goes away."""
    found = properties(filled(overrides)["grid/templates.xml"], service)
    shipped = properties((SHIPPED / "grid/templates.xml").read_text(), service)
    kept = {name: value for name, value in shipped.items() if not name.startswith("REPLACEMENT:")}
    assert found == {**kept, **own}


def test_values_for_one_service_have_the_kind_of_the_property():
    """What is not a number is refused for one service as for all."""
    with pytest.raises(OmerogenError, match="omero.threads.max_threads.blitz 'x' is not a whole number"):
        omerogen.load(overrides={"omero.threads.max_threads.blitz": "x"})["omero.threads.max_threads.blitz"]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, {"IceSSL.Protocols": "tls1", "IceSSL.VerifyPeer": "0"}),
        ({"omero.glacier2.IceSSL.Protocols": "tls1_2"}, {"IceSSL.Protocols": "tls1_2"}),
        ({"omero.glacier2.IceSSL.Password": "a\"&<'${"}, {"IceSSL.Password": "a\"&<'$${"}),
        ({"omero.glacier2.IceSSL.CAs": "@omero.ports.ssl@"}, {"IceSSL.CAs": "@omero.ports.ssl@"}),
    ],
)
def test_the_router_gets_its_icessl_properties(overrides, expected):
    """The four that are always there, and what the site sets."""
    found = properties(filled(overrides)["grid/templates.xml"], "Glacier2")
    assert {name: found[name] for name in expected} == expected
    icessl = [name for name in found if name.startswith("IceSSL.")]
    assert len(icessl) == len(
        {"Ciphers", "ProtocolVersionMax", "Protocols", "VerifyPeer"}
        | {name.removeprefix("omero.glacier2.IceSSL.") for name in overrides}
    )
    names = list(found)
    assert names[0] == "Ice.Plugin.IceSSL"
    assert names[-1] == "Glacier2.SessionManager"


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [
        ("", {"master": [ROUTER, BLITZ, INDEXER, DROPBOX, STORM, PIXELDATA, PROCESSOR, TABLES]}),
        ("master:Blitz-0", {"master": [ROUTER, BLITZ]}),
        ("master:Blitz-0,Tables-0", {"master": [ROUTER, BLITZ, TABLES]}),
        ("master:Tables-0,Blitz-0", {"master": [ROUTER, TABLES, BLITZ]}),
        (
            "master:Blitz-0,Tables-0 worker1:Processor-0,PixelData-1",
            {"master": [ROUTER, BLITZ, TABLES], "worker1": [PROCESSOR, {**PIXELDATA, "index": "1"}]},
        ),
        (
            "z:Tables-0 b:Processor-0 master:Blitz-0 a:Indexer-0",
            {"master": [ROUTER, BLITZ], "a": [INDEXER], "b": [PROCESSOR], "z": [TABLES]},
        ),
        ("worker1:Blitz-0", {"master": [ROUTER], "worker1": [BLITZ]}),
        ("master: worker1:Storm,DropBox", {"master": [ROUTER], "worker1": [STORM, DROPBOX]}),
        (
            "master:Blitz-0,Blitz-1,Processor-0,Processor-11",
            {"master": [ROUTER, BLITZ, {**BLITZ, "index": "1"}, PROCESSOR, {**PROCESSOR, "index": "11"}]},
        ),
        (
            "master:Storm omero-2.example.org:Blitz-0",
            {"master": [ROUTER, STORM], "omero-2.example.org": [BLITZ]},
        ),
    ],
)
def test_descriptors_say_what_nodes_run(descriptors, expected):
    """Of master only the router stays unless it is named; other nodes follow, sorted by name."""
    overrides = {"omero.server.nodedescriptors": descriptors, "omero.master.host": "127.0.0.1"}
    texts = filled(overrides)
    found = nodes(texts["grid/default.xml"])
    assert found == expected
    assert list(found) == list(expected)
    windows = nodes(texts["grid/windefault.xml"])
    assert {name: servers[name == "master" :] for name, servers in windows.items()} == {
        name: servers[name == "master" :] for name, servers in expected.items()
    }


def test_nodes_of_a_target_are_left_alone():
    """They run only where somebody asks for the target."""
    text = filled({"omero.server.nodedescriptors": "master:Blitz-0"})["grid/default.xml"]
    assert tree(text).find("application/target/node").get("name") == "repo"


@pytest.mark.parametrize(
    ("descriptors", "said"),
    [
        ("master:Blitz-0,Nothing-0", "unknown service 'Nothing'; there are Blitz, DropBox, Glacier2"),
        ("master:Blitz", "'Blitz' cannot run: BlitzTemplate wants 'index'"),
        ("master:Storm-0", "'Storm-0' cannot run: StormTemplate has no 'index'"),
        ("master:Repository-0", "'Repository-0' cannot run: RepositoryTemplate wants 'dir'"),
        ("master:Blitz-0 worker:Blitz-0", "'Blitz-0' is named twice"),
    ],
)
def test_what_the_registry_would_refuse_is_refused_first(descriptors, said):
    """At the place of the descriptors, from the templates that are there."""
    assert f"--set: omero.server.nodedescriptors: {said}" in refusal(
        {"omero.server.nodedescriptors": descriptors}
    )


ICE_TEXT = st.text(st.characters(codec="utf-8"))


@given(ICE_TEXT, ICE_TEXT)
def test_any_value_means_itself_or_is_refused(one, two):
    """In the router's properties, in a service's own and in flags: data, whatever it is."""
    overrides = {"omero.glacier2.IceSSL.Password": one, "a.b.blitz": two}
    try:
        text = filled(overrides)["grid/templates.xml"]
    except OmerogenError as error:
        assert "omero.glacier2.IceSSL.Password" in str(error) or "a.b.blitz" in str(error)
        return
    found = properties(text, "Glacier2").get("IceSSL.Password", ""), properties(text, "Blitz").get("a.b", "")
    assert tuple(_as_icegrid_reads(value) for value in found) == (one, two)


def _as_icegrid_reads(value: str) -> str:
    """Half the ``$`` of a row before ``{``."""
    return re.sub(r"\$+(?=\{)", lambda dollars: dollars.group()[: len(dollars.group()) // 2], value)
