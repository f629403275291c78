"""What an output depends on is observed: properties, options, the machine, the OMERO directory."""

from __future__ import annotations

import contextlib

import pytest

import omerogen
from omerogen import artifacts, catalog
from omerogen.artifacts import ARTIFACTS, rendering
from omerogen.derive import usual
from omerogen.derive.fields import Context, field
from omerogen.derive.host import Host
from omerogen.model import OMERODIR, Input, Property
from omerogen.model.location import Place
from omerogen.sites import building
from omerogen.values.base import Invalid


def inputs(artifact: str, overrides: dict[str, str] | None = None, **options: str) -> set[str]:
    """The kinds and names of what a text was made of."""
    made = rendering.render(artifact, omerogen.load(overrides=overrides or {}), options)
    return {f"{kind.value} {name}" for kind, name in made.inputs}


def test_a_text_knows_its_options_its_machine_and_its_omero_directory():
    """Not only its properties."""
    assert {"option layout", "option servername", "omerodir omerodir"} <= inputs("nginx")
    assert "host memory" in inputs("jvm")
    assert "host memory" not in inputs("jvm", {"omero.jvmcfg.system_memory": "4000"})
    dumps = {"omero.jvmcfg.system_memory": "4000", "omero.jvmcfg.heap_dump": "tmp"}
    assert "host temporary_folder" in inputs("jvm", dumps)
    assert not {name for name in inputs("jdbc") if not name.startswith(("property", "option format"))}


@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("omero.web.application_server", "nginx"),  # decides whether there is a file
        ("omero.web.application_server.port", "nginx"),
        ("omero.server.nodedescriptors", "icegrid"),  # decides which files there are
        ("omero.threads.max_threads", "jvm"),  # decides whether there is a warning
        ("omero.web.session_cookie_secure", "django"),
    ],
)
def test_what_is_only_checked_counts_too(name, artifact):
    """``explain`` names the artifact."""
    assert artifact in omerogen.explain(omerogen.load(), name).artifacts


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        (
            {"omero.web.django_additional_settings": '[["STORAGES", {"staticfiles": {"BACKEND": "x"}}]]'},
            "omero.web.pipeline_staticfile_storage",
        ),
        ({"omero.web.apps": "x"}, "omero.web.admins"),  # is refused before the other is read
    ],
)
def test_what_is_read_is_known_whatever_others_are(overrides, name):
    """Django's module has the texts of all properties, besides the settings that they become."""
    assert "django" in omerogen.explain(omerogen.load(overrides=overrides), name).artifacts


class _Context(Context):
    """A list whose items have inputs of their own, in two levels."""

    @field
    def rows(self):
        """Two rows of texts."""
        return self.each(["omero.db.name", "omero.db.user"], self._row)

    def _row(self, name):
        return name, self.each([name, "omero.db.host"], self.settings.text)


def test_a_member_of_a_list_has_inputs_of_its_own():
    """Apart from those of the members inside it, and from what the field read to choose them."""
    context = _Context(omerogen.load(), Host(), {})
    rows = context.rows
    user, host = Input.property("omero.db.user"), Input.property("omero.db.host")
    (_, texts), _ = rows
    assert texts.reads == ({Input.property("omero.db.name")}, {host})
    assert rows.reads == (set(), set())
    assert rows.common == set()
    assert rows.every == {Input.property("omero.db.name"), user, host}
    assert context.reads["rows"] == rows.every


def blamed(artifact: str, overrides: dict, omerodir: str | None = None, **options: str) -> set[str]:
    """The properties and flags that are reported to be wrong with a value that cannot be written."""
    with pytest.raises(omerogen.OmerogenError) as caught:
        omerogen.render(artifact, omerogen.load(overrides=overrides, omerodir=omerodir), **options)
    found: set[str] = set()
    for problem in caught.value.problems:
        flags = {place.name for place in problem.locations if place.kind is Place.FLAG} - {"--set"}
        found |= set(problem.properties) | flags
    return found


@pytest.mark.parametrize(
    ("artifact", "overrides", "options", "expected"),
    [
        ("nginx", {"omero.web.static_root": "/srv/$x"}, {"omerodir": "/srv"}, {"omero.web.static_root"}),
        ("nginx", {"omero.web.static_root": "/opt/omero/$x"}, {}, {"omero.web.static_root"}),
        ("nginx", {"omero.web.static_root": "a$b"}, {}, {"omero.web.static_root"}),
        (
            "nginx",
            {"omero.web.static_root": "a$b"},
            {"omerodir": "/srv"},
            {"omero.web.static_root", "--omerodir"},
        ),
        ("nginx", {}, {"omerodir": "/srv/$x"}, {"--omerodir"}),
        (
            "nginx",
            {"omero.web.logdir": "/a$b", "omero.db.name": "/a$b", "omero.web.prefix": "/a"},
            {"layout": "standalone"},
            {"omero.web.logdir"},
        ),
        (
            "nginx",
            {"omero.web.static_root": "/s"},
            {"tls": "nginx", "certificate": "/c$", "certificate_key": "/k"},
            {"--certificate"},
        ),
        (
            "icegrid",
            {"omero.a": "x\ufffe", "omero.b": "x\ufffe?", "omero.c": "c"},
            {},
            {"omero.a", "omero.b"},
        ),
    ],
)
def test_a_value_that_cannot_be_written_is_blamed_on_what_it_was_made_of(
    artifact, overrides, options, expected
):
    """And on nothing that merely looks like it."""
    assert blamed(artifact, overrides, **options) == expected


def test_an_interpolated_value_is_blamed_on_both():
    """Where it refers to another, that one has a part in it."""
    overrides = {"omero.data.dir": "/a\ufffe", "omero.managed.dir": "${omero.data.dir}/m"}
    assert blamed("icegrid", overrides) == {"omero.data.dir", "omero.managed.dir"}


def test_the_omero_directory_counts_only_for_paths_that_are_relative_to_it():
    """An absolute path has nothing to do with it."""
    made = rendering.render("django", omerogen.load(), {})
    assert OMERODIR in made.inputs
    context = rendering.context("nginx", omerogen.load(overrides={"omero.web.static_root": "/s"}), {})
    assert context.static_folder == "/s/"
    assert OMERODIR not in context.reads["static_folder"]


#: Texts of which nearly every property accepts some; those with a list of choices bring their own.
TEXTS = [
    *"true false 7 70 2000 /x/y /x/ x.example.org x X x@example.org [] -Xmx1g -Da=b 1g a=b (a=b)".split(),
    *"tls1_2 ssl MD5-128 -read UTC tmp https://x.example.org/ ldap://x.example.org:389".split(),
    *('["x"]', '[["x", 1]]', '[["x", 4064, "n"]]', '[["x", "y"]]', '[["x", "y", "z"]]', '{"a": "b"}'),
    *('[["x", "y", {"a": "b"}]]', '["HTTP_X_FORWARDED_PROTO", "https"]', '[["class", "X", "b"]]'),
    *("0 0 3 * * ?", '["add_header X-A b;"]', '{"default": {"BACKEND": "x"}}', "UNIX required"),
    "master:Blitz-0,Tables-0",
]
MEMORY = {"omero.jvmcfg.system_memory": "16000"}


def results(settings: omerogen.Settings) -> dict[str, object]:
    """The files of each artifact with their warnings, or why it cannot be made."""
    made: dict[str, object] = {}
    for name in ARTIFACTS:
        try:
            files = artifacts.get(name).files(settings, {})
            rendered = [rendering.render(name, settings, file.options, path=file.path) for file in files]
            made[name] = [(file.path, file.text, file.private, file.warnings) for file in rendered]
        except omerogen.OmerogenError as error:
            made[name] = str(error)
    return made


def changed_texts(row: Property) -> list[str]:
    """Up to two legal texts other than the default."""
    choices = [text for text in row.kind.schema().get("enum", ()) if isinstance(text, str)]
    legal = []
    for text in [*choices, *TEXTS]:
        with contextlib.suppress(Invalid):
            row.kind.parse(text)
            legal += [text] if text != row.default else []
    return legal[:2]


@pytest.mark.slow
def test_explain_names_every_artifact_that_a_property_changes():
    """All properties, one after the other: files, warnings and errors follow only what ``explain`` says."""
    before = results(omerogen.load(overrides=MEMORY))
    without_text, missed = [], {}
    for name, row in catalog.PROPERTIES.items():
        texts = changed_texts(row)
        without_text += [] if texts else [name]
        for text in texts:
            settings = omerogen.load(overrides={**MEMORY, name: text})
            after = results(settings)
            changed = {artifact for artifact in ARTIFACTS if after[artifact] != before[artifact]}
            if unexplained := changed - set(omerogen.explain(settings, name).artifacts):
                missed[name] = unexplained
    assert not missed
    assert not without_text, "add a text to TEXTS that these properties accept"


#: Sites that differ in what the fields of all artifacts read.
SITES: list[dict[str, str]] = [
    {},
    {"omero.web.prefix": "/x", "omero.db.host": "db", "omero.web.server_list": "[]"},
    {"omero.jvmcfg.percent": "20", "omero.web.page_size": "7", "omero.ports.prefix": "1"},
    {"omero.web.debug": "true", "omero.client.icetransports": "ssl,tcp,ws"},
    {"omero.master.host": "m", "omero.server.nodedescriptors": "master:Blitz-0 w:PixelData-0"},
]


def built(properties: dict[str, str], **options: str) -> dict[str, str]:
    """The texts of all files of a site."""
    loaded = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000", **properties})
    files, _ = building.render(loaded, options)
    return {file.path: file.text for file in files}


@pytest.mark.parametrize("options", [{}, {"tls": "proxy"}])
def test_what_is_kept_for_other_sites_is_the_same_for_them(options):
    """Sites one after the other in one process give what each gives in a process of its own."""
    together = [built(site, **options) for site in [*SITES, *reversed(SITES)]]
    for site, found in zip([*SITES, *reversed(SITES)], together, strict=True):
        usual.forget()
        assert built(site, **options) == found


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("options", [{}, {"tls": "proxy"}, {"node": "master"}])
def test_what_is_kept_for_other_files_is_the_same_for_them(site, options):
    """The files of a site, one after the other, are what each is by itself."""
    settings = omerogen.load(overrides={**MEMORY, **site})
    files, _ = building.render(settings, options)
    for file in files:
        own = artifacts.get(file.artifact).own({**options, **file.given})
        alone = rendering.render(file.artifact, settings, own, path=file.path)
        assert file._replace(given={}) == alone._replace(given={})
