"""``omerogen jvm``: the flags, with ``--explain`` how they come about, with ``--plot`` a picture of them."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.artifacts.jvm import JvmContext
from omerogen.cli import artifact
from omerogen.cli.arguments import given
from omerogen.cli.registry import Load, Outcome, json_text, printable
from omerogen.derive.host import NO_LIMIT, Ignored
from omerogen.derive.jvm.sizing import Region, Sizing
from omerogen.model import Location, Problem, UsageError, refuse_warnings


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's options, and two ways to look at what it computes."""
    artifact.arguments(parser, name)
    parser.add_argument(
        "--explain", action="store_true", help="show how the heaps are computed, and whether they fit"
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="draw heaps against system memory into an .svg or .png file"
    )


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The flags, the explanation or the picture."""
    no_jvm = f"the node {parsed.node} does not run a JVM"
    if not (parsed.explain or parsed.plot):
        outcome = artifact.run(parsed, settings)
        return outcome if outcome.text else outcome._replace(messages=(no_jvm,))
    slips = []
    if parsed.format == "argfile" or (parsed.format == "json" and not parsed.explain):
        flag = Location.flag("--format", parsed.format)
        slips.append(Problem(flag, "is for the flags alone", "leave it out"))
    options = given(parsed, artifacts.get("jvm").options)
    site: JvmContext = rendering.context("jvm", settings(slips), options)
    if parsed.plot and not site.jvms:
        raise UsageError.at(Location.flag("--plot"), no_jvm, "name another node")
    warnings = tuple(site.settings.site.unwaived(site.warnings()))
    refuse_warnings(warnings, strict=parsed.strict)
    if parsed.plot:
        from omerogen.reporting import plot

        plot.draw(site, parsed.plot)
        if not parsed.explain:
            return Outcome(messages=(parsed.plot,), warnings=warnings)
    if parsed.format == "json":
        return Outcome(json_text(site.description()), warnings=warnings)
    return Outcome("".join(f"{line}\n" for line in _lines(site)), warnings=warnings)


def _lines(site: JvmContext) -> Iterator[str]:
    """The text for people."""
    sizing: Sizing = site.sizing
    flags = site.public_flags()
    yield f"memory: {sizing.total.total_mb} MB ({sizing.total.source})"
    for ignored in _ignored(site.ignored):
        yield f"  does not count: {ignored}"
    yield ""
    names = {service: _name(sizing, service) for service in flags}
    wide = max(map(len, ["SERVICE", *names.values()])) + 2
    yield f"{'SERVICE':{wide}}{'HEAP':>10}  {'NON-HEAP':>8}  {'COMES FROM':44}FLAGS"
    for jvm in sizing.jvms:
        if jvm.service in flags:
            non_heap = sum(region.mib for region in sizing.non_heap[jvm.service])
            words = printable(shlex.join(flags[jvm.service]))
            name = names[jvm.service]
            yield f"{name:{wide}}{jvm.heap_mib:>6} MiB  {non_heap:>4} MiB  {site.reason(jvm):42}  {words}"
    yield ""
    alike: dict[tuple[Region, ...], list[str]] = {}
    for service in flags:
        alike.setdefault(sizing.non_heap[service], []).append(service)
    for regions, services in alike.items():
        yield f"outside the heap, of {', '.join(names[service] for service in services)}:"
        for region in regions:
            yield f"  {region.name:14}{region.mib:>6} MiB  {region.source}"
        yield ""
    yield f"heaps    {sizing.heaps_mib:>8} MiB"
    yield f"non-heap {sizing.non_heap_mib:>8} MiB"
    needed_mib = sizing.heaps_mib + sizing.non_heap_mib
    yield f"needed   {sizing.needed_mb:>8} MB, which are {needed_mib} MiB: java counts in MiB, OMERO in MB"
    verdict = "fits" if sizing.fits else "does not fit"
    yield f"left     {sizing.left_mb:>8} MB of {sizing.total.total_mb} MB: {verdict}"


def _ignored(ignored: Sequence[Ignored]) -> Iterator[str]:
    """Sources of memory without effect; cgroups without a limit, often many, share one line."""
    without = [fact for fact in ignored if fact.reason == NO_LIMIT]
    more = f", nor in {len(without) - 1} more files" if len(without) > 1 else ""
    yield from (f"{fact}{more}" for fact in without[:1])
    yield from (str(fact) for fact in ignored if fact not in without)


def _name(sizing: Sizing, service: str) -> str:
    """A service, and how many of it run here if that is not one."""
    count = sizing.instances[service]
    if count == 0:
        return f"{service} (not run)"
    return service if count == 1 else f"{service} x {count}"
