"""The options that name the releases before and after an upgrade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain

from omerogen.catalog import history
from omerogen.catalog.history import PY, SERVER, WEB, Release, Releases
from omerogen.model import Location, Problem, UsageError, collect
from omerogen.model.option import Option


def _pair(component: str, prefix: str, *, in_site: bool) -> tuple[Option, Option]:
    product, site = history.product(component), " (that of the site)" if in_site else ""
    kind = Release(component)
    return (
        Option(f"{prefix}from", kind, None, f"the release of {product} in use{site}", "RELEASE"),
        Option(f"{prefix}to", kind, None, f"the release of {product} to go to", "RELEASE"),
    )


#: By component, in the order of `Releases`, the options for the release before and the one after.
_PAIRS = {
    SERVER: _pair(SERVER, "", in_site=True),
    WEB: _pair(WEB, "web_", in_site=True),
    PY: _pair(PY, "py_", in_site=False),
}
OPTIONS = tuple(chain(*_PAIRS.values()))


def before_and_after(given: Mapping[str, str | None], site: Releases) -> tuple[Releases, Releases]:
    """The releases before and after: those of the site, where none are ``given`` by the names of `OPTIONS`.

    Raises `UsageError` with all that is wrong with them.
    """
    problems = collect(*(partial(option.parse, given.get(option.name)) for option in OPTIONS))
    problems = problems or list(_missing(given, site))
    if problems:
        raise UsageError(problems)
    before, after = (
        Releases(*(pair[side].parse(given.get(pair[side].name)) or "" for pair in _PAIRS.values()))
        for side in (0, 1)
    )
    before = Releases(*(one or usual for one, usual in zip(before, site, strict=True)))
    return before, Releases(*(one or usual for one, usual in zip(after, before, strict=True)))


def _missing(given: Mapping[str, str | None], site: Releases) -> Iterator[Problem]:
    if not any(given.get(option.name) for option in OPTIONS):
        advice = "name the releases: --from 5.5.1 --to 5.6.10, or --web-from and --web-to for OMERO.web"
        yield Problem(Location.flag("--to"), "is missing", advice)
    has_server = bool(given.get(_PAIRS[SERVER][0].name) or site.server)
    for (component, (start, end)), usual in zip(_PAIRS.items(), site, strict=True):
        first, last = given.get(start.name), given.get(end.name)
        if first and not last:
            newest = history.known(component)[-1]
            yield Problem(Location.flag(end.flag), "is missing", f"the newest release is {newest}")
        # The documentation of the server has the properties of OMERO.web, too.
        if last and not (first or usual or (component == WEB and has_server)):
            yield Problem(Location.flag(start.flag), "is missing", "name the release in use")
