"""``compare django`` with the real OMERO.web."""

from __future__ import annotations

import shutil

import pytest

import omerogen
from omerogen.comparing.django import EXPLAINED
from support import omero_web as support

pytestmark = pytest.mark.slow
SITE = {
    "omero.web.prefix": "/omero",
    "omero.web.apps": ["omero_iviewer"],
    "omero.web.secret_key": "of this site",
}


@pytest.fixture
def python(omero_web):
    """Its Python; without Ice, the stand-ins are among its packages."""
    [packages] = omero_web.programs.parent.glob("lib/python3*/site-packages")
    if not omero_web.is_whole:
        for module in support._ICE.iterdir():
            if module.suffix == ".py":
                shutil.copy(module, packages)
    return str(omero_web.programs / "python")


def test_only_documented_differences(installed, python):
    """Where both have the same properties; each of the others names its property."""
    site = installed(SITE)
    site.write_config_xml(SITE)
    same = omerogen.compare("django", site.settings, "omeroweb.settings", python=python)
    assert not [one for one in same.differences if not one.explained]
    assert {one.directive for one in same.differences} <= EXPLAINED.keys()
    other = omerogen.load(overrides={"omero.web.secret_key": "another"}, omerodir=site.omerodir)
    result = omerogen.compare("django", other, "omeroweb.settings", python=python)
    found = {one.directive: one.fix for one in result.differences}
    assert found["FORCE_SCRIPT_NAME"] == "omero config set -- omero.web.prefix /omero"
    assert "omero.web.apps" in found["INSTALLED_APPS"]
    assert "of this site" not in str(result)
