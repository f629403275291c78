"""The Dockerfile and the entry point in front of that of OMERO's images, whose place a stand-in takes."""

from __future__ import annotations

import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.ansible import OMEROGEN, tool
from support.files import EXAMPLES
from support.programs import accepted, environment, run
from support.recipes import replaced

DOCKERFILE = EXAMPLES / "docker/Dockerfile"
ENTRYPOINT = EXAMPLES / "docker/omerogen-entrypoint.sh"
SECRET = 'it\'s $HOME "q" \\ ü#'  # noqa: S105


def started(
    config: Path, secrets: Path, command: str = "echo OMERO starts", **variables: str
) -> CompletedProcess[str]:
    """Start a container of which only the entry point is real: a command is in place of the image's own."""
    places = {"OMEROGEN": OMEROGEN, "OMEROGEN_CONFIG": config, "OMEROGEN_SECRETS": secrets}
    given = {**{name: str(path) for name, path in places.items()}, **variables}
    return run([ENTRYPOINT, "sh", "-c", command], env=environment(**given), umask=0o022)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The folder of the server's image with a file of the site."""
    folder = tmp_path / "server/config"
    folder.mkdir(parents=True)
    (folder / "00-site.omero").write_text("config set omero.db.host db\n")
    return folder


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The folder /run/secrets of a container."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "omero.db.pass").write_text(f"{SECRET}\n")
    (folder / "rootpass").write_text("not a property")
    return folder


@pytest.mark.slow  # needs .venv/tools
def test_hadolint_accepts_the_dockerfile() -> None:
    assert accepted([tool("hadolint"), "--failure-threshold", "style", DOCKERFILE]) == ""


def test_the_dockerfile_copies_what_is_there() -> None:
    """Seen from the top of the checkout, which the build has as its context."""
    copied = re.findall(r"^COPY (?:--\S+ )*(\S+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    assert [(EXAMPLES.parent / name) for name in copied] == [ENTRYPOINT]


def test_the_dockerfile_takes_the_passwords_from_files(tmp_path: Path) -> None:
    """Its command, run by bash on a stand-in for the image's script; it fails if the lines are not there."""
    [command] = re.findall(r"^RUN (if .*?fi)$", DOCKERFILE.read_text(), re.DOTALL | re.MULTILINE)
    script = tmp_path / "60-database.sh"
    command = replaced(command, {"/startup/60-database.sh": script, "\\\n": ""})
    script.write_text('DBPASS="${CONFIG_omero_db_pass:-x}"\nROOTPASS="${ROOTPASS:-x}"\n')
    accepted(["bash", "-c", command], env=environment(KIND="server"))
    assert script.read_text() == (
        "DBPASS=$(cat /run/secrets/omero.db.pass)\nROOTPASS=$(cat /run/secrets/rootpass)\n"
    )
    script.write_text("PASSWORD=x\n")
    assert run(["bash", "-c", command], env=environment(KIND="server")).returncode == 1
    accepted(["bash", "-c", command], env=environment(KIND="web"))


@pytest.mark.slow  # needs .venv/tools
def test_shellcheck_accepts_the_entry_point() -> None:
    assert accepted([tool("shellcheck"), "--enable", "quote-safe-variables", ENTRYPOINT]) == ""


def test_omero_starts_with_secrets_and_heaps(config: Path, secrets: Path, omerogen) -> None:
    """In a file that only its owner can read, whatever was there; nothing of the secret is printed."""
    generated = config / "90-omerogen.omero"
    generated.touch(0o644)
    done = started(config, secrets, CONFIG_omero_jvmcfg_system__memory="16000")
    assert (done.returncode, done.stdout) == (0, "OMERO starts\n"), done.stderr
    assert "$HOME" not in done.stderr
    assert generated.stat().st_mode & 0o777 == 0o600
    assert "config set omero.jvmcfg.heap_size.blitz 2400m\n" in generated.read_text()
    value = omerogen("explain", "omero.db.pass", "--show-secrets", "-c", config).out
    assert value.startswith(f"omero.db.pass = {SECRET}\n")
    assert "rootpass" not in generated.read_text()


def test_omero_has_the_umask_of_its_image(config: Path, secrets: Path) -> None:
    """Others, such as nginx, have to read some of its files."""
    assert started(config, secrets, "umask").stdout == "0022\n"


def test_the_next_start_has_the_heaps_of_its_own_memory(config: Path, secrets: Path) -> None:
    """A container is started again with another limit: the sizes of before are not those of the site."""
    for memory, size in (("16000", "2400m"), ("32000", "4800m")):
        assert started(config, secrets, CONFIG_omero_jvmcfg_system__memory=memory).returncode == 0
        assert f"heap_size.blitz {size}\n" in (config / "90-omerogen.omero").read_text()


def test_omero_does_not_start_with_wrong_properties(config: Path, secrets: Path) -> None:
    """Also one that only OMERO reads; all of them are reported."""
    wrong = {"CONFIG_omero_db_port": "abc", "CONFIG_omero_search_batch": "many"}
    done = started(config, secrets, **wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "$CONFIG_omero_db_port: omero.db.port 'abc' is not a whole number" in done.stderr
    assert "omero.search.batch 'many'" in done.stderr
    assert "OMERO is not started" in done.stderr


def test_a_secret_of_several_lines_is_refused(config: Path, secrets: Path) -> None:
    """OMERO reads its files line by line."""
    (secrets / "omero.db.pass").write_text("first\nsecond")
    done = started(config, secrets)
    assert (done.returncode, done.stdout) == (2, "")
    assert "second" not in done.stderr


def test_omero_web_has_no_heaps(tmp_path: Path, secrets: Path) -> None:
    config = tmp_path / "web/config"
    config.mkdir(parents=True)
    (secrets / "omero.db.pass").rename(secrets / "omero.web.secret_key")
    assert started(config, secrets, OMEROHOST="omero-server").returncode == 0
    lines = (config / "90-omerogen.omero").read_text().splitlines()
    assert [line.split()[3] for line in lines[1:]] == ["omero.web.secret_key"]


def test_a_secret_from_windows_is_the_same(config: Path, secrets: Path, omerogen) -> None:
    """The end of its line is no part of it."""
    (secrets / "omero.db.pass").write_bytes(b"abc\r\n")
    assert started(config, secrets).returncode == 0
    value = omerogen("explain", "omero.db.pass", "--show-secrets", "-c", config).out
    assert value.startswith("omero.db.pass = abc\n")


def test_an_empty_secret_is_refused(config: Path, secrets: Path) -> None:
    """As omerogen does."""
    (secrets / "omero.db.pass").write_text("\n")
    done = started(config, secrets)
    assert (done.returncode, done.stdout) == (2, "")
    assert "omero.db.pass: is empty (put the secret into the file)" in done.stderr


def test_a_variable_that_names_a_file_is_refused(config: Path, secrets: Path) -> None:
    """OMERO would log in with the name."""
    done = started(config, secrets, CONFIG_omero_db_pass="file:/run/secrets/db")  # noqa: S106 - none
    assert (done.returncode, done.stdout) == (2, "")
    assert "$CONFIG_omero_db_pass: OMERO does not read the file" in done.stderr
