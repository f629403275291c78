"""The programs that validate reach nobody, change nothing, and end with whoever started them."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omerogen.verify import namespaces, process
from omerogen.verify.namespaces import Namespaces
from support.programs import find

pytestmark = pytest.mark.slow

MEMORY = ("--set", "omero.jvmcfg.system_memory=16000")
OMEROGEN = [sys.executable, "-m", "omerogen"]
#: A name with characters that shells, nginx, Java and Ice each read in their own way.
ODD = "a b\"c'd#e;é$f{g}%h"
SOMEBODY = 12345
#: Without sessions before it, it raises an error for each request.
AUTH = "django.contrib.auth.middleware"


MAY_HAVE_NAMESPACES = subprocess.run(["/usr/bin/unshare", "-nm", "true"], check=False).returncode == 0


@pytest.fixture(params=["namespaces", "none"])
def allowed(request, monkeypatch) -> str:
    """A system that allows namespaces, and one that does not, such as most containers."""
    if request.param == "none":
        monkeypatch.setattr(namespaces, "enter", lambda _: Namespaces())
    elif not MAY_HAVE_NAMESPACES:
        pytest.skip("this system does not allow namespaces")
    return request.param


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    """A port of loopback, and what it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    heard.append(listener.accept()[1][0].encode())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield listener.getsockname()[1], heard
        done.set()
        thread.join()


def verdict(omerogen, *arguments) -> dict[str, str]:
    """The state and the remark of the one program that is tried."""
    result = omerogen("check", *MEMORY, *arguments, "--format", "json")
    [found] = json.loads(result.out)["consumers"]
    return found


def nginx_lines(*lines: str) -> tuple[str, ...]:
    """The arguments for a site with these lines of its own, tried with nginx."""
    find("nginx")
    return "--set", f"omero.web.nginx_server_extra_config={json.dumps(lines)}", "--with-consumers", "nginx"


@pytest.fixture
def omerodir(djangos, tmp_path) -> Path:
    """An OMERO directory beside an environment with Django, and an app of the site."""
    (tmp_path / "venv3").symlink_to(djangos["5.2"].parent)
    (tmp_path / "OMERO.web").mkdir()
    return tmp_path / "OMERO.web"


@pytest.mark.usefixtures("allowed")
def test_django_mails_and_caches_nothing(server, omerogen, omerodir):
    """Neither a middleware that fails nor a session in the site's cache reaches a server."""
    port, heard = server
    extra = [
        ["EMAIL_HOST", "127.0.0.1"],
        ["EMAIL_PORT", port],
        ["ADMINS", [["A", "a@example.org"]]],
        ["LOGGING_CONFIG", "logging.config.dictConfig"],
        ["ROOT_URLCONF", "gone"],
    ]
    cache = {
        "default": {
            "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
            "LOCATION": f"127.0.0.1:{port}",
        }
    }
    overrides = {
        "omero.web.django_additional_settings": json.dumps(extra),
        "omero.web.caches": json.dumps(cache),
        "omero.web.session_engine": "django.contrib.sessions.backends.cache",
        "omero.web.middleware": json.dumps([{"index": 1, "class": f"{AUTH}.AuthenticationMiddleware"}]),
    }
    sets = [word for name, value in overrides.items() for word in ("--set", f"{name}={value}")]
    found = verdict(omerogen, "--omerodir", omerodir, *sets, "--with-consumers", "django")
    assert found["state"] == "refused", found
    assert "with a cache in memory for django.core.cache.backends.memcached" in found["remark"]
    assert heard == []


@pytest.mark.parametrize(
    "flags",
    [
        "-cp DIR -Djava.system.class.loader=Loader",
        "-classpath DIR -Xmx1g",
        "-Djava.class.path=DIR -Djava.system.class.loader=Loader",
        "--patch-module java.base=DIR",
        "--patch-module=java.base=DIR",
        "--module-path DIR",
        "-Xbootclasspath/a:DIR",
        "-javaagent:DIR/agent.jar",
        "-agentpath:DIR/agent.so",
        "-agentlib:jdwp=transport=dt_socket,server=y,address=127.0.0.1:5005",
        "-Xrunjdwp:transport=dt_socket,server=y",
        "-XX:Flags=DIR/flags",
        "-XX:+UnlockDiagnosticVMOptions -XX:VMOptionsFile=DIR/flags",
        "-XX:OnError=DIR/run",
        "'-XX:OnOutOfMemoryError=touch DIR/touched'",
        "-XX:HeapDumpPath=DIR",
        "-XX:ErrorFile=DIR/error",
        "-XX:StartFlightRecording=filename=DIR/a.jfr",
        "-XX:SharedArchiveFile=DIR/archive",
        "-XX:+AutoCreateSharedArchive -XX:SharedArchiveFile=DIR/archive",
        "-XX:+UnlockExperimentalVMOptions -XX:JVMCILibPath=DIR",
        "-XX:+PauseAtExit",
        "-Dcom.sun.management.jmxremote.port=3000",
        "-Dsun.boot.library.path=DIR",
        "-XX:CompileCommandFile=DIR/commands",
        "-XX:Unheard=DIR/of",
    ],
)
def test_flags_that_may_do_more_are_only_read(flags, omerogen, tmp_path):
    """Code is not loaded, no port is opened, no file is read or written; the remark names each flag."""
    find("java")
    flags = flags.replace("DIR", str(tmp_path))
    found = verdict(omerogen, "--set", f"omero.jvmcfg.append.blitz={flags}", "--with-consumers", "java")
    assert found["state"] == "accepted"
    assert "which is only read" in found["remark"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "flags",
    [
        "-Xmx4gb",
        "-Xnonsense",
        "-nonsense",
        "-XX:+Nonsense",
        "-XX:MaxGCPauseMillis=soon1",
        "-XX:ParallelGCThreads=-1",
        "-Xlog:nonsense:file=DIR/log",
        "-XX:+UseG1GC -XX:+UseSerialGC",
    ],
)
def test_all_other_flags_are_still_judged_by_java(flags, omerogen, tmp_path):
    """Sizes, switches, numbers and logs."""
    find("java")
    flags = flags.replace("DIR", str(tmp_path))
    found = verdict(omerogen, "--set", f"omero.jvmcfg.append.blitz={flags}", "--with-consumers", "java")
    expected = "accepted" if flags == "-XX:MaxGCPauseMillis=soon1" else "refused"
    assert found["state"] == expected, found


def test_included_files_make_no_log_and_look_up_no_host(allowed, omerogen, tmp_path):
    """Each gets a stand-in, which the remark names; without namespaces nothing is tried."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "a.conf").write_text(
        f"access_log {logs}/new.log; error_log {logs}/new-error.log;\n"
        f"location /b {{ proxy_pass http://b.example.org:8080; client_body_temp_path {logs}/body; }}\n"
        "location /c { proxy_pass https://c.example.net; }\n"
    )
    found = verdict(omerogen, *nginx_lines(f"include {tmp_path}/*.conf;"))
    assert list(logs.iterdir()) == []
    if allowed == "none":
        assert found["state"] == "not run"
        assert "has include" in found["remark"]
    else:
        assert found["state"] == "accepted"
        for stand_in in ("the address of b.example.org", "the address of c.example.net", f"files in {logs}"):
            assert f"with a stand-in for {stand_in}" in found["remark"]


def test_an_error_in_an_included_file_is_a_finding(omerogen, tmp_path):
    """In nginx's own words, with its stand-ins."""
    (tmp_path / "a.conf").write_text("location /b { proxy_pass http://b.example.org; }\nnonsense on;\n")
    result = omerogen("check", *MEMORY, *nginx_lines(f"include {tmp_path}/a.conf;"))
    assert 'unknown directive "nonsense"' in result.out


@pytest.mark.parametrize("program", ["nginx", "java", "icegrid", "jdbc"])
def test_temporary_folders_have_any_name(program, tmp_path):
    """No program gets the folder's own path."""
    find(
        program if program in ("nginx", "java") else {"icegrid": "icegridregistry", "jdbc": "javac"}[program]
    )
    scratch = tmp_path / ODD
    scratch.mkdir()
    tls = (
        "--tls",
        "nginx",
        "--certificate",
        "/x",
        "--certificate-key",
        "/y",
        "--servername",
        "a.example.org",
    )
    done = subprocess.run(
        [*OMEROGEN, "check", *MEMORY, *tls, "--with-consumers", program],
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{program}: accepted" in done.stderr, done.stderr
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("delay", [0.25, 0.4, 0.55, 0.7])
def test_a_killed_run_leaves_nothing_either(delay, tmp_path):
    """Not by SIGKILL, which nobody can handle: no registry, router or java, and no folder."""
    find("icegridregistry")
    command = [*OMEROGEN, "check", *MEMORY, "--with-consumers", "icegrid", "java"]
    running = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=-3, stderr=-3)
    time.sleep(delay)
    running.kill()
    running.wait()
    deadline = time.monotonic() + 10
    while (list(tmp_path.iterdir()) or working_in(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []
    assert working_in(tmp_path) == []


def working_in(folder: Path) -> list[str]:
    """The processes whose environment has the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if os.fsencode(folder) in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("content", "reason"),
    [("not a program", "Exec format error"), ("#!/gone/sh\n", "No such file or directory")],
)
def test_a_program_that_does_not_start_is_not_run(content, reason, omerogen, monkeypatch, tmp_path):
    """Whichever of them it is."""
    for name in ("nginx", "java", "icegridregistry"):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    result = omerogen("check", *MEMORY, "--with-consumers", "nginx", "java", "icegrid")
    lines = [line for line in result.err.splitlines() if ": not run (" in line]
    assert [line.partition(":")[0] for line in lines] == ["nginx", "java", "icegrid"]
    assert all(f"cannot be started: {reason}" in line for line in lines)


def ignoring_children() -> None:
    """As a parent leaves it that is not interested in its children."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def test_a_refusal_is_seen_though_the_parent_ignores_its_children():
    """The system keeps no status then, and 0 would mean accepted."""
    find("java")
    words = ("--set", "omero.jvmcfg.append=-XX:+Nonsense", "--with-consumers", "java")
    done = subprocess.run(
        [*OMEROGEN, "check", *MEMORY, *words], preexec_fn=ignoring_children, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"Unrecognized VM option 'Nonsense'" in done.stdout


def test_a_failed_hook_is_seen_though_the_parent_ignores_its_children(tmp_path):
    """For ``--reload`` too."""
    words = ("build", "-o", str(tmp_path), "--only", "jvm", *MEMORY, "--reload", "exit 3")
    done = subprocess.run([*OMEROGEN, *words], preexec_fn=ignoring_children, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"the command ended with 3" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_root_runs_what_another_user_owns_as_that_user(omerogen):
    """A Python beside OMERODIR is that user's program: root must not run it with its own rights."""
    with tempfile.TemporaryDirectory() as site:
        folder = Path(site, "venv3/bin")
        folder.mkdir(parents=True)
        Path(site, "OMERO.web").mkdir()
        Path(site).chmod(0o755)
        python = folder / "python"
        python.write_text('#!/bin/sh\necho "runs as $(id -u)"\n')
        python.chmod(0o755)
        os.chown(folder, SOMEBODY, SOMEBODY)
        omerodir = ("--omerodir", f"{site}/OMERO.web")
        result = omerogen("check", *MEMORY, *omerodir, "--with-consumers", "django")
    assert f"django: runs as {SOMEBODY}" in result.out


def test_programs_are_found_by_their_whole_path(monkeypatch, tmp_path):
    """Since they run in another folder."""
    (tmp_path / "nginx").touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert process.find("nginx") == str(tmp_path / "nginx")


#: Devices, the tables of a user namespace, and names below the working folder, which is the scratch folder.
WRITTEN_BY_ALL = re.compile(r'"/dev/|"/proc/self/|[0-9] +\w+\("(?!/|\.\.)')
TRACED = (
    "connect,sendto,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat"
    ",link,linkat,symlink,symlinkat,chmod,fchmodat,chown,fchownat,truncate"
)
CHANGES = re.compile(r"O_CREAT|O_WRONLY|O_RDWR|(?:creat|mkdir|rename|link|chmod|chown|truncate)\w*\(")
UNFENCED = "from omerogen.verify import namespaces as n; n.enter = lambda _: n.Namespaces()\n"


@pytest.mark.parametrize("allowed_here", [True, False], ids=["namespaces", "none"])
@pytest.mark.parametrize("program", ["nginx", "java", "icegrid", "jdbc", "django"])
def test_no_program_reaches_out_or_writes_elsewhere(program, allowed_here, omerodir, tmp_path):
    """By its system calls: loopback alone, and files of the scratch folder alone."""
    scratch, log = tmp_path / "scratch", tmp_path / "log"
    scratch.mkdir()
    site = Path(__file__).parent.parent / "data/site.config.xml"
    certificate = "--set=omero.glacier2.IceSSL.CertFile=server.p12"  # without one no client could connect
    arguments = [
        "check",
        "-c",
        str(site),
        certificate,
        "--omerodir",
        str(omerodir),
        "--with-consumers",
        program,
    ]
    code = f"{'' if allowed_here else UNFENCED}from omerogen import cli\ncli.main({arguments!r})"
    strace = [find("strace"), "-f", "-qq", "-y", "-o", str(log), "-e", f"trace={TRACED}"]
    done = subprocess.run(
        [*strace, sys.executable, "-B", "-c", code],
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{program}: accepted" in done.stderr, done.stderr
    calls = [line for line in log.read_text(errors="replace").splitlines() if " = -1 " not in line]
    reaching = [call for call in calls if re.search(r"(?:connect|sendto)\(.*sin6?_addr", call)]
    assert [call for call in reaching if "127.0.0.1" not in call and '"::1"' not in call] == []
    changing = [call for call in calls if CHANGES.search(call)]
    assert changing
    assert [call for call in changing if str(scratch) not in call and not WRITTEN_BY_ALL.search(call)] == []
