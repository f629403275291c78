"""The command line: one module a command, and the only place that prints."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NoReturn


def run() -> NoReturn:
    """Run the command that this process was started for, and end it.

    Nearly all objects are needed until then: to look for garbage meanwhile, and once more at the end, would
    take a sixth of a start.
    """
    gc.disable()
    status = main()
    gc.freeze()
    sys.exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    from omerogen.cli import program  # late: importing makes most of the objects

    return program.main(arguments)
