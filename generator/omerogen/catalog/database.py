"""The server's connection to its PostgreSQL database."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Nullable
from omerogen.values.network import HOST, QUERY_STRING
from omerogen.values.numbers import BOOL, INT, PORT, POSITIVE
from omerogen.values.text import JDBC_URL

_database = Section("Database")

DB_AUTHORITY = _database("omero.db.authority", STRING, "export.openmicroscopy.org").described(
    "Authority part of the LSIDs written into exported OME-XML and OME-TIFF; seldom needs a change."
)
DB_DIALECT = _database("omero.db.dialect", STRING, "ome.util.PostgresqlDialect").described(
    "Hibernate dialect class that turns object queries and updates into SQL."
)
DB_DRIVER = _database("omero.db.driver", STRING, "org.postgresql.Driver").described(
    "Class of the JDBC driver; a wrapping driver can add logging or monitoring."
)
DB_HOST = _database("omero.db.host", HOST, "localhost").described(
    "Host of the PostgreSQL server, which must accept TCP connections from OMERO."
)
DB_LOB_HANDLER = _database(
    "omero.db.lob_handler",
    STRING,
    "org.springframework.jdbc.support.lob.DefaultLobHandler",
    status="extra",
).described("Class that reads and writes large objects of the database.")
DB_NAME = _database("omero.db.name", STRING, "omero").described("Name of the PostgreSQL database.")
DB_PASS = _database("omero.db.pass", SECRET, "omero").described(
    "Password of the database user. Change it from the default on any real installation."
)
DB_PATCH = _database("omero.db.patch", INT, "0").described(
    "Patch level of the database schema; set by OMERO's developers, and not tied to the server's "
    "own patch level."
)
DB_POOLSIZE = _database("omero.db.poolsize", POSITIVE, "10").described(
    "Size of the connection pool to the database. PostgreSQL must allow at least as many connections."
)
DB_PORT = _database("omero.db.port", PORT, "5432").described(
    "TCP port of the PostgreSQL server; UNIX sockets cannot be used."
)
DB_PREPARED_STATEMENT_CACHE_SIZE = _database("omero.db.prepared_statement_cache_size", INT, "10").described(
    "Size of the cache for prepared statements, in statements."
)
DB_PROFILE = _database("omero.db.profile", STRING, "psql").described(
    "Name of the database profile that the server was built with; psql means PostgreSQL."
)
DB_PROPERTIES = _database("omero.db.properties", Nullable(QUERY_STRING), "").described(
    "Further parameters for the JDBC URL, written as a query string; empty adds none."
)
DB_SQL_ACTION_CLASS = _database(
    "omero.db.sql_action_class", STRING, "ome.util.actions.PostgresSqlAction"
).described("Class that runs the SQL which bypasses Hibernate.")
DB_STATISTICS = _database("omero.db.statistics", BOOL, "true").described(
    "Whether statistics of database use are collected for JMX."
)
DB_URL = _database(
    "omero.db.url",
    JDBC_URL,
    (
        "jdbc:postgresql://${omero.db.host}:${omero.db.port}/${omero.db.name}?"
        "ApplicationName=OMERO.${omero.name}&${omero.db.properties}"
    ),
).described("JDBC URL of the database, by default put together from the other omero.db properties.")
DB_USER = _database("omero.db.user", STRING, "omero").described("Name of the database user.")
DB_VERSION = _database("omero.db.version", STRING, "OMERO5.4").described(
    "Version of the database schema; changed by OMERO's developers only."
)
