"""Arguments of ``java``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from omerogen.values import shell
from omerogen.values.base import Invalid, ValueType
from omerogen.values.patterns import Pattern

_KIB = {"k": 1, "m": 1024, "g": 1024**2, "t": 1024**3}
#: Flags that set the heap; against a percentage they always win.
HEAP_FLAGS = ("-Xmx", "-XX:MaxHeapSize=")
#: Bounds of -Xmx seen with OpenJDK 17: 2m is "too small", over 32t is not reserved.
_SMALLEST_KIB = 3 * 1024
_LARGEST_KIB = 32 * 1024**3
_NUMBER = Pattern(r"([0-9]{1,15})(?:\.[0-9]*)?")
_SIZE = Pattern(r"([0-9]{1,15})([kmgtKMGT])")
_SIZE_FLAG = Pattern(r"(-Xmx|-XX:MaxHeapSize=)([0-9]{1,15})([kmgtKMGT]?)")
_PERCENT_FLAG = Pattern(r"-XX:MaxRAMPercentage=(?:100(?:\.0+)?|[1-9][0-9]?(?:\.[0-9]+)?)")
#: Options whose value is the next argument; any other bare argument is the class to run.
TAKES_A_WORD = frozenset(
    "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules"
    " --add-exports --add-opens --add-reads --limit-modules --patch-module"
    " --enable-native-access".split()
)
_ENDS_OPTIONS = frozenset(
    "-jar -m --module -d --describe-module --list-modules --validate-modules --dry-run -X --help-extra"
    " -version --version -fullversion --full-version -help --help -h -?"
    " -Xinternalversion -Xlog:help -agentlib:jdwp=help -Xshare:dump -XX:+DumpSharedSpaces".split()
)


class JvmSize(ValueType[str]):
    """A heap size as the flag that sets it, ``-Xmx512m``.

    A bare number, ``2500.7`` too, is MiB and truncated, as OMERO takes it; a suffix
    k, m, g or t is kept as written; a text ``-X…`` is the whole flag, which must be one that
    sets the largest heap: java refuses others, depending on the machine.
    """

    name = "JVM size (1g, 512m, bare number = MB, or a whole -X flag)"
    doc = "a size such as 512m, 2500 or 4g, or a flag such as -Xmx4g"

    def parse(self, text: str) -> str:
        size = text.strip()
        if size.startswith("-X"):
            return self._flag(size)
        if number := _NUMBER.fullmatch(size):
            return self._checked("-Xmx", number[1], "m")
        if suffixed := _SIZE.fullmatch(size):
            return self._checked("-Xmx", suffixed[1], suffixed[2])
        raise Invalid("is not a size that java takes", f"give {self.doc}")

    def _flag(self, flag: str) -> str:
        if match := _SIZE_FLAG.fullmatch(flag):
            bytes_only = not match[3]
            return self._checked(match[1], match[2], match[3], divisor=1024 if bytes_only else 1)
        if _PERCENT_FLAG.fullmatch(flag):
            return flag
        raise Invalid("is not a flag that sets a heap size", "give one such as -Xmx4g")

    @staticmethod
    def _checked(flag: str, digits: str, suffix: str, divisor: int = 1) -> str:
        kib = int(digits) * _KIB.get(suffix.lower(), 1) // divisor
        if not _SMALLEST_KIB <= kib <= _LARGEST_KIB:
            raise Invalid("is a heap that java refuses", "give 3m or more, and 32t at the most")
        return f"{flag}{int(digits)}{suffix}"


class PermGen(ValueType[str]):
    """A size that only Java 7 and older read; kept, checked for its form, never used."""

    name = "JVM size"
    doc = "a size such as 128m; ignored since Java 8"

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[0-9]+[kmgKMG]?", text.strip()):
            raise Invalid("is not a size", f"give {self.doc}")
        return text.strip()


class JvmWords(ValueType["tuple[str, ...]"]):
    """Flags for ``java``, split into words as a POSIX shell does.

    A word that ``java`` would take for the class to run is refused: it would
    run that in OMERO's stead.
    """

    showable = False
    name = "shell words"
    doc = "flags such as -XX:+UseG1GC, quoted as for a shell"

    def parse(self, text: str) -> tuple[str, ...]:
        try:
            words = tuple(shell.split(text))
        except ValueError:
            raise Invalid("has a quote that is not closed", f"give {self.doc}") from None
        expects_word = False
        for place, word in enumerate(words, 1):
            if problem := _problem(word, expects_word=expects_word):
                advice = f"give {self.doc}; quote arguments that contain spaces"
                raise Invalid(f"argument {place} {problem}", advice)
            expects_word = word in TAKES_A_WORD
        if expects_word:
            raise Invalid(f"ends in {words[-1]}, which lacks its value", f"give {self.doc}")
        return words


def _problem(word: str, *, expects_word: bool) -> str:
    """The reason why java would not start OMERO with this argument; empty if it would."""
    if {word, word.partition("=")[0]} & _ENDS_OPTIONS:
        return "would make java do something other than start OMERO"
    if expects_word or word.startswith("-"):
        return ""
    if word.startswith("@"):
        return "names a file of arguments, which is not supported here"
    return "is not a JVM option; java would take it as the main class"


def size_kib(text: str) -> int | None:
    """A size as java takes it (``1g``, ``512m``, bytes without a suffix) in KiB; None for no size."""
    match = re.fullmatch(r"([0-9]{1,15})([kmgtKMGT]?)", text)
    if not match:
        return None
    return int(match[1]) * _KIB[match[2].lower()] if match[2] else int(match[1]) // 1024


def flag_kib(words: Iterable[str], *flags: str) -> int | None:
    """The size in KiB that the last of ``words`` with one of these flags sets; None without one."""
    having = [word for word in words if word.startswith(flags)]
    sizes = [size_kib(word.removeprefix(flag)) for word in having for flag in flags if word.startswith(flag)]
    return next((size for size in reversed(sizes) if size is not None), None)


def heap_percent(words: Iterable[str]) -> float | None:
    """The percentage of the memory that the last such flag gives the heap; None without one."""
    found = [word for word in words if _PERCENT_FLAG.fullmatch(word)]
    return float(found[-1].partition("=")[2]) if found else None


JVM_SIZE = JvmSize()
PERM_GEN = PermGen()
JVM_WORDS = JvmWords()
