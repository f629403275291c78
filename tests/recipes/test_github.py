"""The workflow: read by GitHub's schema; its commands are run as its runner does, its actions are not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import jsonschema
import pytest

from support.ansible import OMEROGEN, tool
from support.files import DATA, EXAMPLES
from support.programs import accepted, environment, find, run
from support.recipes import documents

WORKFLOW = EXAMPLES / "github/omerogen.yml"
#: Version 2.1.0 of OASIS, which GitHub's code scanning reads.
SARIF = DATA / "sarif-2.1.0.schema.json"


def steps() -> list[dict[str, Any]]:
    """The steps of its job."""
    [workflow] = documents("github/omerogen.yml")
    return list(workflow["jobs"]["check"]["steps"])


@pytest.mark.slow  # needs .venv/tools
def test_the_schema_of_workflows_accepts_it() -> None:
    accepted([tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", WORKFLOW])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The checkout of a site, of which a test writes the properties."""
    (tmp_path / "omerogen.toml").write_text('config = "site.properties"\n')
    return tmp_path


def ran(site: Path) -> dict[str, CompletedProcess[str]]:
    """Run the steps that run omerogen, in their order until one fails, with the shell of GitHub's runner."""
    path = os.pathsep.join([str(OMEROGEN.parent), os.environ["PATH"]])
    done: dict[str, CompletedProcess[str]] = {}
    for step in steps():
        if "omerogen check" not in step.get("run", ""):
            continue
        command = [find("bash"), "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done[step["name"]] = run(command, cwd=site, env=environment(PATH=path))
        if done[step["name"]].returncode:
            break
    return done


def log(site: Path) -> dict[str, Any]:
    """The file that is uploaded, which must be valid."""
    [upload] = [step["with"]["sarif_file"] for step in steps() if "upload-sarif" in step.get("uses", "")]
    content = json.loads((site / upload).read_text())
    jsonschema.Draft7Validator(json.loads(SARIF.read_text())).validate(content)
    return dict(content)


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        ("omero.db.port=abc\n", "invalid-value"),
        ("omero.db.prot=5432\n", "near-miss"),
        ("omero.db.port=5433\n", "default-db-password"),
    ],
)
def test_findings_are_uploaded_and_fail_the_job(properties: str, rule: str, site: Path) -> None:
    (site / "site.properties").write_text(properties)
    done = ran(site)
    [result] = [one for one in log(site)["runs"][0]["results"] if one["ruleId"] == rule]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place in ("site.properties", "omerogen.toml")
    last = done["Fail for errors and warnings"]
    assert last.returncode == 1
    assert f"title={rule}::" in last.stdout


def test_a_site_without_findings_passes(site: Path) -> None:
    """What is waived is uploaded, too, as suppressed."""
    (site / "site.properties").write_text("omero.db.port=5433\n")
    ran(site)
    rules = {result["ruleId"] for result in log(site)["runs"][0]["results"]}
    waivers = "".join(f'{rule} = "meant"\n' for rule in sorted(rules))
    with (site / "omerogen.toml").open("a") as file:
        file.write(f"[waive]\n{waivers}")
    assert [done.returncode for done in ran(site).values()] == [0, 0]
    assert all(result["suppressions"] for result in log(site)["runs"][0]["results"])


def test_a_site_that_cannot_be_read_fails_the_job_at_once(site: Path) -> None:
    """There is nothing to upload then."""
    done = ran(site)
    assert [one.returncode for one in done.values()] == [1]
    assert "site.properties" in done["Write the findings as SARIF"].stderr
