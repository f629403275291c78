"""Templates print fields, each where it is one value; one that does more does not load."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from omerogen.templating import environment, escape
from omerogen.templating.environment import language
from omerogen.templating.folder import templates_folder
from omerogen.templating.rules import RAW_PLACES, NotAllowed
from support.contexts import LANGUAGES, Reader

FOLDER = Path(templates_folder())
TEMPLATES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.j2"))
RAW_TEMPLATE = "nginx/servers.conf.j2"


@pytest.fixture
def rendered(monkeypatch):
    """Render a template of this text, under this name."""

    def render(name: str, text: str, **fields: object) -> str:
        monkeypatch.setattr(environment, "load", lambda _: environment.compiled(name, text))
        return environment.render(name, fields)

    return render


def source(template: str) -> str:
    """The text of one of our templates."""
    return (FOLDER / template).read_text(encoding="utf-8")


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_loads(template):
    """Ours keep to the rules."""
    assert environment.compiled(template, source(template))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_expression_is_at_a_place_of_one_value(template):
    """Not in quotes, tags or comments, nor glued to other words, whichever way a template goes."""
    assert Reader(source, LANGUAGES[language(template)]).read(template) == []


def test_every_language_has_its_places_and_a_round_trip():
    """A new language declares where its values can be, and is read back in the tests of escaping."""
    assert not set(escape.LANGUAGES) - set(LANGUAGES), "add these suffixes to tests/support/contexts.py"
    folder = Path(__file__).parent
    readers = [folder / "test_escape.py", *(folder / "verify").glob("test_*.py")]
    tested = "".join(path.read_text(encoding="utf-8") for path in readers)
    rules = [rule.__name__ for rule in escape.LANGUAGES.values()]
    missing = [rule for rule in rules if f"escape.{rule}" not in tested]
    assert not missing, "add a round trip for these rules to tests/verify/"


def complaints(suffix: str, text: str) -> list[str]:
    """What is wrong with the places in a template of this text."""
    return Reader(lambda _: text, LANGUAGES[suffix]).read("a")


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".conf", 'root "{{ x }}";'),
        (".conf", "root '/a {{ x }} b';"),
        (".conf", "root /a{{ x }};"),
        (".conf", "root {{ x }}/a;"),
        (".conf", "root {{ x }}{{ y }};"),
        (".conf", "root{% for x in y %} {% if x %}{{ x }}{% endif %}{% endfor %}{{ z }};"),
        (".conf", "# {{ x }}\n"),
        (".conf", "root {{ x }}{"),
        (".conf", "return 200 ${{ x }};"),
        (".conf", '{% if x %}root "{% endif %} {{ x }} ;'),
        (".conf", 'root "a;\n'),
        (".xml", "<a b={{ x }}/>"),
        (".xml", "<a b='{{ x }}'/>"),
        (".xml", "<a {{ x }}/>"),
        (".xml", "<{{ x }}/>"),
        (".xml", "<!-- {{ x }} -->"),
        (".xml", "<?a {{ x }}?>"),
        (".xml", "<![CDATA[{{ x }}]]>"),
        (".xml", '<a b="${{ x }}"/>'),
        (".xml", '<a b="{{ x }}{y}"/>'),
        (".xml", '<a b="{{ x }}{{ y }}"/>'),
        (".xml", '<a{% if x %} b="{% endif %}{{ x }}"/>'),
        (".html", "<a b={{ x }}>"),
        (".html", "<a b='{{ x }}'>"),
        (".html", "<a {{ x }}>"),
        (".html", "<{{ x }}>"),
        (".html", "<!-- {{ x }} -->"),
        (".html", "<script>a({{ x }})</script>"),
        (".html", '<script>a = "{{ x }}"</script>'),
        (".html", "<style>a { b: {{ x }} }</style>"),
        (".html", "<script>1 < 2; {{ x }}</script>"),
        (".html", "&{{ x }}"),
        (".py", 'X = "{{ x }}"'),
        (".py", "X = '\\'{{ x }}'"),
        (".py", "X = f{{ x }}"),
        (".py", "X = {{ x }}{{ y }}"),
        (".py", "X = {{ x }}y"),
        (".sh", "a '{{ x }}'"),
        (".sh", 'a "{{ x }}"'),
        (".sh", "a -x{{ x }}"),
        (".sh", "a {% for x in y %}{{ x }}{% endfor %}"),
        (".sh", "a $({{ x }})"),
        (".args", '"{{ x }}"'),
        (".args", "-D{{ x }}"),
        (".args", "# {{ x }}"),
        (".json", '"{{ x }}"'),
        (".json", "[1{{ x }}]"),
        (".url", "http://{{ x }}"),
        (".properties", "# {{ x }}"),
        (".properties", "a=\\{{ x }}"),
    ],
)
def test_an_expression_in_an_odd_place_is_seen(suffix, text):
    """The walk sees what it is for."""
    assert complaints(suffix, text)


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".conf", "a {{ x }} {{ y }};\n# don't \"\nb {{ x }};"),
        (".conf", "a{% for x in y %} {{ x }}{% endfor %};"),
        (
            ".xml",
            '<a b="c{{ x }}-${d}" e=\'"\'{% if x %} f="{{ x }}"{% endif %}>g{{ x }}</a><!-- \' -->{{ y }}',
        ),
        (
            ".html",
            '<!doctype html><style>a > b { c: "d" }</style><script>1 < 2</script>'
            '<a href="#{{ x }}"{% if x %} b="{{ y }}"{% endif %}>{{ x }}{{ y }}</a><br>{{ z }}',
        ),
        (".py", "X = [{{ x }}, {{ y }}]  # {{ z }}\nY = '#' + '\\''"),
        (".sh", "{{ x }}={% for x in y %}{{ x }}{% if not loop.last %} {% endif %}{% endfor %}\n"),
        (".properties", "# don't\n{{ x }}={{ y }}\na=b{{ x }}c\n"),
        (".json", '{"a": {{ x }}, {{ y }}: [{{ z }}]}'),
    ],
)
def test_an_expression_in_its_place_is_left_alone(suffix, text):
    """Places like those of our templates."""
    assert complaints(suffix, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ x|safe }}",
        "{{ x|e }}",
        "{{ x|upper }}",
        "{{ x|join(' ') }}",
        "{{ x|format(y) }}",
        "{{ x|as_it_is }}",
        "{{ x.y|as_it_is }}",
        "{{ nginx.extra_lines|as_it_is|upper }}",
        "{% for l in nginx.prefix %}{{ l|as_it_is }}{% endfor %}",
        "{% with extra_lines = nginx.prefix %}{{ extra_lines|as_it_is }}{% endwith %}",
        "{% with nginx = other %}{{ nginx.extra_lines|as_it_is }}{% endwith %}",
        '{{ "a" ~ x }}',
        "{{ x ~ y }}",
        "{{ x + y }}",
        "{{ x * 2 }}",
        '{{ "%s" % x }}',
        '{{ "a" }}',
        "{{ 1 }}",
        "{{ x.format(y) }}",
        "{{ x() }}",
        "{{ x[y] }}",
        "{{ x[1:2] }}",
        "{{ [x] }}",
        "{{ {'a': x} }}",
        "{{ x if y else z }}",
        "{{ x == y }}",
        "{{ not x }}",
        "{{ x and y }}",
        "{{ x is none }}",
        "{{ x.__class__ }}",
        "{{ x._y }}",
        "{{ caller() }}",
        "{{ self.a() }}",
        "{% set x = y %}{{ x }}",
        "{% set x %}y{% endset %}",
        "{% macro a() %}{% endmacro %}",
        "{% call a() %}{% endcall %}",
        "{% block a %}{% endblock %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{% autoescape true %}{{ x }}{% endautoescape %}",
        "{% filter upper %}{{ x }}{% endfilter %}",
        "{% filter as_it_is %}{{ x }}{% endfilter %}",
        "{% filter upper|indent(4) %}{{ x }}{% endfilter %}",
        '{% extends "nginx/server.conf.j2" %}',
        '{% import "nginx/server.conf.j2" as a %}',
        '{% from "nginx/server.conf.j2" import a %}',
        "{% include x %}",
        '{% include ["nginx/server.conf.j2"] %}',
        '{% include "django/settings.py.j2" %}',
        "{% for x in y.items(1) %}{% endfor %}",
        "{% for x in y.values() %}{% endfor %}",
        "{% for x in y if x %}{% endfor %}",
        "{% for x in y recursive %}{% endfor %}",
        "{% for x in [y, z] %}{% endfor %}",
        "{% if x == y %}{% endif %}",
        "{% if x() %}{% endif %}",
        "{% if x|safe %}{% endif %}",
        '{% with x = "a" ~ y %}{{ x }}{% endwith %}',
        "{% for x in y %}{% else %}{{ y|safe }}{% endfor %}",
        "{% if x %}{% elif y|safe %}{% endif %}",
        "{% if x %}{% elif y %}{{ y|safe }}{% else %}{% endif %}",
    ],
)
def test_a_template_that_does_more_than_print_does_not_load(rendered, text):
    """No filter, no arithmetic, no call, no text of several, no block that changes the escaping."""
    with pytest.raises(NotAllowed):
        rendered(RAW_TEMPLATE, text)


@pytest.mark.parametrize("name", ["a.py.j2", "a.sh.j2", "a.args.j2", "a.properties.j2", "a.json.j2"])
def test_nothing_is_indented_where_a_word_may_have_lines(rendered, name):
    """The spaces would become a part of the value."""
    with pytest.raises(NotAllowed, match="several lines"):
        rendered(name, "{% filter indent(4) %}{{ x }}{% endfilter %}")


class Mapping(dict[str, str]):
    """One whose member is an attribute, too."""

    @property
    def c(self) -> str:
        """The member."""
        return self["c"]


def test_fields_are_printed_in_every_shape_that_templates_use(rendered):
    """Names, attributes, members, loops over pairs, conditions and other names for things."""
    text = (
        "{{ a }} {{ b.c }} {{ b['c'] }} {{ d[0] }}{% for k, v in b.items() %} {{ k }} {{ v }}{% endfor %}"
        "{% with e = b %}{% if e.c and not d[1] or a is none %} {{ e.c }}{% endif %}{% endwith %}"
    )
    b = Mapping({"c": ";"})
    assert rendered("x.conf.j2", text, a="1 2", b=b, d=["x", ""]) == '"1 2" ";" ";" x c ";" ";"'


def test_the_raw_place_is_the_one_that_is_declared():
    """A second one is a decision, which this test makes visible."""
    assert sorted(RAW_PLACES) == [(RAW_TEMPLATE, "nginx.extra_lines")]
    assert [t for t in TEMPLATES if "as_it_is" in (FOLDER / t).read_text()] == [RAW_TEMPLATE]


RAW_LOOP = "{% for line in nginx.extra_lines %}{{ line|as_it_is }}\n{% endfor %}"


def test_raw_text_is_printed_at_its_place(rendered):
    """As it is, and nowhere else."""
    fields = {"nginx": SimpleNamespace(extra_lines=[escape.Raw('a "b";')])}
    assert rendered(RAW_TEMPLATE, RAW_LOOP, **fields) == 'a "b";\n'
    with pytest.raises(NotAllowed):
        rendered("nginx/other.conf.j2", RAW_LOOP, **fields)


def test_raw_text_needs_a_field_that_has_checked_it(rendered):
    """At a raw place a value is a mistake, and at any other place raw text is."""
    with pytest.raises(TypeError, match="a value, at a place that prints raw text"):
        rendered(RAW_TEMPLATE, RAW_LOOP, nginx=SimpleNamespace(extra_lines=["a;"]))
    for suffix in escape.LANGUAGES:
        with pytest.raises(TypeError, match="raw text, at a place that prints values"):
            rendered(f"a{suffix}.j2", "{{ x }}", x=escape.Raw("a;"))


@pytest.mark.parametrize("separator", "\v\f\x1c\x1d\x1e\x85\u2028\u2029")
def test_indenting_leaves_values_alone(rendered, separator):
    """Only a line break ends a line: else a comment would end early, and a value would change."""
    text = "{% filter indent(4) %}a\n\n{{ x }};{% endfilter %}"
    value = f"b{separator}c"
    assert rendered("x.conf.j2", text, x=value) == f'    a\n\n    "{value}";'


@pytest.fixture
def load(monkeypatch):
    """Load a template anew, by the name of its module."""
    monkeypatch.setattr(environment, "load", environment.load.__wrapped__)
    return lambda: environment.load("jdbc/connection.url.j2").render.__globals__.get("__name__", "")


def test_a_template_is_compiled_when_omerogen_is_installed(load):
    """The module is there."""
    assert load() == "omerogen.templating.compiled.jdbc_connection_url"


def test_a_changed_template_counts_at_once(load, monkeypatch, tmp_path):
    """Without an installation in between."""
    (tmp_path / "jdbc").mkdir()
    (tmp_path / "jdbc/connection.url.j2").write_text("changed {{ x }}\n", encoding="utf-8")
    monkeypatch.setattr(environment, "templates_folder", lambda: str(tmp_path))
    assert load() != "omerogen.templating.compiled.jdbc_connection_url"
    assert environment.render("jdbc/connection.url.j2", {"x": "y"}) == "changed y\n"


def test_templates_of_another_compiler_do_not_count(load, monkeypatch):
    """As after an upgrade of a checkout: what was compiled may call what is not there any more."""
    monkeypatch.setattr(environment, "_compiler_checksum", lambda: 1)
    assert load() != "omerogen.templating.compiled.jdbc_connection_url"
