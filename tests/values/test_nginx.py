"""Lines, sizes and names for nginx. That nginx 1.22 judges them alike was seen by running `nginx -t`."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.nginx import NGINX_LINES, NGINX_SIZE, SERVER_NAME, check_balanced
from support.nginx_reader import nginx_structure, stays_inside


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["add_header X-Y z;"],
        ["listen 443 ssl;", "ssl_certificate /etc/ssl/omero.crt;"],
        ["location /robots.txt {", "  return 200 'User-agent: *';", "}"],
        ["add_header", "X-Y", "z;"],
        ["# a comment with { and ' in it"],
        ["set $x 1; # behind it"],
        ['add_header X "a;b{c}d#e";'],
        ["add_header X 'it\\'s';"],
        ['add_header X "say \\"x\\"";'],
        ["if ($scheme = http) { return 301 https://$host$request_uri; }"],
        ["rewrite ^/a\\{2\\}$ /b;"],
        ["location ~ ^/(a|b)$ { deny all; }"],
        ["set $x a#b;"],
        ['set $x a"b;'],
        ["set $x ;", "set $y '';"],
        ['set $x "${host}b";'],
        ["server_tokens off;\r\n\tgzip on;"],
    ],
)
def test_lines_that_nginx_reads(lines):
    """Whole directives, on one line or several, with comments, quotes and blocks of their own."""
    text = json.dumps(lines)
    assert NGINX_LINES.parse(text) == lines
    assert NGINX_LINES.parse(formatted(NGINX_LINES, lines)) == lines


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("add_header X-Y z", "without ; at its end"),
        ("listen 443 ssl; gzip on", "without ; at its end"),
        ("}", "did not open"),
        ("gzip on; } server { listen 81;", "did not open"),
        ("location / { gzip on;", "does not close"),
        ("location / {", "does not close"),
        ("location / { gzip on }", "without ; before a }"),
        ("location / { };", "; without a directive"),
        (";", "; without a directive"),
        ("gzip on;;", "; without a directive"),
        ("{ gzip on; }", "{ without a directive"),
        ("add_header X 'open;", "cannot read"),
        ('add_header X "open;', "cannot read"),
        ('set $x "a"b;', "cannot read"),
        ("set $x 'a''b';", "cannot read"),
        ('location "/" { set $x "a"}', "cannot read"),
        ("gzip on; # comment } \n}", "did not open"),
        ("gzip on\0;", "control character"),
        ("gzip \x1b[0m on;", "control character"),
    ],
)
def test_lines_that_would_break_the_server_block(line, problem):
    """No line may leave the block that it is put into, nor swallow what follows."""
    with pytest.raises(Invalid, match=problem):
        NGINX_LINES.parse(json.dumps([line]))


@pytest.mark.parametrize(
    "text",
    ["", "gzip on;", "{}", '"gzip on;"', "[1]", "[null]", '[["gzip on;"]]', "[true]", "null", "['gzip on;']"],
)
def test_invalid_list_of_lines(text):
    """A JSON list of texts, and nothing else."""
    with pytest.raises(Invalid):
        NGINX_LINES.parse(text)


NASTY = st.sampled_from(
    [
        *(
            *" ;{}#\"'\\$\n\r\t)(",
            "${",
            "$$",
            "\\\n",
            "\\$",
            "\x00",
            "\x0b",
            "\x85",
            "\xa0",
            "\u2028",
            "\u3000",
        ),
        *("a", "b;", " # ", "x {", "a_by_lua_block {", '"a"', "'b'", "ä", "\ufeff"),
    ]
)
nasty_texts = st.lists(NASTY, max_size=12).map("".join)


@pytest.mark.slow
@settings(max_examples=2000)
@given(nasty_texts | nasty_texts.map(lambda text: f"a {text};"))
@example("server_name ${{ a; }")
@example("gzip on\u3000# ; }\n;")
@example("gzip on;\xa0# }")
@example("# a\r}")
@example('a "b")c;')
def test_whole_directives_are_whole_for_nginx(text):
    """Whatever is taken stays inside its block by nginx's own rules, and nothing else is made of it."""
    try:
        check_balanced(text)
    except Invalid:
        return
    assert stays_inside(nginx_structure(text))


@pytest.mark.parametrize("name", ["content_by_lua_block", '"content_by_lua_block"', "'init_by_lua_block'"])
def test_blocks_of_another_language_are_refused(name):
    """Where a brace of Lua ends is not for nginx's rules to say: a comment of Lua may hold a quote."""
    with pytest.raises(Invalid, match="Lua"):
        NGINX_LINES.parse(json.dumps([f"location /x {{ {name} {{ ngx.say(1); }} }}"]))


words = st.text("abc/.:$-", min_size=1)
quoted = st.text("ab ;{}#'").map(lambda text: f'"{text}"')
directives = st.lists(words | quoted, max_size=3).map(lambda found: " ".join(["name", *found]) + ";")
blocks = st.recursive(
    directives,
    lambda inner: st.lists(inner).map(lambda found: "name {\n" + "\n".join(found) + "\n}"),
    max_leaves=6,
)


@given(st.lists(blocks))
def test_whole_directives_are_balanced(lines):
    """All that the grammar makes is read; with a brace more it is not, nor with one less."""
    text = "\n".join(lines)
    check_balanced(text)
    for broken in (text + "\n}", "name {\n" + text):
        with pytest.raises(Invalid):
            check_balanced(broken)


@given(st.text())
def test_no_text_breaks_the_reader_of_lines(text):
    """Any text is whole directives, or is refused."""
    try:
        lines = NGINX_LINES.parse(json.dumps([text]))
    except Invalid:
        return
    assert lines == [text]


@pytest.mark.parametrize(
    "text", ["0", "1", "512k", "2m", "2M", "1K", "2g", "1G", "8589934591g", " 2m ", "999999999999999"]
)
def test_sizes(text):
    """Bytes, or k, m and g in either case; 0 is not a limit."""
    assert NGINX_SIZE.parse(text) == text.strip()
    assert NGINX_SIZE.parse(formatted(NGINX_SIZE, text.strip())) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "m", "-1", "1.5m", "2mb", "2 m", "1t", "x", "0x10", "2m;", "8589934592g", "9" * 5000, "٢m"]
)
def test_invalid_size(text):
    """Nothing that nginx calls an invalid value, numbers beyond its 63 bits included."""
    with pytest.raises(Invalid, match="not a size"):
        NGINX_SIZE.parse(text)


@given(st.integers(0, 2**31), st.sampled_from(["", "k", "m", "g"]))
def test_sizes_survive_the_round_trip(number, suffix):
    """Sizes up to what nginx can hold are read back as they were written."""
    size = NGINX_SIZE.parse(f"{number}{suffix}")
    assert NGINX_SIZE.parse(formatted(NGINX_SIZE, size)) == size == f"{number}{suffix}"


@pytest.mark.parametrize(
    "text",
    [
        "$hostname",
        "_",
        "localhost",
        "omero.example.org",
        "*.example.org",
        ".example.org",
        "www.example.*",
        "[::1]",
        "10.0.0.1",
        "a_b",
        " a ",
    ],
)
def test_server_names(text):
    """Hosts, a * for the label at either end, and nginx's two special names."""
    assert SERVER_NAME.parse(text) == text.strip()
    assert SERVER_NAME.parse(formatted(SERVER_NAME, text.strip())) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "a b",
        "a;b",
        "$host",
        "a.*.b",
        "*a.example.org",
        "a..b",
        "-a",
        "a-",
        "{}",
        '"a"',
        "a\nb",
        "http://a",
        "a:80",
        "a" * 64,
        "ü.example",
    ],
)
def test_invalid_server_name(text):
    """A port, another variable, a * in the middle, or a second directive."""
    with pytest.raises(Invalid, match="not a server name"):
        SERVER_NAME.parse(text)


@pytest.mark.parametrize("line", ["set $x ${host}b;", "set $x a${host};", "set $x a}b;", "set $x ${host};"])
def test_braces_inside_a_word_are_part_of_it(line):
    """As nginx reads them: a variable's, and a closing one that does not begin a word."""
    assert NGINX_LINES.parse(json.dumps([line])) == [line]


@pytest.mark.parametrize("line", [f"set $x {'a' * 5000};", 'set $x "a\nb";', f"# {'x' * 5000}"])
def test_words_that_nginx_cannot_hold_are_refused(line):
    """Its buffer has 4096 bytes; a line break inside quotes would not survive our indentation."""
    with pytest.raises(Invalid):
        NGINX_LINES.parse(json.dumps([line]))
