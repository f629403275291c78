"""The pod: validated by Kubernetes' schemas; its init container is run as by the kubelet."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from support.ansible import OMEROGEN, tool
from support.files import EXAMPLES
from support.programs import accepted, environment, run
from support.recipes import documents, replaced

POD = EXAMPLES / "kubernetes/omero-server.yaml"


def by_kind(kind: str) -> dict[str, Any]:
    """The document of a kind."""
    [found] = [one for one in documents("kubernetes/omero-server.yaml") if one["kind"] == kind]
    return dict(found)


def pod() -> dict[str, Any]:
    """The specification of the pod."""
    return dict(by_kind("StatefulSet")["spec"]["template"]["spec"])


@pytest.mark.slow  # needs .venv/tools
def test_the_schemas_of_kubernetes_accept_it() -> None:
    accepted([tool("kubernetes-validate"), "--strict", POD])


def test_volumes_and_containers_are_those_that_are_named() -> None:
    """What a schema cannot see."""
    claims = [claim["metadata"]["name"] for claim in by_kind("StatefulSet")["spec"]["volumeClaimTemplates"]]
    volumes = {volume["name"] for volume in pod()["volumes"]} | {*claims}
    containers = [*pod()["initContainers"], *pod()["containers"]]
    assert {mount["name"] for container in containers for mount in container["volumeMounts"]} == volumes
    labels = by_kind("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    assert by_kind("Service")["spec"]["selector"] == labels
    assert by_kind("StatefulSet")["spec"]["selector"]["matchLabels"] == labels


def test_no_secret_is_in_a_variable_or_an_argument() -> None:
    names = [one["name"] for part in ("initContainers", "containers") for one in pod()[part][0]["env"]]
    assert not [name for name in names if "pass" in name or "secret" in name]
    assert pod()["initContainers"][0].keys() == {
        "name", "image", "command", "env", "resources", "volumeMounts",
    }  # fmt: skip


def downward(reference: dict[str, str], limit: str) -> int:
    """The variable of the downward API for the limit of a container: a number of divisors, rounded up."""
    assert reference["resource"] == "limits.memory"
    units = {"1M": 1_000_000, "1Mi": 1 << 20, "1": 1}
    count = int(limit.removesuffix("Gi")) << 30
    return -(-count // units[reference["divisor"]])


@pytest.fixture
def init(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    """The command of the init container and its variables, with the volumes as folders."""
    container = pod()["initContainers"][0]
    folders = {"site": tmp_path / "site", "config": tmp_path / "server/config"}
    for folder in (*folders.values(), tmp_path / "secrets"):
        folder.mkdir(parents=True)
    for name, text in by_kind("ConfigMap")["data"].items():
        (folders["site"] / name).write_text(text)
    (tmp_path / "secrets/omero.db.pass").write_text("geheim")
    variables = {}
    for one in container["env"]:
        if "value" in one:
            variables[one["name"]] = replaced(one["value"], {"/opt/omero/server/config": folders["config"]})
        else:
            reference = one["valueFrom"]["resourceFieldRef"]
            [main] = [it for it in pod()["containers"] if it["name"] == reference["containerName"]]
            variables[one["name"]] = str(downward(reference, main["resources"]["limits"]["memory"]))
    ours = {"OMEROGEN": str(OMEROGEN), "OMEROGEN_SECRETS": str(tmp_path / "secrets")}
    path = os.pathsep.join([str(EXAMPLES / "docker"), os.environ["PATH"]])
    words = json.loads(replaced(json.dumps(container["command"]), {"/site/": f"{folders['site']}/"}))
    return words, environment(PATH=path, **ours, **variables)


def test_heaps_are_for_the_limit_of_the_main_container(init: Any, tmp_path: Path) -> None:
    """16 GiB are 17180 MB, of which blitz has the 25 % of the site."""
    words, variables = init
    assert variables["CONFIG_omero_jvmcfg_system__memory"] == "17180"
    accepted(words, env=variables)
    loaded = (tmp_path / "server/config/90-omerogen.omero").read_text()
    assert "config set omero.jvmcfg.heap_size.blitz 4295m\n" in loaded
    assert "config set omero.jvmcfg.heap_size.indexer 1718m\n" in loaded
    assert "config set -- omero.db.pass 'geheim'\n" in loaded


def test_the_pod_does_not_start_with_wrong_properties(init: Any, tmp_path: Path) -> None:
    words, variables = init
    (tmp_path / "site/wrong.omero").write_text("config set omero.db.port abc\n")
    done = run(words, env=variables)
    assert done.returncode == 2
    assert "wrong.omero:1: omero.db.port 'abc' is not a whole number" in done.stderr
