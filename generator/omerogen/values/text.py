"""Texts with a grammar of their own: paths, expressions, schedules, LDAP."""

from __future__ import annotations

import re

from omerogen.values.base import Invalid, String, ValueType
from omerogen.values.patterns import Pattern

_CONTROL = Pattern(r"[\x00-\x1f\x7f]")
_REPOSITORY_ELEMENTS = frozenset(
    "user userId group groupId year month monthname day time institution hash increment"
    " subdirs session sessionId perms thread".split()
)
_ATTRIBUTE = r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)"
#: Each alternative begins with another character after the spaces, so that none is tried twice.
_DN_VALUE = (
    r"""(?:\s*#(?:[0-9A-Fa-f]{2})+\s*|\s*"(?:[^"\\]|\\.)*"\s*"""
    r"""|(?:[^,;+\\"<>#]|\\[0-9A-Fa-f]{2}|\\[ ,;+"\\<>#=])*)"""
)
_RDN = rf"\s*{_ATTRIBUTE}\s*={_DN_VALUE}"
_DN = Pattern(rf"{_RDN}(?:[,;+]{_RDN})*")
#: A comparison as Java's LDAP provider reads it: without spaces before the sign.
_FILTER_ITEM = Pattern(
    r"(?:[A-Za-z0-9][A-Za-z0-9.;_-]*(?:[~<>]?=|(?::dn)?(?::[\w.]+)?:=)|(?::dn)?:[A-Za-z0-9][\w.]*:=)(?:[^()\\]|\\[^()])*"
)


class Path(ValueType[str]):
    """A path on the server, as it was written."""

    name = "path"
    doc = "a path on the server"

    def parse(self, text: str) -> str:
        path = text.strip()
        if not path:
            raise Invalid("is empty", f"give {self.doc}")
        if _CONTROL.search(path):
            raise Invalid("has a line break or another control character", f"give {self.doc}")
        return path


class RepositoryPath(ValueType[str]):
    """Where imported files go: directories of ``%element%`` templates."""

    name = "path template of %elements%"
    doc = "directories made of text and " + ", ".join(f"%{e}%" for e in sorted(_REPOSITORY_ELEMENTS))

    def parse(self, text: str) -> str:
        path = text.strip()
        parts = path.split("%")
        if len(parts) % 2 == 0:
            raise Invalid("has a % that is not closed", "write elements as %name%")
        for element in parts[1::2]:
            if element.partition(":")[0] not in _REPOSITORY_ELEMENTS:
                raise Invalid(
                    f"has the element %{element}%, which OMERO does not know",
                    self.doc,
                    "has an element that OMERO does not know",
                )
        if not path or _CONTROL.search(path):
            raise Invalid("is not a path", f"give {self.doc}")
        if "//" in path and not path.rpartition("//")[2].strip("/"):
            raise Invalid("has no directory after //", "at least one must be the user's")
        return path


class Regex(ValueType["re.Pattern[str]"]):
    """A regular expression of Python."""

    name = "regex"
    doc = "a regular expression, as Python's re module reads it"

    def parse(self, text: str) -> re.Pattern[str]:
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise Invalid(
                f"is not a regular expression: {error}", f"give {self.doc}", "is not a regular expression"
            ) from None


class TimeZone(ValueType[str]):
    """A name of the tz database. Where this machine has none, any name of its form is taken."""

    name = "timezone"
    doc = "a name of the tz database, such as Europe/London"

    def parse(self, text: str) -> str:
        name = text.strip()
        looks_right = re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", name)
        if looks_right and _is_time_zone(name):
            return name
        import zoneinfo  # late: most systems have the database where it is looked for first

        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            if zoneinfo.available_timezones() or not looks_right:
                raise Invalid("is not a time zone", f"give {self.doc}") from None
        return name


def _is_time_zone(name: str) -> bool:
    """Whether the system's database has this name where `zoneinfo` looks first."""
    try:
        with open(f"/usr/share/zoneinfo/{name}", "rb") as file:
            return file.read(4) == b"TZif"
    except OSError:
        return False


class LdapName(ValueType[str]):
    """A distinguished name."""

    name = "LDAP DN"
    doc = "a distinguished name such as ou=people,o=example"

    def parse(self, text: str) -> str:
        if not _DN.fullmatch(text.strip()):
            raise Invalid("is not a distinguished name", f"give {self.doc}")
        return text.strip()


class LdapFilter(ValueType[str]):
    """A search filter; a single comparison may omit its parentheses."""

    name = "LDAP filter"
    doc = "a search filter such as (&(objectClass=person)(mail=*))"

    def parse(self, text: str) -> str:
        ldap_filter = text.strip()
        if _FILTER_ITEM.fullmatch(ldap_filter):
            return ldap_filter
        try:
            end = self._group(ldap_filter, 0)
        except RecursionError:
            raise Invalid("is nested too deeply", f"give {self.doc}") from None
        if end != len(ldap_filter):
            raise Invalid(f"has text after its end, at character {end + 1}", f"give {self.doc}")
        return ldap_filter

    def _group(self, text: str, at: int) -> int:
        """The position after the ``(…)`` that starts at ``at``."""
        if text[at : at + 1] != "(":
            raise Invalid(f"lacks a ( at character {at + 1}", f"give {self.doc}")
        at += 1
        if text[at : at + 1] in ("&", "|", "!"):
            at = self._operands(text, at)
        elif item := _FILTER_ITEM.match(text, at):
            at = item.end()
        else:
            raise Invalid(f"has no comparison at character {at + 1}", f"give {self.doc}")
        if text[at : at + 1] != ")":
            raise Invalid(f"lacks a ) at character {at + 1}", f"give {self.doc}")
        return at + 1

    def _operands(self, text: str, at: int) -> int:
        """The position after an operator and the groups it joins; no group at all is legal."""
        negation = text[at] == "!"
        operands = 0
        while text[(at := self._skip_spaces(text, at + (operands == 0))) : at + 1] == "(":
            operands += 1
            if negation and operands > 1:
                raise Invalid(f"negates two things, at character {at + 1}", "! takes one")
            at = self._group(text, at)
        if not operands and text[at : at + 1] not in (")", ""):
            raise Invalid(f"lacks a ( at character {at + 1}", f"give {self.doc}")
        return at

    @staticmethod
    def _skip_spaces(text: str, at: int) -> int:
        while text[at : at + 1].isspace():
            at += 1
        return at


class UserName(ValueType[str]):
    """A user of the system: a name, or a number."""

    name = "user"
    doc = "the name of a user of the system"

    def parse(self, text: str) -> str:
        user = text.strip()
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,30}|[0-9]{1,10}", user):
            raise Invalid("is not a user", f"give {self.doc}")
        return user


PATH = Path()
USER = UserName()
REPOSITORY_PATH = RepositoryPath()
REGEX = Regex()
TIME_ZONE = TimeZone()
LDAP_NAME = LdapName()
LDAP_FILTER = LdapFilter()
JDBC_URL = String("JDBC URL template", "jdbc:postgresql://HOST:PORT/DATABASE?PARAMETERS")
