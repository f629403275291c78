"""What OMERO.web shows: pages, panels, links, logos, viewers and feedback."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Choice, unset_if_none
from omerogen.values.json import METADATA_PANES, OPEN_WITH, PLUGINS, TEXT_BY_NAME, TOP_LINKS
from omerogen.values.numbers import BOOL, INT

_web = Section("Web")

WEB_BASE_INCLUDE_TEMPLATE = _web(
    "omero.web.base_include_template",
    unset_if_none(STRING),
    None,
    "Template that is put before the end of every page's body; unset adds none.",
    django="BASE_INCLUDE_TEMPLATE",
)
WEB_FAVICON_URL = _web(
    "omero.web.favicon_url",
    STRING,
    "webgateway/img/ome.ico",
    "Path of the favicon below Django's static files.",
    django="FAVICON_URL",
)
WEB_FEEDBACK_COMMENT_ENABLED = _web(
    "omero.web.feedback.comment.enabled",
    BOOL,
    "true",
    "Whether users can send comments to omero.qa.feedback.",
    django="FEEDBACK_COMMENT_ENABLED",
)
WEB_FEEDBACK_ERROR_ENABLED = _web(
    "omero.web.feedback.error.enabled",
    BOOL,
    "true",
    "Whether users can send error reports to omero.qa.feedback.",
    django="FEEDBACK_ERROR_ENABLED",
)
WEB_INDEX_TEMPLATE = _web(
    "omero.web.index_template",
    unset_if_none(STRING),
    None,
    "Template of the start page; unset sends visitors to the login page.",
    django="INDEX_TEMPLATE",
)
WEB_LOGIN_CLIENT_DOWNLOADS_BASE = _web(
    "omero.web.login.client_downloads_base",
    STRING,
    "ome/omero-insight",
    "GitHub repository whose releases the login page links to as desktop clients.",
    django="CLIENT_DOWNLOAD_GITHUB_REPO",
)
WEB_LOGIN_SHOW_CLIENT_DOWNLOADS = _web(
    "omero.web.login.show_client_downloads",
    BOOL,
    "true",
    "Whether the login page links to downloads of the desktop clients.",
    django="SHOW_CLIENT_DOWNLOADS",
)
WEB_LOGIN_INCORRECT_CREDENTIALS_TEXT = _web(
    "omero.web.login_incorrect_credentials_text",
    STRING,
    "Connection not available, please check your user name and password.",
    "Message for users whose user name or password is wrong.",
    django="LOGIN_INCORRECT_CREDENTIALS_TEXT",
)
WEB_LOGIN_LOGO = _web(
    "omero.web.login_logo",
    unset_if_none(STRING),
    None,
    (
        "URL of an image shown above the OMERO logo on the login page, best at most 150 pixels high; "
        "unset shows none."
    ),
    django="LOGIN_LOGO",
)
WEB_OPEN_WITH = _web(
    "omero.web.open_with",
    OPEN_WITH,
    (
        '[["Image viewer", "webgateway", {"supported_objects": ["image"],'
        '"script_url": "webclient/javascript/ome.openwith_viewer.js"}]]'
    ),
    (
        "Viewers in the Open With menu, each a name, a URL or view name, and options that tell the "
        "object types it takes."
    ),
    django="OPEN_WITH",
)
WEB_PAGE_SIZE = _web(
    "omero.web.page_size",
    INT,
    "200",
    "Number of images on one page of a dataset or of the orphaned images.",
    django="PAGE",
)
WEB_PING_INTERVAL = _web(
    "omero.web.ping_interval",
    INT,
    "60000",
    "Interval between the pings that keep a session alive, in milliseconds.",
    django="PING_INTERVAL",
)
WEB_PLATE_LAYOUT = _web(
    "omero.web.plate_layout",
    Choice("expand", "trim", "shrink"),
    "expand",
    (
        "How much of a plate is drawn: expand fills up to a multiple of 12 columns by 8 rows, trim "
        "goes from A1 to the last well, shrink from the first well to the last."
    ),
    django="PLATE_LAYOUT",
)
WEB_ROOT_APPLICATION = _web(
    "omero.web.root_application",
    STRING,
    "",
    (
        "Label of the application that serves /, such as gallery; empty keeps the default. Its URLs "
        "must not clash with others."
    ),
    django="OMEROWEB_ROOT_APPLICATION",
)
WEB_SEARCH_DEFAULT_GROUP = _web(
    "omero.web.search.default_group",
    INT,
    "0",
    "ID of the group that the search form starts with; 0 or -1 means all groups.",
    django="SEARCH_DEFAULT_GROUP",
)
WEB_SEARCH_DEFAULT_USER = _web(
    "omero.web.search.default_user",
    INT,
    "0",
    "ID of the user that the search form starts with; 0 means the logged-in user, -1 means everyone.",
    django="SEARCH_DEFAULT_USER",
)
WEB_SHARING_OPENGRAPH = _web(
    "omero.web.sharing.opengraph",
    TEXT_BY_NAME,
    "{}",
    "Open Graph site names by server name, as in omero.web.server_list; {} means none.",
    django="SHARING_OPENGRAPH",
)
WEB_SHARING_TWITTER = _web(
    "omero.web.sharing.twitter",
    TEXT_BY_NAME,
    "{}",
    "Twitter accounts by server name, as in omero.web.server_list; {} means none.",
    django="SHARING_TWITTER",
)
WEB_SHOW_FORGOT_PASSWORD = _web(
    "omero.web.show_forgot_password",
    BOOL,
    "true",
    (
        "Whether the login page has a link for forgotten passwords; turn it off where LDAP keeps the "
        "passwords."
    ),
    django="SHOW_FORGOT_PASSWORD",
)
WEB_THUMBNAILS_BATCH = _web(
    "omero.web.thumbnails_batch",
    INT,
    "50",
    ("Number of thumbnails fetched by one request; with too many the URL gets too long for the web server."),
    django="THUMBNAILS_BATCH",
)
WEB_TOP_LOGO = _web(
    "omero.web.top_logo",
    STRING,
    "",
    "URL of the logo in the top bar, best 23 pixels high and hosted elsewhere; empty keeps the default.",
    django="TOP_LOGO",
)
WEB_TOP_LOGO_LINK = _web(
    "omero.web.top_logo_link",
    STRING,
    "",
    "URL that the logo in the top bar links to; empty means no link.",
    django="TOP_LOGO_LINK",
)
WEB_UI_CENTER_PLUGINS = _web(
    "omero.web.ui.center_plugins",
    PLUGINS,
    "[]",
    "Plugins of the center panel, each a label, a script to include, and the id of its div.",
    django="CENTER_PLUGINS",
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
    "Sections of the metadata panel, with their labels and order; sections cannot be added.",
    django="METADATA_PANES",
)
WEB_UI_RIGHT_PLUGINS = _web(
    "omero.web.ui.right_plugins",
    PLUGINS,
    (
        '[["Acquisition", "webclient/data/includes/right_plugin.acquisition.js.html",'
        ' "metadata_tab"],'
        '["Preview", "webclient/data/includes/right_plugin.preview.js.html", "preview_tab"]]'
    ),
    "Plugins of the right-hand panel, each a label, a script to include, and the id of its div.",
    django="RIGHT_PLUGINS",
)
WEB_UI_TOP_LINKS = _web(
    "omero.web.ui.top_links",
    TOP_LINKS,
    (
        '[["Data", "webindex", {"title": "Browse Data via Projects, Tags etc"}],'
        '["History", "history", {"title": "History"}],'
        '["Help", "https://help.openmicroscopy.org/",{"title":"Open OMERO user guide in a new tab",'
        ' "target":"new"}]]'
    ),
    "Links in the page header, each a text, a view or URL, and options such as its title.",
    django="TOP_LINKS",
)
WEB_USER_DROPDOWN = _web(
    "omero.web.user_dropdown",
    BOOL,
    "true",
    "Whether pages have the user's menu; sites for the public user may do without it.",
    django="USER_DROPDOWN",
)
WEB_VIEWER_VIEW = _web(
    "omero.web.viewer.view",
    STRING,
    "omeroweb.webclient.views.image_viewer",
    "Django view that shows the full image viewer or redirects to it.",
    django="VIEWER_VIEW",
)
