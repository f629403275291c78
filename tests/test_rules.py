"""The rules: each fires on its bad example, and is silent on the sibling that works."""

from __future__ import annotations

import json

import pytest

from omerogen.rules.registry import rules

WITH_EXAMPLES = [rule for rule in rules().values() if rule.bad or rule.good]


def findings(omerogen, tmp_path, example: str) -> list[dict]:
    """What ``check`` finds in an example: lines of a .properties file, and options."""
    path = tmp_path / "site.properties"
    lines = example.splitlines()
    path.write_text("".join(f"{line}\n" for line in lines if not line.startswith("--")))
    options = [word for line in lines if line.startswith("--") for word in line.split()]
    result = omerogen("check", "-c", path, *options, "--format", "json")
    assert result.status in (0, 1), result.err
    return json.loads(result.out)["findings"]


@pytest.mark.parametrize("rule", [rule for rule in WITH_EXAMPLES if rule.bad], ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_bad_example(rule, omerogen, tmp_path):
    """With its severity, a property that is in the example, and what to do."""
    found = [one for one in findings(omerogen, tmp_path, rule.bad) if one["id"] == rule.id]
    assert found
    for finding in found:
        assert finding["severity"] == rule.severity.value
        assert finding["fix"]
        assert finding["properties"]


@pytest.mark.parametrize("rule", WITH_EXAMPLES, ids=lambda rule: rule.id)
def test_a_rule_is_silent_on_the_sibling_that_works(rule, omerogen, tmp_path):
    """A finding on what works teaches people to ignore findings."""
    assert rule.id not in {one["id"] for one in findings(omerogen, tmp_path, rule.good)}


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is_about(rule):
    """In its own words, for the reference."""
    begins = rule.title[0] == rule.title[0].lower()
    assert begins or rule.title.startswith(("Django", "IceGrid", "LDAP", "OMERO"))
    assert not rule.title.endswith(".")
    assert rule.explanation.endswith(".")


def test_a_fresh_server_has_no_errors(omerogen, tmp_path):
    """And at most five warnings."""
    found = findings(omerogen, tmp_path, "omero.jvmcfg.system_memory=16000")
    severities = [one["severity"] for one in found]
    assert "error" not in severities
    assert severities.count("warning") <= 5


@pytest.mark.parametrize(
    "given", ["omero.x=${omero.data.dir}", "omero.web.login_logo=${x", "a.b=$${$${omero.x}${y}"]
)
@pytest.mark.parametrize("server", [True, False])
def test_a_variable_in_the_config_xml_of_a_server(given, server, omerogen, tmp_path):
    """IceGrid includes it; that of a web host is not read by it."""
    name, _, value = given.partition("=")
    folder = tmp_path / "etc" / "grid"
    folder.mkdir(parents=True)
    if server:
        (folder / "templates.xml").write_text("<icegrid/>")
    (folder / "config.xml").write_text(
        f"<icegrid><properties id='default'>\n<property name='{name}' value='{value}'/>"
        "</properties></icegrid>"
    )
    result = omerogen("check", "-c", folder / "config.xml", "--format", "json")
    found = [one for one in json.loads(result.out)["findings"] if one["id"] == "variable-of-icegrid"]
    assert [one["locations"] for one in found] == (
        [[{"file": f"{folder}/config.xml", "line": 2}]] if server else []
    )


def test_variables_of_icegrid_and_escaped_ones_pass(omerogen, tmp_path):
    """OMERO's own defaults have some."""
    folder = tmp_path / "etc" / "grid"
    folder.mkdir(parents=True)
    (folder / "templates.xml").write_text("<icegrid/>")
    (folder / "config.xml").write_text(
        "<icegrid><properties id='default'><property name='omero.x' value='${OMERO_LOGS}/a'/>"
        "<property name='omero.y' value='$${omero.data.dir}/b @{dn} $host'/></properties></icegrid>"
    )
    found = omerogen("check", "-c", folder / "config.xml", "--format", "json").out
    assert "variable-of-icegrid" not in found
