"""Files that were made to do harm: they end in properties or in an error of omerogen, and soon."""

from __future__ import annotations

import time

import pytest

import omerogen
from omerogen import sources
from omerogen.model import OmerogenError

#: As much as is read at all.
FULL = sources.LARGEST_FILE - 100
#: Seconds of processor time, for a busy machine: alone on one, none of these takes more than one.
SOON = 5.0


def outcome(*files: str, **keywords) -> str:
    """What is wrong, nothing if all is well; other errors than ours end the test, and so does waiting."""
    started = time.process_time()
    try:
        said = "\n".join(map(str, omerogen.load(*files, **keywords).refused()))
    except OmerogenError as error:
        said = str(error)
    assert time.process_time() - started < SOON
    return said


def entities(levels: int) -> str:
    """A document type whose last entity stands for ten to the power of ``levels`` texts."""
    declared = ['<!ENTITY e0 "lol">']
    declared += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, levels + 1)]
    return f"<!DOCTYPE icegrid [{''.join(declared)}]>"


def repeated(text: str) -> str:
    """The text again and again, until a file is as large as it may be."""
    return text * (FULL // len(text.encode()))


BOMBS = [
    (".xml", f"{entities(12)}<icegrid>&e12;</icegrid>"),
    (".xml", f'{entities(12)}<icegrid><properties id="&e12;"/></icegrid>'),
    (".xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><icegrid>&b;</icegrid>'),
    (".xml", "<icegrid>" + repeated("<a>")),
    (".xml", "<icegrid " + " ".join(f"a{n}='1'" for n in range(20_000)) + "/>"),
    (".xml", "<icegrid " + " ".join(f"xmlns:a{n}='1'" for n in range(12_000)) + "/>"),
    (".json", '{"omero.x": ' + repeated("[")),
    (".json", '{"omero.x": ' + repeated('{"a":')),
    (".json", '{"omero.x": ' + "[" * 500 + "]" * 500 + "}"),
    (".json", '{"omero.x": ' + "9" * 5000 + "}"),
    (".json", '{"omero.db.port": 1e999999999}'),
    (".json", repeated(" ")),
    (".yaml", "a.b: " + repeated("[")),
    (".yaml", "a.b: " + repeated("{a: ")),
    (".yaml", repeated("- ")),
    (".yaml", repeated("? ")),
    (".yaml", "{" + repeated("a, ")),
    (".yaml", "a.b: '" + repeated("\n") + "'"),
    (".yaml", "a.b: " + repeated("x ")),
    (".yaml", "a.b: [" + ",".join(f"&a{n} x" for n in range(20_000))),
    (".yaml", "%TAG !a! tag:x\n" * 10_000 + "---\na.b: 1"),
    (".yaml", "a.b: " + "9" * 5000),
    (".yaml", "a.b: 0x" + "f" * 9000),
    (".yaml", "a.b: " + "1:" * 2000 + "1"),
    (".yaml", "a.b: 1e999999999"),
    (".properties", repeated("\\\n")),
    (".properties", repeated("a\n")),
    (".properties", repeated("\\")),
    (".properties", repeated("=")),
    (".properties", "a" + repeated(" ")),
    (".omero", repeated("\\")),
    (".omero", repeated("'")),
    (".omero", repeated("config set\n")),
    (".omero", "config set " + repeated("a ")),
    (".omero", repeated("config append omero.x '[[[[[[[[[[1]]]]]]]]]]'\n")),
    (".omero", "config append omero.x '[[[[[[[[[[1]]]]]]]]]]'\n" * sources.MOST_LIST_CHANGES),
    (".omero", f"config append omero.x '\"{'x' * 400}\"'\n" * sources.MOST_LIST_CHANGES),
]


@pytest.mark.parametrize(("suffix", "content"), BOMBS, ids=[f"{s}-{c[:12]!r}" for s, c in BOMBS])
def test_bombs_do_not_go_off(tmp_path, suffix, content):
    """Entities, aliases, depth, long numbers, long lines, many changes of one list."""
    path = tmp_path / f"bomb{suffix}"
    path.write_text(content, encoding="utf-8", newline="")
    outcome(str(path))


def chain(length: int, references: int) -> dict[str, str]:
    """Properties that each refer to the next one, several times."""
    return {f"x.a{n}": f"${{x.a{n + 1}}}" * references for n in range(length)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "texts",
    [
        chain(40, 2) | {"x.a40": "lol"},
        chain(1500, 500),
        {f"x.a{n}": "${x.b}" * 9 for n in range(2000)} | {"x.b": "y" * 100_000},
        {"x.a": "${x.b}" * 40_000, "x.b": "y"},
        {"x.a": "${" * 100_000},
        {"x.a": "${" * 100_000 + "}" * 100_000},
    ],
    ids=["doubling", "deep", "wide", "many", "open", "nested"],
)
def test_references_do_not_blow_up(texts):
    """Time and memory are bounded however properties refer to each other."""
    outcome(overrides=texts)


@pytest.mark.parametrize(
    "tagged", ["!!int ''", "!!float ''", "!!bool x", "!!timestamp x", "!!timestamp 2001-99-99"]
)
def test_what_is_not_what_its_yaml_tag_says_is_refused(tmp_path, tagged):
    """PyYAML has no error of its own for these; ours names the line and the property."""
    path = tmp_path / "a.yaml"
    path.write_text(f"x.y: 1\na.b: {tagged}\n")
    assert outcome(str(path)).startswith(f"{path}:2: a.b does not match its tag")


@pytest.mark.parametrize(
    "text", ["<<: {? [a] : 1}", "<<: [{? {a: b} : 1}]", "!!str [a]: 1", "<<: {1: 2}", "!!merge {a: b}: 1"]
)
def test_every_name_in_yaml_is_a_text(tmp_path, text):
    """Merged names too, and whatever their tag says."""
    path = tmp_path / "a.yaml"
    path.write_text(f"x.y: 1\n{text}\n")
    assert outcome(str(path)) == f"{path}:2: property names must be strings (write it in quotes)"


@pytest.mark.parametrize(
    ("text", "said"),
    [("0" * 5000 + "1", ""), ("-" + "0" * 5000, "out of range"), ("9" * 5000, "out of range")],
)
def test_whole_numbers_may_have_any_number_of_zeros(text, said):
    """Python would not convert so many digits."""
    assert said in outcome(overrides={"omero.db.port": text})
    assert bool(said) == bool(outcome(overrides={"omero.db.port": text}))


@pytest.mark.parametrize("name", ["a:" + "9" * 5000, "a:" + "9" * 5000 + ".xml", "\ud800.xml", "a\0.xml", ""])
def test_no_name_of_a_file_is_too_odd(name):
    """Digits after a colon may not be a line; surrogates and NUL are not in file names."""
    assert outcome(name)


@pytest.mark.parametrize("character", "\v\f\x1c\x1d\x1e\x85\u2028\u2029")
@pytest.mark.parametrize(
    ("suffix", "line"), [(".omero", "config set omero.db.name 'a{}b'"), (".properties", "omero.db.name=a{}b")]
)
def test_only_line_breaks_end_a_line(tmp_path, suffix, line, character):
    """A value with another character that Python takes for a line end is one value, and begins no command."""
    path = tmp_path / f"a{suffix}"
    path.write_text(line.format(character), newline="")
    assert omerogen.load(str(path))["omero.db.name"] == f"a{character}b"


def test_lines_are_counted_by_line_breaks_alone(tmp_path):
    """The line of an error is the one that an editor shows."""
    path = tmp_path / "a.properties"
    path.write_bytes("a.b=1\u2028\fx\r\nc.d=2\x85\romero.db.port=x\n".encode())
    assert outcome(str(path)).startswith(f"{path}:3: omero.db.port")
