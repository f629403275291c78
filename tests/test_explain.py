"""``omerogen explain``: where a value came from, what it was made of, who reads it."""

from __future__ import annotations

import json

import pytest

from support.files import DATA, SITE


def explained(omerogen, *arguments) -> dict:
    """The explanation as JSON."""
    result = omerogen("explain", *arguments, "--format", "json")
    assert result.status == 0, result.err
    return json.loads(result.out)


def test_every_layer_is_shown_and_the_winner(omerogen):
    """From the lowest to the winner, each with its place."""
    told = explained(
        omerogen, "omero.db.host", "-c", SITE, "-c", DATA / "site.omero", "--set", "omero.db.host=flag"
    )
    assert told["value"] == "flag"
    assert (told["default"], told["origin"]) == ("localhost", "--set")
    assert told["layers"] == [
        {"origin": "default", "text": "localhost"},
        {"origin": f"{SITE}:7 (profile default)", "text": "db.example.org"},
        {"origin": f"{DATA / 'site.omero'}:3", "text": "db.example.org"},
        {"origin": "--set", "text": "flag"},
    ]


def test_a_value_knows_its_inputs(omerogen):
    """Directly or by way of others."""
    told = explained(omerogen, "omero.x", "--set", "omero.x=${omero.managed.dir}/y")
    assert told["value"] == "/OMERO//ManagedRepository/y"
    assert told["expanded"] == ["omero.managed.dir", "omero.data.dir"]


def readers(explanation: dict) -> list[str]:
    """The artifacts that read a property, of those that these tests know: a new one may read any."""
    known = ("jvm", "nginx", "glacier2", "icegrid", "jdbc", "django")
    return [name for name in explanation["artifacts"] if name in known]


@pytest.mark.parametrize(
    ("name", "artifacts"),
    [
        ("omero.web.prefix", ["nginx", "django"]),
        ("omero.db.host", ["icegrid", "jdbc"]),
        ("omero.jvmcfg.percent.blitz", ["jvm", "icegrid"]),
        ("omero.ports.ssl", ["glacier2", "icegrid"]),
        ("omero.glacier2.IceSSL.Protocols", ["glacier2", "icegrid"]),
        ("omero.ldap.base", []),
        ("omero.mail.host", ["django"]),
    ],
)
def test_artifacts_that_read_it_are_named(name, artifacts, omerogen):
    """As observed, also when it is read by way of another property."""
    assert readers(explained(omerogen, name, "-c", SITE)) == artifacts


def test_a_wrong_artifact_is_not_an_obstacle(omerogen):
    """A site that has no nginx, or ports that clash, can still ask about a value."""
    told = explained(
        omerogen,
        "omero.ports.prefix",
        "--set",
        "omero.ports.prefix=7",
        "--set",
        "omero.web.application_server=wsgi",
    )
    assert readers(told) == ["glacier2", "icegrid"]


def test_successors_and_predecessors_are_named(omerogen):
    """In both directions."""
    assert explained(omerogen, "omero.web.prefix")["replaces"] == ["omero.web.force_script_name"]
    assert explained(omerogen, "omero.web.email_host")["replaced_by"] == "omero.mail.host"


def test_an_unset_property_is_shown(omerogen, tmp_path):
    """``config set NAME`` alone is a layer too."""
    file = tmp_path / "a.omero"
    file.write_text("config set omero.db.host")
    told = explained(omerogen, "omero.db.host", "-c", SITE, "-c", file)
    assert (told["value"], told["origin"]) == ("localhost", "default")
    assert told["layers"][-1] == {"origin": f"{file}:1", "text": None}
    assert "(taken back)" in omerogen("explain", "omero.db.host", "-c", SITE, "-c", file).out


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("omero.db.pass", "canary"),
        ("omero.glacier2.IceSSL.Password", "canary"),
        ("omero.web.mapr.password", "canary"),
        ("omero.made.of", "x${omero.db.pass}y"),
        ("omero.web.databases", '{"default": {"ENGINE": "a.b", "PASSWORD": "canary"}}'),
        ("omero.web.databases", '{"default": {"ENGINE": "a.b", "OPTIONS": {"token": ["canary"]}}}'),
        ("omero.web.caches", '{"default": {"BACKEND": "a.b", "LOCATION": "redis://:canary@h/0"}}'),
        ("omero.web.django_additional_settings", '[["EMAIL_TOKEN", "canary"]]'),
        ("omero.db.properties", "ssl=true&password=canary"),
        ("omero.db.url", "jdbc:postgresql://h/d?password=canary"),
        ("omero.jvmcfg.append", "-Djavax.net.ssl.keyStorePassword=canary"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_secrets_are_shown_only_on_request(name, value, form, omerogen):
    """Wherever they hide, in every layer; ``--show-secrets`` shows them."""
    arguments = (name, "--set", "omero.db.pass=canary", "--set", f"{name}={value}", "--format", form)
    hidden = omerogen("explain", *arguments)
    assert hidden.status == 0
    assert "canary" not in hidden.out + hidden.err
    assert "********" in hidden.out
    assert "canary" in omerogen("explain", *arguments, "--show-secrets").out


def test_a_password_may_be_a_number(omerogen):
    """JSON has other values than texts; what says nothing is shown."""
    databases = '{"default": {"ENGINE": "a.b", "PASSWORD": 271828, "OPTIONS": {"password": null}}}'
    value = explained(omerogen, "omero.web.databases", "--set", f"omero.web.databases={databases}")["value"]
    assert json.loads(value)["default"] == {
        "ENGINE": "a.b",
        "PASSWORD": "********",
        "OPTIONS": {"password": None},
    }


def test_a_value_stays_on_its_line(omerogen):
    """A line break or a terminal's own command in a value is shown, not done; JSON has it whole."""
    value = "a\nb\x1b[31m ü"
    shown = omerogen("explain", "omero.web.x", "--set", f"omero.web.x={value}").out
    assert shown.splitlines()[0] == r"omero.web.x = a\nb\x1b[31m ü"
    assert "\x1b" not in shown
    table = omerogen("properties", "--only-set", "--set", f"omero.web.x={value}").out
    assert table.splitlines()[1].endswith(r"  a\nb\x1b[31m ü")
    assert explained(omerogen, "omero.web.x", "--set", f"omero.web.x={value}")["value"] == value


def test_other_values_are_shown(omerogen):
    """JSON keeps its members, URLs their hosts."""
    caches = explained(omerogen, "omero.web.caches", "-c", SITE)["value"]
    assert json.loads(caches)["default"]["LOCATION"] == "redis://127.0.0.1:6379/0"


def test_the_text_reads_as_a_page(omerogen):
    """What a person sees."""
    lines = omerogen("explain", "omero.web.prefix", "-c", SITE).out.splitlines()
    assert lines[0] == "omero.web.prefix = /omero"
    labels = [line[2:14].strip() for line in lines[1:]]
    assert labels == [
        "about",
        "type",
        "default",
        "origin",
        "layers",
        "read by",
        "Django",
        "replaces",
        "OMERODIR",
        "lines",
        "",
        "",
    ]


def test_a_misspelt_name_is_answered_with_the_right_one(omerogen):
    """Exit 2 and a suggestion."""
    result = omerogen("explain", "omero.db.prot")
    assert result.status == 2
    assert "did you mean 'omero.db.port'?" in result.err


@pytest.mark.parametrize("word", ["site.xml", "site.xml:7", "site.YAML:7:8"])
def test_a_file_is_not_a_property(word, omerogen):
    """It is reported once, with what explain takes and where files go."""
    result = omerogen("explain", word)
    assert (result.status, result.out) == (2, "")
    name = word.partition(":")[0]
    assert result.problems == [
        f"{name}: is not a property name"
        " (explain takes the name of one, such as omero.db.host; files go with -c FILE)"
    ]


@pytest.mark.parametrize("command", ["explain", "properties"])
@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("omero.db:x", "omero.db: unknown property"),
        ("omero.db.host=canary", "omero.db.host: is followed by other text (give the name alone)"),
        ("=canary", "property name: is empty or begins with an invalid character"),
        ("", "property name: is empty or begins with an invalid character"),
    ],
)
def test_text_after_a_name_is_not_quoted(command, word, problem, omerogen):
    """It may be a secret; the name before it is not called unknown if there is such a property."""
    result = omerogen(command, word)
    assert result.status == 2
    assert result.problems[0].startswith(problem)
    assert "canary" not in result.err


@pytest.mark.parametrize(
    ("name", "arguments", "default"),
    [
        ("omero.web.static_root", [], "/opt/omero/web/OMERO.web/var/static"),
        ("omero.web.logdir", ["--omerodir", "/srv", "--set", "omero.web.logdir=/x"], "/srv/var/log"),
        ("omero.db.pass", [], "omero"),
        ("omero.db.pass", ["--set", "omero.db.pass=kanari"], "omero"),
    ],
)
def test_a_default_is_the_same_in_all_places(name, arguments, default, omerogen):
    """That of this site's folder; and that of a secret is none, whatever the secret is now."""
    told = explained(omerogen, name, *arguments)
    assert told["default"] == default
    assert told["layers"][0] == {"origin": "default", "text": default}
    assert "kanari" not in str(told)
    if told["origin"] == "default":
        assert told["value"] == default


def test_several_are_explained(omerogen):
    """Names and patterns, each once; all that is wrong with them in one run."""
    result = omerogen("explain", "-c", SITE, "omero.db.p*", "omero.web.prefix", "omero.db.port")
    names = [line.partition(" = ")[0] for line in result.out.splitlines() if line[:1] not in ("", " ")]
    assert names[0] == "omero.db.pass"
    assert names[-1] == "omero.web.prefix"
    assert names.count("omero.db.port") == 1
    every = json.loads(omerogen("explain", "-c", SITE, "omero.db.p*", "--format", "json").out)
    assert [found["name"] for found in every] == names[:-1]
    wrong = omerogen("explain", "-c", SITE, "nope", "omero.zzz*", "omero.db.port")
    assert (wrong.status, wrong.out) == (2, "")
    assert [line.partition(":")[0] for line in wrong.problems] == ["nope", "omero.zzz*"]
