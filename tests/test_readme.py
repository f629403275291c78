"""What the README and the pages of docs/ show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

import omerogen as package
from omerogen.catalog import web_server
from omerogen.cli import program
from omerogen.sites import site_file
from support.programs import accepted, environment, find

ROOT = Path(__file__).parent.parent
#: Written by hand; the reference of properties is written by `tools/generate.py`.
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
    if path != ROOT / "docs/properties.md"
}
README = PAGES["README.md"]
EXAMPLES = [
    (page, block.splitlines()[0].removeprefix("$ omerogen "), block.partition("\n")[2])
    for page, text in PAGES.items()
    for block in re.findall(r"```console\n(\$ omerogen .*?)```", text, re.DOTALL)
]
#: What the README says that a build writes.
FILES = re.findall(r"^out/(\S+)$", README, re.MULTILINE)


def blocks(language: str) -> list[str]:
    """All blocks of code in a language, from all pages."""
    pattern = re.compile(rf"^ *```{language}\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    return [block for page in PAGES.values() for block in pattern.findall(page)]


def shown(output: str) -> str:
    """A regular expression for an output in which ``…`` on a line stands for any lines."""
    lines = [".*?" if line == "…" else re.escape(line) + "\n" for line in output.splitlines()]
    return "".join(lines)


@pytest.mark.parametrize(
    ("page", "command", "output"),
    [
        pytest.param(
            page,
            command,
            output,
            id=f"{page}:{command.split()[0]}",
            marks=[pytest.mark.slow] * ("consumers" in command),
        )
        for page, command, output in EXAMPLES
    ],
)
def test_commands_print_what_the_pages_show(page, command, output, omerogen, monkeypatch, tmp_path):
    """Each ``$ omerogen …`` of a page, run as it stands; standard error stands before standard output."""
    if "--with-consumers" in command:
        for program in ("nginx", "javac", "icegridregistry", "glacier2router"):
            find(program)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    if page == "README.md":  # which is about the folder examples
        for path in (ROOT / "examples").iterdir():
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    result = omerogen(*shlex.split(command))
    assert "Traceback" not in result.err
    assert re.fullmatch(shown(output), result.err + result.out, re.DOTALL)


def test_each_page_for_users_has_examples_that_run():
    """The commands are found where they are."""
    pages = {page for page in PAGES if page.startswith(("README", "docs/"))} - {"docs/rules.md"}
    assert {page for page, *_ in EXAMPLES} == pages


def test_the_first_two_commands_are_make_out_and_make_test():
    """What a newcomer types first."""
    assert re.findall(r"^\$ (make \w+)", README, re.MULTILINE)[:2] == ["make out", "make test"]


def recipes() -> list[str]:
    """The words after ``omerogen`` in each line of a recipe; of Ansible's, its ``argv``."""
    code = "".join("".join(blocks(language)) for language in ("sh", "ini", "dockerfile", "make"))
    code = re.sub(r"(^|\s)#.*", r"\1", code, flags=re.MULTILINE).replace("$<", "site.yaml")
    lines = re.findall(r"\bomerogen ([a-z]+ (?:\"[^\"]*\"|[^\"\n;&|)>])*)", code)
    tasks = [task for block in blocks("yaml") for task in yaml.safe_load(block)]
    commands = [task["ansible.builtin.command"] for task in tasks if "ansible.builtin.command" in task]
    return [*lines, *(shlex.join(command["argv"][1:]) for command in commands)]


@pytest.mark.parametrize("recipe", recipes())
def test_recipes_give_options_that_there_are(recipe):
    """What a recipe says to omerogen is understood, though it is not run."""
    assert program.parse(shlex.split(recipe))


def test_tasks_of_ansible_look_for_what_is_printed():
    """A task of Ansible changed something if ``build`` printed the file that it is about."""
    tasks = [task for block in blocks("yaml") for task in yaml.safe_load(block)]
    handlers = {task["name"] for task in tasks if "ansible.builtin.service" in task}
    commands = [task for task in tasks if "ansible.builtin.command" in task]
    assert {task["notify"] for task in commands} == handlers
    for task in commands:
        options = dict(word.split("=") for word in task["ansible.builtin.command"]["argv"] if "=" in word)
        artifact, folder = options["--only"], options["--output"]
        [file] = [file for file in FILES if file.startswith(artifact)]
        assert task["changed_when"] == f"'{folder}/{file}' in omerogen.stderr_lines"


def test_the_readme_has_the_destination_of_each_file():
    """Each file of a build has a line in the table."""
    [table] = re.findall(r"^## Where the files go\n(.*?)^## ", README, re.MULTILINE | re.DOTALL)
    told = set(re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE))
    names = {name for cell in told for name in re.findall(r"`(.*?)`", cell)}
    known = {re.sub(r"^jvm/\w+\.args", "jvm/SERVICE.args", file) for file in FILES}
    assert names == {file.replace("nodes/master", "nodes/NAME") for file in known}


def test_the_row_of_contributing_is_one():
    """It can be pasted into the module of its section as it stands."""
    [row] = blocks("text")
    module = dict(vars(web_server))
    exec(textwrap.dedent(row), module)  # noqa: S102 - our own page's code
    assert (module["WEB_EXAMPLE"].name, module["WEB_EXAMPLE"].django) == ("omero.web.example", "EXAMPLE")


@pytest.mark.slow
def test_the_makefile_reloads_what_changed_and_nothing_twice(tmp_path):
    """make builds when the properties changed, and reloads nginx when its file did."""
    make = find("make")
    [makefile] = blocks("make")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "nginx").symlink_to("/bin/true")
    (programs / "omerogen").write_text(f'#!/bin/sh\nexec {sys.executable} -m omerogen "$@"\n')
    (programs / "omerogen").chmod(0o755)
    (tmp_path / "Makefile").write_text(makefile)
    site = tmp_path / "site.config.xml"
    site.write_bytes((ROOT / "examples/site.config.xml").read_bytes())
    path = environment(PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")

    def steps() -> list[str]:
        said = accepted([make, ".reloaded"], cwd=tmp_path, env=path)
        return re.findall(r"^(omerogen build|nginx -t)", said, re.MULTILINE)

    def change(old: str, new: str) -> None:
        site.write_text(site.read_text("utf-8").replace(old, new), encoding="utf-8")

    assert steps() == ["omerogen build", "nginx -t"]
    assert steps() == []
    change('"omero_prod"', '"omero_test"')
    assert steps() == ["omerogen build"]
    assert steps() == []
    change('"/omero"', '"/o"')
    assert steps() == ["omerogen build", "nginx -t"]
    assert steps() == []


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    """To a file that there is and, after a ``#``, to one of its headings."""
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", PAGES[page]):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            names = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in names, f"{path}#{anchor}"


def test_the_python_example_runs(monkeypatch):
    """Each line gives the text after it."""
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    monkeypatch.chdir(ROOT)
    names = {"omerogen": package}
    for line in example.splitlines():
        code, _, expected = line.partition("  # ")
        if not expected:
            exec(code, names)  # noqa: S102 - the README's own code
        elif "…" not in expected:
            assert repr(eval(code, names)) == expected  # noqa: S307 - the README's own code
        else:
            start = expected.strip("'…")
            assert eval(code, names).startswith(start)  # noqa: S307 - the README's own code


def test_the_example_site_is_the_one_that_is_tested():
    """``make out`` builds what the golden files show."""
    assert (ROOT / "examples/site.config.xml").read_bytes() == (
        ROOT / "tests/data/site.config.xml"
    ).read_bytes()


@pytest.mark.parametrize("text", blocks("toml"))
def test_site_files_are_such(text, tmp_path):
    """Every key, artifact and rule is known."""
    path = tmp_path / "omerogen.toml"
    path.write_text(text, encoding="utf-8")
    assert site_file.read(str(path))[""].site.warnings == ()
