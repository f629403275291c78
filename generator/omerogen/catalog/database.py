"""The server's connection to its PostgreSQL database."""

from functools import partial

from omerogen.model.property import Property
from omerogen.values.base import SECRET, STRING, Nullable
from omerogen.values.network import HOST, QUERY_STRING
from omerogen.values.numbers import BOOL, INT, PORT, POSITIVE
from omerogen.values.text import JDBC_URL

_database = partial(Property, "Database")


PROPERTIES = (
    _database(
        "omero.db.authority",
        STRING,
        "export.openmicroscopy.org",
        "Authority part of the LSIDs written into exported OME-XML and OME-TIFF; seldom needs a change.",
    ),
    _database(
        "omero.db.dialect",
        STRING,
        "ome.util.PostgresqlDialect",
        "Hibernate dialect class that turns object queries and updates into SQL.",
    ),
    _database(
        "omero.db.driver",
        STRING,
        "org.postgresql.Driver",
        "Class of the JDBC driver; a wrapping driver can add logging or monitoring.",
    ),
    _database(
        "omero.db.host",
        HOST,
        "localhost",
        "Host of the PostgreSQL server, which must accept TCP connections from OMERO.",
    ),
    _database("omero.db.name", STRING, "omero", "Name of the PostgreSQL database."),
    _database(
        "omero.db.pass",
        SECRET,
        "omero",
        "Password of the database user. Change it from the default on any real installation.",
    ),
    _database(
        "omero.db.patch",
        INT,
        "0",
        (
            "Patch level of the database schema; set by OMERO's developers, and not tied to the server's "
            "own patch level."
        ),
    ),
    _database(
        "omero.db.poolsize",
        POSITIVE,
        "10",
        "Size of the connection pool to the database. PostgreSQL must allow at least as many connections.",
    ),
    _database(
        "omero.db.port",
        PORT,
        "5432",
        "TCP port of the PostgreSQL server; UNIX sockets cannot be used.",
    ),
    _database(
        "omero.db.prepared_statement_cache_size",
        INT,
        "10",
        "Size of the cache for prepared statements, in statements.",
    ),
    _database(
        "omero.db.profile",
        STRING,
        "psql",
        "Name of the database profile that the server was built with; psql stands for PostgreSQL.",
    ),
    _database(
        "omero.db.properties",
        Nullable(QUERY_STRING),
        "",
        "Further parameters for the JDBC URL, written as a query string; empty adds none.",
    ),
    _database(
        "omero.db.sql_action_class",
        STRING,
        "ome.util.actions.PostgresSqlAction",
        "Class that runs the SQL which bypasses Hibernate.",
    ),
    _database(
        "omero.db.statistics",
        BOOL,
        "true",
        "Whether statistics of database use are collected for JMX.",
    ),
    _database(
        "omero.db.url",
        JDBC_URL,
        (
            "jdbc:postgresql://${omero.db.host}:${omero.db.port}/${omero.db.name}?"
            "ApplicationName=OMERO.${omero.name}&${omero.db.properties}"
        ),
        "JDBC URL of the database, by default put together from the other omero.db properties.",
    ),
    _database("omero.db.user", STRING, "omero", "Name of the database user."),
    _database(
        "omero.db.version",
        STRING,
        "OMERO5.4",
        "Version of the database schema; changed by OMERO's developers only.",
    ),
)
