"""Sizes and flags for java. What java itself does with them was seen with OpenJDK 17."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.formats import formatted
from omerogen.values.base import Invalid
from omerogen.values.java import HEAP_FLAGS, JVM_SIZE, JVM_WORDS, PERM_GEN, flag_kib, heap_percent


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("1g", "-Xmx1g"),
        ("512m", "-Xmx512m"),
        ("1G", "-Xmx1G"),
        ("2500", "-Xmx2500m"),
        ("2500.7", "-Xmx2500m"),
        ("2500.", "-Xmx2500m"),
        (" 4g ", "-Xmx4g"),
        ("0512m", "-Xmx512m"),
        ("3072k", "-Xmx3072k"),
        ("3m", "-Xmx3m"),
        ("32t", "-Xmx32t"),
        ("-Xmx4g", "-Xmx4g"),
        ("-Xmx4G", "-Xmx4G"),
        ("-Xmx3145728", "-Xmx3145728"),
        ("-XX:MaxHeapSize=1g", "-XX:MaxHeapSize=1g"),
        ("-XX:MaxRAMPercentage=25", "-XX:MaxRAMPercentage=25"),
        ("-XX:MaxRAMPercentage=25.5", "-XX:MaxRAMPercentage=25.5"),
        ("-XX:MaxRAMPercentage=100.0", "-XX:MaxRAMPercentage=100.0"),
    ],
)
def test_heap_sizes(text, flag):
    """A number is MiB, a suffix stays as it is, and a flag is the flag."""
    assert JVM_SIZE.parse(text) == flag
    assert JVM_SIZE.parse(formatted(JVM_SIZE, flag)) == flag


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0m",
        "0.5",
        "-1",
        "-800m",
        "2GB",
        "2 g",
        "0.5g",
        "1.5g",
        "512b",
        "1e3",
        "2m",
        "2047k",
        "33t",
        "9" * 15 + "t",
        "9" * 5000,
        "x",
        "g",
        "half",
        "50%",
        "1g -Xss1m",
        "1g\n-version",
        "-Xmx",
        "-Xmx0m",
        "-Xmx-800m",
        "-Xmx2GB",
        "-Xmx0.5g",
        "-Xmx512b",
        "-Xmx512",
        "-Xmx1g -version",
        "-XX:MaxRAMPercentage=101",
        "-XX:MaxRAMPercentage=x",
        "-XX:+UseG1GC",
        "-XshowSettings",
        "-Xms0m",
        "-Xms512m",
        "-Xss1m",
        "-XX:InitialRAMPercentage=100",
        "-XX:MaxRAMPercentage=100.5",
        "-version",
        "１g",
    ],
)
def test_heap_sizes_that_java_refuses(text):
    """Zero, fractions with a suffix, units of other kinds, and flags that set no size."""
    with pytest.raises(Invalid):
        JVM_SIZE.parse(text)


@given(st.integers(3, 2**25), st.sampled_from(["", "m", "M"]))
def test_heap_sizes_survive_the_round_trip(mib, suffix):
    """Each size is read, and its flag once more."""
    flag = JVM_SIZE.parse(f"{mib}{suffix}")
    assert JVM_SIZE.parse(formatted(JVM_SIZE, flag)) == flag
    kib = flag_kib([flag], *HEAP_FLAGS)
    assert (None if kib is None else -(-kib // 1024)) == mib


@pytest.mark.parametrize(
    ("flag", "mib"),
    [
        ("-Xmx512m", 512),
        ("-Xmx1g", 1024),
        ("-Xmx1T", 1024**2),
        ("-Xmx3073k", 4),
        ("-Xmx4194304", 4),
        ("-XX:MaxHeapSize=2G", 2048),
        ("-XX:MaxRAMPercentage=25", None),
    ],
)
def test_the_heap_in_mib(flag, mib):
    """A flag tells its heap, rounded up; flags that set something else tell none."""
    kib = flag_kib([flag], *HEAP_FLAGS)
    assert (None if kib is None else -(-kib // 1024)) == mib


@pytest.mark.parametrize("text", ["128m", "500M", "128", "1g", " 64k ", "1G"])
def test_sizes_of_the_permanent_generation(text):
    """The size that only Java 7 read, with a suffix or without."""
    assert PERM_GEN.parse(text) == text.strip()
    assert PERM_GEN.parse(formatted(PERM_GEN, text.strip())) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "m", "128mb", "-128m", "1.5g", "128 m", "1t", "-XX:MaxPermSize=128m", "١m"]
)
def test_invalid_size_of_the_permanent_generation(text):
    """Although it is never used, a wrong size is a mistake."""
    with pytest.raises(Invalid, match="not a size"):
        PERM_GEN.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("-XX:-PrintGC -XX:+UseCompressedOops", ("-XX:-PrintGC", "-XX:+UseCompressedOops")),
        ("  -XX:+UseG1GC\n -Xss2m ", ("-XX:+UseG1GC", "-Xss2m")),
        ("-Dname='two words'", ("-Dname=two words",)),
        ('"-Da=b c" -Dd="e \\" f"', ("-Da=b c", '-Dd=e " f')),
        ("-Da=b\\ c", ("-Da=b c",)),
        ("-Dempty=''", ("-Dempty=",)),
        ("-Dcomment=#1", ("-Dcomment=#1",)),
        ("-Dx=$HOME -Dy=`id` -Dz=a;b", ("-Dx=$HOME", "-Dy=`id`", "-Dz=a;b")),
        ("-cp /opt/a.jar:/opt/b.jar -ea", ("-cp", "/opt/a.jar:/opt/b.jar", "-ea")),
        ("--add-opens java.base/java.lang=ALL-UNNAMED", ("--add-opens", "java.base/java.lang=ALL-UNNAMED")),
        ("--add-opens=java.base/java.lang=ALL-UNNAMED", ("--add-opens=java.base/java.lang=ALL-UNNAMED",)),
        (
            "-javaagent:/opt/agent.jar=port=1 -showversion",
            ("-javaagent:/opt/agent.jar=port=1", "-showversion"),
        ),
    ],
)
def test_words_for_java(text, words):
    """Words are divided and quoted as a shell does, but nothing in them is expanded."""
    assert JVM_WORDS.parse(text) == words
    assert JVM_WORDS.parse(formatted(JVM_WORDS, words)) == words


#: Arguments with which java would not start OMERO, by what it would do instead.
_NOT_OPTIONS = {
    "java would take it as the main class": [
        "Main",
        "-Xss1m Main",
        "XX:+UseG1GC",
        "-Dname=two words",
        "-cp /opt/a.jar Main",
        "''",
        "-Xss 1m",
        "-Da=1 # a comment",
    ],
    "names a file of arguments": ["@/etc/passwd", "-ea @more"],
    "something other than start OMERO": [
        "-fullversion",
        "--list-modules",
        "--module=a/b",
        "--describe-module=x",
        "-Xlog:help",
        "-agentlib:jdwp=help",
        "-jar evil.jar",
        "-version",
        "--version",
        "-m a/b",
        "--module a/b",
        "-h",
        "-help",
        "-?",
        "-X",
        "--dry-run",
    ],
}


@pytest.mark.parametrize(
    ("text", "problem"), [(text, problem) for problem, texts in _NOT_OPTIONS.items() for text in texts]
)
def test_arguments_with_which_java_would_not_start_omero(text, problem):
    """The message says what java would do with them."""
    with pytest.raises(Invalid, match=problem):
        JVM_WORDS.parse(text)


@pytest.mark.parametrize(("text", "place"), [("x", 1), ("-ea x", 2), ("-cp a -ea -version", 4)])
def test_the_wrong_argument_is_named_by_its_position(text, place):
    """The words may hold a password, so that the message counts instead of showing them."""
    assert not JVM_WORDS.showable
    with pytest.raises(Invalid, match=f"argument {place} "):
        JVM_WORDS.parse(text)


@pytest.mark.parametrize("text", ["-Da='b", '-Da="b', "'", '"', "-Da=b\\"])
def test_quotes_must_be_closed(text):
    """A quote or backslash at the end leaves a word open."""
    with pytest.raises(Invalid, match="quote that is not closed"):
        JVM_WORDS.parse(text)


@pytest.mark.parametrize("text", ["-cp", "-ea -classpath", "--add-modules", "-p", "--add-opens"])
def test_an_option_that_takes_a_word_must_have_one(text):
    """Otherwise it would take the class of the server for its value."""
    with pytest.raises(Invalid, match="lacks its value"):
        JVM_WORDS.parse(text)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])).map("-D{}".format)).map(tuple))
def test_words_survive_the_round_trip(words):
    """Whatever a definition holds, quoting keeps it whole."""
    assert JVM_WORDS.parse(formatted(JVM_WORDS, words)) == words


@given(st.text())
def test_no_text_breaks_the_parsers(text):
    """Any text is read, and then read back, or is refused."""
    for kind in (JVM_SIZE, PERM_GEN, JVM_WORDS):
        try:
            value = kind.parse(text)
        except Invalid:
            continue
        assert kind.parse(formatted(kind, value)) == value


def test_the_last_flag_counts():
    """As for java; what is not a size is passed over."""
    assert flag_kib(["-Xmx1g", "-Xmx2g", "-Xmxlots"], *HEAP_FLAGS) == 2 * 1024**2
    assert flag_kib(["-Xss512k"], *HEAP_FLAGS) is None
    assert heap_percent(["-XX:MaxRAMPercentage=50", "-XX:MaxRAMPercentage=25.0"]) == 25
    assert heap_percent(["-XX:MaxRAMPercentage=inf"]) is None
