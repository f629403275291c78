"""A picture of the heaps against the system's memory, for the current settings.

Drawn with matplotlib, which is installed as the extra ``plot``. Lines differ by dash and
marker and carry their names, so that the picture reads in grey too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from omerogen.artifacts.jvm import JvmContext
from omerogen.catalog.jvm import (
    JVMCFG_MAX_SYSTEM_MEMORY,
    JVMCFG_MIN_SYSTEM_MEMORY,
    JVMCFG_SYSTEM_MEMORY,
    SERVICES,
)
from omerogen.deploy import write
from omerogen.derive.jvm import memory
from omerogen.model import ArtifactError, Location, Place, UsageError

FORMATS = (".svg", ".png")
#: From 1 GB to 512 GB, eight steps to a doubling.
_SYSTEM_MB = tuple(round(1000 * 2 ** (step / 8)) for step in range(9 * 8 + 1))
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
_MARKERS = ("o", "s", "^", "D")


def draw(site: JvmContext, path: str) -> None:
    """Draw the heaps of a site into ``path``, an .svg or .png file. Raises `UsageError`, `WriteError`."""
    suffix = PurePath(path).suffix.lower()
    if suffix not in FORMATS:
        raise UsageError.at(
            Location.flag("--plot"), f"{path} is not a picture", f"name it *{' or *'.join(FORMATS)}"
        )
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        message, advice = "needs matplotlib, which is not installed", "pip install matplotlib"
        raise UsageError.at(Location.flag("--plot"), message, advice) from None
    # Neither a matplotlibrc of the folder nor one of the user may change the picture.
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "svg.hashsalt": "omerogen"}):
        figure = Figure(figsize=(9, 5.6), layout="constrained")
        _draw(figure.subplots(), site)
        picture = io.BytesIO()
        metadata = {"Date": None} if suffix == ".svg" else {"Software": None}
        figure.savefig(picture, format=suffix[1:], dpi=150, metadata=metadata)
    write.write_file(path, picture.getvalue())


def heaps(site: JvmContext) -> dict[str, list[int | None]]:
    """The heap in MiB of each service for each of the memories of the axis; None where java would refuse."""
    columns: dict[str, list[int | None]] = {service: [] for service in SERVICES}
    for total in _SYSTEM_MB:
        try:
            sizes = {
                jvm.service: jvm.heap_mib
                for jvm in site.resized(site.settings.changed({JVMCFG_SYSTEM_MEMORY.name: str(total)})).jvms
            }
        except ArtifactError:
            sizes = {}
        for service, column in columns.items():
            column.append(sizes.get(service))
    return columns


def _draw(axes: Any, site: JvmContext) -> None:
    columns = heaps(site)
    same: dict[tuple[int | None, ...], list[str]] = {}
    for service, column in columns.items():
        same.setdefault(tuple(column), []).append(service)
    x = [total / 1000 for total in _SYSTEM_MB]
    for number, (sizes, services) in enumerate(same.items()):
        _line(axes, x, sizes, ", ".join(services), number)
    everything = [
        None if None in sizes else sum(filter(None, sizes)) for sizes in zip(*columns.values(), strict=True)
    ]
    axes.plot(x, _gib(everything), color="black", linewidth=2.4)
    _label(axes, x, everything, "all four", weight="bold")
    there_is = [int(total / memory.MIB_IN_MB) for total in _SYSTEM_MB]
    axes.plot(x, _gib(there_is), color="0.6", linewidth=1)
    _label(axes, x, there_is, "memory there is")
    _bounds(axes, site)
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(1, 512 * 4.5),
        xlabel="system memory in GB",
        ylabel="heap in GiB",
        title="Heaps of OMERO's JVMs",
    )
    # Below the lines there is room for the names of the bounds.
    lowest = min(mib for column in columns.values() for mib in column if mib is not None) / 1024
    axes.set_ylim(bottom=lowest / 24)
    ticks = [2**power for power in range(10)]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    high = axes.get_ylim()[1]
    heights = [2.0**power for power in range(-6, 11) if lowest / 2 <= 2.0**power <= high]
    axes.set_yticks(heights, [f"{height:g}" for height in heights])
    axes.grid(color="0.9")


def _line(axes: Any, x: Sequence[float], column: Sequence[int | None], name: str, number: int) -> None:
    style = {"linestyle": _DASHES[number % 4], "marker": _MARKERS[number % 4], "markevery": 8}
    axes.plot(x, _gib(column), color=str(0.15 * number), markersize=5, linewidth=1.4, **style)
    _label(axes, x, column, name)


def _gib(column: Sequence[int | None]) -> list[float]:
    return [float("nan") if mib is None else mib / 1024 for mib in column]


def _label(axes: Any, x: Sequence[float], column: Sequence[int | None], name: str, **font: str) -> None:
    """The name of a line at its right end."""
    if column[-1] is not None:
        axes.annotate(
            name, (x[-1], column[-1] / 1024), (6, 0), textcoords="offset points", va="center", **font
        )


def _bounds(axes: Any, site: JvmContext) -> None:
    """Where OMERO's floor and ceiling are, and this machine."""
    machine = site.sizing.total
    places = {
        "min_system_memory": (site.settings[JVMCFG_MIN_SYSTEM_MEMORY], ":"),
        "max_system_memory": (site.settings[JVMCFG_MAX_SYSTEM_MEMORY], ":"),
        "this machine" if machine.source.kind is not Place.PROPERTY else "system_memory": (
            machine.total_mb,
            "--",
        ),
    }
    for name, (megabytes, style) in places.items():
        if not _SYSTEM_MB[0] <= megabytes <= _SYSTEM_MB[-1]:
            continue
        axes.axvline(megabytes / 1000, color="0.35", linestyle=style, linewidth=1)
        note = axes.annotate(
            f"{name}\n{megabytes} MB",
            (megabytes / 1000, 0.02),
            (-3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=90,
            fontsize=8,
            color="0.25",
            ha="right",
            va="bottom",
        )
        note.set_in_layout(False)
