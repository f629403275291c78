"""``omerogen properties``: the catalog as a table, JSON, JSON Schema and Markdown; shell completion."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from omerogen import catalog
from support.files import SITE, facts
from support.programs import accepted, find

ROOT = Path(__file__).parent.parent
LISTED = sorted(fact["name"] for fact in facts())
SERVICES = ("blitz", "indexer", "pixeldata", "repository")


def names(result) -> list[str]:
    """The names in a table."""
    assert result.status == 0, result.err
    return [line.split()[0] for line in result.out.splitlines()[1:]]


def test_all_properties_are_listed(omerogen):
    """By name, and nothing is reported of sources: none is read."""
    result = omerogen("properties")
    assert names(result) == LISTED
    assert result.err == ""


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--section", "ports"], ["prefix", "registry", "ssl", "tcp", "ws", "wss"]),
        (["omero.ports.*s"], ["ws", "wss"]),
        (["omero.ports.ssl", "omero.ports.ws"], ["ssl", "ws"]),
        (["--text", "WebSocket", "--section", "Ports"], ["ws", "wss"]),
    ],
)
def test_lists_are_filtered(filters, expected, omerogen):
    """By section, by name with ``*``, by text in name or description, or by several of these."""
    assert names(omerogen("properties", *filters)) == [f"omero.ports.{name}" for name in expected]


def test_a_long_type_is_cut_after_a_word(omerogen):
    """An ellipsis says that it goes on; the columns stay where they are."""
    for line in omerogen("properties").out.splitlines()[1:]:
        name, kind, _ = re.split(r"\s{2,}", line, maxsplit=2)
        whole = catalog.PROPERTIES[name].kind.name
        assert len(kind) <= 40
        if kind != whole:
            assert kind.endswith("…")
            assert whole.startswith(kind[:-1])
            assert not whole[len(kind) - 1].isalnum()


def test_secrets_can_be_listed(omerogen):
    """Which properties hold passwords and keys."""
    secrets = names(omerogen("properties", "--only-secrets"))
    assert "omero.db.pass" in secrets
    assert "omero.web.secret_key" in secrets
    assert all(
        word in name.lower() for name in secrets for word in ["pass" if "secret" not in name else "secret"]
    )


def test_what_is_set_is_listed_with_its_value_but_no_secret(omerogen):
    """Those of a file, plugins' included."""
    result = omerogen("properties", "--only-set", "-c", SITE)
    assert len(names(result)) == 22
    assert "omero.web.api.max_limit" in names(result)
    assert "db.example.org" in result.out
    assert "s3cr" not in result.out


def test_json_is_what_other_programs_read(omerogen):
    """The members of the contract, with null for what is not there."""
    rows = {row["name"]: row for row in json.loads(omerogen("properties", "--format", "json").out)}
    assert sorted(rows) == LISTED
    port = rows["omero.db.port"]
    assert {
        name: port[name] for name in ("section", "kind", "default", "secret", "status", "replaced_by")
    } == {
        "section": "Database",
        "kind": "port",
        "default": "5432",
        "secret": False,
        "status": "seed",
        "replaced_by": None,
    }
    assert rows["omero.web.prefix"]["default"] is None
    assert rows["omero.db.pass"]["secret"] is True
    assert rows["omero.web.email_host"]["replaced_by"] == "omero.mail.host"


@pytest.fixture(scope="module")
def schema() -> dict:
    """The committed schema."""
    return json.loads((ROOT / "docs/properties.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("properties", "legal"),
    [
        ({}, True),
        ({"omero.db.port": 5432, "omero.web.debug": True, "omero.web.apps": ["a.b"]}, True),
        ({"omero.db.port": "5432", "omero.web.debug": "T", "omero.web.apps": '["a.b"]'}, True),
        ({"omero.db.port": "${omero.other.port}"}, True),
        ({"omero.web.mapr.config": [{"menu": "gene"}], "omero.jvmcfg.percent.blitz": 40}, True),
        ({"omero.web.login_redirect": {"query_string": "a=b"}}, True),
        ({"omero.web.login_redirect": {"query_string": {"experimenter": -1}}}, True),
        ({"omero.web.ui.top_links": [["a", "b"], ["a", "b", {"title": "c"}]]}, True),
        ({"omero.jvmcfg.percent.blitz": "x"}, False),
        ({"omero.db.port": 70000}, False),
        ({"omero.db.port": "abc"}, False),
        ({"omero.web.debug": "yes"}, False),
        ({"omero.web.apps": [1]}, False),
        ({"omero.web.middleware": [{"class": "a.B"}]}, False),
        ({"omero.web.server_list": [["h", 99999, "x"]]}, False),
        ({"omero.web.plate_layout": "wide"}, False),
        ({"omero.db.name": None}, False),
        ({"a b": "c"}, False),
    ],
)
def test_the_schema_checks_a_file_of_properties(properties, legal, schema):
    """As an editor does while somebody writes it."""
    assert Draft202012Validator(schema).is_valid(properties) is legal


def test_the_schema_is_one(schema):
    """Of draft 2020-12, and it describes every property, those of the JVMs also for each service."""
    Draft202012Validator.check_schema(schema)
    jvm = [name for name in LISTED if name.startswith("omero.jvmcfg.")]
    assert set(schema["properties"]) == {
        *LISTED,
        *(f"{name}.{service}" for name in jvm for service in SERVICES),
    }
    assert all(entry["description"] for entry in schema["properties"].values())


def test_wrong_names_and_sections_are_reported(omerogen):
    """All at once, with suggestions."""
    result = omerogen("properties", "omero.db.prot", "--section", "Databases")
    assert (result.status, result.out) == (2, "")
    assert "did you mean 'omero.db.port'?" in result.err
    assert "unknown section 'Databases'" in result.err


def test_generated_files_are_current():
    """The reference and the completion scripts say what the code says; ``make docs`` writes them anew."""
    command = [sys.executable, str(ROOT / "tools/generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def completed(shell_words: list[str]) -> list[str]:
    """What bash offers for the last of these words."""
    words = " ".join(f"'{word}'" for word in shell_words)
    script = f"""
eval "$({sys.executable} -m omerogen completion bash)"
COMP_WORDS=({words}); COMP_CWORD={len(shell_words) - 1}
COMP_LINE="{" ".join(shell_words)}"; COMP_POINT=${{#COMP_LINE}}
$(complete -p omerogen | sed 's/.*-F \\([^ ]*\\).*/\\1/') omerogen '{shell_words[-1]}' '{shell_words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)  # noqa: S607
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["omerogen", "ng"], ["nginx"]),
        (["omerogen", "nginx", "--max"], ["--max-body-size"]),
        (["omerogen", "explain", "omero.db.po"], ["omero.db.poolsize", "omero.db.port"]),
        (["omerogen", "nginx", "--layout", "sta"], ["standalone"]),
        (["omerogen", "jvm", "--set", "omero.jvmcfg.percent.bl"], ["omero.jvmcfg.percent.blitz="]),
    ],
)
def test_bash_completes(words, offered):
    """Commands, options, their values, and names of properties."""
    assert completed(words) == offered


def test_zsh_reads_its_script():
    """As the README shows it, the command has its completion afterwards."""
    source = f'eval "$({sys.executable} -m omerogen completion zsh)"'
    script = f"autoload -Uz compinit && compinit -u -D && {source} && echo $_comps[omerogen]"
    assert accepted([find("zsh"), "-fc", script]) == "_shtab_omerogen\n"


@pytest.mark.parametrize("name", ["schema", "json-schema", "jsonschema"])
def test_the_schema_has_several_names(name, omerogen):
    """People know it by each of them; a part of the catalog has a schema too."""
    part = json.loads(omerogen("properties", "omero.ports.*", "--format", name).out)
    assert len(part["properties"]) == 6


def test_a_part_of_a_name_finds_properties(omerogen):
    """Whatever its case; a whole name finds that one alone."""
    found = omerogen("properties", "POOLSIZE").out.splitlines()[1:]
    assert [line.split()[0] for line in found] == ["omero.db.poolsize"]
    assert len(omerogen("properties", "omero.query.timeout").out.splitlines()) == 2
    assert omerogen("properties", "zzz").status == 2


def test_json_names_the_artifacts_that_read_a_property(omerogen):
    """Some of them only if it is set, as the application has what the server's services read."""
    names = ("omero.web.prefix", "omero.db.host", "omero.jvmcfg.percent.blitz")
    found = json.loads(omerogen("properties", *names, "--format", "json").out)
    read_by = {one["name"]: set(one["read_by"]) for one in found}
    assert read_by["omero.web.prefix"] >= {"nginx", "django", "gunicorn"}
    assert read_by["omero.db.host"] >= {"icegrid", "jdbc"}
    assert read_by["omero.jvmcfg.percent.blitz"] >= {"jvm", "icegrid"}
    assert not read_by["omero.web.prefix"] & {"jvm", "icegrid", "jdbc"}
