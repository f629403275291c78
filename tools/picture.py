"""Takes the picture of the report that the README shows: ``python tools/picture.py docs/report.png``.

It is that of the site in examples/, with a property chosen and a line selected.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import omerogen

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))


def main() -> int:
    """Write the picture."""
    from support.browsers import Visit, chromium

    program = shutil.which("chromium")
    if program is None:
        print("chromium is not installed", file=sys.stderr)
        return 1
    settings = omerogen.load("examples/site.config.xml")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        path.write_text(omerogen.report(settings).html, encoding="utf-8")
        with chromium(program, viewport={"width": 1100, "height": 600}, color_scheme="light") as context:
            page = Visit(context, path).ready()
            page.click(".rows .name:text-is('omero.web.prefix')")
            page.locator(".code > li", has_text="upstream omeroweb").first.focus()
            page.keyboard.press("n")
            page.screenshot(path=sys.argv[1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
