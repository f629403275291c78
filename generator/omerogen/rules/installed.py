"""Rules about the properties and the Python packages that OMERO.web has on this machine.

They are silent where no OMERO.web is found: in the option ``venv``, else beside the OMERO directory.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from omerogen.catalog import history
from omerogen.catalog.history import Version
from omerogen.catalog.web_deprecated import WEB_WSGI_WORKER_CLASS
from omerogen.catalog.web_security import WEB_SESSION_SERIALIZER
from omerogen.catalog.web_server import WEB_APPLICATION_SERVER, WEB_APPS, WEB_MIDDLEWARE, WEB_WSGI_ARGS
from omerogen.derive.installed import Environment, environment
from omerogen.derive.web import gunicorn_argument
from omerogen.model import Location
from omerogen.rules.registry import ERROR, WARNING, Breach, View, rule
from omerogen.settings.options import WEB_RELEASE

#: The distributions of known modules. For any other name pip could install what a stranger registered.
DISTRIBUTIONS = {
    **{
        f"omero_{name}": f"omero-{name}"
        for name in (
            "autotag figure forms fpbioimage gallery iviewer mapr parade signup tagsearch webtest"
        ).split()
    },
    "corsheaders": "django-cors-headers",
    "debug_toolbar": "django-debug-toolbar",
    "django_prometheus": "django-prometheus",
    "whitenoise": "whitenoise",
}
#: The packages of classes of Gunicorn's workers; Gunicorn itself has the other classes.
_OF_WORKERS = {
    "gevent": "gevent",
    "gevent_wsgi": "gevent",
    "gevent_pywsgi": "gevent",
    "eventlet": "eventlet",
    "tornado": "tornado",
}
PICKLE = "django.contrib.sessions.serializers.PickleSerializer"
#: The oldest Django that the generated settings module is tested with.
_TESTED_DJANGO = (4, 2)


def omero_web(site: View) -> Environment | None:
    """The virtual environment of OMERO.web, if there is one on this machine."""
    venv = site.option("venv", "systemd") if site.options.get("venv") else None
    return environment(site.settings.omerodir, venv, "omeroweb")


def _modules(site: View, web: Environment) -> frozenset[str]:
    """The modules that OMERO.web can import; all possible ones count as there if that is not known."""
    omerodir = site.settings.omerodir
    below = (os.path.join(omerodir, folder) for folder in ("", "lib/python", "var"))
    # omeroweb.wsgi adds its own folder, so that an application may be in there.
    found = web.modules((os.path.join(web.packages, "omeroweb"), *below))
    return frozenset() if found is None or "--pythonpath" in site.settings.text(WEB_WSGI_ARGS) else found


@rule(
    "app-not-installed",
    ERROR,
    "an application or a middleware class is not installed",
    bad="",
    good='omero.web.apps=["omero_figure"]',
    reference="https://docs.djangoproject.com/en/5.2/ref/applications/",
)
def app_not_installed(site: View) -> Iterator[Breach]:
    """Django does not start if a package of `omero.web.apps` or `omero.web.middleware` is not installed.

    The packages of the virtual environment count, and the folders that OMERO.web adds. Waive this rule if
    a variable `PYTHONPATH` adds others.
    """
    web = omero_web(site)
    there = _modules(site, web) if web else frozenset()
    if web is None or not there:
        return
    named = [(WEB_APPS.name, app) for app in site.settings[WEB_APPS]]
    named += [(WEB_MIDDLEWARE.name, item["class"]) for item in site.settings[WEB_MIDDLEWARE]]
    for name, dotted in dict.fromkeys(named):
        module = dotted.partition(".")[0]
        if module not in there:
            message = f"{name} has {dotted}, but {module} is not installed in {web.venv}"
            yield Breach(message, _remedy(module, there, web), (name,))


def _remedy(module: str, there: frozenset[str], web: Environment) -> str:
    """What to do for a missing module: correct a typing error, or install it."""
    from difflib import get_close_matches

    if module in DISTRIBUTIONS:
        return _install(web, DISTRIBUTIONS[module])
    if near := get_close_matches(module, sorted(there.union(DISTRIBUTIONS)), 1, 0.85):
        return f"did you mean {near[0]}?"
    return f"install the package that has {module} into {web.venv}, or remove it from the property"


def _install(web: Environment, distribution: str) -> str:
    return f"{shlex.quote(web.pip)} install {distribution}"


@rule(
    "worker-class-not-installed",
    ERROR,
    "the package of Gunicorn's worker class is not installed",
    bad="",
    good="omero.web.wsgi_worker_class=gevent",
    reference="https://docs.gunicorn.org/en/stable/settings.html#worker-class",
)
def worker_class_not_installed(site: View) -> Iterator[Breach]:
    """Gunicorn does not start with workers of a class whose package is not installed.

    Its own classes are `sync` and `gthread`. A class in `omero.web.wsgi_args` overrides
    `omero.web.wsgi_worker_class`.
    """
    if site.settings[WEB_APPLICATION_SERVER] != "wsgi-tcp":
        return
    name, worker = WEB_WSGI_WORKER_CLASS.name, site.settings[WEB_WSGI_WORKER_CLASS]
    if in_arguments := gunicorn_argument(site.settings, "-k", "--worker-class"):
        name, worker = WEB_WSGI_ARGS.name, in_arguments
    package, web = _OF_WORKERS.get(worker), omero_web(site)
    there = _modules(site, web) if web else frozenset()
    if web and there and package and package not in there:
        message = f"{name} has {worker}, but {package} is not installed in {web.venv}"
        gone = "use gevent: new releases of Gunicorn have no eventlet workers"
        yield Breach(message, gone if package == "eventlet" else _install(web, package), (name,))


@rule(
    "pickle-with-django-5",
    ERROR,
    "the installed Django does not have PickleSerializer",
    bad="",
    good="omero.web.session_serializer=django.contrib.sessions.serializers.JSONSerializer",
    reference="https://docs.djangoproject.com/en/5.2/releases/5.0/#features-removed-in-5-0",
)
def pickle_with_django_5(site: View) -> Iterator[Breach]:
    """Django 5 removed PickleSerializer: `omero web start` then has no sessions, and nobody can log in.

    The generated settings module takes JSONSerializer in its place.
    """
    row = WEB_SESSION_SERIALIZER
    if site.settings.is_set(row) and site.settings[row] == PICKLE and (found := _django(site)):
        version, where = found
        if version >= (5,):
            message = f"{row.name} is PickleSerializer, which Django {_shown(version)} {where} does not have"
            yield Breach(message, f"omero config set {row.name} {row.default}", (row.name,))


def _django(site: View) -> tuple[Version, str] | None:
    """The oldest Django that may run, and where: by the release that the site names, or the installed one."""
    if release := site.settings.releases.web:
        return history.version_of(history.django(release)[0]), f"of OMERO.web {release}"
    web = omero_web(site)
    version = web.version("django") if web else None
    return (version, f"in {web.venv}") if web and version else None


@rule(
    "untested-django",
    WARNING,
    "the settings module is not tested with the installed Django",
    bad="",
    good="omero.web.page_size=200",
)
def untested_django(site: View) -> Iterator[Breach]:
    """The generated settings module is for Django 4.2 and later.

    It is the Django of the release in `--web-release`, or else the installed one. Django 3 compares trusted
    origins without their scheme, which the module always writes.
    """
    tested = f"{_shown(_TESTED_DJANGO)}, the oldest that the generated settings module is tested with"
    if release := site.settings.releases.web:
        newest = history.django(release)[1]
        if history.version_of(newest) < _TESTED_DJANGO:
            message = f"Django {newest} of OMERO.web {release} is older than {tested}"
            yield Breach(message, "upgrade OMERO.web", location=site.place_of(WEB_RELEASE))
        return
    web = omero_web(site)
    version = web.version("django") if web else None
    if web and version and version < _TESTED_DJANGO:
        message = f"Django {_shown(version)} is older than {tested}"
        fix = f"{shlex.quote(web.pip)} install --upgrade omero-web"
        yield Breach(message, fix, location=Location.host(web.venv))


def _shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
