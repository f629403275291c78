"""A property of OMERO, one row of the catalog, and families of properties that a rule names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from omerogen.values.base import STRING, ValueType

T = TypeVar("T")


class Property(Generic[T]):
    """One property of OMERO.

    - ``section``, ``name``: the chapter of the reference, and the full name.
    - ``kind``: the type of its value; ``settings[row]`` has the Python type of that.
    - ``default``: a text; None means "not set", unlike the empty text.
    - ``doc``: one or two sentences on what it does.
    - ``django``: the setting of OMERO.web that it becomes, else empty.
    - ``status``: seed (in OMERO's glossary), extra (read by OMERO, not in the
      glossary), deprecated, development, or unknown.
    - ``replaced_by``: the successor of a deprecated property.
    - ``below_omerodir``: the default is this path below the OMERO directory, once
      that is known; ``default`` is what OMERO's glossary shows.
    """

    __slots__ = (
        "below_omerodir",
        "default",
        "django",
        "doc",
        "kind",
        "name",
        "replaced_by",
        "section",
        "status",
    )

    def __init__(
        self,
        section: str,
        name: str,
        kind: ValueType[T],
        default: str | None,
        *,
        doc: str = "",
        django: str = "",
        status: str = "seed",
        replaced_by: str = "",
        below_omerodir: str = "",
    ) -> None:
        self.section = section
        self.name = name
        self.kind = kind
        self.default = default
        self.doc = doc
        self.django = django
        self.status = status
        self.replaced_by = replaced_by
        self.below_omerodir = below_omerodir

    @property
    def secret(self) -> bool:
        """Whether the value must never be shown."""
        return self.kind.secret

    def described(self, doc: str) -> Property[T]:
        """The same row, with its description: the second line of each row of the catalog."""
        self.doc = doc
        return self

    def deprecated(self, successor: str = "", doc: str = "") -> Property[T]:
        """The same row, deprecated in favour of ``successor``."""
        self.status, self.replaced_by = "deprecated", successor
        return self.described(doc or f"Deprecated: use {successor}.")

    def with_default(self, default: str | None) -> Property[T]:
        """The same row with the default of another release."""
        other: Property[T] = object.__new__(Property)
        for name in self.__slots__:
            setattr(other, name, getattr(self, name))
        other.default = default
        return other

    def for_service(self, service: str, status: str = "") -> Property[T]:
        """``NAME.SERVICE``: the same for one service alone, without a default or a Django setting."""
        return _for_service(self, service, status or self.status)

    def __repr__(self) -> str:
        return f"<{self.name}>"


@lru_cache(maxsize=4096)
def _for_service(row: Property[T], service: str, status: str) -> Property[T]:
    name, doc = f"{row.name}.{service}", f"For {service} alone: {row.doc}"
    return Property(row.section, name, row.kind, None, doc=doc, status=status)


class Section:
    """Makes the rows of a section: ``_web("omero.web.x", INT, "5").described("What it does.")``.

    With a ``prefix``, a row becomes the Django setting named after the rest of its name
    (``omero.web.page_size`` PAGE_SIZE), unless it names another.
    """

    def __init__(self, title: str, prefix: str = "") -> None:
        self.title = title
        self.prefix = prefix

    def __call__(self, name: str, kind: ValueType[T], default: str | None, **more: str) -> Property[T]:
        """A row; ``more`` are the keywords of `Property`."""
        if self.prefix:
            setting = name.removeprefix(self.prefix).replace(".", "_").replace("-", "_").upper()
            more = {"django": setting, **more}
        return Property(self.title, name, kind, default, **more)


def rows_of(constants: Mapping[str, object]) -> list[Property[Any]]:
    """The rows among the constants of a module, in their order."""
    return [row for row in constants.values() if isinstance(row, Property)]


def unknown(name: str) -> Property[str]:
    """A name that the catalog does not know: plugins have such, and they are carried."""
    return Property("Other", name, STRING, None, doc="Not in OMERO's glossary.", status="unknown")


#: Gives the property of a name, or None if the name is not of the family.
Member: TypeAlias = Callable[[str], "Property[Any] | None"]


class PropertyFamily(NamedTuple):
    """Properties that a rule names, and that are not listed.

    - ``pattern`` shows the rule to a person, ``expression`` as a regular expression.
    - ``near``: names to compare a misspelt one with; ``prefix`` is that of a family with any names.
    """

    pattern: str
    expression: str
    doc: str
    member: Member
    near: tuple[str, ...] = ()
    prefix: str = ""
