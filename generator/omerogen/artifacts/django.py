"""OMERO.web's Django settings: every property that becomes one, and the fixed ones beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from omerogen import catalog
from omerogen.artifacts.base import Artifact, File, always
from omerogen.derive import tls
from omerogen.derive.fields import Context, field
from omerogen.model.errors import Problem
from omerogen.model.property import Property
from omerogen.templating.escape import Name

_STATIC_STORAGE = "omero.web.pipeline_staticfile_storage"
_SERIALIZER = "omero.web.session_serializer"
_PROXY_HEADER = "omero.web.secure_proxy_ssl_header"
_SECURE_COOKIES = ("omero.web.session_cookie_secure", "omero.web.csrf_cookie_secure")
_PICKLE = "django.contrib.sessions.serializers.PickleSerializer"
#: OMERO.web 5.33 reads these without asking whether they are there.
_NONE_IF_UNSET = ("BASE_INCLUDE_TEMPLATE", "INDEX_TEMPLATE")
_APPS_BEFORE = ("staticfiles", "auth", "contenttypes", "sessions", "sites")
_APPS_AFTER = ("feedback", "webadmin", "webclient", "webgateway", "webredirect", "api")


class Setting(NamedTuple):
    """An assignment of the module, and the property it comes from."""

    name: Name
    value: Any
    source: Name


class DjangoContext(Context):
    """Fields of the Django settings module."""

    @field
    def settings_of_properties(self) -> list[Setting]:
        """One assignment for each property that becomes a setting and has a value, by setting."""
        rows = list(catalog.django_settings())
        current = {row.django for row in rows if row.status != "deprecated"}
        found = [
            self._setting(row) for row in rows if row.status != "deprecated" or row.django not in current
        ]
        return sorted((setting for setting in found if setting), key=lambda setting: setting.name)

    def _setting(self, row: Property[Any]) -> Setting | None:
        """The assignment of one property; None if the setting is to be left out."""
        if row.name == _STATIC_STORAGE and self.sets_storages:
            return None
        source = self.settings.stand_in(row.name)
        convert = _CONVERSIONS.get(row.name, DjangoContext._as_it_is)
        value = convert(self, source)
        if value is None and row.default is None and row.django not in _NONE_IF_UNSET:
            return None
        return Setting(Name(row.django), "" if value is None and row.default == "" else value, Name(source))

    def _as_it_is(self, name: str) -> Any:
        return self.settings[name]

    def _static_root(self, name: str) -> str:
        return self.settings.path(name)

    def _server_list(self, name: str) -> Any:
        if self.settings.is_set(name):
            return self.settings[name]
        host = self.settings["omero.master.host"] or self.settings["Ice.Default.Host"] or "localhost"
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
        origins = [origin if urlsplit(origin).scheme else f"https://{origin}" for origin in wildcard]
        return list(dict.fromkeys([*origins, *tls.origins(self.options)]))

    @field
    def middleware(self) -> tuple[str, ...]:
        """The middleware classes, in the order of their indexes."""
        classes = self.settings["omero.web.middleware"]
        return tuple(item["class"] for item in sorted(classes, key=lambda item: item["index"]))

    @field
    def installed_apps(self) -> tuple[str, ...]:
        """Django's applications, the site's, OMERO.web's."""
        return (
            *(f"django.contrib.{app}" for app in _APPS_BEFORE),
            *self.settings["omero.web.apps"],
            *(f"omeroweb.{app}" for app in _APPS_AFTER),
            "pipeline",
        )

    @field
    def debug(self) -> bool:
        """Whether Django shows its errors to everybody."""
        return bool(self.settings["omero.web.debug"])

    @field
    def logger_level(self) -> str:
        """How much the loggers let through."""
        return "DEBUG" if self.debug else "INFO"

    @field
    def log_file(self) -> str:
        """The log of OMERO.web."""
        return posixpath.join(self.settings.path("omero.web.logdir"), "OMEROweb.log")

    @field
    def template_folders(self) -> list[str]:
        """The site's own folders of templates."""
        return list(self.settings["omero.web.template_dirs"])

    @field
    def omerodir(self) -> str:
        """The OMERO directory."""
        return self.settings.omerodir

    @field
    def makes_key(self) -> bool:
        """Whether the module has to make or read a secret key, since none was set."""
        return not self.settings.is_set("omero.web.secret_key")

    @field
    def has_pickle(self) -> bool:
        """Whether sessions are pickled, which Django 5 cannot do."""
        return bool(self.settings[_SERIALIZER] == _PICKLE)

    @field
    def additional(self) -> list[Setting]:
        """The site's own settings, which override all the rest."""
        name = "omero.web.django_additional_settings"
        return [Setting(Name(key), value, Name(name)) for key, value in self.settings[name]]

    @field
    def sets_storages(self) -> bool:
        """Whether the site says itself how files are stored."""
        return any(setting.name == "STORAGES" for setting in self.additional)

    def warnings(self) -> list[Problem]:
        """That pickled sessions are a thing of the past, and cookies not for all to see."""
        return [*self._pickled_sessions(), *self._open_cookies()]

    def _pickled_sessions(self) -> Iterator[Problem]:
        if self.has_pickle and self.settings.is_set(_SERIALIZER):
            where = self.settings.origin(_SERIALIZER).where
            message = f"{_SERIALIZER} is PickleSerializer: Django 5 has none, and gets JSONSerializer"
            advice = "set it to django.contrib.sessions.serializers.JSONSerializer"
            yield Problem(where, message, advice, "pickled-sessions", (_SERIALIZER,))

    def _open_cookies(self) -> Iterator[Problem]:
        """A site that tells of its proxy by a property, where only ``--tls`` is heard by nginx and Django."""
        told = self.settings.is_set(_PROXY_HEADER) and self.settings[_PROXY_HEADER]
        if told and self.options["tls"] is None and not any(map(self.settings.is_set, _SECURE_COOKIES)):
            where = self.settings.origin(_PROXY_HEADER).where
            message = f"{_PROXY_HEADER} tells of HTTPS, but browsers send the cookies without it too"
            advice = f"give --tls proxy, or set {' and '.join(_SECURE_COOKIES)} to true"
            yield Problem(where, message, advice, "cookies-without-https", (_PROXY_HEADER, *_SECURE_COOKIES))


#: Properties whose value is not what Django wants; all others are.
_CONVERSIONS = {
    "omero.web.static_root": DjangoContext._static_root,
    "omero.web.server_list": DjangoContext._server_list,
    _PROXY_HEADER: DjangoContext._proxy_header,
    **dict.fromkeys(_SECURE_COOKIES, DjangoContext._secure_cookie),
    "omero.web.csrf_trusted_origins": DjangoContext._trusted_origins,
}

ARTIFACT = Artifact(
    "django",
    DjangoContext,
    lambda options: "django/settings.py.j2",
    always(File("django/omeroweb_settings.py")),
    options=tls.OPTIONS,
    examples=({}, {"tls": "proxy", "servername": "omero.example.org"}),
)
