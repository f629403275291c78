"""``omerogen upgrade --from 5.5.1 --to 5.6.10``: what a change of release means for the site."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from functools import partial

from omerogen.catalog import history
from omerogen.catalog.history import PY, SERVER, WEB
from omerogen.cli import reading
from omerogen.cli.arguments import add_options, add_own, given
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.model import collect
from omerogen.sites import options, upgrading
from omerogen.sites.upgrade_options import OPTIONS, before_and_after
from omerogen.sites.upgrading import UpgradeChange, UpgradeResult

_FORMATS = ("text", "json", "omero")
_WIDTH = 110


def arguments(parser: argparse.ArgumentParser, name: str) -> None:  # noqa: ARG001 - has one name
    """The releases, how to print, and the options of all artifacts."""
    add_own(parser, OPTIONS, "releases")
    add = parser.add_argument
    add("--all", action="store_true", help="also what changes without touching this site")
    text = "how to print it (text); omero is for omero load"
    add("--format", choices=_FORMATS, default=_FORMATS[0], help=text)
    add_options(parser, options.of_builds())


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The changes; the exit status does not depend on them."""
    releases = partial(before_and_after, given(parsed, OPTIONS), reading.releases(parsed))
    site = settings(collect(releases))
    result = upgrading.upgrade(site, *releases(), given(parsed, options.of_builds()), everything=parsed.all)
    if parsed.format == "json":
        return Outcome(json_text(result.as_dict()))
    if parsed.format == "omero":
        return Outcome("".join(f"{line}\n" for line in _commands(result)))
    messages = [f"the site as it is: {problem}" for problem in result.unseen]
    return Outcome(messages=tuple(messages), render=partial(_text, result))


# --- text

_TITLES = {
    upgrading.ILLEGAL: "Values that are refused from now on",
    upgrading.PACKAGE: "Packages that must support the other Django",
    history.REMOVED: "Properties that are gone",
    upgrading.DEPRECATED: "Deprecated properties",
    history.NEW_DEFAULT: "Defaults that change",
    history.ADDED: "New properties worth a look",
}
_MOST_LINES = 6


def _text(result: UpgradeResult, width: int, colours: bool) -> str:  # noqa: ARG001 - has none
    return "".join(f"{line}\n" for line in _lines(result, width or _WIDTH))


def _lines(result: UpgradeResult, width: int) -> Iterator[str]:
    yield from _header(result)
    for kind, title in _TITLES.items():
        changes = [change for change in result.changes if change.change == kind]
        if changes:
            yield from ("", title)
        for change in changes:
            yield from _of_change(change, width)
    if not result.changes:
        yield "nothing changes for this site"
    if result.others:
        yield from ("", f"{result.others} more changes do not touch this site (--all shows them)")


def _header(result: UpgradeResult) -> Iterator[str]:
    """Which releases, and the Django of those of OMERO.web."""
    names = (history.product(SERVER), history.product(WEB), PY)
    for product, old, new in zip(names, result.before, result.after, strict=True):
        if old != new:
            shown = (_with_django(release) if product == names[1] else release for release in (old, new))
            yield f"{product} {' to '.join(one or 'of the server' for one in shown)}"
    if result.after.server and not result.after.web:
        yield f"{names[1]} as the server's documentation has it (--web-from, --web-to: its own releases)"


def _with_django(release: str) -> str:
    if not release:
        return "of the server's release"
    oldest, newest = history.django(release)
    return f"{release} (Django {oldest if oldest == newest else f'{oldest} to {newest}'})"


def _of_change(change: UpgradeChange, width: int) -> Iterator[str]:
    yield f"  {change.property}"
    yield from _wrapped(printable(change.message), width)
    shown = () if change.change == history.ADDED else change.commands  # its default is named already
    for command in shown:
        yield f"      {'to keep it: ' if change.is_choice else ''}omero {printable(command)}"
    if change.advice:
        yield from _wrapped(printable(change.advice), width)
    for line in change.lines[:_MOST_LINES]:
        yield f"      {line.file}:{line.line}"
        yield from (
            f"        {sign} {printable(text)}"
            for sign, text in (("-", line.before), ("+", line.after))
            if text is not None
        )
    if (more := len(change.lines) - _MOST_LINES) > 0:
        yield f"      and {more} more lines"


def _wrapped(text: str, width: int) -> list[str]:
    margin = "      "
    return textwrap.wrap(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


# --- for omero load


def _commands(result: UpgradeResult) -> Iterator[str]:
    """Comments and commands; those that are a choice are comments too."""
    for line in _header(result):
        yield f"# {line}"
    for change in result.changes:
        yield f"# {change.property}: {printable(change.message)}"
        if change.advice:
            yield f"# {printable(change.advice)}"
        yield from (f"# {command}" if change.is_choice else command for command in change.commands)
