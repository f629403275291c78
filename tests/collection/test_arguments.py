"""The files in which the collection hands over properties: omerogen reads back each value."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omerogen.sources import yaml_file
from omerogen.sources.keys import VARIABLES
from omerogen.values.json import dumps
from support.ansible import COLLECTION


def _module():
    path = COLLECTION / "plugins/module_utils/omerogen.py"
    spec = importlib.util.spec_from_file_location("collection_omerogen", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


arguments = _module()

#: What Ansible's JSON can hold; a float is written as JSON, and YAML reads 1e20 as a text.
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["{{ x }}", "{% raw %}", "!unsafe", "yes"]
)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def _fail(problem):
    raise AssertionError(problem)


@given(VALUES)
def test_each_value_is_read_back(value):
    """A text as it is, anything else as JSON, also what looks like a template."""
    text = arguments._yaml({"omero.web.caches": value})
    [assignment] = yaml_file.read("properties", text.encode(), None, _fail)
    assert assignment.text == (value if isinstance(value, str) else dumps(value))


@given(TEXTS)
def test_a_property_may_have_any_name(name):
    """Whether it is one is for omerogen to say, and not for the file."""
    text = arguments._yaml({name: "x"})
    try:
        [assignment] = yaml_file.read("properties", text.encode(), None, _fail)
    except AssertionError as error:
        pytest.fail(str(error))
    assert assignment.name == name


def test_the_variables_of_the_roles_are_those_that_omerogen_reads():
    """The collection is installed without omerogen, so that it has a list of its own."""
    listed = {f"{role}_{one}" for role, names in arguments._VARIABLES.items() for one in names}
    assert listed == set(VARIABLES)


def test_sources_are_absolute(tmp_path, monkeypatch):
    """omerogen runs in another folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/x")
    assert arguments._absolute("a.yaml") == f"{tmp_path}/a.yaml"
    assert arguments._absolute("yaml:a") == f"yaml:{tmp_path}/a"
    assert arguments._absolute("~/a.yaml") == "/home/x/a.yaml"
    assert arguments._absolute("yaml:-") == "yaml:-"
    Path("xml:odd.xml").touch()
    assert arguments._absolute("xml:odd.xml") == f"{tmp_path}/xml:odd.xml"


def test_only_the_user_reads_the_files(tmp_path):
    """They may hold secrets."""
    arguments._written(str(tmp_path), "properties", {"omero.db.pass": "canary"})
    assert (tmp_path / "properties").stat().st_mode & 0o777 == 0o600


def test_options_are_arguments():
    """By their names in a site file, with either hyphens or underscores."""
    options = {"servername": ["a", "b"], "max_body_size": "2m", "http2": True, "hsts": False, "listen": None}
    given = ["--servername=a", "--servername=b", "--max-body-size=2m", "--http2", "--no-hsts"]
    assert [*arguments._options(options)] == given
    with pytest.raises(arguments.OmerogenError, match="options: x y is not an option"):
        [*arguments._options({"x y": 1})]


def test_an_omerogen_that_cannot_be_used_is_named(tmp_path, monkeypatch):
    """Missing, too old, or another program: the message says what to do on the host."""
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\necho omerogen 0.0.9\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for executable, message in {
        None: "omerogen: is not on the PATH of this host "
        "(install it, as the role omerogen.omero.omerogen does, or set executable)",
        "/nowhere/x": "/nowhere/x: is not an executable file on this host "
        "(install omerogen there, or correct executable)",
        str(old): f"{old}: omerogen 0.0.9 is too old "
        "(this collection needs 0.1.0 or newer: upgrade it on this host)",
        "/bin/echo": "/bin/echo: is not omerogen (set executable to the omerogen of this host)",
    }.items():
        with pytest.raises(arguments.OmerogenError) as error:
            arguments.Omerogen(executable)
        assert str(error.value) == message
