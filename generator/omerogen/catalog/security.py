"""Logins, passwords, key stores, permissions and the policy on downloads."""

from omerogen.model.property import Section
from omerogen.values.base import SECRET, STRING, Nullable
from omerogen.values.lists import Csv
from omerogen.values.numbers import BOOL, INT
from omerogen.values.text import PATH

BINARY_ACCESS = Csv(
    *(sign + word for word in ("read", "write", "image", "plate") for sign in "+-"),
    name="csv of (+|-)(read|write|image|plate)",
)

_security = Section("Security")
_policy = Section("Policy")

SECURITY_CHMOD_STRATEGY = _security("omero.security.chmod_strategy", STRING, "groupChmodStrategy").described(
    "Bean that carries out changes of permissions."
)
SECURITY_FILTER_BITAND = _security(
    "omero.security.filter.bitand", STRING, "(int8and(permissions,%s) = %s)"
).described("SQL template that tests permission bits; each %s is filled in by the server.")
SECURITY_IGNORE_CASE = _security("omero.security.ignore_case", BOOL, "false").described(
    "Whether user names are compared without regard to case. Turn existing names to lower case first."
)
SECURITY_KEYSTORE = _security("omero.security.keyStore", Nullable(PATH), "").described(
    "Path of the Java keystore with the server's keys and certificates, as for client "
    "certificates towards LDAP; may be empty."
)
SECURITY_KEYSTOREPASSWORD = _security("omero.security.keyStorePassword", Nullable(SECRET), "").described(
    "Password of the keystore; may be empty."
)
SECURITY_LOGIN_FAILURE_THROTTLE_COUNT = _security(
    "omero.security.login_failure_throttle_count", INT, "1"
).described("Number of failed logins after which further ones are slowed down.")
SECURITY_LOGIN_FAILURE_THROTTLE_TIME = _security(
    "omero.security.login_failure_throttle_time", INT, "3000"
).described("Delay for logins that are slowed down, in milliseconds.")
SECURITY_PASSWORD_PROVIDER = _security(
    "omero.security.password_provider", STRING, "chainedPasswordProvider"
).described("Bean that checks passwords; the chained one tries several sources, such as LDAP, in turn.")
SECURITY_PASSWORD_REQUIRED = _security("omero.security.password_required", BOOL, "true").described(
    "Whether new accounts must have a password; guest stays usable either way."
)
SECURITY_TRUSTSTORE = _security("omero.security.trustStore", Nullable(PATH), "").described(
    "Path of the Java truststore with the certificates that the server trusts; may be empty."
)
SECURITY_TRUSTSTOREPASSWORD = _security("omero.security.trustStorePassword", Nullable(SECRET), "").described(
    "Password of the truststore; may be empty."
)
POLICY_BEAN = _policy("omero.policy.bean", STRING, "defaultPolicyService").described(
    "Bean that decides whether a user may take certain actions on the server."
)
POLICY_BINARY_ACCESS = _policy("omero.policy.binary_access", BINARY_ACCESS, "+read,+write,+image").described(
    "Permission to download files: + allows, - forbids, for read and write permission and "
    "for image and plate. A - on the server or on the group wins."
)
