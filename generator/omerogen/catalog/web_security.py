"""Access to OMERO.web: hosts, logins, sessions, cookies, cross-site requests, public access."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Choice, unset_if_none
from omerogen.values.numbers import BOOL, INT
from omerogen.values.structures import LOGIN_REDIRECT, ORIGINS, PROXY_HEADER, TEXTS
from omerogen.values.text import REGEX

#: The W3C's policies, and the spelling that OMERO.web has always used for one of them.
REFERRER_POLICY = Choice(
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
    "origin-when-crossorigin",
    name="enum of W3C referrer policies (origin-when-crossorigin, the default, is an alias browsers take)",
)

SESSION_ENGINE = Choice(
    "omeroweb.filesessionstore",
    *(f"django.contrib.sessions.backends.{backend}" for backend in ("db", "file", "cache", "cached_db")),
    name="enum omeroweb.filesessionstore|django.contrib.sessions.backends.db|.file|.cache|.cached_db",
)

_web = Section("Web", "omero.web.")

WEB_ALLOWED_HOSTS = _web("omero.web.allowed_hosts", TEXTS, '["*"]', status="extra").described(
    'Host names that OMERO.web answers to; "*" matches any.'
)
WEB_CORS_ORIGIN_ALLOW_ALL = _web("omero.web.cors_origin_allow_all", BOOL, "false").described(
    "Whether every origin may make cross-site requests; omero.web.cors_origin_whitelist has no effect then."
)
WEB_CORS_ORIGIN_WHITELIST = _web("omero.web.cors_origin_whitelist", TEXTS, "[]").described(
    "Origins that may make cross-site requests."
)
WEB_CSRF_COOKIE_HTTPONLY = _web("omero.web.csrf_cookie_httponly", BOOL, "false").described(
    "Whether the CSRF cookie is hidden from JavaScript; OMERO.web's own scripts need it visible."
)
WEB_CSRF_COOKIE_SAMESITE = _web(
    "omero.web.csrf_cookie_samesite", Choice("Lax", "Strict", "None"), "Lax"
).described("SameSite attribute of the CSRF cookie: whether browsers send it with cross-site requests.")
WEB_CSRF_COOKIE_SECURE = _web("omero.web.csrf_cookie_secure", BOOL, "false").described(
    "Whether the CSRF cookie is sent over HTTPS only; should be true in production."
)
WEB_CSRF_TRUSTED_ORIGINS = _web("omero.web.csrf_trusted_origins", ORIGINS, "[]").described(
    "Hosts trusted as origins of unsafe requests such as POST; a leading dot takes in all subdomains."
)
WEB_HTML_META_REFERRER = _web(
    "omero.web.html_meta_referrer", REFERRER_POLICY, "origin-when-crossorigin"
).described(
    "Content of the referrer meta tag in pages: how much browsers reveal to other sites of the page a "
    "user came from."
)
WEB_LOGIN_REDIRECT = _web("omero.web.login_redirect", LOGIN_REDIRECT, "{}").described(
    "View to send users to after login, in the terms of Django's reverse function; {} keeps the default."
)
WEB_LOGIN_VIEW = _web("omero.web.login_view", STRING, "weblogin").described(
    "Name of the Django view that handles logins."
)
WEB_PUBLIC_CACHE_ENABLED = _web("omero.web.public.cache.enabled", BOOL, "false").described(
    "Whether the public user's connection is cached and shared between visitors."
)
WEB_PUBLIC_CACHE_KEY = _web("omero.web.public.cache.key", STRING, "omero.web.public.cache.key").described(
    "Cache key under which the public user's connection is kept."
)
WEB_PUBLIC_CACHE_TIMEOUT = _web("omero.web.public.cache.timeout", INT, "86400").described(
    "How long the public user's connection stays in the cache, in seconds."
)
WEB_PUBLIC_ENABLED = _web("omero.web.public.enabled", BOOL, "false").described(
    "Whether visitors see pages without logging in, as the public user."
)
WEB_PUBLIC_GET_ONLY = _web("omero.web.public.get_only", BOOL, "true").described(
    "Whether the public user is limited to GET requests."
)
WEB_PUBLIC_PASSWORD = _web("omero.web.public.password", unset_if_none(SECRET), None).described(
    "Password of the OMERO account that serves as the public user."
)
WEB_PUBLIC_SERVER_ID = _web("omero.web.public.server_id", INT, "1").described(
    "Server that the public user is logged in to, by its place in omero.web.server_list, from 1."
)
WEB_PUBLIC_URL_FILTER = _web(
    "omero.web.public.url_filter", REGEX, "(?#This regular expression matches nothing)a^"
).described("Regular expression for the URLs that are open to the public user; the default opens none.")
WEB_PUBLIC_USER = _web("omero.web.public.user", unset_if_none(STRING), None).described(
    "Name of the OMERO account that serves as the public user."
)
WEB_REDIRECT_ALLOWED_HOSTS = _web("omero.web.redirect_allowed_hosts", TEXTS, "[]").described(
    "Domains of other sites that OMERO.web may redirect to."
)
WEB_SECRET_KEY = _web("omero.web.secret_key", unset_if_none(SECRET), None).described(
    "Key that Django signs sessions and tokens with. Keep it secret; if unset, OMERO.web generates one."
)
WEB_SECURE = _web("omero.web.secure", BOOL, "false").described(
    "Whether all connections to OMERO servers are made over SSL."
)
WEB_SECURE_PROXY_SSL_HEADER = _web("omero.web.secure_proxy_ssl_header", PROXY_HEADER, "[]").described(
    "Header and value by which the proxy marks a request as made over HTTPS; [] means none."
)
WEB_SESSION_COOKIE_AGE = _web("omero.web.session_cookie_age", INT, "86400").described(
    "Lifetime of session cookies, in seconds."
)
WEB_SESSION_COOKIE_DOMAIN = _web("omero.web.session_cookie_domain", unset_if_none(STRING), None).described(
    "Domain of the session cookie; unset leaves it to Django."
)
WEB_SESSION_COOKIE_NAME = _web("omero.web.session_cookie_name", unset_if_none(STRING), None).described(
    "Name of the session cookie; unset leaves it to Django."
)
WEB_SESSION_COOKIE_PATH = _web("omero.web.session_cookie_path", unset_if_none(STRING), None).described(
    "Path of the session cookie; unset leaves it to Django."
)
WEB_SESSION_COOKIE_SAMESITE = _web(
    "omero.web.session_cookie_samesite", Choice("Lax", "Strict", "None"), "Lax"
).described("SameSite attribute of the session cookie: whether browsers send it with cross-site requests.")
WEB_SESSION_COOKIE_SECURE = _web("omero.web.session_cookie_secure", BOOL, "false").described(
    "Whether the session cookie is sent over HTTPS only; should be true in production."
)
WEB_SESSION_ENGINE = _web(
    "omero.web.session_engine", SESSION_ENGINE, "django.contrib.sessions.backends.file"
).described("Django backend that stores sessions; omeroweb.filesessionstore is deprecated.")
WEB_SESSION_EXPIRE_AT_BROWSER_CLOSE = _web(
    "omero.web.session_expire_at_browser_close", BOOL, "true"
).described("Whether sessions end when the browser is closed.")
WEB_SESSION_SERIALIZER = _web(
    "omero.web.session_serializer", STRING, "django.contrib.sessions.serializers.JSONSerializer"
).described("Class that turns sessions into stored data and back.")
WEB_SYSTEM_CHECKS = _web(
    "omero.web.system_checks", TEXTS, '["1_8.W001"]', django="SILENCED_SYSTEM_CHECKS", status="extra"
).described("IDs of Django's system checks whose warnings are silenced.")
WEB_USE_X_FORWARDED_HOST = _web("omero.web.use_x_forwarded_host", BOOL, "false").described(
    "Whether the X-Forwarded-Host header takes precedence over Host; only for use behind a proxy "
    "that sets it."
)
WEB_X_FRAME_OPTIONS = _web("omero.web.x_frame_options", Choice("SAMEORIGIN", "DENY"), "SAMEORIGIN").described(
    "Which sites may show OMERO.web in a frame: SAMEORIGIN its own only, DENY none."
)
