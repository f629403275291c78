"""Every line of a template that is filled in knows the template's line, and what it was made of."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import omerogen
from omerogen.model import Input, Line, OmerogenError, RenderedFile, properties_of
from omerogen.rewriting import fill
from support.installation import SHIPPED

#: A machine of 16 GB.
HOST = Path(__file__).parent.parent / "data/hosts/16gb"
_SERVICES = ("blitz", "indexer", "pixeldata", "repository")
_HOSTS = ["m.example.org", "10.0.0.2", "::1", "${omero.data.dir}.example.org"]
_FLAGS = ["-Da=1", "-Da=1 -Db='x y'", "-Da=${omero.data.dir}", "-Dc='<&\"'", "-Dd='x\ny'", "-De='\n'", ""]
_TEXTS = ["1", "<&'\">", "${omero.data.dir}/x", "x\ny", "\ue000v0\ue001", "@omero.ports.ssl@", ""]
#: Values for a random site, by property.
VALUES: dict[str, list[str]] = {
    "omero.data.dir": ["data", "other", ""],
    "omero.ports.prefix": ["1", "2"],
    **{f"omero.ports.{name}": ["4000", "4001", "9"] for name in ("ssl", "tcp", "ws", "wss", "registry")},
    "omero.client.icetransports": ["ssl,tcp", "ssl", "ws,wss,tcp", "wss"],
    "omero.master.host": _HOSTS,
    "Ice.Default.Host": _HOSTS,
    "omero.tables.module": ["runTables", "omero.other", "runOther"],
    **{f"omero.glacier2.IceSSL.{name}": _TEXTS for name in ("Ciphers", "Protocols", "Aaa", "Zzz")},
    **{f"omero.{name}.{service}": _TEXTS for name in ("a", "b") for service in _SERVICES},
    "omero.server.nodedescriptors": [
        "master:Blitz-0",
        "master:Tables-0,Blitz-0",
        "master:Blitz-0,Indexer-0,DropBox,Storm worker:Processor-0,PixelData-1",
        "master: b:Storm a:Tables-0",
        "worker:Blitz-0,Blitz-1",
        "master:Blitz-0,Indexer-0,DropBox,Storm,PixelData-0,Processor-0,Tables-0",
    ],
    "omero.unrelated": ["x"],
}
for _suffix in ("", *(f".{service}" for service in _SERVICES)):
    VALUES |= {
        f"omero.jvmcfg.heap_size{_suffix}": ["1g", "512m"],
        f"omero.jvmcfg.percent{_suffix}": ["10", "20"],
        f"omero.jvmcfg.strategy{_suffix}": ["manual", "percent"],
        f"omero.jvmcfg.system_memory{_suffix}": ["8000", "32000"],
        f"omero.jvmcfg.max_system_memory{_suffix}": ["6000", "64000"],
        f"omero.jvmcfg.min_system_memory{_suffix}": ["3000", "20000"],
        f"omero.jvmcfg.heap_dump{_suffix}": ["off", "on", "tmp"],
        f"omero.jvmcfg.append{_suffix}": _FLAGS,
    }


class Site(NamedTuple):
    """Settings, and the files made of them by their paths below ``etc``."""

    settings: omerogen.Settings
    files: dict[str, RenderedFile]

    def names(self, line: Line) -> set[str]:
        """The properties that a line depends on, those that others refer to included."""
        names = properties_of(line.inputs)
        return names.union(*(self.settings.resolved(name).expanded for name in names))

    def line(self, path: str, text: str) -> Line:
        """The one line of a file that contains a text."""
        (found,) = (line for line in self.files[path].lines if text in line.text)
        return found


def traced(overrides: dict[str, str], templates: Path = SHIPPED) -> Site:
    """The files of a site, traced."""
    settings = omerogen.load(overrides=overrides)
    files = fill(str(templates), settings, {"host_root": str(HOST)}, traced=True).files
    return Site(settings, {file.path: file for file in files})


def placed(site: Site, path: str, text: str) -> tuple[str, int]:
    """The text of the template's line that a line comes from, and how many there are before it."""
    template, number = site.line(path, text).template
    assert template == str(SHIPPED / path)
    return Path(template).read_text().split("\n")[number - 1].strip()


def texts(line: Line) -> dict[str, tuple[str, set[str]]]:
    """What was put into a line, by field: the text and its properties."""
    spans = (span for span in line.spans if span.field)
    return {span.field: (line.text[span.start : span.end], properties_of(span.inputs)) for span in spans}


def test_a_line_knows_its_place_in_the_template():
    """Also those that follow flags and properties that were put in, or nodes that were left out."""
    site = traced(
        {
            "omero.jvmcfg.append": "-Da -Db",
            "omero.a.blitz": "1",
            "omero.b.blitz": "2",
            "omero.glacier2.IceSSL.Zzz": "z",
            "omero.server.nodedescriptors": "master:Blitz-0 worker:Blitz-1,Tables-0",
        }
    )
    templates, default = "grid/templates.xml", "grid/default.xml"
    row = '<property name="REPLACEMENT:blitz" value="REPLACEME"/>'
    assert placed(site, templates, '"omero.a"') == row
    assert placed(site, templates, '"omero.b"') == row
    assert placed(site, templates, "IceSSL.Zzz") == "@omero.glacier2.icessl@"
    assert placed(site, templates, "BlitzManager@") == (
        '<property name="Glacier2.SessionManager" value="BlitzManager@BlitzAdapters"/>'
    )
    assert placed(site, templates, "</icegrid>") == "</icegrid>"
    assert placed(site, default, "-- Publishes") == "<!-- Publishes who has what. -->"
    assert placed(site, default, '<target name="repo">') == '<target name="repo">'
    assert placed(site, "master.cfg", "IceGrid.Node.Data") == "IceGrid.Node.Data=var/master"


def test_a_value_knows_its_placeholder_and_its_properties():
    """Several of one line apart."""
    site = traced({"omero.ports.registry": "5000"})
    assert texts(site.line("internal.cfg", "Locator")) == {
        "@omero.master.host@": ("127.0.0.1", {"omero.master.host", "Ice.Default.Host"}),
        "@omero.ports.prefix@": ("", {"omero.ports.prefix"}),
        "@omero.ports.registry@": ("5000", {"omero.ports.registry"}),
    }
    icessl = texts(site.line("grid/templates.xml", '"IceSSL.VerifyPeer"'))
    assert icessl == {
        "@omero.glacier2.icessl@": (
            '<property name="IceSSL.VerifyPeer" value="0"/>',
            {"omero.glacier2.IceSSL.VerifyPeer"},
        )
    }


def test_a_heap_names_what_it_was_made_of_and_an_added_flag_itself():
    """A percentage is of the machine's memory, within bounds; a size is nothing but itself."""
    site = traced({"omero.jvmcfg.append.indexer": "-Da=1", "omero.jvmcfg.heap_size.pixeldata": "1g"})
    path = "grid/templates.xml"
    (heap,) = (
        line for line in site.files[path].lines if "MEMORY:indexer" in texts(line) and "-Xmx" in line.text
    )
    names = ("heap_size", "strategy", "percent", "system_memory", "max_system_memory", "min_system_memory")
    assert heap.inputs == {
        Input.host("memory"),
        *(Input.property(f"omero.jvmcfg.{name}{end}") for name in names for end in ("", ".indexer")),
    }
    assert site.names(site.line(path, "-Xmx1g")) == {"omero.jvmcfg.heap_size.pixeldata"}
    assert site.names(site.line(path, "-Da=1")) == {"omero.jvmcfg.append.indexer"}


def test_what_follows_the_flags_on_their_line_depends_on_how_many_there_are():
    """A comment after the option of the heap follows the last flag."""
    path, decisive = "grid/templates.xml", {"omero.jvmcfg.append", "omero.jvmcfg.append.blitz"}
    without, site = traced({}), traced({"omero.jvmcfg.append.blitz": "-Da"})
    assert decisive <= without.names(without.line(path, "<!-- heap -->"))
    assert site.line(path, "<!-- heap -->").text.strip() == "<option>-Da</option><!-- heap -->"
    assert site.names(site.line(path, "-Da")) == {"omero.jvmcfg.append.blitz"}


def test_nodes_depend_on_descriptors_that_are_not_set():
    """All of their servers, apart from the first of master: setting them would remove these lines."""
    lines = traced({}).files["grid/default.xml"].lines
    named = [
        line.text.strip() for line in lines if "omero.server.nodedescriptors" in properties_of(line.inputs)
    ]
    shipped = (SHIPPED / "grid/default.xml").read_text().split("\n")
    servers = [line.strip() for line in shipped if "server-instance" in line]
    assert named == servers[1:-1]  # the last one is a target's


def test_nodes_of_descriptors_name_them():
    """As the field and as the property."""
    name = "omero.server.nodedescriptors"
    site = traced({name: "master:Blitz-0 worker:Tables-0"})
    (span,) = (span for span in site.line("grid/default.xml", "Tables").spans if span.field)
    assert (span.field, span.inputs) == (name, {Input.property(name)})
    assert name not in site.names(site.line("grid/default.xml", "Glacier2Template"))
    assert name not in properties_of(site.files["grid/templates.xml"].inputs)


def test_the_text_is_the_same_with_and_without_a_trace(copy):
    """Line breaks, characters for private use and old encodings included."""
    odd = copy(
        ("grid/templates.xml", "<!-- quiet -->", "<!-- \ue000v0\ue001 -->"),
        ("grid/templates.xml", "<option>MEMORY:indexer</option>", "<option>\n MEMORY:indexer\n</option>  "),
        (
            "grid/default.xml",
            '<server-instance template="StormTemplate"/>',
            "<server-instance\n template='StormTemplate'/>",
        ),
    )
    (odd / "master.cfg").write_bytes("# Universität\r\n@omero.ports.prefix@\r\n".encode("latin-1"))
    values = {"omero.a.blitz": "\ue002", "omero.jvmcfg.append": "-Da='x\ny'"}
    for nodes in ({}, {"omero.server.nodedescriptors": "master:Blitz-0 w:Storm"}):
        site = traced({**values, **nodes}, odd)
        plain = fill(str(odd), site.settings, {"host_root": str(HOST)}).files
        assert [file._replace(lines=()) for file in site.files.values()] == list(plain)
        assert not any(file.lines for file in plain)
        for file in site.files.values():
            assert "".join(f"{line.text}\n" for line in file.lines) == file.text
            for line in file.lines:
                starts = [0, *(span.end for span in line.spans)]
                assert [*(span.start for span in line.spans), len(line.text)] == starts
                shipped = (odd / file.path).read_bytes().decode(errors="replace").split("\n")
                assert line.inputs or line.text == shipped[line.template[1] - 1].replace("\ufffd", "ä")


def test_a_line_that_changes_names_the_property_that_changed():
    """By experiment: one that disappears named it before, and one that appears names it after."""
    made = random.Random(1)  # noqa: S311 - not for secrets
    changes = named = needed = 0
    while changes < 200:
        names = made.sample(list(VALUES), made.choice([0, 5, 20]))
        overrides = {name: made.choice(VALUES[name]) for name in names}
        before = _traced_or_none(overrides)
        for name in made.sample([*names, *VALUES], 5 if before else 0):
            changed = {**overrides, name: made.choice(VALUES[name])}
            if name in overrides and made.random() < 0.5:
                del changed[name]
            after = None if changed == overrides else _traced_or_none(changed)
            if before and after:
                changes += 1
                for path in before.files:
                    for site, other in ((before, after), (after, before)):
                        differing = Counter(_texts(site, path)) - Counter(_texts(other, path))
                        lines = site.files[path].lines
                        naming = Counter(line.text for line in lines if name in site.names(line))
                        assert differing <= naming, (path, name, overrides, changed)
                        named += sum(naming.values())
                        needed += sum(differing.values())
    assert needed > 100
    assert needed > 0.7 * named  # the others would change with other values


def _traced_or_none(overrides: dict[str, str]) -> Site | None:
    """A site, unless it is wrong, as with two ports that are the same."""
    try:
        return traced(overrides)
    except OmerogenError:
        return None


def _texts(site: Site, path: str) -> list[str]:
    return [line.text for line in site.files[path].lines]
