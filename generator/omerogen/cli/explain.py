"""``omerogen explain NAME…``: properties, their values and their origins."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial

from omerogen import catalog
from omerogen.cli.arguments import add_names, is_pattern, matches_nothing
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import Problem, UsageError
from omerogen.reporting.explanation import Explanation, explain
from omerogen.settings import Settings

#: The characters before the facts.
_MARGIN = 15


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The properties, and how to print."""
    add_names(parser, "names", nargs="+", help="the properties; * matches any text")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    parser.add_argument("--show-secrets", action="store_true", help="show secrets too")


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The explanations."""
    every = _explained(parsed.names, settings(), show_secrets=parsed.show_secrets)
    if parsed.format == "json":
        one = len(parsed.names) == 1 and not is_pattern(parsed.names[0])
        return Outcome(json_text(every[0].as_dict() if one else [found.as_dict() for found in every]))
    return Outcome(render=partial(_text_of, every))


def _text_of(every: list[Explanation], width: int, colours: bool) -> str:  # noqa: ARG001 - has none
    """The pages, wrapped to ``width`` characters, unless that is 0."""
    pages = ("".join(f"{_wrapped(line.rstrip(), width)}\n" for line in _lines(found)) for found in every)
    return "\n".join(pages)


def _wrapped(line: str, width: int) -> str:
    """A line with what follows it below its text; a value as it is, to be copied."""
    if len(line) <= width or not width or not line.startswith(" "):
        return line
    return textwrap.fill(
        line, width, subsequent_indent=" " * _MARGIN, break_long_words=False, break_on_hyphens=False
    )


def _explained(given: Iterable[str], settings: Settings, *, show_secrets: bool) -> list[Explanation]:
    """The explanation of each name; raises `UsageError` with all that are not those of properties."""
    found: dict[str, Explanation] = {}
    problems: list[Problem] = []
    for text in given:
        try:
            for name in _meant(text, settings):
                found[name] = explain(settings, name, show_secrets=show_secrets)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return list(found.values())


def _meant(given: str, settings: Settings) -> list[str]:
    """The name itself, or the known and set ones that a pattern matches."""
    if not is_pattern(given):
        return [given]
    known = {*catalog.PROPERTIES, *settings.names_set()}
    found = sorted(name for name in known if fnmatchcase(name, given))
    if not found:
        raise UsageError(matches_nothing(given))
    return found


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
