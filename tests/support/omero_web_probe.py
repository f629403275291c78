"""Run within OMERO.web: prints what it and its plugins have, as a line of JSON."""

from __future__ import annotations

import importlib
import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from omeroweb.connector import Server  # noqa: E402

importlib.import_module("omeroweb.urls")
MODULES = (
    "omero_iviewer.iviewer_settings omero_mapr.mapr_settings omero_parade.parade_settings"
    " omero_figure.settings omero_forms.settings omero_signup.signup_settings"
    " omero_gallery.gallery_settings omeroweb.api.api_settings"
).split()


def upper(module: object) -> dict[str, str]:
    """The settings of a module, as Python shows them."""
    names = (name for name in dir(module) if name.isupper() and "MAPPING" not in name)
    return {name: repr(getattr(module, name, None)) for name in names}


apps = set(settings.INSTALLED_APPS)
found = [name for name in MODULES if name.partition(".")[0] in apps or name.startswith("omeroweb.")]
answer = {
    "servers": [[server.host, server.port, server.server] for server in Server],
    "plugins": {name: upper(importlib.import_module(name)) for name in found},
    "settings": upper(settings),
}
sys.stdout.write(json.dumps(answer) + "\n")
