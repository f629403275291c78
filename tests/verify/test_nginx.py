"""nginx itself judges every layout, and crossplane reads back that nothing else was written."""

from __future__ import annotations

import json
import posixpath
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crossplane
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import omerogen
from support.nginx_reader import nginx_structure, stays_inside
from support.programs import find, generated, run
from support.texts import COUNT, tally

pytestmark = pytest.mark.slow

APPLICATION = {"omero.web.application_server.port": "34080"}
LAYOUTS = ("server", "standalone", "location")
#: What an http block needs so that an ordinary user can run it.
TEMPORARY = "".join(
    f"{name}_temp_path {{folder}}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)


class Judge:
    """``nginx -t`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "omero/var/log").mkdir(parents=True)

    def complaints(self, text: str, layout: str) -> str:
        """What nginx says against a configuration; nothing if it takes it."""
        whole = self.wrapped(text, layout)
        path = self.folder / "nginx.conf"
        path.write_text(whole, encoding="utf-8", newline="")
        command = [find("nginx"), "-e", "stderr", "-t", "-q", "-c", path, "-p", f"{self.folder}/"]
        done = run(command, errors="replace")  # it shows a part of a word, and of a character
        return done.stderr + done.stdout if done.returncode else ""

    def wrapped(self, text: str, layout: str) -> str:
        """A layout in what it is to be included in."""
        if layout == "standalone":
            return text
        if layout == "location":
            text = f"server {{ listen 127.0.0.1:34000; {text} }}"
        temporary = TEMPORARY.format(folder=self.folder)
        start = f"pid {self.folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
        return f"{start}http {{ access_log off;\n{temporary}{text}\n}}\n"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory(prefix="omerogen-") as folder:
        yield Judge(Path(folder))


def rendered(judge: Judge, overrides: dict[str, str], **options: Any) -> str:
    """The configuration, at ports that an ordinary user may have."""
    loaded = omerogen.load(overrides={**APPLICATION, **overrides}, omerodir=judge.folder / "omero")
    ports = {} if options.get("layout") == "location" else {"http": "34001"}
    ports |= {"https": "34002"} if options.get("tls") == "nginx" else {}
    return omerogen.render("nginx", loaded, **{**ports, **options})


def directives(text: str) -> list[tuple[str, list[str]]]:
    """All directives of a fragment with their arguments, those in blocks after their block."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        payload = crossplane.parse(file.name, single=True, check_ctx=False, check_args=False, strict=False)
    assert payload["status"] == "ok", payload["errors"]

    def flat(block: list[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
        for item in block:
            yield item["directive"], item["args"]
            yield from flat(item.get("block", []))

    return list(flat(payload["config"][0]["parsed"]))


PREFIXES = (
    "",
    "/omero",
    "/om-e_ro/",
    "/a/b/c",
    "/~x",
    "/@x",
    "/a+b,c=d&e!f(g)*h:i",
    "/[x]",
    "/upstream",
)
STATIC_ROOTS = (
    "/srv/static",
    "/srv/a b/;{}#\"'\\/",
    "/srv/ünï ☃ 😀",
    "/srv//x/../y/",
    "/",
    "C:\\x",
    "relative",
)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_layout_is_taken_with_every_prefix(judge: Judge, layout: str, prefix: str) -> None:
    """Nginx takes each layout with a prefix of hard characters."""
    text = rendered(
        judge,
        {"omero.web.prefix": prefix, "omero.web.static_url": f"{prefix.rstrip('/')}/static/"},
        layout=layout,
    )
    assert not judge.complaints(text, layout)


@pytest.mark.parametrize("static_root", STATIC_ROOTS)
def test_every_static_root_is_taken(judge: Judge, static_root: str) -> None:
    """Nginx takes folders with spaces, quotes, braces and backslashes, as one argument."""
    text = rendered(judge, {"omero.web.static_root": static_root})
    assert not judge.complaints(text, "server")
    [alias] = [args for name, args in directives(text) if name == "alias"]
    unescaped = [arg.replace("\\\\", "\\") for arg in alias]  # which crossplane does not do
    whole = posixpath.join(judge.folder, "omero", static_root)  # a relative one is below the OMERO directory
    assert unescaped == [posixpath.normpath(whole).rstrip("/") + "/"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1", "localhost"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_application_host_is_taken(judge: Judge, layout: str, host: str) -> None:
    """Nginx takes names and addresses of the application, IPv6 in brackets."""
    text = rendered(judge, {"omero.web.application_server.host": host}, layout=layout)
    assert not judge.complaints(text, layout)


@pytest.mark.parametrize("layout", ["server", "standalone"])
@pytest.mark.parametrize(
    "names", [["localhost"], ["*.example.org", ".example.net", "www.example.*", "_"], ["$hostname", "[::1]"]]
)
def test_tls_is_taken(judge: Judge, certificate: tuple[Path, Path], layout: str, names: list[str]) -> None:
    """Nginx takes a server with a certificate and its redirect, for all forms of names."""
    files = {"certificate": str(certificate[0]), "certificate_key": str(certificate[1])}
    text = rendered(judge, {}, layout=layout, tls="nginx", servername=names, **files)
    assert not judge.complaints(text, layout)


@pytest.mark.parametrize("size", ["0", "1", "512k", "10M", "2g", "8589934591g", "999999999999999"])
def test_sizes_at_their_bounds_are_taken(judge: Judge, size: str) -> None:
    """Nginx takes the largest uploads that omerogen takes."""
    assert not judge.complaints(rendered(judge, {}, max_body_size=size), "server")


@pytest.mark.parametrize(
    "size", ["8589934592g", "9223372036854775808", "-1", "1.5m", "2t", "1 m", "m", "2mb", "0x10"]
)
def test_sizes_that_nginx_refuses_are_refused_first(judge: Judge, size: str) -> None:
    """Omerogen names the option where nginx would not start."""
    good = rendered(judge, {}, max_body_size="0")
    assert judge.complaints(good.replace("client_max_body_size 0", f"client_max_body_size {size}"), "server")
    with pytest.raises(omerogen.OmerogenError, match="--max-body-size"):
        rendered(judge, {}, max_body_size=size)


def test_extra_lines_are_taken_as_they_are(judge: Judge) -> None:
    """A site's own lines reach nginx, with blocks, comments, quotes and variables."""
    lines = [
        'add_header X-Site "a;b }" always; # comment {',
        "location /x { return 204; }",
        "set $y 'a\\'b';",
        "location ~ \\.(?:php|py)$ {",
        "  deny all;",
        "}",
    ]
    text = rendered(judge, {"omero.web.nginx_server_extra_config": json.dumps(lines)})
    assert not judge.complaints(text, "server")
    found = directives(text)
    assert ("add_header", ["X-Site", "a;b }", "always"]) in found
    assert ("deny", ["all"]) in found


def test_two_sites_fit_into_one_nginx(judge: Judge) -> None:
    """Sites that differ in their prefix can be included side by side."""
    texts = [
        rendered(judge, {"omero.web.prefix": prefix}) for prefix in ("", "/b", "/c-d", "/c/d", "/cd", "/c_d")
    ]
    assert not judge.complaints("\n".join(texts), "server")


def test_two_hosts_fit_into_one_nginx(judge: Judge, certificate: tuple[Path, Path]) -> None:
    """With TLS, websockets and all that a server block can have; nginx warns of no name either."""
    files = {"tls": "nginx", "certificate": certificate[0], "certificate_key": certificate[1]}
    more = {"websockets": True, "acme_root": "/acme", "listen": ["127.0.0.1", "[::1]"], "http2": True}
    ports = {"omero.client.icetransports": "ssl,ws"}
    texts = [
        rendered(judge, ports, servername=[name], **files, **more, **first)
        for name, first in (("a.example.org", {"default_server": True}), ("b.example.org", {}))
    ]
    assert not judge.complaints("\n".join(texts), "server")


#: Lines of a site's own, and what its server listens to besides.
OWN_LISTENS = [
    ([], {"34001"}),
    (["listen 34001;"], set()),
    (["listen *:34001;"], set()),
    (["listen 0.0.0.0:34001 default_server;"], set()),
    (["listen [::]:34001;"], {"34001"}),
    (["listen 127.0.0.1:34001;"], {"34001"}),
    (["listen 34002 ssl;", "ssl_certificate {0};", "ssl_certificate_key {1};"], {"34001"}),
    (["listen unix:{folder}/sock;"], {"34001"}),
]


@pytest.mark.parametrize(("lines", "ours"), OWN_LISTENS)
def test_a_listen_of_the_site_replaces_ours(
    judge: Judge, certificate: tuple[Path, Path], lines: list[str], ours: set[str]
) -> None:
    """The one with the same address and port, however it is written; all others stay."""
    written = [line.format(*certificate, folder=judge.folder) for line in lines]
    text = rendered(judge, {"omero.web.nginx_server_extra_config": json.dumps(written)})
    assert not judge.complaints(text, "server")
    listens = [args for name, args in directives(text) if name == "listen"]
    assert {args[0] for args in listens[: len(listens) - sum("listen" in line for line in lines)]} == ours


@pytest.mark.parametrize(
    "own", [["listen 34001;"], ["listen 34002 ssl http2;"], ["listen 34001;", "listen 34002 ssl;"]]
)
def test_a_listen_of_the_site_replaces_one_with_tls(
    judge: Judge, certificate: tuple[Path, Path], own: list[str]
) -> None:
    """Without a server that has nothing to listen to: nginx would give it port 80."""
    files = {"tls": "nginx", "certificate": certificate[0], "certificate_key": certificate[1]}
    text = rendered(judge, {"omero.web.nginx_server_extra_config": json.dumps(own)}, **files)
    assert not judge.complaints(text, "server")
    listens = [args[0] for name, args in directives(text) if name == "listen"]
    assert sorted(listens) == ["34001", "34002"]
    assert [name for name, _ in directives(text)].count("server") == 1 + ("listen 34001;" not in own) + 1


def test_a_certificate_of_the_site_replaces_ours(judge: Judge, certificate: tuple[Path, Path]) -> None:
    """Then none has to be given."""
    own = [f"ssl_certificate {certificate[0]};", f"ssl_certificate_key {certificate[1]};"]
    text = rendered(judge, {"omero.web.nginx_server_extra_config": json.dumps(own)}, tls="nginx")
    assert not judge.complaints(text, "server")
    assert [name for name, _ in directives(text)].count("ssl_certificate") == 1


#: Text from which configurations are made to go wrong.
HOSTILE = st.text(
    st.one_of(
        st.sampled_from(list("/;{}#\"'\\ $ *~=@:%?.+-_[]()|^\n\r\t")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=15,
)
SEGMENTS = st.text(st.sampled_from(list("abz09._-~!&()*+,=:@[]üß☃")), min_size=1, max_size=8)
URL_PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)
NAMES = st.one_of(
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
    st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: "*." + ".".join(labels)),
    st.lists(LABELS, min_size=1, max_size=3).map(lambda labels: ".".join(labels) + ".*"),
    st.sampled_from(["_", "$hostname", ".example.org", "[::1]"]),
)
PROPERTIES = {
    "omero.web.prefix": st.one_of(URL_PATHS, HOSTILE, HOSTILE.map(lambda text: "/" + text)),
    "omero.web.static_url": st.one_of(URL_PATHS, HOSTILE.map(lambda text: "/" + text)),
    "omero.web.static_root": st.one_of(HOSTILE, HOSTILE.map(lambda text: "/" + text)),
    "omero.web.application_server.host": st.one_of(st.ip_addresses().map(str), st.just("localhost")),
    "omero.web.application_server.port": st.integers(1, 65535).map(str),
}
OPTIONS = {
    "layout": st.sampled_from(LAYOUTS),
    "servername": st.lists(NAMES, min_size=1, max_size=4),
    "max_body_size": st.one_of(
        st.from_regex(r"[0-9]{1,16}[kKmMgG]?", fullmatch=True),
        st.from_regex(r"[0-9a-z.]{1,4}", fullmatch=True),
    ),
}


@settings(max_examples=400, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.fixed_dictionaries({}, optional=PROPERTIES), st.fixed_dictionaries({}, optional=OPTIONS))
def test_nginx_takes_whatever_omerogen_takes(
    judge: Judge, overrides: dict[str, str], options: dict[str, Any]
) -> None:
    """What is wrong is refused by its name; the rest is taken by nginx, and has our directives alone."""
    try:
        text = rendered(judge, overrides, **options)
    except omerogen.OmerogenError as error:
        flags = {f"--{name.replace('_', '-')}" for name in [*options, "http"]}
        assert any(name in str(error) for name in (*overrides, *flags)), error
        return
    layout = options.get("layout", "server")
    assert not judge.complaints(text, layout), text
    usual = [name for name, _ in directives(rendered(judge, {}, layout=layout))]
    assert [name for name, _ in directives(text)] == usual


#: What lines are made of that try to leave their block: nginx's marks, what looks like a space, Lua.
PIECES = st.sampled_from(
    [
        *(
            *" ;{}#\"'\\\n\r\t)",
            "$x",
            "$host",
            "${host}",
            "${",
            "$",
            "{{",
            "\\\n",
            "\\;",
            "\x85",
            "\xa0",
            "\u2028",
        ),
        *("\u3000", "a", "X-Y", " z", "ä☃", "; }", " # ", "#", "} server { ", "content_by_lua_block { "),
        *("\0", "\x0b"),
    ]
)
WORDS = st.lists(PIECES, max_size=4).map("".join)
#: Lines of directives that nginx knows, so that it reads on after them, and of anything.
LINES = st.lists(
    st.one_of(
        WORDS.map(lambda word: f"add_header X {word};"),
        WORDS.map(lambda word: f'add_header X "{word}";'),
        WORDS.map(lambda word: f"server_name {word};"),
        WORDS.map(lambda word: f"location /x {{ add_header X '{word}'; }}"),
        WORDS.map(lambda word: f"types {{ text/x {word}; }}"),
        WORDS.map(lambda word: f"# {word}"),
        st.lists(PIECES, max_size=8).map(" ".join),
    ),
    max_size=3,
)


def test_the_reader_of_these_tests_reads_as_nginx_does(judge: Judge) -> None:
    """In a block that takes any words, nginx takes just the texts that are whole directives for it."""
    inside = PIECES.filter(lambda piece: "\0" not in piece and "server" not in piece)
    pieces = st.lists(inside, max_size=9).map("".join)
    taken = 0
    for text in generated(pieces | pieces.map(lambda text: f"a {text};"), 700):
        block = f"types {{\n{text}\n}}"
        accepted = not judge.complaints(block, "server")
        structure = nginx_structure(f"{text}\n")
        assert accepted == (structure is not None and {mark for _, mark in structure} <= {";"}), text
        taken += accepted
    assert taken > 100


EXTRA = "omero.web.nginx_server_extra_config"


#: Where nginx stops to read. What it says without a place, it says of a file that it has read to its end.
PLACE = re.compile(r"nginx\.conf:(\d+)$", re.MULTILINE)


def numbers(whole: str, own: str) -> set[int]:
    """The numbers of the lines ``own`` in ``whole``."""
    first = whole[: whole.index(own)].count("\n") + 1
    return set(range(first, first + own.count("\n") + 1))


#: What crossplane reads otherwise than nginx: spaces of Unicode, and a brace that does not begin a word.
ODD_FOR_CROSSPLANE = re.compile(r"[^\S \t\r\n]|[^\s;{]\}")


def test_extra_lines_cannot_leave_their_block(judge: Judge) -> None:
    """What nginx makes of accepted lines ends within them, in every layout that has them.

    If nginx stops, it is in one of these lines. If it reads the whole, our own directives
    are unchanged around them: by nginx's rules, and in crossplane's eyes.
    """
    layouts = {"server": " " * 4, "standalone": " " * 8}
    around = {name: rendered(judge, {EXTRA: '["#here"]'}, layout=name).split("#here") for name in layouts}
    plain = {layout: directives("".join(parts)) for layout, parts in around.items()}
    tried, refused, read = generated(LINES, COUNT), 0, 0
    for place, lines in enumerate(tried):
        layout = list(layouts)[place % 2]
        try:
            text = rendered(judge, {EXTRA: json.dumps(lines)}, layout=layout)
        except omerogen.OmerogenError as error:
            assert EXTRA in str(error)
            refused += 1
            continue
        own = "\n".join(layouts[layout] + part for line in lines for part in line.split("\n"))
        if places := PLACE.findall(judge.complaints(text, layout)):
            assert set(map(int, places)) <= numbers(judge.wrapped(text, layout), own), lines
            continue
        read += 1
        structures = [nginx_structure(part) for part in (around[layout][0], own, around[layout][1])]
        assert stays_inside(structures[1])
        assert nginx_structure(text) == [item for part in structures for item in part or []], lines
        if not ODD_FOR_CROSSPLANE.search(own):
            found, ours = directives(text), plain[layout]
            start = [name for name, _ in ours].index("server_tokens") + 1
            assert found[:start] == ours[:start], lines
            assert found[len(found) - len(ours) + start :] == ours[start:], lines
    tally("nginx' raw lines, nginx and crossplane", len(tried), refused, most=False)
    assert read > COUNT / 5


@pytest.mark.parametrize(
    "lines",
    [
        ["server_name ${{ a; }", "} server {"],
        ["server_name ${{ a; } server { server_name b; # }"],
        ["server_name a\u3000# ; } server { listen 34099; #", "index x;"],
        ["gzip on;\xa0# }"],
        ["# \u2028} server { listen 34099; "],
        ["# \x85} server { listen 34099; "],
        ["# \r} server { listen 34099; "],
        ["location /x { content_by_lua_block { -- '\n } } server { # '\n } }"],
    ],
)
@pytest.mark.parametrize("layout", ["server", "standalone"])
def test_lines_that_once_left_their_block(judge: Judge, layout: str, lines: list[str]) -> None:
    """Each of these, or one like it, was taken for something else than nginx takes it for."""
    try:
        text = rendered(judge, {EXTRA: json.dumps(lines)}, layout=layout)
    except omerogen.OmerogenError as error:
        assert EXTRA in str(error)
    else:
        assert not judge.complaints(text, layout)
        assert stays_inside(nginx_structure("\n".join(lines)))
