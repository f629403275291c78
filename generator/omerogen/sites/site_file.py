"""``omerogen.toml``: the options and properties of a site, instead of on every command line.

A key is an option, by its long name (see `options`), or one of the tables ``[properties]``, ``[waive]``,
``[reload]`` and ``[sites.NAME]``; a site of several has the keys of the file, and its own over them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from omerogen import catalog, sources
from omerogen.artifacts import ARTIFACTS
from omerogen.model import Location, Problem, SourceError, UsageError, warning
from omerogen.model.option import Option
from omerogen.secrets import rights
from omerogen.settings.site import Site, SiteFile
from omerogen.sites import toml
from omerogen.sites.hooks import ANY
from omerogen.sites.options import OUTPUT, of_sites
from omerogen.sources.assignments import Assignment, as_text, legal, set_to

_TABLES = ("properties", "waive", "reload")
_SITES = "sites"


def read(path: str) -> dict[str, SiteFile]:
    """The sites of a file by their names, and by the empty one what it has outside of ``[sites]``.

    Raises `SourceError` with all that is wrong, unless only tables of some sites are: then these have it.
    """
    document, owner = toml.read(path)
    return _Reader(path, document, owner if rights.is_root() else rights.ROOT).site_files()


class _Reader:
    """Reads the tables of one file; collects all that is wrong."""

    def __init__(self, path: str, document: toml.Document, owner: int) -> None:
        self.path = path
        self.document = document
        self.owner = owner
        self.options = {key: option for option in of_sites() for key in option.keys}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def site_files(self) -> dict[str, SiteFile]:
        values = self.document.values
        site, properties = self._site((), values, Site(self.path))
        sites = values.get(_SITES, {})
        if not self._is_table(sites, _SITES):
            sites = {}
        for key in sites:
            if key in ("", ".", "..") or "/" in key:
                self._refuse((_SITES, key), "cannot be the name of a folder", "give it another name")
        tables = {key: table for key, table in sites.items() if self._is_table(table, _SITES, key)}
        base = SiteFile(site._replace(warnings=tuple(self.warnings)), properties, tuple(tables))
        own, self.problems = self.problems, []
        every = {key: self._one_of_several(key, table, base) for key, table in tables.items()}
        if own:
            every_problem = [*own, *(problem for one in every.values() for problem in one.problems)]
            raise SourceError(sorted(every_problem, key=lambda problem: problem.location.line or 0))
        return {"": base, **every}

    def _one_of_several(self, key: str, table: Mapping[str, Any], base: SiteFile) -> SiteFile:
        self.problems, self.warnings = [], list(base.site.warnings)
        site, properties = self._site((_SITES, key), table, base.site, base.properties)
        site = site._replace(warnings=tuple(self.warnings))
        return SiteFile(site, properties, base.names, tuple(self.problems))

    def _site(
        self, keys: toml.KeyPath, table: Mapping[str, Any], base: Site, inherited: tuple[Assignment, ...] = ()
    ) -> tuple[Site, tuple[Assignment, ...]]:
        """A table's own keys over those of the whole file."""
        options = dict(base.options)
        lines = dict(base.lines)
        if keys:  # a folder for each site
            options[OUTPUT.name] = os.path.join(options.get(OUTPUT.name) or str(OUTPUT.default), keys[-1])
        for key, value in table.items():
            if option := self.options.get(key):
                if key != option.key and option.key in table:
                    self._refuse((*keys, key), f"is {option.key} again", "remove one of them")
                for given in self._option(option, value, (*keys, key)):
                    options[option.name] = given
                    lines[option.name] = self.document.line(*keys, key) or 0
            elif key not in _TABLES and not (key == _SITES and not keys):
                self._unknown(key, (*keys, key))
        texts = self._table(table, keys, "properties")
        properties = self._properties(texts, (*keys, "properties"), "")
        waived = {**base.waived, **dict(self._waivers(table, keys))}
        hooks = {**{_artifact_of(hook): hook for hook in base.reload}, **dict(self._hooks(table, keys))}
        name = keys[-1] if keys else ""
        reload = tuple(filter(None, hooks.values()))
        own = {self.options[key].name for key in table if key in self.options}
        own |= self._table(table, keys, "waive").keys()
        shared = frozenset((*base.options, *base.waived)) - own
        site = Site(self.path, name, options, waived, reload, lines, shared=shared)
        return site, (*inherited, *properties)

    def _option(self, option: Option, value: Any, keys: toml.KeyPath) -> Iterator[Any]:
        """The value of an option as a caller gives it, if it is legal."""
        members = value if isinstance(value, list) and option.many else [value]
        expected = bool if option.is_switch else (str, int)
        is_bool = any(isinstance(member, bool) for member in members)
        may_be_bool = option.is_switch or option.alone
        if not all(isinstance(member, expected) for member in members) or (is_bool and not may_be_bool):
            kinds = (
                "true or false" if option.is_switch else "a text" if not option.many else "a list of texts"
            )
            self._refuse(keys, "has the wrong type", f"write {kinds}")
            return
        try:
            option.parse(value)
        except UsageError as error:
            for problem in error.problems:
                self._refuse(keys, problem.message, problem.advice)
            return
        yield self._relative(value) if option.is_path else value

    def _relative(self, value: Any) -> Any:
        """A path relative to the file, from the working folder."""
        if isinstance(value, list):
            return list(map(self._relative, value))
        form, path = sources.divided(str(value))
        return form + os.path.join(os.path.dirname(self.path), os.path.expanduser(path))

    def _properties(self, table: Mapping[str, Any], keys: toml.KeyPath, prefix: str) -> Iterator[Assignment]:
        """Quoted names are whole ones; TOML reads ``omero.web.prefix`` without quotes as tables in tables."""
        for key, value in table.items():
            name = f"{prefix}.{key}" if prefix else key
            if isinstance(value, dict) and catalog.find(name) is None and "." not in key:
                yield from self._properties(value, (*keys, key), name)
                continue
            location = self._location(*keys, key)
            try:
                text = as_text(name, _plain(value), location)
            except SourceError as error:
                self.problems += error.problems
            else:
                yield set_to(name, text, location)._replace(owner=self.owner)

    def _waivers(self, table: Mapping[str, Any], keys: toml.KeyPath) -> Iterator[tuple[str, str]]:
        from omerogen.rules import registry

        for rule, reason in self._table(table, keys, "waive").items():
            place = (*keys, "waive", rule)
            if not isinstance(reason, str) or not reason.strip():
                self._refuse(place, "has no reason", "write why the finding is meant to be")
            elif not registry.is_rule(rule):
                advice = _suggestion(rule, registry.rules()) or "omerogen check prints the ids in brackets"
                message = f"{legal(rule)!r} is not a rule"
                self.warnings.append(warning(self._location(*place), message, advice, "unknown-waiver"))
            yield rule, str(reason)

    def _hooks(self, table: Mapping[str, Any], keys: toml.KeyPath) -> Iterator[tuple[str, str]]:
        """The command for each artifact; of one of several sites an empty one takes back that of the file."""
        for artifact, command in self._table(table, keys, "reload").items():
            place = (*keys, "reload", artifact)
            if artifact not in (*ARTIFACTS, ANY):
                there_are = f"there are: {', '.join((*ARTIFACTS, ANY))}"
                self._refuse(place, "unknown artifact", _suggestion(artifact, ARTIFACTS) or there_are)
            elif command == "" and keys:
                yield artifact, ""
            elif not isinstance(command, str) or not command.strip() or "\0" in command:
                self._refuse(place, "has no command", "write a command for the shell")
            else:
                yield artifact, command if artifact == ANY else f"{artifact}={command}"

    def _table(self, table: Mapping[str, Any], keys: toml.KeyPath, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = table.get(name, {})
        return found if self._is_table(found, *keys, name) else {}

    def _is_table(self, value: Any, *keys: str) -> bool:
        if not isinstance(value, dict):
            self._refuse(keys, "is not a table", f"write [{'.'.join(keys)}]")
        return isinstance(value, dict)

    def _unknown(self, key: str, keys: toml.KeyPath) -> None:
        """A key that nothing reads; one with a dot is a property in the wrong place."""
        if "." in key or key == "omero":
            advice = "properties go below [properties]"
        elif len(keys) > 1 and isinstance(self._value(keys), dict):
            advice = f'a name with a dot goes in quotes: [{_SITES}."{".".join(self._dotted(keys[1:]))}"]'
        else:
            known = [*self.options, *_TABLES, _SITES]
            advice = _suggestion(key.replace("_", "-"), known) or f"there are: {', '.join(known)}"
        self.problems.append(Problem(self._location(*keys), f"unknown key {legal(key)!r}", advice))

    def _dotted(self, keys: toml.KeyPath) -> toml.KeyPath:
        """The parts of a name that TOML takes for tables in tables."""
        inner = self._value((_SITES, *keys))
        only = next(iter(inner)) if len(inner) == 1 else ""
        return self._dotted((*keys, only)) if isinstance(inner.get(only), dict) else keys

    def _value(self, keys: toml.KeyPath) -> Any:
        found: Any = self.document.values
        for key in keys:
            found = found[key]
        return found

    def _refuse(self, keys: toml.KeyPath, message: str, advice: str) -> None:
        self.problems.append(Problem(self._location(*keys), f"{legal(keys[-1])}: {message}", advice))

    def _location(self, *keys: str) -> Location:
        return Location.file(self.path, self.document.line(*keys))


def _suggestion(word: str, known: Any) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, [*known], 1)
    return f"did you mean {near[0]}?" if near else ""


def _plain(value: Any) -> Any:
    """Dates as texts: JSON has none."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return list(map(_plain, value))
    return value.isoformat() if hasattr(value, "isoformat") else value


def _artifact_of(hook: str) -> str:
    """The artifact that a command is for, as ``[reload]`` names it."""
    name, equals, _ = hook.partition("=")
    return name if equals and name in ARTIFACTS else ANY
