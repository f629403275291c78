"""The result of a comparison: the same for nginx, Django and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from omerogen.model import Problem


class Difference(NamedTuple):
    """One difference in meaning, without secrets.

    - ``directive``: the directive, setting or element; ``context``: the block, module or file that it is in.
    - ``yours``, ``ours``: its value on each side; None on the side that does not have it.
    - ``fix``: what makes ours mean the same, as a line to use, or why nothing does.
    - ``place``: the file and line of yours; empty where only ours has it.
    - ``explained``: the id of the documented reason for a deliberate difference; empty for any other.
    - ``expressible``: whether ``fix`` is a line to use.
    """

    directive: str
    context: str
    yours: str | None
    ours: str | None
    fix: str
    place: str = ""
    explained: str = ""
    expressible: bool = True


class Adoption(NamedTuple):
    """What makes our output mean the same as a configuration in use.

    - ``options``: by their keys in ``omerogen.toml``; ``properties``: the text of each by its name,
      with its secrets.
    - ``toml``, ``omero``: the lines of the two files; for a line with a secret a comment with its place.
    - ``remaining``: the differences that are left.
    """

    options: Mapping[str, Any]
    properties: Mapping[str, str]
    toml: str
    omero: str
    remaining: tuple[Difference, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return Adoption, (dict(self.options), dict(self.properties), *self[2:])


class CompareResult(NamedTuple):
    """The differences, in the order of the file that is compared.

    - ``subject``: what was compared, for a sentence.
    - ``notes``: what was not compared, or was chosen; ``warnings``: problems of ours.
    - ``adoption``: for nginx alone.
    """

    subject: str
    differences: tuple[Difference, ...]
    notes: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    adoption: Adoption | None = None

    def as_dict(self, *, adopt: bool = False) -> dict[str, Any]:
        """The JSON form; with ``adopt`` the adoption is a member of it."""
        found: dict[str, Any] = {
            "subject": self.subject,
            "differences": [_as_dict(difference) for difference in self.differences],
            "notes": list(map(str, self.notes)),
            "warnings": list(map(str, self.warnings)),
        }
        if adopt and self.adoption:
            found["adopt"] = {
                "omerogen.toml": self.adoption.toml,
                "omero": self.adoption.omero,
                "remaining": [_as_dict(difference) for difference in self.adoption.remaining],
            }
        return found


def _as_dict(difference: Difference) -> dict[str, Any]:
    return {**difference._asdict(), "explained": difference.explained or None}
