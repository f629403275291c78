"""OMERO.web's Django settings: every property that becomes one, and the fixed ones beside them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from omerogen import catalog
from omerogen.artifacts.base import Artifact, File, always
from omerogen.catalog.server import ICE_DEFAULT_HOST, MASTER_HOST
from omerogen.catalog.web_security import (
    WEB_CSRF_COOKIE_SECURE,
    WEB_CSRF_TRUSTED_ORIGINS,
    WEB_SECRET_KEY,
    WEB_SECURE_PROXY_SSL_HEADER,
    WEB_SESSION_COOKIE_SECURE,
    WEB_SESSION_SERIALIZER,
)
from omerogen.catalog.web_server import (
    WEB_APPS,
    WEB_DEBUG,
    WEB_DJANGO_ADDITIONAL_SETTINGS,
    WEB_LOGDIR,
    WEB_MIDDLEWARE,
    WEB_PIPELINE_STATICFILE_STORAGE,
    WEB_SERVER_LIST,
    WEB_STATIC_ROOT,
    WEB_TEMPLATE_DIRS,
)
from omerogen.derive import tls
from omerogen.derive.fields import field
from omerogen.derive.web import PrefixFields
from omerogen.model import Items, Problem, Property, warning
from omerogen.templating.escape import Name
from omerogen.values.base import Invalid
from omerogen.values.json import loads

#: How the names begin that OMERO.web and its plugins read.
WEB = "omero.web."
_SECURE_COOKIES = (WEB_SESSION_COOKIE_SECURE, WEB_CSRF_COOKIE_SECURE)
_PICKLE = "django.contrib.sessions.serializers.PickleSerializer"
#: OMERO.web 5.33 reads these without checking that they exist.
_NONE_IF_UNSET = ("BASE_INCLUDE_TEMPLATE", "INDEX_TEMPLATE")
_APPS_BEFORE = ("staticfiles", "auth", "contenttypes", "sessions", "sites")
_APPS_AFTER = ("feedback", "webadmin", "webclient", "webgateway", "webredirect", "api")


class Setting(NamedTuple):
    """An assignment of the module, and the property it comes from."""

    name: Name
    value: Any
    source: Name


@cache
def _rows() -> tuple[Property[Any], ...]:
    """The properties that become settings, by setting; deprecated ones alone that have no successor."""
    rows = list(catalog.django_settings())
    current = {row.django for row in rows if row.status != "deprecated"}
    counting = (row for row in rows if row.status != "deprecated" or row.django not in current)
    return tuple(sorted(counting, key=lambda row: row.django))


@cache
def _names() -> frozenset[str]:
    return frozenset(row.name for row in catalog.django_settings())


class DjangoContext(PrefixFields):
    """Fields of the Django settings module."""

    #: Django's applications, and OMERO.web's, before and after the site's.
    apps_before = tuple(f"django.contrib.{app}" for app in _APPS_BEFORE)
    apps_after = (*(f"omeroweb.{app}" for app in _APPS_AFTER), "pipeline")

    @field
    def settings_of_properties(self) -> Items[Setting]:
        """One assignment for each property that becomes a setting and has a value, by setting."""
        return self.some(_rows(), self._setting)

    def _setting(self, row: Property[Any]) -> Setting | None:
        """The assignment of one property; None if the setting is to be left out."""
        if row is WEB_PIPELINE_STATICFILE_STORAGE and self.sets_storages:
            return None
        source = self.settings.effective_name(row)
        convert = _CONVERSIONS.get(row, DjangoContext._as_it_is)
        value = convert(self, source)
        if value is None and row.default is None and row.django not in _NONE_IF_UNSET:
            return None
        return Setting(Name(row.django), "" if value is None and row.default == "" else value, Name(source))

    def _as_it_is(self, name: str) -> Any:
        return self.settings[name]

    def _server_list(self, name: str) -> Any:
        if self.settings.is_set(name):
            return self.settings[name]
        host = self.settings[MASTER_HOST] or self.settings[ICE_DEFAULT_HOST] or "localhost"
        return [[host, 4064, "omero"]]

    def _proxy_header(self, name: str) -> Any:
        header = self.settings[name]
        if not header and tls.is_on(self.options):
            header = [tls.FORWARDED_PROTO, "https"]
        return tuple(header) if header else None

    def _secure_cookie(self, name: str) -> Any:
        return self.settings[name] if self.settings.is_set(name) else tls.is_on(self.options)

    def _trusted_origins(self, name: str) -> list[str]:
        """Origins with their scheme, as Django wants them since 4.0, and those of this site."""
        wildcard = [f"*{origin}" if origin.startswith(".") else origin for origin in self.settings[name]]
        origins = map(_with_scheme, wildcard)
        return list(dict.fromkeys([*origins, *tls.origins(self.options)]))

    @field
    def middleware(self) -> tuple[str, ...]:
        """The middleware classes, in the order of their indexes."""
        classes = self.settings[WEB_MIDDLEWARE]
        return tuple(item["class"] for item in sorted(classes, key=lambda item: item["index"]))

    @field
    def own_apps(self) -> list[str]:
        """The site's applications."""
        return self.settings[WEB_APPS]

    @field
    def properties(self) -> Items[tuple[str, str]]:
        """The site's properties that OMERO.web and its plugins read, as texts."""
        names = {*self.settings.names_set(WEB), *_names()}
        return self.some(sorted(names), self._property)

    def _property(self, name: str) -> tuple[str, str] | None:
        return (name, _plain(self.settings.text(name))) if self.settings.is_set(name) else None

    @field
    def debug(self) -> bool:
        """Whether Django shows its error pages to every visitor."""
        return self.settings[WEB_DEBUG]

    @field
    def logger_level(self) -> str:
        """How much the loggers let through."""
        return "DEBUG" if self.debug else "INFO"

    @field
    def log_file(self) -> str:
        """The log of OMERO.web."""
        return posixpath.join(self.settings.path(WEB_LOGDIR), "OMEROweb.log")

    @field
    def template_folders(self) -> list[str]:
        """The site's own folders of templates."""
        return self.settings[WEB_TEMPLATE_DIRS]

    @field
    def omerodir(self) -> str:
        """The OMERO directory."""
        return self.settings.omerodir

    @field
    def makes_key(self) -> bool:
        """Whether the module has to make or read a secret key, since none was set."""
        return not self.settings.is_set(WEB_SECRET_KEY)

    @field
    def has_pickle(self) -> bool:
        """Whether sessions are pickled, which Django 5 cannot do."""
        return self.settings[WEB_SESSION_SERIALIZER] == _PICKLE

    @field
    def additional(self) -> list[Setting]:
        """The site's own settings, which override all the rest."""
        row = WEB_DJANGO_ADDITIONAL_SETTINGS
        return [Setting(Name(key), value, Name(row.name)) for key, value in self.settings[row]]

    @field
    def sets_storages(self) -> bool:
        """Whether the site says itself how files are stored."""
        return any(setting.name == "STORAGES" for setting in self.additional)

    def warnings(self) -> list[Problem]:
        """Pickled sessions, and properties that contradict the answer to where TLS is terminated."""
        return [*self._pickled_sessions(), *self._open_cookies(), *self._cookies(), *self._other_header()]

    def _pickled_sessions(self) -> Iterator[Problem]:
        row = WEB_SESSION_SERIALIZER
        if self.has_pickle and self.settings.is_set(row):
            message = f"{row.name} is PickleSerializer: Django 5 has none, and gets JSONSerializer"
            advice = "set it to django.contrib.sessions.serializers.JSONSerializer"
            yield warning(self.settings.origin(row), message, advice, "pickled-sessions", (row.name,))

    def _open_cookies(self) -> Iterator[Problem]:
        """A warning if a property declares a proxy: only ``--tls`` configures nginx and Django alike."""
        header = WEB_SECURE_PROXY_SSL_HEADER
        has_proxy = self.settings.is_set(header) and self.settings[header]
        if has_proxy and self.options["tls"] is None and not any(map(self.settings.is_set, _SECURE_COOKIES)):
            names = tuple(row.name for row in _SECURE_COOKIES)
            message = f"{header.name} declares HTTPS, but the session cookies are not marked secure"
            advice = f"give --tls nginx or proxy, by where TLS ends, or set {' and '.join(names)} to true"
            rule, origin = "cookies-without-https", self.settings.origin(header)
            yield warning(origin, message, advice, rule, (header.name, *names))

    def _cookies(self) -> Iterator[Problem]:
        """Warnings about settings of cookies that contradict ``--tls``."""
        if self.options["tls"] is None:
            return
        has_tls = tls.is_on(self.options)
        for row in _SECURE_COOKIES:
            if not self.settings.is_set(row) or self.settings[row] == has_tls:
                continue
            if has_tls:
                message, rule = "browsers send the cookie without HTTPS, too", "cookies-without-https"
            else:
                message = "without HTTPS browsers do not send the cookie, so that nobody can log in"
                rule = "secure-cookies-without-https"
            origin, shown = self.settings.origin(row), str(self.settings[row]).lower()
            advice = f"remove it: it follows from --tls {self.options['tls']}"
            yield warning(origin, f"{row.name} is {shown}: {message}", advice, rule, (row.name,))

    def _other_header(self) -> Iterator[Problem]:
        """A value of the header that nginx does not send: Django takes HTTPS for HTTP, and refuses logins."""
        row = WEB_SECURE_PROXY_SSL_HEADER
        header = self.settings[row]
        if self.options["tls"] == "nginx" and header and header[1] != "https":
            message = f"{row.name}: nginx sends https, not {header[1]!r}, so that Django takes HTTPS for HTTP"
            yield warning(
                self.settings.origin(row),
                message,
                "remove it: it follows from --tls nginx",
                "proxy-header-not-sent",
                (row.name,),
            )


def _with_scheme(origin: str) -> str:
    from urllib.parse import urlsplit  # late: few sites have origins

    return origin if urlsplit(origin).scheme else f"https://{origin}"


def _plain(text: str) -> str:
    """A list or mapping as JSON in one form, whatever the form of its source."""
    if not text.lstrip().startswith(("[", "{")):
        return text
    try:
        return json.dumps(loads(text))
    except Invalid:
        return text


#: Properties whose value differs from the one of the Django setting.
_CONVERSIONS: dict[Property[Any], Callable[[DjangoContext, str], Any]] = {
    WEB_STATIC_ROOT: lambda context, name: context.settings.path(name),
    WEB_SERVER_LIST: DjangoContext._server_list,
    WEB_SECURE_PROXY_SSL_HEADER: DjangoContext._proxy_header,
    **dict.fromkeys(_SECURE_COOKIES, DjangoContext._secure_cookie),
    WEB_CSRF_TRUSTED_ORIGINS: DjangoContext._trusted_origins,
}

ARTIFACT = Artifact(
    "django",
    DjangoContext,
    lambda options: "django/settings.py.j2",
    always(File("django/omeroweb_settings.py")),
    options=tls.OPTIONS,
    examples=({}, {"tls": "proxy", "servername": "omero.example.org"}),
)
