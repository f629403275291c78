"""Options, properties and lines that make our nginx mean the same as yours: found, tried, compared again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from omerogen import artifacts
from omerogen.catalog.web_server import (
    WEB_APPLICATION_SERVER_HOST,
    WEB_APPLICATION_SERVER_PORT,
    WEB_NGINX_SERVER_EXTRA_CONFIG,
)
from omerogen.comparing.nginx import reading
from omerogen.comparing.nginx.differing import Differing, differing
from omerogen.comparing.nginx.directives import INHERITED, ORDERED
from omerogen.comparing.nginx.lines import Line, is_legal, is_line, position, text_of
from omerogen.comparing.nginx.ours import Ours, attempt
from omerogen.comparing.nginx.parsing import Directive
from omerogen.comparing.nginx.statements import (
    ENTRY,
    HANDLER,
    SERVER,
    STATIC,
    Meaning,
)
from omerogen.model import Input, OmerogenError
from omerogen.settings import Settings
from omerogen.values.base import Invalid
from omerogen.values.json import dumps

#: Optional locations, by the options that make them: lines of the site's own can make any other.
_OPTIONAL = {"websockets": ("websockets_upstream",), "acme_root": (), "redirect_root": ()}
_OF_ALL = frozenset({SERVER, HANDLER, ENTRY, STATIC})


class Adopted(NamedTuple):
    """Ours after the adoption: its lines, the differences left, changed properties, the OMERO directory."""

    ours: Ours
    lines: tuple[Line, ...]
    remaining: tuple[Differing, ...]
    properties: Mapping[str, str]
    omerodir: str

    @property
    def left(self) -> list[Differing]:
        """The differences left that are not meant to be."""
        return [one for one in self.remaining if not one.reason]


def adopt(before: Ours, yours: Meaning, marked: list[str] | None) -> Adopted | None:
    """Make ours, which is ``before``, mean the same; None where what yours shows is refused.

    ``marked`` are the lines that OMERO marked as the site's own.
    """
    return _Search(before, yours, marked).run()


class _Search:
    def __init__(self, before: Ours, yours: Meaning, marked: list[str] | None) -> None:
        self.settings = before.settings
        self.given = before.options
        self.web = web = yours.web
        self.yours = yours
        known = {option.name: option for option in artifacts.get("nginx").options}
        self.options = reading.options(web, yours, known)
        self.properties = dict(reading.properties(web, yours))
        self.omerodir = reading.omerodir(web) or self.settings.omerodir
        self.marked = marked
        self.keeps_target = before.meaning.web.target.servers == web.target.servers
        if self.keeps_target:
            for row in (WEB_APPLICATION_SERVER_HOST, WEB_APPLICATION_SERVER_PORT):
                self.properties.pop(row.name, None)

    def run(self) -> Adopted | None:
        present = self.settings[WEB_NGINX_SERVER_EXTRA_CONFIG]
        bases = [self.marked] if self.marked is not None else [present, []] if present else [[]]
        best: Adopted | None = None
        for base in bases:
            lines = [Line(text) for text in base]
            found = self._with_options(lines)
            if found is None or (base is not bases[-1] and self._has_surplus(found)):
                continue
            adopted = self._with_lines(found, lines)
            if best is None or len(adopted.left) < len(best.left):
                best = adopted
            if not best.left:
                break
        return best

    def _has_surplus(self, found: Ours) -> bool:
        """Whether lines of the site are not in yours, or in another order."""
        return any(
            one.is_order or (one.yours is None and one.ours and found.is_own_line(one.ours.directive))
            for one in self._differences(found)
        )

    def _differences(self, found: Ours) -> list[Differing]:
        return differing(self.yours, found.meaning)

    def _single(self, found: Ours) -> list[Differing]:
        """The differences that are not meant to be, each in its own block."""
        return [one for one in differing(self.yours, found.meaning, merged=False) if not one.reason]

    def _with_options(self, lines: list[Line]) -> Ours | None:
        """Ours with the options and properties of yours, without those that are refused."""
        while True:
            found = self._try(lines)
            if isinstance(found, Ours):
                return self._without_misfits(found, lines)
            refused = self._refused(found) or self._needless(lines)
            if not refused:
                return None
            for name in refused:
                self.properties.pop(name, None)
                self.options.update({name: None} if name in self.options else {})

    def _refused(self, error: OmerogenError) -> set[str]:
        """The options and properties that are wrong, of those that were read from yours."""
        flags = {place.name for problem in error.problems for place in problem.locations}
        names = {flag.removeprefix("--").replace("-", "_") for flag in flags} - {"layout"}
        names |= {name for problem in error.problems for name in problem.properties}
        options = {name for name, value in self.options.items() if value is not None}
        return names & (options | self.properties.keys())

    def _needless(self, lines: list[Line]) -> set[str]:
        """The option without which ours is not refused, where the error names none of them."""
        given = {
            name: value for name, value in self.options.items() if value is not None and name != "layout"
        }
        for name in given:
            group = (name, *_OPTIONAL.get(name, ()))
            kept = {each: self.options.get(each) for each in group}
            self.options.update(dict.fromkeys(group))
            is_legal = isinstance(self._try(lines), Ours)
            self.options.update(kept)
            if is_legal:
                return set(group)
        return set()

    def _without_misfits(self, found: Ours, lines: list[Line]) -> Ours:
        """Without options for locations that yours has otherwise: lines reproduce these."""
        for name, others in _OPTIONAL.items():
            if self.options.get(name) is None or not self._is_misfit(found, name):
                continue
            kept = {each: self.options.get(each) for each in (name, *others)}
            self.options.update(dict.fromkeys(kept))
            other = self._try(lines)
            if isinstance(other, Ours):
                found = other
            else:
                self.options.update(kept)
        return found

    def _is_misfit(self, found: Ours, option: str) -> bool:
        return any(
            one.ours is not None
            and not one.reason
            and one.key.context not in _OF_ALL
            and Input.option(option) in found.inputs(one.ours.directive)
            for one in self._differences(found)
        )

    def _try(self, lines: Iterable[Line]) -> Ours | OmerogenError:
        return attempt(self._settings(lines), self._options(), self.web)

    def _options(self) -> dict[str, Any]:
        """The options: those that are read from yours, and of the given ones those that are not."""
        dropped = () if self.keeps_target else ("upstream",)
        others = {name: value for name, value in self.given.items() if name not in (*reading.READ, *dropped)}
        return {**others, **{name: value for name, value in self.options.items() if value is not None}}

    def _settings(self, lines: Iterable[Line]) -> Settings:
        return self.settings.below(self.omerodir).changed(self._texts(lines))

    def _texts(self, lines: Iterable[Line]) -> dict[str, str]:
        """The properties that change."""
        at, row = self.settings.below(self.omerodir), WEB_NGINX_SERVER_EXTRA_CONFIG
        texts = {name: text for name, text in self.properties.items() if not _is_same(at, name, text)}
        own = [line.text for line in lines]
        return texts if own == self.settings[row] else {**texts, row.name: dumps(own)}

    def _with_lines(self, found: Ours, lines: list[Line]) -> Adopted:
        """Add a line for each difference that one may reproduce; keep those that do."""
        tried: set[Directive] = set()
        for group in dict.fromkeys(ORDERED.values()):
            found, lines = self._with_group(found, lines, group, tried)
        while new := list(self._lines(found, tried)):
            tried |= {line.made_of for line in new if line.made_of}
            found, lines = self._accept(found, lines, new)
        found, lines = self._without_parts(found, lines)
        found, lines = self._without_needless(found, lines)
        remaining = tuple(self._differences(found))
        return Adopted(found, tuple(lines), remaining, self._texts(lines), self.omerodir)

    def _with_group(
        self, found: Ours, lines: list[Line], group: str, tried: set[Directive]
    ) -> tuple[Ours, list[Line]]:
        """Add all lines of the server block whose order counts, if they say the same then: all or none."""
        members = [one for one in self.web.server.inside if ORDERED.get(one.name) == group]
        left = {one.place for one in self._differences(found) if not one.reason}
        if self.web.layout == "location" or left.isdisjoint(members) or not all(map(is_legal, members)):
            return found, lines
        new = [Line(text_of(one, self.web, found.prefix), one) for one in members]
        tried.update(members)
        together = sorted([*lines, *new], key=position)
        better = self._try(together)
        if isinstance(better, Ours) and not self._are_left(better, group):
            return better, together
        return found, lines

    def _are_left(self, found: Ours, group: str) -> bool:
        """Whether there is a difference in lines of such a group."""
        return any(
            fact is not None and ORDERED.get(fact.directive.name) == group
            for one in self._single(found)
            for fact in (one.yours, one.ours)
        )

    def _without_parts(self, found: Ours, lines: list[Line]) -> tuple[Ours, list[Line]]:
        """Without lines of a group of which others are left: a half of it may open what is closed."""
        for group in dict.fromkeys(ORDERED.values()):
            mine = [one for one in lines if one.made_of and ORDERED.get(one.made_of.name) == group]
            if mine and self._are_left(found, group):
                kept = [one for one in lines if one not in mine]
                other = self._try(kept)
                if isinstance(other, Ours):
                    found, lines = other, kept
        return found, lines

    def _without_needless(self, found: Ours, lines: list[Line]) -> tuple[Ours, list[Line]]:
        """Without lines that your other locations would inherit, too, and differ by as often."""
        for line in [one for one in lines if one.made_of and one.made_of.name in INHERITED]:
            fewer = [one for one in lines if one is not line]
            other = self._try(fewer)
            if isinstance(other, Ours) and self._number(other) <= self._number(found):
                found, lines = other, fewer
        return found, lines

    def _number(self, found: Ours) -> int:
        """How many differences there are, deliberate ones among them, each in its own block."""
        return len(differing(self.yours, found.meaning, merged=False))

    def _accept(self, found: Ours, lines: list[Line], new: list[Line]) -> tuple[Ours, list[Line]]:
        """Those of the new lines that lessen the differences: all together, else half by half."""
        together = sorted([*lines, *new], key=position)
        better = self._try(together)
        if isinstance(better, Ours):
            before, after = self._single(found), self._single(better)
            # A location that comes may inherit something else: that is a difference for the next round.
            come = better.meaning.contexts.keys() - found.meaning.contexts.keys()
            after = [one for one in after if one.key.context not in come]
            left = {one.place for one in after}
            all_help = {one.key for one in after} <= {one.key for one in before}
            all_help = all_help and not any(line.made_of in left for line in new)
            if all_help or (len(new) == 1 and len(after) < len(before)):
                return better, together
        if len(new) == 1:
            return found, lines
        half = len(new) // 2
        found, lines = self._accept(found, lines, new[:half])
        return self._accept(found, lines, new[half:])

    def _lines(self, found: Ours, tried: set[Directive]) -> Iterator[Line]:
        """Lines that may reproduce differences, each directive once."""
        if self.web.layout == "location":
            return
        done = set(tried)
        texts: set[str] = set()
        for one in self._differences(found):
            directive = one.place
            # OMERO's text has its limit in the server block, with the site's own lines between its marks.
            is_meant = one.reason and not (one.reason == "own-locations" and self.marked is None)
            if is_meant or directive is None or directive in done or not is_line(one):
                continue
            done.add(directive)
            text = text_of(directive, self.web, found.prefix)
            if text in texts:
                continue  # of another location that it is in, too
            texts.add(text)
            yield Line(text, directive)


def _is_same(settings: Settings, name: str, text: str) -> bool:
    """Whether a property has this value already."""
    entry = settings.resolved(name)
    try:
        return bool(entry.value == entry.property.kind.parse(text))
    except (OmerogenError, Invalid):
        return False
