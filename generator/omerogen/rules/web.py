"""Rules about how OMERO.web runs, and what its pages are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omerogen.catalog.web_security import WEB_SECURE_PROXY_SSL_HEADER, WEB_SESSION_COOKIE_SECURE
from omerogen.catalog.web_server import (
    WEB_APPS,
    WEB_MIDDLEWARE,
    WEB_NGINX_SERVER_EXTRA_CONFIG,
    WEB_PREFIX,
    WEB_SERVER_LIST,
    WEB_STATIC_URL,
    WEB_WSGI_ARGS,
    WEB_WSGI_WORKERS,
)
from omerogen.derive.web import gunicorn_argument, workers
from omerogen.rules.registry import ERROR, WARNING, Breach, View, rule


@rule(
    "static-outside-prefix",
    WARNING,
    "static files are not below the prefix",
    bad="omero.web.prefix=/omero\n--tls proxy\n--servername omero.example.org",
    good="omero.web.prefix=/omero\nomero.web.static_url=/omero/static/\n--tls proxy\n--servername a.org",
)
def static_outside_prefix(site: View) -> Iterator[Breach]:
    """A proxy in front, or your own server block, often passes on the prefix alone.

    Browsers then cannot load styles and images.
    """
    prefix, url = str(site.settings[WEB_PREFIX] or "").rstrip("/"), str(site.settings[WEB_STATIC_URL])
    shared = site.option("layout", "nginx") == "location" or site.option("tls", "nginx") == "proxy"
    if prefix and shared and url.startswith("/") and not url.startswith(f"{prefix}/"):
        names = (WEB_PREFIX.name, WEB_STATIC_URL.name)
        message = f"static files are at {url}, which is not below the prefix {prefix}"
        yield Breach(message, f"omero config set {names[1]} {prefix}/static/", names)


_OWN_TLS = (
    'omero.web.nginx_server_extra_config=["listen 443 ssl;", "ssl_certificate /x/c;",'
    ' "ssl_certificate_key /x/k;"]'
)


@rule(
    "tls-in-own-lines",
    WARNING,
    "nginx terminates TLS, and --tls does not say so",
    bad=_OWN_TLS,
    good=f"{_OWN_TLS}\n--tls nginx\n--servername omero.example.org",
)
def tls_in_own_lines(site: View) -> Iterator[Breach]:
    """The site's own lines of nginx enable TLS. With `--tls nginx` Django marks its cookies as secure."""
    rows = (WEB_SECURE_PROXY_SSL_HEADER, WEB_SESSION_COOKIE_SECURE)
    is_known = site.option("tls", "nginx") in ("nginx", "proxy") or any(
        site.settings.is_set(row) for row in rows
    )
    if not is_known and site.artifact("nginx").terminates_tls:  # type: ignore[attr-defined]
        row = WEB_NGINX_SERVER_EXTRA_CONFIG
        message = f"{row.name} enables TLS, and cookies are not marked secure"
        yield Breach(message, "give --tls nginx", (row.name,))


_CORS, _COMMON = "corsheaders.middleware.CorsMiddleware", "django.middleware.common.CommonMiddleware"
_CSRF = "django.middleware.csrf.CsrfViewMiddleware"


def _middleware(*classes: str) -> str:
    members = (f'{{"index": {index}, "class": "{name}"}}' for index, name in enumerate(classes, 1))
    return f"omero.web.middleware=[{', '.join(members)}]"


@rule(
    "middleware-order",
    WARNING,
    "middleware is missing, or in an order that does not work",
    bad=_middleware(_COMMON, _CORS, _CSRF),
    good=_middleware(_CORS, _COMMON, _CSRF),
    reference="https://docs.djangoproject.com/en/5.2/ref/middleware/",
)
def middleware_order(site: View) -> Iterator[Breach]:
    """Answers of CommonMiddleware have no CORS headers if it comes first.

    Without CsrfViewMiddleware forms are not protected against other sites.
    """
    row = WEB_MIDDLEWARE
    items: list[dict[str, Any]] = site.settings[row]
    found = [item["class"] for item in sorted(items, key=lambda item: item["index"])]
    if _CORS in found and _COMMON in found and found.index(_CORS) > found.index(_COMMON):
        message = f"{row.name} has CorsMiddleware after CommonMiddleware"
        yield Breach(message, "give it a lower index", (row.name,))
    if not any(name.endswith("CsrfViewMiddleware") for name in found):
        yield Breach(f"{row.name} has no CsrfViewMiddleware", f"add {_CSRF}", (row.name,))


@rule(
    "app-twice",
    ERROR,
    "an application is named twice",
    bad='omero.web.apps=["omero_figure", "omero_figure"]',
    good='omero.web.apps=["omero_figure"]',
)
def app_twice(site: View) -> Iterator[Breach]:
    """Django does not start with an application that is there twice; some are OMERO.web's own."""
    own = site.artifact("django")
    apps = [*site.settings[WEB_APPS], *own.apps_before, *own.apps_after]  # type: ignore[attr-defined]
    for app in dict.fromkeys(app for app in apps if apps.count(app) > 1):
        yield Breach(f"{WEB_APPS.name} has {app} twice", "remove one", (WEB_APPS.name,))


@rule(
    "empty-server-list",
    ERROR,
    "the list of servers is empty",
    bad="omero.web.server_list=[]",
    good='omero.web.server_list=[["omero.example.org", 4064, "omero"]]',
)
def empty_server_list(site: View) -> Iterator[Breach]:
    """The login page offers the servers of this list."""
    if site.settings.is_set(WEB_SERVER_LIST) and not site.settings[WEB_SERVER_LIST]:
        row = WEB_SERVER_LIST
        yield Breach(f"{row.name} is empty", "remove it, or name a server", (row.name,))


@rule(
    "no-workers",
    ERROR,
    "OMERO.web has no workers",
    bad="omero.web.wsgi_workers=0",
    good="omero.web.wsgi_workers=5",
)
def no_workers(site: View) -> Iterator[Breach]:
    """Gunicorn starts without workers, and no request is answered."""
    row = WEB_WSGI_WORKERS
    if workers(site.settings) < 1:
        is_argument = gunicorn_argument(site.settings, "-w", "--workers") is not None
        name = WEB_WSGI_ARGS.name if is_argument else row.name
        message = f"OMERO.web has {workers(site.settings)} workers"
        yield Breach(message, f"omero config set {row.name} 5", (name,))
