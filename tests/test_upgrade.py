"""``omerogen upgrade``: what a change of release means for a site; nothing is written."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

import omerogen as package
from omerogen.catalog import history
from omerogen.sites.upgrading import KINDS
from support.files import SITE

UPGRADES = Path(__file__).parent / "data/upgrades"
SERVER = ("--from", "5.4.10", "--to", "5.6.10")
WEB = ("--web-from", "5.6.0", "--web-to", "5.33.2")
PICKLE = "django.contrib.sessions.serializers.PickleSerializer"
MEMCACHED = '{"default": {"BACKEND": "django.core.cache.backends.memcached.MemcachedCache"}}'
JSON = "django.contrib.sessions.serializers.JSONSerializer"
#: The arguments of whole texts that are looked at by eye when they change; paths are below ``tests/``.
WHOLE = {
    "server": ("-c", "data/site.config.xml", *SERVER),
    "web": ("-c", "data/upgrades/old-web.yaml", *WEB, "--py-from", "5.8.0", "--py-to", "5.23.0"),
    "web-omero": ("-c", "data/upgrades/old-web.yaml", *WEB, "--format", "omero"),
    "back": ("-c", "data/site.config.xml", "--from", "5.6.10", "--to", "5.4.10"),
    "group-vars": (
        *("-c", "data/upgrades/group_vars.yml", "--key", "omero_server", "--key", "omero_web"),
        *("--from", "5.6.3", "--to", "5.6.10", "--web-from", "5.9.2", "--web-to", "5.33.2"),
    ),
}


def changes(omerogen, *arguments: object) -> list[dict]:
    """The changes, as JSON has them."""
    result = omerogen("upgrade", *arguments, "--format", "json")
    assert result.status == 0, result.err
    found = json.loads(result.out)["changes"]
    assert all({"property", "release", "change", "message", "fix"} <= change.keys() for change in found)
    assert [change["change"] for change in found] == sorted(
        (change["change"] for change in found), key=KINDS.index
    )
    return found


def of(found: list[dict], name: str) -> dict:
    """The one change of a property."""
    [change] = [change for change in found if change["property"] == name]
    return change


def sets(**values: str) -> tuple[str, ...]:
    """``--set`` for each; a double underscore is a dot."""
    return tuple(
        word for name, text in values.items() for word in ("--set", f"{name.replace('__', '.')}={text}")
    )


@pytest.mark.parametrize("case", WHOLE)
def test_whole_texts(case, omerogen, monkeypatch, request):
    """What an administrator reads; `make golden` writes them anew."""
    monkeypatch.chdir(Path(__file__).parent)
    result = omerogen("upgrade", *WHOLE[case])
    assert result.status == 0, result.err
    expected = UPGRADES / f"{case}.txt"
    if request.config.getoption("--update-golden"):
        expected.write_text(result.out, encoding="utf-8")
    assert result.out == expected.read_text(encoding="utf-8")


def test_a_property_that_is_gone(omerogen):
    """And members of its family."""
    found = changes(omerogen, *sets(omero__search__maxclause="1"), *SERVER)
    gone = of(found, "omero.search.maxclause")
    assert (gone["change"], gone["release"], gone["component"]) == ("removed", "5.5.0", "server")
    assert gone["fix"] == "omero config set omero.search.maxclause"
    python = ("--py-from", "5.19.8", "--py-to", "5.20.0")
    found = changes(omerogen, *sets(omero__jvmcfg__perm_gen__blitz="1g"), *python)
    assert of(found, "omero.jvmcfg.perm_gen.blitz")["release"] == "5.20.0"
    assert (
        changes(omerogen, *sets(omero__jvmcfg__perm_gen="1g"), "--py-from", "5.20.0", "--py-to", "5.23.0")
        == []
    )


def test_a_new_default_with_its_lines(omerogen):
    """The value before and after, and which lines of which files differ."""
    found = of(changes(omerogen, "--from", "5.5.1", "--to", "5.6.0"), "omero.web.static_root")
    below = "/opt/omero/web/OMERO.web"
    assert (found["before"], found["after"]) == (f"{below}/lib/python/omeroweb/static", f"{below}/var/static")
    assert found["commands"] == [f"config set omero.web.static_root {below}/lib/python/omeroweb/static"]
    assert found["optional"]
    [line] = [line for line in found["lines"] if line["file"] == "nginx/omero.conf"]
    assert line["before"].strip() == f"alias {below}/lib/python/omeroweb/static/;"
    assert line["after"].strip() == f"alias {below}/var/static/;"


def test_what_is_set_does_not_follow_the_default(omerogen):
    """So nothing is said of it, unless all is asked for; nor if its predecessor is set."""
    both = ("--web-from", "5.29.3", "--web-to", "5.30.0")
    given = sets(omero__web__session_serializer=JSON)
    assert changes(omerogen, *given, *both) == []
    assert (
        of(changes(omerogen, *given, *both, "--all"), "omero.web.session_serializer")["change"] == "default"
    )
    old = of(changes(omerogen, *both), "omero.web.session_serializer")
    assert (old["release"], old["before"], old["after"], old["commands"]) == ("5.30.0", PICKLE, JSON, [])
    assert "cannot be kept" in old["fix"]


@pytest.mark.parametrize(
    ("web", "illegal"),
    [
        (("5.29.3", "5.31.0"), True),
        (("5.30.0", "5.30.1"), True),  # on either Django
        (("5.31.0", "5.33.2"), False),  # it was before
        (("5.18.0", "5.29.3"), False),
        (("5.33.2", "5.29.3"), False),
    ],
)
def test_pickle_on_django_5(web, illegal, omerogen):
    """It is refused since the release with that Django."""
    arguments = ("--web-from", web[0], "--web-to", web[1])
    found = changes(omerogen, *sets(omero__web__session_serializer=PICKLE), *arguments)
    assert [change["change"] for change in found if change["change"] == "illegal"] == ["illegal"] * illegal
    if illegal:
        assert found[0]["fix"] == f"omero config set omero.web.session_serializer {JSON}"


def test_origins_without_a_scheme(omerogen):
    """They get one, as the rule about them says; a setting of Django by its own name is told apart."""
    origins = '["a.example.org", ".b.org", "http://c.org"]'
    additional = '[["CSRF_TRUSTED_ORIGINS", ["d.org"]]]'
    given = sets(omero__web__csrf_trusted_origins=origins, omero__web__django_additional_settings=additional)
    found = changes(omerogen, *given, "--web-from", "5.21.0", "--web-to", "5.23.0")
    one = of(found, "omero.web.csrf_trusted_origins")
    assert (one["change"], one["release"]) == ("illegal", "5.22.0")
    assert one["commands"] == [
        """config set omero.web.csrf_trusted_origins '["https://a.example.org", "https://*.b.org", "http://c.org"]'"""
    ]
    other = of(found, "omero.web.django_additional_settings")
    assert "d.org" in other["message"]
    assert other["commands"] == []
    assert "https://" in other["fix"]


@pytest.mark.parametrize(
    ("origins", "commands"),
    [
        ('["a.example.org", "null", "http://c.org"]', '["https://a.example.org", "null", "http://c.org"]'),
        ('["*"]', None),
        ('["null", "file://", "https://a.example.org"]', ""),
    ],
)
def test_origins_of_other_sites(origins, commands, omerogen):
    """django-cors-headers 3 wants schemes, but for null; all of them are another property's matter."""
    name = "omero.web.cors_origin_whitelist"
    found = changes(omerogen, *sets(**{name.replace(".", "__"): origins}), *WEB)
    illegal = [one for one in found if (one["property"], one["change"]) == (name, "illegal")]
    if commands == "":
        assert not illegal
    elif commands is None:
        assert illegal[0]["commands"] == []
        assert "omero.web.cors_origin_allow_all=true" in illegal[0]["fix"]
    else:
        assert illegal[0]["commands"] == [f"config set {name} '{commands}'"]


@pytest.mark.parametrize(
    ("name", "text", "illegal"),
    [
        ("Protocols", "tls1", True),
        ("Protocols", "TLS1_0,TLS1_1", True),
        ("Protocols", "ssl3,tls1_2", True),
        ("Protocols", "tls1_1,tls1_2", False),
        ("ProtocolVersionMax", "tls1_1", True),
        ("ProtocolVersionMax", "TLS1_3", False),
        ("Ciphers", "ADH", True),
        ("Ciphers", "HIGH:ADH:@SECLEVEL=0", False),
    ],
)
def test_protocols_and_ciphers_that_openssl_refuses(name, text, illegal, omerogen):
    """Those that are set; the defaults are the same in both releases."""
    given = ("--set", f"omero.glacier2.IceSSL.{name}={text}")
    found = changes(omerogen, *given, "--from", "5.6.3", "--to", "5.6.10")
    assert [one["property"] for one in found if one["change"] == "illegal"] == (
        [f"omero.glacier2.IceSSL.{name}"] * illegal
    )
    assert all(one["change"] != "illegal" for one in changes(omerogen, "--from", "5.6.3", "--to", "5.6.10"))


def test_deprecated_ones_are_ready_lines(omerogen):
    """With the same value, if the successor has that; else it is said what to do."""
    given = sets(
        omero__web__email_host="m.example.org",
        omero__web__email_port="26",
        omero__web__plate_download__enabled="true",
        omero__web__send_broken_link_emails="true",
        omero__web__email_use_tls="false",
        omero__mail__port="25",
    )
    found = changes(omerogen, *given, "--web-from", "5.29.0", "--web-to", "5.29.1")
    commands = {one["property"]: one["commands"] for one in found}
    assert commands["omero.web.email_host"] == [
        "config set omero.mail.host m.example.org",
        "config set omero.web.email_host",
    ]
    assert commands["omero.web.email_port"] == ["config set omero.web.email_port"]  # the successor wins
    assert commands["omero.web.email_use_tls"] == ["config set omero.web.email_use_tls"]  # is its default
    assert commands["omero.web.plate_download.enabled"][0] == (
        "config set omero.policy.binary_access +read,+write,+image,+plate"
    )
    assert commands["omero.web.send_broken_link_emails"] == []
    assert "omero.web.admins" in of(found, "omero.web.send_broken_link_emails")["fix"]


def test_secrets_are_not_shown(omerogen):
    """It is said how to copy them; in all forms, with all that changes."""
    given = ("--set", "omero.web.email_host_password=canary-1", "--set", "omero.db.pass=canary-2")
    for form in ("text", "json", "omero"):
        result = omerogen("upgrade", *given, *SERVER, *WEB, "--all", "--format", form)
        assert "canary" not in result.out + result.err
        assert "omero config set -f secret omero.mail.password" in " ".join(result.out.split())


def test_new_properties_worth_a_look(omerogen):
    """Limits; those of a family that the site uses; what was set too early."""

    def new(*arguments: str) -> set[str]:
        found = changes(omerogen, *arguments, *WEB, *SERVER)
        return {one["property"] for one in found if one["change"] == "added"}

    fresh = new()
    assert "omero.query.timeout" in fresh
    assert "omero.web.maximum_multifile_download_size" in fresh
    assert fresh.isdisjoint(
        {"omero.ldap.read_timeout", "omero.web.favicon_url", "omero.web.session_cookie_samesite"}
    )
    assert new(*sets(omero__ldap__config="true")) - fresh == {
        "omero.ldap.connect_timeout",
        "omero.ldap.read_timeout",
    }
    assert "omero.web.session_cookie_samesite" in new(*sets(omero__web__session_cookie_age="1"))
    assert "omero.web.csrf_trusted_origins" in new("--tls", "proxy")
    early = of(changes(omerogen, *sets(omero__web__favicon_url="a"), *WEB), "omero.web.favicon_url")
    assert "counts from OMERO.web 5.11.0 on" in early["message"]


def test_a_host_with_omero_web_alone(omerogen):
    """What changes for the server does not touch it."""
    found = changes(omerogen, *sets(omero__web__prefix="/x"), *SERVER, *WEB)
    assert found != []
    assert all(one["property"].startswith("omero.web.") for one in found)


def test_packages_for_another_django(omerogen):
    """Applications and middleware of others."""
    apps = sets(omero__web__apps='["omero_figure", "ours", "omeroweb.x"]')
    found = of(changes(omerogen, *apps, "--web-from", "5.22.1", "--web-to", "5.33.2"), "omero.web.apps")
    assert found["change"] == "package"
    assert "omero_figure, ours: the installed releases must be for Django 5.2, not 4.2" in found["message"]
    assert found["fix"].endswith("pip install --upgrade omero-figure")
    assert all(
        one["change"] != "package"
        for one in changes(omerogen, *apps, "--web-from", "5.31.0", "--web-to", "5.33.2")
    )


@pytest.mark.parametrize("component", ["server", "web"])
def test_a_fresh_site_hears_only_what_changes_for_it(component):
    """New defaults and new limits, up and down; test_history.py has every pair of releases."""
    prefix = {"server": "", "web": "web_"}[component]
    known = history.known(component)
    settings = package.load()
    for old, new in [*pairwise((*known[::6], known[-1])), (known[0], known[-1]), (known[-1], known[0])]:
        pair = {f"{prefix}from_" if not prefix else f"{prefix}from": old, f"{prefix}to": new}
        for change in package.upgrade(settings, **pair).changes:
            assert change.change in ("default", "added"), change
            assert change.before != change.after
            low, high = sorted(map(history.version_of, (old, new)))
            assert low < history.version_of(change.release) <= high


def test_omero_load_takes_the_commands(omerogen, tmp_path):
    """After it only what no command can do is left; the values of before are kept."""
    source = UPGRADES / "old-web.yaml"
    commands = tmp_path / "upgrade.omero"
    commands.write_text(omerogen("upgrade", "-c", source, *WEB, "--format", "omero").out)
    left = changes(omerogen, "-c", source, "-c", commands, *WEB)
    assert {one["property"] for one in left if one["change"] in KINDS[:4] and one["commands"]} == set()
    settings = package.load(source, commands)
    assert settings["omero.web.prefix"] == "/omero"
    assert settings["omero.mail.host"] == "mail.example.org"
    assert not settings.is_set("omero.web.email_host")
    assert not settings.is_set("omero.web.webgateway_cache")


@pytest.mark.parametrize("text", ["it's", "-x", "a b", "#a", "$HOME `x`", 'a"b\\', "é"])
def test_values_are_data_in_the_commands(text, omerogen, tmp_path):
    """Whatever a shell would make of them."""
    source, commands = tmp_path / "site.json", tmp_path / "upgrade.omero"
    source.write_text(json.dumps({"omero.web.email_host_user": text}))
    commands.write_text(omerogen("upgrade", "-c", source, *WEB, "--format", "omero").out)
    assert package.load(source, commands)["omero.mail.username"] == text


@pytest.mark.parametrize(
    ("arguments", "problems"),
    [
        (
            (),
            [
                "--to: is missing (name the releases: --from 5.5.1 --to 5.6.10, or --web-from and"
                " --web-to for OMERO.web)"
            ],
        ),
        (("--to", "5.6.10"), ["--from: is missing (name the release in use)"]),
        (("--from", "5.5.1"), ["--to: is missing (the newest release is 5.6.10)"]),
        (("--web-to", "5.33.2"), ["--web-from: is missing (name the release in use)"]),
        (("--py-to", "5.23.0"), ["--py-from: is missing (name the release in use)"]),
        (
            ("--from", "5.5.2", "--to", "5.6.11", "--web-to", "6"),
            [
                "--from: '5.5.2' is not a known release of OMERO.server (the nearest is 5.5.1)",
                "--to: '5.6.11' is not a known release of OMERO.server (the nearest is 5.6.10)",
                "--web-to: '6' is not a known release of OMERO.web (the nearest is 5.33.2)",
            ],
        ),
    ],
)
def test_releases_that_are_missing_or_not_known(arguments, problems, omerogen):
    """All at once, and nothing on standard output."""
    result = omerogen("upgrade", *arguments)
    assert (result.status, result.out, result.problems) == (2, "", problems)


def test_the_release_in_use_is_that_of_the_site(tmp_path, monkeypatch, omerogen):
    """And what is not upgraded stays as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omerogen.toml").write_text('release = "5.6.3"\nweb_release = "5.29.3"\n')
    for arguments, expected in (
        (("--to", "5.6.10"), [("5.6.3", "5.29.3"), ("5.6.10", "5.29.3")]),
        (("--web-to", "5.33.2"), [("5.6.3", "5.29.3"), ("5.6.3", "5.33.2")]),
    ):
        found = json.loads(omerogen("upgrade", *arguments, "--format", "json").out)
        assert [(found[side]["server"], found[side]["web"]) for side in ("from", "to")] == expected


def test_it_always_answers(omerogen):
    """Refused values are said on standard error, and not looked at."""
    given = (*sets(omero__db__port="x", omero__web__csrf_trusted_origins="x"), *SERVER, *WEB)
    result = omerogen("upgrade", *given)
    assert result.status == 0
    assert "the site as it is: --set: omero.db.port 'x' is not a whole number" in result.err
    assert "Defaults that change" in result.out
    result = omerogen("upgrade", "--from", "5.6.9", "--to", "5.6.9")
    assert (result.status, result.out.splitlines()[-1]) == (0, "nothing changes for this site")


def test_all_has_what_does_not_touch_the_site(omerogen):
    """The rest is counted."""
    few = json.loads(omerogen("upgrade", *SERVER, "--format", "json").out)
    every = json.loads(omerogen("upgrade", *SERVER, "--all", "--format", "json").out)
    assert few["others"] == len(every["changes"]) - len(few["changes"])
    assert every["others"] == 0
    assert "omero.search.maxclause" in {change["property"] for change in every["changes"]}


def test_nothing_is_written(omerogen, tmp_path, monkeypatch):
    """Not even the output folder."""
    monkeypatch.chdir(tmp_path)
    assert omerogen("upgrade", "-c", SITE, *SERVER).status == 0
    assert list(tmp_path.iterdir()) == []


def test_it_is_there_in_python():
    """With the objects that the command prints."""
    result = package.upgrade(package.load(SITE, web_release="5.29.3"), web_to="5.33.2")
    assert [change.property for change in result.changes if change.change == "package"] == [
        "omero.web.apps",
        "omero.web.middleware",
    ]
    with pytest.raises(package.UsageError, match="--from: is missing"):
        package.upgrade(package.load(), to="5.6.10")


@pytest.mark.parametrize(
    ("name", "value", "web", "release"),
    [
        ("caches", MEMCACHED, ("5.21.0", "5.22.0"), "5.22.0"),
        ("caches", MEMCACHED, ("5.9.0", "5.33.2"), "5.22.0"),
        ("caches", MEMCACHED, ("5.9.0", "5.14.0"), None),
        ("caches", MEMCACHED.replace("Memcached", "PyMemcache"), ("5.9.0", "5.33.2"), None),
        (
            "databases",
            '{"default": {"ENGINE": "django.db.backends.postgresql_psycopg2"}}',
            ("5.9.0", "5.14.0"),
            "5.14.0",
        ),
        ("django_additional_settings", f'[["CACHES", {MEMCACHED}]]', ("5.21.0", "5.33.2"), "5.22.0"),
    ],
)
def test_classes_that_django_dropped(name, value, web, release, omerogen):
    """OMERO.web does not start with them; what does the same is named."""
    given = sets(**{f"omero__web__{name}": value})
    found = changes(omerogen, *given, "--web-from", web[0], "--web-to", web[1])
    illegal = [one for one in found if one["change"] == "illegal"]
    assert [one["release"] for one in illegal] == ([release] if release else [])
    assert all("in its place" in one["fix"] for one in illegal)


def test_a_successor_of_another_kind_has_the_same_value(omerogen):
    """A port may be a text; what OMERO.web takes as it is has no such successor."""
    given = sets(omero__web__email_port="2525", omero__web__email_host_user="${omero.db.name}")
    found = changes(omerogen, *given, "--web-from", "5.9.0", "--web-to", "5.33.2")
    port = of(found, "omero.web.email_port")
    assert port["commands"] == ["config set omero.mail.port 2525", "config set omero.web.email_port"]
    assert of(found, "omero.web.email_host_user")["commands"] == []
