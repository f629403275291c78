"""java starts with the flags of each service, and has the heap that was computed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from omerogen.artifacts.jvm import ServiceFlags
from omerogen.model import Location, Problem
from omerogen.secrets.patterns import cleared_line
from omerogen.values.java import TAKES_A_WORD
from omerogen.verify.process import find
from omerogen.verify.sandbox import Sandbox

_ARTIFACT = "jvm"
#: Collectors round a heap up to whole regions, of 32 MiB at the most.
_LARGEST_REGION = 32 * 2**20
#: Flags that java is started with, since they only set numbers, switches, properties and logs. Any other
#: one may load code, open a port, take a server's memory, or read and write files.
_TRIED = re.compile(
    r"-\w+|-Xm[nsx].+|-Xss.+|-Xcheck:jni|-Xverify:\w+|-Xshare:(?:auto|off)|-Xlog:.+|-Xloggc:.+"
    r"|-verbose:\w+|-[ed]s?a:\S+|-(?:en|dis)able(?:system)?assertions:\S+"
    r"|--enable-preview|--illegal-access=\w+"
    r"|--(?:add-opens|add-exports|add-reads|add-modules|enable-native-access|limit-modules)(?:=.*)?"
    r"|-D.+|-XX:[+-]?\w+|-XX:\w+=-?[0-9.]+[kKmMgGtT]?"
    r"|-XX:(?:NativeMemoryTracking|ShenandoahGCMode|ShenandoahGCHeuristics)=\w+",
    re.DOTALL,
)
#: Those of them that do more all the same.
_DOES_MORE = re.compile(
    r"-cp|-classpath|-p|-Xrun\w*|-Xbootclasspath\w*|-Xdump\w*"
    r"|-XX:[+-]?(?:Flags|VMOptionsFile|ReadVMOptionsFile|On\w*Error|\w*File|\w*Path|\w*SharedArchive\w*"
    r"|DumpSharedSpaces|DumpLoadedClassList|ArchiveClassesAtExit|RecordDynamicDumpInfo|AOT\w*|\w*FlightRec\w*"
    r"|AllocateHeapAt|AlwaysPreTouch\w*|ManagementServer|StartAttachListener|PauseAt\w*|CRaC\w*"
    r"|ShowMessageBoxOnError|LogVMOutput|LogCompilation|Dump\w*|PerfData\w*|UsePerfData|\w*JVMCI\w*"
    r"|\w*LargePages\w*|\w*Debugging\w*)(?:=.*)?"
    r"|-D(?:java\.(?:class\.path|home|(?:ext|endorsed)\.dirs|library\.path|system\.class\.loader"
    r"|security\.\w+|protocol\.\S+|nio\.file\.spi\.\S+|util\.logging\.\S+)"
    r"|sun\.boot\.\S+|jdk\.\S+|com\.sun\.management\S*)(?:=.*)?",
    re.DOTALL,
)
#: -Xlog:WHAT:OUTPUT:DECORATORS:OPTIONS with a file as its output, after the first group.
_LOG_FILE = re.compile(
    r"""(-Xlog:[^:]*:)(?!(?:stdout|stderr)?(?::|\Z))(?:(?:file=)?"[^"]*"|[^:]+)(:.*)?""", re.DOTALL
)
_SHARE = "-XX:MaxRAM"


def verify(sandbox: Sandbox) -> Iterator[Problem]:
    """Problems that java has with the flags of a service."""
    program = find("java")
    site = sandbox.fields(_ARTIFACT)
    for jvm, (service, flags) in zip(site.sizing.jvms, site.services, strict=True):
        kept, left_out = _divided(flags)
        sandbox.remarks += [f"without {cleared_line(words)}, which is only read" for words in left_out]
        substitutes = {"services": [ServiceFlags(service, tuple(map(_logging_here, kept)))]}
        argfile = sandbox.write(_ARTIFACT, f"{service}.args", substitutes, format="argfile", service=service)
        done = sandbox.run([program, "-XX:-UsePerfData", f"@{argfile}", "-XX:+PrintFlagsFinal", "-version"])
        if done.status:
            lines = done.output.strip().splitlines() or [f"exited with status {done.status}"]
            yield Problem(
                Location.program("java", service), " ".join(lines[:2]), f"see omero.jvmcfg.*.{service}"
            )
        elif _SHARE not in " ".join(flags):  # of a machine that is not this one
            yield from _wrong_heap(service, jvm.heap_mib * 2**20, done.output)


def _divided(flags: Sequence[str]) -> tuple[list[str], list[str]]:
    """The flags that java is started with, and those that are left out, with the argument that they take."""
    kept, left_out = [], []
    rest = iter(flags)
    for flag in rest:
        words = [flag, *islice(rest, 1)] if flag in TAKES_A_WORD else [flag]
        if _TRIED.fullmatch(flag) and not _DOES_MORE.fullmatch(flag):
            kept += words
        else:
            left_out.append(" ".join(words))
    return kept, left_out


def _logging_here(flag: str) -> str:
    """The flag, logging into the scratch folder: a log of the site is that of a running server."""
    if flag.startswith("-Xloggc:"):
        return "-Xloggc:written.log"
    found = _LOG_FILE.fullmatch(flag)
    return f"{found[1]}file=written.log{found[2] or ''}" if found else flag


def _wrong_heap(service: str, wanted: int, output: str) -> Iterator[Problem]:
    found = re.search(r"\bMaxHeapSize\s*=\s*([0-9]+)", output)
    if found and not wanted - 2**20 < int(found[1]) < wanted + _LARGEST_REGION:
        message = f"has a heap of {int(found[1]) // 2**20} MiB where {wanted // 2**20} were meant"
        yield Problem(Location.program("java", service), message, "see omero.jvmcfg.append")
