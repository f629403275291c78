"""Both releases of Django run on the generated settings."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import omerogen
from support.programs import accepted, run
from support.sites import MODULE, django_environment, write_settings

from .conftest import DJANGOS

pytestmark = pytest.mark.slow

HARD_TEXT = "a'b\"c\\d\\n {{ x }} {% y %} # ünï ☃ 😀 \u2028 '''"
SERIALIZER = "django.contrib.sessions.serializers.{}Serializer"
LOCAL = "django.core.cache.backends.locmem.LocMemCache"
#: Name of a case to its properties and to the options of the artifact.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "defaults": ({}, {}),
    "nginx-tls": ({}, {"tls": "nginx", "servername": ["localhost", "*.example.org"]}),
    "proxy-tls": ({}, {"tls": "proxy", "servername": ["testserver"]}),
    "debug": ({"omero.web.debug": "true"}, {}),
    "below-a-prefix": ({"omero.web.prefix": "/o-m_e/", "omero.web.static_url": "/ünï/static"}, {}),
    "sessions-in-cache": (
        {
            "omero.web.session_engine": "django.contrib.sessions.backends.cache",
            "omero.web.session_serializer": SERIALIZER.format("JSON"),
            "omero.web.caches": {"default": {"BACKEND": LOCAL, "LOCATION": HARD_TEXT}},
        },
        {},
    ),
    "hard-texts": (
        {
            "omero.web.secret_key": HARD_TEXT * 3,
            "omero.web.login_incorrect_credentials_text": HARD_TEXT,
            "omero.web.admins": [[HARD_TEXT, "a@example.org"]],
            "omero.web.template_dirs": ["/" + HARD_TEXT],
            "omero.web.public.url_filter": "^/(webclient/'\"|\\\\|☃)",
            "omero.web.session_cookie_name": "omero_session",
            "omero.web.base_include_template": HARD_TEXT,
            "omero.mail.host": "mail.example.org",
            "omero.web.email_host": "old.example.org",
        },
        {},
    ),
    "own-settings": (
        {
            "omero.web.django_additional_settings": [
                ["X_MY_OWN", {"a": [1, None, True, 1.5, HARD_TEXT]}],
                ["USE_TZ", True],
                [
                    "STORAGES",
                    {
                        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
                    },
                ],
            ],
            "omero.web.csrf_trusted_origins": [".example.org", "https://other.example"],
        },
        {},
    ),
}

#: Uses the session, the form's token, the stand-ins that settings name, and tells what Django made of it.
CLIENT = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client

client = Client(enforce_csrf_checks=True)
secure = {"secure": settings.CSRF_COOKIE_SECURE}
secure["HTTP_ORIGIN"] = "https://testserver" if settings.CSRF_COOKIE_SECURE else "http://testserver"
if settings.SECURE_PROXY_SSL_HEADER:
    secure[settings.SECURE_PROXY_SSL_HEADER[0]] = settings.SECURE_PROXY_SSL_HEADER[1]
refused = client.post("/weblogin/", {"user": "ada"}, **secure)
page = client.get("/weblogin/", **secure)
token = client.cookies["csrftoken"].value
login = client.post("/weblogin/", {"user": "ada", "csrfmiddlewaretoken": token}, **secure)
again = client.get("/", **secure).json()
print(json.dumps({
    "refused": [refused.status_code, refused.content.decode()],
    "page": page.content.decode(),
    "login": [login.status_code, login["Location"]],
    "again": again,
    "frame": page["X-Frame-Options"],
    "serializer": settings.SESSION_SERIALIZER,
    "static": settings.STORAGES["staticfiles"]["BACKEND"] if django.VERSION >= (5, 1) else None,
    "cookies": {name: bool(cookie["secure"]) for name, cookie in client.cookies.items()},
    "incorrect": settings.LOGIN_INCORRECT_CREDENTIALS_TEXT,
    "mail": settings.EMAIL_HOST,
}))
"""


@pytest.fixture(params=DJANGOS)
def python(request: pytest.FixtureRequest, djangos: dict[str, Path]) -> Path:
    """The Python of an environment with this release of Django."""
    return djangos[request.param] / "python"


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, folder: Path) -> tuple[str, Path]:
    """A case, and the folder with its settings module."""
    overrides, options = CASES[request.param]
    made = folder / request.param
    made.mkdir(exist_ok=True)
    loaded = omerogen.load(overrides=overrides, omerodir=made / "omero")
    write_settings(made, loaded, **options)
    return request.param, made


def test_check_finds_no_errors(python: Path, case: tuple[str, Path]) -> None:
    """``check --deploy`` passes."""
    _, folder = case
    check = [python, "-m", "django", "check", "--deploy", "--fail-level", "ERROR"]
    accepted(check, env=django_environment(folder), cwd=folder)


def test_requests_use_sessions_forms_and_templates(python: Path, case: tuple[str, Path]) -> None:
    """A client logs in with a form, and is known on the next page."""
    name, folder = case
    answer = accepted([python, "-c", CLIENT], env=django_environment(folder), cwd=folder)
    found = json.loads(answer.splitlines()[-1])
    assert found["refused"][0] == 403
    assert found["refused"][1].startswith("refused ")
    assert "from defaulttags" in found["page"]
    assert "?GET" in found["page"]
    assert found["login"][0] == 302
    assert (found["again"]["user"], found["again"]["visits"]) == ("ada", 1)
    assert found["frame"] == "SAMEORIGIN"
    assert set(found["cookies"].values()) == {name.endswith("-tls")}
    if name == "hard-texts":
        assert found["incorrect"] == HARD_TEXT
        assert found["mail"] == "mail.example.org"


def test_serializer_is_one_that_this_django_has(djangos: dict[str, Path], folder: Path) -> None:
    """A site's PickleSerializer stays in Django 4.2 and becomes JSON in 5.2."""
    overrides = {"omero.web.session_serializer": SERIALIZER.format("Pickle")}
    write_settings(folder, omerogen.load(overrides=overrides, omerodir=folder / "omero"))
    question = (
        f"import {MODULE} as m; print(m.SESSION_SERIALIZER, getattr(m, 'STORAGES', {{}}).get('staticfiles'))"
    )
    answers = {
        release: accepted([programs / "python", "-c", question], env=django_environment(folder)).strip()
        for release, programs in djangos.items()
    }
    assert answers == {
        "4.2": SERIALIZER.format("Pickle") + " None",
        "5.2": SERIALIZER.format("JSON") + " {'BACKEND': 'pipeline.storage.PipelineStorage'}",
    }


def key(python: Path, folder: Path) -> str:
    """The key of the module in ``folder``, as a new process imports it."""
    question = f"import {MODULE}; print({MODULE}.SECRET_KEY)"
    return accepted([python, "-c", question], env=django_environment(folder)).strip()


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_start_at_once_share_one_key(
    djangos: dict[str, Path],
    tmp_path: Path,
    round_: int,  # noqa: ARG001
) -> None:
    """The key is made once, for its owner alone, and kept."""
    write_settings(tmp_path, omerogen.load(omerodir=tmp_path / "omero"))
    python = djangos["5.2"] / "python"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: key(python, tmp_path), range(8)))
    file = tmp_path / "omero/var/django_secret_key"
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir() if path.is_file()] == [file.name]
    before = file.read_bytes()
    assert key(python, tmp_path) == before.decode().strip()
    assert file.read_bytes() == before


def test_key_that_is_there_is_used(djangos: dict[str, Path], tmp_path: Path) -> None:
    """A key that OMERO.web made before stays the key; an empty file is an error that names it."""
    write_settings(tmp_path, omerogen.load(omerodir=tmp_path / "omero"))
    python = djangos["5.2"] / "python"
    file = tmp_path / "omero/var/django_secret_key"
    file.write_text("made before\n")
    assert key(python, tmp_path) == "made before"
    file.write_text("")
    done = run([python, "-c", f"import {MODULE}"], env=django_environment(tmp_path))
    assert done.returncode != 0
    assert str(file) in done.stderr


def test_text_of_the_module_holds_no_key(tmp_path: Path) -> None:
    """Without a key, the module is the same each time; with one, no file is made."""
    texts = {omerogen.render("django", omerogen.load(omerodir=tmp_path)) for _ in range(2)}
    assert len(texts) == 1
    given: dict[str, Any] = {}
    settings = omerogen.load(overrides={"omero.web.secret_key": HARD_TEXT}, omerodir=tmp_path)
    exec(omerogen.render("django", settings), given)  # noqa: S102 - it is ours
    assert given["SECRET_KEY"] == HARD_TEXT
    assert not (tmp_path / "var").exists()
