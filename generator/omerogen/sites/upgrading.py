"""What a change of release means for a site: what goes, what changes under it, and what to do.

Nothing is written. Each change is of one property; commands are in the form that ``omero load`` takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from omerogen import catalog
from omerogen.catalog import history
from omerogen.catalog.history import ADDED, NEW_DEFAULT, REMOVED, Difference, Releases
from omerogen.catalog.web_deprecated import WEB_PLATE_DOWNLOAD_ENABLED
from omerogen.derive.host import Host
from omerogen.model import Problem, Property
from omerogen.rules.registry import View
from omerogen.rules.releases import DOCUMENTED_LATE
from omerogen.settings import Settings
from omerogen.settings.defaults import successors
from omerogen.sites.commands import is_line, set_to, unset
from omerogen.sites.illegal import Illegal, becoming_illegal
from omerogen.sites.impact import impact_of_what_can_be
from omerogen.sites.worth_a_look import is_worth_a_look
from omerogen.values.base import Invalid

ILLEGAL, PACKAGE, DEPRECATED = "illegal", "package", "deprecated"
#: The kinds of changes, in the order of the result: what breaks comes first.
KINDS = (ILLEGAL, PACKAGE, REMOVED, DEPRECATED, NEW_DEFAULT, ADDED)


class ChangedLine(NamedTuple):
    """A line of a built file that differs; ``before`` or ``after`` is None for one that comes or goes."""

    file: str
    line: int
    before: str | None
    after: str | None


class UpgradeChange(NamedTuple):
    """What changes for a property of the site.

    - ``change``: one of `KINDS`; ``component`` and ``release``: where it changed, empty if that is not known.
    - ``before``, ``after``: the defaults, of a new default or of a new property.
    - ``commands``: lines for ``omero load``; with ``is_choice`` they set another value than the release has.
      ``advice``: what to do where no command does it.
    - ``lines``: those of the files of a build that differ because of it.
    """

    property: str
    change: str
    message: str
    component: str = ""
    release: str = ""
    before: str | None = None
    after: str | None = None
    commands: tuple[str, ...] = ()
    advice: str = ""
    is_choice: bool = False
    lines: tuple[ChangedLine, ...] = ()

    def fix(self) -> str:
        """What to do, in a line."""
        return "; ".join((*(f"omero {command}" for command in self.commands), *filter(None, [self.advice])))

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "property": self.property,
            "component": self.component or None,
            "release": self.release or None,
            "change": self.change,
            "message": self.message,
            "fix": self.fix() or None,
            "before": self.before,
            "after": self.after,
            "commands": list(self.commands),
            "optional": self.is_choice,
            "lines": [line._asdict() for line in self.lines],
        }


class UpgradeResult(NamedTuple):
    """The changes in the order of `KINDS`, and how many more there are that do not touch the site.

    ``unseen`` are problems that keep some files from being compared.
    """

    before: Releases
    after: Releases
    changes: tuple[UpgradeChange, ...]
    others: int = 0
    unseen: tuple[Problem, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "from": _releases(self.before),
            "to": _releases(self.after),
            "changes": [change.as_dict() for change in self.changes],
            "others": self.others,
        }


def _releases(releases: Releases) -> dict[str, str | None]:
    return {name: release or None for name, release in releases._asdict().items()}


def upgrade(
    settings: Settings,
    before: Releases,
    after: Releases,
    options: Mapping[str, Any],
    *,
    everything: bool = False,
) -> UpgradeResult:
    """What changes for a site between two sets of releases; the later ones may be the first.

    ``options`` are those of `building.build`. With ``everything``, changes that do not touch the site are
    included. Values that are refused are not looked at, and files that cannot be made are not compared.
    """
    site = _Upgrade(settings, before, after, options)
    found = [*site.illegal(), *site.removed(), *site.deprecated(), *site.differences()]
    told = [change for touches, change in found if touches or everything]
    told.sort(key=lambda change: (KINDS.index(change.change), change.property))
    return UpgradeResult(before, after, tuple(told), len(found) - len(told), site.unseen)


#: A change, and whether it touches the site.
Found = tuple[bool, UpgradeChange]


class _Upgrade:
    """The site before and after."""

    def __init__(
        self, settings: Settings, before: Releases, after: Releases, options: Mapping[str, Any]
    ) -> None:
        self._before, self._after = before, after
        self._old, self._new = settings.in_releases(before), settings.in_releases(after)
        self._set = settings.names_set()
        self._differences = list(history.differences(before, after))
        found = impact_of_what_can_be(self._old, self._new, options)
        self._lines = _by_property(found.artifacts)
        self.unseen = found.wrong_after
        self._options = options
        self._illegals = becoming_illegal(self._new, before, after)
        self._refused = {one.name for one in self._illegals if not one.is_package}
        self._is_web_alone = View(self._new, options, Host.of(options)).is_web_alone

    def illegal(self) -> Iterator[Found]:
        """Values that the site sets and that what runs after it refuses."""
        for one in self._illegals:
            yield True, self._illegal(one)

    def _illegal(self, one: Illegal) -> UpgradeChange:
        commands = tuple(set_to(name, text) for name, text in one.values)
        change = PACKAGE if one.is_package else ILLEGAL
        return UpgradeChange(
            one.name, change, one.message, one.component, one.release, commands=commands, advice=one.advice
        )

    def removed(self) -> Iterator[Found]:
        """Properties that the site sets and that are gone after it."""
        gone = {one.name for one in self._differences if one.change == REMOVED}
        for name in self._set:
            lacks = history.missing(name, self._after)
            if lacks and not history.missing(name, self._before):
                gone.discard(name)
                yield not _is_late(name, lacks), self._removed(name, lacks)
        for name in gone:
            if cause := history.missing(name, self._after):
                yield False, self._removed(name, cause)

    def _removed(self, name: str, cause: history.Change) -> UpgradeChange:
        if cause.change == ADDED:
            message = f"{self._product(cause)} does not have it: it is new in {cause}"
        else:
            message = f"gone since {cause}: the value is ignored"
        commands = (unset(name),) if name in self._set else ()
        return UpgradeChange(name, REMOVED, message, cause.component, cause.release, commands=commands)

    def _product(self, cause: history.Change) -> str:
        named = {history.SERVER: self._after.server, history.WEB: self._after.web, history.PY: self._after.py}
        return f"{history.product(cause.component)} {named.get(cause.component, '')}".strip()

    def deprecated(self) -> Iterator[Found]:
        """Properties that the site sets and that have a successor, if the releases go up and have that."""
        if goes_down(self._before, self._after):
            return
        for name in self._set:
            row = catalog.describe(name)
            if row.status != "deprecated" or history.missing(name, self._after):
                continue
            if not row.replaced_by or not history.missing(row.replaced_by, self._after):
                yield True, self._deprecated(row)

    def _deprecated(self, row: Property[Any]) -> UpgradeChange:
        name, new = row.name, row.replaced_by
        if not new:
            message = row.doc.removeprefix("Deprecated: ").rstrip(".")
            return UpgradeChange(name, DEPRECATED, f"deprecated: {message}", commands=(unset(name),))
        message = f"deprecated: use {new}"
        successor = catalog.describe(new)
        if self._new.is_set(new):
            return UpgradeChange(name, DEPRECATED, f"{message}, which is set", commands=(unset(name),))
        entry = self._new.resolved(name)
        if entry.holds_secret:
            advice = (
                f"copy the secret without showing it: (umask 077; omero config get {name} > secret);"
                f" omero config set -f secret {new}; rm secret; omero config set {name}"
            )
            return UpgradeChange(name, DEPRECATED, message, advice=advice)
        if (text := self._carried_over(row, successor, entry.raw or "")) is not None:
            sets = (set_to(new, text),) if text != self._new.default(successor) else ()
            return UpgradeChange(name, DEPRECATED, message, commands=(*sets, unset(name)))
        return UpgradeChange(name, DEPRECATED, message, advice=row.doc.removeprefix("Deprecated: "))

    def _carried_over(self, row: Property[Any], successor: Property[Any], text: str) -> str | None:
        """The text of a successor that means the same; None if there is none that fits on a line."""
        if row is WEB_PLATE_DOWNLOAD_ENABLED:
            policy = self._new.text(successor)
            return f"{policy},+plate" if row.kind.parse(text) and "plate" not in policy else policy
        if "${" in text and row.name.startswith(history.WEB_PREFIX) != successor.name.startswith(
            history.WEB_PREFIX
        ):
            return None  # OMERO.web takes it as it is, all others fill it in
        try:
            same = str(row.kind.parse(text)) == str(successor.kind.parse(text))  # a port may be a text
        except Invalid:
            same = "${" in text
        return text if same and is_line(text) else None

    def differences(self) -> Iterator[Found]:
        """New defaults and new properties."""
        moved = {one.name for one in self._differences if one.change == NEW_DEFAULT}
        by_successor = {new.name for old, new in successors().items() if old in self._set}
        for one in self._differences:
            row = catalog.describe(one.name)
            is_set = one.name in self._set or one.name in by_successor
            if is_set and self._was_ignored(one) and one.name not in self._refused:
                message = f"is set, and counts from {one.cause} on: earlier releases ignore it"
                yield True, UpgradeChange(one.name, ADDED, message, one.cause.component, one.cause.release)
                continue
            if one.change == NEW_DEFAULT:
                touches = self._concerns(row) and not is_set
                yield touches and row.status != "removed", self._new_default(row, one)
            elif one.change == ADDED:
                is_new = one.cause.change == ADDED and one.name not in DOCUMENTED_LATE | moved
                touches = self._concerns(row) and not is_set and is_new
                yield touches and is_worth_a_look(row, self._new, self._options), self._added(row, one)

    def _concerns(self, row: Property[Any]) -> bool:
        """Whether the site has the component that reads a property: a host may have OMERO.web alone."""
        return row.name.startswith(history.WEB_PREFIX) or not self._is_web_alone

    def _was_ignored(self, one: Difference) -> bool:
        """Whether a property did nothing before."""
        return one.change == ADDED and one.cause.change == ADDED and not _is_late(one.name, one.cause)

    def _new_default(self, row: Property[Any], one: Difference) -> UpgradeChange:
        before, after = self._old.default(row), self._new.default(row)
        message = f"the default changes from {shown(before)} to {shown(after)} in {one.cause}"
        if lacked := history.missing(row.name, self._before):
            message = f"new in {lacked}, with the default {shown(before)}; {shown(after)} since {one.cause}"
        commands: tuple[str, ...] = ()
        advice = ""
        if row.name not in self._set and before is not None and not lacked:
            refused = becoming_illegal(self._new.changed({row.name: before}), Releases(), self._after)
            why = next((found.message for found in refused if found.name == row.name), "")
            advice = f"the old value cannot be kept: {why}" if why else ""
            commands = () if why else (set_to(row.name, before),)
        return UpgradeChange(
            row.name,
            NEW_DEFAULT,
            message,
            one.cause.component,
            one.cause.release,
            before,
            after,
            commands,
            advice,
            is_choice=True,
            lines=self._lines.get(row.name, ()),
        )

    def _added(self, row: Property[Any], one: Difference) -> UpgradeChange:
        word = "documented since" if one.cause.component == history.SERVER else "new in"
        back = "is there again before" if one.cause.change == REMOVED else word
        message = f"{back} {one.cause}: {row.doc} Default: {shown(one.after)}"
        return UpgradeChange(
            row.name,
            ADDED,
            message,
            one.cause.component,
            one.cause.release,
            after=one.after,
            commands=() if one.after is None or row.name in self._set else (set_to(row.name, one.after),),
            is_choice=True,
        )


def _is_late(name: str, cause: history.Change) -> bool:
    """Whether a property may have been there before the documentation of the server listed it."""
    of_web = name.startswith(history.WEB_PREFIX) and cause.component != history.WEB
    return cause.change == ADDED and (of_web or name in DOCUMENTED_LATE)


def goes_down(before: Releases, after: Releases) -> bool:
    """Whether a release is earlier afterwards."""
    return any(
        old and new and history.version_of(new) < history.version_of(old)
        for old, new in zip(before, after, strict=True)
    )


def shown(text: str | None) -> str:
    """A default for a sentence."""
    return {None: "none", "": "empty"}.get(text) or str(text)


def _by_property(artifacts: Mapping[str, Iterable[Any]]) -> dict[str, tuple[ChangedLine, ...]]:
    found: dict[str, list[ChangedLine]] = {}
    for path, lines in artifacts.items():
        for line in lines:
            changed = ChangedLine(path, line.line, line.before, line.after)
            for name in line.properties:
                found.setdefault(name, []).append(changed)
    return {name: tuple(lines) for name, lines in found.items()}
