"""Run by a Python that has Django: starts it with the settings of a folder and keeps a session.

Packages that are not installed beside Django, and databases and caches that need a server, are left
out and reported. Prints one line of JSON: version, remarks, problems. Imports nothing of omerogen.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

SETTINGS = "omerogen_tried_settings"
URLS = "omerogen_tried_urls"
_SERVED = ("sessions.backends.db", "sessions.backends.cached_db")


def is_missing(dotted: str) -> bool:
    """Whether the package that a dotted name belongs to is not installed."""
    try:
        return importlib.util.find_spec(dotted.partition(".")[0]) is None
    except (ImportError, ValueError):
        return True


def installed(names: Iterable[str], remarks: list[str]) -> list[str]:
    """The dotted names whose package is installed; the others are reported."""
    remarks += [f"without {name}, which is not installed" for name in names if is_missing(name)]
    return [name for name in names if not is_missing(name)]


def prepare(module: Any, remarks: list[str]) -> None:
    """Remove what this machine does not have, and add a page at the top."""
    module.INSTALLED_APPS = installed(module.INSTALLED_APPS, remarks)
    module.MIDDLEWARE = installed(module.MIDDLEWARE, remarks)
    module.STATICFILES_FINDERS = installed(module.STATICFILES_FINDERS, [])
    module.ROOT_URLCONF = URLS
    module.SESSION_FILE_PATH = sys.argv[1]
    module.ALLOWED_HOSTS = ["*"]
    module.LOGGING = {}
    if hasattr(module, "STORAGES"):
        for storage in module.STORAGES.values():
            if is_missing(storage["BACKEND"]):
                remarks.append(f"without {storage['BACKEND']}, which is not installed")
                storage["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    for template in module.TEMPLATES:
        options = template.get("OPTIONS", {})
        for name in {"builtins", "context_processors"} & options.keys():
            options[name] = installed(options[name], [])
    if is_missing(module.CSRF_FAILURE_VIEW):
        del module.CSRF_FAILURE_VIEW


def page(request: Any) -> Any:
    """Counts the visits of a session, if one can be kept here."""
    from django.http import HttpResponse

    visits = 1
    if request.GET.get("session") == "kept":
        visits = request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(str(visits))


def visit(session: str) -> Iterator[str]:
    """Two requests of one browser, through all middleware; a kept session knows of the first."""
    from django.test import Client

    client = Client(raise_request_exception=True)
    client.get("/", {"session": session}, secure=True)
    visits = client.get("/", {"session": session}, secure=True).content
    if session == "kept" and visits != b"2":
        yield f"a session is not kept: its second page shows {visits!r}"


def needs_server(module: Any) -> bool:
    """Whether sessions are kept by a program that is not here."""
    engine = module.SESSION_ENGINE
    backend = module.CACHES.get("default", {}).get("BACKEND", "")
    local = backend.endswith(("LocMemCache", "FileBasedCache"))
    return engine.endswith(_SERVED) or (engine.endswith("cache") and not local)


def problems(module: Any, remarks: list[str]) -> Iterator[str]:
    """Problems that Django reports."""
    import django
    from django.core import checks
    from django.urls import path

    django.setup()
    urls: Any = types.ModuleType(URLS)
    urls.urlpatterns = [path("", page)]
    sys.modules[URLS] = urls
    for found in checks.run_checks(include_deployment_checks=False):
        if found.level >= checks.ERROR:
            yield f"{found.id}: {found.msg}"
    for engine in (module.SESSION_ENGINE, module.SESSION_SERIALIZER.rpartition(".")[0]):
        if is_missing(engine):
            remarks.append(f"without {engine}, which is not installed")
            return
        importlib.import_module(engine)
    session = "kept"
    if needs_server(module):
        session = "none"
        remarks.append("without a session, which needs a server")
    elif "django.contrib.sessions.middleware.SessionMiddleware" not in module.MIDDLEWARE:
        session = "none"
        remarks.append("without a session, since SessionMiddleware is missing")
    yield from visit(session)


def main() -> None:
    """Try the settings of the folder that is named."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, sys.argv[1])
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    found: list[str] = []
    remarks: list[str] = []
    import django

    try:
        module = importlib.import_module(SETTINGS)
        prepare(module, remarks)
        found += problems(module, remarks)
    except Exception as error:  # noqa: BLE001 - whatever Django raises is its answer
        found.append(f"{type(error).__name__}: {error}")
    print(json.dumps({"version": django.get_version(), "remarks": remarks, "problems": found}))  # noqa: T201


if __name__ == "__main__":
    main()
