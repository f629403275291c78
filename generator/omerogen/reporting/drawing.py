"""The heaps of a site against the memory that counts: the numbers of a drawing, which a template prints."""

from __future__ import annotations

from typing import NamedTuple

from omerogen.artifacts.jvm import JvmContext
from omerogen.derive.jvm.memory import MIB_IN_MB
from omerogen.derive.jvm.sizing import Region, Sizing

#: The width of the drawing, the x of its bars and their width, and the height of a row.
_WIDTH, _LEFT, _BARS, _ROW = 760, 100, 560, 34
_HEIGHT_OF_BAR = 22


class Bar(NamedTuple):
    """A rectangle; ``kind`` is heap or other."""

    kind: str
    x: int
    width: int


class Row(NamedTuple):
    """The bars of a service, or of all together; ``y`` is their top, ``text_y`` the line of their texts."""

    name: str
    y: int
    text_y: int
    bars: tuple[Bar, ...]
    text: str
    text_x: int


class HeapSize(NamedTuple):
    """The sizes of a service in words, for the table."""

    service: str
    instances: str
    heap: str
    other: str
    reason: str


class Tick(NamedTuple):
    """A size on the axis."""

    x: int
    text: str


class Drawing(NamedTuple):
    """The drawing and what it says in words.

    - ``memory_x``: where the memory ends; ``memory``, ``left``, ``source``: in words.
    - ``regions``: what is outside a heap, and what each size was taken from.
    """

    width: int
    height: int
    left_x: int
    bar_height: int
    axis_y: int
    label_y: int
    memory_x: int
    fits: bool
    memory: str
    source: str
    summary: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    sizes: tuple[HeapSize, ...]
    regions: tuple[str, ...]
    ignored: tuple[str, ...]


def drawing(site: JvmContext) -> Drawing:
    """The drawing of the JVMs of a machine. Sizes are in MB, as OMERO counts memory; heaps also in MiB."""
    sizing = site.sizing
    total, needed = sizing.total.total_mb, sizing.needed_mb
    most = max(total, needed, 1)
    scale = _BARS / most
    rows = list(_rows(sizing, scale))
    axis = 30 + len(rows) * _ROW
    verdict = f"{sizing.left_mb} MB are left" if sizing.fits else f"{-sizing.left_mb} MB are missing"
    return Drawing(
        _WIDTH,
        axis + 30,
        _LEFT,
        _HEIGHT_OF_BAR,
        axis,
        axis + 20,
        _LEFT + round(total * scale),
        sizing.fits,
        f"memory {total} MB",
        str(sizing.total.source),
        f"The JVMs need {needed} MB of {total} MB: {verdict}.",
        tuple(rows),
        tuple(_ticks(most, scale)),
        tuple(_size(site, sizing, service) for service in sizing.non_heap),
        tuple(_regions(sizing)),
        tuple(map(str, site.ignored)),
    )


def _rows(sizing: Sizing, scale: float) -> list[Row]:
    """A row for each service that runs, and one for all of them."""
    rows: list[tuple[str, list[tuple[str, float]]]] = []
    for jvm in sizing.jvms:
        count = sizing.instances[jvm.service]
        if count:
            name = jvm.service if count == 1 else f"{jvm.service} x {count}"
            sizes = [("heap", jvm.heap_mib), ("other", _other(sizing, jvm.service))]
            rows.append((name, [(kind, mib * count * MIB_IN_MB) for kind, mib in sizes]))
    rows.append(("together", [size for _, sizes in rows for size in sizes]))
    return [_row(place, name, sizes, scale) for place, (name, sizes) in enumerate(rows)]


def _row(place: int, name: str, sizes: list[tuple[str, float]], scale: float) -> Row:
    y = 30 + place * _ROW
    bars = []
    at = 0.0
    for kind, mb in sizes:
        start, end = round(at * scale), round((at + mb) * scale)
        bars.append(Bar(kind, _LEFT + start, max(end - start, 1)))
        at += mb
    text = f"{round(at)} MB"
    return Row(name, y, y + 16, tuple(bars), text, _LEFT + round(at * scale) + 8)


def _other(sizing: Sizing, service: str) -> int:
    return sum(region.mib for region in sizing.non_heap[service])


def _ticks(most: int, scale: float) -> list[Tick]:
    """Round sizes on the axis, from four to ten of them."""
    step = next(
        step
        for power in range(10)
        for step in (10**power, 2 * 10**power, 5 * 10**power)
        if most / step <= 8 or step == 5 * 10**9
    )
    return [
        Tick(_LEFT + round(mb * scale), f"{mb // 1000} GB" if step >= 1000 else f"{mb} MB")
        for mb in range(0, most + 1, step)
    ]


def _size(site: JvmContext, sizing: Sizing, service: str) -> HeapSize:
    [jvm] = [jvm for jvm in sizing.jvms if jvm.service == service]
    count = sizing.instances[service]
    return HeapSize(
        service,
        str(count) if count else "not run",
        f"{jvm.heap_mib} MiB",
        f"{_other(sizing, service)} MiB",
        site.reason(jvm),
    )


def _regions(sizing: Sizing) -> list[str]:
    alike: dict[tuple[Region, ...], list[str]] = {}
    for service, regions in sizing.non_heap.items():
        alike.setdefault(regions, []).append(service)
    return [
        f"{', '.join(services)}: {'; '.join(f'{one.name} {one.mib} MiB ({one.source})' for one in regions)}"
        for regions, services in alike.items()
    ]
