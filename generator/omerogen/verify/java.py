"""java starts with the flags of each service, and has the heap that was computed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omerogen.artifacts.jvm import ServiceFlags
from omerogen.model import Location, Problem
from omerogen.secrets.patterns import cleared_line
from omerogen.verify.sandbox import Sandbox, find

_ARTIFACT = "jvm"
#: Collectors round a heap up to whole regions, of 32 MiB at the most.
_LARGEST_REGION = 32 * 2**20
#: Flags that do more than start java: run a program, listen on a port that a running server uses, take
#: its memory, or read files of the site with unknown content.
_MORE = re.compile(
    r"-javaagent:|-agentpath:|-agentlib:|-Xrun|-Dcom\.sun\.management\.|-Xshare:|@"
    r"|-XX:(?:\+ManagementServer|\+AlwaysPreTouch|\+AutoCreateSharedArchive|Flags=|VMOptionsFile="
    r"|SharedArchiveFile=|AllocateHeapAt=)"
)
#: Files that java writes, after the first group: logs, dumps, archives, recordings.
_WRITES = re.compile(
    r"(-Xlog:[^:]*:(?!:|stdout|stderr|$)(?:file=)?|-Xloggc:"
    r"|-XX:(?:LogFile|ErrorFile|HeapDumpPath|ReplayDataFile|DumpLoadedClassList|PerfDataSaveFile)="
    r"|-XX:ArchiveClassesAtExit="
    r"|-XX:(?:StartFlightRecording|FlightRecorderOptions)[=:](?:.*,)?(?:filename|repository)=)"
    r"""("[^"]*"|[^:,]+)"""
)
_SHARE = "-XX:MaxRAM"


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that java has with the flags of a service."""
    program = find("java")
    site = sandbox.fields(_ARTIFACT)
    for jvm, (service, flags) in zip(site.sizing.jvms, site.services, strict=True):
        kept = tuple(_harmless(sandbox, flag) for flag in flags if not _is_left_out(sandbox, flag))
        substitutes = {"services": [ServiceFlags(service, kept)]}
        argfile = sandbox.write(_ARTIFACT, f"{service}.args", substitutes, format="argfile", service=service)
        done = sandbox.run([program, f"@{argfile}", "-XX:+PrintFlagsFinal", "-version"])
        if done.status:
            lines = done.output.strip().splitlines() or [f"exited with status {done.status}"]
            yield Problem(
                Location.program("java", service), " ".join(lines[:2]), f"see omero.jvmcfg.*.{service}"
            )
        elif _SHARE not in " ".join(flags):  # of a machine that is not this one
            yield from _wrong_heap(service, jvm.heap_mib * 2**20, done.output)


def _is_left_out(sandbox: Sandbox, flag: str) -> bool:
    """Whether the flag does more than start java, which is reported."""
    if not _MORE.match(flag):
        return False
    sandbox.remarks.append(f"without {cleared_line(flag)}, which does more than starting java")
    return True


def _harmless(sandbox: Sandbox, flag: str) -> str:
    """The flag, writing into the temporary folder: the site's own logs and dumps are a server's."""
    return _WRITES.sub(lambda found: f"{found[1]}{sandbox.folder / 'written'}", flag)


def _wrong_heap(service: str, wanted: int, output: str) -> Iterator[Problem]:
    found = re.search(r"\bMaxHeapSize\s*=\s*([0-9]+)", output)
    if found and not wanted - 2**20 < int(found[1]) < wanted + _LARGEST_REGION:
        message = f"has a heap of {int(found[1]) // 2**20} MiB where {wanted // 2**20} were meant"
        yield Problem(Location.program("java", service), message, "see omero.jvmcfg.append")
