"""Server-side scripts: start, run time and cache."""

from omerogen.model.property import Section
from omerogen.values.base import STRING
from omerogen.values.cron import CRON
from omerogen.values.numbers import INT

_scripts = Section("Scripts")

LAUNCHER_JYTHON = _scripts("omero.launcher.jython", STRING, "jython").described(
    "Program on the PATH that starts Jython scripts."
)
LAUNCHER_MATLAB = _scripts("omero.launcher.matlab", STRING, "matlab").described(
    "Program on the PATH that starts MATLAB scripts."
)
LAUNCHER_PYTHON = _scripts("omero.launcher.python", STRING, "").described(
    "Program on the PATH that starts Python scripts; empty means the server's own Python."
)
PROCESS_JYTHON = _scripts("omero.process.jython", STRING, "omero.processor.ProcessI").described(
    "Class that runs Jython scripts in the server; it must be installed there."
)
PROCESS_MATLAB = _scripts("omero.process.matlab", STRING, "omero.processor.MATLABProcessI").described(
    "Class that runs MATLAB scripts in the server; it must be installed there."
)
PROCESS_PYTHON = _scripts("omero.process.python", STRING, "omero.processor.ProcessI").described(
    "Class that runs Python scripts in the server; it must be installed there."
)
SCRIPTS_CACHE_CRON = _scripts("omero.scripts.cache.cron", CRON, "0 0 0 * * ?").described(
    "Quartz cron expression for reloading the parameters of scripts, seconds first; the default "
    "is midnight each day."
)
SCRIPTS_CACHE_SPEC = _scripts("omero.scripts.cache.spec", STRING, "maximumSize=1000").described(
    "Guava cache specification that limits how many scripts' parameters stay in memory, and how long."
)
SCRIPTS_TIMEOUT = _scripts("omero.scripts.timeout", INT, "3600000").described(
    "Timeout of scripts, in milliseconds."
)
