"""OMERO clients: transports, menus, the data tree and the image viewer."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Nullable
from omerogen.values.lists import WORDS, Csv
from omerogen.values.network import URL
from omerogen.values.numbers import BOOL, INT

TRANSPORTS = Csv(
    "ssl", "tcp", "wss", "ws", name="csv of ssl|tcp|wss|ws, non-empty", nonempty=True, unique=True
)

_client = Section("Client")

CLIENT_BROWSER_THUMB_DEFAULT_SIZE = _client("omero.client.browser.thumb_default_size", INT, "96").described(
    "Size of thumbnails that clients show at first, in pixels."
)
CLIENT_DOWNLOAD_AS_MAX_SIZE = _client("omero.client.download_as.max_size", INT, "144000000").described(
    "Largest image, in total pixels, that clients offer to export as JPEG, PNG or TIFF."
)
CLIENT_ICETRANSPORTS = _client("omero.client.icetransports", TRANSPORTS, "ssl,tcp").described(
    "Transports that clients may connect by. Leave out tcp and ws to allow encrypted connections "
    "only; ws and wss are experimental."
)
CLIENT_SCRIPTS_TO_IGNORE = _client(
    "omero.client.scripts_to_ignore",
    WORDS,
    (
        "/omero/figure_scripts/Movie_Figure.py,/omero/figure_scripts/Split_View_Figure.py,"
        "/omero/figure_scripts/Thumbnail_Figure.py,/omero/figure_scripts/ROI_Split_Figure.py,"
        "/omero/export_scripts/Make_Movie.py,/omero/import_scripts/Populate_ROI.py"
    ),
).described("Paths of server-side scripts that clients leave out of their script menus.")
CLIENT_UI_MENU_DROPDOWN_COLLEAGUES_ENABLED = _client(
    "omero.client.ui.menu.dropdown.colleagues.enabled", BOOL, "true"
).described("Whether the user menu of clients lists the other members of the group.")
CLIENT_UI_MENU_DROPDOWN_COLLEAGUES_LABEL = _client(
    "omero.client.ui.menu.dropdown.colleagues.label", STRING, "Members"
).described("Label of the group's members in the user menu of clients.")
CLIENT_UI_MENU_DROPDOWN_EVERYONE_ENABLED = _client(
    "omero.client.ui.menu.dropdown.everyone.enabled", BOOL, "true"
).described("Whether the user menu of clients has an entry for all users.")
CLIENT_UI_MENU_DROPDOWN_EVERYONE_LABEL = _client(
    "omero.client.ui.menu.dropdown.everyone.label", STRING, "All Members"
).described("Label of the entry for all users in the user menu of clients.")
CLIENT_UI_MENU_DROPDOWN_LEADERS_ENABLED = _client(
    "omero.client.ui.menu.dropdown.leaders.enabled", BOOL, "true"
).described("Whether the user menu of clients lists the owners of the group.")
CLIENT_UI_MENU_DROPDOWN_LEADERS_LABEL = _client(
    "omero.client.ui.menu.dropdown.leaders.label", STRING, "Owners"
).described("Label of the group's owners in the user menu of clients.")
CLIENT_UI_TREE_ORPHANS_DESCRIPTION = _client(
    "omero.client.ui.tree.orphans.description",
    STRING,
    (
        "This is a virtual container with orphaned images. These images are not linked anywhere. "
        "Just drag them to the selected container."
    ),
).described("Text that clients show to explain the container of orphaned images.")
CLIENT_UI_TREE_ORPHANS_ENABLED = _client("omero.client.ui.tree.orphans.enabled", BOOL, "true").described(
    "Whether the data tree of clients has a container for orphaned images."
)
CLIENT_UI_TREE_ORPHANS_NAME = _client(
    "omero.client.ui.tree.orphans.name", STRING, "Orphaned Images"
).described("Name of the container for orphaned images in the data tree of clients.")
CLIENT_UI_TREE_TYPE_ORDER = _client(
    "omero.client.ui.tree.type_order",
    Csv(name="csv, or the word false", or_word="false"),
    "tagset,tag,project,dataset,screen,plate,acquisition,image",
).described(
    "Order of object types in the data tree, first at the top; false mixes the types and leaves "
    "the sorting to the client."
)
CLIENT_VIEWER_INITIAL_ZOOM_LEVEL = _client("omero.client.viewer.initial_zoom_level", INT, "0").described(
    "Zoom level at which viewers open large, tiled images."
)
CLIENT_VIEWER_INTERPOLATE_PIXELS = _client("omero.client.viewer.interpolate_pixels", BOOL, "true").described(
    "Whether viewers smooth pixels by interpolation unless the user turns it off."
)
CLIENT_VIEWER_ROI_LIMIT = _client("omero.client.viewer.roi_limit", INT, "2000").described(
    "Largest number of ROIs that viewers load for an image."
)
CLIENT_WEB_HOST = _client("omero.client.web.host", Nullable(URL), "").described(
    "Full URL of OMERO.web, with its prefix if it has one, as clients are to reach it; may be empty."
)
