"""Pages of OMERO.web: panels, links, logos, viewers and feedback."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Choice, unset_if_none
from omerogen.values.numbers import BOOL, INT
from omerogen.values.structures import METADATA_PANES, OPEN_WITH, PLUGINS, TEXT_BY_NAME, TOP_LINKS

_web = Section("Web", "omero.web.")

WEB_BASE_INCLUDE_TEMPLATE = _web("omero.web.base_include_template", unset_if_none(STRING), None).described(
    "Template that is put before the end of every page's body; unset adds none."
)
WEB_FAVICON_URL = _web("omero.web.favicon_url", STRING, "webgateway/img/ome.ico").described(
    "Path of the favicon below Django's static files."
)
WEB_FEEDBACK_COMMENT_ENABLED = _web("omero.web.feedback.comment.enabled", BOOL, "true").described(
    "Whether users can send comments to omero.qa.feedback."
)
WEB_FEEDBACK_ERROR_ENABLED = _web("omero.web.feedback.error.enabled", BOOL, "true").described(
    "Whether users can send error reports to omero.qa.feedback."
)
WEB_INDEX_TEMPLATE = _web("omero.web.index_template", unset_if_none(STRING), None).described(
    "Template of the start page; unset sends visitors to the login page."
)
WEB_LOGIN_CLIENT_DOWNLOADS_BASE = _web(
    "omero.web.login.client_downloads_base", STRING, "ome/omero-insight", django="CLIENT_DOWNLOAD_GITHUB_REPO"
).described("GitHub repository whose releases the login page links to as desktop clients.")
WEB_LOGIN_SHOW_CLIENT_DOWNLOADS = _web(
    "omero.web.login.show_client_downloads", BOOL, "true", django="SHOW_CLIENT_DOWNLOADS"
).described("Whether the login page links to downloads of the desktop clients.")
WEB_LOGIN_INCORRECT_CREDENTIALS_TEXT = _web(
    "omero.web.login_incorrect_credentials_text",
    STRING,
    "Connection not available, please check your user name and password.",
).described("Message for users whose user name or password is wrong.")
WEB_LOGIN_LOGO = _web("omero.web.login_logo", unset_if_none(STRING), None).described(
    "URL of an image shown above the OMERO logo on the login page, best at most 150 pixels high; "
    "unset shows none."
)
WEB_OPEN_WITH = _web(
    "omero.web.open_with",
    OPEN_WITH,
    (
        '[["Image viewer", "webgateway", {"supported_objects": ["image"],'
        '"script_url": "webclient/javascript/ome.openwith_viewer.js"}]]'
    ),
).described(
    "Viewers in the Open With menu, each a name, a URL or view name, and options with the "
    "object types it takes."
)
WEB_PAGE_SIZE = _web("omero.web.page_size", INT, "200", django="PAGE").described(
    "Number of images on one page of a dataset or of the orphaned images."
)
WEB_PING_INTERVAL = _web("omero.web.ping_interval", INT, "60000").described(
    "Interval between the pings that keep a session alive, in milliseconds."
)
WEB_PLATE_LAYOUT = _web("omero.web.plate_layout", Choice("expand", "trim", "shrink"), "expand").described(
    "How much of a plate is drawn: expand fills up to a multiple of 12 columns by 8 rows, trim "
    "goes from A1 to the last well, shrink from the first well to the last."
)
WEB_ROOT_APPLICATION = _web(
    "omero.web.root_application", STRING, "", django="OMEROWEB_ROOT_APPLICATION"
).described(
    "Label of the application that serves /, such as gallery; empty keeps the default. Its URLs "
    "must not clash with others."
)
WEB_SEARCH_DEFAULT_GROUP = _web("omero.web.search.default_group", INT, "0").described(
    "ID of the group that the search form starts with; 0 or -1 means all groups."
)
WEB_SEARCH_DEFAULT_USER = _web("omero.web.search.default_user", INT, "0").described(
    "ID of the user that the search form starts with; 0 means the logged-in user, -1 means everyone."
)
WEB_SHARING_OPENGRAPH = _web("omero.web.sharing.opengraph", TEXT_BY_NAME, "{}").described(
    "Open Graph site names by server name, as in omero.web.server_list; {} means none."
)
WEB_SHARING_TWITTER = _web("omero.web.sharing.twitter", TEXT_BY_NAME, "{}").described(
    "Twitter accounts by server name, as in omero.web.server_list; {} means none."
)
WEB_SHOW_FORGOT_PASSWORD = _web("omero.web.show_forgot_password", BOOL, "true").described(
    "Whether the login page has a link for forgotten passwords; turn it off where LDAP keeps the passwords."
)
WEB_THUMBNAILS_BATCH = _web("omero.web.thumbnails_batch", INT, "50").described(
    "Number of thumbnails fetched by one request; with too many the URL gets too long for the web server."
)
WEB_TOP_LOGO = _web("omero.web.top_logo", STRING, "").described(
    "URL of the logo in the top bar, best 23 pixels high and hosted elsewhere; empty keeps the default."
)
WEB_TOP_LOGO_LINK = _web("omero.web.top_logo_link", STRING, "").described(
    "URL that the logo in the top bar links to; empty means no link."
)
WEB_UI_CENTER_PLUGINS = _web("omero.web.ui.center_plugins", PLUGINS, "[]", django="CENTER_PLUGINS").described(
    "Plugins of the center panel, each a label, a script to include, and the id of its div."
)
WEB_UI_METADATA_PANES = _web(
    "omero.web.ui.metadata_panes",
    METADATA_PANES,
    (
        '[{"name": "tag", "label": "Tags", "index": 1},'
        '{"name": "map", "label": "Key-Value Pairs", "index": 2},'
        '{"name": "table", "label": "Tables", "index": 3},'
        '{"name": "file", "label": "Attachments", "index": 4},'
        '{"name": "comment", "label": "Comments", "index": 5},'
        '{"name": "rating", "label": "Ratings", "index": 6},'
        '{"name": "other", "label": "Others", "index": 7}]'
    ),
    django="METADATA_PANES",
).described("Sections of the metadata panel, with their labels and order; sections cannot be added.")
WEB_UI_RIGHT_PLUGINS = _web(
    "omero.web.ui.right_plugins",
    PLUGINS,
    (
        '[["Acquisition", "webclient/data/includes/right_plugin.acquisition.js.html",'
        ' "metadata_tab"],'
        '["Preview", "webclient/data/includes/right_plugin.preview.js.html", "preview_tab"]]'
    ),
    django="RIGHT_PLUGINS",
).described("Plugins of the right-hand panel, each a label, a script to include, and the id of its div.")
WEB_UI_TOP_LINKS = _web(
    "omero.web.ui.top_links",
    TOP_LINKS,
    (
        '[["Data", "webindex", {"title": "Browse Data via Projects, Tags etc"}],'
        '["History", "history", {"title": "History"}],'
        '["Help", "https://help.openmicroscopy.org/",{"title":"Open OMERO user guide in a new tab",'
        ' "target":"new"}]]'
    ),
    django="TOP_LINKS",
).described("Links in the page header, each a text, a view or URL, and options such as its title.")
WEB_USER_DROPDOWN = _web("omero.web.user_dropdown", BOOL, "true").described(
    "Whether pages have the user's menu; sites for the public user may do without it."
)
WEB_VIEWER_VIEW = _web("omero.web.viewer.view", STRING, "omeroweb.webclient.views.image_viewer").described(
    "Django view that shows the full image viewer or redirects to it."
)
