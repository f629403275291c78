"""Rules about what is installed on this machine, which is imitated in a folder."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

FIGURE = 'omero.web.apps=["omero_figure"]'
CORS = 'omero.web.middleware=[{"index": 1, "class": "corsheaders.middleware.CorsMiddleware"}]'
PICKLE = "omero.web.session_serializer=django.contrib.sessions.serializers.PickleSerializer"
JSON = "omero.web.session_serializer=django.contrib.sessions.serializers.JSONSerializer"
GEVENT = "omero.web.wsgi_worker_class=gevent"
SAMESITE = "omero.web.session_cookie_samesite=Strict"
RULES = {
    "app-not-installed",
    "worker-class-not-installed",
    "pickle-with-django-5",
    "untested-django",
    "not-in-this-release",
}


class Machine:
    """A folder with OMERO.web's virtual environment beside the OMERO directory, as OMERO's guide has it."""

    def __init__(self, folder: Path, omerogen) -> None:
        self.omerogen = omerogen
        self.omerodir = folder / "OMERO.web"
        self.venv = folder / "venv3"
        self.packages = self.venv / "lib/python3.10/site-packages"
        self.source = folder / "site.properties"
        self.omerodir.mkdir()

    def install(self, *names: str) -> None:
        """Folders of site-packages, packages and what pip says of them alike, beside omeroweb and django."""
        for name in ("omeroweb", "django", *names):
            (self.packages / name).mkdir(parents=True, exist_ok=True)
        self.configure("include-system-site-packages = false")

    def configure(self, text: str) -> None:
        (self.venv / "pyvenv.cfg").write_text(f"home = /usr/bin\n{text}\n")

    def jar(self, name: str, version: str) -> None:
        """A jar of OMERO.server with its version in the manifest."""
        path = self.omerodir / "lib/server" / f"{name}.jar"
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as file:
            lines = ("Manifest-Version: 1.0", f"Implementation-Version: {version}", "")
            file.writestr("META-INF/MANIFEST.MF", "\r\n".join(lines))

    def found(self, *lines: str, options: tuple = ()) -> list[dict]:
        """The findings of the rules of this module."""
        self.source.write_text("\n".join((*lines, "")))
        result = self.omerogen(
            "check", "-c", self.source, "--omerodir", self.omerodir, *options, "--format", "json"
        )
        assert result.status in (0, 1), result.err
        return [one for one in json.loads(result.out)["findings"] if one["id"] in RULES]

    def ids(self, *lines: str, options: tuple = ()) -> list[str]:
        return [one["id"] for one in self.found(*lines, options=options)]


@pytest.fixture
def machine(tmp_path, omerogen) -> Machine:
    """A machine with an OMERO directory and nothing else."""
    return Machine(tmp_path, omerogen)


def test_nothing_is_installed(machine):
    """Configurations are made for other machines, too."""
    assert machine.ids(FIGURE, CORS, PICKLE, GEVENT, SAMESITE) == []


def test_a_python_without_omero_web_is_not_looked_at(machine):
    """It belongs to something else."""
    (machine.packages / "django").mkdir(parents=True)
    assert machine.ids(FIGURE, CORS, PICKLE, GEVENT, SAMESITE) == []


def test_the_defaults_of_omero_web_have_no_finding(machine):
    """Without any application."""
    machine.install("omero_web-5.33.2.dist-info", "django-5.2.19.dist-info")
    assert machine.ids("omero.web.page_size=100") == []


# Applications and middleware


def test_an_application_that_is_not_installed(machine):
    """The fix is a line that can be pasted."""
    machine.install()
    [finding] = machine.found(FIGURE)
    assert finding["id"] == "app-not-installed"
    assert finding["severity"] == "error"
    assert finding["properties"] == ["omero.web.apps"]
    assert finding["fix"] == f"{machine.venv}/bin/pip install omero-figure"
    assert [place["line"] for place in finding["locations"]] == [1]


def test_middleware_that_is_not_installed(machine):
    """Its distribution has another name than its module."""
    machine.install()
    [finding] = machine.found(CORS)
    assert finding["properties"] == ["omero.web.middleware"]
    assert finding["fix"] == f"{machine.venv}/bin/pip install django-cors-headers"


@pytest.mark.parametrize("app", ["our_plugin", "omero_ours"])
def test_a_distribution_of_an_unknown_name_is_not_proposed(machine, app):
    """Anybody may have registered it."""
    machine.install()
    [finding] = machine.found(f'omero.web.apps=["{app}"]')
    assert "pip" not in finding["fix"]


def test_a_misspelt_application(machine):
    """What is installed is closer than what could be."""
    machine.install("omero_figure")
    [finding] = machine.found('omero.web.apps=["omero_figur"]')
    assert finding["fix"] == "did you mean omero_figure?"


def test_a_misspelt_application_that_is_not_installed_either(machine):
    """A plugin that is known is closer than what pip would find."""
    machine.install()
    [finding] = machine.found('omero.web.apps=["omero_figur"]')
    assert finding["fix"] == "did you mean omero_figure?"


@pytest.mark.parametrize("name", ["omero_figure", "omero_figure.py", "omero_figure.cpython-310-x86_64.so"])
def test_an_application_that_is_installed(machine, name):
    """As a package or as a module."""
    machine.install(name)
    assert machine.ids(FIGURE) == []


@pytest.mark.parametrize(
    "folder", [".", "lib/python", "var", "../venv3/lib/python3.10/site-packages/omeroweb"]
)
def test_folders_that_omero_web_adds(machine, folder):
    """An application may be in one of them, without being installed."""
    machine.install()
    (machine.omerodir / folder / "omero_figure").mkdir(parents=True)
    assert machine.ids(FIGURE) == []


def test_an_editable_install_with_the_path_of_its_source(machine, tmp_path):
    """The folder that is named there is looked into, and only the application in it is found."""
    machine.install()
    (tmp_path / "src/omero_figure").mkdir(parents=True)
    (machine.packages / "__editable__.omero_figure-8.0.pth").write_text(f"{tmp_path}/src\n")
    assert machine.ids(FIGURE) == []
    assert machine.ids('omero.web.apps=["omero_iviewer"]') == ["app-not-installed"]


def test_an_editable_install_that_runs_code(machine):
    """What it finds is not known, so that nothing is reported."""
    machine.install()
    name = "__editable___omero_figure_8_0_finder"
    (machine.packages / f"{name}.pth").write_text(f"import {name}; {name}.install()\n")
    assert machine.ids(FIGURE, GEVENT) == []


def test_the_pth_file_of_setuptools_adds_no_folder(machine):
    """Most environments have it."""
    machine.install()
    (machine.packages / "distutils-precedence.pth").write_text("import os; os.environ\n")
    assert machine.ids(FIGURE) == ["app-not-installed"]


@pytest.mark.parametrize("text", ["include-system-site-packages = true", ""])
def test_packages_of_the_system_are_not_known(machine, text):
    """The application may be one of them."""
    machine.install()
    machine.configure(text)
    assert machine.ids(FIGURE) == []


def test_python_code_and_arguments_that_add_folders(machine):
    """Nothing is known then, either."""
    machine.install()
    assert machine.ids(FIGURE, "omero.web.wsgi_args=--pythonpath /srv/plugins") == []
    (machine.packages / "sitecustomize.py").touch()
    assert machine.ids(FIGURE) == []


def test_the_option_venv_names_the_environment(machine, tmp_path):
    """And no other is looked at."""
    machine.install("omero_figure")
    other = Machine.__new__(Machine)
    other.venv = tmp_path / "our env"
    other.packages = other.venv / "lib/python3.12/site-packages"
    other.install()
    [finding] = machine.found(FIGURE, options=("--venv", other.venv))
    assert finding["fix"] == f"'{other.venv}/bin/pip' install omero-figure"
    assert machine.ids(FIGURE, options=("--venv", tmp_path / "none")) == []


def test_two_environments_in_one_folder(machine):
    """After an upgrade of Python it is not known which one is used."""
    machine.install()
    (machine.venv / "lib/python3.12/site-packages/omeroweb").mkdir(parents=True)
    assert machine.ids(FIGURE) == []


# Gunicorn and Django


def test_a_class_of_workers_that_is_not_installed(machine):
    """Gunicorn would not start."""
    machine.install()
    [finding] = machine.found(GEVENT)
    assert finding["id"] == "worker-class-not-installed"
    assert finding["properties"] == ["omero.web.wsgi_worker_class"]
    assert finding["fix"] == f"{machine.venv}/bin/pip install gevent"


def test_classes_of_workers_that_are_there(machine):
    """Gunicorn has two itself."""
    machine.install("gevent")
    assert machine.ids(GEVENT) == []
    assert machine.ids("omero.web.wsgi_args=--worker-class=gthread") == []


@pytest.mark.parametrize(
    "arguments", ["-k tornado", "-ktornado", "--worker-class tornado", "--worker-class=tornado"]
)
def test_a_class_of_workers_in_arguments(machine, arguments):
    """It overrides the property."""
    machine.install()
    [finding] = machine.found(GEVENT, f"omero.web.wsgi_args={arguments}")
    assert finding["properties"] == ["omero.web.wsgi_args"]
    assert finding["fix"].endswith("pip install tornado")


def test_workers_that_gunicorn_no_longer_has(machine):
    """Installing the package would not help."""
    machine.install()
    [finding] = machine.found("omero.web.wsgi_args=-k eventlet")
    assert finding["fix"].startswith("use gevent")


def test_workers_of_another_server(machine):
    """Without Gunicorn there are none."""
    machine.install()
    assert machine.ids(GEVENT, "omero.web.application_server=wsgi") == []


@pytest.mark.parametrize(
    ("django", "line", "expected"),
    [
        ("django-5.2.19", PICKLE, ["pickle-with-django-5"]),
        ("django-4.2.1", PICKLE, []),
        ("django-5.2.19", JSON, []),
        ("django-5.0rc1", PICKLE, []),
        ("Django-3.2.25", JSON, ["untested-django"]),
    ],
)
def test_the_installed_django(machine, django, line, expected):
    """Its serializers, and whether the settings module is tested with it; a pre-release has neither."""
    machine.install(f"{django}.dist-info")
    assert machine.ids(line) == expected


def test_django_twice(machine):
    """An upgrade left one of them behind, and it is not known which."""
    machine.install("django-3.2.25.dist-info", "django-5.2.19.dist-info")
    assert machine.ids(PICKLE) == []


# Releases


@pytest.mark.parametrize(
    ("release", "expected"),
    [("5.20.0", ["not-in-this-release"]), ("5.21.0", []), ("5.33.2", []), ("5.20.1.dev3", [])],
)
def test_a_property_of_a_later_omero_web(machine, release, expected):
    """Numbers are compared, not texts; of a development version nothing is known."""
    machine.install(f"omero_web-{release}.dist-info")
    assert machine.ids(SAMESITE) == expected


def test_the_finding_says_which_release_has_it(machine):
    """And which is installed."""
    machine.install("omero_web-5.9.0.dist-info")
    [finding] = machine.found(SAMESITE)
    assert finding["severity"] == "warning"
    assert "added in OMERO.web 5.21.0: 5.9.0 ignores it" in finding["message"]


@pytest.mark.parametrize(("release", "expected"), [("5.5.3", ["not-in-this-release"]), ("5.5.10", [])])
def test_a_property_of_a_later_component(machine, release, expected):
    """Each is compared with the component that reads it."""
    machine.jar("omero-model", release)
    machine.jar("omero-server", "5.5.0")
    assert machine.ids("omero.pixeldata.max_projection_bytes=1000") == expected


def test_a_jar_that_is_none(machine):
    """An upload may have broken off."""
    machine.jar("omero-model", "5.5.3")
    (machine.omerodir / "lib/server/omero-model.jar").write_bytes(b"PK\x03\x04")
    assert machine.ids("omero.pixeldata.max_projection_bytes=1000") == []


@pytest.mark.parametrize(
    ("release", "line", "expected"),
    [
        ("5.4.5", "omero.cluster.read_only.db=true", ["not-in-this-release"]),
        ("5.4.10", "omero.cluster.read_only.db=true", []),
        ("5.6.10", "omero.search.maxclause=4096", ["not-in-this-release"]),
        ("5.4.10", "omero.search.maxclause=4096", []),
    ],
)
def test_the_release_in_the_name_of_the_folder(machine, tmp_path, release, line, expected):
    """OMERO's guide makes a link to it."""
    (tmp_path / f"OMERO.server-{release}-ice36").mkdir()
    machine.omerodir = tmp_path / "OMERO.server"
    machine.omerodir.symlink_to(f"OMERO.server-{release}-ice36")
    assert machine.ids(line) == expected


def test_a_component_counts_more_than_the_folder(machine, tmp_path):
    """Components can be replaced one by one."""
    machine.omerodir = tmp_path / "OMERO.server-5.6.0"
    machine.jar("omero-model", "5.5.4")
    assert machine.ids("omero.pixeldata.max_projection_bytes=1000") == []
