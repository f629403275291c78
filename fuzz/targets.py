"""What is fuzzed: each target takes any bytes, and lets only an `OmerogenError` pass unseen.

A target needs no fuzzer: the tests replay the corpus of each through the same function.
Records of a target that takes several are divided by form feeds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import omerogen
from fuzz.formats import formatted
from omerogen import artifacts, catalog
from omerogen.settings.interpolation import Resolver, Unresolvable
from omerogen.sources import READERS
from omerogen.values.base import Invalid, ValueType

Target = Callable[[bytes], None]

HOST = Path(__file__).parent.parent / "tests/data/hosts/16gb"
_RECORD, _EQUALS = "\f", "="


def _renderings() -> Iterator[tuple[str, dict[str, str]]]:
    for name in artifacts.ARTIFACTS:
        artifact = artifacts.get(name)
        for options in artifact.examples:
            yield name, artifact.own({"host_root": str(HOST), **options})


#: Every template, by artifact and options.
RENDERINGS = tuple(_renderings())


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="omerogen-fuzz-")


def _pairs(data: bytes) -> Iterator[tuple[str, str]]:
    """The ``NAME=VALUE`` records of the input; bytes that are no UTF-8 are as the system gives them."""
    for record in data.decode("utf-8", "surrogateescape").split(_RECORD):
        name, _, value = record.partition(_EQUALS)
        yield name, value


def _use(settings: omerogen.Settings) -> None:
    """Ask for what was set: a value that is legal can be had, and is text that UTF-8 can hold."""
    for name in settings.names_set():
        settings[name], settings.origin(name)
        settings.text(name).encode()


def reader(suffix: str) -> Target:
    """The target that loads a file whose name ends so."""

    def target(data: bytes) -> None:
        path = Path(_folder().name) / f"fuzz{suffix}"
        path.write_bytes(data)
        try:
            _use(omerogen.load(path))
        except omerogen.OmerogenError as error:
            assert error.problems
            assert any(str(problem.location).startswith(str(path)) for problem in error.problems)

    return target


def environment(data: bytes) -> None:
    """Variables, ``CONFIG_…`` or not."""
    try:
        _use(omerogen.load(environ=dict(_pairs(data))))
    except omerogen.OmerogenError as error:
        assert error.problems


def value(data: bytes) -> None:
    """A text for the kind of a property, and back: ``NAME=TEXT``, once. What is no text is refused before."""
    name, _, text = data.decode("utf-8", "replace").replace("\0", "").partition(_EQUALS)
    kind: ValueType[object] = catalog.describe(name).kind
    try:
        parsed = kind.parse(text)
    except Invalid:
        return
    again = kind.parse(formatted(kind, parsed))
    assert again == parsed or repr(again) == repr(parsed)  # NaN is not equal to itself


def interpolation(data: bytes) -> None:
    """Texts that refer to each other."""
    texts = dict(_pairs(data))
    resolver = Resolver(texts.get)
    for name in texts:
        try:
            resolver.value(name)
        except Unresolvable as error:
            assert error.problem


def site(data: bytes) -> None:
    """A whole site: properties, then every artifact."""
    try:
        settings = omerogen.load(overrides=dict(_pairs(data)))
    except omerogen.OmerogenError:
        return
    for artifact, options in RENDERINGS:
        try:
            omerogen.render(artifact, settings, **options).encode()
        except omerogen.OmerogenError as error:
            assert error.problems


TARGETS: dict[str, Target] = {
    **{name: reader(suffix) for suffix, name in READERS.items()},
    "environment": environment,
    "value": value,
    "interpolation": interpolation,
    "site": site,
}


def words() -> list[str]:
    """What a fuzzer would take long to guess: the names of properties."""
    return [*catalog.PROPERTIES, *artifacts.ARTIFACTS]
