"""The house: who may import whom, what is imported late, what every module has."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import omerogen
from omerogen import artifacts, catalog
from omerogen.artifacts import ARTIFACTS
from omerogen.derive.fields import Context, field
from omerogen.derive.host import Host
from omerogen.settings.loading import load

PACKAGE = Path(omerogen.__file__).parent
TEMPLATES = PACKAGE.parent.parent / "templates"
MODULES = {
    str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".").removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
    if "compiled" not in path.parts  # templates, by the build
}

#: The floors of the house, from the ground up; a room may use those below it, and none on its own floor.
FLOORS = (
    ("values",),
    ("model",),
    ("secrets", "templating", "deploy"),
    ("catalog",),
    ("sources",),
    ("settings",),
    ("derive",),
    ("artifacts",),
    ("verify", "rewriting", "reporting"),
    ("rules", "comparing"),
    ("sites",),
    ("fleet",),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

#: Who alone may import a library: all others get what it makes from them.
KEEPERS = {
    "jinja2": {"templating"},
    "psutil": {"derive.host"},
    "lxml": {"sources.xml", "rewriting"},
    "yaml": {"sources.yaml_file"},
    "javaproperties": {"sources.java_properties", "verify.jdbc"},
    "argparse": {"cli"},
    "crossplane": {"comparing.nginx.parsing"},
    "matplotlib": {"reporting.plot"},
    "pygments": {"reporting.highlight"},
    "time": {"deploy.lock", "derive.host", "verify"},
    "subprocess": {"verify", "sites.hooks"},
    "django": {"verify.django_probe", "verify.settings_probe"},
    "datetime": set(),
}


def imports(path: Path) -> set[str]:
    """All that a module imports, at its top or later, but for types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str:
    """The room of a module of omerogen: the first part of its name."""
    return module.partition(".")[0]


@pytest.mark.parametrize("module", [name for name in sorted(MODULES) if name != "__init__"])
def test_arrows_go_one_way(module):
    """The pipeline, from values to the command line."""
    for imported in imports(MODULES[module]):
        name = imported.removeprefix("omerogen.")
        if imported.startswith("omerogen.") and room(name) in FLOOR and room(name) != room(module):
            assert FLOOR[room(name)] < FLOOR[room(module)], f"{module} imports {imported}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_library_has_one_keeper(module):
    """No other program knows that it is there."""
    for imported in imports(MODULES[module]):
        keepers = KEEPERS.get(imported.partition(".")[0])
        if keepers is not None:
            assert module in keepers or room(module) in keepers, f"{module} imports {imported}"


def test_the_top_level_reads_as_the_pipeline():
    """Rooms, the public interface, and ``python -m``; every room is on a floor, and says what it is for."""
    loose = {path.name for path in PACKAGE.glob("*.py")}
    assert loose == {"__init__.py", "__main__.py"}
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms == FLOOR.keys() - {"__main__"}


def test_deploying_files_knows_nothing_of_omero():
    """Paths, texts, modes and problems."""
    for module in (name for name in MODULES if room(name) == "deploy"):
        ours = {name for name in imports(MODULES[module]) if name.startswith("omerogen.")}
        assert all(name.startswith(("omerogen.deploy", "omerogen.model")) for name in ours), module
        words = {
            node.id for node in ast.walk(ast.parse(MODULES[module].read_text())) if isinstance(node, ast.Name)
        }
        assert not words & {"Property", "Input", "Settings", "ARTIFACTS"}


def test_names_of_properties_are_constants():
    """A misspelt one cannot be written: outside of the catalog, no text is the name of a row."""
    for module, path in MODULES.items():
        if room(module) in ("catalog", "sources"):  # what a source says is a text
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert not {text for text in texts if isinstance(text, str)} & catalog.PROPERTIES.keys(), module


def test_artifacts_do_not_know_each_other():
    """What two of them need has a room of its own."""
    artifacts = {name for name in MODULES if name.startswith("artifacts.")} - {"artifacts.base"}
    for module in artifacts:
        assert not imports(MODULES[module]) & {f"omerogen.{other}" for other in artifacts - {module}}


def test_only_the_command_line_reads_the_environment_and_prints():
    """The core is given what it needs."""
    for module, path in MODULES.items():
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        attributes = {
            node.attr
            for node in nodes
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("os", "sys")
        }
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        if module not in (
            "cli.init",
            "cli.program",
            "cli.usage",
            "cli.reading",
            "sites.loading",
            "verify.django_probe",
            "verify.settings_probe",
        ):  # a site file has ``env = true``; the last two are programs
            assert not attributes & {"environ", "getenv", "stdout", "stderr", "argv"}, module
            assert "print" not in names, module


#: What takes milliseconds to import, and what no command needs that only reads a config.xml and prints.
_NEVER = (
    *("jinja2", "lxml", "psutil", "yaml", "javaproperties", "tomllib"),
    *("inspect", "difflib", "dataclasses", "multiprocessing", "subprocess", "pathlib", "tempfile", "shutil"),
)


@pytest.mark.parametrize(
    ("command", "not_imported"),
    [
        ("import omerogen", ["jinja2", "lxml", "psutil", "omerogen.catalog"]),
        (
            "import omerogen; omerogen.load()",
            ["jinja2", "lxml", "psutil", "yaml", "javaproperties", "difflib"],
        ),
        ("from omerogen import cli; cli.main(['completion', 'bash'])", ["jinja2", "lxml", "psutil", "yaml"]),
        (
            "from omerogen import cli; cli.main(['jdbc', '-c', 'tests/data/site.config.xml'])",
            [
                "psutil",
                "yaml",
                "javaproperties",
                "jinja2",
                "lxml",
                "omerogen.artifacts.nginx",
                "omerogen.sites",
            ],
        ),
        *(
            (f"from omerogen import cli; cli.main({words!r})", [*_NEVER, *more])
            for words, more in {
                ("jvm", "-c", "examples/site.config.xml"): ["omerogen.sites", "hashlib", "urllib"],
                ("nginx", "-c", "examples/site.config.xml"): ["omerogen.sites", "hashlib", "urllib"],
                ("properties",): ["omerogen.sites", "hashlib", "urllib"],
                ("explain", "omero.db.host", "-c", "examples/site.config.xml"): ["omerogen.verify"],
                ("build", "--check", "-o", "/none", "-c", "examples/site.config.xml"): [
                    "omerogen.verify",
                    "omerogen.fleet",
                ],
            }.items()
        ),
    ],
)
def test_what_a_command_does_not_need_is_not_imported(command, not_imported):
    """Start-up counts: each import is milliseconds of every call."""
    code = f"{command}\nimport sys; print([name for name in {not_imported!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=PACKAGE.parent.parent,
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_is_a_room_and_not_a_hall(module):
    """About 300 lines at the most, and a docstring that says what it is for."""
    text = MODULES[module].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 330
    assert ast.get_docstring(ast.parse(text))


def test_templates_hold_no_python_files():
    """One there would break editable installs; every template tells its language by its name."""
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert files
    assert all(path.suffix == ".j2" and path.with_suffix("").suffix for path in files)


@pytest.mark.parametrize("name", [name for name in vars(Context(load(), Host(), {})) if name[0] != "_"])
def test_no_field_is_hidden_by_its_context(name):
    """One named ``host`` would be the machine, whatever it computes: the class cannot be made."""
    with pytest.raises((TypeError, RuntimeError)) as caught:  # Python wraps the error before 3.12
        type("SomeContext", (Context,), {name: field(lambda _: "")})
    assert f"named {name}" in str(caught.value.__cause__ or caught.value)


@pytest.mark.parametrize("name", sorted(ARTIFACTS))
def test_every_field_is_printed_or_read(name):
    """A field that no template, field or command uses is a room that nobody enters."""
    context = artifacts.get(name).context
    fields = [attribute for attribute in dir(context) if isinstance(getattr(context, attribute), field)]
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.j2"))
    code = "".join(path.read_text(encoding="utf-8") for path in MODULES.values())
    unused = [
        attribute
        for attribute in fields
        if not re.search(rf"\b(?:{name}|router)\.{attribute}\b", templates)
        and not re.search(rf"(?:self|site|context)\.{attribute}\b", code)
    ]
    assert unused == []
