"""Files of other releases, and odd ones that are legal: filled in all the same, or told."""

from __future__ import annotations

import os
import re
import shutil
import time

import pytest

import omerogen
from omerogen.rewriting import fill
from support.installation import BLITZ, MEMORY, ROUTER, filled, nodes, options, properties, refusal, tree
from support.writing import ended, start


def test_memory_options_are_missing_in_old_files(copy):
    """OMERO 5.0.2 and older had fixed heaps; a file that was copied from there is reported as such."""
    old = copy(*(("grid/templates.xml", f"MEMORY:{service}", "-Xmx512M") for service in ("blitz", "indexer")))
    said = refusal({}, old)
    assert (
        f"{old}/grid/templates.xml: has no option MEMORY:blitz: OMERO 5.0.2 and older wrote such files"
        in said
    )
    assert "MEMORY:indexer" in said
    assert "take the etc/templates of the release that is installed" in said


def test_a_service_that_a_release_does_not_have_needs_no_option(copy):
    """No user starts it."""
    folder = copy()
    path = folder / "grid/templates.xml"
    text = path.read_text()
    start, end = (
        text.index('    <server-template id="RepositoryTemplate">'),
        text.index('    <server-template id="Proc'),
    )
    path.write_text(text[:start] + text[end:])
    assert "-Xmx2400m" in filled({}, folder)["grid/templates.xml"]


def test_an_option_of_no_jvm_is_reported(copy):
    """Java would take it for the name of a class."""
    odd = copy(("grid/templates.xml", "MEMORY:repository", "MEMORY:repo"))
    assert "has an option MEMORY:repo, which is not a JVM of OMERO" in refusal({}, odd)


def test_a_lost_replacement_is_reported_only_if_it_is_needed(copy):
    """A property that would get nowhere is an error; a file without the placeholder is none."""
    odd = copy(("grid/templates.xml", '<property name="REPLACEMENT:blitz" value="REPLACEME"/>', ""))
    assert "-Xmx2400m" in filled({}, odd)["grid/templates.xml"]
    assert "has no property REPLACEMENT:blitz: a.b.blitz would be lost" in refusal({"a.b.blitz": "1"}, odd)


def test_older_routers_have_icessl_of_their_own(copy):
    """Before that line existed, the file had the properties: a site's have no effect, which is reported."""
    own = '<property name="IceSSL.Ciphers" value="ADH"/>'
    old = str(copy(("grid/templates.xml", "@omero.glacier2.icessl@", own)))
    assert fill(old, omerogen.load(overrides=MEMORY), {}).warnings == ()
    site = {**MEMORY, "omero.glacier2.IceSSL.Protocols": "tls1_2"}
    (warning,) = fill(old, omerogen.load(overrides=site), {}).warnings
    assert "omero.glacier2.IceSSL.Protocols have no effect" in str(warning)


def test_icessl_may_follow_an_element_or_be_alone(copy):
    """On a line of its own or not, with something around it or not."""
    plugin = '<property name="Ice.Plugin.IceSSL" value="IceSSL:createIceSSL"/>\n          @omero'
    odd = copy(("grid/templates.xml", plugin, "<!-- x -->@omero"))
    assert properties(filled({}, odd)["grid/templates.xml"], "Glacier2")["IceSSL.VerifyPeer"] == "0"


def test_a_placeholder_in_two_parts_is_none(copy):
    """A tag within it makes two texts of it."""
    odd = copy(("grid/templates.xml", "@omero.glacier2.icessl@", "<a>@omero.</a>glacier2.icessl@"))
    assert "<a>@omero.</a>glacier2.icessl@" in filled({}, odd)["grid/templates.xml"]


def test_descriptors_need_nodes_to_rewrite(copy):
    """Without any they have no effect, which is reported."""
    folder = copy()
    for path in folder.glob("grid/*default.xml"):
        path.unlink()
    site = omerogen.load(overrides={**MEMORY, "omero.server.nodedescriptors": "master:Blitz-0"})
    (warning,) = fill(str(folder), site, {}).warnings
    assert f"{folder}/grid: has no application with a node: omero.server.nodedescriptors" in str(warning)


def test_the_router_is_not_lost(copy):
    """The first server of master stays: another would run twice, and the router nowhere."""
    old, new = 'template="Glacier2Template"', 'template="StormTemplate"'
    folder = copy(("grid/default.xml", old, new), ("grid/windefault.xml", old, new))
    said = refusal({"omero.server.nodedescriptors": "master:Blitz-0,Storm"}, folder)
    assert f"{folder}/grid/default.xml: has a node master that does not begin with Glacier2" in said


def test_the_host_of_ice_was_a_placeholder_too(copy):
    """In the first releases with templates; the host is Ice's then, not the master's."""
    old = copy(("grid/default.xml", "@omero.master.host@", "@Ice.Default.Host@"))
    overrides = {"omero.master.host": "m", "Ice.Default.Host": "d"}
    assert 'server-endpoints="tcp -h d"' in filled(overrides, old)["grid/default.xml"]
    assert (
        'server-endpoints="tcp -h 127.0.0.1"' in filled({"omero.master.host": "m"}, old)["grid/default.xml"]
    )


def test_a_placeholder_of_a_newer_release_is_reported(copy):
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


def test_a_node_may_begin_with_something_else_than_a_server(copy):
    """What is not a server stays where it is, and the router too."""
    more = '<node name="master">\n  <description>The master</description>\n  <variable name="A" value="b"/>'
    odd = copy(("grid/default.xml", '<node name="master">', more))
    text = filled({"omero.server.nodedescriptors": "master:Blitz-0"}, odd)["grid/default.xml"]
    assert nodes(text)["master"] == [ROUTER, BLITZ]
    assert [child.tag for child in tree(text).find("application/node") if isinstance(child.tag, str)] == [
        *("description", "variable", "server-instance", "server-instance")
    ]


@pytest.mark.parametrize("behind", ["", "\n          @omero.glacier2.icessl@", "<!-- c -->"])
def test_placeholders_may_follow_each_other(behind, copy):
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


def test_templates_may_be_in_the_application(copy):
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
    """Also one that is not a JVM."""
    row = '<property name="REPLACEMENT:tables" value="R"/><property name="omero.repo.dir"'
    odd = copy(("grid/templates.xml", '<property name="omero.repo.dir"', row))
    text = filled({"omero.x.tables": "5", "omero.web.x.blitz": "6"}, odd)["grid/templates.xml"]
    assert properties(text, "Tables")["omero.x"] == "5"
    assert properties(text, "Blitz")["omero.web.x"] == "6"


@pytest.mark.parametrize(
    "site", [{}, {"omero.x.blitz": "1"}, {"omero.server.nodedescriptors": "master:Storm"}]
)
def test_every_comment_survives(site, copy):
    """Beside placeholders, after servers that go away, and outside the root."""
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
    """Text after the root is found in one pass."""
    odd = copy()
    (odd / "grid/default.xml").write_text("<icegrid>" + "<!-- c -->\n" * 20000 + "</icegrid><?x y?>")
    started = time.process_time()
    assert filled({}, odd)["grid/default.xml"].endswith("<?x y?>")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("grid/default.xml", "<icegrid>", '<icegrid xmlns:x="http://x"><x:a/>'), "has XML namespaces"),
        (("master.cfg", "var/registry", "var\0registry"), "is not a text that Ice can read"),
        (("master.cfg", "#\n", "#" * 300_000 + "\n"), "is larger than 256 KiB (take the etc/templates"),
        (("grid/default.xml", 'name="master"', 'name="main"'), "has no node master with a server"),
    ],
)
def test_what_no_release_ships_is_refused(change, said, copy):
    """With the file's name."""
    told = refusal({"omero.server.nodedescriptors": "master:Blitz-0"}, copy(change))
    assert f"{change[0]}: {said}" in told


def test_a_folder_that_cannot_be_listed_is_reported(copy, quick_path):
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
