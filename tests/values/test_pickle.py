"""Exceptions of value types cross the border of a process."""

from __future__ import annotations

import pickle
from importlib import import_module
from pkgutil import iter_modules

import pytest

from omerogen import values
from omerogen.values.base import Invalid

MODULES = [import_module(f"{values.__name__}.{module.name}") for module in iter_modules(values.__path__)]
EXCEPTIONS = {
    constant
    for module in MODULES
    for constant in vars(module).values()
    if isinstance(constant, type)
    and issubclass(constant, Exception)
    and constant.__module__.startswith(f"{values.__name__}.")
}
#: The arguments that each class is tried with; a new class fails until it has some.
ARGUMENTS = {Invalid: [("is wrong",), ("is wrong", "give a word"), ("has 'x'", "give a word", "has a word")]}


def test_all_exceptions_are_tried():
    """No exception class of the package is left out."""
    assert set(ARGUMENTS) == EXCEPTIONS


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("kind", "arguments"), [(kind, given) for kind, tried in ARGUMENTS.items() for given in tried]
)
def test_exceptions_pickle(kind, arguments, protocol):
    """A copy has the type, the text and all attributes."""
    error = kind(*arguments)
    copy = pickle.loads(pickle.dumps(error, protocol))
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
