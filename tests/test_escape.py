"""Escaping: each text comes out of a parser of its language as it went in."""

from __future__ import annotations

import ast
import json
import re
import shlex
import string
import subprocess

import javaproperties
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from omerogen.templating import escape

texts = st.text(st.characters(exclude_categories=["Cs"]))
without_nul = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NASTY = [
    "",
    " ",
    "plain",
    "two words",
    "it's",
    'say "x"',
    "$HOME `id` $(id)",
    "a;b&c|d>e<f",
    "\\",
    "back\\slash\\",
    "\\n is no line break",
    "line\nbreak",
    "tab\tinside\r\f",
    "${x} $${x} {} %s %%",
    "#comment !",
    "--flag=x",
    "ümlaut 😀 \u2028 \x85 \x7f",
    "</option> ]]> &amp; <!--",
    "a=b:c",
    "*?[a]~",
]
nasty = pytest.mark.parametrize("text", NASTY)


def nginx_word(text):
    """Read the one word that is in ``text`` as ngx_conf_read_token does; None if there are more or fewer."""
    if not text.startswith('"'):
        return text if re.fullmatch(r"""[^\s;{}"'#\\]+""", text) else None
    special = {"t": "\t", "r": "\r", "n": "\n", '"': '"', "\\": "\\", "'": "'"}
    inner = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)
    return inner and re.sub(r"\\(.)", lambda m: special.get(m[1], m[0]), inner[1], flags=re.DOTALL)


def icegrid_text(text):
    """Halve the dollars before each brace, as IceGrid does; one that remains single starts a variable."""

    def halved(match):
        assert len(match[0]) % 2 == 0, "a variable of IceGrid"
        return match[0][: len(match[0]) // 2]

    return re.sub(r"\$+(?=\{)", halved, text)


def argfile_words(text):
    """Words of a file for java @FILE, by the rules of the launcher."""
    words, word, quote, characters = [], None, "", iter(text)
    for character in characters:
        if quote and character == "\\":
            following = next(characters)
            word += {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(following, following)
        elif quote:
            word, quote = (word, "") if character == quote else (word + character, quote)
        elif character in "\"'":
            word, quote = word or "", character
        elif character in " \n\r\t\f":
            words, word = words + [word] * (word is not None), None
        elif character == "#":
            break
        else:
            word = (word or "") + character
    assert not quote, "a quote that is not closed"
    return words + [word] * (word is not None)


@given(texts)
@example("$x")
@example("a\nb")
@example('\\"')
def test_nginx(text):
    """A word is read back as it was; only $ and line breaks and NUL have no way to be written."""
    if re.search(r"[$\0\r\n]", text):
        with pytest.raises(escape.Unwritable):
            escape.nginx(text)
    else:
        assert nginx_word(escape.nginx(text)) == text


@nasty
def test_nginx_word_by_word(text):
    """The same for texts that were made to break out, without what nginx cannot write."""
    plain = re.sub(r"[$\r\n]", "", text)
    assert nginx_word(escape.nginx(plain)) == plain


def test_nginx_variables():
    """A variable has a $, and is the only thing that has."""
    assert escape.nginx(escape.Variable("host")) == "$host"


@pytest.mark.parametrize("name", ["", "a b", "a;", "{a}", "a\n", "ä", "$a", '"'])
def test_nginx_variables_are_names(name):
    """Nothing else can come in as a variable."""
    with pytest.raises(escape.Unwritable, match="not a variable"):
        escape.nginx(escape.Variable(name))


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        (["https://", escape.Variable("host"), ":8443", escape.Variable("uri")], "https://$host:8443$uri"),
        ([escape.Variable("a"), "b"], "${a}b"),
        ([escape.Variable("a"), 1], "${a}1"),
        ([escape.Variable("a"), escape.Variable("b")], "$a$b"),
        ([escape.Variable("a")], "$a"),
        (["a ", escape.Variable("b"), '"; c'], '"a $b\\"; c"'),
        ([""], '""'),
    ],
)
def test_nginx_words_of_several_parts_are_quoted_as_a_whole(parts, written):
    """Variables stay variables, and texts are data."""
    assert escape.nginx(escape.Word(parts)) == written


@pytest.mark.parametrize("part", ["$", "\n", "\0"])
def test_nginx_words_of_several_parts_refuse_what_one_text_does(part):
    """In any part."""
    with pytest.raises(escape.Unwritable):
        escape.nginx(escape.Word(["a", escape.Variable("b"), part]))


@given(texts)
@example("\ufffe")
@example("\r\n\t")
def test_xml(text):
    """An attribute and an element are read back by lxml; XML has no way to write most control characters."""
    if re.search("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text):
        with pytest.raises(escape.Unwritable):
            escape.xml(text)
        return
    written = escape.xml(text)
    document = etree.fromstring(f"<a b='{written}' c=\"{written}\">{written}</a>")
    assert document.get("b") == document.get("c") == text
    assert (document.text or "") == text
    assert len(document) == 0


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
@example("${x}")
@example("$${x} $$$")
def test_icegrid(text):
    """No text is a variable of IceGrid, and each is read back, through XML too."""
    written = etree.fromstring(f'<a b="{escape.icegrid(text)}"/>').get("b")
    assert icegrid_text(written) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [("${x}", "$$&#123;x}"), ("$x", "$x"), ("{x}", "{x}"), ("$${x}", "$$$${x}"), ("$", "$")],
)
def test_icegrid_doubles_dollars_only_before_a_brace(text, written):
    """A $ on its own is none of IceGrid's business."""
    assert etree.fromstring(f'<a b="{escape.icegrid(text)}"/>').get("b") == written.replace("&#123;", "{")


@given(st.lists(without_nul))
@example(NASTY)
def test_argfile(words):
    """Words for java @FILE, one a line, are the same words again."""
    assert argfile_words("\n".join(map(escape.argfile, words))) == words
    assert argfile_words(" ".join(map(escape.argfile, words))) == words


@given(st.lists(without_nul))
@example(NASTY)
def test_shell(words):
    """A line of quoted words is split into the same words."""
    assert shlex.split(" ".join(map(escape.shell, words))) == words


def test_a_real_shell():
    """Every nasty word is printed by sh as it is, and none is run."""
    words = " ".join(map(escape.shell, NASTY))
    done = subprocess.run(["sh", "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True)  # noqa: S607
    assert done.stdout.decode().split("\0")[:-1] == NASTY
    assert done.stderr == b""


@given(texts)
@example(" \t leading")
@example("trailing \\")
@example("# ! = :")
def test_java_properties(text):
    """Another implementation of the format reads the value back, from ASCII."""
    written = escape.java_properties(text)
    assert written.isascii()
    assert not text or javaproperties.loads(f"{written}={written}\n") == {text: text}
    assert javaproperties.loads(f"before=1\nkey={written}\nafter=2\n") == {
        "before": "1",
        "key": text,
        "after": "2",
    }


URL_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%")


@given(st.text() | st.text(sorted(URL_CHARACTERS)) | st.text('ab<>"^`{|}\\ \n'))
@example("/static\n")
def test_url(text):
    """A URL stays as it is if all of its characters are those of RFC 3986, and has no way otherwise."""
    if set(text) <= URL_CHARACTERS:
        assert escape.url(text) == text
    else:
        with pytest.raises(escape.Unwritable):
            escape.url(text)


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def in_order(value):
    """The same value, with the members of its mappings sorted by name."""
    if isinstance(value, dict):
        return {name: in_order(value[name]) for name in sorted(value)}
    return type(value)(map(in_order, value)) if isinstance(value, (list, tuple)) else value


@given(values)
def test_python(value):
    """Python reads the value back, of the very types that it had; mappings are sorted."""
    read = ast.literal_eval(escape.python(value))
    assert read == value
    assert repr(read) == repr(in_order(value))


@nasty
def test_python_texts(text):
    """No text ends its quotes, and texts of our own types are plain ones there."""
    for kind in (str, escape.Raw, escape.Variable):
        read = ast.literal_eval(escape.python(kind(text)))
        assert (type(read), read) == (str, text)


@given(st.text("a'\"\\\n()").map(re.escape))
def test_python_regular_expressions(pattern):
    """A compiled expression is a call of re.compile with its text."""
    call = ast.parse(escape.python(re.compile(pattern)), mode="eval").body
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == "re.compile"
    assert [argument.value for argument in call.args] == [pattern]


@pytest.mark.parametrize(
    "name", ["", "a b", "a.", ".a", "a..b", "a;b", "1a", "a-b", "os.system('id')", "a\n"]
)
def test_python_names(name):
    """A name is printed as it is; anything else would be code."""
    assert escape.python(escape.Name("django.conf.settings")) == "django.conf.settings"
    with pytest.raises(escape.Unwritable):
        escape.python(escape.Name(name))


@pytest.mark.parametrize("value", [{1, 2}, b"x", object(), 1j, range(3), iter(())])
def test_values_without_a_python_literal(value):
    """What is none of the types that settings have is a mistake."""
    with pytest.raises(TypeError, match="no Python literal"):
        escape.python(value)


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_json(value):
    """JSON reads the value back."""
    assert json.loads(escape.json(value)) == value


RULES = [
    escape.nginx,
    escape.icegrid,
    escape.xml,
    escape.argfile,
    escape.shell,
    escape.java_properties,
    escape.url,
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


@each_rule
@pytest.mark.parametrize("value", [None, True, 1.5, [], {}, b"x", ("a",)], ids=repr)
def test_only_texts_and_whole_numbers_are_printed(rule, value):
    """Whatever else reaches a template is a mistake, and not printed as Python shows it."""
    with pytest.raises(TypeError, match="not a string"):
        rule(value)


@each_rule
def test_whole_numbers_are_printed_as_digits(rule):
    """A number needs no quotes anywhere."""
    assert rule(4064) == "4064"


@pytest.mark.parametrize(
    ("rule", "text"), [(escape.nginx, "p$ss"), (escape.xml, "p\0ss"), (escape.url, "p ss")]
)
def test_the_text_of_a_refusal_does_not_show_the_value(rule, text):
    """The value may be secret: it is there to find its origin, not in the message."""
    with pytest.raises(escape.Unwritable) as caught:
        rule(text)
    assert text not in repr(caught.value)
    assert text not in str(caught.value)
