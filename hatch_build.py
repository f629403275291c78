"""Compiles the templates when omerogen is installed or its wheel is built, so that no command has to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTemplates(BuildHookInterface):
    """Writes a module for each template; they are part of the wheel, though git ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile all templates of the checkout; ``version`` is standard or editable."""
        del version
        root = Path(self.root)
        sys.path.insert(0, str(root / "generator"))
        from omerogen.templating import compiler
        from omerogen.templating.environment import module_name

        folder = root / "generator/omerogen/templating/compiled"
        folder.mkdir(exist_ok=True)
        modules = {"__init__": '"""The compiled templates, made by the build."""\n'}
        for path in sorted((root / "templates").rglob("*.j2")):
            name = path.relative_to(root / "templates").as_posix()
            modules[module_name(name)] = compiler.compiled(name, path.read_text(encoding="utf-8"))
        for old in folder.glob("*.py"):
            if old.stem not in modules:
                old.unlink()
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text, encoding="utf-8")
        build_data["artifacts"].append("generator/omerogen/templating/compiled/*.py")
