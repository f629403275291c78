"""Outgoing mail of the server and of OMERO.web."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Nullable
from omerogen.values.network import HOST, MAIL_ADDRESS
from omerogen.values.numbers import BOOL, INT, PORT

_mail = Section("Mail")

MAIL_BEAN = _mail("omero.mail.bean", STRING, "defaultMailSender").described(
    "Spring bean that sends the server's mail."
)
MAIL_CONFIG = _mail("omero.mail.config", BOOL, "false").described("Whether the server sends mail.")
MAIL_FROM = _mail(
    "omero.mail.from", MAIL_ADDRESS, "omero@${omero.mail.host}", django="SERVER_EMAIL"
).described("Sender address of the mail that OMERO sends.")
MAIL_HOST = _mail("omero.mail.host", HOST, "localhost", django="EMAIL_HOST").described(
    "Host of the SMTP server."
)
MAIL_PASSWORD = _mail("omero.mail.password", Nullable(SECRET), "", django="EMAIL_HOST_PASSWORD").described(
    "Password for the SMTP server; empty if it needs none."
)
MAIL_PORT = _mail("omero.mail.port", PORT, "25", django="EMAIL_PORT").described("Port of the SMTP server.")
MAIL_SMTP_AUTH = _mail("omero.mail.smtp.auth", BOOL, "false").described(
    "Whether to log in to the SMTP server."
)
MAIL_SMTP_CONNECTIONTIMEOUT = _mail("omero.mail.smtp.connectiontimeout", INT, "60000").described(
    "Limit for connecting to the SMTP server, in milliseconds."
)
MAIL_SMTP_DEBUG = _mail("omero.mail.smtp.debug", BOOL, "false").described(
    "Whether JavaMail writes debugging output."
)
MAIL_SMTP_SOCKETFACTORY_CLASS = _mail(
    "omero.mail.smtp.socketFactory.class", STRING, "javax.net.SocketFactory"
).described("Class of the socket factory that opens SMTP connections.")
MAIL_SMTP_SOCKETFACTORY_FALLBACK = _mail("omero.mail.smtp.socketFactory.fallback", BOOL, "false").described(
    "Whether a plain socket is tried when the socket factory fails."
)
MAIL_SMTP_SOCKETFACTORY_PORT = _mail(
    "omero.mail.smtp.socketFactory.port", PORT, "${omero.mail.port}"
).described("Port that the socket factory connects to; by default that of omero.mail.port.")
MAIL_SMTP_STARTTLS_ENABLE = _mail(
    "omero.mail.smtp.starttls.enable", BOOL, "false", django="EMAIL_USE_TLS"
).described("Whether the connection to the SMTP server is encrypted by STARTTLS.")
MAIL_SMTP_TIMEOUT = _mail("omero.mail.smtp.timeout", INT, "60000").described(
    "Limit for an answer of the SMTP server, in milliseconds."
)
MAIL_TRANSPORT_PROTOCOL = _mail("omero.mail.transport.protocol", STRING, "smtp").described(
    "Protocol that JavaMail sends by, such as smtp."
)
MAIL_USERNAME = _mail("omero.mail.username", Nullable(STRING), "", django="EMAIL_HOST_USER").described(
    "User name for the SMTP server; empty if it needs none."
)
