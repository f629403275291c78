"""Outgoing mail of the server and of OMERO.web."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Nullable
from omerogen.values.network import HOST, MAIL_ADDRESS
from omerogen.values.numbers import BOOL, INT, PORT

_mail = Section("Mail")


MAIL_BEAN = _mail("omero.mail.bean", STRING, "defaultMailSender", "Spring bean that sends the server's mail.")
MAIL_CONFIG = _mail("omero.mail.config", BOOL, "false", "Whether the server sends mail.")
MAIL_FROM = _mail(
    "omero.mail.from",
    MAIL_ADDRESS,
    "omero@${omero.mail.host}",
    "Sender address of the mail that OMERO sends.",
    django="SERVER_EMAIL",
)
MAIL_HOST = _mail("omero.mail.host", HOST, "localhost", "Host of the SMTP server.", django="EMAIL_HOST")
MAIL_PASSWORD = _mail(
    "omero.mail.password",
    Nullable(SECRET),
    "",
    "Password for the SMTP server; empty if it needs none.",
    django="EMAIL_HOST_PASSWORD",
)
MAIL_PORT = _mail("omero.mail.port", PORT, "25", "Port of the SMTP server.", django="EMAIL_PORT")
MAIL_SMTP_AUTH = _mail("omero.mail.smtp.auth", BOOL, "false", "Whether to log in to the SMTP server.")
MAIL_SMTP_CONNECTIONTIMEOUT = _mail(
    "omero.mail.smtp.connectiontimeout",
    INT,
    "60000",
    "Limit for connecting to the SMTP server, in milliseconds.",
)
MAIL_SMTP_DEBUG = _mail("omero.mail.smtp.debug", BOOL, "false", "Whether JavaMail writes debugging output.")
MAIL_SMTP_SOCKETFACTORY_CLASS = _mail(
    "omero.mail.smtp.socketFactory.class",
    STRING,
    "javax.net.SocketFactory",
    "Class of the socket factory that opens SMTP connections.",
)
MAIL_SMTP_SOCKETFACTORY_FALLBACK = _mail(
    "omero.mail.smtp.socketFactory.fallback",
    BOOL,
    "false",
    "Whether a plain socket is tried when the socket factory fails.",
)
MAIL_SMTP_SOCKETFACTORY_PORT = _mail(
    "omero.mail.smtp.socketFactory.port",
    PORT,
    "${omero.mail.port}",
    "Port that the socket factory connects to; by default that of omero.mail.port.",
)
MAIL_SMTP_STARTTLS_ENABLE = _mail(
    "omero.mail.smtp.starttls.enable",
    BOOL,
    "false",
    "Whether the connection to the SMTP server is encrypted by STARTTLS.",
    django="EMAIL_USE_TLS",
)
MAIL_SMTP_TIMEOUT = _mail(
    "omero.mail.smtp.timeout",
    INT,
    "60000",
    "Limit for an answer of the SMTP server, in milliseconds.",
)
MAIL_TRANSPORT_PROTOCOL = _mail(
    "omero.mail.transport.protocol", STRING, "smtp", "Protocol that JavaMail sends by, such as smtp."
)
MAIL_USERNAME = _mail(
    "omero.mail.username",
    Nullable(STRING),
    "",
    "User name for the SMTP server; empty if it needs none.",
    django="EMAIL_HOST_USER",
)
