"""Rules about the database and the connections to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from omerogen.catalog.database import DB_HOST, DB_NAME, DB_PASS, DB_POOLSIZE, DB_PORT, DB_PROPERTIES, DB_URL
from omerogen.catalog.performance import THREADS_BACKGROUND_THREADS, THREADS_MAX_THREADS
from omerogen.rules.registry import ERROR, WARNING, Breach, View, rule

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_THREADS = (THREADS_BACKGROUND_THREADS, THREADS_MAX_THREADS)
_LOCAL = ("localhost", "127.0.0.1", "::1")


@rule(
    "pool-smaller-than-threads",
    WARNING,
    "there are fewer connections to the database than threads",
    bad="omero.db.poolsize=20\nomero.threads.background_threads=40",
    good="omero.db.poolsize=60",
    reference="https://omero.readthedocs.io/en/stable/sysadmins/config.html",
)
def pool_smaller_than_threads(site: View) -> Iterator[Breach]:
    """A server is more stable with fewer background threads than threads, and fewer threads than connections.

    Where the threads are more, some wait for a connection while they hold others up.
    """
    pool = site.settings[DB_POOLSIZE]
    changed = [row for row in _THREADS if site.settings.text(row) != site.settings.default(row)]
    # OMERO's own defaults, 50 threads and 10 connections, are not the site's mistake.
    sharing = _THREADS[:1] if site.settings.is_set(DB_POOLSIZE) else ()
    rows = [row for row in dict.fromkeys((*changed, *sharing)) if site.settings[row] >= pool]
    if rows:
        most = max(site.settings[row] for row in rows)
        shares = " and ".join(f"{row.name} {site.settings[row]}" for row in rows)
        message = f"{shares} threads share {pool} connections to the database"
        fix = f"omero config set {DB_POOLSIZE.name} {most + 10}"
        yield Breach(message, fix, (DB_POOLSIZE.name, *(row.name for row in rows)))


@rule(
    "default-db-password",
    WARNING,
    "the password of the database is OMERO's default",
    bad="omero.db.pass=omero",
    good="omero.db.pass=long and random",
)
def default_db_password(site: View) -> Iterator[Breach]:
    """It is public: everybody who can connect to the database can read and change all data."""
    row = DB_PASS
    if site.is_web_alone:
        return
    if site.settings.resolved(row.name).file is None and site.settings.text(row) == row.default:
        yield Breach(f"{row.name} is OMERO's default", "change it in PostgreSQL, and then here", (row.name,))


@rule(
    "url-ignores-properties",
    WARNING,
    "the database's URL has no use for properties that are set",
    bad="omero.db.url=jdbc:postgresql://db.example.org/omero\nomero.db.host=other.example.org",
    good="omero.db.url=jdbc:postgresql://db.example.org/omero",
)
def url_ignores_properties(site: View) -> Iterator[Breach]:
    """A URL that is written out does not refer to `omero.db.host` and the others, which are ignored then."""
    if not site.settings.is_set(DB_URL):
        return
    raw = site.settings.resolved(DB_URL.name).raw or ""
    rows = (DB_HOST, DB_PORT, DB_NAME, DB_PROPERTIES)
    ignored = [row.name for row in rows if site.settings.is_set(row) and f"${{{row.name}}}" not in raw]
    if ignored:
        message = f"{DB_URL.name} is written out: {', '.join(ignored)} has no effect"
        yield Breach(message, f"remove {DB_URL.name}, or the other", (DB_URL.name, *ignored))


@rule(
    "unknown-sslmode",
    ERROR,
    "the driver does not know the sslmode",
    bad="omero.db.properties=sslmode=verify-fully",
    good="omero.db.properties=sslmode=verify-full",
    reference="https://jdbc.postgresql.org/documentation/ssl/",
)
def unknown_sslmode(site: View) -> Iterator[Breach]:
    """PostgreSQL's driver refuses to connect with other values.

    Valid ones are disable, allow, prefer, require, verify-ca and verify-full, in any case.
    """
    given = dict(site.artifact("jdbc").parts.parameters).get("sslmode", "prefer")  # type: ignore[attr-defined]
    if given.casefold() not in _SSL_MODES:
        names = tuple(
            row.name
            for row in (DB_PROPERTIES, DB_URL)
            if site.settings.is_set(row) and "sslmode" in site.settings.text(row)
        )
        shown = given if re.fullmatch(r"[A-Za-z-]{1,20}", given) else "this sslmode"
        yield Breach(f"the database's URL has {shown}", f"write one of {', '.join(_SSL_MODES)}", names)


@rule(
    "localhost-in-container",
    WARNING,
    "the database is looked for within the container",
    bad="",
    good="omero.db.host=db",
)
def localhost_in_container(site: View) -> Iterator[Breach]:
    """In a container, localhost is the container itself, where no database runs beside OMERO."""
    if site.is_web_alone:
        return
    if site.host.is_container and site.settings.text(DB_HOST) in _LOCAL and not site.settings.is_set(DB_URL):
        message = f"{DB_HOST.name} is {site.settings.text(DB_HOST)}, and this machine is a container"
        yield Breach(message, "set it to the name of the database's host", (DB_HOST.name,))
