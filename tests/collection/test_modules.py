"""The modules omerogen_build and omerogen_check, and the lookup omerogen_property, in playbooks."""

from __future__ import annotations

import json

import pytest

import omerogen
from support.ansible import files_of

pytestmark = pytest.mark.slow

BUILD = """
- hosts: all
  gather_facts: false
  module_defaults:
    omerogen.omero.omerogen_build:
      executable: "{{ omerogen_executable }}"
      dest: "{{ dest }}"
      properties: "{{ site }}"
  tasks:
    - name: would
      omerogen.omero.omerogen_build:
      check_mode: true
    - name: looks
      ansible.builtin.stat: {path: "{{ dest }}"}
    - name: does
      omerogen.omero.omerogen_build:
      register: built
    - name: warned
      ansible.builtin.debug: {msg: "{{ built.warnings }}"}
    - name: again
      omerogen.omero.omerogen_build:
    - name: would change
      omerogen.omero.omerogen_build:
        properties: "{{ site | combine(other) }}"
      check_mode: true
    - name: changes
      omerogen.omero.omerogen_build:
        properties: "{{ site | combine(other) }}"
        only: [nginx, jdbc]
    - name: removes
      omerogen.omero.omerogen_build:
        properties: {omero.web.application_server: development}
        only: [nginx]
"""
CACHE = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://:canary-3@cache/0"}
OTHER = {"omero.db.pass": "canary-2", "omero.web.application_server.port": 4090}
SITE = {"omero.db.pass": "canary-1", "omero.db.prot": 1, "omero.web.caches": {"default": CACHE}}


def test_build(ansible, tmp_path):
    """Check mode changes nothing and tells what would; a second run changes nothing; secrets are hidden."""
    dest = tmp_path / "out"
    played = ansible.play(BUILD, "-vvvv", "--diff", dest=str(dest), site=SITE, other=OTHER)
    assert played.status == 0, played.output

    assert not played["looks"]["stat"]["exists"]
    would, does = played["would"], played["does"]
    for part in ("changed", "artifacts", "files"):
        assert would[part] == does[part]
    assert does["changed"]
    assert does["artifacts"] == sorted(
        ["nginx", "jdbc", "jvm", "icegrid", "glacier2", "django", "gunicorn", "systemd"]
    )
    left = {str(path.relative_to(dest)) for path in files_of(dest)}
    assert {*does["files"]["changed"]} == left | {"nginx/omero.conf"}  # which the last task removes
    assert played["warned"]["msg"] == [
        "properties: no property 'omero.db.prot' (did you mean 'omero.db.port'?)"
    ]

    again = played["again"]
    assert (again["changed"], again["artifacts"], again["files"]["changed"]) == (False, [], [])
    assert again["files"]["unchanged"] == does["files"]["changed"]
    assert again["diff"] == []

    assert played["would change"]["artifacts"] == ["django", "gunicorn", "icegrid", "jdbc", "nginx"]
    assert played["changes"]["artifacts"] == ["jdbc", "nginx"]
    shown = "".join(part["prepared"] for part in played["changes"]["diff"])
    assert "+    server 127.0.0.1:4090 fail_timeout=0;" in shown
    assert "-password ********\n+password=********" in shown
    assert "password=canary-2" in (dest / "jdbc/connection.properties").read_text()
    assert (dest / "jdbc/connection.properties").stat().st_mode & 0o777 == 0o600
    assert played["removes"]["files"]["removed"] == ["nginx/omero.conf"]

    assert "canary" not in played.output
    assert "omero.db.pass" in played.output  # the names are shown
    assert not [path for path in files_of(ansible.folder / "home") if b"canary" in path.read_bytes()]


HOSTS = """
- hosts: all
  gather_facts: false
  tasks:
    - name: build
      omerogen.omero.omerogen_build:
        executable: "{{ omerogen_executable }}"
        dest: "{{ dest }}/{{ inventory_hostname }}"
        properties: "{{ site }}"
    - name: after
      ansible.builtin.debug:
"""


def test_a_host_with_a_wrong_property_fails_alone(ansible, tmp_path):
    """With all of omerogen's messages; nothing of it is written, and the others go on."""
    hosts = {
        "good": {"site": {"omero.db.port": 5433}},
        "wrong": {"site": {"omero.db.port": "abc", "omero.web.debug": "yes", "omero.db.pass": "canary"}},
        "fine": {"site": {}},
    }
    played = ansible.play(HOSTS, "-vvv", hosts=hosts, dest=str(tmp_path))
    assert played.status == 2
    assert played["wrong", "build"]["msg"].splitlines() == [
        "properties: omero.db.port 'abc' is not a whole number (give a whole number from 1 to 65535)",
        "properties: omero.web.debug 'yes' is neither true nor false (write true or false)",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fine", "good"]
    assert {one["host"] for one in played.results if one["task"] == "after"} == {"good", "fine"}
    assert "canary" not in played.output


VALUES = """
- hosts: all
  gather_facts: false
  vars:
    unsafe: !unsafe "{{ not }} {% a %} template"
    vaulted: !vault |
VAULTED
  tasks:
    - name: build
      omerogen.omero.omerogen_build:
        executable: "{{ omerogen_executable }}"
        dest: "{{ dest }}"
        only: [django]
        properties:
          omero.web.login_incorrect_credentials_text: "{{ unsafe }}"
          omero.web.top_logo_link: "{{ text }}"
          omero.web.ui.top_links: [["{{ unsafe }}", "{{ text }}"]]
          omero.web.page_size: 30
          omero.web.debug: true
        role_variables:
          omero_web_config_set:
            omero.web.secret_key: "{{ vaulted }}"
            omero.web.sharing.twitter: {"a": "{{ unsafe }}"}
          omero_web_apps_names: [omero_figure]
"""
TEXT = 'it\'s "quoted" \\ back\tslash $HOME ~ `x` ${x} # käse 表 🔬 \u2028 \x7f end'


def test_values_arrive_as_they_are(ansible, tmp_path):
    """Unicode, quotes, texts that look like templates, and what Ansible Vault encrypted."""
    password = tmp_path / "password"
    password.write_text("vault")
    done = ansible.run(
        "ansible-vault",
        "encrypt_string",
        "--vault-password-file",
        password,
        "--stdin-name",
        "x",
        input="canary {{ k }}",
    )
    cipher = "\n".join(f"      {line.strip()}" for line in done.stdout.splitlines()[1:])
    played = ansible.play(
        VALUES.replace("VAULTED", cipher), "-vvv", "--diff", "--vault-password-file", str(password),
        text={"__ansible_unsafe": TEXT}, dest=str(tmp_path / "out"),
    )  # fmt: skip
    assert played.status == 0, played.output
    text = (tmp_path / "out/django/omeroweb_settings.py").read_text()
    template = "{{ not }} {% a %} template"
    expected = omerogen.load(
        overrides={
            "omero.web.login_incorrect_credentials_text": template,
            "omero.web.top_logo_link": TEXT,
            "omero.web.ui.top_links": json.dumps([[template, TEXT]]),
            "omero.web.page_size": "30",
            "omero.web.debug": "true",
            "omero.web.secret_key": "canary {{ k }}",
            "omero.web.sharing.twitter": json.dumps({"a": template}),
            "omero.web.apps": '["omero_figure"]',
        }
    )
    assert text == omerogen.render("django", expected)
    assert "canary" not in played.output


MESSAGES = """
- hosts: all
  gather_facts: false
  ignore_errors: true
  module_defaults:
    omerogen.omero.omerogen_build:
      executable: "{{ omerogen_executable }}"
      dest: "{{ dest }}"
      only: [nginx]
  tasks:
    - name: not on the path
      omerogen.omero.omerogen_check:
      environment: {PATH: /nowhere}
    - name: unknown option
      omerogen.omero.omerogen_build: {options: {servernam: x}}
    - name: wrong type
      omerogen.omero.omerogen_build: {properties: "{{ secret }}"}
    - name: nested
      omerogen.omero.omerogen_build: {properties: {omero: {db: {pass: "{{ secret }}"}}}}
    - name: foreign
      omerogen.omero.omerogen_build: {dest: "{{ foreign }}"}
    - name: misspelt variable
      omerogen.omero.omerogen_build: {role_variables: {omero_web_config_sets: {omero.web.prefix: /x}}}
    - name: no mapping
      omerogen.omero.omerogen_build: {role_variables: {omero_web_config_set: text, omero_server_dbname: x}}
    - name: several sites
      omerogen.omero.omerogen_build: {site: "{{ several }}"}
    - name: wrong hook looks
      omerogen.omero.omerogen_build: {reload: {ngnix: x}}
      check_mode: true
    - name: folder of all looks
      omerogen.omero.omerogen_build: {dest: "{{ of_all }}"}
      check_mode: true
    - name: hook
      omerogen.omero.omerogen_build: {reload: {nginx: "exit 3"}}
    - name: hook again
      omerogen.omero.omerogen_build: {reload: {nginx: "touch {{ dest }}/hook"}}
    - name: edit
      ansible.builtin.shell: "echo '# by hand' >> {{ dest }}/nginx/omero.conf"
      changed_when: true
    - name: look at the edited one
      omerogen.omero.omerogen_build:
      check_mode: true
      register: edited
    - name: edited looks
      ansible.builtin.debug: {msg: "{{ edited.warnings }}"}
"""


def test_messages(ansible, tmp_path):
    """They have the form of omerogen's, and say what to do."""
    foreign = tmp_path / "foreign/nginx/omero.conf"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine")
    several = tmp_path / "several.toml"
    several.write_text('[sites.a.properties]\n"omero.db.host" = "a"\n[sites.b]\n')
    (tmp_path / "all").mkdir()
    (tmp_path / "all").chmod(0o777)
    played = ansible.play(
        MESSAGES,
        "-vvv",
        several=str(several),
        of_all=str(tmp_path / "all"),
        dest=str(tmp_path / "out"),
        foreign=str(tmp_path / "foreign"),
        secret="canary",  # noqa: S106 - searched for in all output
    )
    messages = {one["task"]: one["result"].get("msg", "") for one in played.results}
    assert messages["unknown option"] == "--servernam: unknown option of build (did you mean --servername?)"
    assert "properties" in messages["wrong type"]
    assert "(write the whole name: omero.db.pass)" in messages["nested"]
    assert (
        f"{foreign}: omerogen did not write it (move it away, or add --force to replace it)"
        in messages["foreign"]
    )
    assert foreign.read_text() == "mine"
    assert (
        "--reload nginx: the command ended with 3 (the files are written; the next build runs it again)"
        in (messages["hook"])
    )
    misspelt = "role_variables: omero_web_config_sets makes no property (the roles do not read it"
    assert messages["misspelt variable"].startswith(misspelt)
    assert messages["no mapping"].startswith("omero_web_config_set: omero_web_config_set is not a mapping")
    assert "has several sites" in messages["several sites"]
    assert messages["wrong hook looks"].startswith("--reload ngnix: unknown artifact")
    assert f"{tmp_path}/all: all users may write in it" in messages["folder of all looks"]
    (edited,) = messages["edited looks"]
    assert edited.endswith("omero.conf: is edited by hand, and is going to be overwritten")
    assert not (tmp_path / "out/a").exists()
    assert played["hook"]["changed"]
    assert played["hook again"]["changed"]
    assert (tmp_path / "out/hook").exists()
    assert messages["not on the path"].startswith("omerogen: is not on the PATH of this host (install it")
    assert "canary" not in played.output


CHECKS = """
- hosts: all
  gather_facts: false
  module_defaults:
    omerogen.omero.omerogen_check:
      executable: "{{ omerogen_executable }}"
  tasks:
    - name: wrong value
      omerogen.omero.omerogen_check:
        properties: {omero.db.port: abc, omero.db.prot: canary}
      ignore_errors: true
    - name: warning
      omerogen.omero.omerogen_check:
        properties: &one_warning
          omero.glacier2.IceSSL.CertFile: server.p12
          omero.glacier2.IceSSL.Ciphers: HIGH
          omero.glacier2.IceSSL.Protocols: TLS1_2,TLS1_3
          omero.db.host: db
          omero.db.pass: "{{ 'can' ~ 'ary' }}"
          omero.db.prot: 1
    - name: fails on it
      omerogen.omero.omerogen_check:
        properties: *one_warning
        fail_on: warning
      ignore_errors: true
    - name: waived
      omerogen.omero.omerogen_check:
        site: "{{ waiving }}"
        properties: *one_warning
        fail_on: warning
    - name: group_vars
      omerogen.omero.omerogen_check:
        config: ["{{ group_vars }}"]
        key: [omero_server_config_set]
        properties: *one_warning
    - name: no source
      omerogen.omero.omerogen_check:
        config: [/nowhere.yaml]
      ignore_errors: true
    - name: value
      ansible.builtin.debug:
        msg: "{{ query('omerogen.omero.omerogen_property', 'omero.web.prefix', 'omero.db.url',
                       'omero.data.dir', 'omero.web.top_logo', executable=omerogen_executable,
                       properties=own) }}"
      vars:
        own: {omero.web.prefix: /x, omero.data.dir: "/{{ 'y' }}"}
    - name: wrong lookup
      ansible.builtin.debug:
        msg: "{{ lookup('omerogen.omero.omerogen_property', 'omero.db.port', executable=omerogen_executable,
                        properties={'omero.db.port': 'abc'}) }}"
      ignore_errors: true
    - name: secret
      ansible.builtin.debug:
        msg: "{{ lookup('omerogen.omero.omerogen_property', 'omero.db.pass', executable=omerogen_executable,
                        properties={'omero.db.pass': 'can' ~ 'ary'}) }}"
      ignore_errors: true
    - name: shown secret
      ansible.builtin.copy:
        dest: "{{ secret }}"
        mode: "0600"
        content: "{{ lookup('omerogen.omero.omerogen_property', 'omero.db.pass', show_secrets=true,
                            executable=omerogen_executable, properties={'omero.db.pass': 'can' ~ 'ary'}) }}"
      no_log: true
"""


def test_check_and_lookup(ansible, tmp_path):
    """Findings as ``check --format json`` has them, and a failure if one is at least as severe."""
    waiving = tmp_path / "omerogen.toml"
    waiving.write_text('[waive]\nnear-miss = "of our plugin"\n')
    group_vars = tmp_path / "group-vars.yml"
    group_vars.write_text("omero_server_config_set:\n  omero.db.nam: 1\nomero_server_release: 5.6.17\n")
    group_vars.chmod(0o600)
    played = ansible.play(
        CHECKS, "-vvv", waiving=str(waiving), group_vars=str(group_vars), secret=str(tmp_path / "secret")
    )
    wrong = played["wrong value"]
    assert wrong["msg"] == (
        "properties: omero.db.port 'abc' is not a whole number "
        "(give a whole number from 1 to 65535) [invalid-value]"
    )
    assert {finding["id"] for finding in wrong["findings"]} >= {"invalid-value", "near-miss"}
    assert set(wrong["findings"][0]) >= {
        *("id", "severity", "properties", "locations", "message", "fix", "url", "waived")
    }
    assert not played["warning"].get("failed")
    assert "did you mean 'omero.db.port'?" in played["fails on it"]["msg"]
    assert {finding["id"]: finding["waived"] for finding in played["waived"]["findings"]}[
        "near-miss"
    ] == "of our plugin"
    near = [
        finding["locations"] for finding in played["group_vars"]["findings"] if finding["id"] == "near-miss"
    ]
    assert [{"file": str(group_vars), "line": 2}] in near
    assert "/nowhere.yaml: cannot be read: No such file or directory" in played["no source"]["msg"]
    assert "findings" not in played["no source"]

    url = "jdbc:postgresql://localhost:5432/omero?ApplicationName=OMERO.Server&"
    assert played["value"]["msg"] == ["/x", url, "/y", ""]
    assert "omero.db.port 'abc' is not a whole number" in str(played["wrong lookup"])
    assert "omero.db.pass: is a secret, or has one in it (add show_secrets=true" in str(played["secret"])
    assert (tmp_path / "secret").read_text() == "canary"
    assert "canary" not in played.output
