"""A command line that is not understood: every slip as ``PLACE: what is wrong (what to do)``, exit 2."""

from __future__ import annotations

import shlex

import pytest

from omerogen.cli import program
from omerogen.cli.registry import COMMANDS
from support.files import SITE

ALL = ", ".join(COMMANDS)
HIDDEN = "unexpected argument, not shown as it may be a secret"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--"], f"omerogen: COMMAND is missing (there are: {ALL})"),
        (["jmv"], "jmv: unknown command (did you mean jvm?)"),
        (["nope"], f"nope: unknown command (there are: {ALL})"),
        (["hunter2"], f"omerogen: the first argument is not a command (there are: {ALL})"),
        (["site.xml"], "site.xml: is not a command (name one first, such as omerogen check -c site.xml)"),
        (["--vesion"], "--vesion: unknown option of omerogen (did you mean --version?)"),
        (
            ["--set", "a=b", "jdbc"],
            "--set: unknown option of omerogen (options follow the command)",
        ),
        (["jdbc", "site.xml"], "site.xml: is not an option (give files with -c FILE)"),
        (["build", "nope.YML"], "nope.YML: is not an option (give files with -c FILE)"),
        (["jdbc", SITE.parent], f"{SITE.parent}: is not an option (give files with -c FILE)"),
        (["jvm", "a.json"], "a.json: is not an option (give files with -c FILE)"),
        (
            ["jdbc", "omero.db.host=x"],
            "omero.db.host=…: is not an option (give properties with --set NAME=VALUE)",
        ),
        (["build", "nginx"], "nginx: is not an option (name artifacts with --only)"),
        (["jdbc", "word"], f"jdbc: {HIDDEN} (omerogen jdbc --help lists the options)"),
        (["jdbc", "--", "word"], f"jdbc: {HIDDEN} (omerogen jdbc --help lists the options)"),
        (["jvm", "--formt", "json"], "--formt: unknown option of jvm (did you mean --format?)"),
        (["nginx", "--max", "1"], "--max: unknown option of nginx (did you mean --max-body-size?)"),
        (["jvm", "--zzz"], "--zzz: unknown option of jvm (omerogen jvm --help lists them)"),
        (["jvm", "-x"], "-x: unknown option of jvm (omerogen jvm --help lists them)"),
        (["jdbc", "-c"], "--config: needs a value (write --config=FILE)"),
        (["jdbc", "--set", "-x"], "--set: needs a value (write --set=NAME=VALUE)"),
        (["nginx", "--servername"], "--servername: needs a value (write --servername=HOST)"),
        (["check", "--format"], "--format: needs a value (write --format=text|json|sarif|github)"),
        (["jdbc", "--env=yes"], "--env: does not take a value (remove the value)"),
        (["explain"], "explain: NAME is missing (omerogen explain --help shows how)"),
        (
            ["check", "--format", "xml"],
            "--format: 'xml' is not a valid choice (give one of text, json, sarif, github)",
        ),
        (
            ["completion", "fish"],
            "shell: 'fish' is not a valid choice (give one of bash, zsh)",
        ),
    ],
)
def test_every_argument_error_has_the_usual_form(arguments, said, omerogen):
    """One line with place and advice, and nothing of what argparse prints."""
    result = omerogen(*arguments)
    assert (result.status, result.out, result.err) == (2, "", f"{said}\n")


def test_several_slips_are_reported_in_one_run(omerogen):
    """Options that do not exist, and words; the value of an option that does not exist is not a word."""
    result = omerogen("jdbc", "--formt", "url", "a.xml", "--confg", "b.xml", "word")
    assert [line.partition(" (")[0] for line in result.err.splitlines()] == [
        "--formt: unknown option of jdbc",
        "a.xml: is not an option",
        "--confg: unknown option of jdbc",
        "b.xml: is not an option",
        f"jdbc: {HIDDEN}",
    ]
    both = omerogen("explain", "--formt=json", "--profil=x").err.splitlines()
    assert [line.partition(":")[0] for line in both] == ["--formt", "--profil", "explain"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("jdbc", "--passwrd=kanari"),
        ("jdbc", "--passwrd=kanari x", "--sett=a b=kanari"),
        ("jdbc", "--set", "kanari"),
        ("jdbc", "--set", "kanari:x"),
        ("jdbc", "--set", "omero.db.pass", "kanari=="),
        ("jdbc", "--set", "omero.db.pass", "-kanari"),
        ("jdbc", "kanari=x.xml"),
        ("check", "--format", "kanari1"),
        ("check", "--env=kanari"),
        ("completion", "kanari 'x'"),
        ("omero.db.pass=kanari.xml",),
        ("kanari1",),
    ],
)
def test_what_may_be_a_secret_is_not_repeated(arguments, omerogen):
    """Neither the text after a ``=`` nor a word that may have lost its option."""
    result = omerogen(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.problems
    assert "kanari" not in result.err


def test_a_set_without_a_value_is_named_if_its_name_is_one(omerogen):
    """Any other word may be the value itself; its number tells which it is."""
    result = omerogen("jdbc", "--set", "omero.db.pass:x", "--set", "a.b=c", "--set", "word")
    assert result.problems == [
        "--set: omero.db.pass has no value (write NAME=VALUE)",
        "--set: number 3 has no = in it; not shown, as it may be a secret (write NAME=VALUE)",
    ]


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_is_still_argparses(command, omerogen):
    """Usage and options, on standard output, exit 0."""
    result = omerogen(*command, "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"usage: {' '.join(('omerogen', *command))}")


@pytest.mark.parametrize(
    "only",
    [
        ("--only", "jvm", "jdbc"),
        ("--only", "jvm,jdbc"),
        ("--only", "jvm, jdbc", "jvm"),
        ("--only", "jvm", "--only", "jdbc"),
        ("--only=jvm", "--only", "jdbc,"),
    ],
)
def test_artifacts_are_named_as_server_names_are(only, omerogen, tmp_path):
    """Divided by spaces or commas, once or again; the next argument is still an option."""
    result = omerogen("build", *only, "-c", SITE, "-o", tmp_path)
    assert result.status == 0, result.err
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"jvm", "jdbc"}


BAD_PORT = ("--set", "omero.db.port=x")
BAD_PREFIX = ("--set", "omero.ports.prefix=7")
PORT = "--set: omero.db.port 'x' is not a whole number"
SIZE = "--max-body-size: '2mb' is not a size"
CLASH = "--http: 4080 is the port of the application itself"
CERTIFICATE = "--tls nginx: needs a certificate"
ROUTER = [
    f"--set: omero.ports.prefix makes port 7406{n} of omero.ports.{t}" for n, t in ((4, "ssl"), (3, "tcp"))
]
REGISTRY = "--set: omero.ports.prefix makes port 74061 of omero.ports.registry"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nginx", "--max-body-size", "2mb", *BAD_PORT], [f"warning: {PORT}", SIZE]),
        (["build", "--max-body-size", "2mb", *BAD_PORT], [PORT, SIZE]),
        (["check", "--max-body-size", "2mb", *BAD_PORT], [PORT, SIZE]),
        (
            ["icegrid", "--ice", "4", *BAD_PORT],
            [f"warning: {PORT}", "--ice: '4' is not a valid choice"],
        ),
        (
            ["build", "--only", "nope", "jvm", "x", "--reload", "", "-o", "", *BAD_PORT],
            [
                PORT,
                "nope: unknown artifact",
                "x: unknown artifact",
                "--reload: has no command",
                "--output: is empty",
            ],
        ),
        (
            ["jvm", "--explain", "--format", "argfile", *BAD_PORT],
            [PORT, "--format argfile: is for the flags alone"],
        ),
        (["nginx", "--max-body-size", "2mb", "--http", "4080"], [SIZE, CLASH]),
        (["check", "--max-body-size", "2mb", "--http", "4080"], [SIZE, CLASH]),
        (
            ["build", "--max-body-size", "2mb", "--tls", "nginx", "--http", "4080", *BAD_PREFIX],
            [SIZE, CERTIFICATE, CLASH, *ROUTER, REGISTRY],
        ),
        (["icegrid", *BAD_PREFIX], [REGISTRY, *ROUTER]),
        (
            ["icegrid", *BAD_PREFIX, "--set", "omero.server.nodedescriptors=master:Nope"],
            [REGISTRY, *ROUTER, "--set: omero.server.nodedescriptors: unknown service 'Nope'"],
        ),
    ],
)
def test_what_is_wrong_is_wrong_in_one_run(arguments, said, omerogen):
    """Properties, options, what an artifact cannot do with them, and what another cannot."""
    result = omerogen(*arguments)
    assert (result.status, result.out) == (2, "")
    assert [line.partition(" (")[0] for line in result.problems] == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tls", "nginx", "--certificate", "a\x01b", "--certificate-key", "/k"], ["--certificate"]),
        (["--layout", "x", "--http", "4080"], ["--layout"]),
        (["--http", "x", "--set", "omero.web.application_server=wsgi"], ["--http"]),
    ],
)
def test_consequences_of_a_wrong_option_are_not_reported(arguments, said, omerogen):
    """It goes away with it: a certificate that was given, a layout that needs no port."""
    result = omerogen("nginx", *arguments)
    assert [line.partition(":")[0] for line in result.problems] == said


def test_help_shows_what_is_required(omerogen):
    """Without brackets, also where a required option is the first."""
    assert "[-h] --templates DIR -o DIR [--check]" in omerogen("rewrite", "--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_examples_that_parse(command, omerogen):
    """Two or three command lines of that command, which the parser accepts."""
    lines = omerogen(command, "--help").out.partition("\nexamples:\n")[2].splitlines()
    assert len(lines) in (2, 3)
    for line in lines:
        words = shlex.split(line.replace('eval "$(', "").removesuffix(')"'))
        assert words[:2] == ["omerogen", command]
        assert program.parse(words[1:]).command == command


def test_omerogen_alone_prints_its_help(omerogen):
    """As with ``--help``."""
    assert omerogen() == omerogen("--help")
    assert "COMMAND" in omerogen().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("jvm", "-c", "{yaml}", "--profile", "x"), "--profile: has no effect: no source has profiles"),
        (("nginx", "--https", "444"), "--https: has no effect without TLS"),
        (("build", "--certificate", "/c"), "--certificate: has no effect without TLS"),
    ],
)
def test_an_option_without_effect_is_an_error(words, said, omerogen, tmp_path):
    """What nobody sees is not done."""
    (tmp_path / "a.yaml").write_text("omero.db.host: h\n")
    given = [word.format(yaml=tmp_path / "a.yaml") for word in words]
    result = omerogen(*given, *(("-o", tmp_path / "out") if words[0] == "build" else ()))
    assert (result.status, result.out) == (2, "")
    assert said in result.err
