"""One run of libFuzzer, through atheris: ``python -m fuzz.engine TARGET FLAG… FOLDER…``."""

from __future__ import annotations

import sys
from importlib import import_module

import atheris

#: What atheris counts the branches of.
_COUNTED = ["omerogen", "javaproperties", "yaml", "shlex", "jinja2", "json"]
#: What is imported where it is needed: here before the first run, to be counted.
_LATE = (
    *(f"artifacts.{name}" for name in ("django", "glacier2", "jdbc", "jvm", "nginx")),
    *(f"sources.{name}" for name in ("config_xml", "environment", "java_properties", "json_file")),
    *("sources.omero_commands", "sources.yaml_file", "templating"),
)

with atheris.instrument_imports(include=_COUNTED):
    from fuzz.targets import TARGETS

    for _name in _LATE:
        import_module(f"omerogen.{_name}")
    import_module("javaproperties")


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    name, *flags = sys.argv[1:]
    # To merge, libFuzzer starts itself again: this is what a shell is given as its name.
    itself = f"{sys.executable} -m fuzz.engine {name}"
    atheris.Setup([itself, *flags], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
