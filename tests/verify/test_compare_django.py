"""``compare django``: a module of plain Django stands in for OMERO.web; tests/omero_web has the real one."""

from __future__ import annotations

import json
import shlex

import pytest

import omerogen as interface

pytestmark = pytest.mark.slow
MODULE = "theirs_settings"


@pytest.fixture
def python(djangos):
    """A Python with Django."""
    return djangos["5.2"] / "python"


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """Writes a module that has our settings, and some changes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "omero").mkdir()

    def write(changes, **properties):
        settings = interface.load(overrides={"omero.web.secret_key": "canary-one", **properties})
        text = interface.render("django", settings)
        lines = [f"{name} = {value!r}" for name, value in changes.items()]
        (tmp_path / f"{MODULE}.py").write_text("\n".join([text, *lines]) + "\n")

    return write


def test_differences_and_their_properties(theirs, python, omerogen, tmp_path):
    """Each is a ready line: of a property, or of django_additional_settings; with it there is none."""
    theirs({"FORCE_SCRIPT_NAME": "/omero", "PUBLIC_ENABLED": True, "OUR_PLUGIN": [1, 2]})
    base = ["compare", "django", MODULE, "--python", python, "--set", "omero.web.secret_key=canary-one"]
    found = omerogen(*base, "--format", "json")
    assert found.status == 1
    assert json.loads(found.out)["differences"]
    fixes = [one["fix"] for one in json.loads(found.out)["differences"]]
    assert "omero config set -- omero.web.prefix /omero" in fixes
    assert "omero config set -- omero.web.public.enabled true" in fixes
    append = "omero config append -- omero.web.django_additional_settings"
    assert f"{append} {shlex.quote(json.dumps(['OUR_PLUGIN', [1, 2]]))}" in fixes
    lines = [fix.removeprefix("omero ") for fix in fixes]
    (tmp_path / "fixed.omero").write_text("".join(f"{line}\n" for line in lines))
    fixed = omerogen(*base, "-c", tmp_path / "fixed.omero")
    assert (fixed.status, fixed.out) == (0, f"{MODULE}: no difference in meaning\n")


VALUES = """
import datetime, pathlib, re
from django.utils.translation import gettext_lazy as _
LANGUAGES = [("en", _("English")), ("de", _("German"))]
STATIC_FOLDER = pathlib.Path("/srv") / "static"
COOLOFF = datetime.timedelta(hours=1)
AGENTS = [re.compile("bot", re.I)]
NAMES = {1: "a"}
SOME = {1, 2}
CALLED = lambda request: request
RAW = b"abc"
"""


def test_values_that_json_has_not_are_no_texts(theirs, python, omerogen, tmp_path):
    """A text in their place would be read as another value; a path is one, and a text that is translated."""
    theirs({})
    with (tmp_path / f"{MODULE}.py").open("a") as file:
        file.write(VALUES)
    base = ["compare", "django", MODULE, "--python", python, "--set", "omero.web.secret_key=canary-one"]
    found = {
        one["directive"]: one["fix"]
        for one in json.loads(omerogen(*base, "--format", "json").out)["differences"]
    }
    expressible = {name for name, fix in found.items() if not fix.startswith("cannot be expressed")}
    assert expressible == {"LANGUAGES", "STATIC_FOLDER"}
    assert found["COOLOFF"] == "cannot be expressed: a property has no datetime.timedelta"
    assert {*found} == expressible | {"COOLOFF", "AGENTS", "NAMES", "SOME", "CALLED", "RAW"}
    value = '["COOLOFF", "1:00:00"]'
    row = f"omero.web.django_additional_settings=[{value}]"
    assert "COOLOFF" in omerogen(*base, "--set", row).out


def test_the_python_may_be_relative(theirs, python, omerogen, tmp_path):
    """To the working folder, as other paths are."""
    theirs({"OUR_PLUGIN": 1})
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin/python"
    link.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} "$@"\n')
    link.chmod(0o755)
    assert "OUR_PLUGIN" in omerogen("compare", "django", MODULE, "--python", "bin/python").out


def test_secrets_are_hidden(theirs, python, omerogen):
    """Those of the module and ours: keys, and passwords within values."""
    databases = {"default": {"ENGINE": "django.db.backends.dummy", "PASSWORD": "canary-two"}}
    theirs({"DATABASES": databases, "SOME_API_TOKEN": "canary-three"})
    words = [
        "compare",
        "django",
        MODULE,
        "--python",
        python,
        "--set",
        "omero.web.secret_key=canary-four",
    ]
    for more in ((), ("--format", "json")):
        found = omerogen(*words, *more)
        assert found.status == 1
        assert "SECRET_KEY" in found.out
        assert "canary" not in found.out + found.err


def test_nothing_is_changed(theirs, python, omerogen, tmp_path):
    """No key is made, and the module cannot write to the disk."""
    theirs({})
    with (tmp_path / f"{MODULE}.py").open("a") as file:
        file.write(f"try:\n    open({str(tmp_path / 'written')!r}, 'w')\nexcept OSError:\n    pass\n")
    omerodir = tmp_path / "omero"
    (omerodir / "var").mkdir()
    words = ["compare", "django", MODULE, "--python", python, "--omerodir", omerodir]
    result = omerogen(*words)
    assert "not compared: SECRET_KEY" in result.err
    assert not (tmp_path / "written").exists()
    assert not list((omerodir / "var").iterdir())


def test_a_module_that_cannot_be_imported(python, omerogen, tmp_path, monkeypatch):
    """Status 2, with what Python says and what to do."""
    monkeypatch.chdir(tmp_path)
    missing = omerogen("compare", "django", "no_such_module", "--python", python)
    assert missing.status == 2
    assert "ModuleNotFoundError" in missing.err
    assert "--python" in missing.err
    (tmp_path / "settings.py").write_text('raise ValueError("redis://:canary@h/0")\n')
    refused = omerogen("compare", "django", "settings", "--python", python)
    assert refused.status == 2
    assert "ValueError: redis://" in refused.err
    assert "canary" not in refused.err
    nothing = omerogen("compare", "django", "x", "--python", "/nowhere/python")
    assert nothing.status == 2
    assert "Traceback" not in nothing.err
