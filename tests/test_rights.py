"""Root reads for another user only what that user may read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import omerogen as api

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

SOMEBODY = 12345
TEMPLATES = Path(__file__).parent.parent / "examples/OMERO.server/etc/templates"
MEMORY = ("--set", "omero.jvmcfg.system_memory=16000")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that all users may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def secret(place) -> Path:
    """A file for root alone."""
    path = place / "secret"
    path.write_text("canary")
    path.chmod(0o600)
    return path


def owned(path: Path, text: str, owner: int = SOMEBODY) -> Path:
    """A file of a user."""
    path.write_text(text)
    os.chown(path, owner, owner)
    return path


@pytest.mark.parametrize("name", ["site.omero", "site.properties", "site.yaml", "site.json", "config.xml"])
def test_a_secret_is_read_with_the_rights_of_whose_file_names_it(name, place, secret, omerogen):
    """In every format; the message says with whose, and what to do."""
    value = f"file:{secret}"
    texts = {
        ".omero": f"config set omero.db.pass {value}",
        ".properties": f"omero.db.pass={value}",
        ".yaml": f"omero.db.pass: {value}",
        ".json": f'{{"omero.db.pass": "{value}"}}',
        ".xml": f'''<icegrid><properties id="default">
            <property name="omero.db.pass" value="{value}"/></properties></icegrid>''',
    }
    config = owned(place / name, texts[Path(name).suffix])
    result = omerogen("jdbc", "--format", "properties", "-c", config)
    assert result.status == 2
    assert f"cannot be read with the rights of uid {SOMEBODY}" in result.err
    assert "canary" not in result.out + result.err
    secret.chmod(0o644)
    assert "canary" in omerogen("jdbc", "--format", "properties", "-c", config).out


def test_groups_of_the_owner_count(place, secret, omerogen):
    """As they would if that user read the file."""
    config = owned(place / "site.omero", f"config set omero.db.pass file:{secret}")
    os.chown(secret, 0, SOMEBODY)
    secret.chmod(0o640)
    assert "canary" in omerogen("jdbc", "--format", "properties", "-c", config).out


@pytest.mark.usefixtures("secret")
def test_a_name_put_together_from_two_files_is_read_for_both(place, omerogen):
    """A part of a path in another user's file must not lead root's reference elsewhere."""
    ours = owned(place / "a.omero", "config set omero.db.pass file:" + str(place) + "/${o.part}", owner=0)
    theirs = owned(place / "b.omero", "config set o.part secret")
    result = omerogen("jdbc", "--format", "properties", "-c", ours, "-c", theirs)
    assert f"with the rights of uid {SOMEBODY}" in result.err
    assert "canary" in omerogen("jdbc", "--format", "properties", "-c", ours, "--set", "o.part=secret").out


def test_what_root_writes_itself_is_read_as_root(place, secret, omerogen):
    """Its files, variables and options."""
    config = owned(place / "site.omero", f"config set omero.db.pass file:{secret}", owner=0)
    assert "canary" in omerogen("jdbc", "--format", "properties", "-c", config).out
    other = owned(place / "other.omero", "config set omero.db.host db")
    words = ("-c", other, "--set", f"omero.db.pass=file:{secret}")
    assert "canary" in omerogen("jdbc", "--format", "properties", *words).out


def test_a_link_of_another_user_is_followed_with_their_rights(place, secret, omerogen):
    """A configuration is such a link."""
    owned(secret, "config set omero.db.pass canary", owner=0)
    link = place / "site.omero"
    link.symlink_to(secret)
    os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
    result = omerogen("jdbc", "--format", "properties", "-c", link)
    assert f"{link}: cannot be read: Permission denied" in result.err
    os.chown(link, 0, 0, follow_symlinks=False)
    assert "canary" in omerogen("jdbc", "--format", "properties", "-c", link).out


def test_rights_come_back(place, secret):
    """After a refusal too."""
    config = owned(place / "site.omero", f"config set omero.db.pass file:{secret}")
    before = os.geteuid(), os.getegid(), os.getgroups()
    with pytest.raises(api.OmerogenError):
        _ = api.load(config)["omero.db.pass"]
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before


@pytest.fixture
def templates(place) -> Path:
    """Templates of OMERO's user."""
    folder = place / "etc/templates"
    (folder / "grid").mkdir(parents=True)
    for path in TEMPLATES.rglob("*"):
        if path.is_file():
            (folder / path.relative_to(TEMPLATES)).write_bytes(path.read_bytes())
    for path in (folder.parent, folder, *folder.rglob("*")):
        os.chown(path, SOMEBODY, SOMEBODY)
    return folder


@pytest.mark.parametrize("link", ["grid/templates.xml", "ice.config", "master.cfg", "grid"])
def test_a_link_out_of_the_templates_is_not_followed(link, place, templates, omerogen):
    """What it leads to would be written into a file of their owner."""
    target = place / "root-only"
    (templates / link).rename(target)
    (templates / link).symlink_to(target)
    out = place / "out"
    result = omerogen("rewrite", "--templates", templates, "-o", out, *MEMORY)
    assert result.status == 2
    assert "leads out of the folder, which root does not follow for another user (uid 12345)" in result.err
    assert not out.exists()


def test_a_link_within_the_templates_is_followed(place, templates, omerogen):
    """And one that root made where root owns everything."""
    (templates / "ice.config").rename(templates / "other")
    (templates / "ice.config").symlink_to("other")
    assert omerogen("rewrite", "--templates", templates, "-o", place / "out", *MEMORY).status == 0


def test_a_template_is_read_with_the_rights_of_the_folders_owner(place, templates, omerogen):
    """A hard link may lead to a file of root's, too."""
    (templates / "ice.config").unlink()
    private = place / "private"
    private.write_text("omero.host=canary\n")
    private.chmod(0o600)
    os.link(private, templates / "ice.config")
    result = omerogen("rewrite", "--templates", templates, "-o", place / "out", *MEMORY)
    assert result.status == 2
    assert "ice.config: cannot be read with the rights of uid 12345: Permission denied" in result.err
