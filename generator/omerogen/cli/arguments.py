"""Options of artifacts as arguments of the command line, and back."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from omerogen.model import Location, Problem, collect
from omerogen.model.option import Option
from omerogen.settings.site import Site


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Add the options of artifacts; their values are checked later, by the options themselves."""
    options = tuple(options)
    parser.set_defaults(options=options)
    _add(parser.add_argument_group("artifact options"), options)


def add_own(
    parser: argparse.ArgumentParser,
    options: Iterable[Option],
    title: str = "",
    actions: Mapping[str, type[argparse.Action]] = MappingProxyType({}),
) -> None:
    """Add options of the command itself, which `fill` gives their defaults; some have their own action."""
    options = tuple(options)
    parser.set_defaults(own=(*(parser.get_default("own") or ()), *options))
    _add(parser.add_argument_group(title) if title else parser, options, actions)


def _add(
    parser: Any,
    options: Iterable[Option],
    actions: Mapping[str, type[argparse.Action]] = MappingProxyType({}),
) -> None:
    for option in options:
        keywords: dict[str, Any] = {"dest": option.name, "help": option.help, "default": None}
        if option.is_switch:
            keywords["action"] = "store_true"
        else:
            words = "|".join(getattr(option.kind, "words", ()))
            keywords["metavar"] = option.metavar or words or "VALUE"
            usual = "append" if option.again else "extend" if option.many else "store"
            keywords["action"] = actions.get(option.name, usual)
            keywords["nargs"] = "+" if option.many and not option.again else "?" if option.alone else None
            keywords["const"] = option.alone or None
        parser.add_argument(*filter(None, (option.short, option.flag)), **keywords)
        if option.off is not None:
            keywords = {"dest": option.name, "action": "store_const", "const": option.off, "default": None}
            parser.add_argument(f"--no-{option.key}", **keywords, help="not so, whatever the site file has")


def fill(parsed: argparse.Namespace, site: Site) -> Site:
    """Give options that are not on the command line the values of the site file, or their defaults.

    The site without the lines of the others: their problems are those of the flags.
    """
    lines = dict(site.lines)
    own: tuple[Option, ...] = getattr(parsed, "own", ())
    for option in (*own, *getattr(parsed, "options", ())):
        value = getattr(parsed, option.name)
        if value is None and option.name in site.options:
            value = site.options[option.name]
            if option.many and isinstance(value, str):
                value = [value] if option.again else value.split()
        elif value is not None:
            lines.pop(option.name, None)
        if value is None and option in own:
            value = option.parse(None)
        setattr(parsed, option.name, value)
    return site._replace(lines=lines)


def given(parsed: argparse.Namespace, options: Iterable[Option]) -> dict[str, Any]:
    """The given value of each option, None if not given."""
    return {option.name: getattr(parsed, option.name) for option in options}


def wrong(parsed: argparse.Namespace) -> list[Problem]:
    """Problems of the given options, whatever the properties are."""
    options: tuple[Option, ...] = getattr(parsed, "options", ())
    return collect(*(partial(option.parse, getattr(parsed, option.name)) for option in options))


def is_pattern(text: str) -> bool:
    """Whether a text is a pattern for names."""
    return not set(text).isdisjoint("*?[")


def matches_nothing(pattern: str) -> Problem:
    """The problem with a pattern that no name matches."""
    return Problem(Location.property(pattern), "matches no property", "omerogen properties lists all names")


def add_names(parser: argparse.ArgumentParser, flag: str, **keywords: Any) -> None:
    """Add an argument that takes names of properties: shells complete those."""
    parser.add_argument(flag, metavar="NAME", **keywords)
