"""Where files are written, with which permissions, and what is refused before anything is."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import resource
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from omerogen.deploy import write
from omerogen.model import RenderedFile, WriteError
from support.programs import give_to_ordinary_user, run
from support.writing import (
    NEW,
    OLD,
    Operations,
    contents,
    ended,
    everything,
    interfering,
    killed_at,
    names,
    put,
    start,
)

ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root can give files to others")
SOMEBODY = 12345
ORDINARY = 65534  # that of `give_to_ordinary_user`


def output(path: str, text: str = "text\n", *, private: bool = False, mode: int | None = None):
    return RenderedFile(path, text, private, mode)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def refused(folder: Path | str, *outputs: RenderedFile, left_out: tuple[str, ...] = ()) -> list[str]:
    """What is reported about a write that must be refused; nothing below the folder changes by it."""
    before = everything(Path(folder))
    with pytest.raises(WriteError) as error:
        write.write(str(folder), outputs, left_out)
    assert everything(Path(folder)) == before
    return [str(problem) for problem in error.value.problems]


# Permissions


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_file_keeps_its_permissions(mode, tmp_path):
    """What an administrator has set stays; a new file is for all to read."""
    put(tmp_path, OLD)
    assert mode_of(tmp_path / "a.conf") == 0o644
    (tmp_path / "a.conf").chmod(mode)
    (tmp_path / "b/secret.conf").chmod(0o644)
    put(tmp_path, NEW)
    assert mode_of(tmp_path / "a.conf") == mode
    assert mode_of(tmp_path / "b/secret.conf") == 0o600
    assert mode_of(tmp_path / "new/d/e.conf") == 0o644


@pytest.mark.parametrize("private", [False, True])
def test_who_gives_a_mode_has_the_last_word(private, tmp_path):
    """Also of a file with secrets, and of one that is there with another mode."""
    once = output("a", private=private, mode=0o640)
    assert write.write(str(tmp_path), [once]) == ["a"]
    assert mode_of(tmp_path / "a") == 0o640
    assert write.write(str(tmp_path), [once]) == []
    (tmp_path / "a").chmod(0o644)
    assert [found.kind for found in write.compare(str(tmp_path), [once])] == ["mode"]
    assert write.write(str(tmp_path), [once]) == ["a"]
    assert mode_of(tmp_path / "a") == 0o640


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_the_umask_counts_for_folders_only(umask, tmp_path):
    """And nobody but their group can ever write in them."""
    before = os.umask(umask)
    try:
        put(tmp_path / "out", NEW)
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "out") == mode_of(tmp_path / "out/new/d") == 0o775 & ~umask
    assert mode_of(tmp_path / "out/a.conf") == 0o644


@only_root
def test_root_keeps_owner_and_group(tmp_path):
    """Of every file that is replaced, alone or with others."""
    put(tmp_path, OLD)
    for path in ("a.conf", "b/secret.conf"):
        os.chown(tmp_path / path, SOMEBODY, SOMEBODY + 1)
    put(tmp_path, NEW)
    put(tmp_path, {**NEW, "a.conf": "alone\n"})
    for path in ("a.conf", "b/secret.conf"):
        status = (tmp_path / path).stat()
        assert (status.st_uid, status.st_gid) == (SOMEBODY, SOMEBODY + 1)


@only_root
def test_root_writes_new_files_for_the_owner_of_the_folder(tmp_path):
    """Such as OMERO's user, who is to read them; only the folder that was named counts."""
    os.chown(tmp_path, SOMEBODY, SOMEBODY + 1)
    put(tmp_path, NEW)
    (tmp_path / "b/other").mkdir()
    os.chown(tmp_path / "b/other", SOMEBODY + 5, SOMEBODY + 5)
    put(tmp_path, {**NEW, "b/other/e.conf": "e\n"})
    for path in ("a.conf", "b", "b/secret.conf", "new", "new/d", "new/d/e.conf", "b/other/e.conf"):
        status = (tmp_path / path).stat()
        assert (path, status.st_uid, status.st_gid) == (path, SOMEBODY, SOMEBODY + 1)


@only_root
def test_root_makes_new_folders_for_the_owner_of_the_one_that_they_are_in(tmp_path):
    """Also again after a kill; in a folder that all may write in they are root's."""
    os.chown(tmp_path, SOMEBODY, SOMEBODY + 1)
    (tmp_path / "made").mkdir()
    os.chown(tmp_path / "made", SOMEBODY, SOMEBODY + 1)
    (tmp_path / "made/.out.omerogen").mkdir()
    os.chown(tmp_path / "made/.out.omerogen", SOMEBODY, SOMEBODY + 1)
    for folder in (tmp_path / "made/out", tmp_path / "x/y/out"):
        put(folder, NEW)
        for path in (*folder.parents[:1], folder, folder / "new", folder / "b/secret.conf"):
            status = path.stat()
            assert (path, status.st_uid, status.st_gid) == (path, SOMEBODY, SOMEBODY + 1)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["out"]
    (tmp_path / "x").chmod(0o1777)
    put(tmp_path / "x/new", NEW)
    assert (tmp_path / "x/new/b/secret.conf").stat().st_uid == 0


@only_root
def test_root_without_the_capability_keeps_new_folders(tmp_path, monkeypatch):
    """As in some containers."""

    def refuse(*_):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    monkeypatch.setattr(os, "fchown", refuse)
    put(tmp_path / "x/out", NEW)
    assert (tmp_path / "x/out/b/secret.conf").stat().st_uid == 0


@only_root
@pytest.mark.parametrize("mode", [0o775, 0o777])
def test_root_gives_nothing_to_who_planted_a_file(mode, tmp_path):
    """In a folder that others may write in; where nobody else can have put it there, its owner stays."""
    folder = tmp_path / "shared"
    put(folder, OLD)
    os.chown(folder / "b", SOMEBODY, SOMEBODY)
    os.chown(folder / "b/secret.conf", SOMEBODY, SOMEBODY)
    folder.chmod(mode)
    with contextlib.suppress(WriteError):
        put(folder, NEW)
        assert (folder / "b/secret.conf").stat().st_uid == 0
    assert ("new secret" in (folder / "b/secret.conf").read_text()) is (mode == 0o775)


def test_a_file_larger_than_any_output_is_replaced(tmp_path):
    """It is not read into memory."""
    put(tmp_path, NEW)
    with (tmp_path / "a.conf").open("wb") as file:
        file.truncate(2**40)
    put(tmp_path, NEW)
    assert (tmp_path / "a.conf").read_text() == NEW["a.conf"]


def test_unchanged_files_are_not_touched(tmp_path):
    """Neither their time nor their inode, whatever else changes."""
    put(tmp_path, OLD)
    before = everything(tmp_path)["b/same.conf"]
    assert "b/same.conf" not in put(tmp_path, NEW)
    assert everything(tmp_path)["b/same.conf"] == before
    all_of_it = everything(tmp_path)
    assert put(tmp_path, NEW).paths == ()
    assert everything(tmp_path) == all_of_it


@pytest.mark.parametrize("mode", [0o700, 0o750])
def test_what_a_closed_folder_holds_is_not_open_on_the_stage(mode, tmp_path, monkeypatch):
    """While its files are switched, nobody can read them who could not before."""
    put(tmp_path, OLD)
    (tmp_path / "b").chmod(mode)
    if ROOT:
        os.chown(tmp_path / "b", SOMEBODY, SOMEBODY + 1)
    seen = []
    real = os.symlink

    def look(text, *words, **named):
        if text == "new":
            for side in ("old", "new"):
                status = (tmp_path / ".omerogen" / side / "b").stat()
                seen.append((stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid))
        return real(text, *words, **named)

    monkeypatch.setattr(os, "symlink", look)
    put(tmp_path, NEW)
    status = (tmp_path / "b").stat()
    assert seen == [(mode, status.st_uid, status.st_gid)] * 2


# What is refused


@pytest.mark.parametrize(
    "path", ["../a", "/etc/omerogen", "a/../../b", "", ".", "..", "a//b", "a/", "./a", "a\0"]
)
@pytest.mark.parametrize("going", [False, True])
def test_a_path_that_may_lead_out_of_the_folder_is_refused(path, going, tmp_path):
    """Whether it is to be written or to go away, and in a comparison as well."""
    outputs, left_out = ([], [path]) if going else ([output(path)], [])
    outside = tmp_path / "a"
    outside.write_text("stays")
    assert refused(tmp_path / "out", *outputs, left_out=tuple(left_out)) == [
        f"{tmp_path}/out: {path!r} is not a path below it (give a relative path without . and ..)"
    ]
    with pytest.raises(WriteError, match="not a path below it"):
        write.compare(str(tmp_path / "out"), outputs, left_out)
    assert outside.read_text() == "stays"
    assert not (tmp_path / "out").exists()


def test_our_stage_is_not_to_be_written(tmp_path):
    """It is ours alone."""
    assert "not a path below it" in refused(tmp_path, output(".omerogen/current"))[0]


def test_symbolic_links_are_not_followed(tmp_path):
    """For a file, a folder on the way, and our own stage: all are reported at once."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("stays")
    out = tmp_path / "out"
    out.mkdir()
    (out / "file").symlink_to(outside / "file")
    (out / "folder").symlink_to(outside)
    (out / "goes").symlink_to("nowhere")
    (out / ".omerogen").symlink_to(outside)
    wanted = (output("file"), output("folder/file"), output("fine"))
    assert refused(out, *wanted, left_out=("goes",)) == [
        f"{out}/.omerogen: is a symbolic link, where omerogen has a folder while it writes (remove it)",
        *(
            f"{out}/{path}: is a symbolic link (put a file or folder there)"
            for path in ("file", "folder", "goes")
        ),
    ]
    assert (outside / "file").read_text() == "stays"
    assert len(list(outside.iterdir())) == 1


def test_the_folder_itself_may_be_given_by_a_link(tmp_path):
    """Such as ``current``; it is followed once, and stays."""
    (tmp_path / "release").mkdir()
    (tmp_path / "current").symlink_to("release")
    put(Path(f"{tmp_path}/current/"), NEW)
    assert contents(tmp_path / "release") == NEW
    assert (tmp_path / "current").is_symlink()


@only_root
def test_a_link_of_another_user_is_not_followed(tmp_path):
    """They could turn it elsewhere."""
    (tmp_path / "release").mkdir()
    (tmp_path / "current").symlink_to("release")
    os.chown(tmp_path / "current", SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises(WriteError, match=r"is a symbolic link of another user \(uid 12345\)"):
        put(tmp_path / "current", NEW)
    assert not any((tmp_path / "release").iterdir())


def test_obstacles_are_reported(tmp_path):
    """A folder for a file, a file for a folder, a pipe, which nobody waits for."""
    put(tmp_path, {"a.conf": "a"})
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    wanted = (output("a.conf/b"), output("folder"), output("pipe"), output("fine"))
    assert [line.split(" (")[0] for line in refused(tmp_path, *wanted)] == [
        f"{tmp_path}/a.conf: cannot be written: Not a directory",
        f"{tmp_path}/folder: cannot be written: Is a directory",
        f"{tmp_path}/pipe: cannot be written: It is not a regular file",
    ]
    with pytest.raises(WriteError, match="pipe: cannot be read: It is not a regular file"):
        write.compare(str(tmp_path), [output("pipe")])


def test_a_world_writable_folder_is_refused(tmp_path):
    """Also one on the way; one like /tmp is fine, and so is one that a group shares."""
    put(tmp_path, OLD)
    (tmp_path / "b").chmod(0o777)
    assert f"{tmp_path}/b: all users may write in it" in refused(tmp_path, output("b/c.conf"))[0]
    (tmp_path / "b").chmod(0o775)
    tmp_path.chmod(0o777)
    assert "all users may write in it" in refused(tmp_path, output("b/c.conf"))[0]
    tmp_path.chmod(0o1777)
    put(tmp_path, NEW)
    assert contents(tmp_path) == NEW


@only_root
def test_what_others_put_into_a_folder_like_tmp_is_a_trap(tmp_path):
    """A file that keeps its owner would give them the secret; a folder of theirs is no better."""
    tmp_path.chmod(0o1777)
    (tmp_path / "secret").touch()
    (tmp_path / "folder").mkdir()
    for name in ("secret", "folder"):
        os.chown(tmp_path / name, SOMEBODY, SOMEBODY)
    said = "belongs to another user (uid 12345), where all users may write (give another folder)"
    wanted = (output("secret", private=True), output("folder/secret", private=True))
    assert refused(tmp_path, *wanted) == [f"{tmp_path}/{name}: {said}" for name in ("secret", "folder")]


def test_a_folder_swapped_for_a_link_is_not_followed(quick_path):
    """At any moment of a write: what was not ours to change stays."""
    outside = quick_path / "outside"
    outside.mkdir()
    for name in ("c.conf", "secret.conf", "same.conf"):
        (outside / name).write_text("stays")
    before = everything(outside)
    for number in itertools.count(1):
        folder = quick_path / str(number)
        put(folder, OLD)

        def swap(folder: Path = folder) -> None:
            (folder / "b").rename(folder / "moved")
            (folder / "b").symlink_to(outside)

        with interfering(Operations(number, swap)) as operations, contextlib.suppress(WriteError):
            put(folder, NEW)
        assert everything(outside) == before
        if operations.count < number:
            break
    assert number > 60


# As somebody who is not root


def as_user(work: Callable[[], object], *groups: int) -> str:
    """What is reported to an ordinary user whose write fails, or ``written``."""
    here, there = os.pipe()

    def ordinary() -> None:
        if ROOT:
            os.setgroups(groups)
            os.setresgid(ORDINARY, ORDINARY, ORDINARY)
            os.setresuid(ORDINARY, ORDINARY, ORDINARY)
        try:
            work()
            os.write(there, b"written")
        except WriteError as error:
            os.write(there, str(error).encode())

    assert ended(start(ordinary)) == 0
    os.close(there)
    with open(here, encoding="utf-8") as said:
        return said.read()


@pytest.fixture
def open_path():
    """A folder that an ordinary user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@only_root
@pytest.mark.parametrize(
    ("mode", "group", "said"),
    [
        (0o1777, SOMEBODY, "belongs to another user (uid 12345), and none of your groups may write in it"),
        (0o755, SOMEBODY, "belongs to another user (uid 12345), and none of your groups may write in it"),
        (0o2775, 7777, "written"),
    ],
)
def test_a_folder_of_another_user_is_refused_unless_it_is_shared(mode, group, said, open_path):
    """A group that shares a folder builds into it; nobody else does, but root."""
    out = open_path / "out"
    out.mkdir()
    os.chown(out, SOMEBODY, group)
    out.chmod(mode)
    assert said in as_user(lambda: put(out, OLD), 7777)
    put(out, NEW)
    assert contents(out) == NEW


@only_root
def test_root_writes_into_the_folder_of_another_user(open_path):
    """And puts in order what its owner left when killed."""
    out = give_to_ordinary_user(open_path / "out")
    assert as_user(lambda: put(out, OLD)) == "written"
    assert as_user(lambda: killed_at(80, out)) == "written"
    assert (out / ".omerogen").is_dir()
    assert contents(out) in (OLD, NEW)
    put(out, NEW)
    assert (contents(out), everything(out).keys()) == (NEW, names(NEW))


@only_root
def test_the_stage_of_another_user_is_left_alone(open_path):
    """In a folder like /tmp it may be a trap; anywhere it is theirs to put in order."""
    out = open_path / "out"
    out.mkdir()
    out.chmod(0o1777)
    (out / ".omerogen").mkdir()
    os.chown(out / ".omerogen", SOMEBODY, SOMEBODY)
    said = f"{out}/.omerogen: was left by an interrupted build of another user (uid 12345)"
    assert said in refused(out, output("a"))[0]
    assert said in as_user(lambda: put(out, OLD))


def test_a_folder_that_must_not_be_written_in_is_reported(open_path):
    """With its name, for a new file and for one that is there."""
    out = give_to_ordinary_user(open_path / "out")
    assert as_user(lambda: put(out, OLD)) == "written"
    before = everything(out)
    (out / "b").chmod(0o555)
    said = as_user(lambda: put(out, NEW))
    assert said.startswith(f"{out}/b/c.conf: cannot be written: Permission denied (")
    (out / "b").chmod(0o775)
    out.chmod(0o555)
    said = as_user(lambda: put(out, NEW))
    assert said.startswith(f"{out}: cannot be written: Permission denied (")
    out.chmod(0o775)
    assert everything(out).keys() == before.keys()
    assert contents(out) == OLD


# Full disks


def test_a_file_that_may_not_become_that_long_is_reported(tmp_path):
    """A limit of the process stands for a disk that is full in the middle of a file."""
    put(tmp_path, OLD)
    before = everything(tmp_path)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with pytest.raises(WriteError, match="cannot be written: File too large"):
            put(tmp_path, {**NEW, "new/d/e.conf": "e" * 2000})

    assert ended(start(work)) == 0
    assert everything(tmp_path) == before


@only_root
def test_a_full_disk_is_reported(tmp_path):
    """A small one, filled up: the old files are what they were."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=755", "none", disk]).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        put(disk, OLD)
        before = everything(disk)
        with pytest.raises(WriteError, match=f"{disk}: cannot be written: No space left on device"):
            put(disk, {**NEW, "new/d/e.conf": "e" * 70000})
        assert everything(disk) == before
        with pytest.raises(OSError, match="No space left"):
            (disk / "full").write_bytes(bytes(1 << 20))
        with pytest.raises(WriteError, match="cannot be written: No space left on device"):
            put(disk, NEW)
        assert everything(disk).keys() == {*before, "full"}
        assert contents(disk) == OLD
    finally:
        run(["umount", disk])


@only_root
def test_a_folder_that_is_mounted_apart_is_reported(tmp_path):
    """Its files cannot be switched with the others."""
    put(tmp_path, OLD)
    if run(["mount", "-t", "tmpfs", "-o", "mode=755", "none", tmp_path / "b"]).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with pytest.raises(WriteError, match="b/c.conf: cannot be written: It is mounted apart"):
            put(tmp_path, NEW)
        assert contents(tmp_path) == {"a.conf": OLD["a.conf"]}
    finally:
        run(["umount", tmp_path / "b"])
    assert (contents(tmp_path), everything(tmp_path).keys()) == (OLD, names(OLD))


# One file


def test_a_picture_is_put_in_place_whole(tmp_path):
    """`write_file` keeps permissions, makes the folder, and leaves nothing else there."""
    path = tmp_path / "new" / "a.svg"
    write.write_file(str(path), b"1")
    assert mode_of(path) == 0o644
    path.chmod(0o640)
    write.write_file(str(path), b"2")
    assert (path.read_bytes(), mode_of(path), len(list(path.parent.iterdir()))) == (b"2", 0o640, 1)


@pytest.mark.parametrize("operation", ["write", "fsync", "fchmod", "replace"])
def test_a_picture_that_cannot_be_written_is_reported(operation, tmp_path, monkeypatch):
    """With its name; the present one stays, and no litter."""
    path = tmp_path / "a.svg"
    path.write_bytes(b"old")

    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    monkeypatch.setattr(os, operation, fail)
    with pytest.raises(WriteError, match=f"^{path}: cannot be written: No space left on device"):
        write.write_file(str(path), b"new")
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (b"old", 1)
