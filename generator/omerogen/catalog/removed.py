"""Properties that no current release of OMERO has: old files still set them."""

from omerogen.model.property import Section
from omerogen.values.base import STRING
from omerogen.values.numbers import INT

_misc = Section("Misc")
_search = Section("Search")

SEARCH_MAXCLAUSE = _search("omero.search.maxclause", INT, "4096", status="removed").described(
    "Most clauses that a query of the search could have."
)
VERSION = _misc("omero.version", STRING, "", status="removed").described(
    "Release of the server's Java components, which the build set; nobody sets it."
)
