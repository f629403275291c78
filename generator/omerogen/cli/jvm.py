"""``omerogen jvm``: the flags, with ``--explain`` how they come about, with ``--plot`` a picture of them."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Iterator, Sequence

from omerogen import artifacts
from omerogen.artifacts import rendering
from omerogen.artifacts.jvm import JvmContext
from omerogen.cli import artifact
from omerogen.cli.arguments import given
from omerogen.cli.registry import Load, Outcome, printable, refuse_warnings
from omerogen.derive.host import NO_LIMIT
from omerogen.derive.jvm import memory
from omerogen.derive.jvm.sizing import Region, Sizing
from omerogen.model.errors import Problem, UsageError
from omerogen.settings import redact


def arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The artifact's options, and two ways to look at what it computes."""
    artifact.arguments(parser, name)
    parser.add_argument(
        "--explain", action="store_true", help="tell how the heaps come about, and whether they fit"
    )
    parser.add_argument(
        "--plot", metavar="FILE", help="draw heaps against system memory into an .svg or .png file"
    )


def run(parsed: argparse.Namespace, settings: Load) -> Outcome:
    """The flags, the explanation or the picture."""
    if not (parsed.explain or parsed.plot):
        outcome = artifact.run(parsed, settings)
        return outcome if outcome.text else outcome._replace(said=(f"the node {parsed.node} runs no JVM",))
    slips = []
    if parsed.format == "argfile" or (parsed.format == "json" and not parsed.explain):
        slips.append(Problem(f"--format {parsed.format}", "is for the flags alone", "leave it out"))
    site: JvmContext = rendering.fields("jvm", settings(slips), given(parsed, artifacts.get("jvm").options))
    if parsed.plot and not site.jvms:
        raise UsageError(Problem("--plot", f"the node {parsed.node} runs no JVM", "name another node"))
    warnings = tuple(site.warnings())
    refuse_warnings(warnings, strict=parsed.strict)
    if parsed.plot:
        from omerogen.reporting import plot

        plot.draw(site, parsed.plot)
        if not parsed.explain:
            return Outcome(said=(parsed.plot,), warnings=warnings)
    if parsed.format == "json":
        return Outcome(json.dumps(_described(site), indent=2) + "\n", warnings=warnings)
    return Outcome("".join(f"{line}\n" for line in _lines(site)), warnings=warnings)


def _described(site: JvmContext) -> dict[str, object]:
    """What other programs read. Heaps are in OMERO's MB, which java takes for MiB."""
    sizing: Sizing = site.sizing
    flags = _public_flags(site)
    return {
        "total_mb": sizing.total.total_mb,
        "total_from": sizing.total.source,
        "ignored": list(site.ignored),
        "active_mb": memory.active_mb(site.settings, sizing.total),
        "services": {
            jvm.service: {
                "strategy": jvm.strategy,
                "percent": jvm.percent,
                "active_mb": jvm.active_mb,
                "total_mb": jvm.total.total_mb,
                "total_from": jvm.total.source,
                "heap_mb": jvm.heap_mib,
                "instances": sizing.instances[jvm.service],
                "flags": flags[jvm.service],
                "besides": [region._asdict() for region in sizing.besides[jvm.service]],
            }
            for jvm in sizing.jvms
            if jvm.service in flags
        },
        "sum_mb": sizing.heaps_mib,
        "besides_mb": sizing.besides_mib,
        "needed_mb": sizing.needed_mb,
        "left_mb": sizing.left_mb,
        "fits": sizing.fits,
    }


def _public_flags(site: JvmContext) -> dict[str, list[str]]:
    """The flags by service, for people: without what they tell of secrets."""
    flags = site.flags
    entries = [site.settings.entry(name) for name in site.properties_read]
    return {service: redact.flags(words, entries) for service, words in flags.items()}


def _lines(site: JvmContext) -> Iterator[str]:
    """What a person reads."""
    sizing: Sizing = site.sizing
    flags = _public_flags(site)
    yield f"memory: {sizing.total.total_mb} MB ({sizing.total.source})"
    for ignored in _ignored(site.ignored):
        yield f"  does not count: {ignored}"
    yield ""
    names = {service: _name(sizing, service) for service in flags}
    wide = max(map(len, ["SERVICE", *names.values()])) + 2
    yield f"{'SERVICE':{wide}}{'HEAP':>10}  {'BESIDES':>8}  {'COMES FROM':44}FLAGS"
    for jvm in sizing.jvms:
        if jvm.service in flags:
            besides = sum(region.mib for region in sizing.besides[jvm.service])
            words = printable(shlex.join(flags[jvm.service]))
            name = names[jvm.service]
            yield f"{name:{wide}}{jvm.heap_mib:>6} MiB  {besides:>4} MiB  {site.reason(jvm):42}  {words}"
    yield ""
    alike: dict[tuple[Region, ...], list[str]] = {}
    for service in flags:
        alike.setdefault(sizing.besides[service], []).append(service)
    for regions, services in alike.items():
        yield f"besides the heap, of {', '.join(names[service] for service in services)}:"
        for region in regions:
            yield f"  {region.name:14}{region.mib:>6} MiB  {region.source}"
        yield ""
    yield f"heaps    {sizing.heaps_mib:>8} MiB"
    yield f"besides  {sizing.besides_mib:>8} MiB"
    needed_mib = sizing.heaps_mib + sizing.besides_mib
    yield f"needed   {sizing.needed_mb:>8} MB, which are {needed_mib} MiB: java counts in MiB, OMERO in MB"
    verdict = "fits" if sizing.fits else "does not fit"
    yield f"left     {sizing.left_mb:>8} MB of {sizing.total.total_mb} MB: {verdict}"


def _ignored(ignored: Sequence[str]) -> Iterator[str]:
    """What does not count; cgroups without a limit, of which a machine has many, are one line."""
    without = [line for line in ignored if line.endswith(f": {NO_LIMIT}")]
    more = f", nor in {len(without) - 1} more files" if len(without) > 1 else ""
    yield from (f"{line}{more}" for line in without[:1])
    yield from (line for line in ignored if line not in without)


def _name(sizing: Sizing, service: str) -> str:
    """A service, and how many of it there are if there are several."""
    count = sizing.instances[service]
    return service if count == 1 else f"{service} x {count}"
