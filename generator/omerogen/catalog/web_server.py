"""OMERO.web as a Django site: how it is run, its applications, files, mail and limits."""

from omerogen.model.property import Section
from omerogen.values.base import STRING, Choice, unset_if_none
from omerogen.values.network import HOST, STATIC_URL, URL_PATH
from omerogen.values.nginx import NGINX_LINES
from omerogen.values.numbers import BOOL, INT, PORT
from omerogen.values.structures import (
    ADDITIONAL_SETTINGS,
    ADMINS,
    APPS,
    CACHES,
    DATABASES,
    MIDDLEWARE,
    SERVER_LIST,
    STATIC_DIRS,
    TEXTS,
)
from omerogen.values.text import PATH, TIME_ZONE

_web = Section("Web", "omero.web.")

WEB_ADMINS = _web("omero.web.admins", ADMINS, "[]").described(
    "Names and mail addresses of the people who are mailed about server errors and broken links."
)
WEB_ADMINS_EMAIL_SUBJECT_PREFIX = _web(
    "omero.web.admins.email_subject_prefix",
    STRING,
    "[OMERO.web - admin notification]",
    django="EMAIL_SUBJECT_PREFIX",
    status="extra",
).described("Prefix of the subject of mail to omero.web.admins.")
WEB_APPLICATION_SERVER = _web(
    "omero.web.application_server", Choice("wsgi-tcp", "wsgi", "development"), "wsgi-tcp"
).described(
    "How OMERO.web is run: wsgi-tcp by Gunicorn, wsgi by a web server such as Apache with "
    "mod_wsgi, development by Django."
)
WEB_APPLICATION_SERVER_HOST = _web("omero.web.application_server.host", HOST, "127.0.0.1").described(
    "Address that OMERO.web listens on; change it if nginx runs on another host."
)
WEB_APPLICATION_SERVER_MAX_REQUESTS = _web("omero.web.application_server.max_requests", INT, "0").described(
    "Requests that a Gunicorn worker handles before it is replaced; 0 means no limit."
)
WEB_APPLICATION_SERVER_PORT = _web("omero.web.application_server.port", PORT, "4080").described(
    "Port that OMERO.web listens on, behind the front-end web server."
)
WEB_APPS = _web("omero.web.apps", APPS, "[]", django="ADDITIONAL_APPS").described(
    "Further Django applications to load."
)
WEB_CACHES = _web(
    "omero.web.caches", CACHES, '{"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}'
).described("Django's cache backends; a real one can also hold the sessions, and drops old ones by itself.")
WEB_CHECK_VERSION = _web("omero.web.check_version", BOOL, "true", status="extra").described(
    "Whether OMERO.web checks that the OMERO server's version goes with its own."
)
WEB_CHUNK_SIZE = _web("omero.web.chunk_size", INT, "1048576").described(
    "Size of the pieces in which data is transferred, in bytes."
)
WEB_DATABASES = _web("omero.web.databases", DATABASES, "{}").described("Django's databases; {} means none.")
WEB_DEBUG = _web("omero.web.debug", BOOL, "false").described(
    "Whether Django's debug mode is on. It logs confidential data, so never use it in production."
)
WEB_DJANGO_ADDITIONAL_SETTINGS = _web(
    "omero.web.django_additional_settings", ADDITIONAL_SETTINGS, "[]"
).described("Django settings that no other property covers, as pairs of a name and a value.")
WEB_LOGDIR = _web(
    "omero.web.logdir", PATH, "/home/omero/OMERO.server/var/log", below_omerodir="var/log"
).described("Directory of OMERO.web's log files.")
WEB_MAX_TABLE_DOWNLOAD_ROWS = _web("omero.web.max_table_download_rows", INT, "10000").described(
    "Most rows of an OMERO.table that one request may download."
)
WEB_MAX_TABLE_SLICE_SIZE = _web("omero.web.max_table_slice_size", INT, "1000000", status="extra").described(
    "Most cells of an OMERO.table that one call of the slicing endpoint may fetch."
)
WEB_MAXIMUM_MULTIFILE_DOWNLOAD_SIZE = _web(
    "omero.web.maximum_multifile_download_size",
    INT,
    "1073741824",
    django="MAXIMUM_MULTIFILE_DOWNLOAD_ZIP_SIZE",
).described("Largest total size, in bytes, of files downloaded together as a zip archive.")
WEB_MIDDLEWARE = _web(
    "omero.web.middleware",
    MIDDLEWARE,
    (
        '[{"index": 1, "class": "django.middleware.common.BrokenLinkEmailsMiddleware"},'
        '{"index": 2, "class": "django.middleware.common.CommonMiddleware"},'
        '{"index": 3, "class": "django.contrib.sessions.middleware.SessionMiddleware"},'
        '{"index": 4, "class": "django.middleware.csrf.CsrfViewMiddleware"},'
        '{"index": 5, "class": "django.contrib.messages.middleware.MessageMiddleware"},'
        '{"index": 6, "class": "django.middleware.clickjacking.XFrameOptionsMiddleware"}]'
    ),
    django="MIDDLEWARE_CLASSES_LIST",
).described("Django middleware classes, applied by ascending index. A change can break OMERO.web.")
WEB_NGINX_SERVER_EXTRA_CONFIG = _web("omero.web.nginx_server_extra_config", NGINX_LINES, "[]").described(
    "Lines to add to the server block of the nginx configuration, semicolons included."
)
WEB_PIPELINE_CSS_COMPRESSOR = _web(
    "omero.web.pipeline_css_compressor", unset_if_none(STRING), None
).described("Class that compresses CSS files; unset leaves them as they are.")
WEB_PIPELINE_JS_COMPRESSOR = _web("omero.web.pipeline_js_compressor", unset_if_none(STRING), None).described(
    "Class that compresses JavaScript files; unset leaves them as they are."
)
WEB_PIPELINE_STATICFILE_STORAGE = _web(
    "omero.web.pipeline_staticfile_storage",
    STRING,
    "pipeline.storage.PipelineStorage",
    django="STATICFILES_STORAGE",
).described("Storage class that Django's collectstatic command uses.")
WEB_PREFIX = _web("omero.web.prefix", unset_if_none(URL_PATH), None, django="FORCE_SCRIPT_NAME").described(
    "URL path below which OMERO.web is served, such as /omero; unset means the root."
)
WEB_SERVER_LIST = _web("omero.web.server_list", SERVER_LIST, '[["localhost", 4064, "omero"]]').described(
    "OMERO servers that users can choose at login, each a host, a port and a name."
)
WEB_STATIC_ROOT = _web(
    "omero.web.static_root", PATH, "/home/omero/OMERO.server/var/static", below_omerodir="var/static"
).described("Directory that Django's collectstatic command copies static files to.")
WEB_STATIC_URL = _web("omero.web.static_url", STATIC_URL, "/static/").described(
    "URL or path of the static files, with a slash at its end."
)
WEB_STATICFILE_DIRS = _web(
    "omero.web.staticfile_dirs", STATIC_DIRS, "[]", django="STATICFILES_DIRS"
).described("Further directories in which Django looks for static files.")
WEB_TEMPLATE_DIRS = _web("omero.web.template_dirs", TEXTS, "[]").described(
    "Directories in which templates are searched, in this order; write paths with forward slashes."
)
WEB_TIME_ZONE = _web("omero.web.time_zone", TIME_ZONE, "Europe/London").described(
    "Time zone of OMERO.web, by its name in the tz database."
)
WEB_UPGRADES_URL = _web("omero.web.upgrades.url", unset_if_none(STRING), None, status="extra").described(
    "URL where OMERO.web looks for a newer version."
)
WEB_WEBGATEWAY_CACHE = _web("omero.web.webgateway_cache", unset_if_none(STRING), None, django="").deprecated(
    doc="Deprecated: OMERO.web has no cache of the webgateway application since 5.26."
)
WEB_WSGI_ARGS = _web("omero.web.wsgi_args", unset_if_none(STRING), None).described(
    "Further command-line arguments for Gunicorn; unset adds none."
)
WEB_WSGI_TIMEOUT = _web("omero.web.wsgi_timeout", INT, "60").described(
    "Seconds after which a Gunicorn worker that gives no sign of life is killed and restarted."
)
WEB_WSGI_WORKERS = _web("omero.web.wsgi_workers", INT, "5").described("Number of Gunicorn worker processes.")
