"""``file:/run/secrets/x`` as the value of a secret: what is read, when, and what is refused."""

from __future__ import annotations

import json
import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen import catalog
from omerogen.model import OmerogenError
from omerogen.secrets import files
from omerogen.values.base import Invalid

SECRETS = sorted(name for name, row in catalog.PROPERTIES.items() if row.secret)


@pytest.fixture
def secret(tmp_path):
    """Write a secret to a file; what to set a property to for it."""

    def write(content: str | bytes = "canary\n", name: str = "secret") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return f"file:{path}"

    return write


def refusal(**keywords) -> str:
    """The message for settings of which a whole build says that they are wrong."""
    settings = omerogen.load(**keywords)
    [problem] = settings.refused()
    return str(problem)


@pytest.mark.parametrize(
    "name",
    [*SECRETS, "omero.glacier2.IceSSL.Password", "omero.glacier2.IceSSL.KeyPassphrase", "omero.web.x.token"],
)
def test_every_secret_may_be_in_a_file(name, secret):
    """Those of the catalog, of the IceSSL family, and of plugins."""
    settings = omerogen.load(overrides={name: secret()})
    assert settings[name] == settings.text(name) == "canary"
    assert settings.is_set(name)


@pytest.mark.parametrize(
    "name", ["omero.db.name", "omero.web.login_view", "omero.x", "omero.glacier2.IceSSL.X"]
)
def test_no_other_value_is_read_from_a_file(name, secret):
    """There ``file:`` is a text like any."""
    text = secret()
    assert omerogen.load(overrides={name: text})[name] == text


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.properties", "a.omero", "a.xml"])
def test_files_of_properties_may_name_it(name, secret, tmp_path):
    """Each format."""
    text = secret()
    contents = {
        ".json": json.dumps({"omero.db.pass": text}),
        ".yaml": f"omero.db.pass: {text}\n",
        ".properties": f"omero.db.pass={text}\n",
        ".omero": f"config set omero.db.pass {text}\n",
        ".xml": f'<icegrid><properties id="default"><property name="omero.db.pass" value="{text}"/>'
        "</properties></icegrid>",
    }
    path = tmp_path / name
    path.write_text(contents[path.suffix])
    assert omerogen.load(path)["omero.db.pass"] == "canary"


def test_variables_may_name_it(secret):
    """As a container does."""
    assert omerogen.load(environ={"CONFIG_omero_db_pass": secret()})["omero.db.pass"] == "canary"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("canary", "canary"),
        ("canary\n", "canary"),
        ("canary\r\n", "canary"),
        ("canary\n\n", "canary\n"),
        ("canary\r", "canary\r"),
        (" canary ", " canary "),
        ("\ufeffcanary", "canary"),
        ("ü☃", "ü☃"),
        ("a\nb\n", "a\nb"),
        ("${omero.db.name}", "${omero.db.name}"),
        ("file:/etc/passwd", "file:/etc/passwd"),
    ],
)
def test_the_content_is_the_value(content, value, secret):
    """But for one line break at its end; nothing in it is replaced."""
    assert omerogen.load(overrides={"omero.db.pass": secret(content)})["omero.db.pass"] == value


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), min_size=1).filter(str.strip))
def test_any_text_survives(tmp_path_factory, text):
    """What was put into the file with a line break at the end, as an editor does, comes out."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(f"{text}\n".encode())
    expected = text.removesuffix("\r")  # of which nobody can tell whose it was
    assert omerogen.load(overrides={"omero.db.pass": f"file:{path}"})["omero.db.pass"] == expected


def test_the_path_is_interpolated_and_may_be_a_url(secret, tmp_path):
    """As any value but those of ``omero.web.*``."""
    secret()
    for text in ("file:${omero.data.dir}/secret", f"file://{tmp_path}/secret", f"file:///{tmp_path}/secret"):
        if text.startswith("file:////"):
            text = text.replace("file:////", "file:///")
        settings = omerogen.load(overrides={"omero.data.dir": str(tmp_path), "omero.db.pass": text})
        assert settings["omero.db.pass"] == "canary"


@given(st.binary(max_size=100))
def test_any_bytes_are_a_secret_or_refused(tmp_path_factory, data):
    """Nothing else comes of them, and no message has them."""
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(data)
    try:
        assert files.read(str(path)) in data.decode("utf-8-sig")
    except Invalid as error:
        assert error.problem in ("is empty", "is not UTF-8", "contains NUL or an unpaired surrogate")


def test_links_are_followed(secret, tmp_path):
    """Those of Kubernetes are links to links."""
    secret()
    (tmp_path / "data").symlink_to("secret")
    (tmp_path / "link").symlink_to("data")
    assert omerogen.load(overrides={"omero.db.pass": f"file:{tmp_path}/link"})["omero.db.pass"] == "canary"


def test_a_reference_gives_the_content(secret):
    """In whatever order they stand; the content is not interpolated there either."""
    overrides = {"omero.a": "<${omero.ldap.password}>", "omero.ldap.password": secret("${omero.db.name}")}
    settings = omerogen.load(overrides=overrides)
    assert settings["omero.a"] == "<${omero.db.name}>"
    assert settings.resolved("omero.a").made_of_secret


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file:canary", "does not name an absolute path"),
        ("file:", "does not name an absolute path"),
        ("file:/", "does not name an absolute path"),
        ("file://canary/x", "does not name an absolute path"),
        ("file:~/canary", "does not name an absolute path"),
        ("file:${omero.db.name}/canary", "does not name an absolute path"),
        ("file:/x/${omero.canary}", "refers to a property that has no value"),
        ("file:/x/${omero.db.pass}", "refers to itself"),
    ],
)
def test_what_names_no_file_is_refused_at_once(text, said):
    """It may be a password that begins like this, and is not repeated."""
    with pytest.raises(OmerogenError) as caught:
        omerogen.load(overrides={"omero.db.pass": text})["omero.db.pass"]
    assert said in str(caught.value)
    assert str(caught.value).startswith("--set: omero.db.pass ")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b" \n", "is empty"),
        (b"canary\xff", "is not UTF-8"),
        (b"canary\0", "contains NUL or an unpaired surrogate"),
        (b"canary" * 20_000, "is larger than 64 KiB"),
    ],
)
def test_an_unusable_secret_file_is_refused(content, said, secret, tmp_path):
    """With the place of the property and the path, and without the content."""
    told = refusal(overrides={"omero.db.pass": secret(content)})
    assert told.startswith(f"--set: omero.db.pass from {tmp_path}/secret {said} (")
    assert "canary" not in told


def test_what_cannot_be_read_is_refused(tmp_path):
    """What is not there, a folder, a pipe that nobody writes into, a device without end."""
    os.mkfifo(tmp_path / "pipe")
    os.symlink("loop", tmp_path / "loop")
    said = {
        tmp_path / "gone": "cannot be read: No such file or directory",
        tmp_path: "is not a file",
        tmp_path / "pipe": "is not a file",
        "/dev/zero": "is not a file",
        tmp_path / "loop": "cannot be read: Too many levels of symbolic links",
        f"/{'x' * 300}": "cannot be read: File name too long",
    }
    for path, message in said.items():
        assert f"omero.db.pass from {path} {message}" in refusal(overrides={"omero.db.pass": f"file:{path}"})


def test_what_may_not_be_read_is_refused(secret, monkeypatch):
    """With the system's reason."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    text = secret()
    monkeypatch.setattr(files.os, "open", refuse)
    assert "cannot be read: Permission denied" in refusal(overrides={"omero.db.pass": text})


def test_a_kind_may_refuse_the_content(secret):
    """IceGrid cuts a value at a line break: said of the property, without the content."""
    told = refusal(overrides={"omero.glacier2.IceSSL.Password": secret("canary\ncanary\n")})
    assert "omero.glacier2.IceSSL.Password from " in told
    assert "has a line break" in told
    assert "canary" not in told


def test_a_path_that_is_secret_is_not_shown(omerogen, tmp_path):
    """However odd that is."""
    odd = (
        "--set",
        "omero.ldap.password=canary",
        "--set",
        f"omero.db.pass=file:{tmp_path}/${{omero.ldap.password}}",
    )
    for command in (("jdbc", "--format", "json"), ("explain", "omero.db.pass")):
        result = omerogen(*command, *odd)
        assert "cannot be read" in result.out + result.err
        assert "canary" not in result.out + result.err


def test_a_secret_is_read_when_it_is_needed(omerogen, tmp_path):
    """nginx does well where the password of the database is not mounted; who needs it says so."""
    gone = (
        "--set",
        f"omero.db.pass=file:{tmp_path}/gone",
        "--set",
        f"omero.ldap.password=file:{tmp_path}/gone2",
    )
    assert omerogen("nginx", *gone).status == 0
    assert omerogen("jdbc", *gone).status == 0
    assert omerogen("properties", "--only-set", *gone).status == 0
    refused = omerogen("jdbc", "--format", "properties", *gone)
    assert (refused.status, refused.out) == (2, "")
    assert refused.problems == [
        f"--set: omero.db.pass from {tmp_path}/gone cannot be read: No such file or directory"
        " (mount the secret, or correct the path)"
    ]


def test_build_and_check_read_all_secrets(omerogen, tmp_path):
    """Also those that no artifact needs; each is reported once. A part of a build reads what it needs."""
    out = tmp_path / "out"
    gone = (
        "--set",
        f"omero.db.pass=file:{tmp_path}/gone",
        "--set",
        f"omero.ldap.password=file:{tmp_path}/gone2",
    )
    built = omerogen("build", "-o", out, *gone)
    assert built.status == 2
    assert [line.split()[1] for line in built.problems] == ["omero.db.pass", "omero.ldap.password"]
    assert not out.exists()
    assert omerogen("build", "-o", out, "--only", "nginx,jvm", *gone).status == 0
    checked = omerogen("check", "--format", "json", *gone, "--select", "unreadable-secret")
    assert checked.status == 1
    findings = json.loads(checked.out)["findings"]
    assert [(found["id"], found["severity"], found["properties"]) for found in findings] == [
        ("unreadable-secret", "error", ["omero.db.pass"]),
        ("unreadable-secret", "error", ["omero.ldap.password"]),
    ]


def test_a_reference_to_what_cannot_be_read_is_reported_once(omerogen, tmp_path):
    """At the place of the secret, not at those that refer to it."""
    gone = f"omero.ldap.password=file:{tmp_path}/gone"
    result = omerogen(
        *("build", "-o", tmp_path / "out"),
        "--set",
        gone,
        "--set",
        "omero.a=${omero.ldap.password}",
        "--set",
        "omero.b=${omero.a}",
    )
    assert result.status == 2
    assert len(result.problems) == 1
    assert result.problems[0].startswith("--set: omero.ldap.password from ")


def test_explain_says_which_file(omerogen, secret, tmp_path):
    """The path is not a secret, the content is; what is wrong with the file is reported too."""
    text = secret()
    arguments = ("explain", "omero.db.pass", "--set", f"omero.db.pass={text}")
    lines = omerogen(*arguments).out.splitlines()
    assert lines[0] == "omero.db.pass = ********"
    assert f"  from file    {tmp_path}/secret" in lines
    assert f"               2. --set: {text}" in lines
    assert omerogen(*arguments, "--show-secrets").out.startswith("omero.db.pass = canary\n")
    told = json.loads(omerogen(*arguments, "--format", "json").out)
    assert (told["value"], told["file"], told["unreadable"]) == ("********", f"{tmp_path}/secret", None)
    (tmp_path / "secret").unlink()
    unreadable = omerogen(*arguments)
    assert unreadable.status == 0
    assert "  refused      omero.db.pass from " in unreadable.out
    assert omerogen(*arguments, "--show-secrets").status == 2


def test_files_with_it_are_private(omerogen, secret, tmp_path):
    """As with any other secret."""
    out = tmp_path / "out"
    assert omerogen("build", "-o", out, "--set", f"omero.db.pass={secret()}").status == 0
    path = out / "jdbc/connection.properties"
    assert "password=canary" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_settings_can_be_pickled(secret):
    """Before and after the secret was read."""
    settings = omerogen.load(overrides={"omero.db.pass": secret()})
    assert pickle.loads(pickle.dumps(settings)).names_set() == ["omero.db.pass"]
    assert pickle.loads(pickle.dumps(settings))["omero.db.pass"] == "canary"
    assert settings["omero.db.pass"] == "canary"
    assert pickle.loads(pickle.dumps(settings))["omero.db.pass"] == "canary"


def test_loading_reads_no_secret(secret, monkeypatch):
    """Not even one that others refer to, nor for a warning."""
    read = []
    monkeypatch.setattr(files, "read", lambda path, _: read.append(path) or "canary")
    overrides = {"omero.ldap.password": secret(), "omero.a": "${omero.ldap.password}"}
    settings = omerogen.load(overrides={**overrides, "omero.data.dir": '"${omero.ldap.password}"'})
    assert [warning.rule for warning in settings.warnings] == ["quoted-value"]
    assert read == []
    assert settings["omero.a"] == "canary"
    assert len(read) == 1
