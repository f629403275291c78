"""``omerogen check``: what there is to look at; the programs are asked in verify/."""

from __future__ import annotations

import json

import pytest

from support.files import SITE

#: What the site lacks: clients could not connect.
_NOTED = ("--ignore", "secret-for-everybody", "equal-to-default")
CERTIFIED = ("-c", SITE, "--set", "omero.glacier2.IceSSL.CertFile=server.p12", *_NOTED)


def found(omerogen, *overrides: str, options: tuple[str, ...] = ()) -> tuple[int, list[dict]]:
    """Exit status and findings of a site with these properties."""
    arguments = [argument for override in overrides for argument in ("--set", override)]
    result = omerogen("check", *CERTIFIED, *arguments, *options, "--format", "json")
    return result.status, json.loads(result.out)["findings"]


def test_a_site_without_findings_is_quiet(omerogen):
    """Exit 0, nothing printed but that there is none; a program is reported by the empty list alone."""
    result = omerogen("check", *CERTIFIED)
    assert (result.status, result.out, result.err) == (0, "no findings\n", "")
    assert found(omerogen) == (0, [])
    assert omerogen("check", *CERTIFIED, "--format", "json").err == ""


@pytest.mark.parametrize(
    ("override", "rule", "severity", "about"),
    [
        ("omero.db.prot=1", "near-miss", "warning", "omero.db.prot"),
        ("nodots=1", "unknown-name", "warning", "nodots"),
        ("omero.db.name='x'", "quoted-value", "warning", "omero.db.name"),
        ("omero.web.email_host=h", "deprecated", "warning", "omero.web.email_host"),
        (
            "omero.jvmcfg.system_memory=1000",
            "memory-over-committed",
            "error",
            "omero.jvmcfg.heap_size",
        ),
        ("omero.db.properties=password=x", "password-in-url", "warning", "omero.db.properties"),
        ("omero.ports.prefix=7", "no-glacier2", "error", "omero.ports.prefix"),
        ("omero.jvmcfg.percent.blitz=0", "no-jvm", "error", "omero.jvmcfg.percent.blitz"),
    ],
)
def test_each_finding_has_a_rule_a_severity_and_properties(override, rule, severity, about, omerogen):
    """What other programs read, with what to do about it; exit 1 for an error."""
    status, findings = found(omerogen, override)
    [finding] = [finding for finding in findings if finding["id"] == rule][:1]
    assert status == (severity == "error")
    assert finding["severity"] == severity
    assert finding["message"]
    assert finding["fix"]
    assert about in finding["properties"]


def test_errors_come_before_warnings(omerogen):
    """The worst first; each once."""
    _, findings = found(omerogen, "omero.db.prot=1", "omero.ports.prefix=7")
    severities = [finding["severity"] for finding in findings]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert len(set(severities)) > 1


def test_a_text_is_for_people(omerogen):
    """Severity, place, message, what to do, and the rule."""
    result = omerogen("check", *CERTIFIED, "--set", "omero.db.prot=1")
    line = "warning: --set: no property 'omero.db.prot' (did you mean 'omero.db.port'?) [near-miss]\n"
    assert (result.status, result.out, result.err) == (0, f"{line}1 warning\n", "")


def test_wrong_usage_is_not_a_finding_but_an_error(omerogen):
    """The same as for build: exit 2."""
    result = omerogen("check", *CERTIFIED, "--http", "4080")
    assert (result.status, result.out) == (2, "")
    assert "--http: 4080 is the port of the application itself" in result.err


FAILING = [((), 0), (("--strict",), 1), (("--fail-on", "warning"), 1), (("--fail-on", "note"), 1)]


@pytest.mark.parametrize(("options", "status"), [*FAILING, (("--fail-on", "error"), 0)])
def test_a_site_chooses_what_fails(options, status, omerogen):
    """Errors, unless more is wanted; findings keep their severity."""
    failed, findings = found(omerogen, "omero.db.prot=1", options=options)
    assert (failed, [finding["severity"] for finding in findings]) == (status, ["warning"])


def test_findings_are_selected_by_rule_and_group(omerogen):
    """Of one rule, of a group of rules, or all others; other names are refused with the nearest."""
    both = ("omero.db.prot=1", "omero.jvmcfg.system_memory=1000")

    def ids(*options: str) -> list[str]:
        given = [word for override in both for word in ("--set", override)]
        result = omerogen("check", "-c", SITE, *given, *options, "--format", "json")
        return [one["id"] for one in json.loads(result.out)["findings"]]

    assert {"memory-over-committed", "near-miss"} < set(ids())
    assert ids("--select", "near-miss") == ["near-miss"]
    assert "memory-over-committed" not in ids("--ignore", "memory")
    assert ids("--select", "memory", "--ignore", "near-miss") == ["memory-over-committed"]
    wrong = omerogen("check", "--select", "nearmiss")
    assert (wrong.status, wrong.err) == (
        2,
        "--select nearmiss: is neither a rule nor a group (did you mean near-miss?)\n",
    )


def test_a_rule_explains_itself(omerogen):
    """What it is about, a site that breaks it, one that works."""
    page = omerogen("check", "--explain", "router-without-certificate").out
    assert page.startswith(
        "router-without-certificate (error, router): no client can reach the router by TLS\n"
    )
    assert "breaks it:\n    omero.glacier2.IceSSL.Ciphers=HIGH\n" in page
    assert omerogen("check", "--explain", "nope").status == 2


def test_the_line_of_a_finding_is_shown(omerogen, tmp_path):
    """With its number, unless it may have a secret."""
    path = tmp_path / "site.properties"
    path.write_text("\nomero.db.prot=1\nomero.db.passs=canary\nomero.db.port=abc\n")
    shown = omerogen("check", "-c", path).out
    assert "    2 | omero.db.prot=1\n" in shown
    assert "    4 | omero.db.port=abc\n" in shown
    assert "canary" not in shown
    assert shown.splitlines()[-1].startswith("1 error, ")


def test_a_waiver_without_a_finding_is_named(omerogen, tmp_path):
    """It may be about a site that has changed."""
    (tmp_path / "omerogen.toml").write_text('[waive]\nquoted-value = "meant"\n')
    result = omerogen("check", "--site", tmp_path / "omerogen.toml", "--format", "json")
    [stale] = [one for one in json.loads(result.out)["findings"] if one["id"] == "stale-waiver"]
    assert stale["severity"] == "note"
    assert "the waiver of quoted-value has no finding" in stale["message"]


def test_an_artifact_that_the_site_does_not_need_is_not_a_finding(omerogen):
    """A site may run OMERO.web without nginx."""
    assert found(omerogen, "omero.web.application_server=wsgi") == (0, [])


def test_a_refused_value_is_a_finding(omerogen):
    """Exit 1, beside all other findings; each once, though several artifacts read the value."""
    status, findings = found(omerogen, "omero.db.port=abc", "omero.db.prot=1")
    assert status == 1
    assert [(finding["id"], finding["severity"]) for finding in findings] == [
        ("invalid-value", "error"),
        ("near-miss", "warning"),
    ]
    assert findings[0]["message"] == "omero.db.port 'abc' is not a whole number"
    assert findings[0]["properties"] == ["omero.db.port"]


def test_a_source_that_cannot_be_read_is_not_a_finding_but_an_error(omerogen, tmp_path):
    """Exit 2, as for every command."""
    (tmp_path / "site.json").write_text("{")
    result = omerogen("check", "-c", str(tmp_path / "site.json"))
    assert (result.status, result.out) == (2, "")


def test_a_finding_has_its_places(omerogen, tmp_path):
    """The file and the line of each."""
    path = tmp_path / "site.properties"
    path.write_text("\nomero.db.port=abc\n")
    result = omerogen("check", "-c", str(path), "--select", "invalid-value", "--format", "json")
    [finding] = json.loads(result.out)["findings"]
    assert finding["locations"] == [{"file": str(path), "line": 2}]


def test_an_unknown_program_is_reported(omerogen):
    """With those that there are."""
    result = omerogen("check", *CERTIFIED, "--with-consumers", "apache")
    assert result.status == 2
    assert (
        "apache: unknown program (there are: nginx, java, icegrid, jdbc, django, gunicorn, systemd)"
        in result.err
    )
