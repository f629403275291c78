"""Arguments that name the sources of properties, and the settings that are read from them."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from omerogen import catalog
from omerogen.catalog.history import Releases
from omerogen.cli.arguments import add_own, wrong
from omerogen.model import SET_FLAG, Location, Problem, SettingsError, SourceError, UsageError, as_error
from omerogen.settings import Settings
from omerogen.settings.loading import load
from omerogen.settings.options import FILE, KEY, RELEASE, SOURCES, WEB_RELEASE
from omerogen.settings.site import NO_SITES, SiteFiles


def add_sources(command: argparse.ArgumentParser) -> None:
    """Where the properties come from: the same for every command."""
    add_own(command, SOURCES, "property sources (later ones override earlier ones)", {KEY.name: _Key})
    command.set_defaults(keys=None)
    add = command.add_argument
    one = "one property, or those of a file (as -c takes it), such as secrets: @FILE"
    add("--set", metavar="NAME=VALUE", action="append", default=[], help=one)
    add(
        "--site",
        metavar="FILE[:NAME]",
        help=f"a site file, or one of its sites ({FILE} of this folder)",
    )


def settings(parsed: argparse.Namespace, problems: Iterable[Problem], say: Callable[[str], None]) -> Settings:
    """The settings from the arguments and the environment; ``say`` is called with what is not read.

    What is wrong with them is raised with ``problems``, those of the command.
    """
    overrides, unset = overrides_of(parsed)
    named = releases(parsed)
    problems = [*unset, *problems, *_without_effect(parsed)]
    if not parsed.env:
        say_unread_variables(say)
    try:
        found = load(
            *(with_keys(parsed) or installed_config(say)),
            profile=parsed.profile or os.environ.get("OMERO_CONFIG") or None,
            overrides=overrides,
            environ=environ() if parsed.env else None,
            omerodir=utf8(parsed.omerodir or "") or None,
            usual_omerodir=utf8(os.environ.get("OMERODIR", "")) or None,
            keys=parsed.key if parsed.keys is None else (),
            properties=parsed.site_properties,
            above=files_set(parsed),
            site=parsed.site,
            releases=named,
        )
    except SettingsError as error:
        raise _refusal(parsed, [*error.problems, *problems]) from None
    if problems:
        raise _refusal(parsed, [*found.problems(), *problems])
    return found


def environ() -> dict[str, str]:
    """The variables of the environment."""
    return {name: utf8(value) for name, value in os.environ.items()}


def say_unread_variables(say: Callable[[str], None]) -> None:
    """Mention variables that would count, though ``--env`` is not given."""
    if any(name.startswith("CONFIG_omero_") for name in os.environ):
        say("omerogen: the CONFIG_… variables are not read: add --env")


def releases(parsed: argparse.Namespace) -> Releases:
    """The releases of the command line or the site file."""
    return Releases(RELEASE.parse(parsed.release) or "", WEB_RELEASE.parse(parsed.web_release) or "")


def _without_effect(parsed: argparse.Namespace) -> list[Problem]:
    """A profile that is asked for, though no source has any."""
    starts, ends = ("xml:", "omero:"), (".xml", ".omero")
    given = parsed.config
    may_have = (path.startswith(starts) or path.endswith(ends) or os.path.isdir(path) for path in given)
    if not parsed.profile or not given or any(may_have):
        return []
    return [Problem(Location.flag("--profile"), "has no effect: no source has profiles", "leave it out")]


class _Key(argparse.Action):
    """``--key NAME`` belongs to the source before it, or to the sites."""

    def __call__(
        self, _: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: object = None
    ) -> None:
        del option
        if getattr(namespace, "sites", None):
            namespace.keys_of_sites = [*(getattr(namespace, "keys_of_sites", None) or ()), values]
            return
        if not namespace.config:
            raise UsageError.at(Location.flag("--key"), "has no -c before it", "write -c FILE --key NAME")
        keys = namespace.keys = list(namespace.keys or ())
        keys.append((len(namespace.config) - 1, values))


def with_keys(parsed: argparse.Namespace) -> list[tuple[str, tuple[str, ...]]]:
    """The sources of the command line or the site file, each with its keys."""
    keys = parsed.keys or ()
    return [(path, tuple(key for at, key in keys if at == place)) for place, path in enumerate(parsed.config)]


def sites(parsed: argparse.Namespace) -> SiteFiles:
    """The sites of the file that is given, or that is in this folder, if any."""
    if parsed.site is None:
        try:
            owner = os.stat(FILE).st_uid
        except OSError:
            return NO_SITES
        _refuse_other(owner)
    from omerogen.sites.loading import open_sites

    return open_sites(FILE if parsed.site is None else parsed.site)


def _refuse_other(owner: int) -> None:
    """Refuse a site file that another user left in this folder."""
    if owner not in (0, os.geteuid()):
        message = f"belongs to another user (uid {owner}), and could make this command run programs"
        raise SourceError.at(Location.file(FILE), message, f"name it to use it: --site {FILE}")


def installed_config(say: Callable[[str], None]) -> list[str]:
    """The config.xml of the OMERO that the environment names, if it has one."""
    omerodir = os.environ.get("OMERODIR")
    path = os.path.join(omerodir, "etc/grid/config.xml") if omerodir else ""
    try:
        if path and os.stat(path):
            return [path]
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError:
        return [path]  # it exists, and reading it reports the problem
    say("omerogen: no -c FILE and no $OMERODIR/etc/grid/config.xml: using the defaults")
    return []


def utf8(text: str) -> str:
    """A text of the command line or the environment as UTF-8, also where the locale is C."""
    try:
        return os.fsencode(text).decode("utf-8")
    except UnicodeDecodeError:
        return text


def _refusal(parsed: argparse.Namespace, problems: Iterable[Problem]) -> SettingsError:
    """All that is wrong with the sources and with the command, in one run."""
    every = [*problems, *wrong(parsed)]
    return SettingsError(map(as_error, every) if parsed.strict else every)


def overrides_of(parsed: argparse.Namespace) -> tuple[dict[str, str], list[Problem]]:
    """The assignments of ``--set``, and its problems."""
    problems = []
    overrides = {}
    for number, flag in enumerate(map(utf8, parsed.set), 1):
        if flag.startswith("@"):
            continue
        name, equals, value = flag.partition("=")
        if equals:
            overrides[name] = value
        else:
            problems.append(Problem(SET_FLAG, _without_value(flag, number), "write NAME=VALUE"))
    return overrides, problems


def files_set(parsed: argparse.Namespace) -> list[str]:
    """The files of ``--set @FILE``."""
    return [flag[1:] for flag in parsed.set if flag.startswith("@")]


def _without_value(flag: str, number: int) -> str:
    """A ``--set`` without a value; only known names are certain not to be secrets."""
    name = re.split(r"[^A-Za-z0-9._-]", flag)[0]
    if catalog.find(name):
        return f"{name} has no value"
    return f"number {number} has no = in it; not shown, as it may be a secret"
