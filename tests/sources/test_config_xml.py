"""config.xml: profiles, versions, and what is not one."""

from __future__ import annotations

import pytest

import omerogen
from omerogen.model import OmerogenError

LINKS = '[["Wiki", "https://wiki.example.org"], ["Docs", "docs", {"title": "D"}]]'


def block(profile: str, **values: str) -> str:
    """A profile with some values; ``_`` in a name without dots is a dot."""
    lines = "\n".join(
        f'<property name="{name if "." in name else name.replace("_", ".")}" value="{value}"/>'
        for name, value in values.items()
    )
    return f'<properties id="{profile}">\n{lines}\n</properties>'


@pytest.fixture
def written(tmp_path):
    """Write a config.xml of these blocks; its path."""

    def write(*blocks: str, before: str = "") -> str:
        path = tmp_path / "config.xml"
        path.write_text(f"{before}<icegrid>\n{''.join(blocks)}</icegrid>", encoding="utf-8")
        return str(path)

    return write


def refusal(path: str, **keywords) -> str:
    """The message for a file that is refused."""
    with pytest.raises(OmerogenError) as caught:
        omerogen.load(path, **keywords)
    return str(caught.value)


def test_the_active_profile_is_used_unless_another_is_named(written):
    """``__ACTIVE__`` says which profile is in use; its copies of values are not looked at."""
    path = written(
        block("__ACTIVE__", omero_config_profile="b", omero_db_host="stale"),
        block("a", omero_db_host="in-a"),
        block("b", omero_db_host="in-b"),
    )
    assert omerogen.load(path)["omero.db.host"] == "in-b"
    assert omerogen.load(path, profile="a")["omero.db.host"] == "in-a"


def test_without_an_active_profile_it_is_default(written):
    """A file by hand needs no ``__ACTIVE__``."""
    assert omerogen.load(written(block("default", omero_db_host="h")))["omero.db.host"] == "h"
    assert omerogen.load(written())["omero.db.host"] == "localhost"


def test_each_value_has_its_line(written):
    """The origin is the line of the property, not that of the profile."""
    settings = omerogen.load(written(block("default", omero_db_host="h", omero_db_name="n")))
    assert settings.origin("omero.db.name").line == 4


def test_properties_about_the_file_are_not_settings(written):
    """``omero.config.version`` and its like are about the file."""
    settings = omerogen.load(
        written(block("default", omero_config_version="5.1.0", omero_config_upgraded="x"))
    )
    assert settings.names_set() == []


def test_values_survive_xml(written):
    """Entities, character references and unicode are what they stand for."""
    path = written(block("default", omero_db_name="&lt;&amp;&quot;&#10;☃&apos;"))
    assert omerogen.load(path)["omero.db.name"] == "<&\"\n☃'"


def test_the_last_of_two_equal_names_wins(written):
    """As for OMERO; both are remembered."""
    values = "".join(f'<property name="omero.db.host" value="{value}"/>' for value in "ab")
    twice = f'<properties id="default">{values}</properties>'
    settings = omerogen.load(written(twice))
    assert [layer.text for layer in settings.resolved("omero.db.host").layers] == ["localhost", "a", "b"]


def test_version_4_2_1_adds_its_links_to_the_default_ones(written):
    """In a file of that version top_links holds just the links to add."""
    escaped = LINKS.replace('"', "&quot;")
    old = omerogen.load(
        written(block("default", omero_config_version="4.2.1", **{"omero.web.ui.top_links": escaped}))
    )
    assert [link[0] for link in old["omero.web.ui.top_links"]] == ["Data", "History", "Help", "Wiki", "Docs"]
    new = omerogen.load(
        written(block("default", omero_config_version="5.1.0", **{"omero.web.ui.top_links": escaped}))
    )
    assert [link[0] for link in new["omero.web.ui.top_links"]] == ["Wiki", "Docs"]


@pytest.mark.parametrize("written_as", ["(member=${dn})", "(member=$${omero.dollar}{dn})"])
def test_version_4_2_0_wrote_ldap_references_with_a_dollar(written, written_as):
    """``${dn}`` there is ``@{dn}`` today, in LDAP properties alone."""
    values = {
        "omero.ldap.group_filter": written_as,
        "omero.data.dir": "/x",
        "omero.managed.dir": "${omero.data.dir}/m",
    }
    settings = omerogen.load(written(block("default", omero_config_version="4.2.0", **values)))
    assert settings["omero.ldap.group_filter"] == "(member=@{dn})"
    assert settings["omero.managed.dir"] == "/x/m"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not XML"),
        ("<icegrid", "is not XML"),
        ("<html/>", "is a <html> file"),
        ("<icegrid><properties/></icegrid>", "has no id"),
        ('<icegrid><properties id="a"/></icegrid>', "has no profile 'default' (it has: a)"),
        ('<icegrid><properties id="default"/><properties id="default"/></icegrid>', "is defined twice"),
        (
            '<icegrid><properties id="default"><property name="x"/></properties></icegrid>',
            "<property> is not a property with name and value",
        ),
        (
            '<icegrid><properties id="default"><prop name="x" value=""/></properties></icegrid>',
            "<prop> is not a property",
        ),
        ("<!DOCTYPE icegrid><icegrid/>", "document type"),
        ('<!DOCTYPE icegrid SYSTEM "http://127.0.0.1/x.dtd"><icegrid/>', "document type"),
    ],
)
def test_other_xml_is_refused(tmp_path, content, said):
    """One message that names the file and what to do, whatever the file is."""
    path = tmp_path / "config.xml"
    path.write_text(content)
    assert said in refusal(str(path))
    assert refusal(str(path)).startswith(str(path))


@pytest.mark.parametrize("version", ["5.2.0", "4.1", "", "x"])
def test_a_file_of_another_version_is_refused(written, version):
    """What a version we do not know means cannot be guessed; none at all means today's."""
    path = written(block("default", omero_config_version=version))
    if version:
        assert f"is of version {version!r}" in refusal(path)
    else:
        assert omerogen.load(path)


def test_an_unknown_profile_is_refused(written):
    """Also in an empty file, if it was asked for."""
    assert "has no profile 'x'" in refusal(written(), profile="x")
    assert "has no profile '__ACTIVE__'" in refusal(written(block("__ACTIVE__")), profile="__ACTIVE__")


def test_external_entities_are_never_read(tmp_path):
    """A file cannot make us read another one."""
    secret = tmp_path / "secret"
    secret.write_text("canary")
    path = tmp_path / "config.xml"
    path.write_text(
        f'<!DOCTYPE icegrid [<!ENTITY x SYSTEM "{secret}">]>'
        '<icegrid><properties id="default">&x;</properties></icegrid>'
    )
    assert "canary" not in refusal(str(path))


def test_entity_bombs_are_refused_at_once(tmp_path):
    """Ten lines that stand for a billion."""
    entities = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    path = tmp_path / "config.xml"
    path.write_text(
        f'<!DOCTYPE icegrid [<!ENTITY a0 "ha">{entities}]><icegrid><properties id="default">'
        '<property name="omero.db.name" value="&a9;"/></properties></icegrid>'
    )
    assert str(path) in refusal(str(path))


def test_reading_changes_nothing(written, tmp_path):
    """No lock, no neighbour, no new time."""
    path = written(block("default", omero_db_host="h"))
    before = [(entry.name, entry.stat().st_mtime_ns) for entry in tmp_path.iterdir()]
    omerogen.load(path)
    assert [(entry.name, entry.stat().st_mtime_ns) for entry in tmp_path.iterdir()] == before
