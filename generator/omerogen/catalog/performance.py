"""Limits on sessions, threads, method calls and queries."""

from functools import partial

from omerogen.model.property import Property
from omerogen.values.numbers import INT

_performance = partial(Property, "Performance")
_query = partial(Property, "Query")


PROPERTIES = (
    _performance(
        "omero.sessions.max_user_time_to_idle",
        INT,
        "6000000",
        "Longest idle time, in milliseconds, that a user may ask for a session.",
    ),
    _performance(
        "omero.sessions.max_user_time_to_live",
        INT,
        "0",
        "Longest life, in milliseconds, that a user may ask for a session; 0 sets no limit.",
    ),
    _performance(
        "omero.sessions.maximum",
        INT,
        "0",
        "Default life of a session, in milliseconds, after which users must log in again; 0 means no end.",
    ),
    _performance(
        "omero.sessions.sync_force",
        INT,
        "1800000",
        "Time in milliseconds after which a synchronization of sessions is forced.",
    ),
    _performance(
        "omero.sessions.sync_interval",
        INT,
        "120000",
        "Interval in milliseconds between synchronizations of sessions.",
    ),
    _performance(
        "omero.sessions.timeout",
        INT,
        "600000",
        "Default idle time of a session, in milliseconds, after which users must log in again.",
    ),
    _performance(
        "omero.threads.background_threads",
        INT,
        "5",
        (
            "How many threads of the omero.threads.min_threads pool background work such as imports may "
            "take at once."
        ),
    ),
    _performance(
        "omero.threads.background_timeout",
        INT,
        "3600000",
        "How long background work may wait for a free thread before it is rejected, in milliseconds.",
    ),
    _performance(
        "omero.threads.cancel_timeout",
        INT,
        "5000",
        "Timeout for cancelling the work of a thread, in milliseconds.",
    ),
    _performance("omero.threads.idle_timeout", INT, "5000", "Has no effect."),
    _performance(
        "omero.threads.max_threads",
        INT,
        "50",
        "Has no effect; set omero.threads.min_threads instead.",
    ),
    _performance(
        "omero.threads.min_threads",
        INT,
        "10",
        (
            "Size of the thread pool for user and background work. Its threads never time out, and "
            "system work runs beside it."
        ),
    ),
    _performance(
        "omero.throttling.method_time.error",
        INT,
        "20000",
        (
            "Duration of a method call, in milliseconds, above which an ERROR is logged; keep it at one "
            "minute or less."
        ),
    ),
    _performance(
        "omero.throttling.method_time.error.indexer",
        INT,
        "86400000",
        "Duration of a method call in the indexer, in milliseconds, above which an ERROR is logged.",
    ),
    _performance(
        "omero.throttling.method_time.warn",
        INT,
        "5000",
        "Duration of a method call, in milliseconds, above which a WARN is logged.",
    ),
    _performance(
        "omero.throttling.method_time.warn.indexer",
        INT,
        "3600000",
        "Duration of a method call in the indexer, in milliseconds, above which a WARN is logged.",
    ),
    _performance(
        "omero.throttling.objects_read_interval",
        INT,
        "1000",
        "Interval for the throttling of reads, counted in objects read.",
    ),
    _performance(
        "omero.throttling.objects_written_interval",
        INT,
        "1000",
        "Interval for the throttling of writes, counted in objects written.",
    ),
    _performance(
        "omero.throttling.servants_per_session",
        INT,
        "10000",
        "Most servants (open services) that one session may hold before it gets an error.",
    ),
    _query("omero.query.timeout", INT, "1000", "Limit for a query, in seconds."),
    _query(
        "omero.query.timeout.admin",
        INT,
        "${omero.query.timeout}",
        "Limit for a query of an administrator, in seconds; by default that of omero.query.timeout.",
    ),
)
