"""What the properties of a site reach, as the last run that explained one has found it out.

>>> with known_reach.of(load, os.environ) as (settings, reach):
...     Explainer(settings, reach)

That takes longer than all else about a property, and an administrator asks about one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from omerogen.derive.host import Host
from omerogen.model import file_reads
from omerogen.reporting.reach import Reach, Reached
from omerogen.settings import Settings
from omerogen.sites import caches


@contextmanager
def of(load: Callable[[], Settings], environ: Mapping[str, str]) -> Iterator[tuple[Settings, Reach]]:
    """The settings, and what is known of their reach; what is found out in the block is kept."""
    folder = caches.usual_folder(environ)
    if folder is None:
        settings = load()
        yield settings, Reach(settings)
        return
    with file_reads.noting() as reads:
        settings = load()
        path = os.path.join(folder, f"reach-{_name(reads)}.json")
        key = _key(settings)
        reach = _read(path, key, settings) or Reach(settings)
        yield settings, reach
    basis = caches.basis(reads, reach.host) if reach.has_grown else None
    if basis:
        read = {artifact: sorted(names) for artifact, names in reach.read.items()}
        caches.write(path, {"key": key, "basis": basis, "read": read, "reached": reach.reached})


def _key(settings: Settings) -> str:
    """A hash of all that was given, and of the code; the contents of other files are in the basis."""
    return _digest((caches.code(), caches.working_folder(), settings.given))


def _name(reads: Iterable[str]) -> str:
    """A name for a site, by the sources that it is read from: one file is kept of each."""
    return _digest((caches.working_folder(), sorted(reads)))[:40]


def _digest(given: object) -> str:
    return file_reads.digest(repr(given).encode(errors="surrogateescape"))


def _read(path: str, key: str, settings: Settings) -> Reach | None:
    known = caches.read(path)
    host = Host.of(settings.site.options)
    try:
        if known["key"] != key or not caches.holds(known["basis"], host):
            return None
        reached = {artifact: _reached(parts) for artifact, parts in known["reached"].items()}
        return Reach(settings, known["read"], reached)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None


def _reached(parts: list[Any]) -> Reached:
    lines, missing = parts
    return Reached(lines, caches.problems(missing))
