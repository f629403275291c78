"""The binary repository: where imported files go, how they are named and checksummed."""

from omerogen.model.property import Section
from omerogen.values.lists import Csv
from omerogen.values.text import PATH, REPOSITORY_PATH

_CHECKSUMS = ("Adler-32", "CRC-32", "MD5-128", "Murmur3-32", "Murmur3-128", "SHA1-160", "File-Size-64")
CHECKSUMS = Csv(*_CHECKSUMS, name=f"csv of {'|'.join(_CHECKSUMS)}, non-empty", nonempty=True)
PATH_RULES = Csv(
    *(f"{system} {need}" for system in ("Windows", "UNIX", "local") for need in ("required", "optional")),
    name="csv of (Windows|UNIX|local) (required|optional), non-empty",
    nonempty=True,
)

_binary_repository = Section("Binary repository")

CHECKSUM_SUPPORTED = _binary_repository(
    "omero.checksum.supported",
    CHECKSUMS,
    "SHA1-160, MD5-128, Murmur3-128, Murmur3-32, CRC-32, Adler-32, File-Size-64",
).described("Checksum algorithms that the server offers for uploaded files, most preferred first.")
DATA_DIR = _binary_repository("omero.data.dir", PATH, "/OMERO/").described(
    "Root directory of OMERO's binary data."
)
FS_REPO_PATH = _binary_repository(
    "omero.fs.repo.path", REPOSITORY_PATH, "%user%_%userId%//%year%-%month%/%day%/%time%"
).described(
    "Template of the directory for an import, below omero.managed.dir. It must differ for every "
    "import, and parts before // belong to root."
)
FS_REPO_PATH_RULES = _binary_repository(
    "omero.fs.repo.path_rules", PATH_RULES, "Windows required, UNIX required"
).described(
    "Rules that file names in omero.managed.dir must meet, by operating system; local means that "
    "of the server."
)
MANAGED_DIR = _binary_repository("omero.managed.dir", PATH, "${omero.data.dir}/ManagedRepository").described(
    "Directory of the managed repository, which holds imported files."
)
