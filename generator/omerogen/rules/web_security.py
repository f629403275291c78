"""Rules about who gets into OMERO.web: origins, sessions, keys, the public user."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from omerogen.catalog.web_security import (
    WEB_ALLOWED_HOSTS,
    WEB_CORS_ORIGIN_ALLOW_ALL,
    WEB_CSRF_TRUSTED_ORIGINS,
    WEB_PUBLIC_ENABLED,
    WEB_PUBLIC_PASSWORD,
    WEB_PUBLIC_URL_FILTER,
    WEB_PUBLIC_USER,
    WEB_SECRET_KEY,
    WEB_SECURE_PROXY_SSL_HEADER,
    WEB_SESSION_ENGINE,
)
from omerogen.catalog.web_server import (
    WEB_CACHES,
    WEB_DATABASES,
    WEB_DEBUG,
    WEB_DJANGO_ADDITIONAL_SETTINGS,
    WEB_PREFIX,
)
from omerogen.derive.web import additional_setting, workers
from omerogen.rules.registry import ERROR, WARNING, Breach, View, rule

_USUAL_PORTS = {"https": 443, "http": 80}


def _django(setting: str) -> str:
    return f"https://docs.djangoproject.com/en/5.2/ref/settings/#{setting}"


@rule(
    "origin-never-matches",
    WARNING,
    "a trusted origin is not one that a browser sends",
    bad='omero.web.csrf_trusted_origins=["https://omero.example.org/"]',
    good='omero.web.csrf_trusted_origins=["https://omero.example.org"]',
    reference=_django("csrf-trusted-origins"),
)
def origin_never_matches(site: View) -> Iterator[Breach]:
    """A browser sends an origin as scheme, host and a port other than the usual one, in lower case.

    Django compares it with these texts. One with a slash at its end, with a path, in upper case or with
    the usual port never matches, so that forms are refused, the login too. One without a scheme is taken
    for https.
    """
    row = WEB_CSRF_TRUSTED_ORIGINS.name
    for origin in site.settings[WEB_CSRF_TRUSTED_ORIGINS]:
        sent = as_sent(origin)
        if sent != origin and "://" in origin:
            message = f"{row} has {shown_origin(origin)!r}, which no browser sends: it never matches"
            yield Breach(message, f"write {sent!r}", (row,))


def as_sent(origin: str) -> str:
    """The origin as a browser sends it. Of one with an asterisk Django compares the host, in any case."""
    parts = urlsplit(origin.strip())
    place = parts.netloc.rpartition("@")[2].rstrip(":")
    if place.startswith("*"):
        return origin
    host, colon, port = place.rpartition(":")
    usual = colon and port == str(_USUAL_PORTS.get(parts.scheme.lower()))
    every = "*" if place.startswith(".") else ""
    return f"{parts.scheme}://{every}{host if usual else place}".lower()


def shown_origin(origin: str) -> str:
    """The origin without a name and password that it may have."""
    scheme, _, rest = origin.rpartition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if scheme else rest.rpartition("@")[2]


@rule(
    "origin-without-scheme",
    WARNING,
    "a trusted origin has no scheme",
    bad='omero.web.csrf_trusted_origins=["omero.example.org"]',
    good='omero.web.csrf_trusted_origins=["https://omero.example.org"]',
    reference=_django("csrf-trusted-origins"),
)
def origin_without_scheme(site: View) -> Iterator[Breach]:
    """OMERO.web does not start with one since Django 4. The generated module takes it for https."""
    row = WEB_CSRF_TRUSTED_ORIGINS
    for origin in site.settings[row]:
        if "://" not in origin:
            meant = as_sent(f"https://{origin.strip().lstrip('/')}")
            message = f"{row.name} has {shown_origin(origin)!r} without a scheme"
            yield Breach(message, f"write {meant!r}", (row.name,))


@rule(
    "proxy-header-without-proxy",
    WARNING,
    "clients can say that they use HTTPS",
    bad='omero.web.secure_proxy_ssl_header=["HTTP_X_FORWARDED_PROTO", "https"]\n--tls none',
    good='omero.web.secure_proxy_ssl_header=["HTTP_X_FORWARDED_PROTO", "https"]\n--tls proxy'
    "\n--servername omero.example.org",
    reference=_django("secure-proxy-ssl-header"),
)
def proxy_header_without_proxy(site: View) -> Iterator[Breach]:
    """Django believes the header. Without a proxy in front that sets it, it is what the client sends."""
    row = WEB_SECURE_PROXY_SSL_HEADER
    if site.settings[row] and site.option("tls", "nginx") == "none":
        yield Breach(
            f"{row.name} is set, and TLS ends nowhere", "give --tls proxy, or remove it", (row.name,)
        )


@rule(
    "any-host",
    WARNING,
    "OMERO.web answers for any host name",
    bad='omero.web.allowed_hosts=["*"]\n--servername omero.example.org',
    good='omero.web.allowed_hosts=["omero.example.org"]\n--servername omero.example.org',
    reference=_django("allowed-hosts"),
)
def any_host(site: View) -> Iterator[Breach]:
    """The names of the site are known, so that others can be refused: links in mails are made of them."""
    row = WEB_ALLOWED_HOSTS
    names = [name.removeprefix("*") for name in site.option("servername", "nginx") if name[0] not in "$_~"]
    names = [name for name in names if "*" not in name]  # Django has no others than a leading dot
    if names and site.settings.is_set(row) and "*" in site.settings[row]:
        hosts = ", ".join(f'"{name}"' for name in names)
        yield Breach(f"{row.name} has *", f"omero config set {row.name} '[{hosts}]'", (row.name,))


@rule(
    "debug-on",
    WARNING,
    "debugging is on",
    bad="omero.web.debug=true",
    good="omero.web.debug=false",
    reference=_django("debug"),
)
def debug_on(site: View) -> Iterator[Breach]:
    """Error pages then have the settings, the code and the values of its variables."""
    additional = additional_setting(site.settings, "DEBUG")
    if additional or (site.settings[WEB_DEBUG] and additional is None):
        name = WEB_DEBUG.name if additional is None else WEB_DJANGO_ADDITIONAL_SETTINGS.name
        fix = f"omero config set {name} false" if additional is None else "take DEBUG out of it"
        yield Breach(f"{name} turns debugging on", fix, (name,))


_SHORTEST_KEY, _FEWEST_SIGNS = 50, 5


@rule(
    "weak-secret-key",
    WARNING,
    "the secret key can be guessed",
    bad="omero.web.secret_key=changeme",
    good="omero.web.secret_key=Zk3vXq8mR1tY7uPw2sLd9fGh4jNb6cVa0eQoIiUxTrMkBnHyWzSpFvDg",
    reference=_django("secret-key"),
)
def weak_secret_key(site: View) -> Iterator[Breach]:
    """It signs sessions. Django wants 50 characters, and more than a few different ones."""
    entry = site.settings.resolved(WEB_SECRET_KEY.name)
    if entry.file is not None or not site.settings.is_set(WEB_SECRET_KEY):
        return
    key = site.settings.text(WEB_SECRET_KEY)
    if len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_SIGNS or key.startswith("django-insecure"):
        fix = "remove it: OMERO.web then generates one"
        yield Breach(f"{WEB_SECRET_KEY.name} is short or simple", fix, (WEB_SECRET_KEY.name,))


def _is_additional(site: View, *names: str) -> bool:
    """Whether additional settings of Django override one of these."""
    return any(additional_setting(site.settings, name) for name in names)


@rule(
    "sessions-in-no-cache",
    ERROR,
    "sessions are kept in a cache that keeps nothing",
    bad="omero.web.session_engine=django.contrib.sessions.backends.cache",
    good="omero.web.session_engine=django.contrib.sessions.backends.file",
    reference="https://docs.djangoproject.com/en/5.2/topics/http/sessions/",
)
def sessions_in_no_cache(site: View) -> Iterator[Breach]:
    """DummyCache stores nothing, so that nobody can log in. LocMemCache is separate in each worker."""
    others = ("SESSION_ENGINE", "SESSION_CACHE_ALIAS", "CACHES")
    if _is_additional(site, *others) or not site.settings.text(WEB_SESSION_ENGINE).endswith(".cache"):
        return
    default = site.settings[WEB_CACHES].get("default") or {}
    backend = str(default.get("BACKEND", ""))
    names = (WEB_SESSION_ENGINE.name, WEB_CACHES.name)
    fix = "set omero.web.caches to a cache of Redis, or the engine to django.contrib.sessions.backends.file"
    if backend.endswith("DummyCache"):
        yield Breach("sessions are kept in DummyCache, which keeps nothing: nobody can log in", fix, names)
    elif backend.endswith("LocMemCache") and workers(site.settings) > 1:
        message = "sessions are kept in the memory of each worker: users are logged out at random"
        yield Breach(message, fix, names)


@rule(
    "sessions-without-database",
    ERROR,
    "sessions are kept in a database that is not configured",
    bad="omero.web.session_engine=django.contrib.sessions.backends.db",
    good="omero.web.session_engine=django.contrib.sessions.backends.file",
    reference="https://docs.djangoproject.com/en/5.2/topics/http/sessions/",
)
def sessions_without_database(site: View) -> Iterator[Breach]:
    """OMERO.web has a database only if `omero.web.databases` names one."""
    others = ("SESSION_ENGINE", "DATABASES")
    needs = site.settings.text(WEB_SESSION_ENGINE).endswith("db")
    if needs and not site.settings[WEB_DATABASES] and not _is_additional(site, *others):
        message = f"{WEB_SESSION_ENGINE.name} needs a database, and {WEB_DATABASES.name} has none"
        fix = f"omero config set {WEB_SESSION_ENGINE.name} django.contrib.sessions.backends.file"
        yield Breach(message, fix, (WEB_SESSION_ENGINE.name, WEB_DATABASES.name))


@rule(
    "public-user-incomplete",
    ERROR,
    "the public user cannot log in",
    bad="omero.web.public.enabled=true",
    good="omero.web.public.enabled=true\nomero.web.public.user=p\nomero.web.public.password=x"
    "\nomero.web.public.url_filter=^/webgateway",
)
def public_user_incomplete(site: View) -> Iterator[Breach]:
    """Visitors are logged in as this user: its name and password are needed."""
    lacking = [row.name for row in (WEB_PUBLIC_USER, WEB_PUBLIC_PASSWORD) if not site.settings.is_set(row)]
    if site.settings[WEB_PUBLIC_ENABLED] and lacking:
        message = f"{WEB_PUBLIC_ENABLED.name} is true without {' and '.join(lacking)}"
        yield Breach(message, f"set {' and '.join(lacking)}", (WEB_PUBLIC_ENABLED.name, *lacking))


_PUBLIC = "omero.web.public.enabled=true\nomero.web.public.user=p\nomero.web.public.password=x"


@rule(
    "public-user-nowhere",
    WARNING,
    "the public user may see nothing",
    bad=_PUBLIC,
    good=f"{_PUBLIC}\nomero.web.public.url_filter=^/webgateway",
)
def public_user_nowhere(site: View) -> Iterator[Breach]:
    """`omero.web.public.url_filter` opens pages to visitors; its default opens none."""
    if site.settings[WEB_PUBLIC_ENABLED] and not site.settings.is_set(WEB_PUBLIC_URL_FILTER):
        names = (WEB_PUBLIC_ENABLED.name, WEB_PUBLIC_URL_FILTER.name)
        prefix = str(site.settings[WEB_PREFIX] or "").rstrip("/")
        fix = f"omero config set {names[1]} '^{prefix}/(webgateway|iviewer)'"
        yield Breach(f"{names[0]} is true without {names[1]}", fix, names)


@rule(
    "public-user-everywhere",
    WARNING,
    "the public user may see every page",
    bad=f"{_PUBLIC}\nomero.web.public.url_filter=.*",
    good=f"{_PUBLIC}\nomero.web.public.url_filter=^/(?!webadmin)",
)
def public_user_everywhere(site: View) -> Iterator[Breach]:
    """Visitors see what `omero.web.public.url_filter` matches; the pages of webadmin change users."""
    row = WEB_PUBLIC_URL_FILTER
    prefix = str(site.settings[WEB_PREFIX] or "").rstrip("/")
    if not site.settings[WEB_PUBLIC_ENABLED] or not site.settings.is_set(row):
        return
    if re.match(site.settings.text(row), f"{prefix}/webadmin/"):
        fix = f"omero config set {row.name} '^{prefix}/(webgateway|iviewer)'"
        yield Breach(f"{row.name} opens every page, webadmin too", fix, (row.name,))


@rule(
    "cors-for-everybody",
    WARNING,
    "pages of any site may use OMERO.web",
    bad="omero.web.cors_origin_allow_all=true",
    good='omero.web.cors_origin_whitelist=["https://pages.example.org"]',
)
def cors_for_everybody(site: View) -> Iterator[Breach]:
    """Scripts on such pages act with the rights of a visitor who is logged in to OMERO.web."""
    row = WEB_CORS_ORIGIN_ALLOW_ALL
    if site.settings[row]:
        yield Breach(f"{row.name} is true", "list the sites in omero.web.cors_origin_whitelist", (row.name,))
