"""``compare django``: the settings of an installed OMERO.web against those of our module."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from omerogen import artifacts, catalog
from omerogen.artifacts import rendering
from omerogen.catalog.web_security import WEB_SECRET_KEY
from omerogen.catalog.web_server import WEB_DJANGO_ADDITIONAL_SETTINGS
from omerogen.comparing.result import CompareResult, Difference
from omerogen.model import Location, Problem, Property, note
from omerogen.secrets.patterns import HIDDEN, cleared
from omerogen.secrets.shapes import is_secret_name
from omerogen.settings import Settings, redact
from omerogen.values.base import Invalid
from omerogen.values.json import dumps
from omerogen.values.patterns import Pattern
from omerogen.verify import django_settings

_ABSENT = object()
#: By the name of each setting that differs, the values of both.
_Values = Mapping[str, tuple[Any, Any]]
#: Before the type of a value that JSON has not, as the probe writes it.
_PYTHON = "python:"
_REGEX = f"{_PYTHON}re.Pattern"
#: Settings that are made of others.
_FOLLOWS = {
    "LOGGING": "DEBUG",
    "TEMPLATES": "DEBUG",
    "MANAGERS": "ADMINS",
    "INSTALLED_APPS": "ADDITIONAL_APPS",
}
#: Names in OMERO.web's module that are not settings of Django: what it has read, and tables of its own.
_INTERNAL = Pattern(
    r"(?:CUSTOM|INTERNAL|DEVELOPMENT|DEPRECATED)_SETTINGS\w*|ALL_SERVER_TYPES|CONFIG_XML|DEFAULT_S\w+|DEVELOPMENT"
    r"|FULL_REQUEST_LOGFORMAT|STANDARD_LOGFORMAT|LOGDIR|LOGGING_CLASS|LOGSIZE|SESSION_ENGINE_VALUES|WSGI|WSGITCP"
    r"|WSGI_TYPES|PIPELINE_\w+|SETTINGS_MODULE|OMERODIR|OMERO_\w+"
)
#: Settings that OMERO.web leaves empty and ours do not, and why; docs/compare.md has the sentences.
EXPLAINED = {
    "EMAIL_HOST": "None there, so that no mail can be sent; here Django's default",
    "EMAIL_HOST_USER": "None there and empty here: both send without a login",
    "EMAIL_HOST_PASSWORD": "None there and empty here: both send without a login",
    "PLATE_DOWNLOAD_ENABLED": "OMERO.web leaves its own default out",
    "SECURE_PROXY_SSL_HEADER": "an empty list there and None here: both mean that there is no proxy",
    "SEND_BROKEN_LINK_EMAILS": "OMERO.web leaves its own default out",
    "SERVER_EMAIL": "None there; here the address that Django sends its mail from",
    "STORAGES": "Django 5.1 does not read STATICFILES_STORAGE any more; here it has its effect",
}
#: Those that say the same on both sides only if neither has a value.
_EMPTY_ON_BOTH = {"SECURE_PROXY_SSL_HEADER"}
_EMPTY: tuple[Any, ...] = (None, "", [], _ABSENT)


def compare(settings: Settings, module: str, options: Mapping[str, Any], python: str = "") -> CompareResult:
    """How the settings of a module differ from ours; its own Python is asked for both.

    Raises `SourceError` if the module cannot be imported.
    """
    artifact = artifacts.get("django")
    own = artifact.own({name: value for name, value in options.items() if value is not None})
    has_key = settings.is_set(WEB_SECRET_KEY)
    # Without a key ours would make one.
    rendered = settings if has_key else settings.changed({WEB_SECRET_KEY.name: HIDDEN})
    made = rendering.render("django", rendered, own)
    answer = django_settings.ask(module, made.text, settings.omerodir, python)
    secrets = redact.secrets(settings.entries())
    skipped = {name for name in answer.yours if _INTERNAL.fullmatch(name)}
    skipped |= {WEB_DJANGO_ADDITIONAL_SETTINGS.django or ""}  # what they set is compared
    skipped |= set() if has_key else {"SECRET_KEY"}
    values = {
        name: (answer.yours.get(name, _ABSENT), answer.ours.get(name, _ABSENT))
        for name in sorted({*answer.yours, *answer.ours} - skipped)
    }
    differing = {name: both for name, both in values.items() if both[0] != both[1]}
    found = (_difference(module, name, differing, secrets, settings) for name in differing)
    notes = _notes(module, answer, has_key=has_key)
    return CompareResult(module, tuple(found), tuple(notes), made.warnings)


def _notes(module: str, answer: django_settings.Answer, *, has_key: bool) -> Iterator[Problem]:
    """Who was asked, and what was not compared."""
    place = Location.program("django", module)
    yield note(place, f"settings of {answer.python}, with Django {answer.version}")
    if internal := sum(map(bool, map(_INTERNAL.fullmatch, answer.yours))):
        yield note(place, f"not compared: {internal} names that OMERO.web has for itself, as CUSTOM_SETTINGS")
    if not has_key:
        message = f"not compared: SECRET_KEY, as {WEB_SECRET_KEY.name} is not set and a file has the key"
        yield note(place, message)


def _difference(
    module: str, name: str, differing: _Values, secrets: list[str], settings: Settings
) -> Difference:
    yours, ours = (None if value is _ABSENT else _shown(name, value, secrets) for value in differing[name])
    if _is_explained(name, *differing[name]):
        fix = f"deliberate: {EXPLAINED[name]}"
        return Difference(name, module, yours, ours, fix, "", f"django-{name}", expressible=False)
    cause = _FOLLOWS.get(name, "")
    if _is_as_set(name, differing[name][0], settings):
        its = "yours is Django's default" if yours is None else "the site has it already"
        fix = f"cannot be expressed: {its}; an option, such as --tls, or a default of OMERO.web changes ours"
    elif cause in differing:
        fix = f"follows from {cause}: {_fix(cause, differing[cause][0], secrets)}"
    else:
        fix = _fix(name, differing[name][0], secrets)
    return Difference(name, module, yours, ours, fix, expressible=not fix.startswith("cannot"))


def _is_as_set(name: str, yours: Any, settings: Settings) -> bool:
    """Whether the property says what yours is, so that setting it would change nothing."""
    row = _row(name)
    if row is None:
        return False
    if yours is _ABSENT:
        return not settings.is_set(row)
    return settings.is_set(row) and settings.resolved(row.name).text in [*_texts(yours)]


def _is_explained(name: str, yours: Any, ours: Any) -> bool:
    is_empty = any(yours is empty or yours == empty for empty in _EMPTY)
    return name in EXPLAINED and is_empty and (name not in _EMPTY_ON_BOTH or ours in (None, _ABSENT))


def _shown(name: str, value: Any, secrets: list[str]) -> str:
    if is_secret_name(name) or _is_secret_row(_row(name)):
        return HIDDEN if value not in (None, "") else dumps(value)
    return redact.scrub(cleared(dumps(value)), secrets)


def _is_secret_row(row: Property[Any] | None) -> bool:
    return row is not None and (row.secret or is_secret_name(row.name))


def _row(name: str) -> Property[Any] | None:
    rows = (row for row in catalog.django_settings() if row.django == name and row.status != "deprecated")
    return next(rows, None)


def _fix(name: str, yours: Any, secrets: list[str]) -> str:
    """The property that gives the setting this value, as a ready line; a secret is not a part of it."""
    row = _row(name)
    if row is not None and yours is _ABSENT:
        return f"omero config set -- {row.name}"
    shown = None if yours is _ABSENT else _shown(name, yours, secrets)
    is_hidden = shown is not None and HIDDEN in shown
    if row is not None and (is_hidden or _is_secret_row(row)):
        return f"omero config set -- {row.name} VALUE (a secret, not shown)"
    for text in _texts(yours) if row is not None else ():
        if row is not None and _is_legal(row, text):
            return f"omero config set -- {row.name} {shlex.quote(text)}".rstrip()
    if yours is _ABSENT:
        return "cannot be expressed: omerogen sets it for every site"
    if kind := _kind(yours):
        return f"cannot be expressed: a property has no {kind}"
    value = "VALUE (a secret, not shown)" if is_hidden else dumps(yours)
    pair = f"[{dumps(name)}, {value}]"
    return f"omero config append -- {WEB_DJANGO_ADDITIONAL_SETTINGS.name} {shlex.quote(pair)}"


def _texts(value: Any) -> Iterator[str]:
    """The texts that a property may have for a value."""
    if value is None:
        yield ""
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict) and value.keys() == {_REGEX}:
        yield str(value[_REGEX])
    elif not _kind(value):
        yield dumps(value)


def _kind(value: Any) -> str:
    """The type of a value, or of the first of its members, that JSON has not; empty if it has all."""
    if isinstance(value, dict):
        named = (key.removeprefix(_PYTHON) for key in value if key.startswith(_PYTHON))
        return next(named, "") or next(filter(None, map(_kind, value.values())), "")
    return next(filter(None, map(_kind, value)), "") if isinstance(value, list) else ""


def _is_legal(row: Property[Any], text: str) -> bool:
    """Whether a property takes a text, and becomes the value that the text has in JSON."""
    try:
        value = row.kind.parse(text)
    except Invalid:
        return False
    return not isinstance(value, re.Pattern) or value.pattern == text
