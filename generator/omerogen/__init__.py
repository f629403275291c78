"""omerogen: the configurations that must agree with the properties of an OMERO server.

>>> import omerogen
>>> settings = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000"})
>>> omerogen.jvm_flags(settings)["blitz"]
['-Xmx2400m']

Everything raised is an `OmerogenError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omerogen.model.errors import OmerogenError
from omerogen.model.version import __version__

if TYPE_CHECKING:
    from omerogen.settings.loading import load
    from omerogen.settings.settings import Settings

__all__ = ["OmerogenError", "Settings", "__version__", "jvm_flags", "load", "render"]


def render(artifact: str, settings: Settings, **options: Any) -> str:
    """The text of an artifact, with the options of its command as keywords.

    ``render("nginx", settings, max_body_size="2m")`` is ``omerogen nginx --max-body-size 2m``.
    """
    from omerogen.artifacts import rendering

    return rendering.make(artifact, settings, options).text


def jvm_flags(settings: Settings) -> dict[str, list[str]]:
    """The words for the command line of each of OMERO's JVMs, by service."""
    from omerogen.artifacts import rendering

    flags: dict[str, list[str]] = rendering.fields("jvm", settings, {}).flags
    return flags


def __getattr__(name: str) -> Any:
    """``load`` and ``Settings``, imported when they are first asked for."""
    if name == "load":
        from omerogen.settings.loading import load

        return load
    if name == "Settings":
        from omerogen.settings.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
