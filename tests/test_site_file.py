"""``omerogen.toml``: what a site is, said once for every command."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import jsonschema
import pytest

import omerogen as api
from omerogen.artifacts import ARTIFACTS
from omerogen.sites.options import of_sites

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

SITE = """
config = ["etc/site.omero"]
output = "generated"
tls = "nginx"
servername = ["omero.example.org", "www.example.org"]
certificate = "/etc/ssl/omero.pem"
certificate-key = "/etc/ssl/omero.key"
https = 8443
[properties]
"omero.web.prefix" = "/omero"
omero.jvmcfg.system_memory = 16000
omero.web.caches = { default = { BACKEND = "django.core.cache.backends.locmem.LocMemCache" } }
"""
FLAGS = (
    *("-c", "etc/site.omero", "--tls", "nginx", "--servername", "omero.example.org", "www.example.org"),
    *("--certificate", "/etc/ssl/omero.pem", "--certificate-key", "/etc/ssl/omero.key", "--https", "8443"),
    *("--set", "omero.web.prefix=/omero", "--set", "omero.jvmcfg.system_memory=16000"),
    *("--set", 'omero.web.caches={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}'),
)


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder with a site file and its source, the working folder."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/site.omero").write_text("config set omero.db.host db.example.org\n")
    (tmp_path / "omerogen.toml").write_text(SITE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_bytes_as_from_flags(site, omerogen):
    """Of all files, the manifest too."""
    assert omerogen("build").status == 0
    by_file = contents(site / "generated")
    (site / "omerogen.toml").unlink()
    assert omerogen("build", "-o", "flags", *FLAGS).status == 0
    assert contents(site / "flags") == by_file


def test_paths_are_relative_to_the_file(site, omerogen, monkeypatch):
    """From wherever it is named."""
    (site / "elsewhere").mkdir()
    monkeypatch.chdir(site / "elsewhere")
    assert omerogen("build", "--site", "../omerogen.toml").status == 0
    assert (site / "generated/nginx/omero.conf").is_file()
    result = omerogen("explain", "omero.db.host", "--site", site / "omerogen.toml")
    assert "omero.db.host = db.example.org" in result.out


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    "command", [*ARTIFACTS, "check", "properties --only-set", "explain omero.web.prefix"]
)
def test_every_command_reads_it(command, omerogen):
    """Without a word on the command line."""
    result = omerogen(*command.split())
    assert (result.status, result.err.replace("no findings\n", "")) == (0, "")


def test_flags_win(site, omerogen):
    """Over options, sources and properties."""
    (site / "other.omero").write_text("config set omero.db.host other\n")
    assert "//other:" in omerogen("jdbc", "-c", "other.omero").out
    assert "listen 444 ssl" in omerogen("nginx", "--https", "444").out
    assert "location /set {" in omerogen("nginx", "--set", "omero.web.prefix=/set").out
    assert omerogen("build", "-o", "own").status == 0
    assert (site / "own/nginx/omero.conf").is_file()
    assert not (site / "generated").exists()


def test_variables_and_keys_count_when_it_says_so(site, omerogen, monkeypatch):
    """``env`` and ``key`` are options as any other."""
    (site / "group.yml").write_text(
        "all:\n  children: 3\nomero_server_config_set:\n  omero.db.host: by-key\n"
    )
    (site / "omerogen.toml").write_text('config = "group.yml"\nkey = "omero_server_config_set"\nenv = true\n')
    monkeypatch.setenv("CONFIG_omero_db_port", "6543")
    assert "//by-key:6543/" in omerogen("jdbc").out


@pytest.mark.usefixtures("site")
def test_origins_name_file_and_line(omerogen):
    """Of a property, whichever way TOML lets it be written."""
    for name, line in (
        ("omero.web.prefix", 10),
        ("omero.jvmcfg.system_memory", 11),
        ("omero.web.caches", 12),
    ):
        answer = json.loads(omerogen("explain", name, "--format", "json").out)
        assert answer["origin"] == f"omerogen.toml:{line}"


WRONG = """confg = "x"
tls = "nix"
https = "abc"
env = "yes"
omero.web.prefix = "/x"
servername = [1.5]
"omero.db.pass" = "canary"
max_body_size = "1m"
[properties]
"a b" = "canary"
"omero.db.port" = "canary"
[reload]
ngnx = "x"
django = 3
[waive]
near-miss = ""
[sites]
x = 3
[sites.y]
only = ["ngnix"]
"""


def test_all_that_is_wrong_is_reported_in_one_run(site, omerogen):
    """With line and key, and a suggestion where there is one; no value that may be a secret."""
    (site / "omerogen.toml").write_text(WRONG)
    result = omerogen("nginx")
    assert result.status == 2
    assert "canary" not in result.err
    assert [line.removeprefix("omerogen.toml:").partition(" (")[0] for line in result.err.splitlines()] == [
        "1: unknown key 'confg'",
        "2: tls: 'nix' is not a valid choice",
        "3: https: 'abc' is not a whole number",
        "4: env: has the wrong type",
        "5: unknown key 'omero'",
        "6: servername: has the wrong type",
        "7: unknown key 'omero.db.pass'",
        "8: unknown key 'max_body_size'",
        "13: ngnx: unknown artifact",
        "14: django: has no command",
        "16: near-miss: has no reason",
        "18: x: is not a table",
        "20: only: 'ngnix' is not a valid choice",
    ]
    assert "(did you mean config?)" in result.err
    assert "(did you mean max-body-size?)" in result.err
    assert "(did you mean nginx?)" in result.err
    assert "(properties go below [properties])" in result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a = "canary\n', "1: is not TOML"),
        ("tls = nginx\n", "1: is not TOML"),
        ("tls = 'none'\ntls = 'canary'\n", "overwrite a value"),
        ("[" * 300, "is not TOML"),
        ("x = " + "[" * 3000, "is nested too deeply"),
        ("\0", "1: is not TOML"),
        ("#" * 17_000_000, "is larger than 16384 KiB"),
    ],
)
def test_what_is_not_toml_is_refused(text, said, site, omerogen):
    """By line, without the text."""
    (site / "omerogen.toml").write_text(text)
    result = omerogen("nginx")
    assert result.status == 2
    assert result.err.startswith("omerogen.toml")
    assert said in result.err
    assert "canary" not in result.err


def test_a_wrong_option_is_named_by_its_line(site, omerogen):
    """Also where it is wrong only together with others; a flag by the flag."""
    (site / "omerogen.toml").write_text('# a site\ntls = "nginx"\n')
    assert "omerogen.toml:2: tls: needs a certificate" in omerogen("nginx").err
    assert "--tls nginx: needs a certificate" in omerogen("nginx", "--tls", "nginx").err


def test_a_waived_finding_does_not_count(site, omerogen):
    """Check prints it with its reason, other commands not at all, ``--strict`` included."""
    misspelt = '[properties]\n"omero.web.prefx" = "/x"\n'
    (site / "omerogen.toml").write_text(misspelt)
    assert omerogen("check", "--strict").status == 1
    (site / "omerogen.toml").write_text(misspelt + '[waive]\nnear-miss = "our plugin"\n')
    checked = omerogen("check", "--strict")
    assert (checked.status, checked.out) == (0, "1 waived\n")
    assert "waived: omerogen.toml:2: no property 'omero.web.prefx'" in checked.err
    assert "[near-miss: our plugin]" in checked.err
    [finding] = json.loads(omerogen("check", "--format", "json").out)["findings"]
    assert finding["waived"] == "our plugin"
    for command in ("nginx", "build"):
        done = omerogen(command, "--strict")
        assert done.status == 0
        assert "prefx" not in done.err


def test_an_unknown_waiver_is_a_warning(site, omerogen):
    """With the rule that was meant."""
    (site / "omerogen.toml").write_text('[waive]\nnear-mis = "x"\n')
    result = omerogen("nginx")
    assert result.status == 0
    assert "warning: omerogen.toml:2: 'near-mis' is not a rule (did you mean near-miss?)" in result.err


def test_hooks_run_at_a_build(site, omerogen):
    """Those of artifacts that changed, and those of any."""
    with (site / "omerogen.toml").open("a") as file:
        file.write('[reload]\nnginx = "touch nginx"\njdbc = "touch jdbc"\nany = "touch any"\n')
    assert omerogen("build", "--only", "nginx").status == 0
    assert {path.name for path in site.iterdir()} >= {"nginx", "any"}
    assert not (site / "jdbc").exists()
    assert omerogen("build", "--only", "jdbc", "--reload", "touch instead").status == 0
    assert (site / "instead").exists()
    assert not (site / "jdbc").exists()


SEVERAL = (
    SITE
    + """
[waive]
near-miss = "all"
[sites.a]
servername = ["a.example.org"]
[sites.b]
config = "b.omero"
output = "b"
[sites.b.properties]
"omero.web.prefix" = "/b"
"""
)


def test_a_file_may_have_several_sites(site, omerogen):
    """Each with the keys of the file, and its own over them; in a folder of its own."""
    (site / "omerogen.toml").write_text(SEVERAL)
    (site / "b.omero").write_text("config set omero.db.host b-host\n")
    assert "has several sites: a, b (name one: --site omerogen.toml:a)" in omerogen("nginx").err
    assert "server_name a.example.org;" in omerogen("nginx", "--site", "omerogen.toml:a").out
    assert "location /b {" in omerogen("nginx", "--site", "omerogen.toml:b").out
    assert "//b-host:" in omerogen("jdbc", "--site", "omerogen.toml:b").out
    assert omerogen("build", "--site", "omerogen.toml:a").status == 0
    assert omerogen("build", "--site", "omerogen.toml:b").status == 0
    assert (site / "generated/a/manifest.json").is_file()
    assert (site / "b/manifest.json").is_file()
    assert "has no site 'c' (it has: a, b)" in omerogen("nginx", "--site", "omerogen.toml:c").err


def test_python_reads_it_when_it_is_given(site):
    """Its options are the defaults of all functions; what is given wins."""
    assert not api.load().is_set("omero.web.prefix")
    settings = pickle.loads(pickle.dumps(api.load(site=site / "omerogen.toml")))
    assert settings["omero.web.prefix"] == "/omero"
    assert "listen 8443 ssl" in api.render("nginx", settings)
    assert "listen 444 ssl" in api.render("nginx", settings, https="444")
    assert api.jvm_flags(settings)["blitz"] == ["-Xmx2400m"]
    assert api.check(settings, select="web").findings == ()
    assert api.build(settings).folder == str(site / "generated")
    assert (
        api.load(site=site / "omerogen.toml", overrides={"omero.web.prefix": "/x"})["omero.web.prefix"]
        == "/x"
    )
    with pytest.raises(api.SourceError):
        api.load(site=site / "gone.toml")


def test_python_reads_members_of_a_file(tmp_path):
    """By ``key``, one or several, later ones winning."""
    path = tmp_path / "vars.json"
    path.write_text(
        '{"x": [1, {"y": 2}], "a": {"omero.db.host": "a", "omero.db.port": 1}, "b": {"omero.db.host": "b"}}'
    )
    assert api.load(path, key="a")["omero.db.host"] == "a"
    settings = api.load(path, key=["a", "b"])
    assert (settings["omero.db.host"], settings["omero.db.port"]) == ("b", 1)
    assert str(settings.origin("omero.db.host")) == f"{path}:1"
    with pytest.raises(api.SourceError, match="--key c: is in none of the YAML and JSON files"):
        api.load(path, key="c")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_file_that_another_user_left_in_the_folder_is_not_used_by_itself(site, omerogen):
    """It could have this user run programs, in a folder such as /tmp."""
    os.chown(site / "omerogen.toml", 12345, 12345)
    result = omerogen("nginx")
    assert result.status == 2
    assert "omerogen.toml: belongs to another user (uid 12345)" in result.err
    assert omerogen("nginx", "--site", "omerogen.toml").status == 0


def test_the_schema_has_every_key(omerogen):
    """And judges as omerogen does: of a good file, and of each key that is wrong."""
    schema = json.loads(omerogen("init", "--schema").out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert {option.key for option in of_sites()} <= schema["properties"].keys()
    assert [*validator.iter_errors(tomllib.loads(SEVERAL))] == []
    wrong = tomllib.loads(WRONG)
    found = {".".join(map(str, error.path)) for error in validator.iter_errors(wrong)}
    assert found >= {"tls", "https", "env", "waive.near-miss", "reload", "sites.x", ""}
