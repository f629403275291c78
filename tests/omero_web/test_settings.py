"""The generated module gives OMERO.web and its plugins what OMERO's own config.xml gives them."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PLUGINS = (
    "omero_iviewer omero_figure omero_mapr omero_fpbioimage omero_parade omero_gallery omero_signup"
    " omero_forms omero_webtest omero_autotag omero_tagsearch"
).split()
SITE: dict[str, Any] = {
    "omero.web.server_list": [["one.example.org", 4064, "One"], ["two.example.org", 14064, "Two"]],
    "omero.web.apps": PLUGINS,
    "omero.web.iviewer.max_projection_bytes": "12345",
    "omero.web.mapr.config": [
        {"menu": "gene", "config": {"default": ["G"], "all": ["G"], "ns": ["x"], "label": "Gene"}}
    ],
    "omero.web.forms.priv.user": "formmaster",
    "omero.web.forms.priv.password": "changeit",
    "omero.web.signup.admin.user": "root",
    "omero.web.signup.admin.password": "secret",
    "omero.web.signup.group.name": "signup",
    "omero.web.gallery.title": "Our gallery",
    "omero.web.api.limit": "77",
    "omero.web.prefix": "/omero",
    "omero.web.secret_key": "of this site alone",
    "omero.mail.host": "mail.example.org",
}
#: Settings that OMERO.web has for itself, and what differs for a reason: see the comments.
ONLY_THEIRS = re.compile(
    r"(?:CUSTOM|INTERNAL|DEVELOPMENT|DEPRECATED)_SETTINGS\w*|ALL_SERVER_TYPES|CONFIG_XML|DEFAULT_S\w+|DEVELOPMENT"
    r"|FULL_REQUEST_LOGFORMAT|STANDARD_LOGFORMAT|LOGDIR|LOGGING_CLASS|LOGSIZE|SESSION_ENGINE_VALUES|WSGI|WSGITCP"
    r"|WSGI_TYPES|PIPELINE_\w+|SETTINGS_MODULE"
)
FORMS = "OMERO_FORMS_PRIV_PASSWORD"
DIFFERENT = {
    "EMAIL_HOST_USER",  # None there, Django's default here: both send without a login
    "EMAIL_HOST_PASSWORD",
    "PLATE_DOWNLOAD_ENABLED",  # its own default, which OMERO.web leaves out
    "SEND_BROKEN_LINK_EMAILS",
    "SERVER_EMAIL",
    "SECURE_PROXY_SSL_HEADER",  # an empty list there; both mean that there is none
    "STORAGES",  # Django 5.1 does not read STATICFILES_STORAGE any more; here it has its effect
}


def known(text: str | None) -> Any:
    """A value as Python shows it, without the differences of lists, tuples and the order of mappings."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(member) for key, member in value.items()}
        return [plain(member) for member in value] if isinstance(value, (list, tuple)) else value

    try:
        return plain(ast.literal_eval(text or "None"))
    except (ValueError, SyntaxError):
        return text


def plugins(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of plugins, as values."""
    return {
        name: {setting: known(text) for setting, text in settings.items()}
        for name, settings in answer["plugins"].items()
    }


def test_a_module_alone_is_as_good_as_a_config_xml(omero_web, installed):
    """Servers, URLs, Django's settings and those of plugins; and there is still no config.xml."""
    ours = installed(SITE)
    own = installed(SITE, "own")
    own.write_config_xml(SITE)
    here = omero_web.answers(ours, "omeroweb_settings")
    there = omero_web.answers(own, "omeroweb.settings")
    assert here["servers"] == [["one.example.org", 4064, "One"], ["two.example.org", 14064, "Two"]]
    assert here["servers"] == there["servers"]
    assert plugins(here) == plugins(there)
    assert here["plugins"]["omero_forms.settings"][FORMS] == "'changeit'"
    names = {*here["settings"], *there["settings"]} - DIFFERENT
    differing = {
        name: (here["settings"].get(name), there["settings"].get(name))
        for name in names
        if not ONLY_THEIRS.fullmatch(name)
        and known(here["settings"].get(name, "").replace(str(ours.omerodir), "O"))
        != known(there["settings"].get(name, "").replace(str(own.omerodir), "O"))
    }
    assert not differing
    assert not list((ours.omerodir / "etc/grid").iterdir())
    assert "config.xml" not in here["log"]


def test_a_module_wins_over_a_config_xml(omero_web, installed):
    """And says so once, with names and without values; the file stays as it is."""
    ours = installed(SITE)
    other = {
        **SITE,
        "omero.web.server_list": [["wrong.example.org", 1, "Wrong"]],
        "omero.web.forms.priv.password": "an0ther",
        "omero.web.gallery.title": "Theirs",
        "omero.web.public.enabled": "true",
    }
    path = ours.write_config_xml(other)
    before = path.read_bytes()
    found = omero_web.answers(ours, "omeroweb_settings")
    assert [server[0] for server in found["servers"]] == ["one.example.org", "two.example.org"]
    assert found["plugins"]["omero_forms.settings"][FORMS] == "'changeit'"
    assert found["plugins"]["omero_gallery.gallery_settings"]["GALLERY_TITLE"] == "'Our gallery'"
    assert found["settings"]["PUBLIC_ENABLED"] == "False"
    [line] = [line for line in found["log"].splitlines() if "config.xml is overridden" in line]
    names = ("forms.priv.password", "gallery.title", "public.enabled", "server_list")
    assert line.endswith(f"it differs in {', '.join(f'omero.web.{name}' for name in names)}")
    assert "an0ther" not in found["log"]
    assert path.read_bytes() == before


def test_the_same_config_xml_is_not_mentioned(omero_web, installed):
    """Nothing is overridden."""
    ours = installed(SITE)
    ours.write_config_xml(SITE)
    assert "overridden" not in omero_web.answers(ours, "omeroweb_settings")["log"]


def test_without_properties_there_are_omeros_defaults(omero_web, installed):
    """Of the servers and of plugins."""
    ours = installed({"omero.web.apps": ["omero_iviewer", "omero_gallery"]})
    own = installed({}, "own")
    own.write_config_xml({"omero.web.apps": ["omero_iviewer", "omero_gallery"]})
    here, there = omero_web.answers(ours, "omeroweb_settings"), omero_web.answers(own, "omeroweb.settings")
    assert here["servers"] == there["servers"] == [["localhost", 4064, "omero"]]
    assert plugins(here) == plugins(there)
