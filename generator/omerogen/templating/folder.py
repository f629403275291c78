"""Where the templates are; apart from what renders them, as that is not always needed."""

from __future__ import annotations

import os
from functools import cache

_PACKAGE = os.path.dirname(os.path.dirname(__file__))


@cache
def templates_folder() -> str:
    """The folder of the templates: in the package when installed, two folders up in a checkout."""
    installed = os.path.join(_PACKAGE, "templates")
    return installed if os.path.isdir(installed) else os.path.join(_PACKAGE, "../../templates")
