"""The command line as users and scripts meet it: outputs, messages, exit statuses."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import pytest

from omerogen.artifacts import ARTIFACTS
from omerogen.cli import program
from support.files import DATA, SITE

SITE_FLAGS = {
    "blitz": ["-Xmx25600m", "-javaagent:/opt/agent.jar=9180:/etc/agent.yml", "-XX:+UseG1GC"],
    "indexer": ["-Xmx6400m"],
    "pixeldata": ["-Xmx9600m"],
    "repository": ["-Xmx6400m"],
}


def test_jvm_prints_a_line_for_each_service(omerogen):
    """``omerogen jvm``: SERVICE=FLAGS, the flags quoted for a shell."""
    result = omerogen("jvm", "-c", SITE)
    lines = dict(line.split("=", 1) for line in result.out.splitlines())
    assert {service: shlex.split(flags) for service, flags in lines.items()} == SITE_FLAGS
    assert (result.status, result.err) == (0, "")


def test_jvm_of_one_service_prints_its_flags_alone(omerogen):
    """``java $(omerogen jvm --service blitz)`` works as it stands."""
    result = omerogen("jvm", "-c", SITE, "--service", "blitz")
    assert shlex.split(result.out) == SITE_FLAGS["blitz"]


def test_jvm_as_json_and_as_an_argfile(omerogen):
    """Other programs read JSON; ``java @FILE`` reads a word a line."""
    assert json.loads(omerogen("jvm", "-c", SITE, "--format", "json").out) == SITE_FLAGS
    argfile = omerogen("jvm", "-c", SITE, "--format", "argfile", "--service", "blitz").out
    assert argfile.splitlines() == SITE_FLAGS["blitz"]


def test_an_argfile_is_for_one_jvm(omerogen):
    """Four JVMs in one argfile would get the heap of the last: refused."""
    result = omerogen("jvm", "-c", SITE, "--format", "argfile")
    assert result.status == 2
    assert "--service" in result.err


@pytest.mark.parametrize("artifact", ARTIFACTS)
def test_without_a_file_the_defaults_are_used_and_reported(artifact, omerogen):
    """Every artifact works on the defaults; one line on standard error says that these are the defaults."""
    result = omerogen(artifact)
    assert result.status == 0
    assert result.out
    assert result.err == "omerogen: no -c FILE and no $OMERODIR/etc/grid/config.xml: using the defaults\n"


def test_the_installed_config_is_found(omerogen, monkeypatch, tmp_path):
    """With ``$OMERODIR`` set, its config.xml is read without ``-c``, and its paths are used."""
    config = tmp_path / "etc/grid/config.xml"
    config.parent.mkdir(parents=True)
    config.write_bytes(SITE.read_bytes())
    monkeypatch.setenv("OMERODIR", str(tmp_path))
    result = omerogen("nginx")
    assert "upstream omeroweb_omero {" in result.out
    assert f"alias {tmp_path}/var/static/;" in result.out
    assert result.err == ""


@pytest.mark.parametrize(
    ("flag", "variable", "host"),
    [
        (None, None, "staging-db"),
        (None, "default", "db.example.org"),
        ("default", "staging", "db.example.org"),
    ],
)
def test_a_profile_is_chosen_by_flag_then_variable_then_file(omerogen, monkeypatch, flag, variable, host):
    """``--profile``, else ``$OMERO_CONFIG``, else what the file says."""
    if variable:
        monkeypatch.setenv("OMERO_CONFIG", variable)
    arguments = ["--profile", flag] if flag else []
    result = omerogen("jdbc", "-c", DATA / "profiles.config.xml", *arguments)
    assert result.out.startswith(f"jdbc:postgresql://{host}:5432/")


def test_variables_count_only_with_env(omerogen, monkeypatch):
    """``CONFIG_…`` variables win over files with ``--env``, and are not looked at without."""
    monkeypatch.setenv("CONFIG_omero_db_host", "from-env")
    assert "//db.example.org:" in omerogen("jdbc", "-c", SITE).out
    assert "//from-env:" in omerogen("jdbc", "-c", SITE, "--env").out
    assert "//from-flag:" in omerogen("jdbc", "-c", SITE, "--env", "--set", "omero.db.host=from-flag").out


def test_all_errors_are_reported_at_once_and_nothing_is_printed(omerogen):
    """One run tells all that is wrong, each with place and advice; standard output stays empty."""
    result = omerogen(
        "nginx",
        *("--set", "omero.db.port=abc"),
        *("--set", "omero.web.debug=yes"),
        *("--set", "omero.x=${omero.y}"),
        *("--set", "a b=c"),
    )
    assert (result.status, result.out) == (2, "")
    assert result.problems == [
        "--set: omero.db.port 'abc' is not a whole number (give a whole number from 1 to 65535)",
        "--set: omero.web.debug 'yes' is neither true nor false (write true or false)",
        "--set: omero.x refers to a property that has no value: omero.x -> omero.y (set omero.y)",
        "--set: 'a ' is not a valid property name (use A-Z a-z 0-9 . _ -)",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "a=b"], "unknown option"),
        (["nope"], "nope: unknown command"),
        (["jvm", "--service", "nope"], "--service: 'nope'"),
        (["jvm", "--set", "nothing"], "--set: number 1 has no = in it"),
        (["jvm", "-c", "missing.xml"], "missing.xml: cannot be read"),
        (["jvm", "-c", "/"], "is a folder without *.omero files"),
        (["jvm", "-c", "x.unheard"], "unknown file format"),
        (
            ["jvm", "-c", str(DATA / "profiles.config.xml"), "--profile", "x"],
            "has no profile 'x' (it has: default, staging)",
        ),
        (["nginx", "--http", "4080"], "--http: 4080 is the port of the application itself"),
        (["nginx", "--max-body-size", "2q"], "--max-body-size: '2q' is not a size"),
        (["nginx", "--tls", "nginx"], "--tls nginx: needs a certificate"),
        (["nginx", "--servername", "a;b"], "--servername"),
        (["build", "--only", "nope"], "nope: unknown artifact"),
        (["jvm", "--set", "omero.jvmcfg.percent=0"], "omero.jvmcfg.percent: 0% of"),
        (["glacier2", "--set", "omero.ports.prefix=7"], "omero.ports.prefix makes port 74064"),
        (
            ["nginx", "--set", "omero.web.static_root=/a$b"],
            "omero.web.static_root: a literal $ is not supported",
        ),
        (["nginx", "--set", "omero.web.application_server=wsgi"], "omero.web.application_server is wsgi"),
        (["explain", "omero.nope"], "omero.nope: unknown property"),
    ],
)
def test_bad_input_is_reported_with_its_place(arguments, said, omerogen):
    """Exit status 2, a message that names the place, nothing on standard output."""
    result = omerogen(*arguments)
    assert (result.status, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err


def test_a_near_miss_is_a_warning_and_with_strict_an_error(omerogen):
    """A misspelt name is carried, since plugins have names of their own, but it is reported."""
    warned = omerogen("jdbc", "-c", SITE, "--set", "omero.db.prot=1")
    assert warned.status == 0
    assert warned.err == "warning: --set: no property 'omero.db.prot' (did you mean 'omero.db.port'?)\n"
    refused = omerogen("jdbc", "-c", SITE, "--set", "omero.db.prot=1", "--strict")
    assert (refused.status, refused.out) == (2, "")


@pytest.mark.parametrize("variable", ["CONFIG_OMERO_db_x", "CONFIG_omero_DB_host", "CONFIG_db_host"])
def test_a_name_in_the_wrong_case_is_a_warning(variable, omerogen, monkeypatch):
    """OMERO would read none of these: variables are where shouting is usual."""
    monkeypatch.setenv(variable, "x")
    result = omerogen("jdbc", "--env", "-c", SITE)
    assert (result.status, len(result.problems)) == (0, 1)
    assert result.err.startswith(f"warning: ${variable}: no property ")
    assert "(did you mean 'CONFIG_omero_db_" in result.err


def test_errors_do_not_hide_warnings(omerogen, tmp_path):
    """One correction is enough: warnings are reported with the errors, with ``--strict`` among them."""
    file = tmp_path / "site.yaml"
    file.write_text("omero.db.prot: 1\nomero.db.port: x\nomero.web.perfix: /y\n")
    port = f"{file}:2: omero.db.port 'x' is"
    told = omerogen("jdbc", "-c", str(file), "--set", "alone").err.splitlines()
    assert [line.split(" (")[0] for line in told[:2]] == [
        f"warning: {file}:1: no property 'omero.db.prot'",
        f"warning: {file}:3: no property 'omero.web.perfix'",
    ]
    assert told[2].startswith(port)
    assert told[3].startswith("--set: number 1 has no = in it")
    strict = omerogen("jdbc", "-c", str(file), "--set", "alone", "--strict").err.splitlines()
    assert [line.split(" ")[0] for line in strict] == [f"{file}:1:", f"{file}:2:", f"{file}:3:", "--set:"]


def test_secrets_are_in_no_message(omerogen):
    """A wrong value that may hold a secret is not repeated."""
    result = omerogen(
        "check",
        *("--set", 'omero.web.databases={"default": {"PASSWORD": "canary1", "ENGINE": 1}}'),
        *("--set", "omero.db.pass=canary2${nope}"),
        *("--set", "omero.client.web.host=redis://:canary3@host"),
        *("--set", "omero.db.properties=pass%word=canary4"),
        *("--set", "omero.jvmcfg.append=-Dx=canary5 'canary5"),
    )
    assert result.status == 1
    assert result.out.count("[invalid-value]") == 5
    assert "canary" not in result.out + result.err


def test_output_is_utf8_whatever_the_locale(tmp_path):
    """A server's locale is often C: the artifact is the same file."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    environment.pop("OMERODIR", None)
    command = [sys.executable, "-m", "omerogen", "django", "--set", "omero.web.login_view=ü☃"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, cwd=tmp_path, check=True)
    assert "LOGIN_VIEW = 'ü☃'" in done.stdout.decode("utf-8")


def test_a_reader_that_goes_away_is_not_an_error(tmp_path):
    """``omerogen properties | head -1`` ends quietly."""
    command = f"{shlex.quote(sys.executable)} -m omerogen properties | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, cwd=tmp_path, check=True)  # noqa: S607
    assert done.stdout.startswith(b"PROPERTY")
    assert b"Error" not in done.stderr


def test_help_names_every_command(omerogen):
    """``--help`` lists the commands, and each has a help of its own that names the sources."""
    listed = omerogen("--help").out
    for command in (*ARTIFACTS, "build", "explain", "properties"):
        assert command in listed
        assert "--config" in omerogen(command, "--help").out


def test_a_file_of_garbage_does_not_fill_the_terminal(omerogen, tmp_path):
    """The first 200 messages, and how many more there are."""
    path = tmp_path / "garbage.omero"
    path.write_text("'\n" * 1000)
    result = omerogen("jdbc", "-c", path)
    assert result.status == 2
    assert len(result.problems) == 201
    assert result.problems[-1] == "omerogen: and 800 more"


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_is_reported(redirection, tmp_path):
    """Exit 2 and a line, not a traceback: 1 would mean that a check found something."""
    command = f"{shlex.quote(sys.executable)} -m omerogen jdbc {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, cwd=tmp_path, check=False)  # noqa: S607
    assert done.returncode == 2
    assert b"standard output: cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_a_closed_standard_error_does_not_stop_the_artifact(redirection, tmp_path):
    """A full or closed standard error takes nothing from standard output, and adds nothing to it."""
    command = f"{shlex.quote(sys.executable)} -m omerogen jdbc {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, cwd=tmp_path, check=False)  # noqa: S607
    assert (done.returncode, done.stdout[:5], done.stdout.count(b"\n")) == (0, b"jdbc:", 1)


def test_an_unreadable_config_xml_is_not_skipped(omerogen, monkeypatch, tmp_path):
    """An error of the file, not silently the defaults."""

    def refuse(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setenv("OMERODIR", str(tmp_path))
    monkeypatch.setattr(program.os, "stat", refuse)
    result = omerogen("jdbc")
    assert (result.status, result.out) == (2, "")
    assert f"{tmp_path}/etc/grid/config.xml: cannot be read" in result.err


def test_a_pipe_is_not_a_file(omerogen, tmp_path):
    """No user would ever write into it."""
    os.mkfifo(tmp_path / "a.xml")
    assert "is not a file" in omerogen("jdbc", "-c", tmp_path / "a.xml").err


def test_values_after_a_wrong_name_are_not_shown(omerogen, tmp_path):
    """They may be secrets."""
    file = tmp_path / "a.omero"
    file.write_text("config set omero.db.pass=canary\n")
    result = omerogen(
        *("jdbc", "-c", file, "--set", "omero.db.pass:canary", "--set", "omero.db.host=u:canary@h"),
        *("--set", 'omero.web.nginx_server_extra_config=["proxy_set_header Authorization canary\\""]'),
    )
    assert result.status == 2
    assert len(result.problems) == 4
    assert "canary" not in result.err


def test_flags_and_files_are_wrong_in_one_run(omerogen, tmp_path):
    """All that is wrong, wherever it stands."""
    file = tmp_path / "a.json"
    file.write_text(
        '{"omero.db.port": "x",\n "omero.db.patch": null,\n "omero.db.patch": 1,\n "omero.web.debug": null}'
    )
    result = omerogen("jdbc", "-c", file, "--set", "novalue")
    assert [line.partition(" ")[0] for line in result.problems] == [
        f"{file}:1:",
        f"{file}:2:",
        f"{file}:4:",
        "--set:",
    ]


def test_a_wrong_reference_is_reported_once_where_it_is(omerogen):
    """Not at the default that refers to it."""
    result = omerogen("jdbc", "--set", "omero.db.name=${nope}")
    assert result.problems == [
        "--set: omero.db.name refers to a property that has no value: omero.db.name -> nope (set nope)"
    ]


def test_server_names_add_up(omerogen):
    """Given at once or one after the other."""
    assert "server_name a b c;" in omerogen("nginx", "--servername", "a", "b", "--servername", "c").out


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_messages_do_not_depend_on_the_hash_seed(seed, tmp_path):
    """The same input gives the same bytes, errors included."""
    command = [sys.executable, "-m", "omerogen", "jdbc", "--set", "omero.web.middleware=[{}]"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path, check=False
    )
    assert 'has no "index"; [0] has no "class"' in done.stderr
