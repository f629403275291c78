"""``python -m benchmarks [PART…]``: print all tables, or those of some parts. It takes half an hour."""

from __future__ import annotations

import compileall
import os
import sys

import omerogen
from benchmarks import fleet, renderers, startup
from benchmarks.measuring import machine

PARTS = {"startup": startup.text, "fleet": fleet.text, "renderers": renderers.text}
TITLES = {
    "startup": "Each command",
    "fleet": "Many sites",
    "renderers": "Other programs",
}


def main(wanted: list[str]) -> None:
    """Print the tables."""
    if wrong := [name for name in wanted if name not in PARTS]:
        raise SystemExit(f"{', '.join(wrong)}: no such part (there are: {', '.join(PARTS)})")
    # As when installed: a checkout may have been edited, and Python told not to write what it compiles.
    compileall.compile_dir(os.path.dirname(omerogen.__file__), quiet=1)
    print(f"{machine()}\n", flush=True)
    for name in wanted or PARTS:
        print(f"## {TITLES[name]}\n\n{PARTS[name]()}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
