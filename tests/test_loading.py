"""Layers of properties: which wins, what is interpolated, what is refused, what is remembered."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen.catalog.database import DB_PORT
from omerogen.catalog.mail import MAIL_HOST, MAIL_PORT
from omerogen.model import OMERODIR, Input, Location, OmerogenError, SettingsError, UsageError
from omerogen.settings.interpolation import Unresolvable
from omerogen.sources.elements import Malformed
from support.files import DATA, SITE


def expected_site() -> dict[str, str]:
    """What the real ``omero config`` made of the site's commands."""
    lines = (DATA / "site.expected.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("file", ["site.config.xml", "site.omero"])
def test_a_site_has_the_values_that_omero_gives_it(file):
    """The file that OMERO wrote, and the commands that made OMERO write it, say the same."""
    settings = omerogen.load(DATA / file)
    assert {name: settings.text(name) for name in settings.names_set()} == expected_site()


def test_the_defaults_alone_are_settings():
    """``load()`` reads nothing: typed defaults, none of them set by anybody."""
    settings = omerogen.load()
    assert settings["omero.db.port"] == 5432
    assert settings["omero.web.debug"] is False
    assert settings["omero.client.icetransports"] == ("ssl", "tcp")
    assert settings["omero.web.prefix"] is None
    assert settings["omero.web.middleware"][0]["index"] == 1
    assert settings.names_set() == []
    assert str(settings.origin("omero.db.port")) == "default"


def test_nothing_is_read_that_is_not_given(monkeypatch):
    """Neither ``$OMERODIR`` nor ``CONFIG_…`` variables reach a program that did not ask for them."""
    monkeypatch.setenv("OMERODIR", "/elsewhere")
    monkeypatch.setenv("CONFIG_omero_db_host", "elsewhere")
    settings = omerogen.load()
    assert settings["omero.db.host"] == "localhost"
    assert settings.omerodir == "/opt/omero/web/OMERO.web"


def test_a_later_layer_wins_and_all_are_remembered(tmp_path):
    """Files in order, then the environment, then overrides; every layer keeps its place."""
    first, second = tmp_path / "a.properties", tmp_path / "b.json"
    first.write_text("# one\nomero.db.host=one\nomero.db.port=1\n")
    second.write_text('{\n"omero.db.host": "two"}')
    settings = omerogen.load(
        first,
        second,
        environ={"CONFIG_omero_db_host": "three", "PATH": "x"},
        overrides={"omero.db.host": "four"},
    )
    entry = settings.resolved("omero.db.host")
    assert [(str(layer.location), layer.text) for layer in entry.layers] == [
        ("default", "localhost"),
        (f"{first}:2", "one"),
        (f"{second}:2", "two"),
        ("$CONFIG_omero_db_host", "three"),
        ("--set", "four"),
    ]
    assert settings["omero.db.host"] == "four"
    assert str(settings.origin("omero.db.port")) == f"{first}:3"


def test_an_origin_names_the_profile():
    """A value of a config.xml tells file, line and profile."""
    settings = omerogen.load(DATA / "profiles.config.xml")
    origin = settings.origin("omero.db.host")
    assert (origin.profile, origin.line) == ("staging", 7)
    assert str(origin) == f"{DATA / 'profiles.config.xml'}:7 (profile staging)"


def test_paths_follow_the_omero_directory():
    """``static_root`` and ``logdir`` are below the OMERO directory until somebody sets them."""
    settings = omerogen.load(omerodir="/srv/web")
    assert settings["omero.web.static_root"] == "/srv/web/var/static"
    assert settings["omero.web.logdir"] == "/srv/web/var/log"
    assert omerogen.load(SITE, overrides={"omero.web.logdir": "/log"})["omero.web.logdir"] == "/log"


def test_values_are_interpolated_but_not_those_of_omero_web():
    """``${name}`` is a property's value; OMERO.web takes its own literally; ``@{dn}`` and ``$host`` stay."""
    settings = omerogen.load(
        overrides={
            "omero.data.dir": "/data",
            "omero.web.login_view": "${omero.data.dir}",
            "omero.ldap.new_user_group": ":query:(member=@{dn}) $host",
        }
    )
    assert settings["omero.managed.dir"] == "/data/ManagedRepository"
    assert settings.resolved("omero.managed.dir").expanded == ("omero.data.dir",)
    assert settings["omero.web.login_view"] == "${omero.data.dir}"
    assert settings["omero.ldap.new_user_group"] == ":query:(member=@{dn}) $host"


def test_a_default_is_checked_when_interpolation_makes_it_wrong():
    """The mail port's default is another property's value: the one that was set is judged."""
    [refused] = omerogen.load(overrides={"omero.data.dir": " "}).refused()
    assert "omero.data.dir" in str(refused)
    [refused] = omerogen.load(overrides={"omero.mail.port": "x"}).refused()
    assert refused.properties == ("omero.mail.port",)


def test_unknown_names_are_carried():
    """Plugins read properties of their own: they are kept as texts."""
    settings = omerogen.load(overrides={"omero.web.mapr.config": ["a", 1]})
    assert settings["omero.web.mapr.config"] == '["a", 1]'
    assert settings.names_set("omero.web.mapr") == ["omero.web.mapr.config"]
    assert not settings.resolved("omero.web.iviewer.nothing").is_set


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("omero.db.prot", "did you mean 'omero.db.port'?"),
        ("omero.web.iviewer.nothing", "omerogen properties lists them"),
    ],
)
def test_an_unknown_name_cannot_be_read(name, advice):
    """A misspelt name in a program is an error, with the name that was meant; a row cannot be misspelt."""
    settings = omerogen.load()
    for read in (settings.__getitem__, settings.text, settings.is_set, settings.origin):
        with pytest.raises(UsageError) as caught:
            read(name)
        assert str(caught.value) == f"{name}: unknown property ({advice})"
    assert settings[DB_PORT] == settings["omero.db.port"] == 5432


def test_an_empty_text_for_an_optional_kind_sets_nothing():
    """``omero config set NAME ''``: the property is as if it was not there."""
    settings = omerogen.load(overrides={"omero.jvmcfg.heap_size": "", "omero.web.prefix": " "})
    assert settings["omero.jvmcfg.heap_size"] is None
    assert not settings.is_set("omero.jvmcfg.heap_size")
    assert not settings.is_set("omero.web.prefix")


def test_a_deprecated_property_counts_for_its_successor():
    """It counts where the successor is not set, with the successor's type; both are reported."""
    settings = omerogen.load(overrides={"omero.web.email_port": "26", "omero.web.email_host": "old"})
    assert settings[settings.effective_name(MAIL_PORT)] == 26
    both = omerogen.load(overrides={"omero.web.email_host": "old", "omero.mail.host": "new"})
    assert both[both.effective_name(MAIL_HOST)] == "new"
    assert "use omero.mail.host" in str(both.warnings[0])
    with pytest.raises(OmerogenError, match="omero.web.email_port 'x' is not a whole number"):
        omerogen.load(overrides={"omero.web.email_port": "x"})["omero.web.email_port"]


def test_problems_come_in_order_of_place(tmp_path):
    """Two files and a flag: what is wrong in the first file comes first, whatever kind of wrong it is."""
    first, second = tmp_path / "a.properties", tmp_path / "b.properties"
    first.write_text("omero.web.debug=maybe\nomero.db.port=0\n")
    second.write_text("omero.db.poolsize=none\nb\\ d=1\n")
    with pytest.raises(OmerogenError) as caught:
        omerogen.load(first, second, tmp_path / "missing.xml", overrides={"omero.db.patch": "z"})
    places = [problem.location.place for problem in caught.value.problems]
    assert places == [
        f"{first}:1",
        f"{first}:2",
        f"{second}:1",
        f"{second}:2",
        str(tmp_path / "missing.xml"),
        "--set",
    ]


@pytest.mark.parametrize(
    ("name", "text", "warned"),
    [
        ("omero.db.name", '"my db"', True),
        ("omero.db.user", "'omero'", True),
        ("omero.data.dir", ' "/OMERO" ', True),
        ("omero.mail.username", '"kanari"', True),
        ("omero.db.pass", "'kanari'", True),
        ("omero.glacier2.IceSSL.Password", '"kanari"', True),
        ("omero.glacier2.IceSSL.CertFile", '"/c"', True),
        ("omero.db.name", 'my "db"', False),
        ("omero.db.name", '"my" and "other"', False),
        ("omero.db.name", '"', False),
        ("omero.db.name", "\"x'", False),
        ("omero.web.apps", '["a"]', False),
        ("omero.jvmcfg.append", '"-Dx=a b"', False),
        ("omero.web.mapr.config", '"json"', False),
        ("omero.web.mapr.password", '"kanari"', False),
    ],
)
def test_quotes_around_a_text_are_noticed(name, text, warned):
    """``docker --env-file`` keeps them; the value is not repeated, and JSON and options need theirs."""
    settings = omerogen.load(overrides={name: text})
    assert settings.text(name) == text
    told = [f"--set: {name} has quotes around it, which are part of the value (take them out)"]
    assert [*map(str, settings.warnings)] == (told if warned else [])
    assert [warning.rule for warning in settings.warnings] == ["quoted-value"] * warned


def test_a_quoted_number_is_an_error_alone():
    """Which says that it is not a number."""
    settings = omerogen.load(overrides={"omero.db.port": '"5432"'})
    assert [problem.rule for problem in settings.problems()] == ["invalid-value"]


def test_nul_and_surrogates_are_refused():
    """A lone surrogate, as a broken environment has, and a NUL cannot stand in any artifact."""
    for text in ("a\0b", "a\udc80b"):
        with pytest.raises(OmerogenError, match="contains NUL or an unpaired surrogate"):
            omerogen.load(overrides={"omero.db.name": text})


@given(st.text())
def test_any_text_is_a_value_or_a_reported_error(text):
    """The only exception that leaves the package is ours."""
    for name in ("omero.db.name", "omero.x", "omero.web.databases", "omero.jvmcfg.append", "omero.db.url"):
        try:
            read = omerogen.load(overrides={name: text}).text(name)
        except OmerogenError as error:
            assert error.problems
        else:
            assert "${" in text or read == text


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0$"), max_size=50))
def test_a_value_means_itself(text):
    """A text without a reference arrives as it was given."""
    assert omerogen.load(overrides={"omero.db.name": text})["omero.db.name"] == text


def test_a_wrong_type_among_overrides_hides_no_other():
    """All of them in one run, and what else is wrong."""
    with pytest.raises(SettingsError) as caught:
        omerogen.load(overrides={"omero.a": None, "omero.b": object(), "omero.c d": "1"})
    assert [problem.message for problem in caught.value.problems] == [
        "omero.a has no value",
        "omero.b is a value that JSON cannot hold",
        "'omero.c ' is not a valid property name",
    ]


def test_what_is_made_of_a_refused_value_is_refused():
    """The refused property is reported, once and at its place; a default is not to blame."""
    for overrides, read in (
        ({"omero.data.dir": " "}, "omero.managed.dir"),
        ({"omero.data.dir": "${omero.managed.dir}"}, "omero.managed.dir"),
        ({"omero.db.port": "x", "omero.a": "${omero.b}", "omero.b": "${omero.db.port}"}, "omero.a"),
    ):
        settings = omerogen.load(overrides=overrides)
        with pytest.raises(SettingsError) as caught:
            settings.text(read)
        assert list(caught.value.problems) == settings.refused()
        assert [str(problem.location) for problem in settings.refused()] == ["--set"]


def test_a_resolved_property_is_the_same_after_a_copy():
    """A location is compared by its value: a default is still a default in another process."""
    for settings in (omerogen.load(), omerogen.load(overrides={"omero.db.host": "h"})):
        entry = settings.resolved("omero.db.host")
        for other in (copy.deepcopy(entry), pickle.loads(pickle.dumps(entry))):
            assert (other.is_set, other.value, other.origin) == (entry.is_set, entry.value, entry.origin)


def test_the_omero_directory_is_an_input_of_what_is_below_it():
    """Also where a reference put it in, and in settings that were changed."""
    read: list[Input] = []
    settings = omerogen.load(overrides={"omero.x": "${omero.web.logdir}/x"}).observed(read.extend)
    assert settings.changed({"omero.y": "1"})["omero.x"].endswith("/var/log/x")
    assert read == [Input.property("omero.x"), Input.property("omero.web.logdir"), OMERODIR]


def test_an_unknown_name_is_not_shown_after_a_wrong_character():
    """It may be a secret there."""
    with pytest.raises(UsageError) as caught:
        omerogen.load()["omero.x canary"]
    assert str(caught.value).startswith("omero.x: unknown property")


@pytest.mark.parametrize(
    "error",
    [
        Malformed("is not XML", 3),
        Unresolvable("refers to itself", "break the circle", ("omero.a",), "omero.b"),
        SettingsError.at(Location.file("a", 1), "is wrong", "mend it"),
    ],
)
def test_errors_pickle(error):
    """With all that they know: process pools hand them over."""
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))
