"""Settings and options through an artifact's fields and its template, into a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, TypeAlias

from omerogen import artifacts
from omerogen.artifacts.base import Artifact
from omerogen.derive.fields import Context, Options, fields_of
from omerogen.derive.host import Host
from omerogen.model import (
    OMERODIR,
    ArtifactError,
    Input,
    InputKind,
    Line,
    Location,
    NotApplicable,
    OmerogenError,
    Place,
    Problem,
    RenderedFile,
    Severity,
    collect,
    properties_of,
)
from omerogen.settings import Settings
from omerogen.settings.settings import DEFAULT_OMERODIR
from omerogen.templating.escape import Unwritable
from omerogen.values.base import Choice


def context(
    name: str,
    settings: Settings,
    options: Mapping[str, Any],
    substitutes: Mapping[str, Any] | None = None,
    host: Host | None = None,
) -> Any:
    """The `Context` of the artifact ``name``, checked; ``options`` as a caller gives them, by keyword.

    ``host`` is a machine that has been looked at already, so that several files agree on it.
    Raises `OmerogenError` with all that is wrong.
    """
    return _made(artifacts.get(name), settings, options, (_checked,), substitutes, host)


def render(
    name: str,
    settings: Settings,
    options: Mapping[str, Any],
    substitutes: Mapping[str, Any] | None = None,
    host: Host | None = None,
    path: str = "",
    *,
    traced: bool = False,
    others: list[Context] | None = None,
) -> RenderedFile:
    """The artifact ``name`` as a file, to be written to ``path``; the rest is as for `context`.

    With ``traced`` it has ``lines``, which know where they came from. ``others`` are the contexts of
    other files of the same artifact, settings and machine, to which that of this one is added.
    """
    artifact = artifacts.get(name)
    steps = (_checked, partial(_rendered, artifact, path, traced))
    file: RenderedFile = _made(artifact, settings, options, steps, substitutes, host, others, traced=traced)
    return file._replace(given=options)


def files(
    name: str, settings: Settings, options: Mapping[str, Any], host: Host, *, traced: bool = False
) -> Iterator[RenderedFile]:
    """The files that a build writes for an artifact; of ``options`` it takes its own."""
    artifact = artifacts.get(name)
    own = artifact.own(options)
    others: list[Context] = []
    for file in artifact.files(settings, options):
        given = {**own, **file.options}
        yield render(name, settings, given, host=host, path=file.path, traced=traced, others=others)


def inputs_of(name: str, settings: Settings, host: Host | None = None) -> frozenset[Input]:
    """All that an artifact may depend on, with its default options: in texts, checks, warnings and files."""
    artifact = artifacts.get(name)
    context = artifact.context(settings, host or Host(), artifact.parse_options({}))
    reads: set[Input] = set()
    # Errors do not matter here; the inputs are noted.
    collect(
        partial(context.aside, context.check),
        partial(context.aside, context.warnings),
        *(partial(getattr, context, field) for field in fields_of(artifact.context)),
        lambda: artifact.files(settings.observed(reads.update), Options({}, reads.update)),
    )
    return context.inputs | reads


def refused_elsewhere(settings: Settings, inputs: AbstractSet[Input]) -> list[Problem]:
    """Values that are refused though nothing has read them: here they are warnings.

    Secret files are not read: a user may need one artifact without having access to them.
    """
    read = properties_of(inputs)
    refused = settings.refused(files=False)
    return [
        problem._replace(severity=Severity.WARNING)
        for problem in refused
        if read.isdisjoint(problem.properties)
    ]


def holds_secret(settings: Settings, inputs: AbstractSet[Input]) -> bool:
    """Whether a secret is in any of these, whole or inside another value."""
    return settings.have_secret(inputs)


def unwritable(context: Context, artifact: Artifact, error: Unwritable) -> Iterator[Problem]:
    """Problems of a value that a language cannot write, one for each of the inputs it was computed from.

    Unset inputs are not blamed, unless there are no others.
    """
    message, advice = str(error), "choose another value"
    inputs = error.inputs
    settings = context.settings
    read = properties_of(inputs)
    given = {
        option.name: option.flag for option in artifact.options if not option.is_default(context.options)
    }
    blamed = {name: settings.origin(name) for name in sorted(read) if settings.is_set(name)}
    for name, origin in blamed.items():
        yield Problem(origin, f"{name}: {message}", advice, properties=(name,))
    flags = [given[name] for kind, name in sorted(inputs) if kind is InputKind.OPTION and name in given]
    for flag in flags:
        yield Problem(Location.flag(flag), message, advice)
    if OMERODIR in inputs and (settings.omerodir != DEFAULT_OMERODIR or not (blamed or flags)):
        yield Problem(Location.flag("--omerodir"), message, "choose another folder")
    elif not blamed and not flags:
        yield Problem(Location.artifact(artifact.name), message, advice, properties=tuple(sorted(read)))


#: A step on the way to a text, which may find something wrong.
Step: TypeAlias = Callable[[Context], Any]


def _made(
    artifact: Artifact,
    settings: Settings,
    options: Mapping[str, Any],
    steps: Sequence[Step],
    substitutes: Mapping[str, Any] | None,
    host: Host | None,
    others: list[Context] | None = None,
    *,
    traced: bool = True,
) -> Any:
    """Return the result of the last step; raise `OmerogenError` with the problems of all steps."""

    def fresh(settings: Settings, options: Mapping[str, Any]) -> Context:
        parsed = artifact.parse_options(options)
        machine = host or Host.of(parsed)
        return artifact.context(settings, machine, parsed, substitutes, traced=traced)

    try:
        made = (
            others[-1].with_options(artifact.parse_options(options)) if others else fresh(settings, options)
        )
        if others is not None:
            others.append(made)
        return [step(made) for step in steps][-1]
    except NotApplicable:
        raise
    except OmerogenError as error:
        every = _all_problems(artifact, settings, options, steps, fresh, error)
        raise type(error)(dict.fromkeys(every)) from None


def _all_problems(
    artifact: Artifact,
    settings: Settings,
    options: Mapping[str, Any],
    steps: Sequence[Step],
    fresh: Callable[[Settings, Mapping[str, Any]], Context],
    first: OmerogenError,
) -> Iterator[Problem]:
    """Problems besides the value or option that was met first.

    They are found by a second attempt, with defaults in place of everything refused; what only
    follows from these defaults is left out. Refused values that nothing has read are warnings.
    """
    known = {option.name: option for option in artifact.options}
    wrong = {name: option for name, option in known.items() if option.problems(options.get(name))}
    refused = settings.refused()
    names = {name for problem in refused for name in problem.properties}
    found: tuple[Problem, ...] = ()
    read: set[str] = set()
    # A choice of a few values decides which other inputs matter: where it is wrong, that is unknown.
    if not any(isinstance(option.kind, Choice) for option in wrong.values()) and (refused or wrong):
        right = {name: given for name, given in options.items() if name in known.keys() - wrong.keys()}
        made = fresh(settings.without(names), right)
        for step in steps:
            try:
                step(made)
            except NotApplicable:
                break
            except OmerogenError as error:
                found = found or error.problems
        read = properties_of(made.inputs)
    yield from (problem for problem in refused if not read.isdisjoint(problem.properties))
    yield from first.problems
    flags = {option.flag for option in wrong.values()}
    for problem in found:
        at_flags = {location.name for location in problem.locations if location.kind is Place.FLAG}
        if names.isdisjoint(problem.properties) and at_flags.isdisjoint(flags):
            yield problem
    for problem in settings.refused(files=False):
        if read.isdisjoint(problem.properties) and problem not in first.problems:
            yield problem._replace(severity=Severity.WARNING)


def _checked(context: Context) -> Context:
    context.aside(partial(context.observe, "check", type(context).check))  # once for several files
    return context


def _rendered(artifact: Artifact, path: str, traced: bool, context: Context) -> RenderedFile:
    from omerogen.templating import environment

    context.begin()
    template = artifact.template(context.options)
    choice = context.end()
    fields = {artifact.name: context}
    lines: tuple[Line, ...] = ()
    context.begin()
    try:
        if traced:
            text, lines = environment.trace(template, fields, context, choice)
        else:
            text = environment.render(template, fields)
    except Unwritable as error:
        raise ArtifactError(_unwritable(artifact, context, template, error)) from None
    finally:
        inputs = context.end()
    warnings = partial(context.observe, "warnings", type(context).warnings)
    inputs = inputs.union(choice, *(line.inputs for line in lines))  # noted apart
    return RenderedFile(
        path,
        text,
        private=holds_secret(context.settings, inputs),
        artifact=artifact.name,
        options=context.options.of(context.options),
        inputs=inputs,
        warnings=tuple(context.settings.site.unwaived(context.aside(warnings))),
        lines=lines,
    )


def _unwritable(artifact: Artifact, context: Context, template: str, error: Unwritable) -> list[Problem]:
    """The problems of a value that cannot be written: it is printed again, to see what it was made of."""
    from omerogen.templating import environment

    try:
        context = context.again()
        environment.trace(template, {artifact.name: context}, context)
    except Unwritable as traced:
        error = traced
    return list(unwritable(context, artifact, error))
