"""omerogen: the configurations that must agree with the properties of an OMERO server.

>>> import omerogen
>>> settings = omerogen.load(overrides={"omero.jvmcfg.system_memory": "16000"})
>>> omerogen.jvm_flags(settings)["blitz"]
['-Xmx2400m']

Everything raised is an `OmerogenError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omerogen.errors import OmerogenError

if TYPE_CHECKING:
    from omerogen.loading import load
    from omerogen.settings import Settings

__all__ = ["OmerogenError", "Settings", "jvm_flags", "load", "render"]
__version__ = "0.1.0"


def render(artifact: str, settings: Settings, **options: Any) -> str:
    """The text of an artifact, with the options of its command as keywords.

    ``render("nginx", settings, max_body_size="2m")`` is ``omerogen nginx --max-body-size 2m``.
    """
    from omerogen import product

    return product.make(artifact, settings, options).text


def jvm_flags(settings: Settings) -> dict[str, list[str]]:
    """The words for the command line of each of OMERO's JVMs, by service."""
    from omerogen import product

    flags: dict[str, list[str]] = product.fields("jvm", settings, {}).flags
    return flags


def __getattr__(name: str) -> Any:
    """``load`` and ``Settings``, imported when they are first asked for."""
    if name == "load":
        from omerogen.loading import load

        return load
    if name == "Settings":
        from omerogen.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
