"""The kinds of configurations that can be compared with ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omerogen.comparing.result import CompareResult
from omerogen.derive import grid
from omerogen.derive.options import HOST_ROOT
from omerogen.model import Location, UsageError
from omerogen.settings import Settings

KINDS = ("nginx", "django", "templates")
#: The options of ours besides those of the artifacts: of ``rewrite``.
OPTIONS = (grid.NODE, HOST_ROOT)


def compare(
    kind: str, settings: Settings, subject: str, options: Mapping[str, Any], *, python: str = ""
) -> CompareResult:
    """How ``subject`` differs in meaning from ours.

    - ``kind``: ``nginx``, a file; ``django``, a module of settings; ``templates``, a folder of templates.
    - ``options``: those of ``omerogen nginx``, ``django`` and ``rewrite``, of which each kind takes its own.
    - ``python``: the Python that has the module; empty for that of the OMERO directory.

    Raises `UsageError` for another kind, `SourceError` for what cannot be read.
    """
    if kind == "nginx":
        from omerogen.comparing.nginx import comparison

        return comparison.compare(settings, subject, options)
    if kind == "django":
        from omerogen.comparing import django

        return django.compare(settings, subject, options, python)
    if kind == "templates":
        from omerogen.comparing import templates

        return templates.compare(settings, subject, options)
    raise UsageError.at(
        Location.command("compare"), f"{kind!r} cannot be compared", f"give one of {', '.join(KINDS)}"
    )
