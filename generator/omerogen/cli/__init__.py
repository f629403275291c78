"""The command line: one module a command, and the only place that prints."""

from omerogen.cli.program import main

__all__ = ["main"]
