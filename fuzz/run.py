"""Fuzz targets for some minutes each: ``python -m fuzz.run [TARGET…] --minutes 5 [--keep]``.

Starts from ``fuzz/corpus/TARGET`` and puts what it finds into ``.cache/fuzz/TARGET``.
``--keep`` then makes the corpus anew: the fewest inputs that reach as much code. An input
that is wrong ends the run with status 1 and stays in ``.cache/fuzz``; a test from it comes first.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.targets import TARGETS, words

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "fuzz/corpus"
CACHE = ROOT / ".cache/fuzz"
#: Bounds of one input: its bytes, the seconds it may take, and the memory of the whole process.
_BOUNDS = ("-max_len=4096", "-timeout=2", "-rss_limit_mb=1024")
#: What the fuzzer found, by its name; other files were written by hand, and stay.
_FOUND = re.compile("[0-9a-f]{12}")
#: A text file: what an editor shows and git takes for text.
_TEXT = re.compile(r"[\t\n\r\f\x20-\x7e\x80-\U0010ffff]*")


def main() -> int:
    """Run what the command line names; the number of failed targets is the exit status."""
    parser = argparse.ArgumentParser(prog="fuzz.run", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"all, if none of: {', '.join(TARGETS)}")
    parser.add_argument("--minutes", type=float, default=1, help="for each target (1)")
    parser.add_argument("--keep", action="store_true", help="make the corpus anew of what was found")
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
    failed = 0
    for name in given.targets or TARGETS:
        status, said = _fuzz(name, given.minutes)
        print(f"{name:18} {'FAILED ' if status else ''}{_result(said)}", flush=True)
        failed += bool(status)
        if given.keep and not status:
            _keep(name)
    return failed


def _result(said: str) -> str:
    """The numbers of a run, or else the exception that ended it and where its input is."""
    if done := re.findall(r"Done (\d+) runs in (\d+) second", said):
        return "{} runs in {} seconds".format(*done[-1])
    exception = re.search(r"=== Uncaught Python exception: ===.*?\n\n", said, re.DOTALL)
    place = re.search(r"Test unit written to .*", said)
    return "\n".join(found.group() for found in (exception, place) if found) or said[-3000:]


def _fuzz(name: str, minutes: float) -> tuple[int, str]:
    found = CACHE / name
    found.mkdir(parents=True, exist_ok=True)
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    dictionary = CACHE / "words"
    dictionary.write_text("".join(f'"{word}"\n' for word in words()))
    flags = [f"-max_total_time={round(minutes * 60)}", f"-dict={dictionary}"]
    return _engine(name, *flags, f"-artifact_prefix={CACHE}/{name}-", str(found), str(CORPUS / name))


def _keep(name: str) -> None:
    """The smallest corpus that covers the same, of text files only, besides what was written by hand."""
    with tempfile.TemporaryDirectory() as merged:
        merge = (
            "-merge=1",
            "-set_cover_merge=1",
            "-use_counters=0",
            merged,
            str(CORPUS / name),
            str(CACHE / name),
        )
        status, said = _engine(name, *merge)
        if status or not any(Path(merged).iterdir()):
            sys.exit(f"{name}: the corpus stays as it is\n{said[-3000:]}")
        for path in (CORPUS / name).iterdir():
            if _FOUND.fullmatch(path.name):
                path.unlink()
        for path in Path(merged).iterdir():
            if is_text(path.read_bytes()):
                shutil.copy(path, CORPUS / name / path.name[:12])


def is_text(data: bytes) -> bool:
    """Whether these are bytes of a text file: what else is found stays out of the corpus."""
    try:
        return bool(_TEXT.fullmatch(data.decode()))
    except UnicodeDecodeError:
        return False


def _engine(name: str, *flags: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "fuzz.engine", name, *_BOUNDS, *flags]
    with tempfile.TemporaryDirectory(prefix="omerogen-fuzz-") as folder:  # libFuzzer ends without tidying up
        environment = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace"
        )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
