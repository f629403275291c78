"""``omerogen rewrite``: what is written, with which modes, and what is reported."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from support.installation import SHIPPED, refusal


def modes(folder: Path) -> dict[str, int]:
    """The permissions of each file."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in files}


def test_files_are_written_with_the_modes_they_had(omerogen, tmp_path, copy):
    """New ones with those of their templates."""
    shipped = copy()
    for path in modes(shipped):
        (shipped / path).chmod(0o644)
    (shipped / "worker.cfg").chmod(0o640)
    etc = tmp_path / "etc"
    words = ("rewrite", "--templates", shipped, "-o", etc, "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen(*words).status == 0
    assert modes(etc) == {path: 0o640 if path == "worker.cfg" else 0o644 for path in modes(shipped)}
    had = {"grid/templates.xml": 0o640, "grid/default.xml": 0o664, "master.cfg": 0o600, "ice.config": 0o444}
    for path, mode in had.items():
        (etc / path).chmod(mode)
    site = ("omero.ports.prefix=1", "omero.master.host=m", "omero.glacier2.IceSSL.Password=x")
    assert omerogen(*words, *(word for setting in site for word in ("--set", setting))).status == 0
    assert modes(etc) == {**modes(shipped), **had}


def test_a_secret_is_not_left_for_all_to_read(omerogen, tmp_path, copy):
    """A file that others may read is closed when a password comes into it, and a new one is not opened."""
    shipped = copy()
    for path in modes(shipped):
        (shipped / path).chmod(0o644)
    for etc in (tmp_path / "etc", tmp_path / "new"):
        words = ("rewrite", "--templates", shipped, "-o", etc, "--set", "omero.jvmcfg.system_memory=16000")
        if etc.name == "etc":
            omerogen(*words)
        omerogen(*words, "--set", "omero.glacier2.IceSSL.Password=canary")
        assert modes(etc) == {**modes(shipped), "grid/templates.xml": 0o600}


def test_check_and_diff_write_nothing(omerogen, tmp_path):
    """Exit 1 with the names of the files that differ; a unified diff on standard output."""
    words = ("rewrite", "--templates", SHIPPED, "-o", tmp_path, "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen(*words, "--check").status == 1
    assert list(tmp_path.iterdir()) == []
    omerogen(*words)
    assert omerogen(*words, "--check").status == 0
    result = omerogen(*words, "--check", "--diff", "--set", "omero.ports.registry=4444")
    assert result.status == 1
    assert "-Ice.Default.Locator=IceGrid/Locator:tcp -h 127.0.0.1 -p 4061\n" in result.out
    assert "+Ice.Default.Locator=IceGrid/Locator:tcp -h 127.0.0.1 -p 4444\n" in result.out
    assert f"{tmp_path}/master.cfg: differs" in result.err
    assert "default.xml" not in result.err


def test_a_second_run_touches_nothing(omerogen, tmp_path):
    """Times tell of real changes."""
    words = ("rewrite", "--templates", SHIPPED, "-o", tmp_path, "--set", "omero.jvmcfg.system_memory=16000")
    omerogen(*words)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert omerogen(*words).err.endswith(f"{tmp_path}: up to date\n")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rewrite", "--templates", SHIPPED], "rewrite: --output is missing"),
        (["rewrite", "-o", "OUT"], "rewrite: --templates is missing"),
        (["rewrite"], "rewrite: --templates, --output are missing"),
        (["rewrite", "--templates", "", "-o", "OUT"], "--templates: is empty"),
        (["rewrite", "--templates", SHIPPED, "-o", ""], "--output: is empty"),
        (
            ["rewrite", "--templates", "/nowhere", "-o", "OUT"],
            "/nowhere: is not a folder of templates: it has no grid/templates.xml",
        ),
        (
            ["rewrite", "--templates", SHIPPED, "-o", SHIPPED],
            f"{SHIPPED}/master.cfg: is a template itself (give",
        ),
        (
            ["rewrite", "--templates", SHIPPED, "-o", "OUT", "--node", "worker9"],
            "--node: the grid has no node 'worker9' (it has: master",
        ),
        (
            ["rewrite", "--templates", SHIPPED, "-o", "OUT", "--file", "x"],
            "--file: unknown option of rewrite",
        ),
        (["icegrid", "--templates", SHIPPED], "--templates: unknown option of icegrid"),
        (["icegrid", "--check"], "--check: needs a folder"),
        (["icegrid", "--diff"], "--diff: needs a folder"),
        (
            ["icegrid", "-o", SHIPPED.parent],
            f"-o {SHIPPED.parent}: is the etc of an installed OMERO (omerogen rewrite --templates",
        ),
        (["icegrid", "--reload", "true"], "--reload: needs a folder"),
        (["icegrid", "--file", "internal.cfg", "-o", "OUT"], "--file: is for standard output"),
        (["icegrid", "-o", ""], "--output: is empty"),
        (["icegrid", "--node", "worker9"], "--node: the grid has no node 'worker9' (it has: master"),
    ],
)
def test_wrong_usage_is_reported(arguments, said, omerogen, tmp_path):
    """With what to do instead; exit 2."""
    result = omerogen(*(tmp_path / "out" if word == "OUT" else word for word in arguments))
    assert result.status == 2
    assert said in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<icegrid>\n<a>\n</icegrid>", ":3: is not XML: a tag is "),
        (b"", ":1: is not XML"),
        (b"<!DOCTYPE icegrid [<!ENTITY a 'b'>]><icegrid>&a;</icegrid>", ": has a document type"),
        (b"\xff\xfe", ":1: is not XML"),
    ],
)
def test_a_file_that_is_not_xml_is_reported_with_its_line(content, said, copy):
    """And what else is wrong, in the same run."""
    folder = copy()
    (folder / "grid/default.xml").write_bytes(content)
    told = refusal({"omero.tables.module": "-c"}, folder)
    assert f"{folder}/grid/default.xml{said}" in told
    assert "omero.tables.module '-c' is not a Python module" in told


@pytest.mark.parametrize(
    ("link", "to"), [("grid", "../grid"), ("ice.config", "../ice.config"), ("worker.cfg", "../master.cfg")]
)
def test_a_template_is_not_overwritten(link, to, omerogen, copy):
    """Whatever links lead there: it could not be filled in again."""
    templates = copy()
    etc = templates.parent
    target = templates / to
    (templates / link).rename(target)
    (templates / link).symlink_to(to)
    before = {path: path.read_bytes() for path in etc.rglob("*") if path.is_file()}
    result = omerogen("rewrite", "--templates", templates, "-o", etc)
    assert result.status == 2
    assert "is a template itself" in result.err
    assert {path: path.read_bytes() for path in etc.rglob("*") if path.is_file()} == before


def test_a_private_template_is_neither_shown_nor_made_public(omerogen, copy, tmp_path):
    """A template for few gives a file for few, also where a file for all was."""
    templates = copy(("grid/templates.xml", "@omero.glacier2.icessl@", '<property name="A" value="canary"/>'))
    (templates / "grid/templates.xml").chmod(0o600)
    words = ("rewrite", "--templates", templates, "-o", tmp_path / "etc")
    result = omerogen(*words, "--diff")
    assert "grid/templates.xml is not shown" in result.out
    assert "canary" not in result.out + result.err
    (tmp_path / "etc/grid").mkdir(parents=True)
    (tmp_path / "etc/grid/templates.xml").write_text("for all")
    omerogen(*words)
    assert modes(tmp_path / "etc")["grid/templates.xml"] == 0o600


def test_a_password_in_a_template_for_all_is_not_shown_either(omerogen, copy, tmp_path):
    """Nor in the file that is replaced; the rest of the diff is."""
    own = '<property name="IceSSL.Password" value="canary"/>'
    templates = copy(("grid/templates.xml", "@omero.glacier2.icessl@", own))
    words = ("rewrite", "--templates", templates, "-o", tmp_path / "etc")
    assert "canary" not in omerogen(*words, "--diff").out
    omerogen(*words)
    (templates / "grid/templates.xml").write_bytes((SHIPPED / "grid/templates.xml").read_bytes())
    result = omerogen(*words, "--diff")
    assert '-          <property name="IceSSL.Password" value=********/>' in result.out


def test_an_unescaped_ampersand_is_reported_without_the_text_after_it(copy):
    """It may be a password that somebody put there by hand."""
    odd = copy(("grid/templates.xml", "@omero.glacier2.icessl@", '<property name="P" value="a&canary;x"/>'))
    said = refusal({}, odd)
    assert "is not XML: an unescaped &: write &amp;" in said
    assert "canary" not in said


def test_something_other_than_a_file_is_reported(omerogen, copy, tmp_path):
    """Links that lead nowhere, or in a ring, with the rest of what is wrong."""
    templates = copy()
    (templates / "grid/xdefault.xml").symlink_to("nowhere")
    result = omerogen("rewrite", "--templates", templates, "-o", tmp_path / "etc")
    assert (result.status, result.err.count("cannot be read")) == (2, 1)
    (templates / "grid/xdefault.xml").unlink()
    etc = tmp_path / "etc"
    (etc / "grid").mkdir(parents=True)
    (etc / "grid/templates.xml").symlink_to("templates.xml")
    for more in ((), ("--check",), ("--diff",)):
        result = omerogen("rewrite", "--templates", templates, "-o", etc, *more)
        assert result.status == 2
        assert result.err.splitlines()[-1].startswith(f"{etc}/grid/templates.xml: ")


def test_nothing_is_written_when_one_file_cannot_be(omerogen, copy, tmp_path):
    """All or none."""
    odd = copy(("grid/default.xml", "</icegrid>", ""))
    assert omerogen("rewrite", "--templates", odd, "-o", tmp_path / "etc").status == 2
    assert not (tmp_path / "etc").exists()
