"""``omerogen check --with-consumers`` and ``build --verify``: the programs asked by an administrator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from omerogen.verify import guard, process, sandbox
from omerogen.verify.namespaces import Namespaces
from support.programs import find, missing

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent.parent
GOLDEN = TESTS / "golden"
ALL = ("nginx", "java", "icegrid", "jdbc", "django", "gunicorn", "systemd")
MEMORY = ("--set", "omero.jvmcfg.system_memory=16000")
SITE = ("-c", str(TESTS / "data/site.config.xml"))
#: With these clients can connect to the router.
_ICESSL = {"CertFile": "server.p12", "Ciphers": "HIGH", "Protocols": "TLS1_2,TLS1_3"}
CERTIFIED = tuple(f"--set=omero.glacier2.IceSSL.{name}={value}" for name, value in _ICESSL.items())
DJANGO_ENGINE = "django.template.backends.django.DjangoTemplates"
#: Two template engines, the first of which Django does not take.
ENGINES = [
    [
        "TEMPLATES",
        [
            {"BACKEND": DJANGO_ENGINE, "NAME": "odd", "APP_DIRS": True, "OPTIONS": {"loaders": []}},
            {"BACKEND": DJANGO_ENGINE, "NAME": "plain"},
        ],
    ]
]


@pytest.fixture
def omerodir(djangos, tmp_path) -> Path:
    """An OMERO directory beside whose environment has Django 5.2."""
    if not Path("/usr/share/java/postgresql.jar").exists():
        missing("PostgreSQL's JDBC driver")
    for program in ("nginx", "javac", "icegridregistry", "glacier2router", "openssl"):
        find(program)
    (tmp_path / "venv3").symlink_to(djangos["5.2"].parent)
    folder = tmp_path / "OMERO.web"
    folder.mkdir()
    return folder


def checked(omerogen, *arguments) -> tuple[int, dict]:
    """The exit status and the answer of ``check``."""
    result = omerogen("check", *arguments, "--format", "json")
    return result.status, json.loads(result.out)


def states(answer: dict) -> dict[str, str]:
    """What became of each program."""
    return {verdict["consumer"]: verdict["state"] for verdict in answer["consumers"]}


@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir() if path.is_dir()))
def test_every_golden_case_is_accepted(case, omerogen, omerodir, monkeypatch):
    """All programs take all sites, though none of their hosts, ports and certificates is here."""
    monkeypatch.chdir(TESTS)
    lines = (GOLDEN / case / "arguments").read_text(encoding="utf-8").splitlines()
    arguments = [*lines, "--omerodir", str(omerodir), *CERTIFIED]
    _, answer = checked(omerogen, *arguments, "--with-consumers")
    wrong = [finding for finding in answer["findings"] if finding["id"].startswith(("refused", "no-"))]
    assert [finding for finding in wrong if finding["severity"] == "error"] == []
    assert states(answer) == dict.fromkeys(ALL, "accepted")


@pytest.mark.parametrize(
    ("program", "override", "said"),
    [
        ("nginx", 'omero.web.nginx_server_extra_config=["nonsense on;"]', 'unknown directive "nonsense"'),
        ("java", "omero.jvmcfg.append.indexer=-XX:+Nonsense", "Unrecognized VM option 'Nonsense'"),
        ("icegrid", "omero.glacier2.IceSSL.Ciphers=NONSENSE", "IceSSL"),
        ("django", "omero.web.session_serializer=django.contrib.no.Such", "no"),
        ("django", 'omero.web.middleware=[{"index": 1, "class": "django.no.Such"}]', "django.no"),
        ("django", f"omero.web.django_additional_settings={json.dumps(ENGINES)}", "loaders"),
    ],
)
def test_what_a_program_refuses_is_a_finding(program, override, said, omerogen, omerodir):
    """Exit status 1, and the program's own words."""
    status, answer = checked(omerogen, "--omerodir", omerodir, "--set", override, "--with-consumers", program)
    assert status == 1
    assert states(answer) == {program: "refused"}
    [finding] = [found for found in answer["findings"] if found["id"] == f"refused-by-{program}"]
    assert finding["severity"] == "error"
    assert said in finding["message"]


def test_files_of_the_site_are_not_required(omerogen, omerodir):
    """Hosts that do not resolve, privileged ports, certificates and agents that are not there."""
    arguments = (
        *("--set", "omero.web.application_server.host=app.invalid", "--set", "omero.db.host=db.invalid"),
        *("--set", "omero.master.host=grid.invalid", *CERTIFIED),
        *("--set", "omero.jvmcfg.append=-javaagent:/gone.jar", "--tls", "nginx", "--https", "443"),
        *("--certificate", "/gone.pem", "--certificate-key", "/gone.key", "--servername", "omero.invalid"),
    )
    _, answer = checked(omerogen, "--omerodir", omerodir, *arguments, "--with-consumers")
    assert states(answer) == dict.fromkeys(ALL, "accepted")
    remarks = {verdict["consumer"]: verdict["remark"] for verdict in answer["consumers"]}
    assert "without -javaagent:/gone.jar" in remarks["java"]
    assert "Django 5.2" in remarks["django"]


def test_what_was_replaced_is_reported(omerogen, omerodir, certificate):
    """And what is here is not replaced: a certificate that can be read is the one that nginx tries."""
    tls = ("--tls", "nginx", "--certificate-key", str(certificate[1]))
    given = ("--omerodir", omerodir, "--upstream", "web:4080", *tls, "--with-consumers", "nginx")
    for file, remark in ((certificate[0], ""), ("/gone.pem", "throw-away certificate in place of /gone.pem")):
        _, answer = checked(omerogen, "--certificate", str(file), *given)
        assert states(answer) == {"nginx": "accepted"}
        said = answer["consumers"][0]["remark"]
        assert "with free ports in place of 443, 80" in said
        assert "loopback in place of web:4080" in said
        assert ("throw-away" in said) == bool(remark)
        assert remark in said


def test_a_clash_of_addresses_is_found(omerogen, omerodir):
    """Stand-ins are distinct or equal as the site's own are."""
    lines = json.dumps(["listen 81;", "listen 0.0.0.0:81;"])
    override = f"omero.web.nginx_server_extra_config={lines}"
    _, answer = checked(omerogen, "--omerodir", omerodir, "--set", override, "--with-consumers", "nginx")
    assert "duplicate listen" in answer["findings"][0]["message"]


def test_what_the_http_block_has_can_be_given(omerogen, omerodir, tmp_path):
    """Else lines that need it are not judged, and that is reported."""
    lines = json.dumps(["location = /x { add_header X-Y $upgrade_x; return 204; }"])
    given = ("--omerodir", omerodir, "--set", f"omero.web.nginx_server_extra_config={lines}")
    _, answer = checked(omerogen, *given, "--with-consumers", "nginx")
    assert states(answer) == {"nginx": "not run"}
    assert "--http-context FILE" in answer["consumers"][0]["remark"]
    context = tmp_path / "context.conf"
    context.write_text('map $http_upgrade $upgrade_x { default "a"; }\n')
    _, answer = checked(omerogen, *given, "--with-consumers", "nginx", "--http-context", str(context))
    assert states(answer) == {"nginx": "accepted"}


def test_a_sites_own_line_that_needs_the_site_is_not_judged(omerogen, omerodir):
    """A file that omero.web.nginx_server_extra_config needs cannot be replaced: that is reported."""
    lines = ["auth_basic_user_file /gone;", "include /gone.conf;"]
    override = f"omero.web.nginx_server_extra_config={json.dumps(lines)}"
    _, answer = checked(omerogen, "--omerodir", omerodir, "--set", override, "--with-consumers", "nginx")
    assert states(answer) == {"nginx": "not run"}
    assert "nginx_server_extra_config" in answer["consumers"][0]["remark"]


def test_programs_that_are_not_here_are_reported(omerogen, monkeypatch):
    """With what is missing; that is not a finding."""
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    result = omerogen("check", *SITE, *CERTIFIED, "--with-consumers", "nginx", "java", "icegrid")
    assert result.status == 0
    assert result.err.splitlines() == [
        "nginx: not run (nginx is not installed)",
        "java: not run (java is not installed)",
        "icegrid: not run (icegridregistry is not installed)",
    ]


def test_a_program_that_hangs_is_ended(omerogen, monkeypatch, tmp_path):
    """Each has a time limit."""
    hanging = tmp_path / "nginx"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sandbox, "SECONDS", 0.5)
    result = omerogen("check", *SITE, "--with-consumers", "nginx")
    assert result.err == "nginx: not run (nginx did not answer within 0.5 s)\n"


def test_nothing_is_left_over(omerogen, omerodir, monkeypatch, tmp_path):
    """No file, no folder, no program; the OMERO directory is as it was, without a key."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    omerogen("check", "--omerodir", omerodir, *SITE, "--with-consumers")
    assert list(scratch.iterdir()) == []
    assert list(omerodir.iterdir()) == []


def test_verify_asks_before_anything_is_replaced(omerogen, omerodir, tmp_path):
    """``build --verify``: what a program refuses leaves the old files; what all take is written."""
    out = tmp_path / "out"
    arguments = ("build", *SITE, *CERTIFIED, "-o", out, "--omerodir", omerodir, "--verify")
    written = omerogen(*arguments)
    assert written.status == 0
    assert [line for line in written.err.splitlines() if ": accepted (" in line]
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    refused = omerogen(*arguments, "--set", "omero.jvmcfg.append=-XX:+Nonsense")
    assert refused.status == 2
    assert "Unrecognized VM option 'Nonsense'" in refused.err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_verify_asks_only_who_reads_what_is_built(omerogen, tmp_path):
    """``--only jvm`` is java's business alone."""
    find("java")
    result = omerogen("build", *SITE, *CERTIFIED, "-o", tmp_path, "--only", "jvm", "--verify")
    assert [line for line in result.err.splitlines() if "accepted" in line] == [
        "java: accepted (without -javaagent:/opt/agent.jar=9180:/etc/agent.yml, which is only read)"
    ]


@pytest.mark.parametrize(
    "flag",
    [
        "-Xlog:gc*:file=LOG",
        "-Xlog:gc*:LOG:time,uptime:filecount=3",
        "'-Xlog:gc*:file=\"LOG\"'",
        "-Xloggc:LOG",
        "-XX:ArchiveClassesAtExit=LOG",
        "-XX:StartFlightRecording=duration=5s,filename=LOG",
        "-XX:+UnlockDiagnosticVMOptions -XX:+LogVMOutput -XX:LogFile=LOG",
        "-Dcom.sun.management.jmxremote.port=3000",
        "-XX:+AlwaysPreTouch",
        "-XX:VMOptionsFile=/nowhere",
        "-XX:SharedArchiveFile=/nowhere -Xshare:on",
    ],
)
def test_java_leaves_the_files_of_a_server_that_is_up_alone(flag, omerogen, tmp_path):
    """Its logs are not rotated away, nor its dumps; a port is not asked for twice."""
    find("java")
    log = tmp_path / "live.log"
    log.write_text("precious")
    flags = f"omero.jvmcfg.append={flag.replace('LOG', str(log))}"
    status, answer = checked(omerogen, *MEMORY, "--set", flags, "--with-consumers", "java")
    assert (status, states(answer)) == (0, {"java": "accepted"})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("live.log", "precious")]


@pytest.mark.parametrize(
    "lines",
    [
        ["access_log LOG combined;", "error_log 'LOG' warn; access_log off;"],
        ["access_log", "LOG;"],
        ["access_log # not yet", '"LOG";'],
        ['"access_log" LOG;'],
        ["error_log LOG\\ b.log;"],
        ["access_log logs/a.log;", "error_log stderr;"],
        ["location /a { client_body_temp_path LOG; }"],
    ],
)
def test_nginx_makes_no_log_of_the_site(lines, omerogen, tmp_path):
    """It would be root's, and the server that is up could not write into it."""
    find("nginx")
    extra = json.dumps([line.replace("LOG", f"{tmp_path}/log") for line in lines])
    extra = f"omero.web.nginx_server_extra_config={extra}"
    status, answer = checked(omerogen, *MEMORY, "--set", extra, "--with-consumers", "nginx")
    assert (status, states(answer)) == (0, {"nginx": "accepted"}), answer
    assert list(tmp_path.iterdir()) == []


def test_a_registry_gets_no_secret(omerogen, monkeypatch, tmp_path):
    """Everybody on the machine may ask it, for as long as it runs."""
    find("icegridregistry")
    told = []
    run = sandbox.Sandbox.run

    def reading(self, command):
        told.extend(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())
        return run(self, command)

    monkeypatch.setattr(sandbox.Sandbox, "run", reading)
    monkeypatch.setattr(guard, "guarded", lambda work: work(tmp_path, Namespaces()))  # to see it here
    secrets = ("omero.db.pass=canary", "omero.glacier2.IceSSL.Password=canary", "a.b=x ${omero.db.pass}")
    sets = [word for secret in secrets for word in ("--set", secret)]
    _, answer = checked(omerogen, *MEMORY, *sets, "--with-consumers", "icegrid")
    assert states(answer) == {"icegrid": "accepted"}
    assert any(b"********" in text for text in told)
    assert not any(b"canary" in text for text in told)


@pytest.mark.parametrize("delay", [0.2, 0.35, 0.5])
def test_a_terminated_run_leaves_nothing(delay, tmp_path):
    """No program that goes on, and no folder with what it was given: as from `timeout`, or docker stop."""
    find("icegridregistry")
    command = [sys.executable, "-m", "omerogen", "check", *SITE, "--with-consumers", "icegrid", "java"]
    process = subprocess.Popen(
        command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=-3, stderr=-3, start_new_session=True
    )
    time.sleep(delay)
    process.terminate()
    assert process.wait(30) in (143, -15, 0)  # or it was quick
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
