"""Limits on sessions, threads, method calls and queries."""

from omerogen.model.property import Section
from omerogen.values.numbers import INT

_performance = Section("Performance")
_query = Section("Query")

SESSIONS_MAX_USER_TIME_TO_IDLE = _performance(
    "omero.sessions.max_user_time_to_idle", INT, "6000000"
).described("Longest idle time, in milliseconds, that a user may set for a session.")
SESSIONS_MAX_USER_TIME_TO_LIVE = _performance("omero.sessions.max_user_time_to_live", INT, "0").described(
    "Longest life, in milliseconds, that a user may set for a session; 0 sets no limit."
)
SESSIONS_MAXIMUM = _performance("omero.sessions.maximum", INT, "0").described(
    "Default life of a session, in milliseconds, after which users must log in again; 0 means no end."
)
SESSIONS_SYNC_FORCE = _performance("omero.sessions.sync_force", INT, "1800000").described(
    "Time in milliseconds after which a synchronization of sessions is forced."
)
SESSIONS_SYNC_INTERVAL = _performance("omero.sessions.sync_interval", INT, "120000").described(
    "Interval in milliseconds between synchronizations of sessions."
)
SESSIONS_TIMEOUT = _performance("omero.sessions.timeout", INT, "600000").described(
    "Default idle time of a session, in milliseconds, after which users must log in again."
)
THREADS_BACKGROUND_THREADS = _performance("omero.threads.background_threads", INT, "5").described(
    "How many threads of the omero.threads.min_threads pool background work such as imports may take at once."
)
THREADS_BACKGROUND_TIMEOUT = _performance("omero.threads.background_timeout", INT, "3600000").described(
    "How long background work may wait for a free thread before it is rejected, in milliseconds."
)
THREADS_CANCEL_TIMEOUT = _performance("omero.threads.cancel_timeout", INT, "5000").described(
    "Timeout for cancelling the work of a thread, in milliseconds."
)
THREADS_IDLE_TIMEOUT = _performance("omero.threads.idle_timeout", INT, "5000").described("Has no effect.")
THREADS_MAX_THREADS = _performance("omero.threads.max_threads", INT, "50").described(
    "Has no effect; set omero.threads.min_threads instead."
)
THREADS_MIN_THREADS = _performance("omero.threads.min_threads", INT, "10").described(
    "Size of the thread pool for user and background work. Its threads never time out, and "
    "system work runs beside it."
)
THROTTLING_METHOD_TIME_ERROR = _performance("omero.throttling.method_time.error", INT, "20000").described(
    "Duration of a method call, in milliseconds, above which an ERROR is logged; keep it at one "
    "minute or less."
)
THROTTLING_METHOD_TIME_ERROR_INDEXER = _performance(
    "omero.throttling.method_time.error.indexer", INT, "86400000"
).described("Duration of a method call in the indexer, in milliseconds, above which an ERROR is logged.")
THROTTLING_METHOD_TIME_WARN = _performance("omero.throttling.method_time.warn", INT, "5000").described(
    "Duration of a method call, in milliseconds, above which a WARN is logged."
)
THROTTLING_METHOD_TIME_WARN_INDEXER = _performance(
    "omero.throttling.method_time.warn.indexer", INT, "3600000"
).described("Duration of a method call in the indexer, in milliseconds, above which a WARN is logged.")
THROTTLING_OBJECTS_READ_INTERVAL = _performance(
    "omero.throttling.objects_read_interval", INT, "1000"
).described("Interval for the throttling of reads, counted in objects read.")
THROTTLING_OBJECTS_WRITTEN_INTERVAL = _performance(
    "omero.throttling.objects_written_interval", INT, "1000"
).described("Interval for the throttling of writes, counted in objects written.")
THROTTLING_SERVANTS_PER_SESSION = _performance(
    "omero.throttling.servants_per_session", INT, "10000"
).described("Most servants (open services) that one session may hold before it gets an error.")
QUERY_TIMEOUT = _query("omero.query.timeout", INT, "1000").described("Limit for a query, in seconds.")
QUERY_TIMEOUT_ADMIN = _query("omero.query.timeout.admin", INT, "${omero.query.timeout}").described(
    "Limit for a query of an administrator, in seconds; by default that of omero.query.timeout."
)
