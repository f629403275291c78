"""Where something is: the place of a value, of a problem, of a fact about the machine."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Place(str, Enum):
    """The kind of a `Location`."""

    FILE = "file"
    FLAG = "flag"
    VARIABLE = "variable"
    ARTIFACT = "artifact"
    PROPERTY = "property"
    HOST = "host"
    PROGRAM = "program"
    COMMAND = "command"
    DEFAULT = "default"
    SUGGESTION = "suggestion"


class Location(NamedTuple):
    """A place, typed. Nothing is ever read back out of its text.

    - ``kind``, ``name``: the kind, and the path, flag, variable, property or name.
    - ``line``, ``profile``: of a file, where they are known.
    - ``detail``: the value of a flag, the part of a program's input, or the variable in a line of a file.
    """

    kind: Place
    name: str
    line: int | None = None
    profile: str | None = None
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.place} (profile {self.profile})" if self.profile else self.place

    @property
    def place(self) -> str:
        """The same without the profile: how messages begin."""
        if self.kind is Place.FLAG:
            return f"{self.name} {self.detail}".rstrip()
        if self.kind is Place.PROGRAM:
            return f"{self.name}: {self.detail}" if self.detail else self.name
        prefix = "$" if self.kind is Place.VARIABLE else ""
        return f"{prefix}{self.name}:{self.line}" if self.line else f"{prefix}{self.name}"

    @property
    def is_default(self) -> bool:
        """Whether no source has set it: the default of the catalog, or that of a release."""
        return self.kind is Place.DEFAULT

    @property
    def is_default_of_release(self) -> bool:
        """Whether it is the default of a release that is named, and not that of the catalog."""
        return self.is_default and self != DEFAULT

    @property
    def variable_name(self) -> str:
        """The environment variable that is at this place, of the process or in a file; else empty."""
        if self.kind is Place.VARIABLE:
            return self.name
        return self.detail if self.kind is Place.FILE else ""

    @classmethod
    def file(cls, path: str, line: int | None = None, profile: str | None = None) -> Location:
        """``site.config.xml:7``."""
        return cls(Place.FILE, path, line, profile)

    @classmethod
    def flag(cls, flag: str, detail: str = "") -> Location:
        """``--format argfile``; the detail is the given value, unless it may be a secret."""
        return cls(Place.FLAG, flag, detail=detail)

    @classmethod
    def variable(cls, name: str) -> Location:
        """``$CONFIG_omero_db_host``, given without the ``$``."""
        return cls(Place.VARIABLE, name)

    @classmethod
    def artifact(cls, name: str) -> Location:
        """One of our artifacts, such as ``nginx``."""
        return cls(Place.ARTIFACT, name)

    @classmethod
    def property(cls, name: str) -> Location:
        """A property, where no source has it."""
        return cls(Place.PROPERTY, name)

    @classmethod
    def default_of(cls, release: str) -> Location:
        """The default of a release, such as ``OMERO.web 5.29.0``, where the newest has another."""
        return cls(Place.DEFAULT, f"default of {release}")

    @classmethod
    def host(cls, source: str) -> Location:
        """A file below ``/proc`` or ``/sys``, or another source of facts about the machine."""
        return cls(Place.HOST, source)

    @classmethod
    def program(cls, name: str, detail: str = "") -> Location:
        """A program that reads what is written, and the part of its input that it complains of."""
        return cls(Place.PROGRAM, name, detail=detail)

    @classmethod
    def command(cls, name: str) -> Location:
        """A command of omerogen, or its standard output."""
        return cls(Place.COMMAND, name)


DEFAULT = Location(Place.DEFAULT, "default")
SET_FLAG = Location.flag("--set")
SUGGESTION = Location(Place.SUGGESTION, "suggestion")
