"""Run by a Python that has Django: starts it with the settings of its folder and keeps a session.

Packages that are not installed beside Django are left out, and so is all that reaches another program: mail,
log handlers, databases; a cache is replaced by one in memory. All of that is reported. Prints one line of
JSON: version, remarks, problems. Imports nothing of omerogen.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import json
import logging
import os
import sys
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

SETTINGS = "omerogen_tried_settings"
URLS = "omerogen_tried_urls"
_SERVED = ("sessions.backends.db", "sessions.backends.cached_db")
_IN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
_DUMMY = "django.db.backends.dummy"
#: Settings that would reach somebody, and what they are replaced by.
_REACHES_NOBODY: dict[str, Any] = {
    "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    "ADMINS": [],
    "MANAGERS": [],
    "LOGGING_CONFIG": None,
    "LOGGING": {},
    "DATABASES": {},
}
#: Python's audit events of a connection or another program, and of a change to a file.
_REACHING = frozenset(
    "socket.connect socket.sendto socket.sendmsg socket.bind socket.getaddrinfo socket.gethostbyname"
    " socket.gethostbyaddr subprocess.Popen os.system os.exec os.posix_spawn os.spawn os.fork".split()
)
_CHANGING = frozenset(
    "os.mkdir os.remove os.rename os.rmdir os.link os.symlink os.chmod os.chown os.truncate os.utime"
    " shutil.rmtree shutil.move".split()
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def fence(folder: str) -> None:
    """Let Python code reach nobody and change no file outside ``folder``, where the system cannot see to it.

    The errors are those of a machine without a network and with a read-only disk.
    """

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _REACHING:
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
        paths = arguments if event in _CHANGING else ()
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
            paths = arguments[:1]
        for path in paths:
            if isinstance(path, (str, bytes)) and not _is_below(os.fsdecode(path), folder):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    sys.addaudithook(refuse)


def _is_below(path: str, folder: str) -> bool:
    whole = os.path.realpath(path)
    return whole == os.devnull or os.path.commonpath([whole, folder]) == folder


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
    module.SESSION_FILE_PATH = os.getcwd()
    module.ALLOWED_HOSTS = ["*"]
    reach_nobody(module, remarks)
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


def reach_nobody(module: Any, remarks: list[str]) -> None:
    """Replace mail, log handlers, databases and caches."""
    engines = [database.get("ENGINE", _DUMMY) for database in getattr(module, "DATABASES", {}).values()]
    remarks += [f"without the database {engine}" for engine in engines if engine != _DUMMY]
    for name, value in _REACHES_NOBODY.items():
        setattr(module, name, value)
    caches = getattr(module, "CACHES", {})
    for cache in caches.values():
        if cache.get("BACKEND") != _IN_MEMORY:
            remarks.append(f"with a cache in memory for {cache.get('BACKEND')}")
    module.CACHES = {name: {"BACKEND": _IN_MEMORY} for name in {"default", *caches}}


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


def import_problems(dotted: str) -> Iterator[str]:
    """A name that Django could not import, of a package that is installed."""
    from django.utils.module_loading import import_string

    if not is_missing(dotted):
        try:
            import_string(dotted)
        except ImportError as error:
            yield f"{dotted} cannot be imported: {error}"


def needs_server(module: Any) -> bool:
    """Whether sessions are kept by a database."""
    return bool(module.SESSION_ENGINE.endswith(_SERVED))


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
        remarks.append("without a session, which needs a database")
    elif "django.contrib.sessions.middleware.SessionMiddleware" not in module.MIDDLEWARE:
        session = "none"
        remarks.append("without a session, since SessionMiddleware is missing")
    yield from visit(session)


def main() -> None:
    """Try the settings of this folder."""
    warnings.simplefilter("ignore")
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    if "fenced" in sys.argv[1:]:
        fence(os.path.realpath(os.getcwd()))
    logging.getLogger().addHandler(logging.NullHandler())
    found: list[str] = []
    remarks: list[str] = []
    import django

    try:
        module = importlib.import_module(SETTINGS)
        caches = {str(cache.get("BACKEND")) for cache in getattr(module, "CACHES", {}).values()}
        prepare(module, remarks)
        found += [problem for cache in sorted(caches) for problem in import_problems(cache)]
        found += problems(module, remarks)
    except Exception as error:  # noqa: BLE001 - whatever Django raises is its answer
        found.append(f"{type(error).__name__}: {error}")
    print(json.dumps({"version": django.get_version(), "remarks": remarks, "problems": found}))  # noqa: T201


if __name__ == "__main__":
    main()
