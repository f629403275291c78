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
        sys.path.insert(0, str(Path(self.root) / "generator"))
        from omerogen.templating.precompile import compile_all

        compile_all()
        build_data["artifacts"].append("generator/omerogen/templating/compiled/*.py")
