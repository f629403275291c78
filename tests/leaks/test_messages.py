"""No message has a secret: on wrong values, broken files, slips on the command line, our own mistakes."""

from __future__ import annotations

import pytest

from omerogen.artifacts import rendering
from omerogen.cli import reading
from support.canaries import SOURCES, Cage, source


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
        result = omerogen("build", "-o", str(tmp_path / "out"), *LDAP, *arguments)
        assert result.status == 2, (name, value)
        search.result(("build", name), result)
        search.result(("check", name), omerogen("check", *LDAP, *arguments))
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
    assert "omero.tables.module '********' is not a Python module" in result.out + result.err
    search.result((command,), result)


@pytest.mark.parametrize("command", ["glacier2", "icegrid", "check"])
@pytest.mark.parametrize("name", ["omero.ports.prefix", "omero.ports.ssl"])
def test_a_port_that_is_made_of_a_secret_is_not_shown(name, command, omerogen):
    """A canary has letters, a PIN has none."""
    pin = "63411" if name.endswith("prefix") else "64111"
    prefix = () if name.endswith("prefix") else ("--set", "omero.ports.prefix=9")
    words = ("--set", f"omero.ldap.password={pin}", "--set", f"{name}=${{omero.ldap.password}}", *prefix)
    result = omerogen(command, *words)
    assert "omero.ports.prefix makes port ******** of " in result.out + result.err
    assert pin not in result.out + result.err


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


@pytest.mark.parametrize("value", ["!kanari1 x", "!kanari1", "!!kanari1 x", "[!kanari1 x]"])
def test_a_tag_that_may_be_a_secret_is_not_shown(value, omerogen, tmp_path, search):
    """A password that begins with ! is one, where its quotes were forgotten."""
    path = tmp_path / "site.yaml"
    path.write_text(f"omero.db.pass: {value}\n")
    for command in (["jdbc", "--format", "properties"], ["check"], ["explain", "omero.db.pass"]):
        result = omerogen(*command, "-c", path)
        search.result(command, result)
        assert "omero.db.pass has a YAML tag" in result.out + result.err


def test_no_note_on_what_is_passed_over_shows_a_canary(omerogen, tmp_path, search):
    """A line that is not a command may be the rest of a value."""
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
def test_an_internal_error_is_one_line(error, omerogen, monkeypatch, search):
    """Its type and its place, no value, no traceback; exit 2."""

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(rendering, "render", fail)
    result = omerogen("jdbc", "--set", "omero.db.pass=kanari2")
    assert (result.status, result.out) == (2, "")
    [line] = result.problems
    assert line.startswith(f"omerogen: internal error: {type(error).__name__} at __init__:")
    search.result(("jdbc",), result)


def test_an_interrupt_says_nothing(omerogen, monkeypatch):
    """As before."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "load", interrupt)
    result = omerogen("jdbc", "--set", "omero.db.pass=kanari2")
    assert (result.status, result.out, result.problems) == (130, "", [])


#: Records what others on the machine could see of it, and answers whatever it is asked for.
