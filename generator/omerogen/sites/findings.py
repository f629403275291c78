"""Findings for people and for other programs: text, JSON, SARIF, and annotations of GitHub."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from omerogen.model import Location, Place, Problem, Severity
from omerogen.model.version import __version__
from omerogen.rules import registry
from omerogen.secrets.patterns import cleared_line
from omerogen.settings import Settings
from omerogen.settings.resolved import ResolvedProperty
from omerogen.sites.checking import CheckResult

_URL = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_COLUMNS = "rule | group | severity | what it finds"
_REFERENCE = """<!-- Generated: run `make docs` after a change of the rules. -->

# Rules of `omerogen check`

`omerogen check --explain RULE` prints one of these. `--select` and `--ignore` take rules and groups, and the
table `[waive]` of a [site file](site.md) rules with a reason. Lines that begin with `--` are options.
"""
#: How much of a long line is shown.
_LONGEST = 100
_NAMES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}
_DIM, _PLAIN = "\x1b[2m", "\x1b[m"


def text(result: CheckResult, settings: Settings, width: int = 0, colours: bool = False) -> str:
    """The open findings, the worst first, each with the line that it is about; then their counts.

    Wrapped to ``width`` characters, unless that is 0.
    """
    parts = [_finding(found, settings, width, colours=colours) for found in result.open]
    return "".join((*parts, f"{counts(result)}\n"))


def _finding(found: Problem, settings: Settings, width: int, *, colours: bool) -> str:
    label = f"{_NAMES[found.severity]}: "
    body = f"{found} [{found.rule}]"
    if width:
        wrap = textwrap.TextWrapper(
            width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )
        lines = wrap.wrap(label + body)
        body = "\n".join(lines).removeprefix(label.rstrip()).lstrip(" ")
    if colours:
        label = f"{_COLOURS[found.severity]}{label}{_PLAIN}"
    shown = _source(found, settings)
    if shown and colours:
        shown = f"{_DIM}{shown}{_PLAIN}"
    return f"{label}{body}\n{shown}"


def _source(found: Problem, settings: Settings) -> str:
    """The line of a file that a finding is about, unless a secret is in it; empty without one."""
    location = found.location
    if location.kind is not Place.FILE or not location.line:
        return ""
    if not all(_may_be_shown(settings.resolved(name), found) for name in found.properties):
        return ""
    try:
        line = _lines(location.name)[location.line - 1]
    except (OSError, ValueError, IndexError):
        return ""
    is_xml = location.name.endswith(".xml")
    excerpt = _element(line, found.properties) if is_xml else _assignment(line, found.properties)
    shown = cleared_line(excerpt if len(excerpt) <= _LONGEST else f"{excerpt[:_LONGEST]}…")
    if not shown:
        return ""
    printable = "".join(sign if sign.isprintable() else " " for sign in shown)
    return f"{location.line:>5} | {printable}\n"


def _may_be_shown(entry: ResolvedProperty, found: Problem) -> bool:
    """Whether the line of a property has no secret, as far as anybody can know."""
    is_known = entry.property.status != "unknown" or found.rule == "near-miss"
    return is_known and entry.property.kind.showable and not entry.holds_secret


def _assignment(line: str, names: tuple[str, ...]) -> str:
    """The line of an assignment, if it has no other: a JSON file may have all of them in one line."""
    either = "|".join(map(re.escape, names))
    found = names and re.match(rf"\W*(config set |set )?\W*({either})\W", line)
    return "" if not found or line.lstrip()[:1] in ("{", "[") or line.count('":') > 1 else line.strip()


def _element(line: str, names: tuple[str, ...]) -> str:
    """The element of one property: a config.xml has all of them in a line, those with secrets too."""
    either = "|".join(map(re.escape, names))
    found = re.search(rf'<property name="({either})" value="[^"]*"\s*/>', line) if names else None
    return found[0] if found else ""


def _lines(path: str) -> list[str]:
    return _read(path, os.stat(path).st_mtime_ns)


@cache
def _read(path: str, changed: int) -> list[str]:  # noqa: ARG001 - an edited one is another
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(2**20).splitlines()


def counts(result: CheckResult) -> str:
    """How many findings there are of each severity, and how many are waived."""
    found = Counter(problem.severity for problem in result.open)
    parts = [
        f"{found[severity]} {name}{'s' if found[severity] != 1 else ''}"
        for severity, name in _NAMES.items()
        if found[severity]
    ]
    waived = len(result.findings) - len(result.open)
    parts += [f"{waived} waived"] if waived else []
    return ", ".join(parts) or "no findings"


def page(name: str) -> str:
    """All that is known of a rule, or the rules of a group."""
    members = [one for one in registry.rules().values() if one.group == name]
    if members:
        return "".join(f"{one.id} ({one.severity.value}): {one.title}\n" for one in members)
    one = registry.rules()[name]
    parts = [f"{name} ({one.severity.value}, {one.group}): {one.title}", "", *_wrapped(one.explanation)]
    for label, example in (("breaks it", one.bad), ("works", one.good)):
        if example:
            parts += ["", f"{label}:", *(f"    {line}" for line in example.splitlines())]
    parts += ["", f"see {one.reference}"] if one.reference else []
    return "\n".join(parts) + "\n"


def reference() -> str:
    """All rules in Markdown: a table, then the page of each."""
    every = registry.rules().values()
    groups = list(dict.fromkeys(one.group for one in every))
    rows = [f"| {_COLUMNS} |", f"|{'---|' * 4}"]
    pages: list[str] = []
    for group in groups:
        for one in sorted((one for one in every if one.group == group), key=lambda one: one.id):
            rows.append(f"| [`{one.id}`](#{one.id}) | {one.group} | {one.severity.value} | {one.title} |")
            pages += [
                f"## {one.id}",
                "",
                f"{one.severity.value.capitalize()}: {one.title}.",
                "",
                one.explanation,
                "",
            ]
            for label, example in (("Breaks it:", one.bad), ("Works:", one.good)):
                pages += [label, "", "```properties", *example.splitlines(), "```", ""] if example else []
            pages += [f"See <{one.reference}>.", ""] if one.reference else []
    return "\n".join([_REFERENCE, *rows, "", *pages]).rstrip() + "\n"


def _wrapped(explanation: str) -> Iterator[str]:
    for number, paragraph in enumerate(explanation.split("\n\n")):
        yield from ([""] if number else [])
        yield from textwrap.wrap(paragraph, 100)


def sarif(result: CheckResult) -> str:
    """SARIF 2.1.0, which code hosts show beside the lines of a file; waived findings are suppressed ones."""
    used = sorted({found.rule for found in result.findings})
    results = [_sarif_result(found, used.index(found.rule), result) for found in result.findings]
    driver = {"name": "omerogen", "version": __version__, "rules": [_sarif_rule(name) for name in used]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return (
        json.dumps({"$schema": _URL, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"
    )


def _sarif_rule(name: str) -> dict[str, Any]:
    one = registry.rules()[name]
    described: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": one.title},
        "fullDescription": {"text": one.explanation},
        "defaultConfiguration": {"level": one.severity.value},
        "properties": {"tags": [one.group]},
    }
    return {**described, **({"helpUri": one.reference} if one.reference else {})}


def _sarif_result(found: Problem, rule: int, result: CheckResult) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "ruleId": found.rule,
        "ruleIndex": rule,
        "level": found.severity.value,
        "message": {"text": f"{found.message} ({found.advice})" if found.advice else found.message},
        "properties": {"properties": list(found.properties), "place": found.location.place},
    }
    places = [place for place in found.locations if place.kind is Place.FILE]
    if not places:  # code hosts refuse results that are nowhere
        answer["locations"] = [_sarif_location(Location.file(result.home, 1))]
    else:
        answer["locations"] = [_sarif_location(place) for place in places[:1]]
        answer["relatedLocations"] = [_sarif_location(place) for place in places[1:]]
    if fix := _sarif_fix(found):
        answer["fixes"] = [fix]
    if found.rule in result.waived:
        reason = result.waived[found.rule]
        answer["suppressions"] = [{"kind": "external", "justification": reason}]
    return {key: value for key, value in answer.items() if value != []}


def _sarif_location(place: Location) -> dict[str, Any]:
    from urllib.parse import quote

    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(place.name)}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _sarif_fix(found: Problem) -> dict[str, Any] | None:
    """The change of a misspelt name in its line; other fixes are in the message."""
    place = found.location
    if not found.meant or place.kind is not Place.FILE or not place.line or not found.properties:
        return None
    try:
        line = _lines(place.name)[place.line - 1]
    except (OSError, IndexError):
        return None
    written = place.variable_name or found.properties[0]
    at = line.find(written)
    if at < 0:
        return None
    region = {"startLine": place.line, "startColumn": at + 1, "endColumn": at + 1 + len(written)}
    change = {
        "artifactLocation": _sarif_location(place)["physicalLocation"]["artifactLocation"],
        "replacements": [{"deletedRegion": region, "insertedContent": {"text": found.meant}}],
    }
    return {"description": {"text": found.advice}, "artifactChanges": [change]}


def github(result: CheckResult) -> str:
    """Workflow commands of GitHub Actions: an annotation for each open finding."""
    levels = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

    def escaped(value: object, *, in_property: bool = False) -> str:
        signs = "%\r\n:," if in_property else "%\r\n"
        return "".join(f"%{ord(sign):02X}" if sign in signs else sign for sign in str(value))

    def command(found: Problem) -> str:
        place = found.location
        named = {"title": found.rule}
        in_file = place if place.kind is Place.FILE else Location.file(result.home, 1)
        named = {"file": in_file.name, "line": str(in_file.line or 1), **named}
        given = ",".join(f"{key}={escaped(value, in_property=True)}" for key, value in named.items())
        body = str(found) if place.kind is not Place.FILE else f"{found.message} ({found.advice})"
        return f"::{levels[found.severity]} {given}::{escaped(body)}\n"

    return "".join(map(command, result.open))


def as_json(result: CheckResult) -> str:
    """The JSON form."""
    return json.dumps(result.as_dict(), indent=2, ensure_ascii=False) + "\n"


#: What other programs read, by the name of the format.
FORMATS: dict[str, Callable[[CheckResult], str]] = {"json": as_json, "sarif": sarif, "github": github}
