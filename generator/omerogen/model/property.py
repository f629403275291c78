"""A property of OMERO, one row of the catalog, and families of properties named by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from omerogen.values.base import STRING, ValueType

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Property(Generic[T_co]):
    """One property. ``default`` is a text; None tells "not set at all" from the empty text.

    - ``django``: the setting of OMERO.web that it becomes.
    - ``status``: seed (in OMERO's glossary), extra (read by OMERO, not in the
      glossary), deprecated or development.
    - ``replaced_by``: the successor of a deprecated property.
    - ``below_omerodir``: the default is this path below the OMERO directory, once
      that is known; ``default`` is what OMERO's glossary shows.
    """

    section: str
    name: str
    kind: ValueType[T_co]
    default: str | None
    doc: str
    django: str = ""
    status: str = "seed"
    replaced_by: str = ""
    below_omerodir: str = ""

    @property
    def secret(self) -> bool:
        """Whether the value must never be shown."""
        return self.kind.secret


def unknown(name: str) -> Property[str]:
    """A name that the catalog does not know: plugins have such, and they are carried."""
    return Property("Other", name, STRING, None, "Not in OMERO's glossary.", status="unknown")


@dataclass(frozen=True)
class PropertyFamily:
    """Properties that are named by a rule and not listed.

    ``pattern`` tells the rule to a person, ``expression`` as a regular expression.

    ``member`` gives the property of one name, or None if it is not of the family.
    ``near`` are names to compare a misspelt one with; ``prefix`` is that of a family with any names.
    """

    pattern: str
    expression: str
    doc: str
    near: tuple[str, ...] = ()
    prefix: str = ""

    def member(self, name: str) -> Property[Any] | None:
        """The property of that name, if it is of this family."""
        raise NotImplementedError
