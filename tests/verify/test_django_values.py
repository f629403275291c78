"""The values in the settings module are what the properties mean."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import omerogen
from support.programs import accepted, generated
from support.sites import MODULE, django_environment, write_settings

pytestmark = pytest.mark.slow

#: Text of a property and the value that it means.
Case = tuple[str, Any]

TEXT = st.text(
    st.one_of(
        st.sampled_from(list("'\"\\#{}%$\n\r\t ()[],;=")),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=10,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10)


def same(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[Case]:
    """A text that means itself."""
    return strategy.map(lambda text: (text, text))


def as_json(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Case]:
    """A value that is written as JSON."""
    return st.tuples(strategy, st.booleans()).map(
        lambda pair: (json.dumps(pair[0], ensure_ascii=pair[1]), pair[0])
    )


def integers(low: int, high: int) -> st.SearchStrategy[Case]:
    """A whole number with spaces, signs and zeros around it."""
    forms = st.sampled_from(["{}", " {} ", "{:+}", "{:05}"])
    return st.tuples(st.integers(low, high), forms).map(lambda pair: (pair[1].format(pair[0]), pair[0]))


def unless_blank(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[Case]:
    """A text that means itself, or None if it is blank."""
    return strategy.map(lambda text: (text, text if text.strip() else None))


BOOLEANS = st.sampled_from(
    [("true", True), ("True", True), (" T ", True), ("1", True), ("false", False), ("F", False), ("0", False)]
)
PATHS = LINE.map(lambda text: "/x" + text)
#: Setting of Django to its property and the texts it may have.
SETTINGS: dict[str, tuple[str, st.SearchStrategy[Case]]] = {
    "LOGIN_INCORRECT_CREDENTIALS_TEXT": ("omero.web.login_incorrect_credentials_text", same(TEXT)),
    "LOGIN_VIEW": ("omero.web.login_view", same(TEXT)),
    "TOP_LOGO": ("omero.web.top_logo", same(TEXT)),
    "PUBLIC_CACHE_KEY": ("omero.web.public.cache.key", same(TEXT)),
    "EMAIL_SUBJECT_PREFIX": ("omero.web.admins.email_subject_prefix", same(TEXT)),
    "SESSION_COOKIE_NAME": ("omero.web.session_cookie_name", unless_blank(TEXT)),
    "PUBLIC_USER": ("omero.web.public.user", unless_blank(TEXT)),
    "PUBLIC_PASSWORD": ("omero.web.public.password", unless_blank(TEXT)),
    "BASE_INCLUDE_TEMPLATE": ("omero.web.base_include_template", unless_blank(TEXT)),
    "WSGI_ARGS": ("omero.web.wsgi_args", unless_blank(TEXT)),
    "PAGE": ("omero.web.page_size", integers(-(2**63), 2**63 - 1)),
    "SESSION_COOKIE_AGE": ("omero.web.session_cookie_age", integers(0, 2**40)),
    "APPLICATION_SERVER_PORT": ("omero.web.application_server.port", integers(1, 65535)),
    "SECURE": ("omero.web.secure", BOOLEANS),
    "PUBLIC_GET_ONLY": ("omero.web.public.get_only", BOOLEANS),
    "SESSION_COOKIE_SECURE": ("omero.web.session_cookie_secure", BOOLEANS),
    "X_FRAME_OPTIONS": (
        "omero.web.x_frame_options",
        st.sampled_from([("DENY", "DENY"), (" SAMEORIGIN", "SAMEORIGIN")]),
    ),
    "ALLOWED_HOSTS": ("omero.web.allowed_hosts", as_json(st.lists(TEXT, max_size=3))),
    "ADMINS": ("omero.web.admins", as_json(st.lists(st.tuples(TEXT, TEXT).map(list), max_size=3))),
    "SHARING_TWITTER": ("omero.web.sharing.twitter", as_json(st.dictionaries(TEXT, TEXT, max_size=3))),
    "CENTER_PLUGINS": (
        "omero.web.ui.center_plugins",
        as_json(st.lists(st.tuples(TEXT, TEXT, TEXT).map(list), max_size=2)),
    ),
    "CACHES": (
        "omero.web.caches",
        as_json(
            st.dictionaries(TEXT, JSON.map(lambda value: {"BACKEND": "a.B", "OPTIONS": value}), max_size=2)
        ),
    ),
    "LOGIN_REDIRECT": (
        "omero.web.login_redirect",
        as_json(st.fixed_dictionaries({}, optional={"viewname": TEXT, "args": st.lists(JSON, max_size=3)})),
    ),
    "TEMPLATE_DIRS": ("omero.web.template_dirs", as_json(st.lists(TEXT, max_size=2))),
    "STATIC_ROOT": (
        "omero.web.static_root",
        PATHS.map(lambda path: (path, posixpath.normpath(path.strip()))),
    ),
    "SECRET_KEY": ("omero.web.secret_key", same(TEXT.filter(lambda text: bool(text.strip())))),
    "EMAIL_HOST_PASSWORD": ("omero.mail.password", unless_blank(TEXT.filter(lambda text: "${" not in text))),
}
ADDITIONAL = st.dictionaries(st.from_regex(r"X_[A-Z][A-Z0-9_]{0,8}", fullmatch=True), JSON, max_size=4)
#: What the module says of a setting that has no value; elsewhere it says nothing.
WITHOUT_A_VALUE = {"BASE_INCLUDE_TEMPLATE": None, "EMAIL_HOST_PASSWORD": ""}


def executed(overrides: dict[str, str]) -> dict[str, Any]:
    """The names of the module for these properties."""
    names: dict[str, Any] = {"__name__": MODULE}
    loaded = omerogen.load(overrides={"omero.web.secret_key": "x", **overrides})
    exec(compile(omerogen.render("django", loaded), MODULE, "exec"), names)  # noqa: S102 - it is ours
    return names


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({name: strategy for name, (_, strategy) in SETTINGS.items()}), ADDITIONAL)
def test_values_are_what_the_properties_mean(cases: dict[str, Case], additional: dict[str, Any]) -> None:
    """Every setting has the value that its property's text means, whatever the text: 27 of them each time."""
    overrides = {SETTINGS[name][0]: text for name, (text, _) in cases.items()}
    overrides["omero.web.django_additional_settings"] = json.dumps([[*pair] for pair in additional.items()])
    module = executed(overrides)
    wanted = {**{name: value for name, (_, value) in cases.items()}, **additional}
    for name, value in wanted.items():
        if value is None and name in SETTINGS:
            assert module.get(name, "nothing") == WITHOUT_A_VALUE.get(name, "nothing"), name
        else:
            assert (type(module[name]), module[name]) == (type(value), value), name
    assert module["MANAGERS"] == module["ADMINS"]
    assert module["TEMPLATES"][0]["DIRS"] == wanted["TEMPLATE_DIRS"]


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(TEXT)
def test_regular_expressions_are_the_same(text: str) -> None:
    """A pattern is compiled to the same pattern, or refused by its property's name."""
    for pattern in (text, re.escape(text), f"^/({text})"):
        try:
            module = executed({"omero.web.public.url_filter": pattern})
        except omerogen.OmerogenError as error:
            assert "omero.web.public.url_filter" in str(error)
        else:
            assert module["PUBLIC_URL_FILTER"] == re.compile(pattern)


def test_django_reads_the_same_values(djangos: dict[str, Path], tmp_path: Path) -> None:
    """Texts survive the way through the file into Django's settings, in a C locale too."""
    texts = [text for text in generated(TEXT, 300) if text]
    overrides = {
        "omero.web.secret_key": "x",
        "omero.web.django_additional_settings": json.dumps([["X_TEXTS", texts]]),
    }
    write_settings(tmp_path, omerogen.load(overrides=overrides, omerodir=tmp_path / "omero"))
    question = "import json; from django.conf import settings; print(json.dumps(settings.X_TEXTS))"
    for programs in djangos.values():
        environment = {
            **django_environment(tmp_path),
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        }
        assert json.loads(accepted([programs / "python", "-c", question], env=environment)) == texts
