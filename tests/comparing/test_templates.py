"""``compare templates``: what ``rewrite --diff`` shows, in words."""

from __future__ import annotations

import json
import shutil

import pytest

from support.files import EXAMPLES

MEMORY = ("--set", "omero.jvmcfg.system_memory=16000")


@pytest.fixture
def etc(tmp_path, omerogen):
    """The folder etc of an OMERO that was started."""
    folder = tmp_path / "etc"
    shutil.copytree(EXAMPLES / "OMERO.server/etc", folder)
    assert omerogen("rewrite", "--templates", folder / "templates", "-o", folder, *MEMORY).status == 0
    return folder


def test_the_same(etc, omerogen):
    """Status 0; layout and comments make no difference."""
    path = etc / "grid/templates.xml"
    path.write_text(path.read_text().replace("<server ", "<!-- x --><server\n "))
    result = omerogen("compare", "templates", etc / "templates", *MEMORY)
    assert (result.status, result.out) == (0, f"{etc / 'templates'}: no difference in meaning\n")


def test_differences_in_words(etc, omerogen):
    """The service, the option or property, both values, and the property that ours follows from."""
    more = ("--set", "omero.jvmcfg.percent.blitz=20", "--set", "omero.ports.prefix=1")
    result = omerogen("compare", "templates", etc / "templates", *MEMORY, *more, "--format", "json")
    assert result.status == 1
    found = {(one["context"], one["directive"]): one for one in json.loads(result.out)["differences"]}
    blitz = next(
        one for (context, name), one in found.items() if "BlitzTemplate" in context and name == "option"
    )
    assert (blitz["yours"], blitz["ours"]) == ("-Xmx2400m", "-Xmx3200m")
    assert "omero.jvmcfg.percent.blitz" in blitz["fix"]
    assert f"omerogen rewrite --templates {etc / 'templates'} -o {etc}" in blitz["fix"]
    assert found["ice.config", "omero.port"]["ours"] == "14064"
    assert omerogen("rewrite", "--templates", etc / "templates", "-o", etc, *MEMORY, *more).status == 0
    assert omerogen("compare", "templates", etc / "templates", *MEMORY, *more).status == 0


def test_secrets_are_hidden(etc, omerogen):
    """The password of the certificate, on both sides."""
    name = "omero.glacier2.IceSSL.Password"
    omerogen("rewrite", "--templates", etc / "templates", "-o", etc, *MEMORY, "--set", f"{name}=canary-one")
    result = omerogen("compare", "templates", etc / "templates", *MEMORY, "--set", f"{name}=canary-two")
    assert result.status == 1
    assert "IceSSL.Password" in result.out
    assert "canary" not in result.out + result.err


def test_a_file_that_is_missing_or_broken(etc, omerogen):
    """The first is a difference, the second is an error with its line."""
    (etc / "ice.config").unlink()
    result = omerogen("compare", "templates", etc / "templates", *MEMORY)
    assert result.status == 1
    assert "omerogen rewrite" in result.out
    assert "ice.config: cannot be read" in result.err
    assert "not compared" in result.err
    (etc / "grid/default.xml").write_text("<icegrid>\n<a></icegrid>")
    broken = omerogen("compare", "templates", etc / "templates", *MEMORY)
    assert broken.status == 2
    assert "grid/default.xml:2: is not XML" in broken.err
