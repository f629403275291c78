"""An artifact made of settings: its text, what there is to warn of, whether it must stay private."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.artifacts.base import Artifact
from omerogen.derive.fields import Context
from omerogen.derive.host import Host
from omerogen.model.errors import ArtifactError, NotApplicable, OmerogenError, Problem, UsageError
from omerogen.settings import redact
from omerogen.settings.settings import Settings
from omerogen.templating.escape import Unwritable
from omerogen.values.base import Choice
from omerogen.values.patterns import Pattern

#: The options that a message names.
_FLAG = Pattern(r"(--[a-z-]+)")


class Product(NamedTuple):
    """What came out of an artifact. ``properties`` are those it was made of, as observed."""

    artifact: str
    options: Mapping[str, Any]
    text: str
    warnings: tuple[Problem, ...]
    properties: tuple[str, ...]
    #: Whether a secret was read, whole or inside another value: the file is for its owner alone.
    private: bool


def fields(
    name: str,
    settings: Settings,
    options: Mapping[str, Any],
    stand_ins: Mapping[str, Any] | None = None,
    host: Host | None = None,
) -> Any:
    """The `Context` of the artifact ``name``; ``options`` as a caller gives them, by keyword.

    ``host`` is a machine that has been looked at already, so that several files agree on it.
    """
    artifact = artifacts.get(name)
    try:
        parsed = artifact.parse_options(options)
    except UsageError as error:
        besides = _wrong_besides(artifact, settings, options, {problem.place for problem in error.problems})
        raise UsageError([*error.problems, *besides]) from None
    host = host or Host.of(parsed)
    context: Context = artifact.context(settings, host, parsed, stand_ins)
    context.check()
    return context


def _wrong_besides(
    artifact: Artifact, settings: Settings, options: Mapping[str, Any], wrong: Collection[str]
) -> list[Problem]:
    """What would be wrong if these flags had not been given, and does not follow from that.

    A choice of a few words decides what else counts: where it is wrong, nobody knows.
    """
    known = {option.flag: option for option in artifact.options}
    if any(flag not in known or isinstance(known[flag].kind, Choice) for flag in wrong):
        return []
    taken = {option.name for flag, option in known.items() if flag not in wrong}
    right = {name: given for name, given in options.items() if name in taken}
    try:
        fields(artifact.name, settings, right)
    except NotApplicable:
        return []
    except OmerogenError as error:
        return [problem for problem in error.problems if not {*_FLAG.split(str(problem))} & {*wrong}]
    return []


def make(
    name: str,
    settings: Settings,
    options: Mapping[str, Any],
    stand_ins: Mapping[str, Any] | None = None,
    host: Host | None = None,
) -> Product:
    """The artifact ``name`` as a text."""
    from omerogen.templating import environment

    artifact = artifacts.get(name)
    context = fields(name, settings, options, stand_ins, host)
    try:
        text = environment.render(artifact.template(context.options), {name: context})
    except Unwritable as error:
        raise ArtifactError(unwritable(name, context, settings, error)) from None
    properties = tuple(sorted(context.properties_read))  # before warnings read more
    private = any(redact.holds_secret(settings.entry(name)) for name in properties)
    return Product(name, context.options, text, tuple(context.warnings()), properties, private)


def unwritable(artifact: str, context: Context, settings: Settings, error: Unwritable) -> Iterator[Problem]:
    """What is wrong with a value that a language cannot write, by the properties that it was made of."""
    if settings.omerodir in error.value:
        yield Problem("--omerodir", str(error), "choose another folder")
        return
    places = {
        name: settings.origin(name).where
        for name in sorted(context.properties_read)
        if _is_part((settings.entry(name).text_so_far or "").strip("/"), error.value)
    }
    for name, place in (places or {artifact: "options"}).items():
        yield Problem(place, f"{name}: {error}", "choose another value", properties=(name,))


def _is_part(text: str, value: str) -> bool:
    """Whether a value was made of a property's text, or is a part of it, as a flag among others."""
    return bool(text) and (text in value or (len(value) > 1 and value in text))
