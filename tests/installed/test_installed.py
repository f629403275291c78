"""``omerogen icegrid --templates``: an installed OMERO's files, filled in and otherwise as they were.

``examples/OMERO.server`` is an OMERO directory in the format of release 5.6, with every
placeholder; the oddities of other releases are changes of it.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import omerogen
from conftest import EXAMPLES
from omerogen.errors import OmerogenError
from omerogen.installed import fill
from writing import ended, start

SHIPPED = EXAMPLES / "OMERO.server/etc/templates"
MEMORY = {"omero.jvmcfg.system_memory": "16000"}


def filled(overrides: dict[str, str], templates: Path = SHIPPED, **options: str) -> dict[str, str]:
    """The text of each file, by its path below ``etc``."""
    settings = omerogen.load(overrides={**MEMORY, **overrides})
    return {output.path: output.text for output in fill(str(templates), settings, options).outputs}


def refusal(overrides: dict[str, str], templates: Path = SHIPPED) -> str:
    """What is said where the files cannot be filled in."""
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


@pytest.fixture
def copy(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the templates, with changes ``(path, old, new)``."""

    def make(*changes: tuple[str, str, str]) -> Path:
        folder = tmp_path / "templates"
        shutil.copytree(SHIPPED, folder)
        for path, old, new in changes:
            data = (folder / path).read_bytes()
            assert old.encode() in data
            (folder / path).write_bytes(data.replace(old.encode(), new.encode()))
        return folder

    return make


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
def test_jvm_flags_stand_where_the_memory_option_stood(overrides, service, expected):
    """The first in its place, the rest behind it, what came after still after."""
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
    """What is no number is refused for one service as for all."""
    with pytest.raises(OmerogenError, match="omero.threads.max_threads.blitz 'x' is not a whole number"):
        omerogen.load(overrides={"omero.threads.max_threads.blitz": "x"})


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
        ("master:Blitz-0,Nothing-0", "there is no service 'Nothing'; there are Blitz, DropBox, Glacier2"),
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


# Oddities of releases


def test_memory_options_are_missing_in_old_files(copy):
    """OMERO 5.0.2 and older had fixed heaps; a file that was copied from there is told as such."""
    old = copy(*(("grid/templates.xml", f"MEMORY:{service}", "-Xmx512M") for service in ("blitz", "indexer")))
    said = refusal({}, old)
    assert (
        f"{old}/grid/templates.xml: has no option MEMORY:blitz: OMERO 5.0.2 and older wrote such files"
        in said
    )
    assert "MEMORY:indexer" in said
    assert "take the etc/templates of the release that is installed" in said


def test_a_service_that_a_release_does_not_have_needs_no_option(copy):
    """Nobody starts it."""
    folder = copy()
    path = folder / "grid/templates.xml"
    text = path.read_text()
    start, end = (
        text.index('    <server-template id="RepositoryTemplate">'),
        text.index('    <server-template id="Proc'),
    )
    path.write_text(text[:start] + text[end:])
    assert "-Xmx2400m" in filled({}, folder)["grid/templates.xml"]


def test_an_option_of_no_jvm_is_told(copy):
    """Java would take it for the name of a class."""
    odd = copy(("grid/templates.xml", "MEMORY:repository", "MEMORY:repo"))
    assert "has an option MEMORY:repo, which is no JVM of OMERO" in refusal({}, odd)


def test_a_lost_replacement_is_told_only_if_it_is_needed(copy):
    """A property that would get nowhere is an error; a file without the placeholder is none."""
    odd = copy(("grid/templates.xml", '<property name="REPLACEMENT:blitz" value="REPLACEME"/>', ""))
    assert "-Xmx2400m" in filled({}, odd)["grid/templates.xml"]
    assert "has no property REPLACEMENT:blitz: a.b.blitz would be lost" in refusal({"a.b.blitz": "1"}, odd)


def test_older_routers_have_icessl_of_their_own(copy):
    """Before there was a line for it, the file had the properties: a site's have no effect, which is said."""
    own = '<property name="IceSSL.Ciphers" value="ADH"/>'
    old = str(copy(("grid/templates.xml", "@omero.glacier2.icessl@", own)))
    assert fill(old, omerogen.load(overrides=MEMORY), {}).warnings == ()
    site = {**MEMORY, "omero.glacier2.IceSSL.Protocols": "tls1_2"}
    (warning,) = fill(old, omerogen.load(overrides=site), {}).warnings
    assert "omero.glacier2.IceSSL.Protocols have no effect" in str(warning)


def test_icessl_may_stand_behind_an_element_or_alone(copy):
    """On a line of its own or not, with something around it or not."""
    plugin = '<property name="Ice.Plugin.IceSSL" value="IceSSL:createIceSSL"/>\n          @omero'
    odd = copy(("grid/templates.xml", plugin, "<!-- x -->@omero"))
    assert properties(filled({}, odd)["grid/templates.xml"], "Glacier2")["IceSSL.VerifyPeer"] == "0"


def test_the_host_of_ice_was_a_placeholder_too(copy):
    """In the first releases with templates; the host is Ice's then, not the master's."""
    old = copy(("grid/default.xml", "@omero.master.host@", "@Ice.Default.Host@"))
    overrides = {"omero.master.host": "m", "Ice.Default.Host": "d"}
    assert 'server-endpoints="tcp -h d"' in filled(overrides, old)["grid/default.xml"]
    assert (
        'server-endpoints="tcp -h 127.0.0.1"' in filled({"omero.master.host": "m"}, old)["grid/default.xml"]
    )


def test_a_placeholder_of_a_newer_release_is_told(copy):
    """It stays, with a warning: nobody but its release knows what it stands for."""
    new = copy(
        ("master.cfg", "var/registry", "@omero.future@"), ("grid/default.xml", '"my_value"', '"@omero.new@"')
    )
    found = fill(str(new), omerogen.load(overrides=MEMORY), {})
    assert [warning.message for warning in found.warnings] == [
        "has the placeholder @omero.new@, which omerogen does not know",
        "has the placeholder @omero.future@, which omerogen does not know",
    ]


def test_files_need_not_all_be_there(copy):
    """A release without a Windows file or an ice.config has just the others."""
    folder = copy()
    for path in ("grid/windefault.xml", "ice.config", "worker.cfg"):
        (folder / path).unlink()
    assert set(filled({}, folder)) == {"grid/templates.xml", "grid/default.xml", "master.cfg", "internal.cfg"}


def test_old_encodings_become_utf8(copy):
    """Of XML as it says, of other files Latin-1 where they are not UTF-8."""
    folder = copy()
    (folder / "master.cfg").write_bytes("# Universität @omero.ports.ssl@\n".encode("latin-1"))
    xml = (
        (folder / "grid/default.xml")
        .read_text()
        .replace("assumes", "ü")
        .replace("The application", "Die Übersicht")
    )
    (folder / "grid/default.xml").write_bytes(
        f"<?xml version='1.0' encoding='ISO-8859-1'?>\n{xml}".encode("latin-1")
    )
    texts = filled({}, folder)
    assert texts["master.cfg"] == "# Universität 4064\n"
    assert texts["grid/default.xml"].startswith("<?xml version='1.0' encoding='UTF-8'?>\n<icegrid>")
    assert "Die Übersicht" in texts["grid/default.xml"]


# Odd, but legal


def test_a_node_may_begin_with_something_else_than_a_server(copy):
    """What is no server stays where it is, and the router too."""
    more = '<node name="master">\n  <description>The master</description>\n  <variable name="A" value="b"/>'
    odd = copy(("grid/default.xml", '<node name="master">', more))
    text = filled({"omero.server.nodedescriptors": "master:Blitz-0"}, odd)["grid/default.xml"]
    assert nodes(text)["master"] == [ROUTER, BLITZ]
    assert [child.tag for child in tree(text).find("application/node") if isinstance(child.tag, str)] == [
        *("description", "variable", "server-instance", "server-instance")
    ]


@pytest.mark.parametrize("behind", ["", "\n          @omero.glacier2.icessl@", "<!-- c -->"])
def test_placeholders_may_stand_beside_each_other(behind, copy):
    """One that goes away takes nothing with it."""
    line = f'@omero.glacier2.icessl@{behind}\n          <property name="REPLACEMENT:blitz" value="R"/>'
    odd = copy(("grid/templates.xml", "@omero.glacier2.icessl@", line))
    text = filled({}, odd)["grid/templates.xml"]
    assert properties(text, "Glacier2")["IceSSL.VerifyPeer"] == "0"
    assert "@omero.glacier2" not in text
    assert "REPLACEMENT" not in text


def test_a_flag_that_looks_like_a_placeholder_is_a_flag():
    """Of every kind."""
    odd = "-Da=@omero.glacier2.icessl@ -Db=@omero.ports.ssl@ -Dc=MEMORY:blitz"
    text = filled({"omero.jvmcfg.append.blitz": odd})["grid/templates.xml"]
    assert options(text, "Blitz")[1:4] == odd.split()


def test_templates_may_stand_in_the_application(copy):
    """Their placeholders are filled in as well, and descriptors may name them."""
    mine = """<server-template id="MineTemplate"><server id="Mine" exe="java">
      <option>MEMORY:blitz</option><properties><property name="REPLACEMENT:blitz" value=""/></properties>
    </server></server-template><node name="master">"""
    odd = copy(("grid/default.xml", '<node name="master">', mine))
    site = {"omero.x.blitz": "1", "omero.server.nodedescriptors": "master:Mine"}
    root = tree(filled(site, odd)["grid/default.xml"])
    assert root.find(".//server[@id='Mine']/option").text == "-Xmx2400m"
    assert root.find(".//server[@id='Mine']//property").get("name") == "omero.x"
    assert root.findall("application/node/server-instance")[1].get("template") == "MineTemplate"


def test_any_service_with_a_placeholder_has_properties_of_its_own(copy):
    """Also one that is no JVM."""
    row = '<property name="REPLACEMENT:tables" value="R"/><property name="omero.repo.dir"'
    odd = copy(("grid/templates.xml", '<property name="omero.repo.dir"', row))
    text = filled({"omero.x.tables": "5", "omero.web.x.blitz": "6"}, odd)["grid/templates.xml"]
    assert properties(text, "Tables")["omero.x"] == "5"
    assert properties(text, "Blitz")["omero.web.x"] == "6"


@pytest.mark.parametrize(
    "site", [{}, {"omero.x.blitz": "1"}, {"omero.server.nodedescriptors": "master:Storm"}]
)
def test_every_comment_survives(site, copy):
    """Beside placeholders, behind servers that go away, and outside the root."""
    row = '<property name="REPLACEMENT:blitz" value="REPLACEME"/>'
    odd = copy(
        ("grid/templates.xml", row, f"<!-- before -->{row}<!-- behind --><!-- again -->"),
        ("grid/default.xml", "</icegrid>", "</icegrid><!-- end -->\n<?x y?>"),
    )
    for path, text in filled(site, odd).items():
        shipped = (odd / path).read_bytes().decode()
        assert re.findall("<!--.*?-->", text, re.DOTALL) == re.findall("<!--.*?-->", shipped, re.DOTALL)
    assert filled(site, odd)["grid/default.xml"].endswith("</icegrid><!-- end -->\n<?x y?>\n")


def test_a_file_of_many_comments_takes_no_time(copy):
    """What stands behind the root is found in one go."""
    odd = copy()
    (odd / "grid/default.xml").write_text("<icegrid>" + "<!-- c -->\n" * 20000 + "</icegrid><?x y?>")
    started = time.process_time()
    assert filled({}, odd)["grid/default.xml"].endswith("<?x y?>")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("grid/default.xml", "<icegrid>", '<icegrid xmlns:x="http://x"><x:a/>'), "has XML namespaces"),
        (("master.cfg", "var/registry", "var\0registry"), "is no text that Ice reads"),
        (("master.cfg", "#\n", "#" * 300_000 + "\n"), "is larger than 256 KiB (take the etc/templates"),
        (("grid/default.xml", 'name="master"', 'name="main"'), "has no node master with a server"),
    ],
)
def test_what_no_release_ships_is_refused(change, said, copy):
    """With the file's name."""
    told = refusal({"omero.server.nodedescriptors": "master:Blitz-0"}, copy(change))
    assert f"{change[0]}: {said}" in told


def test_a_folder_that_cannot_be_listed_is_told(copy, quick_path):
    """And not taken for one without files. An ordinary user tries: root may list all."""
    shutil.copytree(copy(), quick_path / "templates")
    filled({}, quick_path / "templates")  # imports what a child who is nobody cannot
    quick_path.chmod(0o755)
    (quick_path / "templates/grid").chmod(0o311)

    def ask() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        said = refusal({}, quick_path / "templates")
        assert said.startswith(f"{quick_path}/templates/grid: cannot be read: Permission denied (")

    status = ended(start(ask))
    (quick_path / "templates/grid").chmod(0o755)
    assert status == 0


def test_the_registry_and_the_router_need_ports_of_their_own():
    """They are on the same node."""
    assert "omero.ports: the registry and ssl share port 4064" in refusal({"omero.ports.registry": "4064"})


# Layout


def test_only_what_is_filled_in_differs():
    """Alignment, line ends, quotes, blank lines, comments and the prolog are the file's own."""
    for path, text in filled({}).items():
        shipped = (SHIPPED / path).read_bytes().decode()
        changed = [line for line in shipped.splitlines() if line not in text.splitlines()]
        marks = ("@omero.", "MEMORY:", "REPLACEMENT:")
        assert all(any(mark in line for mark in marks) for line in changed), changed
        assert text.count("\r\n") == shipped.count("\r\n")
        assert text.endswith("\n") == shipped.endswith("\n")


XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


@given(
    texts=st.lists(XML_TEXT, min_size=3, max_size=3),
    gap=st.sampled_from(["", " ", "\n\t", "  \n"]),
    quote=st.sampled_from("'\""),
)
def test_any_document_without_placeholders_stays_as_it_is(texts, gap, quote):
    """Whatever its texts, comments and the space inside its tags."""
    from omerogen.installed.layout import Document

    value, text, comment = texts
    value = "".join(f"&#{ord(c)};" if c in "&<'\"" else c for c in value)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    comment = comment.replace("-", "_")
    tag = f"<a{gap or ' '}b{gap}={gap}{quote}{value}{quote}{gap}/>"
    inside = f"\n{tag}{text}<!--{comment}--><c >{text}</c>"
    source = f"<?xml version='1.0'?>\n<!--{comment}-->\n<icegrid>{inside}</icegrid>\n<!-- end -->\n"
    assert str(Document(source.encode())) == source


# The command


def modes(folder: Path) -> dict[str, int]:
    """The permissions of each file."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in files}


def test_files_are_written_with_the_modes_they_had(omerogen, tmp_path, copy):
    """New ones with those of their templates."""
    shipped = copy()
    for path in modes(shipped):
        (shipped / path).chmod(0o644)
    (shipped / "worker.cfg").chmod(0o640)
    etc = tmp_path / "etc"
    words = ("icegrid", "--templates", shipped, "-o", etc, "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen(*words).status == 0
    assert modes(etc) == {path: 0o640 if path == "worker.cfg" else 0o644 for path in modes(shipped)}
    had = {"grid/templates.xml": 0o640, "grid/default.xml": 0o664, "master.cfg": 0o600, "ice.config": 0o444}
    for path, mode in had.items():
        (etc / path).chmod(mode)
    site = ("omero.ports.prefix=1", "omero.master.host=m", "omero.glacier2.IceSSL.Password=x")
    assert omerogen(*words, *(word for setting in site for word in ("--set", setting))).status == 0
    assert modes(etc) == {**modes(shipped), **had}


def test_a_secret_is_not_left_for_all_to_read(omerogen, tmp_path, copy):
    """A file that others may read is closed when a password comes into it, and a new one is not opened."""
    shipped = copy()
    for path in modes(shipped):
        (shipped / path).chmod(0o644)
    for etc in (tmp_path / "etc", tmp_path / "new"):
        words = ("icegrid", "--templates", shipped, "-o", etc, "--set", "omero.jvmcfg.system_memory=16000")
        if etc.name == "etc":
            omerogen(*words)
        omerogen(*words, "--set", "omero.glacier2.IceSSL.Password=canary")
        assert modes(etc) == {**modes(shipped), "grid/templates.xml": 0o600}


def test_check_and_diff_write_nothing(omerogen, tmp_path):
    """Exit 1 with the names of the files that differ; a unified diff on standard output."""
    words = ("icegrid", "--templates", SHIPPED, "-o", tmp_path, "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen(*words, "--check").status == 1
    assert list(tmp_path.iterdir()) == []
    omerogen(*words)
    assert omerogen(*words, "--check").status == 0
    result = omerogen(*words, "--check", "--diff", "--set", "omero.ports.registry=4444")
    assert result.status == 1
    assert "-Ice.Default.Locator=IceGrid/Locator:tcp -h 127.0.0.1 -p 4061\n" in result.out
    assert "+Ice.Default.Locator=IceGrid/Locator:tcp -h 127.0.0.1 -p 4444\n" in result.out
    assert f"{tmp_path}/master.cfg: differs" in result.err
    assert "default.xml" not in result.err


def test_a_second_run_touches_nothing(omerogen, tmp_path):
    """Times tell of real changes."""
    words = ("icegrid", "--templates", SHIPPED, "-o", tmp_path, "--set", "omero.jvmcfg.system_memory=16000")
    omerogen(*words)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert omerogen(*words).err.endswith(f"{tmp_path}: up to date\n")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--templates", SHIPPED], "--templates: needs a folder (add -o DIR"),
        (["--check"], "--check: needs a folder"),
        (["--diff"], "--diff: needs a folder"),
        (
            ["--templates", "/nowhere", "-o", "OUT"],
            "/nowhere: is no folder of templates: it has no grid/templates.xml",
        ),
        (["--templates", SHIPPED, "-o", SHIPPED], "--output: is the folder of the templates"),
        (["--file", "internal.cfg", "-o", "OUT"], "--file: is for standard output"),
        (["-o", ""], "--output: names no folder"),
        (["--node", "worker9"], "--node: the grid has no node 'worker9' (it has: master"),
    ],
)
def test_wrong_usage_is_said(arguments, said, omerogen, tmp_path):
    """With what to do instead; exit 2."""
    result = omerogen("icegrid", *(tmp_path / "out" if word == "OUT" else word for word in arguments))
    assert result.status == 2
    assert said in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<icegrid>\n<a>\n</icegrid>", ":3: is no XML: Opening and ending tag mismatch"),
        (b"", ":1: is no XML"),
        (b"<!DOCTYPE icegrid [<!ENTITY a 'b'>]><icegrid>&a;</icegrid>", ": has a document type"),
        (b"\xff\xfe", ":1: is no XML"),
    ],
)
def test_a_file_that_is_no_xml_is_said_with_its_line(content, said, copy):
    """And what else is wrong, in the same run."""
    folder = copy()
    (folder / "grid/default.xml").write_bytes(content)
    told = refusal({"omero.tables.module": "-c"}, folder)
    assert f"{folder}/grid/default.xml{said}" in told
    assert "omero.tables.module '-c' is no Python module" in told


def test_nothing_is_written_when_one_file_cannot_be(omerogen, copy, tmp_path):
    """All or none."""
    odd = copy(("grid/default.xml", "</icegrid>", ""))
    assert omerogen("icegrid", "--templates", odd, "-o", tmp_path / "etc").status == 2
    assert not (tmp_path / "etc").exists()


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
