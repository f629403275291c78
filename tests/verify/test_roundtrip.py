"""Thousands of hostile texts, each as its language writes it, arrive where they are read as they were."""

from __future__ import annotations

import ast
import base64
import http.client
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from signal import SIGQUIT

import crossplane
import pytest
from lxml import etree

from omerogen.templating import escape
from support.programs import accepted, as_ordinary_user, find, free_port, listening, running
from support.texts import texts, written

pytestmark = pytest.mark.slow


def test_lxml_reads_attributes_and_elements() -> None:
    """XML: the same text in an attribute and in an element, and no element more."""
    found = written("XML, lxml", escape.xml, texts())
    rows = "".join(f'<a b="{text}">{text}</a>' for text in found.values())
    root = etree.fromstring(f"<r>{rows}</r>")
    assert [row.get("b") for row in root] == list(found)
    assert [row.text or "" for row in root] == list(found)
    assert len(list(root.iter())) == len(found) + 1


class Elements(HTMLParser):
    """The attributes and the texts of all elements ``a`` of a page, and the names of all tags."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[str | None] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [value for _, value in attrs]
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        self.texts[-1] += data


def test_html_parser_reads_attributes_and_elements() -> None:
    """HTML: the same text in an attribute and in an element, and no element more.

    tests/browser/ has a browser read the same.
    """
    found = written("HTML, html.parser", escape.html, texts())
    parser = Elements()
    parser.feed("".join(f'<a b="{text}">{text}</a>' for text in found.values()))
    parser.close()
    assert parser.attributes == list(found)
    assert parser.texts == list(found)
    assert parser.tags == {"a"}


def nginx_configuration(folder: Path, port: int, words: list[str]) -> str:
    """An nginx that answers ``/N`` with the N-th word."""
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    locations = "".join(f"location = /{place} {{ return 200 {word}; }}\n" for place, word in enumerate(words))
    return (
        f"pid {folder}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {temporary}"
        f"keepalive_requests 100000; server {{ listen 127.0.0.1:{port};\n{locations}}} }}"
    )


def test_nginx_answers_with_the_words(folder: Path) -> None:
    """nginx itself says each word back, over HTTP; crossplane finds one argument in each place."""
    found = written("nginx words, nginx and crossplane", escape.nginx, texts(exclude="$\r\n"))
    port, path = free_port(), folder / "nginx.conf"
    path.write_text(nginx_configuration(folder, port, list(found.values())), encoding="utf-8", newline="")
    command = as_ordinary_user(
        find("nginx"), "-e", "stderr", "-c", path, "-g", "daemon off;", "-p", f"{folder}/"
    )
    with running(command, folder / "nginx.log", listening(port), stop=SIGQUIT, cwd=folder):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        answers = []
        for place in range(len(found)):
            connection.request("GET", f"/{place}")
            answers.append(connection.getresponse().read().decode())
        connection.close()
    assert answers == list(found)
    payload = crossplane.parse(str(path), single=True, check_ctx=False, check_args=False)
    [server] = [d for d in payload["config"][0]["parsed"][-1]["block"] if d["directive"] == "server"]
    returns = [one["block"][0]["args"] for one in server["block"][1:]]
    assert all(len(args) == 2 and args[0] == "200" for args in returns)
    assert [re.sub(r'\\(["\\])', r"\1", args[1]) for args in returns] == list(found)


def decoded(line: str) -> dict[str, str]:
    """An answer of the probe."""
    pairs = (pair.split(":") for pair in line.split(" ") if pair)
    return {base64.b64decode(name).decode(): base64.b64decode(value).decode() for name, value in pairs}


def test_java_reads_properties(probe: list[str], tmp_path: Path) -> None:
    """java.util.Properties has the same texts, as names and as values."""
    found = written("Java properties, java", escape.java_properties, texts())
    path = tmp_path / "a.properties"
    path.write_text("".join(f"{text}={text}\n" for text in found.values()), encoding="ascii", newline="")
    assert decoded(accepted([*probe, "load", path]).strip()) == {text: text for text in found}


def test_python_reads_literals(tmp_path: Path) -> None:
    """ast.literal_eval here and an import in another process have the same texts, in lists and mappings."""
    found = written("Python literals, ast and import", escape.python, texts())
    for text, literal in found.items():
        assert ast.literal_eval(literal) == text
    values = [[text, {text: [text]}] for text in found]
    (tmp_path / "hostile_values.py").write_text(f"VALUES = {escape.python(values)}\n", encoding="utf-8")
    question = "import json, hostile_values; print(json.dumps(hostile_values.VALUES))"
    assert json.loads(accepted([sys.executable, "-c", question], cwd=tmp_path)) == values


def test_a_shell_prints_the_words(tmp_path: Path) -> None:
    """sh has each word as one, runs none, and no variable counts."""
    found = written("shell words, sh", escape.shell, texts())
    path = tmp_path / "words.sh"
    path.write_text(f"set -u\nprintf '%s\\0' {' '.join(found.values())}\n", encoding="utf-8", newline="")
    for shell in ("sh", "bash"):
        # Not decoded by lines: a carriage return is a part of a text.
        words = accepted([find(shell), "-c", f". {path} | od -An -v -tx1"])
        assert bytes.fromhex(words).decode().split("\0")[:-1] == list(found)


def test_json_is_read_by_another_process(tmp_path: Path) -> None:
    """A mapping of all texts to themselves."""
    found = written("JSON, json", escape.json, texts())
    assert all(json.loads(written_) == text for text, written_ in found.items())
    path = tmp_path / "a.json"
    path.write_text(escape.json({text: [text] for text in found}), encoding="utf-8")
    question = "import json, sys; print(json.dumps(json.load(open(sys.argv[1], encoding='utf-8'))))"
    assert json.loads(accepted([sys.executable, "-c", question, path])) == {text: [text] for text in found}
