"""The releases of OMERO: which have a property, and with which default, compared with the facts."""

from __future__ import annotations

import csv
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omerogen import catalog
from omerogen.catalog import history
from omerogen.catalog.history import ADDED, NEW_DEFAULT, NEWEST, REMOVED, Release, Releases
from omerogen.reporting import reference
from omerogen.values.base import Invalid
from support.files import DATA

#: What the releases of a component are in `Releases`.
MADE = {
    "server": lambda release: Releases(server=release),
    "web": lambda release: Releases(web=release),
    "omero-py": lambda release: Releases(py=release),
}
PAIRS = [
    (component, old, new)
    for component in MADE
    for old in history.known(component)
    for new in history.known(component)
]


@cache
def facts(name: str) -> list[dict[str, str]]:
    """The rows of a table of facts."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def states(component: str) -> dict[str, dict[str, str]]:
    """By release the properties that the facts list, with their defaults."""
    events: dict[str, list[dict[str, str]]] = {}
    for row in facts("releases.tsv"):
        if row["component"] == component:
            events.setdefault(row["release"], []).append(row)
    found: dict[str, dict[str, str]] = {}
    now: dict[str, str] = {}
    for release in history.known(component):
        for row in events.get(release, ()):
            if row["change"] == "removed":
                del now[row["name"]]
            else:
                now[row["name"]] = row["default"]
        found[release] = dict(now)
    return found


def mean_the_same(name: str, documented: str, ours: str | None) -> bool:
    """Whether a documented default is ours, whatever its spaces and its word for none."""
    if documented in ("", "None", "null", "(empty)") and not ours:
        return True
    if documented == "(computed)" or documented.replace(", ", ",") == (ours or "").replace(", ", ","):
        return True
    kind = catalog.describe(name).kind
    try:
        return ours is not None and kind.parse(documented) == kind.parse(ours)
    except Invalid:
        return False


@pytest.mark.parametrize("release", history.known("server"))
def test_a_release_of_the_server_has_what_its_documentation_lists(release):
    """Its properties, and their defaults."""
    documented = states("server")[release]
    ours = {row.name: row.default for row in reference.rows(Releases(server=release))}
    assert documented.keys() <= ours.keys()
    ever = {row["name"] for row in facts("releases.tsv") if row["component"] == "server"}
    assert ours.keys() & ever == documented.keys()
    assert [name for name in documented if not mean_the_same(name, documented[name], ours[name])] == []


@pytest.mark.parametrize("release", history.known("web"))
def test_a_release_of_omero_web_has_what_its_package_has(release):
    """The same of its own properties; the server's are not its."""
    listed = {name: text for name, text in states("web")[release].items() if name.startswith("omero.web.")}
    ours = {row.name: row.default for row in reference.rows(Releases(web=release))}
    ever = {row["name"] for row in facts("releases.tsv") if row["component"] == "web"}
    assert {name for name in ours.keys() & ever if name.startswith("omero.web.")} == listed.keys()
    assert [name for name in listed if not mean_the_same(name, listed[name], ours[name])] == []


def test_the_newest_release_is_the_catalog():
    """Without a named release nothing is looked up; what is gone from all is listed only on request."""
    assert reference.rows() == [catalog.PROPERTIES[name] for name in sorted(catalog.PROPERTIES)]
    more = {row.name for row in reference.rows(with_removed=True)} - catalog.PROPERTIES.keys()
    assert more == catalog.REMOVED.keys() == {"omero.search.maxclause", "omero.version"}


@pytest.mark.parametrize("name", history.names())
def test_every_default_of_every_release_is_legal(name):
    """A site that names an old release is not refused for a default."""
    row = catalog.describe(name)
    for component, made in MADE.items():
        for release in history.known(component):
            text = history.default_of(row, made(release)).text
            if text is not None and "${" not in text:
                row.kind.parse(text)


@pytest.mark.parametrize(
    ("name", "since", "removed"),
    [
        ("omero.web.favicon_url", "OMERO.web 5.11.0", None),
        ("omero.db.url", "OMERO.server 5.6.3", None),
        ("omero.pixeldata.max_tile_length", "omero-model 5.7.1", None),
        ("omero.web.csrf_cookie_secure", None, None),  # the first known OMERO.web has it
        ("omero.db.host", None, None),
        ("omero.search.maxclause", None, "OMERO.server 5.5.0"),
        ("omero.web.webgateway_cache", None, "OMERO.web 5.26.0"),
        ("omero.jvmcfg.perm_gen", None, "omero-py 5.20.0"),
        ("omero.jvmcfg.perm_gen.blitz", None, "omero-py 5.20.0"),
        ("omero.glacier2.IceSSL.CertFile", "OMERO.server 5.5.0", None),
    ],
)
def test_when_a_property_came_and_went(name, since, removed):
    """By the component that it is of; a member of a family came with it."""
    found = [change and str(change) for change in (history.since(name), history.removed(name))]
    assert found == [since, removed]


def test_a_property_that_a_release_lacks_has_its_first_default():
    """Before 5.18 sessions were pickled, too, though no property said so."""
    row = catalog.PROPERTIES["omero.web.session_serializer"]
    for release in ("5.6.0", "5.18.0", "5.29.3"):
        assert (history.default_of(row, Releases(web=release)).text or "").endswith(".PickleSerializer")
    assert history.default_of(row, Releases(web="5.30.0")) == (row.default, "", "")


@pytest.mark.parametrize(
    ("component", "text", "nearest"),
    [
        ("server", "5.6.11", "5.6.10"),
        ("server", "5.7.0", "5.6.10"),
        ("server", "v5.6.3", "5.6.3"),
        ("server", "5.6.3-ice36", "5.6.3"),
        ("server", "5.3.5", "5.4.0"),
        ("server", "5.6", "5.6.0"),
        ("server", "latest", "5.6.10"),
        ("server", "", "5.6.10"),
        ("web", "5.10.0", "5.9.2"),
        ("web", "6", "5.33.2"),
        ("omero-py", "5.19.7", "5.19.8"),
    ],
)
def test_an_unknown_release_is_refused_with_the_nearest(component, text, nearest):
    """It is the one that is closest by its numbers."""
    with pytest.raises(Invalid) as caught:
        Release(component).parse(text)
    assert caught.value.advice == f"the nearest is {nearest}"


@given(st.sampled_from(sorted(history.PRODUCTS)), st.text())
def test_any_text_is_a_known_release_or_refused(component, text):
    """Whatever it is."""
    try:
        assert Release(component).parse(text) in history.known(component)
    except Invalid as error:
        assert error.advice.removeprefix("the nearest is ") in history.known(component)


releases = st.builds(
    Releases,
    *(st.sampled_from(("", *history.known(component))) for component in ("server", "web", "omero-py")),
)


@given(releases, releases)
def test_going_back_is_the_mirror_of_going_forth(before, after):
    """What comes one way goes the other; defaults are the same in both."""
    there, back = history.differences(before, after), history.differences(after, before)
    mirrored = {(one.name, {ADDED: REMOVED, REMOVED: ADDED}.get(one.change, one.change)) for one in back}
    mixed = {name for name, change in mirrored if change != NEW_DEFAULT}
    found = {(one.name, one.change) for one in there}
    assert {pair for pair in found if pair[0] not in mixed} == {
        pair for pair in mirrored if pair[0] not in mixed
    }
    assert {pair for pair in found if pair[1] != NEW_DEFAULT} == {
        pair for pair in mirrored if pair[1] != NEW_DEFAULT
    }


@given(releases, st.sampled_from(history.names()))
def test_a_property_is_there_or_something_says_why_not(named, name):
    """With a component whose change that is."""
    change = history.missing(name, named)
    assert history.is_in(name, named) == (change is None)
    assert change is None or (change in history.changes(name) and change.change in (ADDED, REMOVED))
    assert history.is_in(name, NEWEST)


def test_every_pair_of_releases():
    """A release differs from itself in nothing, and a difference is of a change between the two."""
    for component, old, new in PAIRS:
        found = list(history.differences(MADE[component](old), MADE[component](new)))
        assert found == [] or old != new
        low, high = sorted((history.version_of(old), history.version_of(new)))
        for one in found:
            # What only a jar has is known of no documented release.
            assert one.cause.component == component
            assert low < one.cause.version <= high, (old, new, one)


def test_django_of_each_release():
    """The oldest and the newest that it runs on."""
    assert history.django("5.13.0") == ("1.11", "1.11")
    assert history.django("5.22.1") == ("3.2", "4.2")
    assert history.django("5.33.2") == ("5.2", "5.2")
