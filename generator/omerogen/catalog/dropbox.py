"""DropBox: folders that are watched for files to import, and the importer's settings.

Those that are split at ``;`` have one member for each entry of ``omero.fs.importUsers``.
"""

from omerogen.model.property import Section
from omerogen.values.base import STRING
from omerogen.values.lists import SEVERAL_BOOLS, SEVERAL_INTS, SEVERAL_TEXTS
from omerogen.values.network import HOST
from omerogen.values.numbers import BOOL, INT

_dropbox = Section("DropBox")

FS_BLACKLIST = _dropbox("omero.fs.blacklist", SEVERAL_TEXTS, "", status="extra").described(
    "Names that are not watched, of each watched folder."
)
FS_BLOCKSIZE = _dropbox("omero.fs.blockSize", SEVERAL_INTS, "0", status="extra").described(
    "Number of events that are passed on together; 0 passes on all."
)
FS_DEFAULTDROPBOXDIR = _dropbox("omero.fs.defaultDropBoxDir", STRING, "DropBox", status="extra").described(
    "Folder below the data directory that is watched for the users' own folders."
)
FS_DIRIMPORTWAIT = _dropbox("omero.fs.dirImportWait", SEVERAL_INTS, "60", status="extra").described(
    "Wait in seconds before a new folder is imported, since its files may still arrive."
)
FS_EVENTTYPES = _dropbox(
    "omero.fs.eventTypes", SEVERAL_TEXTS, "Creation,Modification", status="extra"
).described("Changes of files that lead to an import.")
FS_FILEBATCH = _dropbox("omero.fs.fileBatch", SEVERAL_INTS, "10", status="extra").described(
    "Number of files that are handed to the importer together."
)
FS_HOST = _dropbox("omero.fs.host", HOST, "localhost", status="extra").described(
    "Host of the server that DropBox imports into."
)
FS_IGNOREDIREVENTS = _dropbox("omero.fs.ignoreDirEvents", SEVERAL_BOOLS, "True", status="extra").described(
    "Whether changes of folders themselves are ignored."
)
FS_IGNORESYSFILES = _dropbox("omero.fs.ignoreSysFiles", SEVERAL_BOOLS, "True", status="extra").described(
    "Whether files of the operating system are ignored."
)
FS_IMPORTARGS = _dropbox("omero.fs.importArgs", SEVERAL_TEXTS, "", status="extra").described(
    "More arguments for the importer."
)
FS_IMPORTUSERS = _dropbox("omero.fs.importUsers", SEVERAL_TEXTS, "default", status="extra").described(
    "Users that files are imported for; default watches a folder for each user."
)
FS_MAXRETRIES = _dropbox("omero.fs.maxRetries", INT, "5", status="extra").described(
    "Number of attempts to reach the server at the start."
)
FS_PATHMODE = _dropbox("omero.fs.pathMode", SEVERAL_TEXTS, "Follow", status="extra").described(
    "Depth of the watch: Flat, Recurse, or Follow for folders that come later, too."
)
FS_PLATFORMCHECK = _dropbox("omero.fs.platformCheck", BOOL, "True", status="extra").described(
    "Whether DropBox checks at its start that the platform can watch folders."
)
FS_PORT = _dropbox("omero.fs.port", STRING, "${ROUTERPORT}", status="extra").described(
    "Port of the server that DropBox imports into; IceGrid fills in the router's."
)
FS_READERS = _dropbox("omero.fs.readers", SEVERAL_TEXTS, "", status="extra").described(
    "File of the readers of Bio-Formats that the importer tries."
)
FS_RETRYINTERVAL = _dropbox("omero.fs.retryInterval", INT, "3", status="extra").described(
    "Wait in seconds between two attempts to reach the server."
)
FS_THROTTLEIMPORT = _dropbox("omero.fs.throttleImport", SEVERAL_INTS, "10", status="extra").described(
    "Wait in seconds between two imports."
)
FS_TIMEOUT = _dropbox("omero.fs.timeout", SEVERAL_TEXTS, "0.0", status="extra").described(
    "Time in seconds during which events are collected before they are passed on."
)
FS_TIMETOIDLE = _dropbox("omero.fs.timeToIdle", SEVERAL_INTS, "600", status="extra").described(
    "Time in seconds after which a file that does not change is forgotten."
)
FS_TIMETOLIVE = _dropbox("omero.fs.timeToLive", SEVERAL_INTS, "0", status="extra").described(
    "Time in seconds after which a file is forgotten in any case; 0 sets no limit."
)
FS_WATCHDIR = _dropbox("omero.fs.watchDir", SEVERAL_TEXTS, "", status="extra").described(
    "Folder that is watched, for each of omero.fs.importUsers; empty for the default one."
)
FS_WHITELIST = _dropbox("omero.fs.whitelist", SEVERAL_TEXTS, "", status="extra").described(
    "File names that are watched for, such as *.dv; empty for all."
)
