"""No secret leaves the tool but in the artifacts that need it: every command, and all explanations."""

from __future__ import annotations

import pytest

from omerogen import artifacts, catalog
from omerogen.artifacts import ARTIFACTS
from omerogen.cli.registry import COMMANDS
from support.canaries import CANARY, SOURCES, Cage, secret_names
from support.files import DATA, words_of
from support.installation import SHIPPED
from support.searching import EXEMPT, arrange

RELEASES = ("--from", "5.4.0", "--to", "5.6.10", "--web-from", "5.6.0", "--web-to", "5.33.2")
COMMANDS_TO_RUN = [
    *(words_of(name, options) for name in ARTIFACTS for options in artifacts.get(name).examples),
    ("check",),
    ("check", "--format", "json"),
    ("properties",),
    *(("properties", "--format", form) for form in ("table", "json", "schema", "markdown")),
    *(("properties", "--only-set", "--format", form) for form in ("table", "json", "schema", "markdown")),
    ("properties", "--only-set", "--only-secrets"),
    ("properties", "--only-set", "--section", "Database"),
    ("properties", "--only-set", "--text", "password"),
    ("properties", "omero.db.*", "--only-set"),
    ("explain", "omero.db.pass", "--show-secrets"),
    *(("impact", "--set", "omero.web.prefix=/x", "--format", form) for form in ("text", "json")),
    *(("upgrade", *RELEASES, "--all", "--format", form) for form in ("text", "json", "omero")),
    *(("compare", "nginx", str(DATA / "nginx/certbot.conf"), "--format", form) for form in ("text", "json")),
    ("compare", "nginx", str(DATA / "nginx/certbot.conf"), "--adopt"),
    ("compare", "templates", str(SHIPPED)),
    ("report", "--output", "-"),
    ("build", "--check"),
    ("build", "--diff"),
    ("build", "--only", "jvm,jdbc"),
    ("build",),
    ("build", "--check"),
    ("build", "--diff"),
    ("icegrid", "-o", "--diff"),
    ("icegrid", "-o", "--check"),
    ("icegrid", "-o"),
    ("rewrite", "-o", "--templates", str(SHIPPED), "--check", "--diff"),
    ("rewrite", "-o", "--templates", str(SHIPPED)),
]


def test_every_command_is_run():
    """An artifact's by its examples; any other that is new has to be added above."""
    # explain has a test of its own; completion reads nothing, and init prints no values.
    without = {"explain", "completion", "init"}
    assert {arguments[0] for arguments in COMMANDS_TO_RUN} >= COMMANDS.keys() - without
    assert {words[0] for words in EXEMPT} <= COMMANDS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("kind", SOURCES)
def test_no_command_shows_a_canary(kind, omerogen, tmp_path, monkeypatch, search, scratch):
    """Every command and format, over an old build with other canaries; what is written is private."""
    cage = Cage()
    out = tmp_path / "out"
    before, _ = arrange(kind, tmp_path, monkeypatch, cage)
    assert omerogen("build", "-o", out, *before).status == 0
    arguments, _ = arrange(kind, tmp_path, monkeypatch, cage)
    for strict in ((), ("--strict",)):
        for command in COMMANDS_TO_RUN:
            words = [word for word in command if word != "-o"]
            place = ("-o", str(out)) if command[0] == "build" or "-o" in command else ()
            result = omerogen(*words, *place, *arguments, *strict)
            assert result.status in ((0, 1) if not strict else (0, 1, 2)), result.err
            search.result(command, result)
            search.folder(out)
            assert list(scratch.iterdir()) == []
    holding = [path for path in out.rglob("*") if path.is_file() and CANARY.search(path.read_text())]
    assert len(holding) >= 11, holding  # the canaries are alive


def test_a_picture_shows_no_canary(omerogen, tmp_path, monkeypatch, search):
    """Of the heaps; it names services, not flags."""
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    out = tmp_path / "out"
    out.mkdir()
    command = ("jvm", "--plot", str(out / "heaps.svg"))
    result = omerogen(*command, *arguments)
    assert result.status == 0
    search.result(command, result)
    search.folder(out)


def test_a_diff_of_what_a_group_may_read_shows_no_canary(omerogen, tmp_path, search):
    """A site may let a group read a file with secrets; without any now, the old ones stay hidden."""
    build = ("build", "--only", "jvm", "-o", tmp_path / "out", "--set", "omero.jvmcfg.system_memory=64000")
    assert omerogen(*build, "--set", "omero.jvmcfg.append=-Dx.password=kanari1").status == 0
    for path in (tmp_path / "out/jvm").iterdir():
        path.chmod(0o640)
    search.result(("build",), omerogen(*build, "--diff"))


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_explanation_of_heaps_shows_no_canary(form, omerogen, tmp_path, monkeypatch, search):
    """It is for people, and no file that java reads."""
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    command = ("jvm", "--explain", "--format", form)
    search.result(command, omerogen(*command, *arguments))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SOURCES)
def test_no_explanation_shows_a_canary(kind, omerogen, tmp_path, monkeypatch, search):
    """Of every property that is set, in both formats, with the layers of two sources."""
    cage = Cage()
    below, _ = arrange("site.omero", tmp_path, monkeypatch, cage)
    arguments, properties = arrange(kind, tmp_path, monkeypatch, cage)
    if kind == "site.omero":
        below = ()
    for name in properties:
        for form in ("text", "json"):
            command = ("explain", name, "--format", form)
            result = omerogen(*command, *below, *arguments)
            assert result.status == 0
            search.result(command, result)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SOURCES)
def test_no_line_that_is_explained_shows_a_canary(kind, omerogen, tmp_path, monkeypatch, search):
    """Of all files of a build, also where the properties have changed since and lines were added by hand."""
    cage = Cage()
    before, _ = arrange(kind, tmp_path, monkeypatch, cage)
    out = tmp_path / "out"
    assert omerogen("build", "-o", out, *before).status == 0
    for arguments in (before, arrange(kind, tmp_path, monkeypatch, cage)[0]):
        for path in sorted(out.rglob("*")):
            if not path.is_file() or path.name == "manifest.json":
                continue
            private = path.stat().st_mode & 0o777 == 0o600
            path.write_text(path.read_text() + ("kanari0\n" if private else "by hand\n"))
            lines = path.read_text().count("\n")
            for form in ("text", "json"):
                command = ("explain", f"{path}:1-{lines}", "--format", form)
                result = omerogen(*command, *arguments)
                assert result.status == 0, result.err
                search.result(command, result)


@pytest.mark.slow
def test_no_explanation_of_any_property_shows_a_canary(omerogen, tmp_path, monkeypatch, search):
    """Of the others either."""
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    for name in catalog.PROPERTIES:
        command = ("explain", name)
        search.result(command, omerogen(*command, *arguments))


def test_every_secret_is_alive(omerogen, tmp_path, monkeypatch):
    """The search would find them: ``--show-secrets`` shows each."""
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    for name in secret_names():
        assert CANARY.search(omerogen("explain", name, "--show-secrets", *arguments).out), name
