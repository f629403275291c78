"""Gunicorn takes from the generated configuration what it takes from OMERO's command line."""

from __future__ import annotations

import re
import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import omerogen
from support.programs import environment, run

pytestmark = pytest.mark.slow

#: Names of the places where the two runs differ by nature.
_OF_THE_RUN = {"config", "wsgi_app", "raw_env", "default_proc_name", "chdir", "print_config", "pythonpath"}
NUMBERS = count()
WORDS = st.sampled_from(
    [
        *("--reload", "--preload", "-w 3", "--workers=4", "-t 7", "--threads 8", "-k gthread", "-b :0"),
        *("--bind=127.0.0.1:4", "--access-logfile -", "--log-level debug", "--max-requests 5", "-e A=B"),
        *("--capture-output", "--name omero", "--limit-request-line 0", "--forwarded-allow-ips=*"),
        *("--worker-tmp-dir /dev/shm", "--graceful-timeout 1", "--backlog 9", "--no-sendfile"),
    ]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a stand-in for the application."""
    made = Path(tmp_path_factory.mktemp("gunicorn"))
    (made / "omeroweb").mkdir()
    (made / "omeroweb/__init__.py").write_text("")
    (made / "omeroweb/wsgi.py").write_text("def application(environ, start_response):\n    return []\n")
    return made


def printed(folder: Path, *words: str | Path, **variables: str) -> dict[str, str]:
    """The configuration that Gunicorn has."""
    command = [Path(sys.executable).parent / "gunicorn", "--print-config", *words]
    done = run(command, cwd=folder, env=environment(**variables))
    assert done.returncode == 0, done.stdout + done.stderr
    read = dict(re.findall(r"^(\w+)\s+= (.*)$", done.stdout, re.MULTILINE))
    return {name: value for name, value in read.items() if name not in _OF_THE_RUN}


@settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    words=st.lists(WORDS, max_size=4).map(" ".join),
    web=st.fixed_dictionaries(
        {},
        optional={
            "omero.web.wsgi_workers": st.integers(1, 9).map(str),
            "omero.web.wsgi_timeout": st.integers(0, 99).map(str),
            "omero.web.application_server.max_requests": st.integers(0, 99).map(str),
            "omero.web.application_server.host": st.sampled_from(["127.0.0.1", "::1", "0.0.0.0"]),  # noqa: S104
        },
    ),
)
def test_every_word_has_the_effect_that_it_has_there(folder, words, web):
    """Whatever the words are."""
    site = omerogen.load(overrides={**web, "omero.web.wsgi_args": words})
    path = folder / f"{next(NUMBERS)}.conf.py"  # Python keeps what it compiled of a file of the same second
    path.write_text(omerogen.render("gunicorn", site))
    host = site["omero.web.application_server.host"].in_url
    there = printed(
        folder,
        f"--bind={host}:{site['omero.web.application_server.port']}",
        f"--workers={site['omero.web.wsgi_workers']}",
        f"--threads={site['omero.web.wsgi_threads']}",
        f"--timeout={site['omero.web.wsgi_timeout']}",
        f"--max-requests={site['omero.web.application_server.max_requests']}",
        *words.split(),
        "omeroweb.wsgi:application",
    )
    assert printed(folder, "--config", path) == there


def test_the_consumer_takes_it_and_refuses_what_gunicorn_refuses(omerogen):
    """With Gunicorn's own words."""
    command = ("check", "--with-consumers", "gunicorn", "--set")
    good = omerogen(*command, "omero.web.wsgi_args=--reload")
    assert good.status == 0
    assert "gunicorn: accepted" in good.err
    bad = omerogen(*command, "omero.web.wsgi_args=--nope 1")
    assert bad.status == 1
    assert "unrecognized arguments: --nope" in bad.out
