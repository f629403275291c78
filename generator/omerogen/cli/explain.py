"""``omerogen explain NAME``: one property, its value and its origin."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from omerogen.cli.arguments import add_names
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.reporting.explanation import Explanation, explain


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The property, and how to print."""
    add_names(parser, "name", help="the property")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    parser.add_argument("--show-secrets", action="store_true", help="show secrets too")


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The explanation."""
    explanation = explain(settings(), parsed.name, show_secrets=parsed.show_secrets)
    if parsed.format == "json":
        return Outcome(json_text(explanation.as_dict()))
    return Outcome("".join(line.rstrip() + "\n" for line in _lines(explanation)))


def _lines(explanation: Explanation) -> Iterator[str]:
    row = explanation.property
    yield f"{row.name} = {_text(explanation.value)}"
    yield f"  about        {row.doc}"
    yield f"  type         {row.kind.name}: {row.kind.doc}"
    yield f"  default      {_text(explanation.default)}"
    yield f"  origin       {explanation.origin}"
    for place, (origin, text) in enumerate(explanation.layers, 1):
        label = "layers" if place == 1 else ""
        yield f"  {label:12} {place}. {origin}: {_text(text, nothing='(taken back)')}"
    facts = {
        "from file": explanation.file,
        "refused": explanation.refusal.message if explanation.refusal else "",
        "made of": ", ".join(explanation.expanded),
        "read by": ", ".join(explanation.artifacts) or "no artifact",
        "Django": row.django,
        "replaces": ", ".join(explanation.replaces),
        "replaced by": row.replaced_by,
        "OMERODIR": "{} ({})".format(*explanation.omerodir),
    }
    for label, fact in facts.items():
        if fact:
            yield f"  {label:12} {fact}"


def _text(text: str | None, nothing: str = "(not set)") -> str:
    return nothing if text is None else printable(text) or "(empty)"
