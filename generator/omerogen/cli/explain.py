"""``omerogen explain NAME…``: properties and lines of files, and where they come from."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from omerogen import catalog
from omerogen.cli import reading
from omerogen.cli.arguments import add_names, is_pattern, matches_nothing
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import Location, OmerogenError, Problem, UsageError, ranges, ranges_text, unique
from omerogen.reporting import reference
from omerogen.reporting.explanation import Explainer, Explanation
from omerogen.settings import Settings
from omerogen.sites import known_reach, named_lines
from omerogen.sources import READERS, suffix

if TYPE_CHECKING:
    from omerogen.reporting.line_origin import Fact, LineOrigin, TemplateLine
    from omerogen.reporting.reach import Reach

#: The characters before the facts.
_MARGIN = 15


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The properties and lines, and how to print."""
    what = "properties (* matches any text), or lines: out/nginx/omero.conf:12, nginx:12-14"
    add_names(parser, "names", nargs="+", help=what)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    parser.add_argument("--show-secrets", action="store_true", help="show secrets too")
    templates = "the templates that rewrite filled in, for a line of one of its files"
    parser.add_argument("--templates", metavar="DIR", help=templates)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The explanations."""
    with known_reach.of(settings, reading.environ()) as (found, reach):
        every = _explained(parsed, found, reach)
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
    import textwrap

    return textwrap.fill(
        line, width, subsequent_indent=" " * _MARGIN, break_long_words=False, break_on_hyphens=False
    )


def _explained(
    parsed: argparse.Namespace, settings: Settings, reach: Reach
) -> list[Explanation | LineOrigin]:
    """The explanation of each argument; raises all that is wrong with any of them."""
    explain = _Explain(settings, reach, parsed.templates or "", show_secrets=parsed.show_secrets)
    found: dict[object, Explanation | LineOrigin] = {}
    problems: list[Problem] = []
    for text in parsed.names:
        try:
            for one in explain(text):
                key = one.property.name if isinstance(one, Explanation) else (one.file, one.line)
                found.setdefault(key, one)
        except OmerogenError as error:
            problems += error.problems
    if parsed.templates and not problems and all(isinstance(one, Explanation) for one in found.values()):
        message, advice = "has no effect without a line of a file", "name one, as FILE:LINE"
        problems.append(Problem(Location.flag("--templates"), message, advice))
    if problems:
        raise UsageError(unique(problems))
    return list(found.values())


class _Explain:
    """Explains what an argument means: a property or several, lines of a file, or of a source."""

    def __init__(self, settings: Settings, reach: Reach, templates: str, *, show_secrets: bool) -> None:
        self._settings = settings
        self._templates = templates
        self._show_secrets = show_secrets
        self._explainer = Explainer(settings, reach, show_secrets=show_secrets)

    def __call__(self, text: str) -> Iterator[Explanation | LineOrigin]:
        """The explanations of one argument."""
        where = None if is_pattern(text) else named_lines.lines(text)
        if where is None:
            yield from map(self._explainer.explain, _names(text, self._settings))
            return
        from omerogen.sites import explaining, places  # late: most arguments are properties

        lines = explaining.explain(
            self._settings, where, templates=self._templates, show_secrets=self._show_secrets
        )
        if lines is not None:
            yield from lines
            return
        names = places.set_at(self._settings, where)
        if not names and not _is_name(where.file):
            raise UsageError(places.not_ours(where.file))
        yield from map(self._explainer.explain, names or _names(text, self._settings))


def _is_name(text: str) -> bool:
    """Whether a text is the name of a property, nearly one, or that of a source: all are answered as such."""
    is_source = "/" not in text and suffix(text.partition(":")[0]) in READERS
    return is_source or (catalog.find(text) or catalog.near_miss(text)) is not None


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
        **{word: str(change) for word, change in reference.lifetime(row.name).items()},
        "OMERODIR": "{} ({})".format(*explanation.omerodir),
    }
    for label, fact in facts.items():
        if fact:
            yield f"  {label:12} {fact}"
    reached = [f"{path}: {ranges_text(ranges(at))}" for path, at in explanation.lines.items()]
    reached += [f"{artifact}: no file ({problems[0]})" for artifact, problems in explanation.missing.items()]
    yield from _listed("lines", map(printable, reached))


#: Before the text of a line.
_BAR = "    | "


def _of_line(origin: LineOrigin) -> Iterator[str]:
    yield f"{printable(origin.file)}:{origin.line}"
    yield f"{_BAR}{printable(origin.text)}"
    if not origin.is_ours:
        yield "  origin       omerogen would not write this line now"
    yield from _listed("file", [printable(origin.remark)] if origin.remark else [])
    yield from _listed("artifact", [origin.artifact] if origin.artifact else [])
    yield from _listed("now", [printable(origin.now.text) or "(empty)"] if origin.now else [])
    shown = origin.now or origin
    yield from _listed("template", [_template(shown.template)] if shown.template else [])
    yield from _listed("under", map(_template, shown.conditions))
    yield from _listed("values", (f"{field} = {printable(text)}" for field, text in shown.values))
    yield from _listed("properties", map(_fact, shown.properties))
    yield from _listed("options", map(_fact, shown.options))
    yield from _listed("host", map(_fact, shown.host))


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


def _text(text: str | None, nothing: str = "(not set)") -> str:
    return nothing if text is None else printable(text) or "(empty)"
