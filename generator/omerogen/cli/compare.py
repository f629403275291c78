"""``omerogen compare``: how a configuration in use differs from ours, and what would reproduce it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

from omerogen import artifacts
from omerogen.cli.arguments import add_options, given
from omerogen.cli.registry import DONE, FOUND, Load, Outcome, json_text, printable
from omerogen.comparing import comparison
from omerogen.comparing.result import Adoption, CompareResult, Difference
from omerogen.model import Location, Problem
from omerogen.model.option import Option

_RED, _GREEN, _DIM, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[m"
#: A block is shown on one line, up to this many characters.
_LONGEST, _SHORT = 160, 40
_NOTHING = "(nothing)"


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """What to compare, how to print it, and the options of ours."""
    add = parser.add_argument
    add(
        "kind",
        choices=comparison.KINDS,
        metavar="KIND",
        help=f"what to compare: {', '.join(comparison.KINDS)}",
    )
    add("subject", metavar="SUBJECT", help="nginx: a FILE; django: a MODULE; templates: a DIR of templates")
    add("--adopt", action="store_true", help="print what makes ours mean the same, for nginx")
    add("--python", metavar="FILE", help="the Python of OMERO.web, for django (that of the OMERO directory)")
    add("--format", choices=("text", "json"), default="text", help="how to print it (text)")
    add_options(parser, options())


def options() -> tuple[Option, ...]:
    """The options of what is compared, each once."""
    every = (option for name in ("nginx", "django") for option in artifacts.get(name).options)
    return (*{option.name: option for option in (*every, *comparison.OPTIONS)}.values(),)


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The differences; status 1 if there are any."""
    read = settings(_slips(parsed))
    made = comparison.compare(
        parsed.kind, read, parsed.subject, given(parsed, options()), python=parsed.python or ""
    )
    status = FOUND if made.differences else DONE
    notes = tuple(made.notes)
    if parsed.format == "json":
        return Outcome(json_text(made.as_dict(adopt=parsed.adopt)), notes, made.warnings, status)
    if parsed.adopt:
        return Outcome(_adopted(made), (*notes, *_remaining(made)), made.warnings, status)
    return Outcome(messages=notes, warnings=made.warnings, status=status, render=partial(_text, made))


def _slips(parsed: argparse.Namespace) -> Iterator[Problem]:
    uses = {"--adopt": (parsed.adopt, "nginx"), "--python": (parsed.python, "django")}
    for flag, (value, kind) in uses.items():
        if value and parsed.kind != kind:
            message = f"has no effect with compare {parsed.kind}"
            yield Problem(Location.flag(flag), message, f"it is for compare {kind}")


def _text(result: CompareResult, width: int, colours: bool) -> str:  # noqa: ARG001 - lines are not wrapped
    if not result.differences:
        return f"{printable(result.subject)}: no difference in meaning\n"
    return "".join(f"{line}\n" for line in _lines(result, colours=colours))


def _lines(result: CompareResult, *, colours: bool) -> Iterator[str]:
    red, green, dim, bold, plain = (_RED, _GREEN, _DIM, _BOLD, _PLAIN) if colours else ("",) * 5
    meant = [one for one in result.differences if not one.explained]
    for one in meant:
        place = f"  {dim}{printable(one.place)}{plain}" if one.place else ""
        yield f"{bold}{one.context}: {one.directive}{plain}{place}"
        yield f"  yours  {red}{_shown(one.yours)}{plain}"
        yield f"  ours   {green}{_shown(one.ours)}{plain}"
        yield f"  fix    {printable(one.fix)}"
    if meant:
        yield ""
    deliberate = [one for one in result.differences if one.explained]
    if deliberate:
        yield "Deliberate, and not adopted (see docs/compare.md):"
        yield from _deliberate(deliberate, dim, plain)
        yield ""
    summary = _count(len(meant), "difference")
    if deliberate:
        are = "is" if len(deliberate) == 1 else "are"
        summary += f"{', and' if meant else ' but'} {len(deliberate)} that {are} deliberate"
    yield f"{printable(result.subject)}: {summary}"


def _deliberate(differences: list[Difference], dim: str, plain: str) -> Iterator[str]:
    """Deliberate differences by their reason, each with the directives that it is about."""
    for reason in dict.fromkeys(one.explained for one in differences):
        those = [one for one in differences if one.explained == reason]
        yield f"  {reason}: {printable(those[0].fix.partition(': ')[2].partition('; to keep')[0])}"
        for one in those:
            yield f"    {dim}{one.context}: {one.directive}: {_short(one.yours)} -> {_short(one.ours)}{plain}"
            if keep := one.fix.partition("; to keep yours: ")[2]:
                yield f"      to keep yours: {printable(keep)}"


def _short(value: str | None) -> str:
    text = _shown(value)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def _shown(value: str | None) -> str:
    if value is None:
        return _NOTHING
    text = printable(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _adopted(result: CompareResult) -> str:
    """The lines of both files, each after a comment that names it."""
    adoption = result.adoption
    if adoption is None:
        return ""
    parts = {"omerogen.toml": adoption.toml, "a file for omero load, such as nginx.omero": adoption.omero}
    return "\n".join(f"# {name}\n{text or _empty(adoption)}" for name, text in parts.items())


def _empty(adoption: Adoption) -> str:
    del adoption
    return "# nothing has to be set\n"


def _remaining(result: CompareResult) -> Iterator[str]:
    """What is different after the adoption, on standard error."""
    if result.adoption is None:
        yield "compare: what this file shows cannot be adopted: its values are refused"
        return
    left = [one for one in result.adoption.remaining if not one.explained]
    for one in left:
        values = f"(yours {_short(one.yours)}, ours {_short(one.ours)})"
        yield f"{one.place or one.context}: {_named(one)} {values} {one.fix}"
    explained = len(result.adoption.remaining) - len(left)
    if explained:
        deliberate = _count(explained, "deliberate difference")
        yield f"compare: {deliberate} not adopted: omerogen compare nginx lists them"


def _named(one: Difference) -> str:
    return f"{one.context}: {one.directive}" if one.place else one.directive
