"""Many sites against a bare loop: time for each site, growth, cores, memory, and a run without changes.

The sites differ in thirty properties: names, ports, prefix, memory, passwords.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import quoteattr

from benchmarks.measuring import OMEROGEN, Run, run, table

LOOP = str(Path(__file__).parent / "bare_loop.py")
SIZES = (10, 1000, 10_000)
#: Runs of each measurement up to this size, of which the best counts; one of larger sizes.
_BEST_OF, _UP_TO = 3, 1000


def properties(number: int) -> dict[str, str]:
    """The thirty properties of a site."""
    choice = random.Random(number)  # noqa: S311 - the same ones in each run

    def secret() -> str:
        return f"p&w<{choice.random()}>"

    name = f"site{number}.example.org"
    return {
        "omero.db.host": f"db.{name}",
        "omero.db.port": str(5432 + number % 50),
        "omero.db.name": f"omero{number}",
        "omero.db.user": f"user{number}",
        "omero.db.pass": secret(),
        "omero.data.dir": f"/data/{number}",
        "omero.name": f"omero{number}",
        "omero.master.host": name,
        "omero.ports.prefix": str(1 + number % 4),
        "omero.threads.max_threads": str(50 + number % 60),
        "omero.jvmcfg.system_memory": str(8000 + number % 40 * 1000),
        "omero.jvmcfg.percent.blitz": str(15 + number % 20),
        "omero.jvmcfg.append": f"-Dsite={number}",
        "omero.glacier2.IceSSL.DefaultDir": f"/certs/{number}",
        "omero.glacier2.IceSSL.CertFile": f"server{number}.p12",
        "omero.glacier2.IceSSL.Password": secret(),
        "omero.mail.config": "true",
        "omero.mail.host": f"mail.{name}",
        "omero.mail.from": f"omero@{name}",
        "omero.web.prefix": f"/omero{number}",
        "omero.web.application_server.host": f"10.0.{number // 250 % 250}.{number % 250 + 1}",
        "omero.web.application_server.port": str(4080 + number % 1000),
        "omero.web.static_url": f"/static{number}/",
        "omero.web.wsgi_workers": str(3 + number % 9),
        "omero.web.secret_key": secret() + secret(),
        "omero.web.session_cookie_name": f"sid{number}",
        "omero.web.server_list": f'[["{name}", 4064, "omero{number}"]]',
        "omero.web.admins": f'[["Admin {number}", "admin@{name}"]]',
        "omero.web.login_logo": f"https://{name}/logo.png",
        "omero.web.index_template": f"site{number}/index.html",
    }


def write_sites(folder: Path, count: int) -> None:
    """A config.xml for each site."""
    folder.mkdir()
    for number in range(count):
        rows = "".join(
            f"    <property name={quoteattr(name)} value={quoteattr(value)}/>\n"
            for name, value in properties(number).items()
        )
        (folder / f"site{number:05}.xml").write_text(
            '<icegrid>\n  <properties id="__ACTIVE__">\n'
            '    <property name="omero.config.version" value="5.1.0"/>\n'
            '    <property name="omero.config.profile" value="default"/>\n  </properties>\n'
            f'  <properties id="default">\n{rows}  </properties>\n</icegrid>\n'
        )


class Size:
    """The measurements of so many sites."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self._folder = folder / str(count)
        self._folder.mkdir()
        self._sites = self._folder / "sites"
        write_sites(self._sites, count)
        self._build("example", 1, str(self._sites / "site00000.xml"))
        rounds = range(_BEST_OF if count <= _UP_TO else 1)
        one, two, loops, unchanged = [], [], [], []
        for number in rounds:  # each into a folder of its own: ext4 is slow where files were just removed
            loops.append(self._loop(f"loop{number}"))
            one.append(self._build(f"one{number}", 1))
            unchanged.append(self._build(f"one{number}", 1))
            two.append(self._build(f"two{number}", 2))
        self.loop, self.one, self.two, self.unchanged = map(min, (loops, one, two, unchanged))
        shutil.rmtree(self._folder)

    def _build(self, name: str, jobs: int, pattern: str = "") -> Run:
        out = self._folder / name
        pattern = pattern or str(self._sites / "*.xml")
        command = [*OMEROGEN, "build", "--sites", pattern, "-o", str(out), "--jobs", str(jobs)]
        return run(command, XDG_CACHE_HOME=str(self._folder / f"caches-{name}"))

    def _loop(self, name: str) -> Run:
        example = str(self._folder / "example/site00000")
        return run([sys.executable, LOOP, example, str(self._sites), str(self._folder / name)])

    @property
    def row(self) -> list[str]:
        """The row of the table."""
        ms = [1000 * run.seconds / self.count for run in (self.loop, self.one, self.two, self.unchanged)]
        return [
            str(self.count),
            *(f"{value:.2f}" for value in ms),
            f"{ms[1] / ms[0]:.2f}",
            f"{ms[1] / ms[2]:.2f}",
            f"{ms[1] / ms[3]:.1f}",
            f"{max(self.one.peak_mb, self.two.peak_mb):.1f}",
        ]


def text(sizes: tuple[int, ...] = SIZES) -> str:
    """The table, and how time and memory grow with the number of sites."""
    with tempfile.TemporaryDirectory() as folder:
        measured = [Size(Path(folder), size) for size in sizes]
    head = ["sites", "bare loop, ms", "one process, ms", "two, ms", "no change, ms"]
    head += ["one / bare", "one / two", "first / no change", "largest process, MB"]
    growth = [
        f"{after.count} sites take {after.one.seconds / before.one.seconds:.1f} times as long as"
        f" {before.count}, with {after.one.peak_mb / before.one.peak_mb:.2f} times the memory."
        for before, after in pairwise(measured)
    ]
    return table(head, [size.row for size in measured]) + "\n" + "\n".join(growth) + "\n"
