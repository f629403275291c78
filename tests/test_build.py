"""``omerogen build``: a folder that follows from the properties, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import stat

import pytest

import omerogen as package
from omerogen import artifacts, catalog
from omerogen.artifacts import ARTIFACTS
from omerogen.deploy import write
from omerogen.model import RenderedFile, WriteError
from support.files import SITE, words_of

#: What each artifact says that its files are, by path: the command that prints the same.
PRINTED_BY = {
    file.path: words_of(name, file.options)
    for name in ARTIFACTS
    for file in artifacts.get(name).files(package.load(SITE), {})
}
FILES = {*PRINTED_BY, "manifest.json"}
PRIVATE = {
    "django/omeroweb_settings.py",
    "icegrid/application.xml",
    "jdbc/connection.properties",
    "manifest.json",
}


def below(folder) -> set[str]:
    """The files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def read_for(folder, name) -> list[str]:
    """The properties that a file was made of, as the manifest has them."""
    return json.loads((folder / "manifest.json").read_text())["files"][name]["properties"]


def snapshot(folder) -> dict[str, tuple[bytes, int, int]]:
    """Content, mode and time of every file."""
    return {
        name: (
            (folder / name).read_bytes(),
            (folder / name).stat().st_mode,
            (folder / name).stat().st_mtime_ns,
        )
        for name in below(folder)
    }


@pytest.fixture
def out(omerogen, tmp_path):
    """The folder that a build of the site wrote."""
    assert omerogen("build", "-c", SITE, "-o", tmp_path / "out").status == 0
    return tmp_path / "out"


def test_every_artifact_becomes_a_file(out):
    """Those of all artifacts, and a manifest; no temporary file is left."""
    assert below(out) == FILES


@pytest.mark.parametrize("name", sorted(PRINTED_BY))
def test_each_file_is_what_its_command_prints(name, out, omerogen):
    """``build`` and the commands cannot disagree."""
    assert (out / name).read_bytes().decode() == omerogen(*PRINTED_BY[name], "-c", SITE).out


def test_files_with_secrets_are_for_their_owner_alone(out):
    """And the manifest, which has their hashes; all others may be read by all."""
    modes = {name: stat.S_IMODE((out / name).stat().st_mode) for name in FILES}
    assert set(modes.values()) == {0o600, 0o644}
    private = {name for name, mode in modes.items() if mode == 0o600}
    secret = {name for name in PRINTED_BY if any(catalog.describe(one).secret for one in read_for(out, name))}
    assert private == {*secret, "manifest.json"}
    assert private >= PRIVATE


def test_glacier2_is_private_when_it_has_a_password(omerogen, tmp_path):
    """Observed, not declared: the file is private because a secret was read."""
    omerogen("build", "-o", tmp_path, "--set", "omero.glacier2.IceSSL.Password=x", "--only", "glacier2")
    assert stat.S_IMODE((tmp_path / "icegrid/glacier2.xml").stat().st_mode) == 0o600


def test_the_manifest_has_the_inputs_of_each_file(out):
    """Hash, artifact, and the properties that were read for it."""
    files = json.loads((out / "manifest.json").read_text())["files"]
    assert files.keys() == FILES - {"manifest.json"}
    for name, entry in files.items():
        assert entry["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
    assert "omero.web.prefix" in files["nginx/omero.conf"]["properties"]
    assert "omero.db.pass" in files["jdbc/connection.properties"]["properties"]
    assert "omero.db.pass" not in files["jdbc/url.txt"]["properties"]


def test_the_same_input_gives_the_same_bytes_and_touches_nothing(out, omerogen):
    """A second build writes no file, so that times tell of real changes."""
    before = snapshot(out)
    result = omerogen("build", "-c", SITE, "-o", out)
    assert result.err == f"{out}: up to date\n"
    assert snapshot(out) == before


def test_only_what_changed_is_written(out, omerogen):
    """The files that have the old value in them, and the manifest; they are named."""
    before = snapshot(out)
    result = omerogen("build", "-c", SITE, "-o", out, "--set", "omero.db.host=other")
    changed = {name for name in PRINTED_BY if b"db.example.org" in before[name][0]} | {"manifest.json"}
    assert changed >= {"icegrid/application.xml", "jdbc/url.txt"}
    assert set(result.err.splitlines()) == {f"{out}/{name}" for name in changed}
    after = snapshot(out)
    assert {name for name in FILES if before[name] != after[name]} == changed


def test_check_writes_nothing_and_says_what_differs(out, omerogen):
    """Exit 0 while all is as it should be, 1 with the names of the files that are not."""
    assert omerogen("build", "-c", SITE, "-o", out, "--check").status == 0
    (out / "nginx/omero.conf").write_text("by hand")
    (out / "jdbc/url.txt").unlink()
    (out / "jdbc/connection.properties").chmod(0o644)
    before = snapshot(out)
    result = omerogen("build", "-c", SITE, "-o", out, "--check")
    assert result.status == 1
    assert result.err.splitlines() == [
        f"{out}/nginx/omero.conf: differs (edited by hand)",
        f"{out}/jdbc/url.txt: missing",
        f"{out}/jdbc/connection.properties: mode (0644, which is to be 0600)",
    ]
    assert snapshot(out) == before


def test_diff_shows_how_and_no_secret(out, omerogen):
    """A unified diff on standard output; secrets of private files are hidden."""
    before = snapshot(out)
    result = omerogen(
        "build",
        "-c",
        SITE,
        "-o",
        out,
        "--diff",
        "--set",
        "omero.web.prefix=/x",
        "--set",
        "omero.db.pass=canary",
    )
    assert result.status == 0
    assert "\n-    location /omero {" in result.out
    assert "\n+upstream omeroweb_x {" in result.out
    assert "--- a/nginx/omero.conf\n+++ b/nginx/omero.conf\n" in result.out
    assert "+password=********\n" in result.out
    assert "canary" not in result.out + result.err
    assert snapshot(out) == before


def test_an_artifact_that_the_site_does_not_need_is_left_out(out, omerogen):
    """With a note; the file of an earlier build goes away, since nobody keeps it in step any more."""
    development = ("build", "-c", SITE, "-o", out, "--set", "omero.web.application_server=development")
    assert f"{out}/nginx/omero.conf: left over" in omerogen(*development, "--check").err
    result = omerogen(*development)
    assert result.status == 0
    assert "left out" in result.err
    assert f"{out}/nginx/omero.conf: removed" in result.err.splitlines()
    of_gunicorn = {"gunicorn/gunicorn.conf.py", "systemd/omero-web.service"}
    assert below(out) == FILES - {"nginx/omero.conf", *of_gunicorn}


def test_only_some_artifacts_can_be_built(omerogen, tmp_path):
    """``--only jvm,jdbc``: the others are not there, and not in the manifest."""
    assert omerogen("build", "-c", SITE, "-o", tmp_path, "--only", "jvm, jdbc,jvm").status == 0
    assert {name.partition("/")[0] for name in below(tmp_path)} == {"jvm", "jdbc", "manifest.json"}
    files = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert set(files) == below(tmp_path) - {"manifest.json"}


def test_the_manifest_stays_true_when_only_some_are_built(out, omerogen):
    """Entries of the others are kept, those of what is built are new."""
    omerogen("build", "-c", SITE, "-o", out, "--only", "jdbc", "--set", "omero.db.host=other")
    files = json.loads((out / "manifest.json").read_text())["files"]
    assert files.keys() == FILES - {"manifest.json"}
    for name, entry in files.items():
        assert entry["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"files": 1}', '{"files": {"a": 1}}', '{"files": {"../x": {"artifact": "no"}}}']
)
def test_a_manifest_by_hand_does_no_harm(manifest, omerogen, tmp_path):
    """What is not a manifest of omerogen is not believed."""
    (tmp_path / "manifest.json").write_text(manifest)
    assert omerogen("build", "-c", SITE, "-o", tmp_path, "--only", "jdbc").status == 0
    files = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert set(files) == {"jdbc/url.txt", "jdbc/connection.properties"}


def test_strict_refuses_before_anything_is_written(omerogen, tmp_path):
    """A warning of an artifact is an error then."""
    small = ("--set", "omero.jvmcfg.system_memory=1000", "--strict")
    result = omerogen("build", "-o", tmp_path / "out", *small)
    assert result.status == 2
    assert not (tmp_path / "out").exists()


def test_a_secret_inside_another_value_makes_a_file_private(omerogen, tmp_path):
    """By reference, or written out; a diff does not show it."""
    omerogen(
        *(
            "build",
            "-o",
            tmp_path,
            "--set",
            "omero.db.pass=canary",
            "--set",
            "omero.jvmcfg.system_memory=16000",
        ),
        *("--set", "omero.jvmcfg.append.blitz=-Dp=${omero.db.pass}"),
        *("--set", "omero.jvmcfg.append.indexer=-Djavax.net.ssl.keyStorePassword=canary"),
        *("--set", "omero.glacier2.IceSSL.CertFile=${omero.db.pass}"),
    )
    holding = [path for path in tmp_path.rglob("*") if path.is_file() and "canary" in path.read_text()]
    assert {path.parent.name for path in holding} >= {"icegrid", "jdbc", "jvm"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
    diff = omerogen("build", "-o", tmp_path, "--diff", "--set", "omero.jvmcfg.system_memory=8000")
    assert "canary" not in diff.out + diff.err


@pytest.mark.parametrize("arguments", [("--only", ","), ("--only", ""), ("-o", "")])
def test_naming_nothing_is_an_error(arguments, omerogen):
    """Not the current folder, not everything."""
    result = omerogen("build", "-c", SITE, *arguments)
    assert (result.status, result.out) == (2, "")


def test_options_reach_the_artifacts_that_have_them(omerogen, tmp_path):
    """One answer for nginx and Django."""
    options = ("--tls", "proxy", "--servername", "omero.example.org", "--max-body-size", "2m")
    assert omerogen("build", "-c", SITE, "-o", tmp_path, *options).status == 0
    assert "client_max_body_size 2m;" in (tmp_path / "nginx/omero.conf").read_text()
    assert (
        "CSRF_TRUSTED_ORIGINS = ['https://omero.example.org']"
        in (tmp_path / "django/omeroweb_settings.py").read_text()
    )


def test_nothing_is_written_when_one_artifact_cannot_be_made(out, omerogen):
    """All that is wrong in any of them is reported, and the folder stays as it was."""
    before = snapshot(out)
    bad = ("--set", "omero.ports.prefix=7", "--set", "omero.jvmcfg.percent.indexer=0", "--http", "4080")
    result = omerogen("build", "-c", SITE, "-o", out, *bad)
    assert result.status == 2
    for said in ("port 74064", "omero.jvmcfg.percent.indexer", "--http: 4080"):
        assert said in result.err
    assert snapshot(out) == before


@pytest.mark.parametrize("operation", ["replace", "fsync", "fchmod"])
def test_a_write_that_fails_leaves_no_litter(operation, out, omerogen, monkeypatch):
    """A full disk, a folder that is not ours: a message, no half-written and no temporary file."""

    def fail(*_, **__):
        raise OSError(28, "No space left on device", "somewhere")

    before = snapshot(out)
    monkeypatch.setattr(os, operation, fail)
    result = omerogen("build", "-c", SITE, "-o", out, "--set", "omero.db.host=other")
    assert result.status == 2
    assert "cannot be written: No space left on device" in result.err
    assert snapshot(out) == before


def test_a_folder_that_cannot_be_made_is_reported(omerogen, tmp_path):
    """With its name and what to do."""
    (tmp_path / "file").touch()
    result = omerogen("build", "-c", SITE, "-o", tmp_path / "file")
    assert (result.status, result.out) == (2, "")
    assert str(tmp_path / "file") in result.err


def test_a_file_in_the_way_of_a_folder_is_reported(tmp_path):
    """A directory where a file belongs cannot be compared."""
    (tmp_path / "a").mkdir()
    with pytest.raises(WriteError, match="cannot be written: Is a directory"):
        write.write(str(tmp_path), [RenderedFile("a", "text", private=False)])


def test_a_file_that_omerogen_did_not_write_is_not_replaced(omerogen, tmp_path):
    """Without --force: somebody has put it there. Nothing is written then."""
    own = tmp_path / "nginx/omero.conf"
    own.parent.mkdir()
    own.write_text("# patched by hand since 2017\n")
    refused = omerogen("build", "-c", SITE, "-o", tmp_path)
    assert refused.status == 2
    assert f"{own}: omerogen did not write it (move it away, or add --force to replace it)" in refused.err
    assert below(tmp_path) == {"nginx/omero.conf"}
    assert own.read_text().startswith("# patched")
    assert omerogen("build", "-c", SITE, "-o", tmp_path, "--check").status == 1
    forced = omerogen("build", "-c", SITE, "-o", tmp_path, "--force")
    assert forced.status == 0
    assert own.read_text().startswith("# Written by omerogen")
    assert omerogen("build", "-c", SITE, "-o", tmp_path).status == 0


def test_the_manifest_of_another_program_is_not_replaced(omerogen, tmp_path):
    """Web applications have one of that name."""
    own = tmp_path / "manifest.json"
    own.write_text('{"name": "a site", "icons": []}')
    refused = omerogen("build", "-c", SITE, "-o", tmp_path)
    assert f"{own}: omerogen did not write it" in refused.err
    assert omerogen("build", "-c", SITE, "-o", tmp_path, "--force").status == 0


def test_the_same_file_may_be_there(omerogen, tmp_path):
    """It would stay as it is."""
    text = omerogen("nginx", "-c", SITE).out
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx/omero.conf").write_text(text)
    assert omerogen("build", "-c", SITE, "-o", tmp_path).status == 0


def test_a_diff_shows_private_files_without_their_secrets(omerogen, tmp_path):
    """Neither the new ones nor those that are there; all else is shown, also what was edited by hand."""
    old = ("--set", "omero.db.pass=old-secret", "--set", "omero.web.secret_key=old-key")
    new = ("--set", "omero.db.pass=new-secret", "--set", "omero.web.secret_key=new-key")
    assert omerogen("build", "-c", SITE, "-o", tmp_path, *old).status == 0
    module = tmp_path / "django/omeroweb_settings.py"
    module.write_text(module.read_text() + "MINE = 'byhand-token'\n")
    shown = omerogen("build", "-c", SITE, "-o", tmp_path, *new, "--set", "omero.web.prefix=/p", "--diff").out
    for secret in ("old-secret", "new-secret", "old-key", "new-key", "byhand", "token'"):
        assert secret not in shown
    assert "+password=********\n" in shown
    assert "-password ********\n" in shown
    assert "+FORCE_SCRIPT_NAME = '/p'  # omero.web.prefix\n" in shown
    assert "-FORCE_SCRIPT_NAME = '/omero'  # omero.web.prefix\n" in shown
    assert "-******** = '********-********'\n" in shown
