"""What ``import omerogen`` promises: its names, its results with their warnings, and errors that travel."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from multiprocessing import get_context
from pathlib import Path

import pytest

import omerogen
from omerogen.catalog.web_server import WEB_PREFIX
from omerogen.model import Input, Location, Severity

SMALL = {"omero.jvmcfg.system_memory": "1000"}


def test_every_public_name_is_there_and_documented():
    """``__all__`` is the public interface: nothing in it is missing, nothing lacks a docstring."""
    for name in omerogen.__all__:
        value = getattr(omerogen, name)
        assert name == "__version__" or inspect.getdoc(value), name
    with pytest.raises(AttributeError, match="omerogen.*nothing"):
        _ = omerogen.nothing


def test_no_room_has_the_name_of_a_public_function():
    """Importing it would replace the function."""
    rooms = {module.name for module in pkgutil.iter_modules(omerogen.__path__)}
    assert not rooms & set(omerogen.__all__)


def test_render_gives_a_text_with_its_warnings():
    """Also those that ``check`` calls errors: the command prints them too."""
    text = omerogen.render("jvm", omerogen.load(overrides=SMALL))
    assert text.startswith("blitz=-Xmx512m")
    [warning] = text.warnings
    assert (warning.rule, warning.severity) == ("memory-over-committed", Severity.ERROR)
    assert omerogen.render("jdbc", omerogen.load()).warnings == []


def test_render_warns_of_a_refused_value_that_it_does_not_read():
    """It stops only what reads it."""
    settings = omerogen.load(overrides={"omero.glacier2.IceSSL.Protocols": "ssl3", "omero.db.port": "x"})
    [protocols, port] = omerogen.render("nginx", settings).warnings
    assert (protocols.severity, port.severity) == (Severity.WARNING, Severity.WARNING)
    assert protocols.properties == ("omero.glacier2.IceSSL.Protocols",)
    with pytest.raises(omerogen.SettingsError) as caught:
        omerogen.render("jdbc", settings)
    assert [(problem.severity.value, *problem.properties) for problem in caught.value.problems] == [
        ("error", "omero.db.port"),
        ("warning", "omero.glacier2.IceSSL.Protocols"),
    ]
    assert str(caught.value).startswith("warning: --set: omero.glacier2.IceSSL.Protocols")


def test_load_fails_for_sources_alone(tmp_path):
    """`SourceError` is what cannot be read; it is a `SettingsError` too."""
    for source in ("nowhere.xml", "", str(tmp_path), "a.unknown", "a\0b.xml"):
        with pytest.raises(omerogen.SourceError):
            omerogen.load(source)
    assert issubclass(omerogen.SourceError, omerogen.SettingsError)


def test_build_raises_what_render_raises(tmp_path):
    """Errors of one kind are of its class."""
    with pytest.raises(omerogen.SettingsError):
        omerogen.build(omerogen.load(overrides={"omero.db.port": "x"}), str(tmp_path))
    with pytest.raises(omerogen.UsageError, match="nope"):
        omerogen.build(omerogen.load(), str(tmp_path), only=["nope"])


def test_all_values_that_an_artifact_refuses_are_reported_at_once():
    """Not only the first that it reads; what follows from one of them is not reported."""
    settings = omerogen.load(
        overrides={
            "omero.web.prefix": "x",
            "omero.web.static_url": "y",
            "omero.web.use_x_forwarded_host": "z",
        }
    )
    with pytest.raises(omerogen.SettingsError) as caught:
        omerogen.render("nginx", settings, http="4080")
    assert [problem.properties[0] for problem in caught.value.problems] == [
        "omero.web.prefix",
        "omero.web.static_url",
        "omero.web.use_x_forwarded_host",
        "omero.web.application_server.port",
    ]


def test_build_says_what_changed(tmp_path):
    """A dry run says what would; a second run changes nothing; what goes away is removed."""
    settings, folder = omerogen.load(overrides={**SMALL, "omero.db.prot": "1"}), str(tmp_path / "out")
    planned = omerogen.build(settings, folder, dry_run=True, only=["jdbc", "jvm"])
    assert not Path(folder).exists()
    built = omerogen.build(settings, folder, only=["jdbc", "jvm"])
    assert sorted(planned.changed) == sorted(built.changed)
    assert "jdbc/url.txt" in built.changed
    assert [warning.rule for warning in built.warnings] == ["memory-over-committed"]
    again = omerogen.build(settings, folder, only=["jdbc", "jvm"])
    assert (again.changed, again.removed) == ((), ())
    assert set(again.unchanged) == set(built.changed)
    grid = omerogen.load(overrides={**SMALL, "omero.server.nodedescriptors": "master:Blitz-0 w:Tables-0"})
    omerogen.build(grid, folder, only=["icegrid"], ice="3.7")
    assert omerogen.build(settings, folder, only=["icegrid"]).removed == ("icegrid/nodes/w.cfg",)


def test_one_name_may_be_a_text(tmp_path):
    """It is not taken for a list of letters."""
    built = omerogen.build(omerogen.load(), str(tmp_path), only="jdbc", reload="true", dry_run=True)
    assert [change.path.split("/")[0] for change in built.changes][:1] == ["jdbc"]
    assert [result.program for result in omerogen.check(omerogen.load(), programs="jdbc").programs] == [
        "jdbc"
    ]


def test_build_with_options_and_hooks(tmp_path):
    """Options are those of all artifacts; a hook that fails is in the result, and the files are written."""
    result = omerogen.build(
        omerogen.load(overrides=SMALL), str(tmp_path), reload=["nginx=exit 3"], tls="proxy"
    )
    [failure] = result.failures
    assert failure.location == Location.flag("--reload", "nginx")
    assert "X-Forwarded-Proto" in (tmp_path / "nginx/omero.conf").read_text()


def test_build_says_what_is_left_out(tmp_path):
    """And why."""
    settings = omerogen.load(overrides={**SMALL, "omero.web.application_server": "wsgi"})
    notes = omerogen.build(settings, str(tmp_path)).notes
    assert [note.severity for note in notes] == [Severity.NOTE] * 3
    for note, what in zip(notes, ("nginx configuration", "configuration of Gunicorn", "unit"), strict=True):
        assert f"omero.web.application_server is wsgi: no {what}" in note.message


def test_check_gives_findings():
    """The worst first, as problems with their rules; usage is not a finding."""
    settings = omerogen.load(overrides={**SMALL, "omero.db.prot": "1", "omero.web.debug": "x"})
    result = omerogen.check(settings, ignore=["database", "router"])
    assert [(found.rule, found.severity.value) for found in result.findings] == [
        ("invalid-value", "error"),
        ("memory-over-committed", "error"),
        ("near-miss", "warning"),
    ]
    with pytest.raises(omerogen.UsageError):
        omerogen.check(omerogen.load(), http="x")


@pytest.mark.parametrize("function", ["build", "check"])
def test_an_option_that_no_artifact_has_is_an_error(function, tmp_path):
    """It would have no effect."""
    arguments = (omerogen.load(), *([str(tmp_path)] if function == "build" else []))
    with pytest.raises(omerogen.UsageError, match="max_boddy_size: unknown option"):
        getattr(omerogen, function)(*arguments, max_boddy_size="2m")


def test_explain_gives_what_the_command_prints():
    """Where a value came from, what reads it, and what is wrong with it."""
    settings = omerogen.load(overrides={"omero.web.prefix": "/omero", "omero.db.port": "x"})
    explanation = omerogen.explain(settings, "omero.web.prefix")
    assert (explanation.property, explanation.value) == (WEB_PREFIX, "/omero")
    assert explanation.origin == Location.flag("--set")
    assert explanation.artifacts == ("nginx", "django", "gunicorn")
    refused = omerogen.explain(settings, "omero.db.port")
    assert (refused.value, refused.refusal.rule) == ("x", "invalid-value")


def classes() -> set[type]:
    """All classes of the package."""
    modules = [module.name for module in pkgutil.walk_packages(omerogen.__path__, "omerogen.")]
    programs = ("__main__", "django_probe")
    imported = [importlib.import_module(name) for name in modules if not name.endswith(programs)]
    found = {value for module in imported for value in vars(module).values() if inspect.isclass(value)}
    return {found_class for found_class in found if found_class.__module__.startswith("omerogen.")}


ERRORS = sorted(
    (kind for kind in classes() if issubclass(kind, BaseException)), key=lambda kind: kind.__name__
)


#: Arguments for those that do not take any texts.
ARGUMENTS = {
    "Late": (OSError(5, "Input/output error"),),
    "Malformed": ("is not XML", 3),
    "Unresolvable": ("refers to itself", "break the circle", ("a", "b"), "c"),
    "Unwritable": ("cannot be written", frozenset({Input.property("omero.db.host")})),
    "Invalid": ("has 'x'", "give y", "has a wrong letter"),
    "NotAllowed": ("a template only prints fields", 3, "nginx/server.conf.j2"),
}


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_all_errors_pickle(kind):
    """So that they come back from the processes of a pool, with all that they say."""
    problem = omerogen.Problem(Location.file("a.xml", 3, "p"), "is wrong", "do it", "rule", ("a.b",))
    is_ours = issubclass(kind, omerogen.OmerogenError)
    error = kind(*([problem],) if is_ours else ARGUMENTS.get(kind.__name__, ("it failed",)))
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error)
    facts = {name: repr(value) for name, value in vars(error).items()}
    assert {name: repr(value) for name, value in vars(copy).items()} == facts


def _of_another_process(port: str) -> str:
    return str(omerogen.render("jdbc", omerogen.load(overrides={"omero.db.port": port})))


def test_errors_and_settings_cross_a_process_pool():
    """As somebody has it who renders many sites at once."""
    with get_context("spawn").Pool(1) as pool:
        assert ":5433/" in pool.apply(_of_another_process, ("5433",))
        with pytest.raises(omerogen.SettingsError, match="omero.db.port 'x' is not a whole number"):
            pool.apply(_of_another_process, ("x",))
    settings = pickle.loads(pickle.dumps(omerogen.load(overrides={"omero.db.port": "1"})))
    assert settings["omero.db.port"] == 1
