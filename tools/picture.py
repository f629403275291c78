"""Takes the picture of the report that the README shows: ``python tools/picture.py PATH``.

It is that of the site in examples/, with a property chosen and a line selected.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import omerogen

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))


def main() -> int:
    """Write the picture to the path that is given, or to that of the README."""
    from support.browsers import Visit, chromium

    program = shutil.which("chromium")
    if program is None:
        print("chromium is not installed", file=sys.stderr)
        return 1
    path = os.path.abspath(sys.argv[1]) if sys.argv[1:] else ROOT / "docs/report.png"
    os.chdir(ROOT)  # the path of the site is on the page
    settings = omerogen.load("examples/site.config.xml")
    with tempfile.TemporaryDirectory() as folder, chromium(program) as browser:
        report = Path(folder, "report.html")
        report.write_text(omerogen.report(settings).html, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1090, "height": 600}, color_scheme="light")
        page = Visit(context, report).ready()
        page.click(".rows .name:text-is('omero.web.prefix')")
        page.locator(".code > li", has_text="upstream omeroweb").first.focus()
        page.keyboard.press("n")
        page.screenshot(path=path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
