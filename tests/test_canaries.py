"""No secret leaves the tool but in the artifacts that need it: canaries, and a search of everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from canaries import CANARY, SOURCES, Cage, secret_names, site, source
from conftest import words_of
from omerogen import artifacts, catalog, cli, product
from omerogen.artifacts import ARTIFACTS
from omerogen.commands import COMMANDS

#: What standard output may show, by its command and what must be among its arguments: why.
EXEMPT = {
    ("django",): "it is the settings module itself, with the secret key and the databases",
    ("jdbc", "properties"): "it is the file of connection properties itself",
    ("jdbc", "json"): "it is all that a program needs to connect",
    ("jvm",): "it is the flags themselves",
    ("icegrid",): "it is the application itself, with IceSSL.Password and the flags of the JVMs",
    ("glacier2",): "it is the server template itself, with IceSSL.Password",
    ("nginx",): "it is the configuration itself, with the site's own lines",
    ("explain", "--show-secrets"): "secrets were asked for",
}
#: What no reader of the flags reads, but a person does, is no artifact: it is searched all the same.
_NOT_EXEMPT = ("--explain", "--plot", "-o")
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
    ("build", "--check"),
    ("build", "--diff"),
    ("build", "--only", "jvm,jdbc"),
    ("build",),
    ("build", "--check"),
    ("build", "--diff"),
    ("icegrid", "-o", "--diff"),
    ("icegrid", "-o", "--check"),
    ("icegrid", "-o"),
]


def is_exempt(arguments: tuple[str, ...]) -> bool:
    """Whether standard output is the artifact itself."""
    if set(arguments) & {*_NOT_EXEMPT}:
        return False
    return any(arguments[0] == words[0] and set(words) <= set(arguments) for words in EXEMPT)


class Search:
    """Looks for canaries, and counts where it looked."""

    searched = 0

    def text(self, where: object, text: str) -> None:
        """In a text."""
        Search.searched += 1
        found = sorted(set(CANARY.findall(text)))
        assert not found, f"{where}: {found} in {text[:2000]}"
        assert "Traceback" not in text, where

    def result(self, arguments: tuple[str, ...], result) -> None:
        """In what a command said."""
        self.text((*arguments, "stderr"), result.err)
        if not is_exempt(arguments):
            self.text((*arguments, "stdout"), result.out)

    def folder(self, folder: Path) -> None:
        """In all files that others may read, and in the names of all."""
        for path in folder.rglob("*"):
            self.text("name", str(path.relative_to(folder)))
            if path.is_file() and path.stat().st_mode & 0o077:
                self.text(path, path.read_bytes().decode(errors="replace"))


@pytest.fixture
def search() -> Search:
    """A search."""
    return Search()


@pytest.fixture
def scratch(tmp_path, monkeypatch, omerogen) -> Path:  # noqa: ARG001 - which sets the folder too
    """A folder for what the tool writes on the way."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def arrange(kind, tmp_path, monkeypatch, cage) -> tuple[tuple[str, ...], dict[str, str]]:
    """A site in a source of that kind: arguments that read it, and its properties."""
    kept = tmp_path / "sources"
    kept.mkdir(exist_ok=True)
    properties = site(cage, kept)
    arguments, variables = source(kind, properties, kept)
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    return arguments, properties


def test_every_command_is_run():
    """An artifact's by its examples; any other that is new has to be added above."""
    without = {"explain", "completion"}  # explain has a test of its own, completion reads nothing
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


def wrong_values() -> list[tuple[str, str]]:
    """Properties and values that are wrong, near a secret or in one."""
    cage = Cage()
    word = cage.plain
    return [
        ("omero.web.databases", f'{{"default": {{"PASSWORD": "{word()}", "ENGINE": 1}}}}'),
        ("omero.web.databases", f'{{"default": {{"PASSWORD": "{word()}"'),
        ("omero.web.databases", f'{{"default": {{"PASSWORD": {word()}}}}}'),
        ("omero.web.databases", f"{{'default': {{'PASSWORD': '{word()}'}}}}"),
        ("omero.web.databases", f'{{"x": {{"redis://:{word()}@h": 1, "ENGINE": 1}}}}'),
        ("omero.web.caches", f'{{"redis://:{word()}@h": 1}}'),
        ("omero.web.django_additional_settings", f'[["email_password", "{word()}"]]'),
        ("omero.web.nginx_server_extra_config", f'["proxy_set_header Authorization {word()}\\""]'),
        ("omero.web.nginx_server_extra_config", f'["proxy_set_header Authorization {word()}"]'),
        ("omero.client.web.host", f"redis://:{word()}@host"),
        ("omero.client.web.host", f"u:{word()}@host"),
        ("omero.web.prefix", f"redis://:{word()}/{word()}@host"),
        ("omero.db.host", f"u:{word()}@h"),
        ("omero.db.port", f"password={word()}"),
        ("omero.ldap.urls", f"ldap://u:{word()}@h"),
        ("omero.ldap.user_mapping", f"password={word()},x"),
        ("omero.ldap.user_mapping", "a=b,${omero.ldap.password}"),
        ("omero.client.icetransports", "${omero.ldap.password}"),
        ("omero.search.cron", "0 0 ${omero.ldap.password} * * ?"),
        ("omero.fs.repo.path", "%${omero.ldap.password}%"),
        ("omero.server.nodedescriptors", "master:+${omero.ldap.password}"),
        ("omero.server.nodedescriptors", "${omero.ldap.password}"),
        ("omero.glacier2.IceSSL.Protocols", "${omero.ldap.password}"),
        ("omero.glacier2.IceSSL.Protocols", f"token={word()}"),
        ("omero.glacier2.IceSSL.Password", f"{word()}\n{word()}"),
        ("omero.db.properties", f"pass%word={word()}"),
        ("omero.db.properties", f"password={word()}%zz"),
        ("omero.jvmcfg.append", f"-Dx.password={word()} '{word()}"),
        ("omero.jvmcfg.append", f"-Dx.password={word()} {word()}"),
        ("omero.jvmcfg.heap_size", "${omero.ldap.password}"),
        ("omero.db.pass", f"{word()}${{{word()}}}{word()}"),
        ("omero.db.pass", f"{word()}${{omero.{word()}}}{word()}"),
        ("omero.db.pass", f"{word()}${{omero.db.pass}}"),
        ("omero.db.pass", f"file:{word()}"),
        ("omero.db.pass", f"file://{word()}/x"),
        ("omero.db.pass", f"{word()}\0"),
        ("omero.x", f"redis://:{word()}${{{word()}}}@h"),
        ("omero.x", "${omero.${omero.ldap.password}}"),
        ("omero.x", "${${omero.ldap.password}}"),
        ("omero.x", "${omero.ldap.password}${omero.x}"),
        (f"omero.db.pass={word()}", word()),
        (f"omero.db.pass:{word()}", word()),
        (f"omero.db.pass {word()}", word()),
    ]


LDAP = ("--set", "omero.ldap.password=kanari998")


@pytest.mark.parametrize("kind", SOURCES)
def test_no_message_on_a_wrong_value_shows_a_canary(kind, omerogen, tmp_path, monkeypatch, search):
    """Wherever the value stands; every one is refused."""
    for name, value in wrong_values():
        if "\0" in value and kind not in ("site.json", "site.properties"):
            continue
        if set(name) & set("=: ") and kind in ("--env", "--set", "site.properties"):
            continue  # there it is a name and a value
        arguments, variables = source(kind, {name: value}, tmp_path)
        for variable, text in variables.items():
            monkeypatch.setenv(variable, text)
        result = omerogen("jdbc", *LDAP, *arguments)
        assert result.status == 2, (name, value)
        search.result(("jdbc", name), result)
        for variable in variables:
            monkeypatch.delenv(variable)


def test_no_value_that_an_artifact_refuses_shows_a_canary(omerogen, search, tmp_path):
    """Legal one by one, but nothing to write there, or nothing that fits together."""
    refused = [
        ("jdbc", "omero.db.name=${omero.ldap.password}"),
        ("jdbc", "omero.db.properties=x=kanari1&y=${omero.ldap.password}"),
        ("jdbc", "omero.db.properties=${omero.ldap.password}"),
        ("jdbc", "omero.db.url=jdbc:postgresql://u:kanari1@h/d"),
        ("jdbc", "omero.db.url=jdbc:postgresql://h/d?x=%zz&password=kanari1"),
        ("jdbc", "omero.db.url=jdbc:mysql://h/d?password=kanari1"),
        ("jdbc", "omero.db.url=jdbc:postgresql://h/${omero.ldap.password}"),
        ("jdbc", "omero.db.host=${omero.ldap.password}.kanari${omero.db.name}/"),
        ("nginx", "omero.data.dir=${omero.ldap.password}", "omero.web.static_root=/kanari1$x"),
        ("django", 'omero.web.django_additional_settings=[["A_TOKEN", "kanari1"], ["B", 1e999]]'),
        ("glacier2", "omero.glacier2.IceSSL.Password=kanari1\x01"),
        ("icegrid", "omero.server.nodedescriptors=master:${omero.ldap.password}"),
        ("build", "omero.server.nodedescriptors=w${omero.ldap.password}:Tables-0"),
        ("jvm", "omero.jvmcfg.append=-Dpassword=kanari1 -Xms90000m"),
    ]
    for command, *overrides in refused:
        arguments = tuple(word for override in overrides for word in ("--set", override))
        for asked in ((command,), ("build", "-o", str(tmp_path / "out")), ("check",)):
            result = omerogen(*asked, *LDAP, *arguments)
            if overrides[-1].startswith("omero.web.static_root"):
                continue  # a path is no secret
            assert result.status in (1, 2), (asked, overrides)
            search.result((asked[0], *overrides), result)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["icegrid", "build", "check"])
def test_no_note_on_what_is_left_out_shows_a_canary(command, omerogen, search, tmp_path):
    """The application is, where its module is none."""
    folder = ("-o", str(tmp_path / "out")) if command == "build" else ()
    result = omerogen(command, *folder, *LDAP, "--set", "omero.tables.module=a ${omero.ldap.password}")
    assert "omero.tables.module '********' is no Python module" in result.out + result.err
    search.result((command,), result)


_PROFILE = '<icegrid><properties id="default">{}</properties></icegrid>'
BROKEN = {
    "config.xml": [
        _PROFILE.format('<property name="omero.db.pass" value="a&kanari1;b"/>'),
        _PROFILE.format('<property name="omero.db.pass" value="a"kanari1 kanari2"/>'),
        _PROFILE.format('<property name="omero.db.pass" value="a" kanari1 kanari2/>'),
        _PROFILE.format('<property name="omero.db.pass" value="<kanari1>"/>'),
        _PROFILE.format('<property name="omero.db.pass"/>kanari1'),
        _PROFILE.format('<property name="omero.db.pass">kanari1</property>'),
        '<icegrid><properties id="default"><property name="omero.db.pass" value="kanari1',
        '<!DOCTYPE icegrid [<!ENTITY x "kanari1">]><icegrid/>',
        "kanari1",
    ],
    "site.omero": [
        "config set omero.db.pass 'kanari1",
        "config set omero.db.pass kanari1 kanari2",
        "config set omero.db.pass \\\nkanari1",
        "config set omero.db.pass 'kanari1\nkanari2\nkanari3'",
        "config set omero.db.pass=kanari1",
        "config set --pass=kanari1 omero.db.pass",
        "config set -kanari1",
        "config set omero.db.pass\nkanari1\nkanari2 kanari3\nconfig set a=b",
        "config append omero.db.pass kanari1",
        "config append omero.web.databases '{\"PASSWORD\": kanari1}'",
        "config remove omero.web.apps '\"kanari1\"'",
    ],
    "site.properties": [
        "omero.db.pass=kanari\\u1kanari1",
        "omero.db.pass=x\\ukanari1",
        "omero.db.pass=b=${kanari1}\nomero\\ db.pass\\=kanari1=x",
        "omero.db.pass=kanari0\nkanari1\nkanari2 kanari3\na:b:c=1\n=x",
        b"omero.db.pass=kanari1\xff${x}\0",
    ],
    "site.yaml": [
        "omero.db.pass: *kanari1",
        "omero.db.pass: &kanari1",
        "omero.db.pass: !kanari1 x",
        "omero.db.pass: !kanari1",
        "omero.db.pass: !!kanari1 x",
        "omero.db.pass: !ka!kanari1 x",
        "omero.db.pass: !!bool kanari1",
        "omero.db.pass: !!int kanari1",
        'omero.db.pass: !!int ""',
        "omero.db.pass: !!float kanari1",
        "omero.db.pass: !!timestamp kanari1",
        "omero.db.pass: !!binary kanari1",
        "omero.db.pass: !!omap kanari1",
        "omero.db.pass: !!set [kanari1]",
        'omero.db.pass: "kanari1\\kanari2"',
        'omero.db.pass: "kanari1',
        "omero.db.pass: 'kanari1' kanari2",
        "omero.db.pass: @kanari1",
        "omero.db.pass: `kanari1",
        "omero.db.pass: %kanari1",
        "%YAML kanari1\n---\nomero.db.pass: kanari1",
        "omero.db.pass: [kanari1",
        "omero.db.pass: {kanari1: kanari2: kanari3",
        "omero.db.pass: kanari1: kanari2",
        "omero.db.pass: |\nkanari1\nkanari2",
        "omero.db.pass=kanari1\nomero.x: 1",
        "omero.db.pass=kanari1: 1\nomero.db.pass=kanari1: 2",
        "omero.db.pass=kanari1:",
        "? {kanari1: kanari2}\n: x",
        "omero.db.pass: {[kanari1]: 1}",
        "omero.db.pass: {kanari1: !!binary aGk=}",
        "kanari1",
        "- kanari1",
        b"omero.db.pass: kanari1\x00",
        b"omero.db.pass: kanari1\xff",
    ],
    "site.json": [
        '{"omero.db.pass": kanari1}',
        '{"omero.db.pass": "kanari1}',
        '{"omero.db.pass": "kanari1\\kanari2"}',
        '{"omero.db.pass": "kanari1" "kanari2"}',
        '{"omero.db.pass": "kanari1"} kanari2',
        '{"omero.db.pass" "kanari1"}',
        '{"omero.db.pass=kanari1": 1, "omero.db.pass=kanari1": 2}',
        '{"omero.db.pass=kanari1": null}',
        '{"omero.db.pass": {"kanari1": NaN}}',
        '{"omero.db.pass": "kanari1\n"}',
        '"kanari1"',
        '["kanari1"]',
        "kanari1",
        b'{"omero.db.pass": "kanari1\xff"}',
    ],
    "site.kanari1": [],
}


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name, contents in BROKEN.items() for content in contents]
)
@pytest.mark.parametrize("command", ["jdbc", "check", "properties"])
def test_no_message_on_a_broken_file_shows_a_canary(command, name, content, omerogen, tmp_path, search):
    """The line is named, not repeated; what is read in spite of it does no harm."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    arguments = (command, "--only-set") if command == "properties" else (command,)
    result = omerogen(*arguments, "-c", path)
    assert result.status == 2, result
    search.result(arguments, result)


def test_no_note_on_what_is_passed_over_shows_a_canary(omerogen, tmp_path, search):
    """A line that is no command may be the rest of a value."""
    path = tmp_path / "a.omero"
    path.write_text(
        "config set omero.db.pass x\nkanari1\nkanari2 kanari3\nomero kanari4\nconfig get kanari5\n"
    )
    result = omerogen("jdbc", "-c", path)
    assert (result.status, len(result.problems)) == (0, 4)
    search.result(("jdbc",), result)


@pytest.mark.parametrize(
    "arguments",
    [
        ("jdbc", "--set", "omero.db.pass", "kanari1"),
        ("jdbc", "--sett", "omero.db.pass=kanari1"),
        ("jdbc", "--sett=omero.db.pass=kanari1 kanari2"),
        ("jdbc", "omero.db.pass=kanari1"),
        ("--set", "omero.db.pass=kanari1", "jdbc"),
        ("--set", "omero.db.pass='kanari1\" kanari2", "jdbc"),
        ("omero.db.pass=kanari1",),
        ("jdbc", "--set", "omero.db.pass:kanari1"),
        ("jdbc", "--set", "omero.db.pass kanari1"),
        ("build", "--set", "omero.db.pass", "kanari1"),
        ("build", "--only", "omero.db.pass=kanari1"),
        ("explain", "omero.db.pass=kanari1"),
        ("explain", "omero.db.pass kanari1"),
        ("properties", "omero.db.pass=kanari1"),
        ("check", "--with-consumers", "java", "omero.db.pass=kanari1"),
        ("nginx", "--servername", "a", "omero.db.pass=kanari1"),
        ("nginx", "--servername", "a", "omero.db.pass='kanari1' kanari2\""),
        ("nginx", "--http", "omero.db.pass=kanari1"),
        ("properties", "--only-set", "--set", "omero.db.pass=kanari1", "omero.db.pass=kanari1", "--format=x"),
    ],
)
def test_a_slip_on_the_command_line_is_not_repeated(arguments, omerogen, search):
    """argparse would repeat it."""
    result = omerogen(*arguments)
    assert result.status == 2
    search.result(arguments, result)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("kanari1"),
        ValueError("kanari1"),
        RecursionError("kanari1"),
        MemoryError("kanari1"),
        AssertionError("kanari1"),
        UnicodeEncodeError("utf-8", "kanari1", 0, 1, "kanari1"),
    ],
)
def test_an_exception_of_ours_is_one_line(error, omerogen, monkeypatch, search):
    """Its type and its place, no value, no traceback; exit 2."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(product, "make", fail)
    result = omerogen("jdbc", "--set", "omero.db.pass=kanari2")
    assert (result.status, result.out) == (2, "")
    [line] = result.problems
    assert line.startswith(f"omerogen: internal error: {type(error).__name__} at commands.artifact:")
    search.result(("jdbc",), result)


def test_an_interrupt_says_nothing(omerogen, monkeypatch):
    """As before."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "load", interrupt)
    result = omerogen("jdbc", "--set", "omero.db.pass=kanari2")
    assert (result.status, result.out, result.problems) == (130, "", [])


#: Records what others on the machine could see of it, and answers whatever it is asked for.
RECORDER = """#!/bin/sh
{{ tr '\\0' '\\n' < /proc/$$/cmdline; tr '\\0' '\\n' < /proc/$$/environ; }} >> {log}
echo 'Registry.Client ready Glacier2.Client ready'
exit {status}
"""
PROGRAMS = ("java", "nginx", "icegridregistry", "icegridadmin", "glacier2router", "openssl", "python3")


@pytest.mark.usefixtures("scratch")
@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("command", ["check", "build"])
def test_no_program_is_given_a_canary_where_others_see_it(
    command, status, omerogen, tmp_path, monkeypatch, search
):
    """Arguments and environments of all programs that are asked, whether they accept or refuse."""
    log, folder, omerodir = tmp_path / "log", tmp_path / "bin", tmp_path / "omero"
    folder.mkdir()
    (omerodir / "lib/server").mkdir(parents=True)
    (omerodir / "lib/server/postgresql.jar").touch()
    (omerodir / "venv3/bin").mkdir(parents=True)
    for path in [*(folder / name for name in PROGRAMS), omerodir / "venv3/bin/python"]:
        path.write_text(RECORDER.format(log=log, status=status))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    arguments, _ = arrange("--env", tmp_path, monkeypatch, Cage())
    asked = ("--with-consumers",) if command == "check" else ("--verify", "-o", str(tmp_path / "out"))
    result = omerogen(command, *asked, "--omerodir", omerodir, *arguments)
    search.result((command,), result)
    seen = log.read_text(errors="replace")
    for program in PROGRAMS[:3] if status else (*PROGRAMS[:-1],):
        assert f"/{program}" in seen
    assert f"{omerodir}/venv3/bin/python" in seen
    search.text("arguments and environments", seen)


SAYS = """#!/bin/sh
for file in "$@"; do file=${{file#@}}; test -f "$file" && cat "$file"; done
cat {folder}/*/* 2>/dev/null | tr '\\n' ' '
echo 'Registry.Client ready'
case "$*" in *"import django"*) exit 0;; esac
exit 1
"""


def test_what_programs_say_is_searched_too(omerogen, tmp_path, monkeypatch, search, scratch):
    """One that repeats the whole file that it was given, in the message by which it refuses."""
    folder = tmp_path / "bin"
    folder.mkdir()
    omerodir = tmp_path / "omero"
    (omerodir / "venv3/bin").mkdir(parents=True)
    for path in [*(folder / name for name in PROGRAMS), omerodir / "venv3/bin/python"]:
        path.write_text(SAYS.format(folder=scratch))
        path.chmod(0o755)
    (folder / "openssl").write_text("#!/bin/sh\n")  # without a certificate the router would not be asked
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    consumers = ("java", "nginx", "icegrid", "django")
    for form in ("text", "json"):
        command = ("check", "--format", form, "--omerodir", omerodir, "--with-consumers", *consumers)
        result = omerogen(*command, *arguments)
        assert result.status == 1
        search.result(("check",), result)
    refused = [found for found in json.loads(result.out)["findings"] if found["id"].startswith("refused-by")]
    assert {found["id"].rpartition("-")[2] for found in refused} == set(consumers)
    hidden = {found["id"].rpartition("-")[2] for found in refused if "********" in found["message"]}
    assert hidden >= {"java", "nginx", "django"}


@pytest.mark.slow
@pytest.mark.usefixtures("scratch")
def test_the_real_programs_show_no_canary(omerogen, tmp_path, monkeypatch, search):
    """Those that are installed, with their arguments and environments as they are started."""
    started = []
    real = subprocess.Popen.__init__

    def recording(process, arguments, *more, **options):
        started.append(json.dumps([list(map(str, arguments)), dict(options.get("env") or os.environ)]))
        real(process, arguments, *more, **options)

    arguments, _ = arrange("site.json", tmp_path, monkeypatch, Cage())
    monkeypatch.setattr(subprocess.Popen, "__init__", recording)
    out = ("-o", str(tmp_path / "out"))
    for command in (("check", "--with-consumers"), ("build", "--verify", *out)):
        search.result(command, omerogen(*command, *arguments))
    assert started
    search.text("arguments and environments", "\n".join(started))
    search.folder(tmp_path / "out")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("jdbc",), 0),
        (("check",), 0),
        (("explain", "omero.db.pass"), 0),
        (("jdbc", "--set", "omero.db.port=${omero.db.pass}"), 2),
    ],
)
def test_real_processes_show_no_canary(command, status, tmp_path, search):
    """As they are started by an administrator."""
    cage = Cage()
    arguments, variables = source("--env", site(cage, tmp_path), tmp_path)
    environment = {**{k: v for k, v in os.environ.items() if k != "OMERODIR"}, **variables}
    done = subprocess.run(
        [sys.executable, "-m", "omerogen", *command, *arguments],
        env=environment,
        capture_output=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode in (status, 1), done.stderr
    search.text((*command, "stdout"), done.stdout.decode())
    search.text((*command, "stderr"), done.stderr.decode())
