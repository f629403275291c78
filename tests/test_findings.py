"""Findings in the forms that other programs read: SARIF, and annotations of GitHub."""

from __future__ import annotations

import json

import pytest

SELECTED = ("--select", "invalid-value", "near-miss", "quoted-value")


@pytest.fixture
def site(tmp_path):
    """A site with an error, a warning and one that is waived."""
    path = tmp_path / "site.properties"
    path.write_text("omero.db.prot=1\nomero.db.port=abc\nomero.db.name='x,y'\n")
    (tmp_path / "omerogen.toml").write_text('config = "site.properties"\n[waive]\nquoted-value = "meant"\n')
    return tmp_path / "omerogen.toml", path


def test_sarif_has_places_fixes_and_waivers(site, omerogen):
    """What code hosts show beside the lines of a file."""
    toml, path = site
    result = omerogen("check", "--site", toml, *SELECTED, "--format", "sarif")
    assert result.status == 1
    log = json.loads(result.out)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    by_rule = {one["ruleId"]: one for one in run["results"]}
    assert {rules[one["ruleIndex"]] for one in run["results"]} == by_rule.keys()
    assert {name: one["level"] for name, one in by_rule.items()} == {
        "invalid-value": "error",
        "near-miss": "warning",
        "quoted-value": "warning",
    }
    place = by_rule["invalid-value"]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": str(path)}, "region": {"startLine": 2}}
    assert by_rule["quoted-value"]["suppressions"] == [{"kind": "external", "justification": "meant"}]
    [change] = by_rule["near-miss"]["fixes"][0]["artifactChanges"]
    [replacement] = change["replacements"]
    region = replacement["deletedRegion"]
    line = path.read_text().splitlines()[region["startLine"] - 1]
    fixed = (
        line[: region["startColumn"] - 1]
        + replacement["insertedContent"]["text"]
        + line[region["endColumn"] - 1 :]
    )
    assert fixed == "omero.db.port=1"


def test_what_is_in_no_file_is_put_into_the_file_of_the_site(site, omerogen):
    """Code hosts refuse a log with a result that is nowhere, and annotate files alone."""
    _, path = site
    check = ("check", "-c", path, "--select", "deprecated-tls", "--format")
    [result] = json.loads(omerogen(*check, "sarif").out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": str(path)}, "region": {"startLine": 1}}
    assert omerogen(*check, "github").out.startswith(f"::warning file={path},line=1,title=deprecated-tls::")


def test_rules_may_be_given_as_lists(omerogen):
    """As other linters take them: again, with commas, and as groups."""
    many = omerogen("check", "--select", "default-db-password, mail", "--select", "deprecated-tls").out
    assert "default-db-password" in many
    assert "deprecated-tls" in many
    assert "anonymous-ciphers" not in many
    wrong = omerogen("check", "--select", "no-worker")
    assert wrong.status == 2
    assert "did you mean no-workers?" in wrong.err


def test_a_waiver_for_another_machine_is_not_stale(omerogen, tmp_path):
    """Nor one for a program that is not run this time; one that depends on the site alone is."""
    site = tmp_path / "omerogen.toml"
    waivers = "".join(f'{rule} = "x"\n' for rule in ("memory-unknown", "refused-by-nginx", "debug-on"))
    site.write_text(f"[waive]\n{waivers}")
    found = omerogen("check", "--site", site, "--select", "stale-waiver").out
    assert "the waiver of debug-on" in found
    assert found.count("the waiver of") == 1


def test_a_group_has_a_page(omerogen):
    assert "ldap-off (note): LDAP is set up, but off" in omerogen("check", "--explain", "ldap").out


def test_github_annotates_lines(site, omerogen):
    """One command a finding; commas and line breaks are escaped, and waived ones are left out."""
    toml, path = site
    lines = omerogen("check", "--site", toml, *SELECTED, "--format", "github").out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"::error file={path},line=2,title=invalid-value::omero.db.port 'abc' is not")
    assert lines[1].startswith(f"::warning file={path},line=1,title=near-miss::no property")
