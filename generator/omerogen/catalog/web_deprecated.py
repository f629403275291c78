"""Settings of OMERO.web that are deprecated or meant for development only."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Choice, unset_if_none
from omerogen.values.numbers import BOOL, INT

_web = Section("Web", "omero.web.")

WEB_EMAIL_HOST = _web("omero.web.email_host", unset_if_none(STRING), None).deprecated("omero.mail.host")
WEB_EMAIL_HOST_PASSWORD = _web("omero.web.email_host_password", unset_if_none(SECRET), None).deprecated(
    "omero.mail.password"
)
WEB_EMAIL_HOST_USER = _web("omero.web.email_host_user", unset_if_none(STRING), None).deprecated(
    "omero.mail.username"
)
WEB_EMAIL_PORT = _web("omero.web.email_port", unset_if_none(STRING), None).deprecated("omero.mail.port")
WEB_EMAIL_SUBJECT_PREFIX = _web("omero.web.email_subject_prefix", STRING, "[OMERO.web]").deprecated(
    "",
    (
        "Deprecated: this prefix of mail subjects can no longer be set. For mail to administrators "
        "there is omero.web.admins.email_subject_prefix."
    ),
)
WEB_EMAIL_USE_TLS = _web("omero.web.email_use_tls", BOOL, "false").deprecated(
    "omero.mail.smtp.starttls.enable"
)
WEB_FORCE_SCRIPT_NAME = _web("omero.web.force_script_name", unset_if_none(STRING), None).deprecated(
    "omero.web.prefix"
)
WEB_PLATE_DOWNLOAD_ENABLED = _web("omero.web.plate_download.enabled", BOOL, "false").deprecated(
    "omero.policy.binary_access"
)
WEB_SEND_BROKEN_LINK_EMAILS = _web("omero.web.send_broken_link_emails", BOOL, "false").deprecated(
    "omero.web.admins",
    ("Deprecated: list the recipients in omero.web.admins, and Django's middleware mails them broken links."),
)
WEB_SERVER_EMAIL = _web("omero.web.server_email", unset_if_none(STRING), None).deprecated("omero.mail.from")
WEB_VIEWER_INITIAL_ZOOM_LEVEL = _web(
    "omero.web.viewer.initial_zoom_level", unset_if_none(INT), None
).deprecated("omero.client.viewer.initial_zoom_level")
WEB_WSGI_THREADS = _web("omero.web.wsgi_threads", INT, "1", status="development").described(
    "Threads of each Gunicorn worker, with sync workers only. A development setting."
)
WEB_WSGI_WORKER_CLASS = _web(
    "omero.web.wsgi_worker_class", Choice("sync", "gevent"), "sync", status="development"
).described(
    "Kind of Gunicorn workers: sync, or gevent, which needs the gevent package. A development setting."
)
WEB_WSGI_WORKER_CONNECTIONS = _web(
    "omero.web.wsgi_worker_connections", INT, "1000", status="development"
).described(
    "Most clients that a Gunicorn worker serves at once, with gevent workers only. A development setting."
)
