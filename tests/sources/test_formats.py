"""The other files that sites keep their properties in: .properties, .omero, .json, .yaml, variables."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import omerogen
from omerogen import sources
from omerogen.artifacts import ARTIFACTS
from omerogen.model import OmerogenError
from omerogen.templating.escape import java_properties
from support.files import DATA, SITE


def site_texts() -> dict[str, str]:
    """The values of the site, as texts."""
    settings = omerogen.load(SITE)
    return {name: settings.text(name) for name in settings.names_set()}


def site_values() -> dict[str, object]:
    """The values of the site as somebody writes them in YAML or JSON: numbers, lists, mappings."""
    return {
        name: json.loads(text) if text[0] in "[{" or text.isdigit() else text
        for name, text in site_texts().items()
    }


def as_properties(texts: dict[str, str]) -> str:
    """A ``.properties`` file."""
    return "".join(f"{name} = {java_properties(text)}\n" for name, text in texts.items())


def as_variables(texts: dict[str, str]) -> dict[str, str]:
    """``CONFIG_…`` variables."""
    return {f"CONFIG_{name.replace('_', '__').replace('.', '_')}": text for name, text in texts.items()}


@pytest.fixture
def written(tmp_path):
    """Write a file of that name; its path."""

    def write(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def refusal(path: str) -> str:
    """The message for a file that is refused."""
    with pytest.raises(OmerogenError) as caught:
        omerogen.load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("site.omero", lambda: (DATA / "site.omero").read_bytes()),
        ("site.properties", lambda: as_properties(site_texts())),
        ("site.json", lambda: json.dumps(site_values())),
        ("site.yaml", lambda: yaml.safe_dump(site_values(), sort_keys=False)),
        ("site.yml", lambda: json.dumps(site_values(), indent=1)),
    ],
)
@pytest.mark.parametrize("artifact", ARTIFACTS)
def test_one_site_is_the_same_in_every_format(name, content, artifact, written):
    """The same properties give byte-identical artifacts, wherever they are kept."""
    settings = omerogen.load(written(name, content()))
    assert omerogen.render(artifact, settings) == omerogen.render(artifact, omerogen.load(SITE))


@pytest.mark.parametrize("artifact", ARTIFACTS)
def test_a_container_is_the_same_site(artifact):
    """``CONFIG_…`` variables give what the file gives."""
    settings = omerogen.load(environ=as_variables(site_texts()))
    assert omerogen.render(artifact, settings) == omerogen.render(artifact, omerogen.load(SITE))


def test_variables_have_underscores_for_dots_and_two_for_one():
    """As in OMERO's images; other variables are nobody's business."""
    settings = omerogen.load(
        environ={"CONFIG_omero_web_session__cookie__age": "9", "HOME": "/", "config_omero_x": "1"}
    )
    assert settings["omero.web.session_cookie_age"] == 9
    assert settings.names_set() == ["omero.web.session_cookie_age"]


def test_properties_are_in_javas_format(written):
    """Both separators, continuation lines, escapes, comments; the last of two wins; lines are counted."""
    lines = ["# c", "! d", "omero.db.host : a", "omero.db.name=\\", "   long\\", "   er"]
    lines += ["omero.db.user = t\\u00e9\\=\\ x", "omero.db.host=b", ""]
    text = "\n".join(lines)
    settings = omerogen.load(written("a.properties", text))
    assert (settings["omero.db.host"], settings["omero.db.name"], settings["omero.db.user"]) == (
        "b",
        "longer",
        "té= x",
    )
    assert settings.origin("omero.db.user").line == 7
    assert settings.origin("omero.db.host").line == 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_properties_are_latin_1_or_utf_8(written, encoding):
    """The old encoding of the format and the new one."""
    settings = omerogen.load(written("a.properties", "omero.db.name=Zürich".encode(encoding)))
    assert settings["omero.db.name"] == "Zürich"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0$"), max_size=30))
def test_properties_round_trip(tmp_path_factory, text):
    """What our own rule for Java's format writes, the library reads back."""
    path = tmp_path_factory.getbasetemp() / "round.properties"
    path.write_text(f"omero.db.name={java_properties(text)}\n", encoding="ascii")
    assert omerogen.load(path)["omero.db.name"] == text


def omero(written, *lines: str, **keywords):
    """The settings of a file of commands."""
    return omerogen.load(written("a.omero", "\n".join(lines)), **keywords)


def test_commands_are_quoted_as_for_a_shell(written):
    """Quotes, backslashes, comments; a # inside a word or quotes is not a comment."""
    settings = omero(
        written,
        "# comment",
        "  config set omero.db.name 'a b'  # the name",
        'config set -- omero.db.user "o\\"k # no"',
        "config set omero.x a#b",
        "omero config set omero.y -- -z",
        "",
    )
    assert settings["omero.db.name"] == "a b"
    assert settings["omero.db.user"] == 'o"k # no'
    assert (settings["omero.x"], settings["omero.y"]) == ("a#b", "-z")


def test_append_and_remove_start_from_the_default(written):
    """As ``omero config append`` does; ``--set`` appends what is not there yet."""
    settings = omero(
        written,
        "config append omero.web.apps '\"a\"'",
        "config append --set -- omero.web.apps '\"a\"'",
        "config append --report omero.web.apps '\"b\"'",
        "config remove -- omero.web.system_checks '\"1_8.W001\"'",
        'config append omero.web.ui.top_links \'["X", "y"]\'',
    )
    assert settings["omero.web.apps"] == ["a", "b"]
    assert settings["omero.web.system_checks"] == []
    assert len(settings["omero.web.ui.top_links"]) == 4


def test_set_without_a_value_takes_back_what_was_set(written):
    """Also what another file set before."""
    settings = omerogen.load(
        SITE, written("a.omero", "config set omero.db.host\nconfig set omero.db.name ''")
    )
    assert settings["omero.db.host"] == "localhost"
    assert not settings.is_set("omero.db.host")
    assert settings["omero.db.name"] == ""


def test_profiles_are_dropped_and_chosen(written):
    """``drop`` takes back what the file set for a profile; ``def`` makes another one active."""
    lines = (
        "config set omero.db.host a",
        "config drop default",
        "config def other",
        "config set omero.db.name n",
    )
    assert omero(written, *lines).names_set() == ["omero.db.name"]
    assert omero(written, *lines, "config def default").names_set() == []


def test_other_commands_are_skipped_with_a_note(written):
    """A role's other commands do no harm, and are not silently lost."""
    settings = omero(written, "admin start", "config get omero.db.host", "config set omero.db.host h")
    assert [str(note).partition(":")[2] for note in settings.notes] == [
        "1: admin is skipped: it sets no property",
        "2: config get is skipped: it sets no property",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("config set omero.x 'open", "a quote that is not closed"),
        ("config set omero.x a b", "has 3 words"),
        ("config set", "has 0 words"),
        ("config append omero.web.apps", "has 1 words"),
        ("config append omero.web.apps nojson", "omero.web.apps is not JSON"),
        ("config append omero.web.caches 1", "is not a list"),
        ("config remove omero.web.apps '\"x\"'", "does not have the member"),
        ("config set a=b c", "'a=' is not a valid property name"),
        ("config set -f gone omero.x", "cannot read its file: No such file or directory"),
        ("config set --odd omero.x y", "has the option --odd"),
        ("config drop", "config drop is not understood"),
        ("config destroy x", "config destroy is not understood"),
    ],
)
def test_a_wrong_command_is_reported_with_its_line(written, line, said):
    """What the real command would refuse is refused, at its line."""
    path = written("a.omero", f"# first line\n{line}\n")
    assert refusal(path).startswith(f"{path}:2: ")
    assert said in refusal(path)


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
def test_values_that_are_not_texts_become_json(written, name):
    """Numbers, booleans, lists, mappings; a text stays as it is."""
    content = """{"omero.db.port": 5433,
 "omero.web.debug": true,
 "omero.web.apps": ["a"],
 "omero.db.name": "[1]"}"""
    settings = omerogen.load(written(name, content))
    assert (settings["omero.db.port"], settings["omero.web.debug"], settings["omero.web.apps"]) == (
        5433,
        True,
        ["a"],
    )
    assert settings["omero.db.name"] == "[1]"
    assert settings.origin("omero.web.apps").line == 3


def test_yaml_may_have_anchors_merges_and_dates(written):
    """What inventories use; a date is the text it is."""
    text = (
        "base: &b\n  omero.db.host: h\n  omero.db.name: n\n<<: *b\nomero.db.name: own\nomero.x: 2026-01-02\n"
    )
    settings = omerogen.load(written("a.yaml", text))
    assert (settings["omero.db.host"], settings["omero.db.name"], settings["omero.x"]) == (
        "h",
        "own",
        "2026-01-02",
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "", ":1: is not JSON"),
        ("a.json", "[]", ":1: is not JSON: expected a mapping"),
        ("a.json", '{"a.b": 1,\n "a.b": 2}', ":2: a.b is defined twice (keep one; the first is in line 1)"),
        ("a.json", '{"a.b": 1,\n}', ":2: is not JSON"),
        ("a.json", '{"a.b": NaN}', ":1: is not JSON"),
        ("a.json", '{"a.b": null}', ":1: a.b has no value"),
        ("a.json", '{"a.b": 1} x', ":1: has text after the mapping"),
        ("a.json", '{"a.b": ' + "[" * 100_000, "is not JSON"),
        ("a.json", b"\xff\xfe{}", ":1: is not UTF-8"),
        ("a.yaml", "- a", "is not a mapping"),
        ("a.yaml", "a.b: 1\na.b: 2", ":2: a.b is defined twice (keep one; the first is in line 1)"),
        ("a.yaml", "a.b: [1\n", "is not YAML"),
        ("a.yaml", "a.b:\n", ":1: a.b has no value"),
        ("a.yaml", "1: x", ":1: property names must be strings"),
        ("a.yaml", "a.b: !!binary aGk=", "that JSON cannot hold"),
        ("a.yaml", "a.b: .nan", "that JSON cannot hold"),
        ("a.yaml", "a.b: &x [*x]", "nested too deeply or in a circle"),
        ("a.yaml", "a.b: " + "[" * 5_000, "nested too deeply"),
        ("a.yaml", b"a.b: \x00\x01", "is not YAML"),
        ("a.properties", "omero.x=\\u00g0", ":1: has the escape"),
        ("a.ini", "a=b", "unknown file format"),
    ],
)
def test_what_is_not_in_the_format_is_refused(written, name, content, said):
    """A message with the place, for every way to be wrong."""
    path = written(name, content)
    assert refusal(path).startswith(path)
    assert said in refusal(path)


def test_yaml_bombs_are_refused(written):
    """Nine lines of aliases that stand for a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "is too large when its aliases are written out" in refusal(written("a.yaml", "\n".join(lines)))


@pytest.mark.parametrize("suffix", sorted(sources.READERS))
def test_a_huge_file_is_refused_at_once(tmp_path, suffix):
    """50 MB are not read, let alone parsed."""
    path = tmp_path / f"huge{suffix}"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    started = time.process_time()
    assert "is larger than 256 KiB" in refusal(str(path))
    assert time.process_time() - started < 1


@pytest.mark.parametrize("suffix", sorted(sources.READERS))
@given(garbage=st.binary(max_size=300))
def test_garbage_is_properties_or_a_reported_error(suffix, garbage, tmp_path_factory):
    """Whatever bytes a file has, no other exception leaves the package."""
    path = tmp_path_factory.getbasetemp() / f"garbage{suffix}"
    path.write_bytes(garbage)
    try:
        omerogen.load(path)
    except OmerogenError as error:
        assert str(error).startswith(str(path))


def test_a_file_that_sets_thousands_of_properties_is_refused(written):
    """Each of many appends would repeat the whole list: memory stays bounded."""
    assert "sets more than 5000 properties" in refusal(
        written("a.omero", "config append omero.web.apps 1\n" * 5001)
    )
