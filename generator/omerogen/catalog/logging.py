"""Logs of OMERO's Python services."""

from omerogen.model.property import Section
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import PATH

_logging = Section("Logging")

LOGGING_DIRECTORY = _logging("omero.logging.directory", PATH, "var/log/", status="extra").described(
    "Folder of the logs, relative to the server's folder."
)
LOGGING_LEVEL = _logging("omero.logging.level", INT, "20", status="extra").described(
    "Least level that is logged: 10 for debug, 20 for info, 30 for warnings."
)
LOGGING_LOGNUM = _logging("omero.logging.lognum", INT, "9", status="extra").described(
    "Number of old logs that are kept."
)
LOGGING_LOGSIZE = _logging("omero.logging.logsize", INT, "5000000", status="extra").described(
    "Largest size of a log, in bytes, before a new one is begun."
)
LOGGING_TIMEDLOG = _logging("omero.logging.timedlog", BOOL, "false", status="extra").described(
    "Whether a new log is begun each day, instead of by its size."
)
