"""The ways in which real sites give their properties; nothing of them is dropped in silence."""

from __future__ import annotations

import io
import json
import sys

import pytest
import yaml

import omerogen as api
from omerogen.model import SettingsError, SourceError


@pytest.fixture
def folder(tmp_path):
    """A folder of .omero files, as OMERO's images load it."""
    made = tmp_path / "config"
    made.mkdir()
    (made / "10-b.omero").write_text("config set omero.db.host b\nconfig set omero.db.name n\n")
    (made / "00-a.omero").write_text(
        "config set omero.db.host a\nconfig set omero.master.host m.example.org\n"
    )
    (made / "20-c.omero").write_text('config append omero.web.server_list \'["x", 4064, "x"]\'\n')
    (made / ".hidden.omero").write_text("config set omero.db.host hidden\n")
    (made / "README").write_text("not a source")
    return made


def test_a_folder_is_its_omero_files_in_their_order(folder):
    """Hidden ones and others left out; each value has its own file."""
    settings = api.load(folder)
    assert settings["omero.db.host"] == "b"
    assert str(settings.origin("omero.db.host")) == f"{folder}/10-b.omero:1"


def test_the_default_server_has_the_host_that_was_set_before(folder):
    """Before the first append that needs a default, in any file."""
    assert api.load(folder)["omero.web.server_list"] == [["m.example.org", 4064, "omero"], ["x", 4064, "x"]]
    lines = 'config append omero.web.server_list \'["x", 4064, "x"]\'\nconfig set omero.master.host m\n'
    (folder / "00-a.omero").write_text(lines)
    assert api.load(folder)["omero.web.server_list"][0] == ["localhost", 4064, "omero"]


def test_a_list_of_the_server_starts_empty(tmp_path):
    """Only those of OMERO.web start from their default."""
    path = tmp_path / "a.omero"
    path.write_text("config append omero.x 1\nconfig append omero.web.apps '\"a\"'\n")
    settings = api.load(path)
    assert (settings["omero.x"], settings["omero.web.apps"]) == ("[1]", ["a"])
    path.write_text("config remove omero.client.icetransports 1\n")
    with pytest.raises(SourceError, match="does not have the member"):
        api.load(path)


def test_a_folder_without_such_files_is_refused(tmp_path, omerogen):
    """Nothing is built from defaults since a source was not understood."""
    result = omerogen("jvm", "-c", tmp_path)
    assert (result.status, result.out) == (2, "")
    assert f"{tmp_path}: is a folder without *.omero files" in result.err


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("omero", "config set omero.db.host h\n"),
        ("properties", "omero.db.host=h\n"),
        ("json", '{"omero.db.host": "h"}'),
        ("yaml", "omero.db.host: h\n"),
        ("env", "# a comment\nCONFIG_omero_db_host=h\nOTHER=x\n"),
        (
            "xml",
            "<icegrid><properties id='default'>"
            "<property name='omero.db.host' value='h'/></properties></icegrid>",
        ),
    ],
)
def test_a_format_may_be_named(kind, text, omerogen, tmp_path, monkeypatch):
    """For a file of any name, and for standard input."""
    (tmp_path / "conf").write_text(text)
    assert "//h:" in omerogen("jdbc", "-c", f"{kind}:{tmp_path}/conf").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert "//h:" in omerogen("jdbc", "-c", f"{kind}:-").out
    (tmp_path / f"{kind}:x.omero").write_text("config set omero.db.host colon\n")
    monkeypatch.chdir(tmp_path)
    assert "//colon:" in omerogen("jdbc", "-c", f"{kind}:x.omero").out


def test_omerohost_is_the_server_of_the_web_image(omerogen, monkeypatch):
    """It wins over files and CONFIG_ variables, with a warning where both set it."""
    monkeypatch.setenv("OMEROHOST", "s.example.org")
    assert api.load()["omero.web.server_list"][0][0] == "localhost"
    shown = omerogen("explain", "omero.web.server_list", "--env", "--format", "json").out
    assert json.loads(shown)["value"] == '[["s.example.org", 4064, "omero"]]'
    monkeypatch.setenv("CONFIG_omero_web_server__list", '[["x", 4064, "x"]]')
    both = omerogen("explain", "omero.web.server_list", "--env")
    assert "s.example.org" in both.out.splitlines()[0]
    assert "OMEROHOST wins over CONFIG_omero_web_server__list" in both.err


@pytest.mark.parametrize("first", ["bin/omero", "/opt/omero/server/OMERO.server/bin/omero", "omero", ""])
def test_lines_of_a_script_count(first, tmp_path):
    """With a warning where omero load would stop."""
    path = tmp_path / "a.omero"
    path.write_text(f"{first} config set omero.db.host h\n{first} config set omero.db.port 1\n")
    settings = api.load(path)
    assert (settings["omero.db.host"], settings["omero.db.port"]) == ("h", 1)
    assert [warning.rule for warning in settings.warnings] == ["command-in-file"] * (2 * ("/" in first))


def test_certificates_sets_what_the_plugin_sets(tmp_path):
    """Where it is empty at that point."""
    path = tmp_path / "a.omero"
    own = "config set omero.data.dir /data/\nconfig set omero.glacier2.IceSSL.CAs own.pem\n"
    path.write_text(f"{own}certificates -v\n")
    settings = api.load(path)
    names = {"DefaultDir": "/data/certs", "CertFile": "server.p12", "CAs": "own.pem", "Ciphers": "HIGH!DHE"}
    assert {name: settings[f"omero.glacier2.IceSSL.{name}"] for name in names} == names


def test_certificates_and_lists_add_to_earlier_files(tmp_path):
    """What the first file has stays, and nothing was set for nothing."""
    first, second = tmp_path / "a.omero", tmp_path / "b.omero"
    first.write_text("config set omero.glacier2.IceSSL.CAs own.pem\nconfig append omero.web.apps '\"a\"'\n")
    second.write_text("certificates\nconfig append omero.web.apps '\"b\"'\n")
    settings = api.load(first, second)
    assert settings["omero.glacier2.IceSSL.CAs"] == "own.pem"
    assert settings["omero.web.apps"] == ["a", "b"]
    assert not settings.warnings


def test_a_value_may_be_in_a_file(tmp_path):
    """White space at its end is cut."""
    (tmp_path / "value").write_text('[["a", 1, "b"]]\n\n')
    (tmp_path / "a.omero").write_text("config set -f value omero.web.server_list\n")
    assert api.load(tmp_path / "a.omero")["omero.web.server_list"] == [["a", 1, "b"]]


MAPPING = "is a mapping, not a value (write the whole name: omero.db.host)"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "omero:\n  db:\n    host: h\n", f"a.yaml:1: omero {MAPPING}"),
        ("a.yaml", "omero.db:\n  host: h\n", f"omero.db {MAPPING}"),
        ("a.json", '{"omero": {"db": {"port": 1}}}', "write the whole name: omero.db.port"),
        (
            "a.yaml",
            "omero_server_config_set:\n  omero.db.host: h\n",
            "add --key omero_server, or --key omero_server_config_set for it alone",
        ),
        ("a.json", '{"x": {"omero.db.host": "h"}}', "x is a mapping of properties (add --key x)"),
        (
            "a.yaml",
            "omero.db.pass: '{{ x }}'\n",
            "omero.db.pass is a template that Ansible has not filled in",
        ),
        ("a.omero", "admin start\nfs sets\n", "a.omero:1: admin is skipped"),
    ],
)
def test_a_source_that_is_not_understood_is_an_error(name, text, said, omerogen, tmp_path):
    """With what to do, and nothing built from defaults."""
    (tmp_path / name).write_text(text)
    result = omerogen("jdbc", "-c", tmp_path / name)
    assert (result.status, result.out) == (2, "")
    assert said in result.err


def test_mappings_of_plugins_are_values(tmp_path):
    """Of properties that the catalog does not know."""
    text = "omero.web.plugin.map:\n  a: {b: c}\nomero.web.caches: {default: {BACKEND: x.y}}\n"
    (tmp_path / "a.yaml").write_text(text)
    assert json.loads(api.load(tmp_path / "a.yaml")["omero.web.plugin.map"]) == {"a": {"b": "c"}}


def test_the_omero_directory_is_that_of_the_config_xml(tmp_path, omerogen, monkeypatch):
    """Unless ``--omerodir`` says another; before $OMERODIR."""
    grid = tmp_path / "OMERO.web/etc/grid"
    grid.mkdir(parents=True)
    (grid / "config.xml").write_text('<icegrid><properties id="default"/></icegrid>')
    monkeypatch.setenv("OMERODIR", "/from/environment")
    words = ("nginx", "-c", grid / "config.xml")
    assert f"alias {tmp_path}/OMERO.web/var/static/;" in omerogen(*words).out
    assert "alias /given/var/static/;" in omerogen(*words, "--omerodir", "/given").out
    assert "alias /from/environment/var/static/;" in omerogen("nginx", "--set", "omero.db.host=x").out


@pytest.mark.parametrize("name", ["omero.upgrades.url", "omero.qa.feedback"])
def test_an_empty_url_switches_off(name, omerogen):
    """As the manual says."""
    assert omerogen("check", "--set", f"{name}=").status == 0
    assert omerogen("django", "--set", f"{name}=").status == 0


@pytest.mark.parametrize(
    "text", ["name=cn", "omeName=cn,", "omeName=cn,firstName,lastName=sn", "a=b;c=d e=f:g", "", ","]
)
def test_ldap_mappings_are_as_omero_reads_them(text, omerogen):
    """A part without = maps to nothing, and a comma at the end is nothing."""
    assert omerogen("check", "--set", f"omero.ldap.user_mapping={text}").status == 0


def test_a_key_belongs_to_the_source_before_it(omerogen, tmp_path):
    """Other sources are read whole; the key has to be in its own."""
    (tmp_path / "a.yml").write_text("other: 3\nx:\n  omero.db.host: by-key\n")
    (tmp_path / "b.yml").write_text("omero.db.port: 6543\n")
    words = ("-c", tmp_path / "a.yml", "--key", "x", "-c", tmp_path / "b.yml")
    assert "//by-key:6543/" in omerogen("jdbc", *words).out
    wrong = omerogen("jdbc", *words, "--key", "x")
    assert (wrong.status, wrong.out) == (2, "")
    assert "--key x: is in none of the YAML and JSON files" in wrong.err
    assert "--key: has no -c before it" in omerogen("jdbc", "--key", "x").err


def test_a_misspelt_variable_is_named_as_a_variable(omerogen, monkeypatch):
    """As it has to be written."""
    monkeypatch.setenv("CONFIG_omero_web_server_list", "[]")
    result = omerogen("check", "--env")
    assert "did you mean 'CONFIG_omero_web_server__list'?" in result.out
    assert "the CONFIG_… variables are not read: add --env" in omerogen("check").err


def test_a_file_of_name_value_lines_is_loaded(tmp_path, omerogen):
    """Each value has its own place; another value for what was set before needs -q."""
    path, loaded = tmp_path / "a.omero", tmp_path / "more.txt"
    path.write_text("config set omero.db.host h\nconfig load more.txt\n")
    loaded.write_text("# a comment\nomero.db.port=54\\\n32\nomero.db.host=h\nomero.x=a=b \n")
    settings = api.load(path)
    assert (settings["omero.db.port"], settings["omero.x"]) == (5432, "a=b")
    assert str(settings.origin("omero.x")) == f"{loaded}:5"
    loaded.write_text("omero.db.host=other\n")
    assert f"{loaded}:1: omero.db.host is set to another value" in omerogen("jdbc", "-c", path).err
    path.write_text("config set omero.db.host h\nconfig load more.txt -q\n")
    assert api.load(path)["omero.db.host"] == "other"


VARIABLES = """
omero_server_dbpassword: !vault |
    $ANSIBLE_VAULT;1.1;AES256
omero_server_dbhost: db.example.org
omero_server_datadir: /data
omero_server_config_set: {omero.data.dir: /wins}
omero_web_apps_config_set: {omero.web.prefix: /last}
omero_web_config_set:
    omero.web.prefix: /first
    omero.web.login_logo: !unsafe "{{ x }}"
    omero.web.secret_key: !vault |
        $ANSIBLE_VAULT;1.1;AES256
omero_web_apps_names: [omero_iviewer]
omero_web_apps_top_links:
  - {label: Figure, link: figure_index, attrs: {title: Open}}
  - {label: Web, link: {viewname: webindex}}
omero_web_apps_ui_metadata_panes: [{name: x, label: X, index: 4}]
omero_web_apps_config_append:
    omero.web.open_with: [[omero_iviewer, omero_iviewer_index, {label: I}]]
other: {a: "{{ not.read }}"}
"""


@pytest.fixture(params=["yaml", "json"])
def variables(request, tmp_path):
    """Ansible's variables in either format, the tags of YAML left out of JSON."""
    path = tmp_path / f"vars.{request.param}"
    if request.param == "yaml":
        path.write_text(VARIABLES)
    else:
        text = VARIABLES.replace("!unsafe ", "").replace("!vault |", "").replace("{{ x }}", "x")
        path.write_text(json.dumps(yaml.safe_load(text)))
    return path


def test_a_role_is_all_that_it_reads(variables):
    """In its order: what is set last wins, and lists grow from their defaults."""
    settings = api.load(variables, key=["omero_web", "omero_server"])
    assert settings["omero.db.host"] == "db.example.org"
    assert settings["omero.data.dir"] == "/wins"
    assert settings["omero.web.prefix"] == "/last"
    assert settings["omero.web.apps"] == ["omero_iviewer"]
    links = settings["omero.web.ui.top_links"]
    assert [link[0] for link in links] == ["Data", "History", "Help", "Figure", "Web"]
    assert links[3:] == [["Figure", "figure_index", {"title": "Open"}], ["Web", {"viewname": "webindex"}]]
    assert settings["omero.web.open_with"][-1] == ["omero_iviewer", "omero_iviewer_index", {"label": "I"}]


def test_a_variable_of_a_role_is_a_key_too(variables):
    """Alone, and in the order of the role whatever the order of the options."""
    settings = api.load(variables, key=["omero_web_apps_config_set", "omero_web_config_set"])
    assert settings["omero.web.prefix"] == "/last"
    assert settings["omero.web.apps"] == []
    assert api.load(variables, key=["omero_web_apps_names"])["omero.web.apps"] == ["omero_iviewer"]


def test_a_value_in_a_vault_stops_only_what_reads_it(tmp_path, omerogen):
    """Any tag that is not YAML's own; ``!unsafe`` is a text of Ansible."""
    path = tmp_path / "vars.yml"
    path.write_text(VARIABLES)
    given = ("-c", path, "--key", "omero_server", "--key", "omero_web")
    assert "jdbc:postgresql://db.example.org:" in omerogen("jdbc", *given).out
    assert "location /last" in omerogen("nginx", *given).out
    shown = json.loads(omerogen("explain", "omero.web.login_logo", *given, "--format", "json").out)
    assert shown["value"] == "{{ x }}"
    for command in (("jdbc", "--format", "properties"), ("django",)):
        refused = omerogen(*command, *given)
        assert (refused.status, refused.out) == (2, "")
        assert "has the YAML tag !vault, which is not resolved (give its value)" in refused.err


def test_a_tag_of_another_program_makes_nothing(tmp_path):
    """No object of Python's is made."""
    path = tmp_path / "a.yaml"
    path.write_text("omero.x: !!python/object/apply:os.system [id]\n")
    with pytest.raises(SettingsError, match="has a YAML tag"):
        api.load(path)["omero.x"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "omero_version: 5\nother: x\n"),
        ("a.json", '{"a": 1}'),
        ("a.properties", "a=b\n"),
        ("a.env", "POSTGRES_PASSWORD=x\n"),
        ("a.omero", "hello\n"),
    ],
)
def test_a_source_that_sets_nothing_is_refused(name, text, tmp_path, omerogen):
    """Unless it is empty: nothing is built from the defaults because a source was not understood."""
    path = tmp_path / name
    path.write_text(text)
    source = f"{path.suffix[1:].replace('yml', 'yaml')}:{path}"
    refused = omerogen("jvm", "-c", source)
    assert (refused.status, refused.out) == (2, "")
    assert "sets no property" in refused.err
    path.write_text("{}" if name == "a.json" else "# nothing yet\n")
    empty = omerogen("jdbc", "-c", source)
    assert (empty.status, empty.err) == (0, f"{path}: sets no property\n")


def test_hints_spell_the_variable_of_a_file(tmp_path, omerogen):
    """As those for the environment of the process do."""
    path = tmp_path / "a.env"
    path.write_text("CONFIG_omero_db_prot=1\n")
    said = omerogen("jdbc", "-c", f"env:{path}").err
    assert "of the variable CONFIG_omero_db_prot (did you mean 'CONFIG_omero_db_port'?)" in said


PLAYBOOK = """
- hosts: all
  roles:
    - role: ome.omero_web
      omero_web_config_set: {omero.web.prefix: /a}
  vars:
    omero_web_apps_names: [omero_figure]
    other: {omero_web_apps_names: nothing}
"""


def test_the_variables_of_a_playbook_are_found(tmp_path, omerogen):
    """Wherever they are; twice would be a guess."""
    path = tmp_path / "playbook.yml"
    path.write_text(PLAYBOOK.replace("omero_web_apps_names: nothing", "x: y"))
    settings = api.load(path, key="omero_web")
    assert (settings["omero.web.prefix"], settings["omero.web.apps"]) == ("/a", ["omero_figure"])
    refused = omerogen("nginx", "-c", path)
    assert refused.status == 2
    assert f"{path}: is a playbook (add --key omero_web for its variables)" in refused.err
    path.write_text(PLAYBOOK)
    twice = omerogen("nginx", "-c", path, "--key", "omero_web").err
    assert "omero_web_apps_names is defined more than once, in lines 7, 8" in twice


@pytest.mark.parametrize(
    "text", ["omero_web_config_set: '{{ a | combine(b) }}'", "omero_web_config_set: text"]
)
def test_a_variable_that_is_not_a_mapping_is_refused(text, tmp_path, omerogen):
    """Nothing is built from the defaults because a source was not understood."""
    path = tmp_path / "a.yml"
    path.write_text(text)
    refused = omerogen("nginx", "-c", path, "--key", "omero_web")
    assert (refused.status, refused.out) == (2, "")
    assert ("has not filled in" in refused.err) == ("{{" in text)


def test_quotes_in_a_file_of_variables(tmp_path):
    """They are taken away where the value is legal only without: the reader of compose files does that."""
    path = tmp_path / "a.env"
    path.write_text("CONFIG_omero_web_apps='[\"a\"]'\nCONFIG_omero_db_name='x'\n")
    settings = api.load(f"env:{path}")
    assert settings["omero.web.apps"] == ["a"]
    assert settings["omero.db.name"] == "'x'"
    assert [warning.rule for warning in settings.warnings] == ["quoted-value"] * 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [("omero.web.apps.append", "omero.web.apps"), ("omero.web.debug.x", "omero.web.debug")],
)
def test_a_part_of_a_value_is_a_near_miss(name, meant):
    """OMERO ignores it."""
    [found] = api.load(overrides={name: "x"}).warnings
    assert (found.rule, found.advice) == ("near-miss", f"did you mean {meant!r}?")


@pytest.mark.parametrize(
    "name", ["omero.threads.max_threads.blitz", "omero.web.iviewer.x", "omero.web.public.x"]
)
def test_a_part_of_a_name_is_none(name):
    """Services and plugins have their own."""
    assert not api.load(overrides={name: "1"}).warnings


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_the_role_would_read_besides_is_named(form, tmp_path, omerogen):
    """Otherwise a site would have the default database in silence."""
    variables = {"omero_server_dbhost": "db", "omero_server_config_set": {"omero.db.port": 1}, "other": 1}
    path = tmp_path / f"vars.{form}"
    path.write_text(json.dumps(variables))
    result = omerogen("jdbc", "-c", path, "--key", "omero_server_config_set")
    assert result.status == 0
    assert f"{path}: omero_server_dbhost: not read (add --key omero_server for all of the role)" in result.err
    assert "not read" not in omerogen("jdbc", "-c", path, "--key", "omero_server").err


def test_a_template_that_another_source_replaces_is_no_error(tmp_path, omerogen):
    """The value of an inventory that Ansible alone knows."""
    path = tmp_path / "vars.yml"
    path.write_text("omero.web.user_dropdown: '{{ dropdown | default(true) }}'\nomero.web.prefix: /omero\n")
    refused = omerogen("nginx", "-c", path)
    assert f"{path}:1: omero.web.user_dropdown is a template that Ansible has not filled in" in refused.err
    given = omerogen("nginx", "-c", path, "--set", "omero.web.user_dropdown=true")
    assert (given.status, "location /omero " in given.out) == (0, True)
