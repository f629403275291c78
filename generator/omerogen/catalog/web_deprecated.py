"""Settings of OMERO.web that are deprecated or meant for development only."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Choice, unset_if_none
from omerogen.values.numbers import BOOL, INT

_web = Section("Web")


WEB_EMAIL_HOST = _web(
    "omero.web.email_host",
    unset_if_none(STRING),
    None,
    "Deprecated: use omero.mail.host.",
    django="EMAIL_HOST",
    status="deprecated",
    replaced_by="omero.mail.host",
)
WEB_EMAIL_HOST_PASSWORD = _web(
    "omero.web.email_host_password",
    unset_if_none(SECRET),
    None,
    "Deprecated: use omero.mail.password.",
    django="EMAIL_HOST_PASSWORD",
    status="deprecated",
    replaced_by="omero.mail.password",
)
WEB_EMAIL_HOST_USER = _web(
    "omero.web.email_host_user",
    unset_if_none(STRING),
    None,
    "Deprecated: use omero.mail.username.",
    django="EMAIL_HOST_USER",
    status="deprecated",
    replaced_by="omero.mail.username",
)
WEB_EMAIL_PORT = _web(
    "omero.web.email_port",
    unset_if_none(STRING),
    None,
    "Deprecated: use omero.mail.port.",
    django="EMAIL_PORT",
    status="deprecated",
    replaced_by="omero.mail.port",
)
WEB_EMAIL_SUBJECT_PREFIX = _web(
    "omero.web.email_subject_prefix",
    STRING,
    "[OMERO.web]",
    (
        "Deprecated: this prefix of mail subjects can no longer be set. For mail to administrators "
        "there is omero.web.admins.email_subject_prefix."
    ),
    django="EMAIL_SUBJECT_PREFIX",
    status="deprecated",
)
WEB_EMAIL_USE_TLS = _web(
    "omero.web.email_use_tls",
    BOOL,
    "false",
    "Deprecated: use omero.mail.smtp.starttls.enable.",
    django="EMAIL_USE_TLS",
    status="deprecated",
    replaced_by="omero.mail.smtp.starttls.enable",
)
WEB_FORCE_SCRIPT_NAME = _web(
    "omero.web.force_script_name",
    unset_if_none(STRING),
    None,
    "Deprecated: use omero.web.prefix.",
    django="FORCE_SCRIPT_NAME",
    status="deprecated",
    replaced_by="omero.web.prefix",
)
WEB_PLATE_DOWNLOAD_ENABLED = _web(
    "omero.web.plate_download.enabled",
    BOOL,
    "false",
    "Deprecated: use omero.policy.binary_access.",
    django="PLATE_DOWNLOAD_ENABLED",
    status="deprecated",
    replaced_by="omero.policy.binary_access",
)
WEB_SEND_BROKEN_LINK_EMAILS = _web(
    "omero.web.send_broken_link_emails",
    BOOL,
    "false",
    ("Deprecated: list the recipients in omero.web.admins, and Django's middleware mails them broken links."),
    django="SEND_BROKEN_LINK_EMAILS",
    status="deprecated",
    replaced_by="omero.web.admins",
)
WEB_SERVER_EMAIL = _web(
    "omero.web.server_email",
    unset_if_none(STRING),
    None,
    "Deprecated: use omero.mail.from.",
    django="SERVER_EMAIL",
    status="deprecated",
    replaced_by="omero.mail.from",
)
WEB_VIEWER_INITIAL_ZOOM_LEVEL = _web(
    "omero.web.viewer.initial_zoom_level",
    unset_if_none(INT),
    None,
    "Deprecated: use omero.client.viewer.initial_zoom_level.",
    django="VIEWER_INITIAL_ZOOM_LEVEL",
    status="deprecated",
    replaced_by="omero.client.viewer.initial_zoom_level",
)
WEB_WSGI_THREADS = _web(
    "omero.web.wsgi_threads",
    INT,
    "1",
    "Threads of each Gunicorn worker, with sync workers only. A development setting.",
    django="WSGI_THREADS",
    status="development",
)
WEB_WSGI_WORKER_CLASS = _web(
    "omero.web.wsgi_worker_class",
    Choice("sync", "gevent"),
    "sync",
    "Kind of Gunicorn workers: sync, or gevent, which needs the gevent package. A development setting.",
    django="WSGI_WORKER_CLASS",
    status="development",
)
WEB_WSGI_WORKER_CONNECTIONS = _web(
    "omero.web.wsgi_worker_connections",
    INT,
    "1000",
    ("Most clients that a Gunicorn worker serves at once, with gevent workers only. A development setting."),
    django="WSGI_WORKER_CONNECTIONS",
    status="development",
)
