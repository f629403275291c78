"""Where a line comes from: each names what it depends on, by experiment and in examples."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

import omerogen
from omerogen.artifacts import rendering
from omerogen.derive.fields import Context, field
from omerogen.derive.host import Host
from omerogen.model import OMERODIR, Input, RenderedFile, properties_of
from omerogen.templating import environment, escape
from support import changes
from support.changes import Change

#: As many as take some seconds; ORIGIN_CHANGES=20000 is for a long search.
CHANGES = int(os.environ.get("ORIGIN_CHANGES", "250"))
#: Sites of which forty properties get all texts that are known for them.
SITES = int(os.environ.get("ORIGIN_SITES", "6"))
#: How much of what lines name may be without effect.
RARELY = 0.02


def traced(name: str, overrides: dict[str, str], **options: str) -> RenderedFile:
    """An artifact, with the origins of its lines."""
    return rendering.render(name, omerogen.load(overrides=overrides), options, traced=True)


def line_of(file: RenderedFile, text: str) -> omerogen.model.Line:
    """The one line that has this text in it."""
    (found,) = [line for line in file.lines if text in line.text]
    return found


@pytest.fixture
def hosts(tmp_path):
    """Machines with little memory, and with much."""
    return [changes.host(tmp_path, total) for total in (2000, 8000, 64000)]


@pytest.mark.slow
def test_every_line_that_changes_names_the_property(hosts):
    """For random sites and changes of one property: a line that goes before it, one that comes after."""
    rng = random.Random(20)  # noqa: S311 - the same sites in every run
    missed: Counter[tuple[str, str]] = Counter()
    tried = 0
    while tried < CHANGES:
        site = changes.site(rng, hosts)
        before = changes.files(site.overrides, site, traced=True)
        for change, _ in zip(changes.changes(rng, site.overrides), range(10), strict=False):
            overrides = change.of(site.overrides)
            after = changes.files(overrides, site)
            tried += 1
            other = [path for path in before.keys() & after.keys() if before[path].text != after[path].text]
            now = changes.files(overrides, site, traced=True) if other else {}
            for path in other:
                found = changes.missed(change.name, before[path], now[path])
                missed.update((path, f"{change.name}: {text}") for text in found)
    assert not missed


class Named(NamedTuple):
    """A line of a file that names a property."""

    path: str
    text: str


@pytest.mark.slow
def test_lines_rarely_name_what_never_changes_them(hosts):
    """All texts of some properties are tried; of the files of a build most lines name few properties."""
    rng = random.Random(21)  # noqa: S311
    named, lines, many = 0, 0, 0
    idle: Counter[tuple[str, str]] = Counter()
    for _ in range(SITES):
        site = changes.site(rng, hosts)
        every = changes.files(site.overrides, site, traced=True)
        files = {path: file for path, file in every.items() if "{" not in path}
        places: dict[str, list[Named]] = {}
        for path, file in files.items():
            lines += len(file.lines)
            for line in file.lines:
                names = properties_of(line.inputs)
                many += len(names) > 5
                for name in names:
                    places.setdefault(name, []).append(Named(path, line.text))
        for name in rng.sample(sorted(places), min(40, len(places))):
            changed = places_changed(name, places[name], site, files)
            named += len(places[name])
            idle.update((name, place.path) for place in places[name] if place not in changed)
    assert many / lines <= 0.05
    assert sum(idle.values()) / named <= RARELY, idle.most_common(20)


def places_changed(
    name: str, where: list[Named], site: changes.Site, files: dict[str, RenderedFile]
) -> set[Named]:
    """The lines that some text of a property changes, or whose file is refused with it."""
    found: set[Named] = set()
    before = {
        path: Counter(line.text for line in files[path].lines) for path in {place.path for place in where}
    }
    artifacts = {files[path].artifact for path in before}
    for text in (None, *changes.pool(name)):
        after = changes.files(Change(name, text).of(site.overrides), site, only=artifacts)
        for place in set(where) - found:
            file = after.get(place.path)
            if file is None or file.text.split("\n").count(place.text) != before[place.path][place.text]:
                found.add(place)
    return found


@pytest.mark.parametrize(
    ("artifact", "overrides", "options", "text", "template", "names"),
    [
        (
            "nginx",
            {},
            {},
            "    server 127.0.0.1:4080",
            "nginx/servers.conf.j2",
            {"omero.web.application_server.host", "omero.web.application_server.port"},
        ),
        ("nginx", {}, {}, "worker_connections", "nginx/standalone.conf.j2", set()),
        ("nginx", {}, {}, "sendfile on;", "nginx/locations.conf.j2", {"omero.web.static_url"}),
        (
            "icegrid",
            {"omero.x": "${omero.db.host}"},
            {},
            'name="omero.x"',
            "icegrid/application.xml.j2",
            {"omero.x", "omero.db.host"},
        ),
        (
            "jvm",
            {"omero.jvmcfg.append.blitz": "-Da=b"},
            {"service": "blitz", "format": "argfile"},
            "-Da=b",
            "jvm/service.args.j2",
            {"omero.jvmcfg.append.blitz"},
        ),
        (
            "jvm",
            {"omero.jvmcfg.heap_size": "1g"},
            {"service": "blitz", "format": "argfile"},
            "-Xmx1g",
            "jvm/service.args.j2",
            {"omero.jvmcfg.heap_size", "omero.jvmcfg.heap_size.blitz"},
        ),
        (
            "jdbc",
            {},
            {"format": "properties"},
            "user=",
            "jdbc/connection.properties.j2",
            {"omero.db.user", "omero.db.url", "omero.db.properties"},
        ),
    ],
)
def test_a_line_names_its_template_and_properties(artifact, overrides, options, text, template, names):
    """A value, a line that a condition prints, one that nothing decides, and what a reference puts in."""
    options = {"layout": "standalone", **options} if "standalone" in template else options
    line = line_of(traced(artifact, overrides, **options), text)
    assert line.template[0] == template
    assert properties_of(line.inputs) == names


def test_a_template_line_is_the_one_that_printed():
    """Of an included template and below a loop, too: the text of the template is in the line."""
    from omerogen.templating.folder import templates_folder

    for name, options in (("nginx", {"layout": "standalone"}), ("icegrid", {}), ("django", {})):
        file = traced(name, {"omero.web.prefix": "/a", "omero.client.icetransports": "ssl,tcp"}, **options)
        assert "".join(f"{line.text}\n" for line in file.lines) == file.text
        for line in file.lines:
            for span in line.spans:
                if not span.field:
                    source = Path(templates_folder(), span.template).read_text().split("\n")
                    assert line.text[span.start : span.end].strip() in source[span.template_line - 1]


def test_a_heap_knows_percent_bounds_and_memory():
    """What the size was computed from: properties, an option and the machine."""
    file = traced("jvm", {}, service="blitz", format="argfile")
    inputs = line_of(file, "-Xmx").inputs
    assert Input.host("memory") in inputs
    assert Input.option("node") in inputs
    for name in ("percent", "strategy", "max_system_memory", "min_system_memory", "system_memory"):
        assert {f"omero.jvmcfg.{name}", f"omero.jvmcfg.{name}.blitz"} <= properties_of(inputs)
    assert not properties_of(inputs) & {"omero.jvmcfg.percent.indexer", "omero.jvmcfg.append"}


def test_the_omero_directory_is_an_input_of_the_paths_below_it():
    """And of no other line."""
    file = traced("nginx", {"omero.web.static_root": "/srv/static"})
    assert OMERODIR in line_of(file, "etc/templates/error").inputs
    assert OMERODIR not in line_of(file, "/srv/static/").inputs


def test_empty_values_beside_each_other_are_all_named(monkeypatch):
    """And one that is not empty after them."""

    class _Texts(Context):
        """Three texts."""

        a = field(lambda self: self.settings.text("omero.a"))
        b = field(lambda self: self.settings.text("omero.b"))
        c = field(lambda self: self.settings.text("omero.c"))

    overrides = {"omero.a": "", "omero.b": "", "omero.c": "x"}
    context = _Texts(omerogen.load(overrides=overrides), Host(), {})
    source = "{{ t.a }}{{ t.b }}{{ t.c }}\n{{ t.a }}\n"
    monkeypatch.setattr(environment, "load", lambda name: environment.compiled(name, source))
    monkeypatch.setitem(escape.LANGUAGES, ".sh", str)
    text, lines = environment.trace("x.sh.j2", {"t": context}, context)
    assert text == "x\n\n"
    assert [properties_of(line.inputs) for line in lines] == [set(overrides), {"omero.a"}]


def test_a_mark_cannot_be_in_a_value():
    """No file can hold one, and no override may."""
    with pytest.raises(omerogen.OmerogenError):
        traced("icegrid", {"omero.x": "a\ud800v0\ud801b"})


@pytest.mark.parametrize("text", ["\ue000", "v0\ue000", "{{ x }}", "{% if %}", "\u2028"])
def test_no_value_can_forge_a_mark(text):
    """What looks like one is a text like any other."""
    file = traced("icegrid", {"omero.x": f"a{text}b"})
    plain = rendering.render("icegrid", omerogen.load(overrides={"omero.x": f"a{text}b"}), {})
    assert file.text == plain.text
    assert f"a{text}b" in line_of(file, 'name="omero.x"').text
