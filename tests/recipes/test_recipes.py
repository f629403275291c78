"""The recipes of examples/: what can run runs as it stands, and real parsers read the rest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.ansible import OMEROGEN, tool
from support.files import DATA, EXAMPLES
from support.programs import find

ROOT = EXAMPLES.parent


def run(*command: object, folder: Path, status: int = 0, **environment: str) -> str:
    """What a command printed; it has to end with ``status``."""
    path = f"{OMEROGEN.parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", **environment}
    words = list(map(str, command))
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=120, cwd=folder, env=own, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def stand_in(folder: Path, name: str, script: str) -> Path:
    """A program in place of one that is not installed here."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("path", ["docker/Dockerfile", "compose/Dockerfile"])
def test_dockerfiles_are_such(path, tmp_path):
    """By hadolint's parser and rules."""
    run(tool("hadolint"), "--failure-threshold", "warning", EXAMPLES / path, folder=tmp_path)


def test_scripts_are_such(tmp_path):
    """By shellcheck."""
    run(tool("shellcheck"), *sorted(EXAMPLES.rglob("*.sh")), folder=tmp_path)


def test_the_web_image_starts_with_generated_settings(tmp_path):
    """With the variables of the container over the file of the image."""
    out = tmp_path / "out"
    own = {
        "OMEROGEN": str(OMEROGEN),
        "OMEROGEN_SITE": str(EXAMPLES / "docker/site.yaml"),
        "OMEROGEN_OUT": str(out),
    }
    script = EXAMPLES / "docker/20-omerogen.sh"
    run(script, folder=tmp_path, CONFIG_omero_web_page__size="321", **own)
    module = (out / "django/omeroweb_settings.py").read_text()
    assert "PAGE = 321" in module
    assert "FORCE_SCRIPT_NAME = '/omero'" in module
    said = run(script, folder=tmp_path, status=2, CONFIG_omero_web_debug="maybe", **own)
    assert "$CONFIG_omero_web_debug: omero.web.debug 'maybe' is neither true nor false" in said


def test_the_server_image_has_heaps_of_its_memory(tmp_path):
    """``omero load`` is replaced by a program that shows the file."""
    omero = stand_in(tmp_path, "omero", '[ "$1" = load ] && cat "$2"')
    own = {
        "OMEROGEN": str(OMEROGEN),
        "OMEROGEN_SITE": str(EXAMPLES / "docker/site.yaml"),
        "OMERO": str(omero),
    }
    said = run(
        EXAMPLES / "docker/60-omero-server.sh",
        folder=tmp_path,
        CONFIG_omero_jvmcfg_system__memory="20000",
        **own,
    )
    assert "config set omero.jvmcfg.heap_size.blitz 3000m\n" in said


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((EXAMPLES / "compose/compose.yaml").read_text())
    return document


def test_the_services_are_such(tmp_path):
    """By the JSON Schema of compose; what they mount is there."""
    run(
        tool("check-jsonschema"),
        "--builtin-schema",
        "vendor.compose-spec",
        EXAMPLES / "compose/compose.yaml",
        folder=tmp_path,
    )
    mounts = [mount for service in compose()["services"].values() for mount in service.get("volumes", ())]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert all((EXAMPLES / "compose" / file).exists() for file in files)


def test_nginx_takes_what_the_services_generate(tmp_path):
    """Its command as it stands, but for the paths of the container; then ``nginx -t``.

    The names of the other services are those of this machine, as no network of compose is there.
    """
    nginx = find("nginx")
    words = [
        word.replace("/etc/omero", str(EXAMPLES / "compose")).replace(
            "/generated/omero", str(tmp_path / "omero")
        )
        for word in compose()["services"]["generate"]["command"]
    ]
    run(OMEROGEN, *words, folder=tmp_path)
    text = (tmp_path / "omero/nginx/omero.conf").read_text()
    assert "server omeroweb:4080" in text
    assert "proxy_pass http://omeroserver:4065" in text or "server omeroserver:4065" in text
    for name in ("omeroweb", "omeroserver"):
        text = text.replace(name, "localhost")
    (tmp_path / "omero/nginx/omero.conf").write_text(text)
    own = (EXAMPLES / "compose/omero.conf").read_text().replace("/etc/nginx/generated", str(tmp_path))
    (tmp_path / "default.conf").write_text(own)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ include {tmp_path}/default.conf; }}\n"
    )
    assert "test is successful" in run(nginx, "-t", "-c", tmp_path / "nginx.conf", folder=tmp_path)


def test_the_objects_of_kubernetes_are_such(tmp_path):
    """By the schemas of Kubernetes."""
    run(tool("kubernetes-validate"), "--strict", EXAMPLES / "kubernetes/omero-server.yaml", folder=tmp_path)


def test_the_init_container_counts_the_memory_of_the_server(tmp_path):
    """16 GiB are 17180 MB with the divisor 1M, which Kubernetes rounds up: Blitz gets 40 % of that."""
    objects = list(yaml.safe_load_all((EXAMPLES / "kubernetes/omero-server.yaml").read_text()))
    container = objects[0]["spec"]["template"]["spec"]["initContainers"][0]
    field = container["env"][0]["valueFrom"]["resourceFieldRef"]
    assert field == {"containerName": "server", "resource": "limits.memory", "divisor": "1M"}
    (tmp_path / "site.yaml").write_text(objects[1]["data"]["site.yaml"])
    (words,) = container["args"]
    words = words.replace("/etc/omero", str(tmp_path)).replace("/generated", str(tmp_path))
    limit = str(-(-16 * 2**30 // 1_000_000))
    run(*container["command"], words, folder=tmp_path, MEMORY_LIMIT_MB=limit)
    lines = (tmp_path / "60-heaps.omero").read_text().splitlines()
    assert lines[0] == f"config set omero.jvmcfg.heap_size.blitz {17180 * 40 // 100}m"


def test_make_builds_what_changed(tmp_path):
    """nginx is replaced by a program that notes its arguments."""
    for path in (EXAMPLES / "make").iterdir():
        shutil.copy(path, tmp_path)
    stand_in(tmp_path, "nginx", 'echo "$@" >> called')
    make = ("make", "-s", f"OMEROGEN={OMEROGEN}", "NGINX=./nginx")
    run(*make, "reload", folder=tmp_path)
    assert (tmp_path / "called").read_text() == "-t\n-s reload\n"
    assert run(*make, "reload", folder=tmp_path) == ""
    assert run(*make, "all", folder=tmp_path) in ("", "make: Nothing to be done for 'all'.\n")
    site = tmp_path / "site.yaml"
    site.write_text(site.read_text().replace("16000", "32000"))
    later = site.stat().st_mtime + 5
    os.utime(site, (later, later))
    run(*make, "reload", folder=tmp_path)
    assert "-Xmx4800m" in (tmp_path / "out/jvm/flags.txt").read_text()


@pytest.mark.slow
def test_a_commit_is_checked(tmp_path):
    """The hook of this repository, with omerogen as pre-commit installs it."""
    hooks = tmp_path / "hooks"
    copied = ("generator", "templates", "hatch_build.py", "pyproject.toml", "LICENSE", "README.md")
    hooks.mkdir()
    for name in (*copied, ".pre-commit-hooks.yaml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, hooks / name)
    site = tmp_path / "site"
    site.mkdir()
    git = ("git", "-c", "user.name=x", "-c", "user.email=x@example.org")
    for folder in (hooks, site):
        run(*git, "init", "-q", folder=folder)
    run(*git, "add", "-A", folder=hooks)
    run(*git, "commit", "-qm", "x", folder=hooks)
    revision = run(*git, "rev-parse", "HEAD", folder=hooks).strip()
    config = yaml.safe_load((EXAMPLES / "pre-commit/.pre-commit-config.yaml").read_text())
    config["repos"][0] |= {"repo": str(hooks), "rev": revision}
    (site / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    own = {"PRE_COMMIT_HOME": str(tmp_path / "home"), "PIP_INDEX_URL": os.environ.get("PIP_INDEX_URL", "")}
    own = {name: value for name, value in own.items() if value}
    for text, status in (("omero.web.debug: true\n", 0), ("omero.web.debug: maybe\n", 1)):
        (site / "site.yaml").write_text(text)
        run(*git, "add", "-A", folder=site)
        said = run(tool("pre-commit"), "run", "--all-files", folder=site, status=status, **own)
    assert "site.yaml:1: omero.web.debug 'maybe' is neither true nor false" in said


def test_the_unit_has_a_secret_as_a_credential(tmp_path):
    """systemd's own reader takes the drop-in; its command runs with a folder in place of %d."""
    dropin = (EXAMPLES / "systemd/omero-web.service.d-omerogen.conf").read_text()
    command = next(line for line in dropin.splitlines() if line.startswith("ExecStartPre="))
    (tmp_path / "secret_key").write_text("canary-key\n")
    (tmp_path / "site.yaml").write_text("omero.web.prefix: /omero\n")
    words = (
        command.removeprefix("ExecStartPre=")
        .replace("/opt/omerogen/bin/omerogen", str(OMEROGEN))
        .replace("/etc/omero", str(tmp_path))
        .replace("/run/omero-web", str(tmp_path / "run"))
        .replace("%d", str(tmp_path))
    )
    assert "canary" not in run(*words.split(), folder=tmp_path)
    module = tmp_path / "run/generated/django/omeroweb_settings.py"
    assert "SECRET_KEY = 'canary-key'" in module.read_text()
    assert module.stat().st_mode & 0o777 == 0o600
    unit = tmp_path / "omero-web.service"
    run(OMEROGEN, "systemd", "-c", tmp_path / "site.yaml", folder=tmp_path)
    unit.write_text(f"[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n{dropin}")
    verified = run(find("systemd-analyze"), "verify", "--man=no", unit, folder=tmp_path, status=1)
    complaints = [line for line in verified.splitlines() if "is not executable" not in line]
    assert complaints == []


def test_the_workflow_is_such(tmp_path):
    """By the JSON Schema of GitHub's workflows."""
    run(
        tool("check-jsonschema"),
        "--builtin-schema",
        "vendor.github-workflows",
        EXAMPLES / "github/omerogen.yaml",
        folder=tmp_path,
    )


def test_the_workflow_makes_a_file_for_code_scanning(tmp_path):
    """Its commands as they stand; the file is SARIF, also where there are errors."""
    steps = yaml.safe_load((EXAMPLES / "github/omerogen.yaml").read_text())["jobs"]["check"]["steps"]
    commands = (str(step.get("run", "")) for step in steps)
    find_wrong, compare = (command for command in commands if command.startswith("omerogen "))
    (tmp_path / "site.yaml").write_text("omero.web.debug: maybe\nomero.jvmcfg.system_memory: 16000\n")
    run("sh", "-c", find_wrong, folder=tmp_path, status=1)
    sarif = json.loads((tmp_path / "omerogen.sarif").read_text())
    jsonschema.validate(sarif, json.loads((DATA / "sarif-2.1.0.schema.json").read_text()))
    assert any("maybe" in found["message"]["text"] for found in sarif["runs"][0]["results"])
    (tmp_path / "site.yaml").write_text("omero.jvmcfg.system_memory: 16000\n")
    run("sh", "-c", compare.replace(" --check", ""), folder=tmp_path)
    run("sh", "-c", compare, folder=tmp_path)
