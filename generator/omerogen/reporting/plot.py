"""A picture of the heaps against the system's memory, for the current settings.

Drawn with matplotlib, which is installed as the extra ``plot``. Lines differ by dash and
marker and carry their names, so that the picture reads in grey too.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

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
#: Space for names: a part of the height, doublings of the memory, points above the picture.
_NAME_HEIGHT, _NAME_DOUBLINGS, _ROW_POINTS = 0.055, 3.2, 12


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
        figure = Figure(figsize=(10, 5.8), layout="constrained")
        _draw(figure.subplots(), site)
        picture = io.BytesIO()
        metadata = {"Date": None} if suffix == ".svg" else {"Software": None}
        figure.savefig(picture, format=suffix[1:], dpi=150, metadata=metadata)
    write.write_file(path, picture.getvalue())


class Curve(NamedTuple):
    """A line of the picture: sizes in MiB for each memory of the axis, None where java would refuse them."""

    name: str
    sizes: list[int | None]


def curves(site: JvmContext) -> list[Curve]:
    """The heap of each service that runs here, all of them together, and with what JVMs need outside them."""
    running = [service for service in SERVICES if site.instances.get(service)]
    columns: list[list[int | None]] = [[] for _ in (*running, "heaps", "needed")]
    for total in _SYSTEM_MB:
        for column, size in zip(columns, _sizes(site, total, running), strict=True):
            column.append(size)
    several = {service: count for service, count in site.instances.items() if count > 1}
    names = [f"{name} ({several[name]} of them)" if name in several else name for name in running]
    together = ("all heaps", "all that they need")
    return [Curve(name, column) for name, column in zip([*names, *together], columns, strict=True)]


def _sizes(site: JvmContext, total: int, running: Sequence[str]) -> list[int | None]:
    """The heaps, their sum, and all that is needed, in MiB, on a machine of ``total`` MB."""
    try:
        sizing = site.resized(site.settings.changed({JVMCFG_SYSTEM_MEMORY.name: str(total)}))
    except ArtifactError:
        return [None] * (len(running) + 2)
    heaps = {jvm.service: jvm.heap_mib for jvm in sizing.jvms}
    return [
        *(heaps[service] for service in running),
        sizing.heaps_mib,
        sizing.heaps_mib + sizing.non_heap_mib,
    ]


def _draw(axes: Any, site: JvmContext) -> None:
    x = [total / 1000 for total in _SYSTEM_MB]
    *services, heaps, needed = curves(site)
    ends = []
    same: dict[tuple[int | None, ...], list[str]] = {}
    for curve in services:
        same.setdefault(tuple(curve.sizes), []).append(curve.name)
    for number, (sizes, names) in enumerate(same.items()):
        style = {"linestyle": _DASHES[number % 4], "marker": _MARKERS[number % 4], "markevery": 8}
        axes.plot(x, _gib(sizes), color=str(0.15 * number), markersize=5, linewidth=1.4, **style)
        ends.append((", ".join(names), sizes[-1], "normal"))
    there_is = [int(total / memory.MIB_IN_MB) for total in _SYSTEM_MB]
    for curve, style in (
        (heaps, {"color": "black", "linewidth": 1.4}),
        (needed, {"color": "black", "linewidth": 2.6}),
        (Curve("memory there is", [*there_is]), {"color": "0.6", "linewidth": 1.2}),
    ):
        axes.plot(x, _gib(curve.sizes), **style)
        ends.append((curve.name, curve.sizes[-1], "bold" if curve is needed else "normal"))
    axes.set(
        xscale="log", yscale="log", xlim=(1, x[-1]), xlabel="system memory in GB", ylabel="memory in GiB"
    )
    ticks = [2**power for power in range(10)]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    low, high = axes.get_ylim()
    heights = [2.0**power for power in range(-6, 11) if low <= 2.0**power <= high]
    axes.set_yticks(heights, [f"{height:g}" for height in heights])
    axes.minorticks_off()
    axes.set_ylim(low, high)
    axes.grid(color="0.9")
    _name_ends(axes, ends)
    rows = _name_bounds(axes, site)
    axes.set_title("Memory of OMERO's JVMs", pad=8 + _ROW_POINTS * rows)


def _gib(column: Sequence[int | None]) -> list[float]:
    return [float("nan") if mib is None else mib / 1024 for mib in column]


def _name_ends(axes: Any, ends: Sequence[tuple[str, int | None, str]]) -> None:
    """The name of each line right of its end, moved up where it would cover the one below."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    at = -1.0
    for name, mib, weight in sorted((end for end in ends if end[1]), key=lambda end: end[1] or 0):
        place = (math.log((mib or 0) / 1024) - low) / (high - low)
        at = max(place, at + _NAME_HEIGHT)
        axes.annotate(
            name,
            (1, place),
            (1.03, at),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            weight=weight,
            arrowprops={"arrowstyle": "-", "color": "0.6", "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 0},
        )


def _name_bounds(axes: Any, site: JvmContext) -> int:
    """Where OMERO's floor and ceiling are, and this machine, named above the picture; the rows that it takes.

    A name that would cover one below it gets a separate row.
    """
    machine = site.sizing.total
    own = "this machine" if machine.source.kind is not Place.PROPERTY else "system_memory"
    places = [
        ("min_system_memory", site.settings[JVMCFG_MIN_SYSTEM_MEMORY], ":"),
        ("max_system_memory", site.settings[JVMCFG_MAX_SYSTEM_MEMORY], ":"),
        (own, machine.total_mb, "--"),
    ]
    rows: list[float] = []  # where the last name of each row ends
    for name, megabytes, style in sorted(places, key=lambda place: place[1]):
        if not _SYSTEM_MB[0] <= megabytes <= _SYSTEM_MB[-1]:
            continue
        axes.axvline(megabytes / 1000, color="0.35", linestyle=style, linewidth=1)
        middle = math.log2(megabytes / 1000)
        start = min(max(middle - _NAME_DOUBLINGS / 2, 0), math.log2(_SYSTEM_MB[-1] / 1000) - _NAME_DOUBLINGS)
        row = next((row for row, end in enumerate(rows) if start > end), len(rows))
        rows[row : row + 1] = [start + _NAME_DOUBLINGS]
        axes.annotate(
            f"{name} {megabytes} MB",
            (2 ** (start + _NAME_DOUBLINGS / 2), 1),
            (0, 4 + _ROW_POINTS * row),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            color="0.25",
            ha="center",
        )
    return len(rows)
