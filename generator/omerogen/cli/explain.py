"""``omerogen explain NAME…``: properties and lines of files, and where they come from."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial

from omerogen import catalog
from omerogen.cli.arguments import add_names, is_pattern, matches_nothing
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import Problem, UsageError, ranges
from omerogen.reporting.explanation import Explanation, explain
from omerogen.reporting.line_origin import Fact, LineOrigin, TemplateLine
from omerogen.settings import Settings
from omerogen.sources import READERS, suffix

#: The characters before the facts.
_MARGIN = 15


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The properties and lines, and how to print."""
    what = "properties (* matches any text), or lines: out/nginx/omero.conf:12, nginx:12-14"
    add_names(parser, "names", nargs="+", help=what)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    parser.add_argument("--show-secrets", action="store_true", help="show the secrets of properties too")


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The explanations."""
    every = _explained(parsed, settings())
    if parsed.format == "json":
        texts = [found.as_dict() for found in every]
        one = len(parsed.names) == len(texts) == 1 and not is_pattern(parsed.names[0])
        return Outcome(json_text(texts[0] if one else texts))
    return Outcome(render=partial(_text_of, every))


def _text_of(
    every: Sequence[Explanation | LineOrigin],
    width: int,
    colours: bool,  # noqa: ARG001 - has none
) -> str:
    """The pages, wrapped to ``width`` characters, unless that is 0."""
    pages = []
    for found in every:
        lines = _of_property(found) if isinstance(found, Explanation) else _of_line(found)
        pages.append("".join(f"{_wrapped(line.rstrip(), width)}\n" for line in lines))
    return "\n".join(pages)


def _wrapped(line: str, width: int) -> str:
    """A line with what follows it below its text; a value as it is, to be copied."""
    if len(line) <= width or not width or not line.startswith(" ") or line.startswith(_BAR):
        return line
    return textwrap.fill(
        line, width, subsequent_indent=" " * _MARGIN, break_long_words=False, break_on_hyphens=False
    )


def _explained(parsed: argparse.Namespace, settings: Settings) -> list[Explanation | LineOrigin]:
    """The explanation of each argument; raises `UsageError` with all that are neither property nor line."""
    found: dict[object, Explanation | LineOrigin] = {}
    problems: list[Problem] = []
    for text in parsed.names:
        try:
            for one in _meant(text, settings, show_secrets=parsed.show_secrets):
                key = one.property.name if isinstance(one, Explanation) else (one.file, one.line)
                found.setdefault(key, one)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
    return list(found.values())


def _meant(text: str, settings: Settings, *, show_secrets: bool) -> Iterator[Explanation | LineOrigin]:
    """Lines of a file, a property, those that a pattern matches, or those that a line of a source sets."""
    if ":" not in text:
        names = _names(text, settings)
    else:
        from omerogen.sites import places  # late: most explanations are of properties

        place = places.place(text)
        lines = places.explain(settings, place) if place else None
        if lines is not None:
            yield from lines
            return
        names = places.set_at(settings, place) if place else []
        if place and not names and not _is_name(place.file):
            raise UsageError(places.not_ours(place.file))
    for name in names or _names(text, settings):
        yield explain(settings, name, show_secrets=show_secrets)


def _is_name(text: str) -> bool:
    """Whether a text is meant to be the name of a property, or is a source by its name."""
    return text.startswith("omero.") or suffix(text.partition(":")[0]) in READERS


def _names(given: str, settings: Settings) -> list[str]:
    """The name itself, or the known and set ones that a pattern matches."""
    if not is_pattern(given):
        return [given]
    known = {*catalog.PROPERTIES, *settings.names_set()}
    found = sorted(name for name in known if fnmatchcase(name, given))
    if not found:
        raise UsageError(matches_nothing(given))
    return found


def _of_property(explanation: Explanation) -> Iterator[str]:
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
    yield from _listed("lines", (f"{path}: {_numbers(at)}" for path, at in explanation.lines.items()))


#: Before the text of a line.
_BAR = "    | "


def _of_line(origin: LineOrigin) -> Iterator[str]:
    yield f"{origin.file}:{origin.line}"
    yield f"{_BAR}{printable(origin.text)}"
    if not origin.is_ours:
        yield "  origin       omerogen would not write this line"
    yield from _listed("file", [origin.remark] if origin.remark else [])
    yield f"  artifact     {origin.artifact}"
    yield from _listed("template", [_template(origin.template)] if origin.template else [])
    yield from _listed("under", map(_template, origin.conditions))
    yield from _listed("values", (f"{field} = {printable(text)}" for field, text in origin.values))
    yield from _listed("properties", map(_fact, origin.properties))
    yield from _listed("options", map(_fact, origin.options))
    yield from _listed("host", map(_fact, origin.host))


def _fact(fact: Fact) -> str:
    if fact.value is None:
        return f"{fact.name} (not set)"
    return f"{fact.name} = {_text(fact.value)} ({fact.origin})"


def _template(line: TemplateLine) -> str:
    return f"{line.file}:{line.line}: {printable(line.text)}"


def _listed(label: str, texts: Iterable[str]) -> Iterator[str]:
    """One text a line, the first beside its label."""
    for at, text in enumerate(texts):
        yield f"  {'' if at else label:12} {text}"


def _numbers(numbers: Sequence[int]) -> str:
    """Numbers as people write them: ``4, 7-9``."""
    runs = ranges(numbers)
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _text(text: str | None, nothing: str = "(not set)") -> str:
    return nothing if text is None else printable(text) or "(empty)"
