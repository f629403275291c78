"""PostgreSQL's driver reads the URL as the properties mean it, and connects with what goes beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from hypothesis import strategies as st

import omerogen
from support.programs import (
    accepted,
    as_ordinary_user,
    environment,
    find,
    free_port,
    generated,
    give_to_ordinary_user,
    listening,
    running,
)
from support.texts import COUNT, tally, texts

pytestmark = pytest.mark.slow

HARD_TEXT = "a b/c?d&e=f#g%41+h\"i'j\\k;l:m@n[o]p{q}r|s^t`u<v>w,x.y~z$ ünï ☃ 😀"
#: SASLprep, which the driver does to passwords, knows no later Unicode than 3.2.
PASSWORD = HARD_TEXT.replace("😀", "")


def pairs(line: str) -> dict[str, str]:
    """An answer of the probe."""
    coded = (pair.split(":") for pair in line.split(" ") if pair)
    return {base64.b64decode(name).decode(): base64.b64decode(value).decode() for name, value in coded}


def parsed(probe: list[str], urls: list[str]) -> list[dict[str, str] | None]:
    """What the driver makes of each URL; None for one that it refuses."""
    answer = accepted([*probe, "urls"], input="".join(f"{url}\n" for url in urls))
    return [None if line == "refused" else pairs(line) for line in answer.split("\n")[:-1]]


def url(overrides: dict[str, str]) -> str:
    """The URL for these properties, without its line break."""
    return omerogen.render("jdbc", omerogen.load(overrides=overrides)).removesuffix("\n")


def meaning(overrides: dict[str, str], parameters: dict[str, str]) -> dict[str, str]:
    """What the driver should find for the default URL."""
    host = overrides["omero.db.host"]
    return {
        "PGHOST": f"[{host}]" if ":" in host else host,
        "PGPORT": overrides["omero.db.port"],
        "PGDBNAME": overrides["omero.db.name"],
        "ApplicationName": f"OMERO.{overrides['omero.name']}",
        **parameters,
    }


#: Without ``${``, which omerogen interpolates.
values = texts().filter(lambda text: "${" not in text)
hosts = st.one_of(
    st.from_regex(
        r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?){0,3}", fullmatch=True
    ),
    st.ip_addresses().map(str),
)
#: Names that the driver does not know, so that it takes any value for them.
parameters = st.dictionaries(st.from_regex(r"x[A-Za-z0-9._-]{0,8}", fullmatch=True), values, max_size=4)


def test_generated_properties_mean_the_same_to_the_driver(probe: list[str]) -> None:
    """Host, port, database and every parameter arrive in the driver as they were given."""
    properties = st.fixed_dictionaries(
        {
            "omero.db.host": hosts,
            "omero.db.port": st.integers(1, 65535).map(str),
            "omero.db.name": values.filter(bool),
            "omero.name": values,
        }
    )
    cases = generated(st.tuples(properties, parameters), COUNT // 4)  # of several texts each
    tally("JDBC URLs, pgjdbc", len(cases))
    given = [{**own, "omero.db.properties": urlencode(more)} for own, more in cases]
    found = parsed(probe, list(map(url, given)))
    wrong = [
        (own, more, answer)
        for (own, more), answer in zip(cases, found, strict=True)
        if answer is None or {**answer, **meaning(own, more)} != answer
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("template", "host", "port"),
    [
        ("jdbc:postgresql:${omero.db.name}", "localhost", "5432"),
        ("jdbc:postgresql://db/${omero.db.name}", "db", "5432"),
        ("jdbc:postgresql://[::1]:5433/${omero.db.name}?x=1", "[::1]", "5433"),
        ("jdbc:postgresql://a:1,b:2/${omero.db.name}", "a,b", "1,2"),
        ("jdbc:postgresql://${omero.db.host}/${omero.db.name}?x=${omero.name}&&", "localhost", "5432"),
    ],
)
def test_other_forms_of_url_mean_the_same_to_the_driver(
    probe: list[str], template: str, host: str, port: str
) -> None:
    """A URL of another form keeps its parts, and a hard database name."""
    [answer] = parsed(probe, [url({"omero.db.url": template, "omero.db.name": HARD_TEXT})])
    assert answer
    assert (answer["PGHOST"], answer["PGPORT"], answer["PGDBNAME"]) == (host, port, HARD_TEXT)


def test_generated_connection_properties_are_read_back(probe: list[str], tmp_path: Path) -> None:
    """Java reads user and password from the file as they were given."""
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
    for user, password in [(HARD_TEXT, HARD_TEXT), *generated(st.tuples(anything, anything), 12)]:
        overrides = {"omero.db.user": user, "omero.db.pass": password}
        if any("${" in text for text in overrides.values()):
            continue
        path = tmp_path / "connection.properties"
        settings = omerogen.load(overrides=overrides)
        path.write_text(omerogen.render("jdbc", settings, format="properties"), newline="")
        assert pairs(accepted([*probe, "load", path]).strip()) == {"user": user, "password": password}


class Cluster(NamedTuple):
    """A PostgreSQL server."""

    folder: Path
    port: int


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Cluster]:
    give_to_ordinary_user(folder / "sockets")
    password = folder / "password"
    password.write_text(PASSWORD)
    data = folder / "data"
    options = ["--username", "omero", "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"]
    initdb = [find("initdb"), "--pgdata", data, "--pwfile", password, *options]
    accepted(as_ordinary_user(*initdb), cwd=folder)
    port = free_port()
    command = [find("postgres"), "-D", data, "-p", str(port), "-k", folder / "sockets", "-F"]
    command += ["-c", "listen_addresses=127.0.0.1"]
    log = folder / "postgres.log"

    def ready() -> bool:
        return listening(port)() and "ready to accept connections" in log.read_text()

    with running(as_ordinary_user(*command), log, ready, cwd=folder):
        yield Cluster(folder, port)


@pytest.mark.parametrize("name", ["omero", HARD_TEXT[:40], "100%", " ", "a+b", "${x"])
def test_java_connects_with_what_was_rendered(cluster: Cluster, probe: list[str], name: str) -> None:
    """A real connection with the rendered URL and properties reaches the database, under OMERO's name."""
    overrides = {
        "omero.db.host": "127.0.0.1",
        "omero.db.port": str(cluster.port),
        "omero.db.name": name,
        "omero.db.pass": PASSWORD,
        "omero.name": "a b&c%d+e?",
        "omero.db.properties": "connectTimeout=5&options=-c%20work_mem%3D5MB",
    }
    settings = omerogen.load(overrides=overrides)
    path = cluster.folder / "connection.properties"
    path.write_text(omerogen.render("jdbc", settings, format="properties"), newline="")
    server = ["--host", "127.0.0.1", "--port", str(cluster.port), "--username", "omero"]
    accepted([find("createdb"), *server, "--", name], env=environment(PGPASSWORD=PASSWORD))
    answer = pairs(accepted([*probe, "connect", path, omerogen.render("jdbc", settings).strip()]).strip())
    assert answer == {
        "application_name": "OMERO.a b&c%d+e?",
        "current_database()": name,
        "current_user": "omero",
    }
