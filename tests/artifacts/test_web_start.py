"""How OMERO.web is started: Gunicorn's configuration and the systemd unit."""

from __future__ import annotations

import runpy

import pytest

import omerogen
from omerogen.model import NotApplicable, OmerogenError


def configuration(folder, **web) -> dict:
    """What Gunicorn reads from the file of a site."""
    overrides = {f"omero.web.{name.replace('__', '.')}": value for name, value in web.items()}
    (folder / "gunicorn.conf.py").write_text(
        omerogen.render("gunicorn", omerogen.load(overrides=overrides)), encoding="utf-8"
    )
    return runpy.run_path(str(folder / "gunicorn.conf.py"))


def unit(options=None, omerodir=None, **web) -> list[str]:
    """The lines of the unit of a site."""
    overrides = {f"omero.web.{name.replace('__', '.')}": value for name, value in web.items()}
    settings = omerogen.load(overrides=overrides, omerodir=omerodir)
    return omerogen.render("systemd", settings, **(options or {})).splitlines()


def test_gunicorn_gets_what_the_properties_say(tmp_path):
    """Address, workers and limits; threads for workers of the class sync."""
    read = configuration(
        tmp_path,
        application_server__host="::1",
        application_server__port="81",
        application_server__max_requests="7",
        wsgi_workers="3",
        wsgi_threads="2",
        wsgi_timeout="9",
    )
    assert read["wsgi_app"] == "omeroweb.wsgi:application"
    assert read["bind"] == ["[::1]:81"]
    assert (read["workers"], read["threads"], read["timeout"], read["max_requests"]) == (3, 2, 9, 7)
    assert read["raw_env"] == []
    assert "worker_class" not in read


def test_greenlets_have_connections_in_place_of_threads(tmp_path):
    """As omero web start has it."""
    read = configuration(tmp_path, wsgi_worker_class="gevent", wsgi_worker_connections="12")
    assert (read["worker_class"], read["worker_connections"]) == ("gevent", 12)
    assert "threads" not in read


def test_a_prefix_is_the_script_name(tmp_path):
    """Without the slash at its end."""
    assert configuration(tmp_path, prefix="/omero/")["raw_env"] == ["SCRIPT_NAME=/omero"]


def test_the_settings_module_is_found_beside_it(tmp_path, monkeypatch):
    """As build writes both, unless another one is named."""
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    for folder in ("gunicorn", "django"):
        (tmp_path / folder).mkdir()
    assert "pythonpath" not in configuration(tmp_path / "gunicorn")
    (tmp_path / "django/omeroweb_settings.py").write_text("")
    read = configuration(tmp_path / "gunicorn", prefix="/a")
    assert read["raw_env"] == ["SCRIPT_NAME=/a", "DJANGO_SETTINGS_MODULE=omeroweb_settings"]
    assert read["pythonpath"] == str(tmp_path / "django")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "other")
    assert "pythonpath" not in configuration(tmp_path / "gunicorn")


def test_words_of_the_command_line_win(tmp_path):
    """Lists add up, as they do there."""
    read = configuration(
        tmp_path, prefix="/a", wsgi_args="--workers 9 -t1 --bind :1 --env A=B --reload --access-logfile - "
    )
    assert (read["workers"], read["timeout"], read["reload"], read["accesslog"]) == (9, 1, True, "-")
    assert read["bind"] == ["127.0.0.1:4080", ":1"]
    assert read["raw_env"] == ["SCRIPT_NAME=/a", "A=B"]
    assert read["threads"] == 1


def test_a_configuration_that_the_words_name_comes_first(tmp_path):
    """It sets what nothing else does."""
    (tmp_path / "own.py").write_text("workers = 99\nkeepalive = 77\nx = 1\n")
    read = configuration(tmp_path, wsgi_args=f"-c {tmp_path}/own.py")
    assert (read["workers"], read["keepalive"]) == (5, 77)
    assert "config" not in read


def test_the_unit_runs_gunicorn_with_the_settings():
    """With what is built, in the folder where it is deployed."""
    options = {"user": "web", "venv": "/srv/venv", "deployed_to": "/srv/built"}
    lines = unit(options, "/srv/omero", static_root="/srv/static", logdir="var/log")
    assert "User=web" in lines
    assert "WorkingDirectory=/srv/omero" in lines
    assert "Environment=OMERODIR=/srv/omero" in lines
    assert "Environment=PYTHONPATH=/srv/built/django" in lines
    assert "Environment=DJANGO_SETTINGS_MODULE=omeroweb_settings" in lines
    assert "ExecStart=/srv/venv/bin/gunicorn --config /srv/built/gunicorn/gunicorn.conf.py" in lines
    assert "ReadWritePaths=/tmp /var/tmp -/srv/omero/var -/srv/static" in lines


def test_values_are_not_the_language_of_units():
    """Specifiers, variables and quotes."""
    options = {"venv": "/v %i $x", "deployed_to": "/d$y%n"}
    lines = unit(options, "/o %x $z")
    assert "WorkingDirectory=/o %%x $z" in lines
    assert 'Environment="OMERODIR=/o %%x $z"' in lines
    assert "Environment=PYTHONPATH=/d$y%%n/django" in lines
    assert 'ExecStart="/v %%i $x/bin/gunicorn" --config /d$$y%%n/gunicorn/gunicorn.conf.py' in lines


def test_a_program_that_systemd_does_not_run_is_refused():
    """With the option that names it."""
    with pytest.raises(OmerogenError, match="--venv: systemd runs no program with a quote"):
        unit({"venv": '/v/"x"'})


@pytest.mark.parametrize("user", ["", "a b", "-x", "a:b", "%i"])
def test_a_user_is_a_name(user):
    """Of the system."""
    with pytest.raises(OmerogenError, match="--user"):
        unit({"user": user})


@pytest.mark.parametrize("artifact", ["gunicorn", "systemd"])
@pytest.mark.parametrize("server", ["wsgi", "development"])
def test_both_are_for_gunicorn_alone(artifact, server):
    """Another server starts OMERO.web by itself."""
    settings = omerogen.load(overrides={"omero.web.application_server": server})
    with pytest.raises(NotApplicable, match=f"omero.web.application_server is {server}"):
        omerogen.render(artifact, settings)
