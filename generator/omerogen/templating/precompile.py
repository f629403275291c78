"""Compiles all templates of a checkout into modules: ``python -m omerogen.templating.precompile``."""

from __future__ import annotations

from pathlib import Path

from omerogen.templating import compiler
from omerogen.templating.environment import module_name
from omerogen.templating.folder import templates_folder


def compile_all() -> None:
    """Write a module for each template, and remove those of templates that are gone."""
    templates = Path(templates_folder())
    folder = Path(__file__).parent / "compiled"
    folder.mkdir(exist_ok=True)
    modules = {"__init__": '"""The compiled templates, made by the build."""\n'}
    for path in sorted(templates.rglob("*.j2")):
        name = path.relative_to(templates).as_posix()
        modules[module_name(name)] = compiler.compiled(name, path.read_text(encoding="utf-8"))
    for old in folder.glob("*.py"):
        if old.stem not in modules:
            old.unlink()
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    compile_all()
