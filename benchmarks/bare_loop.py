"""The least that many sites take: parse with lxml, render prepared templates, write, sync, rename.

``python bare_loop.py PREPARED SITES OUT``: PREPARED is a folder that omerogen built of the first of the
sites. In each text of it the values of that site's properties become expressions, which are then filled in
for every site. Nothing is checked, derived or escaped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jinja2
import lxml.etree


def properties(path: Path) -> dict[str, str]:
    """The properties of a config.xml."""
    found = lxml.etree.parse(path).getroot().iterfind("properties[@id='default']/property")
    return {one.get("name", ""): one.get("value", "") for one in found}


def prepared(folder: Path, values: dict[str, str]) -> dict[str, jinja2.Template]:
    """A template for each file below a folder."""
    environment = jinja2.Environment(keep_trailing_newline=True)  # noqa: S701 - as it stands
    longest = sorted(
        ((value, name) for name, value in values.items() if len(value) > 3), key=lambda v: -len(v[0])
    )
    templates = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        for mark in ("{{", "{%", "{#"):
            text = text.replace(mark, " ".join(mark))
        for number, (value, _) in enumerate(longest):
            text = text.replace(value, f"\0{number}\0")
        for number, (_, name) in enumerate(longest):
            text = text.replace(f"\0{number}\0", f'{{{{ site["{name}"] }}}}')
        templates[str(path.relative_to(folder))] = environment.from_string(text)
    return templates


def main(example: Path, sites: Path, out: Path) -> None:
    """Write all files of all sites."""
    sources = sorted(sites.iterdir())
    templates = prepared(example, properties(sources[0]))
    for source in sources:
        values = properties(source)
        for path, template in templates.items():
            target = out / source.stem / path
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = target.with_name(f".{target.name}")
            with beside.open("w", encoding="utf-8") as file:
                file.write(template.render(site=values))
                file.flush()
                os.fsync(file.fileno())
            beside.rename(target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
