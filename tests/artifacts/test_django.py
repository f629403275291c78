"""OMERO.web's settings module: values of the right type, the fixed ones, and the key it makes."""

from __future__ import annotations

import csv
import re
import stat
import subprocess
import sys
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen import catalog
from omerogen.artifacts import rendering
from omerogen.model import OmerogenError
from support.files import DATA, SITE

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def module(text: str) -> dict:
    """The names that a settings module defines."""
    names: dict = {"__name__": "settings"}
    exec(compile(text, "settings.py", "exec"), names)  # noqa: S102 - that is what Django does
    return names


@pytest.fixture
def settings_of(tmp_path):
    """Load a site whose OMERO directory is a temporary one, and run its module."""

    def run(*files, options=None, **web) -> dict:
        overrides = {f"omero.web.{name.replace('__', '.')}": value for name, value in web.items()}
        settings = omerogen.load(*files, overrides=overrides, omerodir=tmp_path)
        return module(omerogen.render("django", settings, **(options or {})))

    return run


def facts() -> list[dict[str, str]]:
    """The properties that become Django settings, as OMERO.web has them."""
    with (DATA / "properties.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["django_setting"]]


@pytest.mark.parametrize("row", facts(), ids=lambda row: row["name"])
def test_every_mapped_setting_is_there(row, settings_of):
    """Each property of the column becomes its setting, with its default; without a default it is left out."""
    settings = settings_of()
    setting = row["django_setting"]
    needed_by_omeroweb = setting in ("BASE_INCLUDE_TEMPLATE", "INDEX_TEMPLATE")
    made_by_others = (
        setting in ("SECRET_KEY", "EMAIL_HOST", "EMAIL_PORT", "SERVER_EMAIL") or row["status"] == "deprecated"
    )
    if row["default_state"] != "none" or needed_by_omeroweb:
        assert setting in settings
    elif not made_by_others and setting not in ("EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"):
        assert setting not in settings


@pytest.mark.parametrize(
    ("name", "text", "setting", "value"),
    [
        ("debug", "T", "DEBUG", True),
        ("chunk_size", "5", "CHUNK_SIZE", 5),
        ("prefix", "/omero", "FORCE_SCRIPT_NAME", "/omero"),
        ("static_url", "/s", "STATIC_URL", "/s/"),
        ("static_root", "/a//b/../c/", "STATIC_ROOT", "/a/c"),
        ("public.url_filter", "^/(?!x)", "PUBLIC_URL_FILTER", re.compile("^/(?!x)")),
        (
            "secure_proxy_ssl_header",
            '["HTTP_X_A", "https"]',
            "SECURE_PROXY_SSL_HEADER",
            ("HTTP_X_A", "https"),
        ),
        ("admins", '[["Ö", "o@example.org"]]', "ADMINS", [["Ö", "o@example.org"]]),
        ("admins", '[["Ö", "o@example.org"]]', "MANAGERS", [["Ö", "o@example.org"]]),
        ("csrf_cookie_samesite", "None", "CSRF_COOKIE_SAMESITE", "None"),
        (
            "csrf_trusted_origins",
            '["https://a", "b", ".c"]',
            "CSRF_TRUSTED_ORIGINS",
            ["https://a", "https://b", "https://*.c"],
        ),
        ("login_redirect", '{"query_string": "a=b"}', "LOGIN_REDIRECT", {"query_string": "a=b"}),
        ("secret_key", "abc", "SECRET_KEY", "abc"),
        ("nginx_server_extra_config", '["a b;"]', "NGINX_SERVER_EXTRA_CONFIG", ["a b;"]),
        ("template_dirs", '["/t"]', "TEMPLATE_DIRS", ["/t"]),
        ("index_template", "", "INDEX_TEMPLATE", None),
    ],
)
def test_values_have_the_type_that_django_wants(name, text, setting, value, settings_of):
    """Booleans, numbers, JSON, paths, patterns, tuples."""
    assert settings_of(**{name.replace(".", "__"): text})[setting] == value


def test_middleware_is_sorted_by_its_index(settings_of):
    """As a tuple, whatever the order in the property."""
    middleware = settings_of(SITE)["MIDDLEWARE"]
    assert isinstance(middleware, tuple)
    assert middleware[0] == "corsheaders.middleware.CorsMiddleware"
    assert len(middleware) == 7


def test_apps_of_the_site_come_between_djangos_and_omerowebs(settings_of):
    """The order decides whose templates and static files win."""
    apps = settings_of(SITE)["INSTALLED_APPS"]
    assert apps[:5] == tuple(
        f"django.contrib.{app}" for app in ("staticfiles", "auth", "contenttypes", "sessions", "sites")
    )
    assert apps[5:7] == ("omero_iviewer", "omero_figure")
    assert apps[7:] == (
        *(
            f"omeroweb.{app}"
            for app in ("feedback", "webadmin", "webclient", "webgateway", "webredirect", "api")
        ),
        "pipeline",
    )


@pytest.mark.parametrize(
    ("overrides", "host"),
    [
        ({}, "localhost"),
        ({"Ice.Default.Host": "ice"}, "ice"),
        ({"Ice.Default.Host": "ice", "omero.master.host": "master"}, "master"),
    ],
)
def test_the_server_list_names_the_master(overrides, host):
    """Unless the site lists its servers."""
    [server_list] = [
        setting.value
        for setting in rendering.context(
            "django", omerogen.load(overrides=overrides), {}
        ).settings_of_properties
        if setting.name == "SERVER_LIST"
    ]
    assert server_list == [[host, 4064, "omero"]]


@pytest.mark.parametrize(("debug", "level"), [("false", "INFO"), ("true", "DEBUG")])
def test_debug_reaches_templates_and_loggers(debug, level, settings_of, tmp_path):
    """One property, several settings; the log is below the log folder, which is not made."""
    settings = settings_of(debug=debug, template_dirs='["/t"]', logdir=str(tmp_path / "no/such/"))
    assert settings["TEMPLATES"][0]["OPTIONS"]["debug"] is (level == "DEBUG")
    assert settings["TEMPLATES"][0]["DIRS"] == ["/t"]
    assert {logger["level"] for logger in settings["LOGGING"]["loggers"].values()} == {level}
    assert settings["LOGGING"]["handlers"]["default"]["filename"] == f"{tmp_path}/no/such/OMEROweb.log"
    assert not (tmp_path / "no").exists()


def test_fixed_settings_are_added(settings_of):
    """What OMERO.web sets whatever the properties say."""
    settings = settings_of()
    expected = {
        "CORS_ALLOW_CREDENTIALS": True,
        "CSRF_FAILURE_VIEW": "omeroweb.feedback.views.csrf_failure",
        "FEEDBACK_APP": 6,
        "FILE_UPLOAD_TEMP_DIR": tempfile.gettempdir(),
        "LANGUAGE_CODE": "en-gb",
        "ROOT_URLCONF": "omeroweb.urls",
        "SITE_ID": 1,
        "USE_I18N": True,
    }
    assert {name: settings[name] for name in expected} == expected
    assert len(settings["PIPELINE"]["JAVASCRIPT"]["webgateway_viewer"]["source_filenames"]) == 34
    assert settings["DEFAULT_IMG"].endswith("omeroweb/webgateway/static/webgateway/img/image128.png")


def test_additional_settings_override_all_the_rest(settings_of):
    """Also those that the module makes by itself."""
    pairs = '[["PAGE", 3], ["SITE_ID", 9], ["CUSTOM_KEY", {"a": [null, 1.5]}], ["SECRET_KEY", "k"]]'
    settings = settings_of(django_additional_settings=pairs)
    assert (settings["PAGE"], settings["SITE_ID"], settings["SECRET_KEY"]) == (3, 9, "k")
    assert settings["CUSTOM_KEY"] == {"a": [None, 1.5]}


def test_tls_decides_cookies_header_and_origins(settings_of):
    """One answer for nginx and Django; what the site set itself stays."""
    options = {
        "tls": "nginx",
        "servername": ["omero.example.org", "*.example.org", "$hostname"],
        "https": "8443",
    }
    settings = settings_of(options=options)
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["CSRF_TRUSTED_ORIGINS"] == [
        "https://omero.example.org:8443",
        "https://*.example.org:8443",
    ]
    own = settings_of(
        options={"tls": "proxy"}, session_cookie_secure="false", secure_proxy_ssl_header='["HTTP_X_A", "on"]'
    )
    assert own["SESSION_COOKIE_SECURE"] is False
    assert own["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_A", "on")
    none = settings_of()
    assert none["SESSION_COOKIE_SECURE"] is False
    assert none["SECURE_PROXY_SSL_HEADER"] is None


def test_a_deprecated_property_sets_its_successors_setting(settings_of):
    """And its successor wins where both are set."""
    assert settings_of(force_script_name="/old")["FORCE_SCRIPT_NAME"] == "/old"
    assert settings_of(force_script_name="/old", prefix="/new")["FORCE_SCRIPT_NAME"] == "/new"
    assert settings_of(email_port="26")["EMAIL_PORT"] == 26
    assert settings_of(email_use_tls="true")["EMAIL_USE_TLS"] is True
    assert settings_of(email_subject_prefix="[x]")["EMAIL_SUBJECT_PREFIX"] == "[x]"
    assert settings_of(viewer__initial_zoom_level="2")["VIEWER_INITIAL_ZOOM_LEVEL"] == 2


def test_the_key_is_made_once_and_kept(settings_of, tmp_path):
    """Readable by its owner alone, and the same at every import; its text is in no module."""
    key = settings_of()["SECRET_KEY"]
    path = tmp_path / "var/django_secret_key"
    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert settings_of()["SECRET_KEY"] == key == path.read_text()
    assert [entry.name for entry in path.parent.iterdir()] == ["django_secret_key"]
    assert key not in omerogen.render("django", omerogen.load(omerodir=tmp_path))


def test_an_empty_key_is_not_made_anew(settings_of, tmp_path):
    """A lost key ends all sessions: that is for a person to decide."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var/django_secret_key").touch()
    with pytest.raises(RuntimeError, match="delete it"):
        settings_of()


def test_workers_that_start_at_once_share_the_key(tmp_path):
    """Whoever comes first makes it; all the others read that one, whole."""
    path = tmp_path / "settings.py"
    path.write_text(omerogen.render("django", omerogen.load(omerodir=tmp_path)))
    command = [sys.executable, "-c", "import settings; print(settings.SECRET_KEY)"]
    workers = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {worker.communicate(timeout=60)[0] for worker in workers}
    assert len(keys) == 1
    assert len(keys.pop()) > 50


@pytest.mark.parametrize(
    ("version", "serializer", "storages"),
    [((4, 2), "Pickle", False), ((5, 0), "JSON", False), ((5, 2), "JSON", True)],
)
def test_the_module_knows_its_django(version, serializer, storages, settings_of, monkeypatch):
    """Django 5 has no PickleSerializer; from 5.1 on it reads STORAGES in place of STATICFILES_STORAGE."""
    django = type(sys)("django")
    django.VERSION = (*version, 0)
    monkeypatch.setitem(sys.modules, "django", django)
    settings = settings_of(session_serializer="django.contrib.sessions.serializers.PickleSerializer")
    assert settings["SESSION_SERIALIZER"] == f"django.contrib.sessions.serializers.{serializer}Serializer"
    assert ("STORAGES" in settings) is storages
    if storages:
        assert settings["STORAGES"]["staticfiles"]["BACKEND"] == settings["STATICFILES_STORAGE"]


def test_a_site_with_storages_of_its_own_keeps_them(settings_of):
    """Django 4.2 refuses both at once."""
    settings = settings_of(django_additional_settings='["STORAGES", {"default": {"BACKEND": "x"}}]')
    assert settings["STORAGES"] == {"default": {"BACKEND": "x"}}
    assert "STATICFILES_STORAGE" not in settings


def test_pickled_sessions_are_warned_of_when_set():
    """The default is nobody's wish."""
    pickle = "django.contrib.sessions.serializers.PickleSerializer"
    asked = omerogen.load(overrides={"omero.web.session_serializer": pickle})
    assert "Django 5" in str(rendering.render("django", asked, {}).warnings[0])
    assert rendering.render("django", omerogen.load(), {}).warnings == ()


@pytest.mark.parametrize(
    ("overrides", "options", "warned"),
    [
        ({}, {}, True),
        ({}, {"tls": "proxy"}, False),
        ({}, {"tls": "none"}, False),
        ({"omero.web.session_cookie_secure": "true"}, {}, False),
        ({"omero.web.secure_proxy_ssl_header": "[]"}, {}, False),
    ],
)
def test_cookies_that_do_not_need_https_are_warned_of(overrides, options, warned):
    """Where a property tells of a proxy and nobody has said who terminates TLS."""
    header = {"omero.web.secure_proxy_ssl_header": '["HTTP_X_FORWARDED_PROTO", "https"]'}
    warnings = rendering.render("django", omerogen.load(overrides={**header, **overrides}), options).warnings
    assert [problem.rule for problem in warnings] == ["cookies-without-https"] * warned


@pytest.mark.parametrize(
    ("tls", "overrides", "rule"),
    [
        ("none", {"session_cookie_secure": "true"}, "secure-cookies-without-https"),
        ("none", {"csrf_cookie_secure": "true"}, "secure-cookies-without-https"),
        ("nginx", {"session_cookie_secure": "false"}, "cookies-without-https"),
        ("nginx", {"secure_proxy_ssl_header": '["HTTP_X_SCHEME", "on"]'}, "proxy-header-not-sent"),
        ("proxy", {"csrf_cookie_secure": "false"}, "cookies-without-https"),
    ],
)
def test_a_property_that_contradicts_the_answer_on_tls_is_noticed(tls, overrides, rule):
    """Before anybody tries to log in; the same property without a contradiction is fine."""

    def rules(**given):
        overriding = {f"omero.web.{name}": value for name, value in given.items()}
        options = {"tls": tls, "servername": "omero.example.org"}
        made = rendering.render("django", omerogen.load(overrides=overriding), options)
        return [problem.rule for problem in made.warnings]

    assert rules(**overrides) == [rule]
    fitting = {"session_cookie_secure": str(tls != "none").lower()}
    if tls != "none":
        fitting["secure_proxy_ssl_header"] = '["HTTP_X_SCHEME", "https"]'
    assert rules(**fitting) == []


@pytest.mark.parametrize("name", ["lower", "A B", "import os;X", "__A", "ÄÖ", "", 1, None])
def test_a_setting_has_a_name_that_django_reads(name):
    """What is not a name of a setting cannot become a line of Python."""
    with pytest.raises(OmerogenError, match="django_additional_settings is"):
        omerogen.render(
            "django", omerogen.load(overrides={"omero.web.django_additional_settings": [[name, 1]]})
        )


@given(TEXT)
def test_texts_are_texts(text):
    """Whatever is in it: quotes, line breaks, code."""
    settings = omerogen.load(overrides={"omero.web.login_view": text, "omero.web.secret_key": "k"})
    assert module(omerogen.render("django", settings))["LOGIN_VIEW"] == text


@given(st.lists(JSON, max_size=4), st.dictionaries(TEXT, TEXT, max_size=4))
def test_json_is_what_it_means(members, mapping):
    """Lists and mappings arrive with the same values."""
    pairs = [["CUSTOM", members]]
    overrides = {
        "omero.web.django_additional_settings": pairs,
        "omero.web.sharing.twitter": mapping,
        "omero.web.secret_key": "k",
    }
    settings = module(omerogen.render("django", omerogen.load(overrides=overrides)))
    assert settings["CUSTOM"] == members
    assert settings["SHARING_TWITTER"] == mapping


def test_the_module_is_private():
    """It may hold passwords, whichever are set."""
    assert rendering.render("django", omerogen.load(), {}).private


def test_each_assignment_names_its_property():
    """Every value can be traced to its origin by reading the module."""
    assert "PAGE = 200  # omero.web.page_size\n" in omerogen.render("django", omerogen.load())
    assert catalog.PROPERTIES["omero.web.page_size"].django == "PAGE"


def test_files_are_stored_as_the_site_s_own_settings_say():
    """Django 5.1 reads STORAGES alone, which is made of what they set."""
    own = '[["STATICFILES_STORAGE", "whitenoise.storage.CompressedStaticFilesStorage"]]'
    text = omerogen.render("django", omerogen.load(overrides={"omero.web.django_additional_settings": own}))
    assert text.index("STATICFILES_STORAGE = 'whitenoise") < text.index("    STORAGES = {")
