# Written by omerogen: Django settings of OMERO.web.
# Change the properties of OMERO, not this file. Keep it private: it may hold passwords.
import json
import logging
import os
import re
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec

OMERODIR = '/opt/omero/web/OMERO.web'

# From the properties of OMERO.
ADDITIONAL_APPS = []  # omero.web.apps
ADMINS = []  # omero.web.admins
ALLOWED_HOSTS = ['*']  # omero.web.allowed_hosts
APPLICATION_SERVER = 'wsgi-tcp'  # omero.web.application_server
APPLICATION_SERVER_HOST = '127.0.0.1'  # omero.web.application_server.host
APPLICATION_SERVER_MAX_REQUESTS = 0  # omero.web.application_server.max_requests
APPLICATION_SERVER_PORT = 4080  # omero.web.application_server.port
BASE_INCLUDE_TEMPLATE = None  # omero.web.base_include_template
CACHES = {'default': {'BACKEND': 'django.core.cache.backends.dummy.DummyCache'}}  # omero.web.caches
CENTER_PLUGINS = []  # omero.web.ui.center_plugins
CHECK_VERSION = True  # omero.web.check_version
CHUNK_SIZE = 1048576  # omero.web.chunk_size
CLIENT_DOWNLOAD_GITHUB_REPO = 'ome/omero-insight'  # omero.web.login.client_downloads_base
CORS_ORIGIN_ALLOW_ALL = False  # omero.web.cors_origin_allow_all
CORS_ORIGIN_WHITELIST = []  # omero.web.cors_origin_whitelist
CSRF_COOKIE_HTTPONLY = False  # omero.web.csrf_cookie_httponly
CSRF_COOKIE_SAMESITE = 'Lax'  # omero.web.csrf_cookie_samesite
CSRF_COOKIE_SECURE = False  # omero.web.csrf_cookie_secure
CSRF_TRUSTED_ORIGINS = []  # omero.web.csrf_trusted_origins
DATABASES = {}  # omero.web.databases
DEBUG = False  # omero.web.debug
DJANGO_ADDITIONAL_SETTINGS = []  # omero.web.django_additional_settings
EMAIL_HOST = 'localhost'  # omero.mail.host
EMAIL_HOST_PASSWORD = ''  # omero.mail.password
EMAIL_HOST_USER = ''  # omero.mail.username
EMAIL_PORT = 25  # omero.mail.port
EMAIL_SUBJECT_PREFIX = '[OMERO.web - admin notification]'  # omero.web.admins.email_subject_prefix
EMAIL_USE_TLS = False  # omero.mail.smtp.starttls.enable
FAVICON_URL = 'webgateway/img/ome.ico'  # omero.web.favicon_url
FEEDBACK_COMMENT_ENABLED = True  # omero.web.feedback.comment.enabled
FEEDBACK_ERROR_ENABLED = True  # omero.web.feedback.error.enabled
FEEDBACK_URL = 'http://qa.openmicroscopy.org.uk'  # omero.qa.feedback
HTML_META_REFERRER = 'origin-when-crossorigin'  # omero.web.html_meta_referrer
INDEX_TEMPLATE = None  # omero.web.index_template
LOGDIR = '/opt/omero/web/OMERO.web/var/log'  # omero.web.logdir
LOGIN_INCORRECT_CREDENTIALS_TEXT = 'Connection not available, please check your user name and password.'  # omero.web.login_incorrect_credentials_text
LOGIN_REDIRECT = {}  # omero.web.login_redirect
LOGIN_VIEW = 'weblogin'  # omero.web.login_view
MAXIMUM_MULTIFILE_DOWNLOAD_ZIP_SIZE = 1073741824  # omero.web.maximum_multifile_download_size
MAX_TABLE_DOWNLOAD_ROWS = 10000  # omero.web.max_table_download_rows
MAX_TABLE_SLICE_SIZE = 1000000  # omero.web.max_table_slice_size
METADATA_PANES = [{'index': 1, 'label': 'Tags', 'name': 'tag'}, {'index': 2, 'label': 'Key-Value Pairs', 'name': 'map'}, {'index': 3, 'label': 'Tables', 'name': 'table'}, {'index': 4, 'label': 'Attachments', 'name': 'file'}, {'index': 5, 'label': 'Comments', 'name': 'comment'}, {'index': 6, 'label': 'Ratings', 'name': 'rating'}, {'index': 7, 'label': 'Others', 'name': 'other'}]  # omero.web.ui.metadata_panes
MIDDLEWARE_CLASSES_LIST = [{'class': 'django.middleware.common.BrokenLinkEmailsMiddleware', 'index': 1}, {'class': 'django.middleware.common.CommonMiddleware', 'index': 2}, {'class': 'django.contrib.sessions.middleware.SessionMiddleware', 'index': 3}, {'class': 'django.middleware.csrf.CsrfViewMiddleware', 'index': 4}, {'class': 'django.contrib.messages.middleware.MessageMiddleware', 'index': 5}, {'class': 'django.middleware.clickjacking.XFrameOptionsMiddleware', 'index': 6}]  # omero.web.middleware
NGINX_SERVER_EXTRA_CONFIG = []  # omero.web.nginx_server_extra_config
OMEROWEB_ROOT_APPLICATION = ''  # omero.web.root_application
OPEN_WITH = [['Image viewer', 'webgateway', {'script_url': 'webclient/javascript/ome.openwith_viewer.js', 'supported_objects': ['image']}]]  # omero.web.open_with
PAGE = 200  # omero.web.page_size
PING_INTERVAL = 60000  # omero.web.ping_interval
PLATE_DOWNLOAD_ENABLED = False  # omero.web.plate_download.enabled
PLATE_LAYOUT = 'expand'  # omero.web.plate_layout
PUBLIC_CACHE_ENABLED = False  # omero.web.public.cache.enabled
PUBLIC_CACHE_KEY = 'omero.web.public.cache.key'  # omero.web.public.cache.key
PUBLIC_CACHE_TIMEOUT = 86400  # omero.web.public.cache.timeout
PUBLIC_ENABLED = False  # omero.web.public.enabled
PUBLIC_GET_ONLY = True  # omero.web.public.get_only
PUBLIC_SERVER_ID = 1  # omero.web.public.server_id
PUBLIC_URL_FILTER = re.compile('(?#This regular expression matches nothing)a^')  # omero.web.public.url_filter
REDIRECT_ALLOWED_HOSTS = []  # omero.web.redirect_allowed_hosts
RIGHT_PLUGINS = [['Acquisition', 'webclient/data/includes/right_plugin.acquisition.js.html', 'metadata_tab'], ['Preview', 'webclient/data/includes/right_plugin.preview.js.html', 'preview_tab']]  # omero.web.ui.right_plugins
SEARCH_DEFAULT_GROUP = 0  # omero.web.search.default_group
SEARCH_DEFAULT_USER = 0  # omero.web.search.default_user
SECURE = False  # omero.web.secure
SECURE_PROXY_SSL_HEADER = None  # omero.web.secure_proxy_ssl_header
SEND_BROKEN_LINK_EMAILS = False  # omero.web.send_broken_link_emails
SERVER_EMAIL = 'omero@localhost'  # omero.mail.from
SERVER_LIST = [['localhost', 4064, 'omero']]  # omero.web.server_list
SESSION_COOKIE_AGE = 86400  # omero.web.session_cookie_age
SESSION_COOKIE_SAMESITE = 'Lax'  # omero.web.session_cookie_samesite
SESSION_COOKIE_SECURE = False  # omero.web.session_cookie_secure
SESSION_ENGINE = 'django.contrib.sessions.backends.file'  # omero.web.session_engine
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # omero.web.session_expire_at_browser_close
SESSION_SERIALIZER = 'django.contrib.sessions.serializers.JSONSerializer'  # omero.web.session_serializer
SHARING_OPENGRAPH = {}  # omero.web.sharing.opengraph
SHARING_TWITTER = {}  # omero.web.sharing.twitter
SHOW_CLIENT_DOWNLOADS = True  # omero.web.login.show_client_downloads
SHOW_FORGOT_PASSWORD = True  # omero.web.show_forgot_password
SILENCED_SYSTEM_CHECKS = ['1_8.W001']  # omero.web.system_checks
STATICFILES_DIRS = []  # omero.web.staticfile_dirs
STATICFILES_STORAGE = 'pipeline.storage.PipelineStorage'  # omero.web.pipeline_staticfile_storage
STATIC_ROOT = '/opt/omero/web/OMERO.web/var/static'  # omero.web.static_root
STATIC_URL = '/static/'  # omero.web.static_url
TEMPLATE_DIRS = []  # omero.web.template_dirs
THUMBNAILS_BATCH = 50  # omero.web.thumbnails_batch
TIME_ZONE = 'Europe/London'  # omero.web.time_zone
TOP_LINKS = [['Data', 'webindex', {'title': 'Browse Data via Projects, Tags etc'}], ['History', 'history', {'title': 'History'}], ['Help', 'https://help.openmicroscopy.org/', {'target': 'new', 'title': 'Open OMERO user guide in a new tab'}]]  # omero.web.ui.top_links
TOP_LOGO = ''  # omero.web.top_logo
TOP_LOGO_LINK = ''  # omero.web.top_logo_link
USER_DROPDOWN = True  # omero.web.user_dropdown
USE_X_FORWARDED_HOST = False  # omero.web.use_x_forwarded_host
VIEWER_VIEW = 'omeroweb.webclient.views.image_viewer'  # omero.web.viewer.view
WSGI_THREADS = 1  # omero.web.wsgi_threads
WSGI_TIMEOUT = 60  # omero.web.wsgi_timeout
WSGI_WORKERS = 5  # omero.web.wsgi_workers
WSGI_WORKER_CLASS = 'sync'  # omero.web.wsgi_worker_class
WSGI_WORKER_CONNECTIONS = 1000  # omero.web.wsgi_worker_connections
X_FRAME_OPTIONS = 'SAMEORIGIN'  # omero.web.x_frame_options


def _is_installed(name):
    """Whether there is such a module, without importing it."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _app(name):
    """An application of the site, which may also be one within the omeroweb package."""
    return "omeroweb." + name if _is_installed("omeroweb." + name) else name


# Made of several properties.
INSTALLED_APPS = (
    'django.contrib.staticfiles',
    'django.contrib.auth',
    'django.contrib.contenttypes',
    'django.contrib.sessions',
    'django.contrib.sites',
    'omeroweb.feedback',
    'omeroweb.webadmin',
    'omeroweb.webclient',
    'omeroweb.webgateway',
    'omeroweb.webredirect',
    'omeroweb.api',
    'pipeline',
)
MANAGERS = ADMINS
MIDDLEWARE = (
    'django.middleware.common.BrokenLinkEmailsMiddleware',
    'django.middleware.common.CommonMiddleware',
    'django.contrib.sessions.middleware.SessionMiddleware',
    'django.middleware.csrf.CsrfViewMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
    'django.middleware.clickjacking.XFrameOptionsMiddleware',
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["omeroweb.webgateway.templatetags.defaulttags"],
            "debug": False,
            "context_processors": [
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.debug",
                "django.template.context_processors.i18n",
                "django.template.context_processors.media",
                "django.template.context_processors.static",
                "django.template.context_processors.request",
                "django.template.context_processors.tz",
                "django.contrib.messages.context_processors.messages",
                "omeroweb.custom_context_processor.url_suffix",
                "omeroweb.custom_context_processor.base_include_template",
            ],
        },
    },
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "standard": {
            "format": "%(asctime)s %(levelname)5.5s [%(name)40.40s] (proc.%(process)5.5d) %(funcName)s():%(lineno)d %(message)s",
        },
        "full_request": {
            "format": "%(asctime)s %(levelname)5.5s [%(name)40.40s] (proc.%(process)5.5d) %(funcName)s():%(lineno)d HTTP %(status_code)d %(request)s",
        },
    },
    "filters": {
        "require_debug_false": {"()": "django.utils.log.RequireDebugFalse"},
        "require_debug_true": {"()": "django.utils.log.RequireDebugTrue"},
    },
    "handlers": {
        "default": {
            "level": "DEBUG",
            "class": "concurrent_log_handler.ConcurrentRotatingFileHandler",
            "filename": '/opt/omero/web/OMERO.web/var/log/OMEROweb.log',
            "maxBytes": 500000000,
            "backupCount": 10,
            "formatter": "standard",
        },
        "request_handler": {
            "level": "DEBUG",
            "class": "concurrent_log_handler.ConcurrentRotatingFileHandler",
            "filename": '/opt/omero/web/OMERO.web/var/log/OMEROweb.log',
            "maxBytes": 500000000,
            "backupCount": 10,
            "filters": ["require_debug_false"],
            "formatter": "full_request",
        },
        "console": {
            "level": "INFO",
            "filters": ["require_debug_true"],
            "class": "logging.StreamHandler",
            "formatter": "standard",
        },
        "mail_admins": {
            "level": "ERROR",
            "filters": ["require_debug_false"],
            "class": "django.utils.log.AdminEmailHandler",
        },
    },
    "loggers": {
        "django.request": {
            "handlers": ["default", "request_handler", "mail_admins"],
            "level": 'INFO',
            "propagate": False,
        },
        "django": {"handlers": ["console"], "level": 'INFO', "propagate": True},
        "": {"handlers": ["default"], "level": 'INFO', "propagate": True},
    },
}


def _omeroweb_folder():
    """The folder of the omeroweb package, without importing it."""
    spec = find_spec("omeroweb")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return folders[0] if folders else os.path.join(OMERODIR, "lib", "python", "omeroweb")


# The same for every OMERO.web.
CORS_ALLOW_CREDENTIALS = True
CORS_REPLACE_HTTPS_REFERER = True
CSRF_FAILURE_VIEW = "omeroweb.feedback.views.csrf_failure"
DEFAULT_IMG = os.path.join(_omeroweb_folder(), "webgateway/static/webgateway/img/image128.png")
DEFAULT_USER = os.path.join(_omeroweb_folder(), "webgateway/static/webgateway/img/personal32.png")
FEEDBACK_APP = 6
FILE_UPLOAD_MAX_MEMORY_SIZE = 2621440
FILE_UPLOAD_TEMP_DIR = tempfile.gettempdir()
FIRST_DAY_OF_WEEK = 0
LANGUAGE_CODE = "en-gb"
ROOT_URLCONF = "omeroweb.urls"
SESSION_COOKIE_HTTPONLY = True
SESSION_FILE_PATH = tempfile.gettempdir()
SITE_ID = 1
STATICFILES_FINDERS = (
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "pipeline.finders.PipelineFinder",
)
USE_I18N = True
PIPELINE = {
    "CSS_COMPRESSOR": "pipeline.compressors.NoopCompressor",
    "JS_COMPRESSOR": "pipeline.compressors.NoopCompressor",
    "STYLESHEETS": {
        "webgateway_viewer": {
            "source_filenames": [
                "webgateway/css/reset.css",
                "webgateway/css/ome.body.css",
                "webclient/css/dusty.css",
                "webgateway/css/ome.viewport.css",
                "webgateway/css/ome.toolbar.css",
                "webgateway/css/ome.gs_slider.css",
                "webgateway/css/base.css",
                "webgateway/css/ome.snippet_header_logo.css",
                "webgateway/css/ome.postit.css",
                "3rdparty/farbtastic-1.2/farbtastic.css",
                "webgateway/css/ome.colorbtn.css",
                "3rdparty/JQuerySpinBtn-1.3a/JQuerySpinBtn.css",
                "3rdparty/jquery-ui-1.10.4/themes/base/jquery-ui.all.css",
                "webgateway/css/omero_image.css",
                "3rdparty/panojs-2.0.0/panojs.css",
            ],
            "output_filename": "omeroweb.viewer.min.css",
        },
    },
    "JAVASCRIPT": {
        "webgateway_viewer": {
            "source_filenames": [
                "3rdparty/jquery-1.11.1.js",
                "3rdparty/jquery-migrate-1.2.1.js",
                "3rdparty/jquery-ui-1.10.4/js/jquery-ui.1.10.4.js",
                "webgateway/js/ome.popup.js",
                "3rdparty/aop-1.3.js",
                "3rdparty/raphael-2.3.0/raphael.js",
                "3rdparty/raphael-2.3.0/scale.raphael.js",
                "3rdparty/panojs-2.0.0/utils.js",
                "3rdparty/panojs-2.0.0/PanoJS.js",
                "3rdparty/panojs-2.0.0/controls.js",
                "3rdparty/panojs-2.0.0/pyramid_Bisque.js",
                "3rdparty/panojs-2.0.0/pyramid_imgcnv.js",
                "3rdparty/panojs-2.0.0/pyramid_Zoomify.js",
                "3rdparty/panojs-2.0.0/control_thumbnail.js",
                "3rdparty/panojs-2.0.0/control_info.js",
                "3rdparty/panojs-2.0.0/control_svg.js",
                "3rdparty/panojs-2.0.0/control_roi.js",
                "3rdparty/panojs-2.0.0/control_scalebar.js",
                "3rdparty/hammer-2.0.8/hammer.min.js",
                "webgateway/js/ome.gs_utils.js",
                "webgateway/js/ome.viewportImage.js",
                "webgateway/js/ome.gs_slider.js",
                "webgateway/js/ome.viewport.js",
                "webgateway/js/omero_image.js",
                "webgateway/js/ome.roidisplay.js",
                "webgateway/js/ome.scalebardisplay.js",
                "webgateway/js/ome.smartdialog.js",
                "webgateway/js/ome.roiutils.js",
                "3rdparty/JQuerySpinBtn-1.3a/JQuerySpinBtn.js",
                "webgateway/js/ome.colorbtn.js",
                "webgateway/js/ome.postit.js",
                "3rdparty/jquery.selectboxes-2.2.6.js",
                "3rdparty/farbtastic-1.2/farbtastic.js",
                "3rdparty/jquery.mousewheel-3.1.13.js",
            ],
            "output_filename": "omeroweb.viewer.min.js",
        },
    },
}


def _secret_key():
    """The key in var/django_secret_key, which is made once and then kept."""
    import secrets

    path = os.path.join(OMERODIR, "var", "django_secret_key")
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle, own_path = tempfile.mkstemp(dir=os.path.dirname(path))  # readable by its owner alone
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(50))
            os.link(own_path, path)
        except FileExistsError:
            pass  # another worker was first; its key is the one
        finally:
            os.unlink(own_path)
    with open(path) as file:
        key = file.read().strip()
    if not key:
        raise RuntimeError(path + " is empty (delete it, and a new key is made)")
    return key


SECRET_KEY = _secret_key()


def _django_version():
    """The version of the Django that reads this; (0, 0) without one."""
    try:
        import django
    except ImportError:
        return (0, 0)
    return django.VERSION[:2]


if _django_version() >= (5, 1):  # which does not read STATICFILES_STORAGE any more
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": STATICFILES_STORAGE},
    }

# OMERO.web keeps a part of its state beside these settings: the list of servers, and the properties of plugins.
_properties = {
}


def _hand_over():
    """Give omeroweb.settings, which has read config.xml, these settings and properties in its place."""
    os.environ.setdefault("OMERODIR", OMERODIR)
    try:
        theirs = import_module("omeroweb.settings")
        server = import_module("omeroweb.connector").Server
    except ImportError as error:
        logging.getLogger(__name__).error("OMERO.web cannot be imported: %s", error)
        return
    _say_what_differs(theirs.CUSTOM_SETTINGS)
    theirs.CUSTOM_SETTINGS.clear()
    theirs.CUSTOM_SETTINGS.update(_properties)
    for name, value in list(globals().items()):
        if name.isupper() and not name.startswith("_"):
            setattr(theirs, name, value)
    for app in ADDITIONAL_APPS:
        try:
            import_module(app + ".settings")
        except ImportError:
            pass  # most have none
        _process_again(theirs, app)
    server.reset()
    for host, port, *name in SERVER_LIST:
        server(host=str(host), port=int(port), server=str(name[0]) if name and name[0] else None)
    server.freeze()


def _say_what_differs(read):
    """One line in the log if config.xml has other values: those of this file count."""
    names = {name for name in (*read, *_properties) if name.startswith("omero.web.")}
    differing = sorted(name for name in names if _parsed(read.get(name)) != _parsed(_properties.get(name)))
    if read and differing:
        message = "config.xml is overridden by these generated settings: it differs in %s"
        logging.getLogger(__name__).warning(message, ", ".join(differing))


def _parsed(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _process_again(theirs, app):
    """Process the properties of a plugin: a mapping that was processed has a fifth member, and would be left out."""
    for module in [found for name, found in sys.modules.items() if (name + ".").startswith(app + ".")]:
        for name in [name for name in vars(module) if name.endswith(("SETTINGS_MAPPING", "SETTINGS_MAPPINGS"))]:
            for entry in getattr(module, name).values():
                del entry[4:]
            theirs.process_custom_settings(module, name)


if _is_installed("omeroweb.settings"):
    _hand_over()

