"""``${name}`` stands for the value of another property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import omerogen as omerogen_api
from omerogen.settings.interpolation import DEEPEST, LONGEST, Resolver, Unresolvable


def resolved(text, **values):
    """The text with its references replaced; an underscore in a name stands for a dot."""
    return Resolver({name.replace("_", "."): value for name, value in values.items()}.get).text(text)


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("plain", {}, "plain"),
        ("${a}", {"a": "1"}, "1"),
        ("${omero.data.dir}/x", {"omero_data_dir": "/OMERO"}, "/OMERO/x"),
        ("${a}${b}${a}", {"a": "1", "b": "2"}, "121"),
        ("${a}", {"a": ""}, ""),
        ("${a}", {"a": "<${b}>", "b": "[${c}]", "c": "x"}, "<[x]>"),
        ("${a.${b}}", {"b": "c", "a_c": "found"}, "found"),
        ("${${a}}", {"a": "b", "b": "found"}, "found"),
        ("${a.${b.${c}}}", {"c": "1", "b_1": "2", "a_2": "found"}, "found"),
        ("${${a}.${b}}", {"a": "x", "b": "y", "x_y": "found"}, "found"),
    ],
)
def test_references_are_replaced(text, values, result):
    """Values are replaced in their turn, and a name may hold references itself, inner ones first."""
    assert resolved(text, **values).text == result


@pytest.mark.parametrize(
    "text",
    ["${a", "x${", "${a${b", "a}", "{a}", "$a", "$ {a}", "$", "@{dn}", "$host", "(member=@{dn})", "}{", ""],
)
def test_other_braces_are_plain_text(text):
    """A reference that is never closed, @{dn} for LDAP and $host for nginx stay as they are."""
    assert resolved(text).text == text


def test_an_open_brace_does_not_hide_a_closed_reference():
    """What comes before an unclosed ${, or after it, is still replaced."""
    assert resolved("${a} ${b ${a}", a="1").text == "1 ${b 1"


def test_each_brace_closes_the_innermost_reference():
    """A } too many is plain text."""
    assert resolved("${a}}", a="1").text == "1}"
    assert resolved("{${a}}", a="1").text == "{1}"


def test_what_a_text_was_made_of():
    """The names come in order, each once, those after a name after it."""
    assert resolved("${a} ${d} ${a}", a="${b}${c}", b="1", c="2", d="3").names == ("a", "b", "c", "d")
    assert resolved("nothing").names == ()


@pytest.mark.parametrize(
    ("text", "values", "chain"),
    [
        ("${a}", {"a": "${a}"}, "refers to itself: a -> a"),
        ("${a}", {"a": "${b}", "b": "x${a}"}, "refers to itself: a -> b -> a"),
        ("${a}", {"a": "${b}", "b": "${c}", "c": "${b}"}, "refers to itself: a -> b -> c -> b"),
        ("${a}", {"a": "${${b}}", "b": "a"}, "refers to itself: a -> a"),
    ],
)
def test_circles_show_the_chain(text, values, chain):
    """A value that leads back to itself has no end; the message shows the way round."""
    with pytest.raises(Unresolvable) as caught:
        resolved(text, **values)
    assert caught.value.problem == chain
    assert caught.value.advice == "break the circle"


@pytest.mark.parametrize(
    ("text", "values", "chain"),
    [
        ("${b}", {}, "b"),
        ("${}", {}, ""),
        ("${a}", {"a": "${b}"}, "a -> b"),
        ("${a.${b}}", {"b": "c"}, "a.c"),
        ("${a}", {"a": "${b}", "b": "${c.d}"}, "a -> b -> c.d"),
    ],
)
def test_unknown_names_show_the_chain(text, values, chain):
    """A name without a value is reported with all that led to it."""
    with pytest.raises(Unresolvable) as caught:
        resolved(text, **values)
    assert caught.value.problem == f"refers to a property that has no value: {chain}"
    assert (
        f"set {chain.rpartition(' -> ')[2]}" if chain.rpartition(" -> ")[2] else "take it out"
    ) in caught.value.advice


def test_web_properties_are_taken_literally():
    """OMERO.web knows no interpolation: what it has is inserted, and not looked into."""
    found = Resolver({"omero.web.prefix": "/${x}", "omero.web.${x}": "y"}.get)
    assert found.value("omero.web.prefix") == ("/${x}", ())
    assert found.text("<${omero.web.prefix}>") == ("</${x}>", ("omero.web.prefix",))


def test_a_value_is_looked_up_once():
    """However often a property is referred to, its text is asked for once."""
    asked = []
    resolver = Resolver(lambda name: asked.append(name) or "1")
    assert resolver.text("${a}${a}").text == "11"
    assert resolver.value("a").text == "1"
    assert asked == ["a"]


def test_a_failure_is_not_remembered_as_a_value():
    """After a circle was found, the same question fails again, seen from where it was asked."""
    resolver = Resolver({"a": "${b}", "b": "${a}"}.get)
    for name, chain in (("a", "a -> b -> a"), ("b", "b -> a -> b"), ("a", "a -> b -> a")):
        with pytest.raises(Unresolvable, match=f": {chain}$"):
            resolver.value(name)


def chain_of(length):
    """Properties 0, 1, …, each referring to the next, the last a text."""
    return {**{str(number): f"${{{number + 1}}}" for number in range(length)}, str(length): "end"}


def test_chains_have_a_bound():
    """A long chain is followed to its end, a longer one is refused; neither ends the program."""
    assert Resolver(chain_of(DEEPEST).get).value("0").text == "end"
    with pytest.raises(Unresolvable, match=f"over more than {DEEPEST} others"):
        Resolver(chain_of(DEEPEST + 1).get).value("0")
    with pytest.raises(Unresolvable):
        Resolver(chain_of(10_000).get).value("0")


@pytest.mark.parametrize("times", [2, 10, 1000])
def test_texts_that_multiply_themselves_are_stopped(times):
    """Each of fifty properties has the one before it several times: that would fill any memory."""
    values = {"0": "x" * 100, **{str(n): f"${{{n - 1}}}" * times for n in range(1, 50)}}
    with pytest.raises(Unresolvable, match=f"grows beyond {LONGEST} characters"):
        Resolver(values.get).value("49")


def test_a_name_that_multiplies_itself_is_stopped_too():
    """The bound holds inside a reference as well."""
    with pytest.raises(Unresolvable, match="grows beyond"):
        resolved("${" + "${a}" * 20, a="x" * (LONGEST // 10))


def test_many_open_references_are_harmless():
    """A text of nothing but ${ is read in one go."""
    assert resolved("${" * 100_000).text == "${" * 100_000
    with pytest.raises(Unresolvable):
        resolved("${" * 10_000 + "}" * 10_000)


plain = st.text(st.characters(exclude_characters="${}"), max_size=5)


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), plain)))
def test_only_references_change(pieces):
    """Text around references stays, and each reference becomes its value."""
    values = {"a": "A", "b": "(${a})"}
    text = "".join(f"${{{name}}}{between}" if name else between for name, between in pieces)
    result = "".join({"": "", "a": "A", "b": "(A)"}[name] + between for name, between in pieces)
    assert Resolver(values.get).text(text).text == result


@given(st.text("${}ab"))
def test_any_text_ends(text):
    """Each text has a result or a refusal, and a result refers to nothing known any more."""
    try:
        result = Resolver({"a": "1", "b": "2"}.get).text(text).text
    except Unresolvable:
        return
    assert not {"${a}", "${b}"} & {result[at : at + 4] for at in range(len(result))}


def test_two_dollars_are_as_one():
    """IceGrid hands ``$${name}`` on as ``${name}``, which the services then replace."""
    settings = omerogen_api.load(
        overrides={"omero.managed.dir": "$${omero.data.dir}x", "omero.data.dir": "/d/"}
    )
    assert settings["omero.managed.dir"] == "/d/x"
    assert omerogen_api.load(overrides={"omero.x": "a$${unclosed"})["omero.x"] == "a$${unclosed"


def test_icegrids_own_variables_are_left_to_it(omerogen):
    """In every command; our application defines those that it can."""
    words = ("--set", "omero.x=${OMERO_LOGS}/a-${omero.db.host}", "--set", "omero.jvmcfg.system_memory=16000")
    assert omerogen("check", *words).status == 0
    assert "omero.x = ${OMERO_LOGS}/a-localhost" in omerogen("explain", "omero.x", *words).out
    assert 'name="omero.x" value="${OMERO_LOGS}/a-localhost"' in omerogen("icegrid", *words).out
